"""What each input column of a table teaches, and how its values become the network's inputs: the same for all verbs.

A column's *raw* values are float64: numbers, seconds, 0 and 1, or a category's index; NaN where one is missing. What
has been learnt turns them into one or more float32 inputs. It is kept as plain numbers and words.
"""

import itertools
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.column import LearntColumn, TrainingColumn, plain_column
from rnacli.encoders.columns.boolean import Boolean
from rnacli.encoders.columns.categorical import Categorical
from rnacli.encoders.columns.date import Date
from rnacli.encoders.columns.measures import Duration, Fraction
from rnacli.encoders.columns.numeric import Numeric
from rnacli.encoders.columns.text import Text
from rnacli.encoders.encoder import InputSpec, Linear, plain_shape
from rnacli.encoders.section import TOGETHER, Defaults
from rnacli.strict_json import read_dataclass
from rnacli.tables.cells import Want
from rnacli.tables.numbers import Marks
from rnacli.tables.table import Lookups
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")


USUAL = Marks()
"""A decimal point, and nothing between thousands."""
COLUMN_KINDS: dict[str, type[LearntColumn]] = {
    kind.kind: kind for kind in (Numeric, Boolean, Date, Duration, Fraction, Categorical, Text)
}
"""The kinds of columns, in the order in which they are asked whether words are theirs: the one place for them all."""


