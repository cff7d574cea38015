"""From a file and ``--set`` options to a frozen ``Config``, and back to a complete file."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli import catalog, yaml_writer, yamlfile
from rnacli.errors import CONFIG, RnaError, clean, did_you_mean, plain
from rnacli.language import EXPERIMENT, NAME, Config, Part, Split
from rnacli.schema import INVALID, Reader, default_of, dotted, keys, listed, show
from rnacli.yamlfile import Document, KeyPath, Place


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """The experiment in a YAML file, with ``key=value`` overrides applied; every mistake is reported at once.

    Raises ``RnaError`` with exit code 2 and one problem for each mistake.
    """
    document = yamlfile.load(path)
    for override in overrides:
        apply_override(document, override)
    return read(document, path.parent, default_name(path.stem))


def read(document: Document, folder: Path, name: str = "experiment") -> Config:
    """The experiment in a document that has been read; paths in it start from ``folder``."""
    reader = Reader(document)
    if isinstance(document.value, dict):
        document.value.setdefault("name", name)
    document.value = resolve(document.value, (), reader)
    values = EXPERIMENT.read_keys(document.value, (), reader)
    if values is not INVALID:
        check_split(values, reader)
        check_validation_data(values, reader)
        check_monitors(values, reader)
    if reader.problems:
        raise RnaError.of(reader.problems, CONFIG)
    return Config(**values, document=document, folder=folder)


def dump(config: Config) -> str:
    """The experiment as a complete YAML file: every default written out; reading it gives an equal ``Config``."""
    return yaml_writer.dump(EXPERIMENT.plain(config))


def default_name(stem: str) -> str:
    """A run's name from a file's name: what a name may not hold becomes '-'."""
    name = re.sub(r"[^\w.\-]+", "-", stem).strip("-._")[:64]
    return name if re.fullmatch(NAME.pattern, name) else "experiment"


# --set key=value


OBJECT_LISTS, OBJECTS = ("layers", "metrics", "callbacks"), ("optimizer", "loss")
"""The keys that hold Keras objects: where ``--set`` must name the object that the file has."""


def apply_override(document: Document, override: str) -> None:
    """Change one value of a document as ``--set`` says: ``optimizer.sgd.learning_rate=0.1``.

    An object that the file gives by name alone, or with a single value, gets room for arguments.
    """
    source = f"--set {clean(override)}"
    name, equals, text = override.partition("=")
    if not equals or not name.strip():
        raise RnaError("key=value is wanted", place=source, hint="--set epochs=10", exit_code=CONFIG)
    parts = name.strip().split(".")
    parent: Any = document.value
    path: KeyPath = ()
    for part, following in itertools.pairwise(parts):
        path = (*path, step_to(parent, part, path, source))
        parent[path[-1]] = open_up(parent, path, following, source)
        parent = parent[path[-1]]
    path = (*path, step_to(parent, parts[-1], path, source))
    parent[path[-1]] = yamlfile.parse_value(text, source)
    for places in (document.places, document.keys):
        for inside in [known for known in places if known[: len(path)] == path]:
            del places[inside]
    document.places[path] = document.keys[path] = Place(source)


def step_to(parent: Any, part: str, path: KeyPath, source: str) -> str | int:
    """The index or the key that ``part`` means in the list or the mapping at ``path``."""
    if isinstance(parent, dict):
        return next((known for known in parent if plain(known) == plain(part)), part)
    if part.isdecimal() and len(part) < 10 and int(part) < len(parent):
        return int(part)
    numbered = f", 0 to {len(parent) - 1}" if parent else ""
    hint = f"there are {len(parent)} {path[-1]}{numbered}"
    raise RnaError(f"{dotted(path)} has no entry {clean(part)}", place=source, hint=hint, exit_code=CONFIG)


def open_up(parent: Any, path: KeyPath, following: str, source: str) -> Any:
    """The value at ``path`` as something that can hold the key ``following``: a mapping or a list."""
    step: Any = path[-1]
    inner = parent[step] if isinstance(parent, list) else parent.get(step)
    if holds_object(path) and isinstance(inner, str | dict):
        (present, *_) = [inner] if isinstance(inner, str) else list(inner) or [following]
        if plain(present) != plain(following):
            change, replace = dotted((*path, present)), f"{dotted(path)}={{{clean(following)}: {{...}}}}"
            hint = others(parent, path, following) or f"--set {change}.<argument>=..., or --set '{replace}'"
            message = f"{dotted(path)} is {clean(present)}, not {clean(following)}"
            raise RnaError(message, place=source, hint=hint, exit_code=CONFIG)
        return {inner: {}} if isinstance(inner, str) else inner
    if isinstance(inner, dict | list):
        return inner
    if isinstance(inner, str) and plain(inner) == plain(following):
        return {inner: {}}
    is_value = isinstance(inner, int | float) or (isinstance(inner, str) and holds_object(path[:-1]))
    return {first_argument(str(path[-1])): inner} if is_value else {}


def holds_object(path: KeyPath) -> bool:
    """Whether a Keras object stands at ``path``."""
    return path in {(name,) for name in OBJECTS} or (len(path) == 2 and path[0] in OBJECT_LISTS)


def others(parent: Any, path: KeyPath, wanted: str) -> str:
    """Where else in a list of Keras' objects the one that ``--set`` names stands."""
    if not isinstance(parent, list):
        return ""
    names = {i: next(iter(item), "") if isinstance(item, dict) else item for i, item in enumerate(parent)}
    found = [f"{dotted(path[:-1])}.{i}" for i, name in names.items() if plain(str(name)) == plain(wanted)]
    return f"{clean(wanted)} is {listed(found)}" if found else ""


