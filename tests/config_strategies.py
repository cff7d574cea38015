"""Random experiments, made of the language itself and of the catalogue, and what mistakes make of them."""

import copy
import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from rnacli.data.kinds import KINDS, DatasetKind
from rnacli.data.section import PartKind
from rnacli.encoders.section import ColumnKind
from rnacli.experiment.adversarial import SIDES, BySide
from rnacli.experiment.config import EXPERIMENT, Config
from rnacli.experiment.outputs import ByOutput
from rnacli.experiment.samples import GridKind
from rnacli.experiment.tune import RangeKind
from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.keras_object import KerasName, KerasObject, argument_kind
from rnacli.schema.number_array import NumberArray
from rnacli.schema.section import Section, default_of, keys
from rnacli.schema.values import Anything, Boolean, Choice, Either, Kind, ListOf, MapOf, Nullable, Number, Text

JUNK = (
    None, True, -1, 0, 3, 1.5, 1e300, "", "auto", "yes", "nan", "0.1", "1,5", "${epochs}", "${name}.${seed}",
    "${layers}", "relu", "dense", "mse", [], {}, [[]], [1, "a"], {"a": 1}, {"dense": None}, {"first": 1}, 10**17,
    "x" * 2000, "~", "é", 0.1,
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-9, 99) | st.floats(-9, 9) | st.text("abcxyz_ .-", max_size=5)
DEEPEST = 3
"""Levels of objects inside objects."""


def plain_of(draw: st.DrawFn, kind: Kind, depth: int = 0) -> Any:
    """Something that a kind of the language takes, most of the time: as YAML has it."""
    if isinstance(kind, Nullable):
        return None if draw(st.integers(0, 3)) == 0 else plain_of(draw, kind.kind, depth)
    if isinstance(kind, Either):
        return plain_of(draw, draw(st.sampled_from(kind.kinds)), depth)
    if isinstance(kind, ByOutput):
        return plain_of(draw, kind.kind, depth)
    if isinstance(kind, Number):
        return draw(numbers_of(kind))
    if isinstance(kind, Choice):
        return draw(st.sampled_from(kind.words))
    if isinstance(kind, Text):
        return draw(texts_of(kind))
    if isinstance(kind, Boolean):
        return draw(st.booleans())
    if isinstance(kind, ListOf):
        count = draw(st.integers(kind.minimum, kind.minimum + (2 if depth < DEEPEST else 0)))
        return [plain_of(draw, kind.kind, depth + 1) for _ in range(count)]
    if isinstance(kind, MapOf):
        return {
            name: plain_of(draw, kind.kind, depth + 1) for name in draw(st.sets(st.sampled_from("abc"), max_size=2))
        }
    if isinstance(kind, BySide):
        sides = draw(st.sampled_from(((), SIDES)))
        one = plain_of(draw, kind.kind, depth)
        return {side: plain_of(draw, kind.kind, depth + 1) for side in sides} or one
    if isinstance(kind, GridKind):
        return [draw(st.integers(1, 9)), draw(st.integers(1, 9))]
    if isinstance(kind, RangeKind):
        low, values = draw(st.integers(1, 9)), draw(st.lists(SCALARS, min_size=2, max_size=3, unique_by=repr))
        ranges = (
            [low, low + 3],
            {"log": [low, 2.5 * low]},
            {"from": low, "to": low + 9, "step": 3},
            {"choice": values},
        )
        return draw(st.sampled_from(ranges))
    if isinstance(kind, KerasName):
        return draw(st.sampled_from(entry_names(kind.category)))
    if isinstance(kind, KerasObject):
        return object_of(draw, kind.category, depth)
    if isinstance(kind, PartKind):
        sizes = st.sampled_from((0.1, 0.2, 5, 10))
        return draw(sizes | st.builds(lambda end, size: {end: size}, st.sampled_from(("first", "last")), sizes))
    if isinstance(kind, DatasetKind):
        return dataset_of(draw, depth)
    if isinstance(kind, ColumnKind) and draw(st.booleans()):
        return draw(st.sampled_from(("auto", "numeric", "categorical", "boolean", "date", "ignore")))
    if isinstance(kind, Section):
        return section_of(draw, kind.of, depth)
    if isinstance(kind, NumberArray):
        return draw(st.lists(st.floats(-9, 9), min_size=1, max_size=3).map(lambda row: [row, row]))
    if not isinstance(kind, Anything):
        raise TypeError(f"no values are known for {kind}")
    return draw(SCALARS | st.lists(SCALARS, max_size=2))


def numbers_of(kind: Number) -> st.SearchStrategy[Any]:
    low = next((bound for bound in (kind.minimum, kind.above) if bound is not None), -3)
    high = next((bound for bound in (kind.maximum, kind.below) if bound is not None), low + 30)
    if kind.whole:
        return st.integers(int(low) + (kind.above is not None), int(min(high, low + 30)))
    return st.floats(low, high, exclude_min=kind.above is not None, exclude_max=kind.below is not None)


