"""Tables: which columns are for what, of which kind each is, and the rows of one file or of several."""

import dataclasses
import fnmatch
import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from rnacli import files, memory, task, yaml_writer
from rnacli.dataset import cache, csv_faults, csv_file, csv_sniff, csv_text, frames, inference, parquet_file, store
from rnacli.dataset.cells import Want, distinct, meaning, number
from rnacli.dataset.csv_text import Format
from rnacli.dataset.rows import Rows, Table
from rnacli.errors import CONFIG, DATA, Problem, RnaError, clean
from rnacli.language import PARTS, Column, Config, Csv

log = logging.getLogger("rnacli")

CHUNK = 65_536
"""Rows that are read at a time where a table goes to a file."""
IN_MEMORY = 5
"""Bytes of memory that reading takes for each byte of a CSV file, measured with 5 million rows of 8 numbers."""


@dataclass(frozen=True)
class Source:
    """One file of a table."""

    path: Path
    shown: str
    form: Format

    @property
    def is_parquet(self) -> bool:
        return parquet_file.is_parquet(self.path)

    def names(self) -> list[str]:
        """The columns' names. Raises ``RnaError``."""
        if self.is_parquet:
            return parquet_file.columns(self.path, self.shown)
        return csv_file.columns(self.path, self.form, self.shown)

    def read(
        self,
        wants: Mapping[str, Want],
        chunk: int | None,
        mends: Mapping[str, csv_faults.Mend] | None = None,
        kept: Sequence[str] = (),
    ) -> Iterator[Table]:
        """The rows of some columns, those in ``kept`` also as texts. Raises ``RnaError``."""
        if self.is_parquet:
            read = parquet_file.read(self.path, list(dict.fromkeys([*wants, *kept])), self.shown, chunk or CHUNK)
            return frames.tables(read, wants, self.form.written, self.shown, kept)
        return csv_file.read(self.path, self.form, wants, self.shown, chunk, mends, kept)


@dataclass(frozen=True)
class Roles:
    """Which columns are for what. ``as_text``: the target is read as words, since the loss is for classes."""

    features: tuple[str, ...]
    targets: tuple[str, ...]
    as_text: bool
    data: Csv

    @property
    def texts(self) -> list[str]:
        """The columns that are read as text."""
        named = (self.data.id, self.data.split.column, self.data.split.group)
        return list(dict.fromkeys([*(self.targets if self.as_text else ()), *filter(None, named)]))

    @property
    def numbers(self) -> list[str]:
        """The columns that are read as numbers and are no inputs."""
        return list(dict.fromkeys([*(() if self.as_text else self.targets), *filter(None, [self.data.sample_weight])]))


def read(data: Csv, config: Config, cache_folder: Path, offline: bool = False) -> Rows:
    """The rows of the config's table, with those of a second file after them. Raises ``RnaError``."""
    own = find(data, config, cache_folder, offline)
    roles = assign(same_columns(own), data, config, own[0])
    seconds = {part: name for part in PARTS if isinstance(name := getattr(data.split, part), str)}
    others = {
        part: find(dataclasses.replace(data, csv=name, sha256=None), config, cache_folder, offline, part)
        for part, name in seconds.items()
    }
    sources = [*own, *(source for part in others.values() for source in part)]
    same_columns(sources, [*roles.features, *roles.numbers, *roles.texts])
    folder = cache_folder / "tables" if is_streamed(data, sources) else None
    rows, ends = read_sources(sources, roles, config, None, folder)
    last = len(own)
    for part, of_part in others.items():
        rows.fixed[part] = np.arange(ends[last - 1], ends[last + len(of_part) - 1])
        last += len(of_part)
    return rows


def read_like(path: Path, shown: str, config: Config, rows: Rows) -> Rows:
    """The rows of another file with the columns that ``rows`` has, of the same kinds: no row is needed in ``rows``."""
    data = config.dataset
    if not isinstance(data, Csv):
        raise TypeError("only tables are read so")
    source = source_of(path, shown, data)
    bare = dataclasses.replace(data, split=type(data.split)(), sample_weight=None, id=None)
    roles = Roles(rows.features, rows.targets, is_text(rows.targets, data, config), bare)
    csv_file.require(dict.fromkeys([*roles.features, *roles.targets], ""), source.names(), source.form, shown)
    return read_sources([source], roles, config, rows, None)[0]