class Columns:
    """The learnt columns of a table, in the order of the raw values.

    ``marks``: those in the numbers of the file, by which others are read too.
    Together they are the input ``columns`` of the network, or the inputs ``groups``, each with the names of its
    columns; each embedded one, and each of texts, is an input of its own, by its own name. Behind the raw values of
    all columns stand those ``wide`` ones of texts, a row of numbers each.
    """

    kind: ClassVar[str] = "table"

    def __init__(
        self, learnt: Iterable[LearntColumn], marks: Marks = USUAL, groups: Mapping[str, Sequence[str]] | None = None
    ):
        self.learnt, self.marks, self.groups = tuple(learnt), marks, dict(groups or {})
        self.features = tuple(column.name for column in self.learnt)
        self.own = {j: spec for j, column in enumerate(self.learnt) if (spec := column.own_input) is not None}
        apart = [self.learnt[j] for j in self.own]
        wide = {j: column.width for j, column in enumerate(self.learnt) if column.width}
        places = itertools.accumulate(wide.values(), initial=len(self.learnt))
        self.wide = {j: slice(start, start + wide[j]) for j, start in zip(wide, places, strict=False)}
        self.raw_shape: tuple[int, ...] = (len(self.learnt) + sum(wide.values()),)
        beside = [column for j, column in enumerate(self.learnt) if j not in self.own]
        indicators = [name for column in apart for name in column.indicator_input]
        self.names = [name for column in beside for name in column.inputs] + indicators
        ends = list(itertools.accumulate(len(column.inputs) for column in beside))
        self.starts = {c.name: end - len(c.inputs) for c, end in zip(beside, ends, strict=True)}
        for name, column in zip(indicators, (c for c in apart if c.indicator), strict=True):
            self.starts[column.name] = self.names.index(name, ends[-1] if ends else 0)
        self.group_of = {name: group for group, names in self.groups.items() for name in names}
        self.together = self.place_numbers(beside)
        # Most columns of most tables are plain numbers: those are scaled in one go.
        numbers = {
            j: c for j, c in enumerate(self.learnt) if isinstance(c, Numeric) and not c.indicator and c.power is None
        }
        self.plain, self.numbers = frozenset(numbers), np.array(list(numbers), "int64")
        self.into = np.array([self.starts[c.name] for c in numbers.values()], "int64")
        self.offset = np.array([c.offset for c in numbers.values()])
        self.divisor = np.array([c.divisor for c in numbers.values()])
        self.fill = np.array([math.nan if c.fill is None else c.fill for c in numbers.values()])

    def place_numbers(self, beside: Sequence[LearntColumn]) -> dict[str, tuple[str, np.ndarray]]:
        """The inputs of numbers: their group, and where their numbers stand among those of all columns."""
        apart = [self.learnt[j] for j in self.own]
        names = [column.name for column in apart]
        owners = [column.name for column in beside for _ in column.inputs]
        owners += [column.name for column in apart for _ in column.indicator_input]
        places: dict[str, list[int]] = {}
        for place, owner in enumerate(owners):
            places.setdefault(self.group_of.get(owner, ""), []).append(place)
        inputs = {}
        for group in [*self.groups, ""]:
            if group in places:
                # A column that is an input of its own may be called so, too.
                called = group or TOGETHER
                name = next(name for n in itertools.count() if (name := called + "_" * n) not in names)
                inputs[name] = (group, np.array(places[group], "int64"))
        return inputs

    def __iter__(self) -> Iterator[LearntColumn]:
        return iter(self.learnt)

    @property
    def wants(self) -> dict[str, Want]:
        """How each column is read."""
        return {column.name: column.want for column in self.learnt}

    @property
    def inputs(self) -> dict[str, InputSpec]:
        beside = {name: InputSpec((len(places),), group=group) for name, (group, places) in self.together.items()}
        names = {j: self.learnt[j].name for j in self.own}
        own = {names[j]: spec._replace(group=self.group_of.get(names[j], "")) for j, spec in self.own.items()}
        return beside | own

    @property
    def number_names(self) -> dict[str, list[str]]:
        beside = {name: [self.names[place] for place in places] for name, (_, places) in self.together.items()}
        return beside | {self.learnt[j].name: self.learnt[j].number_names for j in self.own}

    def lookups(self, words: Mapping[str, Sequence[str]]) -> Lookups:
        """What the ``words`` of columns, as a table has them, stand for: of categories the learnt index (words,) of
        each, of texts a row of numbers."""
        every = {j: column.lookup(words.get(column.name, ())) for j, column in enumerate(self.learnt)}
        return {j: indices for j, indices in every.items() if indices is not None}

    @property
    def linear(self) -> dict[str, Linear] | None:
        if not self.are_plain:
            return None
        return {name: (self.offset[places], self.divisor[places]) for name, (_, places) in self.together.items()}

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        learnt = self.learnt
        own = {learnt[j].name: learnt[j].encode_own(raw[:, self.wide.get(j, j)]) for j in self.own}
        if not self.names:
            return own
        together = self.encode_together(raw)
        if len(self.together) == 1:
            return dict.fromkeys(self.together, together) | own
        return {name: together[:, places] for name, (_, places) in self.together.items()} | own

    @property
    def are_plain(self) -> bool:
        """Whether each column is one number that ``decode`` can give back."""
        return len(self.numbers) == len(self.names) == len(self.learnt)

    def decode(self, encoded: np.ndarray) -> np.ndarray:
        """The numbers (n, columns) that were, or could have been, encoded so; where ``are_plain``."""
        return np.asarray(encoded.astype("float64") * self.divisor + self.offset)

    def encode_together(self, raw: np.ndarray) -> np.ndarray:
        """Raw values (n, columns) as the columns that are no input of their own give them (n, names), float32."""
        whole = len(self.numbers) == len(self.names) == raw.shape[1]
        block = raw if whole else raw[:, self.numbers]
        missing = np.isnan(block)
        if missing.any():
            block = np.where(missing, self.fill, block)
        block = (block - self.offset) / self.divisor
        if len(self.numbers) == len(self.names):
            return np.asarray(block, "float32")
        together = np.empty((len(raw), len(self.names)), "float32")
        together[:, self.into] = block
        for j, column in enumerate(self.learnt):
            if j in self.own:
                if column.indicator:
                    together[:, self.starts[column.name]] = np.isnan(raw[:, j])
            elif j not in self.plain:
                start = self.starts[column.name]
                together[:, start : start + len(column.inputs)] = column.encode(raw[:, j])
        return together

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return self.encode(raw), 1.0

    def dump(self) -> dict[str, Any]:
        columns = [plain_column(column) for column in self.learnt]
        plain = {"shape": plain_shape(self.inputs), "features": self.features, "columns": columns}
        grouped = {"groups": self.groups} if self.groups else {}
        return plain | grouped | ({} if self.marks == USUAL else {"marks": self.marks._asdict()})