def first_argument(name: str) -> str:
    """What the value means in ``dense: 10``: ``units``."""
    entries = (catalog.find(category, name) for category in catalog.CATEGORIES)
    return next((entry.first.name for entry in entries if entry and entry.first), "value")


# ${reference}

REFERENCE = re.compile(r"\$\{([^{}]*)\}")
LONGEST = 10_000


def resolve(value: Any, path: KeyPath, reader: Reader, seen: tuple[KeyPath, ...] = ()) -> Any:
    """The document's value with each ``${key}`` replaced by what it refers to; ``seen`` led here."""
    if isinstance(value, dict):
        return {key: resolve(item, (*path, key), reader, seen) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, (*path, i), reader, seen) for i, item in enumerate(value)]
    return resolve_text(value, path, reader, (*seen, path)) if isinstance(value, str) and "${" in value else value


def resolve_text(text: str, path: KeyPath, reader: Reader, seen: tuple[KeyPath, ...]) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole:
        return referred(whole[1], path, reader, seen)
    parts = []
    for i, part in enumerate(REFERENCE.split(text)):
        value = referred(part, path, reader, seen) if i % 2 else part
        if value is INVALID:
            return INVALID
        parts.append(str(value).lower() if isinstance(value, bool) else str(value))
        if sum(map(len, parts)) > LONGEST:
            return reader.wrong_reference(path, f"the references in it grow beyond {LONGEST:,} characters", "")
    return "".join(parts)


def referred(name: str, path: KeyPath, reader: Reader, seen: tuple[KeyPath, ...]) -> Any:
    """The value of the key ``a.b.c``; a key of the top level that the file leaves out has its default."""
    steps = name.strip().split(".")
    target: KeyPath = tuple(int(step) if step.isdecimal() and len(step) < 10 else step for step in steps)
    value = reader.document.value
    for part in target:
        inside: Any = dict(enumerate(value)) if isinstance(value, list) else value
        value = inside.get(part) if isinstance(inside, dict) else None
        if value is None:
            top = keys(Config)
            if len(target) == 1 and part in top and isinstance(default_of(top[str(part)]), str | int):
                return default_of(top[str(part)])
            written = [key for key, item in reader.document.value.items() if not isinstance(item, dict | list)]
            hint = did_you_mean(name, written) or f"keys that have a value: {listed(written, 'and')}"
            return reader.wrong_reference(path, f"${{{clean(name)}}} refers to a key that is not there", hint)
    if target in seen:
        message = f"${{{clean(name)}}} refers back to itself"
        return reader.wrong_reference(path, message, "write the value itself in one place")
    if isinstance(value, dict):
        message = f"${{{clean(name)}}} refers to a mapping"
        return reader.wrong_reference(
            path, message, f"refer to one value in it: ${{{clean(name)}.{next(iter(value), 'key')}}}"
        )
    return resolve(value, path, reader, (*seen, target))


# What keys say about one another