# Files


def find(data: Csv, config: Config, cache_folder: Path, offline: bool, part: str = "") -> list[Source]:
    """The files that a name, a pattern or a URL means."""
    key = ("dataset", "split", part) if part else ("dataset", "csv")
    if is_https(data.csv, config, key):
        path = cache.fetch(data.csv, cache_folder, data.sha256, str(config.place(*key)), offline)
        return [source_of(path, Path(urlsplit(data.csv).path).name or "data", data)]
    path = locate(data.csv, config, key)
    paths = csv_text.matching(path, data.csv)
    several = len(paths) > 1
    first = source_of(paths[0], paths[0].name if several else data.csv, data)
    # All files of a pattern are written as the first one is.
    sources = [first, *(dataclasses.replace(first, path=each, shown=each.name) for each in paths[1:])]
    for other in sources[1:]:
        if not other.is_parquet:
            csv_text.check_is_text(other.path, other.form, other.shown)
    if data.sha256 and (several or files.sha256(path) != data.sha256):
        raise RnaError("its SHA-256 is not the one that the config wants", place=data.csv)
    return sources


def source_of(path: Path, shown: str, data: Csv) -> Source:
    form = Format.of(data)
    if path.is_file() and parquet_file.is_parquet(path):
        return Source(path, shown, dataclasses.replace(form, delimiter=",", decimal="."))
    csv_text.check_is_text(path, form, shown)
    return Source(path, shown, csv_sniff.settle(path, form, shown))


def is_https(name: str, config: Config, key: tuple[str, ...]) -> bool:
    try:
        return urlsplit(name).scheme == "https"
    except ValueError as error:
        place = str(config.place(*key))
        raise RnaError(f"{clean(name)} is no URL: {clean(error)}", place=place, exit_code=CONFIG) from None


def locate(name: str, config: Config, key: tuple[str, ...]) -> Path:
    """The file that a config names: relative to the config, ``~`` for the home folder."""
    place = str(config.place(*key))
    if "://" in name:
        hint = "https://..., or the path of a file"
        raise RnaError(f"only https URLs are read, got {clean(name)}", place=place, hint=hint, exit_code=CONFIG)
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise RnaError(f"{clean(name)}: there is no such user", place=place, hint="write the path out") from None
    return path if path.is_absolute() else Path(os.path.normpath(config.folder / path))


def same_columns(sources: Sequence[Source], needed: Sequence[str] = ()) -> list[str]:
    """The names of the first file's columns; all others must have them too, or those that are ``needed``."""
    first, *others = sources
    names = first.names()
    for other in others:
        csv_file.require(dict.fromkeys(needed or names, ""), other.names(), other.form, other.shown)
    return names


def is_streamed(data: Csv, sources: Sequence[Source]) -> bool:
    """Whether the table is put into a file, because the config says so or half of the memory would not hold it."""
    if data.stream != "auto":
        return bool(data.stream)
    return IN_MEMORY * sum(source.path.stat().st_size for source in sources) > memory.installed() / 2


# Roles


def assign(names: Sequence[str], data: Csv, config: Config, source: Source) -> Roles:
    """Which columns are for what. Raises ``RnaError`` for a column that is not there, or that is two things."""
    given = (data.target,) if isinstance(data.target, str) else data.target
    targets = expanded(given, names)
    split = data.split
    apart = {*targets, *filter(None, (data.id, data.sample_weight, split.column, split.group, split.order_by))}
    ignored = {name for name, column in data.columns.items() if column.kind == "ignore"}
    rest = tuple(name for name in names if name not in apart | ignored | {csv_file.UNNAMED})
    features = rest if data.features is None else expanded(data.features, names)
    csv_file.require(wanted_columns(data, config, targets, features), names, source.form, source.shown)
    place, hint = str(config.place("dataset", "features")), "remove it from features"
    if both := set(targets) & set(features):
        message, why = f"{clean(min(both))} is the target and a feature", ": the network would be given the answer"
        raise RnaError(message, place=place, hint=hint + why, exit_code=CONFIG)
    if named := {*filter(None, (data.id, split.column, split.group))} & set(features):
        message = f"{clean(min(named))} names or divides the rows, and is a feature"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG)
    features = tuple(name for name in features if name not in ignored)
    if not features:
        raise RnaError("no columns are left for the inputs", place=source.shown)
    return Roles(features, targets, is_text(targets, data, config), data)