def texts_of(kind: Text) -> st.SearchStrategy[Any]:
    known = ("a", "data.csv", "f" * 64, "utf-8", "%d/%m/%Y", "auto", ",", "val_loss", "loss", "a name", "é", "1")
    fitting = [text for text in known if not kind.pattern or re.fullmatch(kind.pattern, text)]
    return st.sampled_from(fitting) if fitting else st.from_regex(kind.pattern, fullmatch=True)


SELDOM = ("ensemble", "tune", "generator", "discriminator", "noise", "discriminator_steps")
"""Keys that are refused without others, or whose values are paths: most experiments with them would be wrong."""


def section_of(draw: st.DrawFn, of: type, depth: int) -> dict[str, Any]:
    """A mapping with the keys that must be there, and some of the others."""
    made = {}
    for name, key in keys(of).items():
        required = default_of(key) is dataclasses.MISSING
        if required or draw(st.integers(0, 24 if name in SELDOM else 4)) == 0:
            made[name] = plain_of(draw, key.metadata["kind"], depth + 1)
    return made


def dataset_of(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(("csv", *KINDS)))
    made = section_of(draw, KINDS[kind], depth)
    if kind in ("sklearn", "keras"):
        category = f"{kind}_dataset"
        name = draw(st.sampled_from(entry_names(category)))
        made |= arguments_of(draw, category, name, depth) | {kind: name}
    return made


def object_of(draw: st.DrawFn, category: str, depth: int = 0, name: str = "") -> Any:
    """A Keras object in one of its three forms."""
    name = name or draw(st.sampled_from(entry_names(category)))
    entry = find_entry(category, name)
    if entry is None:
        raise LookupError(name)
    required = [argument for argument in entry.arguments.values() if argument.required]
    form = draw(st.sampled_from(("name", "first", "arguments", "arguments")))
    if entry.first and form == "first" and required in ([], [entry.first]):
        return {name: plain_of(draw, argument_kind(entry.first), depth + 1)}
    given = arguments_of(draw, category, name, depth) if form != "name" or required else {}
    return {name: given} if given else name


def arguments_of(draw: st.DrawFn, category: str, name: str, depth: int) -> dict[str, Any]:
    entry = find_entry(category, name)
    if entry is None:
        raise LookupError(name)
    return {
        argument.name: plain_of(draw, argument_kind(argument), depth + 1)
        for argument in entry.arguments.values()
        if argument.required or (depth < DEEPEST and draw(st.integers(0, 4)) == 0)
    }


@st.composite
def experiments(draw: st.DrawFn) -> dict[str, Any]:
    """Experiments as plain data, most of them without a mistake."""
    made: dict[str, Any] = plain_of(draw, EXPERIMENT)
    if draw(st.integers(0, 4)):  # one network, most of the time
        made = {name: value for name, value in made.items() if name not in SIDES}
        made.setdefault("layers", plain_of(draw, keys(Config)["layers"].metadata["kind"], 1))
    return made


@st.composite
def changed_experiments(draw: st.DrawFn) -> dict[str, Any]:
    """Experiments of which something has another type, another name, another place, or is gone."""
    made = draw(experiments())
    for _ in range(draw(st.integers(1, 3))):
        parent, step = draw(st.sampled_from(list(steps(made))))
        change = draw(st.sampled_from(("junk", "junk", "gone", "wrapped", "renamed", "moved")))
        if change == "junk":
            parent[step] = copy.deepcopy(draw(st.sampled_from(JUNK)))
        elif change == "wrapped":
            parent[step] = draw(st.sampled_from(([parent[step]], {"dense": parent[step]})))
        elif change == "moved":
            other, place = draw(st.sampled_from(list(steps(made))))
            parent[step] = copy.deepcopy(other[place]) if not contains(other[place], parent) else None
        elif isinstance(parent, dict):
            value = parent.pop(step)
            if change == "renamed":
                parent[draw(st.sampled_from((f"{step}s", str(step).upper(), f" {step}", "x", "${x}", "<<")))] = value
        if not made:
            break
    return made


def steps(value: Any) -> list[tuple[Any, Any]]:
    """Every key and every position in plain data, with what it is in."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, step) for step, _ in inner] + [found for _, item in inner for found in steps(item)]


def contains(value: Any, part: Any) -> bool:
    return value is part or any(contains(parent[step], part) for parent, step in steps(value))


@st.composite
def changed_bytes(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """The bytes of a file of which some are gone, others, or there twice."""
    raw = draw(st.sampled_from(files))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(start + draw(st.integers(0, 30)), len(raw))
        piece = draw(st.sampled_from(SNIPPETS) | st.binary(max_size=4) | st.just(raw[start:end] * 2))
        raw = raw[:start] + piece + raw[end:]
    return raw


SNIPPETS = (
    b"", b"\n", b"\t", b":", b": ", b"- ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!python/object ", b"'", b'"', b"#",
    b"|", b">", b"---\n", b"...", b"%", b"\xff", b"\0", b"\xef\xbb\xbf", b"${epochs}", b"${", b"? ", b"1e999", b"~",
    b"\r", "é“".encode(), "\u202e".encode(), "\u00a0".encode(), b"  ", b"null", b"\\", b"@", b"`", b"<<: *a",
)  # fmt: skip