def check_split(values: dict[str, Any], reader: Reader) -> None:
    """Fractions must leave rows for training, and what divides the rows must go together."""
    dataset = values.get("dataset")
    if dataset is None or dataset is INVALID:
        return
    split: Split = dataset.split
    path: KeyPath = ("dataset", "split")
    sizes = {name: part for name in ("train", "validation", "test") if isinstance(part := getattr(split, name), Part)}
    fractions = {name: part.size for name, part in sizes.items() if isinstance(part.size, float)}
    total = sum(fractions.values())
    if total > 1 + 1e-9 or (total > 1 - 1e-9 and "train" not in sizes):
        shares = listed([f"{name} ({size:g})" for name, size in fractions.items()], "and")
        message = f"{shares} together take {total:g} of the rows: none are left for training"
        reader.wrong((*path, list(fractions)[-1]), message, "make them add up to less than 1")
    if split.column and (sizes or split.test or split.validation):
        given = [name for name in ("train", "validation", "test") if getattr(split, name)]
        reader.wrong((*path, "column"), "a column says the part of every row", f"remove {listed(given, 'and')}")
    if split.test is not None and hasattr(dataset, "keras"):
        reader.wrong((*path, "test"), f"{dataset.keras.name} has its own test set", "remove test")
    ways = [key for key in ("column", "group", "order_by") if getattr(split, key)]
    if len(ways) > 1:
        reader.wrong((*path, ways[1]), f"{listed(ways, 'and')} divide the rows in different ways", "keep one of them")
    for key in ways:
        if not hasattr(dataset, "csv"):
            reader.wrong((*path, key), "only csv data have columns", f"remove {key}")
        elif key != "column" and not split.column:
            check_whole(key, sizes, reader)
    if split.order_by and split.stratify:
        message = "the last rows by a column have the classes that they have"
        reader.wrong((*path, "stratify"), message, "stratify: false, or remove order_by")


def check_whole(key: str, sizes: dict[str, Part], reader: Reader) -> None:
    """Parts by ``group`` or ``order_by`` have plain sizes, and one part has."""
    path: KeyPath = ("dataset", "split")
    if not sizes:
        reader.wrong((*path, key), "it divides rows among parts, and no part has a size", "test: 0.2 beside it")
    how = {"group": "whole groups are drawn", "order_by": "the rows are taken by the column's order"}[key]
    for name, part in sizes.items():
        if part.end:
            message = f"{how}, not the {part.end} ones of the file"
            reader.wrong((*path, name), message, f"{name}: {part.size:g}, or remove {key}")


def check_validation_data(values: dict[str, Any], reader: Reader) -> None:
    dataset, chosen = values.get("dataset"), values.get("validation_data", "auto")
    if dataset is None or INVALID in (dataset, chosen) or dataset.split.column:
        return
    split: Split = dataset.split
    if chosen == "validation" and split.validation is None:
        reader.wrong(
            ("validation_data",), "the split has no validation part", "dataset: {split: {validation: 0.1}}, or test"
        )
    if chosen == "test" and split.test is None and (hasattr(dataset, "csv") or hasattr(dataset, "sklearn")):
        reader.wrong(("validation_data",), "the split has no test part", "dataset: {split: {test: 0.2}}")


def check_monitors(values: dict[str, Any], reader: Reader) -> None:
    """A callback must watch something that training will log."""
    metrics, callbacks, dataset = values.get("metrics"), values.get("callbacks", ()), values.get("dataset")
    if INVALID in (metrics, callbacks):
        return
    by_task = ("accuracy", "binary_accuracy", "mae")
    measured = ["loss", *(by_task if metrics is None else (metric.logged for metric in metrics))]
    logged = [*measured, *(f"val_{name}" for name in measured), "learning_rate"]
    validated = values.get("validation_data", "auto")
    split = None if dataset in (None, INVALID) else dataset.split
    unvalidated = validated == "none" or (
        validated == "auto" and split is not None and split.validation is None and not split.column
    )
    for i, callback in enumerate(callbacks):
        monitor = callback.arguments.get("monitor")
        if monitor is None or callback.arguments.get("save_best_only") is False:
            continue
        path: KeyPath = ("callbacks", i, callback.name, "monitor")
        if monitor not in logged:
            hint = did_you_mean(monitor, logged) or f"logged: {listed(logged, 'and')}"
            reader.wrong(path, f"nothing called {show(monitor)} is logged", hint)
        elif monitor.startswith("val_") and unvalidated:
            reader.wrong(
                path,
                f"{callback.name} watches {monitor}, but there are no validation rows",
                "add validation: 0.1 to split, or validation_data: test, or monitor: loss",
            )