def expanded(given: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Names, and in the place of a pattern such as ``Class*`` the columns that match it."""
    found: dict[str, None] = {}
    for name in given:
        matching = [] if name in names or "*" not in name else fnmatch.filter(names, name)
        found |= dict.fromkeys(matching or [name])
    return tuple(found)


def wanted_columns(data: Csv, config: Config, targets: Sequence[str], features: Sequence[str]) -> dict[str, str]:
    """Each column that the config names, with the place of its name."""
    wanted = {name: str(config.place("dataset", "columns", name)) for name in data.columns}
    if data.features is not None:
        places = {name: str(config.place("dataset", "features", i)) for i, name in enumerate(data.features)}
        wanted |= {name: places.get(name, str(config.place("dataset", "features"))) for name in features}
    wanted |= {name: str(config.place("dataset", "target")) for name in targets}
    for key in ("id", "sample_weight"):
        if name := getattr(data, key):
            wanted[name] = str(config.place("dataset", key))
    for key in ("column", "group", "order_by"):
        if name := getattr(data.split, key):
            wanted[name] = str(config.place("dataset", "split", key))
    return wanted


def is_text(targets: Sequence[str], data: Csv, config: Config) -> bool:
    """Whether the target is read as words."""
    return len(targets) == 1 and (bool(data.label_separator) or not predicts_numbers(config))


def predicts_numbers(config: Config) -> bool:
    """Whether the target is read as numbers from the start: text in it is then an error with its line."""
    linear = task.head_activation(config) not in ("softmax", "sigmoid")
    return config.loss.name not in task.CLASS_LOSSES and linear


# Rows


def read_sources(
    sources: Sequence[Source], roles: Roles, config: Config, known: Rows | None, folder: Path | None
) -> tuple[Rows, list[int]]:
    """The rows of some files, and how many there are up to the end of each.

    ``known`` rows decide what each column holds, else the columns themselves do.
    """
    wants = wanted(roles, config, known)
    mends = {**dict.fromkeys(roles.features, FEATURE), **dict.fromkeys(roles.targets, TARGET)}
    kinds: dict[str, tuple[str, str]] = dict(known.kinds) if known else {}
    if folder is not None and known is None:
        # What columns hold is judged by the first rows, since the others are read only once.
        head = store.gather([next(sources[0].read(wants, CHUNK, mends))])
        kinds = settle(head, roles, sources, wants)
        wants = {**wants, **{name: WANTED[kinds[name][0]](roles.data.column(name)) for name in kinds}}
        wants = {name: allowed(name, want, roles.data) for name, want in wants.items()}
    chunk = None if folder is None else CHUNK
    ends: list[int] = []

    def pieces() -> Iterator[Table]:
        rows = 0
        for source in sources:
            for piece in source.read(wants, chunk, mends):
                rows += len(piece)
                yield piece
            ends.append(rows)

    before = [written_at(source) for source in sources]
    try:
        table = store.gather(pieces(), folder)
    except store.Mixed as mixed:
        wants = {**wants, **{name: wants[name]._replace(kind="words") for name in mixed.columns}}
        ends.clear()
        table = store.gather(pieces(), folder)
    if not kinds:
        kinds = settle(table, roles, sources, wants)
    digests = {source.shown: files.sha256(source.path) for source in sources}
    for source, at in zip(sources, before, strict=True):
        if written_at(source) != at:
            message = "the file changed while it was read"
            raise RnaError(message, place=source.shown, hint="wait until it is written")
    width = len(roles.features)
    order = order_of(table, roles.data)
    rows = Rows(
        table.values[:, :width],
        targets_of(table, roles, sources[0].form.decimal),
        roles.features,
        roles.targets,
        files=digests,
        ids=named_texts(table, roles.data.id),
        words={name: words for name, words in table.words.items() if name in roles.features},
        kinds=kinds,
        groups=named_texts(table, roles.data.split.group),
        order=order,
        weights=weights_of(table, roles.data, sources[0]),
    )
    rows.usable = usable(rows, roles.data)
    if roles.data.split.column:
        rows.fixed = parts_by_column(table.texts[roles.data.split.column], roles.data.split.column, sources)
    return rows, ends


def written_at(source: Source) -> tuple[int, int]:
    """What changes when a file is written: its size, and the time of its last change in nanoseconds."""
    status = source.path.stat()
    return status.st_size, status.st_mtime_ns


FEATURE = csv_faults.Mend(
    "if its words are categories: columns: {%s: categorical}; to leave it out: columns: {%s: ignore}",
    "leave the column out with columns: {%s: ignore}, or fill it",
)
TARGET = csv_faults.Mend(
    "for classes: loss: sparse_categorical_crossentropy, and softmax in a last layer with one unit for each class",
    csv_faults.FILL,
)


def wanted(roles: Roles, config: Config, known: Rows | None) -> dict[str, Want]:
    """How each column is read, inputs first."""
    data = roles.data
    wants = {}
    for name in roles.features:
        column = data.column(name)
        kind = known.kinds[name][0] if known else stated_kind(column)
        wants[name] = allowed(name, WANTED[kind](column), data)
    for name in roles.numbers:
        wants[name] = Want("number", name in roles.targets and drops(name, data))
    for name in roles.texts:
        optional = name in (data.id, data.split.group) or (
            name in roles.targets and (drops(name, data) or bool(data.label_separator))
        )
        wants[name] = Want("text", optional, data.column(name).strip)
    if data.split.order_by and data.split.order_by not in wants:
        wants[data.split.order_by] = Want("any", missing=False)
    return wants


WANTED = {
    "auto": lambda column: Want("any", strip=column.strip),
    "numeric": lambda column: Want("number"),
    "boolean": lambda column: Want("boolean", strip=column.strip),
    "date": lambda column: Want("date", format=column.format or ""),
    "categorical": lambda column: Want("words", strip=column.strip),
}


def stated_kind(column: Column) -> str:
    """The kind that the config gives a column, by name or by what only one kind has."""
    if column.kind != "auto":
        return column.kind
    if column.encode != "one_hot" or column.categories or column.min_count > 1 or column.fill == "missing":
        return "categorical"
    return "date" if column.format or column.parts else "auto"


def allowed(name: str, want: Want, data: Csv) -> Want:
    """A column whose missing values are an error is read so."""
    return want._replace(missing=want.missing and data.fill_of(name) != "error")


def drops(name: str, data: Csv) -> bool:
    """Whether rows without a value in a column are left out."""
    return data.fill_of(name) == "drop"


def settle(
    table: Table, roles: Roles, sources: Sequence[Source], wants: Mapping[str, Want]
) -> dict[str, tuple[str, str]]:
    """What each input column holds, and why; words that mean numbers become those, in place. Raises ``RnaError``."""
    kinds: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    faulty: dict[str, Want] = {}
    shown = sources[0].shown
    for name in roles.features:
        column = roles.data.column(name)
        stated = stated_kind(column)
        has_words = name in table.words
        values = table.values[:, table.columns.index(name)]
        if stated != "auto":
            kinds[name] = (stated, "as the config says")
            continue
        if not has_words:
            empty = np.isnan(values).all()
            found = inference.Found("empty", "") if empty else inference.Found("numeric", "numbers")
        else:
            found = inference.infer(table.words[name], store.counts(table, name), sources[0].form.decimal)
        if found.kind == "faulty":
            faulty[name] = wants[name]._replace(kind="number")
        elif found.kind == "text":
            problems.append(too_many(name, found.why, len(values), shown))
        elif found.kind == "empty":
            hint = yaml_writer.hint(name, "leave it out: columns: {%s: ignore}")
            problems.append(Problem(f"column '{clean(name, 40)}': every value is missing", shown, hint))
        kinds[name] = (found.kind, found.why)
        if found.kind in ("boolean", "date"):
            want = WANTED[found.kind](column)
            store.words_as(table, name, [meaning(word, want, ".") for word in table.words[name]])
    if faulty:
        read_again(sources, faulty)
    if problems:
        raise RnaError.of(problems, DATA)
    return kinds


def read_again(sources: Sequence[Source], faulty: Mapping[str, Want]) -> None:
    """Raise the ``RnaError`` that names each word among numbers."""
    for source in sources:
        for _ in source.read(faulty, None, dict.fromkeys(faulty, FEATURE)):
            pass


def too_many(name: str, why: str, rows: int, shown: str) -> Problem:
    return Problem(
        f"column '{clean(name, 40)}' has {why} in {rows:,} rows: too many to be categories",
        shown,
        yaml_writer.hint(
            name,
            "columns: {%s: ignore} leaves it out; {%s: {encode: embedding}} learns a vector for each; "
            "{%s: {min_count: 10}} groups the rare ones",
        ),
    )


def targets_of(table: Table, roles: Roles, decimal: str) -> np.ndarray:
    """The targets (n,) or (n, targets): numbers, or text where it is not all numbers."""
    if roles.as_text:
        words = table.texts[roles.targets[0]]
        return words if roles.data.label_separator else numbers_if_all(words, decimal)
    y = table.values[:, [table.columns.index(name) for name in roles.targets]]
    return np.asarray(y[:, 0] if y.shape[1] == 1 else y)


def numbers_if_all(words: np.ndarray, decimal: str = ".") -> np.ndarray:
    """Text (n,) as numbers where all of it is, so that 1 and 1.0 are one label."""
    meant = {word: number(word, decimal) for word in set(words.tolist()) - {None}}
    if not any(map(math.isnan, meant.values())):
        return np.array([meant.get(word, math.nan) for word in words], "float64")
    return words


def named_texts(table: Table, name: str | None) -> np.ndarray | None:
    return table.texts[name] if name else None


def order_of(table: Table, data: Csv) -> np.ndarray | None:
    """What rows are ordered by (n,), float64: numbers, dates in seconds, or the places of words in their order."""
    name = data.split.order_by
    if not name:
        return None
    if name in table.texts:
        different, index = distinct(table.texts[name])
        index = np.where(np.array([word is None for word in different])[index], np.nan, index)
    elif name in table.words:
        different, index = np.array(table.words[name]), table.values[:, table.columns.index(name)]
    else:
        return np.array(table.values[:, table.columns.index(name)])
    words = [str(word) for word in different]
    dates = [meaning(word, Want("date"), ".") for word in words]
    places = {word: float(i) for i, word in enumerate(sorted(words))}
    each = np.array([places[word] for word in words] if np.isnan(dates).any() else dates)
    order = np.full(len(index), np.nan)
    order[~np.isnan(index)] = each[index[~np.isnan(index)].astype("int64")]
    return order


def weights_of(table: Table, data: Csv, source: Source) -> np.ndarray | None:
    """How much each row (n,) counts."""
    if not data.sample_weight:
        return None
    weights = np.array(table.values[:, table.columns.index(data.sample_weight)])
    if (weights < 0).any():
        row = int(np.argmax(weights < 0))
        raise RnaError(
            f"column '{clean(data.sample_weight, 40)}': a weight is at least 0, got {weights[row]:g} (row {row + 1})",
            place=source.shown,
        )
    return weights


def usable(rows: Rows, data: Csv) -> np.ndarray | None:
    """Which rows (n,) are left where those with missing values are dropped; ``None`` if all are."""
    kept = np.ones(len(rows.y), bool)
    for j, name in enumerate(rows.features):
        if drops(name, data):
            kept &= ~np.isnan(rows.column(j, np.arange(len(rows.y))))
    if any(drops(name, data) for name in rows.targets):
        kept &= ~pd.isna(rows.y.reshape(len(rows.y), -1)).any(axis=1)
    if kept.all():
        return None
    log.info("%s of %s rows are left out, since a value is missing", f"{int((~kept).sum()):,}", f"{len(kept):,}")
    return kept


def parts_by_column(words: np.ndarray, column: str, sources: Sequence[Source]) -> dict[str, np.ndarray]:
    """The rows of each part from the words of a column."""
    shown = sources[0].shown
    for row, word in enumerate(words):
        if word not in PARTS:
            line = 0 if len(sources) > 1 or sources[0].is_parquet else csv_text.line_of(
                sources[0].path, sources[0].form, row, shown
            )  # fmt: skip
            raise RnaError(
                f"column '{clean(column)}': train, validation or test is wanted, got '{clean(word)}'",
                place=f"{shown}:{line}" if line else shown,
            )
    if "train" not in words:
        raise RnaError(f"column '{clean(column)}' has no row for train", place=shown)
    return {part: np.flatnonzero(words == part) for part in PARTS if (words == part).any()}