def load_table(plain: Mapping[str, Any]) -> Columns:
    """Columns from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    marks = plain.get("marks", {})
    decimal, thousands = str(marks.get("decimal", ".")), str(marks.get("thousands", ""))
    if decimal not in (".", ",") or thousands not in ("", ".", ",", "'", " ") or decimal == thousands:
        raise ValueError("its marks in numbers do not fit together")
    groups = {str(name): [str(column) for column in columns] for name, columns in plain.get("groups", {}).items()}
    columns = load_columns(plain["columns"], Marks(decimal, thousands), groups)
    shape, features = tuple(int(n) for n in plain["shape"]), tuple(str(name) for name in plain["features"])
    if shape != plain_shape(columns.inputs) or features != columns.features:
        raise ValueError("its lengths do not fit together")
    if plain.get("offset", 0.0) != 0.0 or plain.get("divisor", 1.0) != 1.0:
        raise ValueError("each of its columns has a scale of its own")
    return columns


def load_columns(plain: Any, marks: Marks = USUAL, groups: Mapping[str, Sequence[str]] | None = None) -> Columns:
    """Columns from JSON data, checked to the last number. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    learnt = []
    for entry in plain:
        column = read_dataclass(COLUMN_KINDS[entry["kind"]], entry)
        column.check()
        learnt.append(column)
    if len({column.name for column in learnt}) < len(learnt) or not learnt:
        raise ValueError("a column is there twice, or there is none")
    grouped = sorted(name for names in (groups or {}).values() for name in names)
    if groups and (grouped != sorted(column.name for column in learnt) or not all(groups.values())):
        raise ValueError("not every column is in one input")
    return Columns(learnt, marks, groups)


def learn_columns(
    columns: Iterable[TrainingColumn],
    defaults: Defaults,
    marks: Marks = USUAL,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Columns:
    """The columns of a table, from the training rows alone. Raises ``RnaError``."""
    learnt: list[LearntColumn] = []
    notes = []
    for some in alike_columns(columns):
        learnt += COLUMN_KINDS[some[0].kind].learn_several(some, defaults)
        notes += [(int(np.isnan(column.values).sum()), len(column.values)) for column in some]
    for each, (missing, rows) in zip(learnt, notes, strict=True):
        note_fill(each, missing, rows)
    return Columns(learnt, marks, groups)


AT_ONCE = 32 << 20
"""Bytes of columns that are learnt at once: others may have to stay on the disk meanwhile."""


def alike_columns(columns: Iterable[TrainingColumn]) -> Iterator[list[TrainingColumn]]:
    """Columns that follow one another and are of one kind, as many as are to be in memory."""
    some: list[TrainingColumn] = []
    for column in columns:
        if some and (column.kind != some[0].kind or len(some) * some[0].values.nbytes >= AT_ONCE):
            yield some
            some = []
        some.append(column)
    if some:
        yield some


def note_fill(column: LearntColumn, missing: int, rows: int) -> None:
    """Say what was put in the place of missing values, and of how many."""
    if missing and column.fill is not None:
        share = fill_template("{missing:,} of {rows:,} training rows", missing=missing, rows=rows)
        log.info("%s: %s have no value; %s", clean(column.name, 40), share, fill_template(column.describe_fill()))
    if isinstance(column, Categorical) and column.rare:
        log.info("%s: %d rare categories are one input", clean(column.name, 40), len(column.rare))
