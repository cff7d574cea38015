"""What each input column of a table teaches, and how its values become the network's inputs: the same for all verbs.

A column's *raw* values are float64: numbers, seconds, 0 and 1, or a category's index; NaN where one is missing. What
has been learnt turns them into one or more float32 inputs. It is kept as plain numbers and words.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_origin

import numpy as np

from rnacli.dataset.cells import Want, spell_text
from rnacli.dataset.rows import look_up
from rnacli.language import DATE_PARTS

MISSING, OTHER = "(missing)", "(other)"
"""What inputs for missing values, and for categories of no input of their own, are called."""


@dataclass(frozen=True)
class Numeric:
    """``(value - offset) / divisor``, ``fill`` in place of a missing one.

    ``fill`` is ``None`` where a missing value is an error. ``indicator``: one more input, 1 where a value was missing.
    ``low`` and ``high`` are the least and the largest value among the training rows.
    """

    kind: ClassVar[str] = "numeric"
    name: str
    fill: float | None
    offset: float
    divisor: float
    indicator: bool
    low: float
    high: float

    @property
    def want(self) -> Want:
        return Want("number", self.fill is not None)

    @property
    def inputs(self) -> list[str]:
        return [self.name, *indicator_input(self)]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return with_indicator(self, raw, ((filled(raw, self.fill) - self.offset) / self.divisor)[:, None])


@dataclass(frozen=True)
class Boolean:
    """True is 1 and false is 0."""

    kind: ClassVar[str] = "boolean"
    name: str
    fill: float | None
    indicator: bool

    @property
    def want(self) -> Want:
        return Want("boolean", self.fill is not None)

    @property
    def inputs(self) -> list[str]:
        return [self.name, *indicator_input(self)]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return with_indicator(self, raw, filled(raw, self.fill)[:, None])


@dataclass(frozen=True)
class Date:
    """The ``parts`` of a date, each scaled: ``(part - offset) / divisor``. Raw values are seconds since 1970."""

    kind: ClassVar[str] = "date"
    name: str
    fill: float | None
    format: str
    parts: tuple[str, ...]
    offset: tuple[float, ...]
    divisor: tuple[float, ...]
    indicator: bool
    low: float
    high: float

    @property
    def want(self) -> Want:
        return Want("date", self.fill is not None, format=self.format)

    @property
    def inputs(self) -> list[str]:
        return [*(f"{self.name}.{part}" for part in self.parts), *indicator_input(self)]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        parts = date_parts(filled(raw, self.fill), self.parts)
        return with_indicator(self, raw, (parts - np.array(self.offset)) / np.array(self.divisor))


@dataclass(frozen=True)
class Categorical:
    """Categories; a raw value is the index in ``words``, or ``len(words)`` for every other word.

    ``encode_as``: ``one_hot``, an input for each of ``words`` (all of them 0 for other words, which have an input of
    their own if ``rare`` ones were grouped in training); ``ordinal``, the index itself, scaled; ``embedding``, the
    index for a table of ``dimensions`` numbers a category that the network learns.
    ``fill``: the index that a missing value gets; ``len(words) + 1`` is a category of its own; ``None``: an error.
    """

    kind: ClassVar[str] = "categorical"
    name: str
    words: tuple[str, ...]
    rare: tuple[str, ...]
    fill: float | None
    encode_as: str
    dimensions: int
    offset: float
    divisor: float
    indicator: bool
    strip: str

    @property
    def want(self) -> Want:
        return Want("words", self.fill is not None, self.strip)

    @property
    def other(self) -> int:
        return len(self.words)

    @property
    def size(self) -> int:
        """How many different indices there are."""
        return len(self.words) + (2 if self.fill == len(self.words) + 1 else 1)

    @property
    def inputs(self) -> list[str]:
        if self.encode_as != "one_hot":
            return [self.name, *indicator_input(self)]
        words = [*self.words, OTHER, MISSING][: self.size]
        if not self.rare:
            del words[self.other]
        return [f"{self.name}={word}" for word in words] + indicator_input(self)

    def encode(self, raw: np.ndarray) -> np.ndarray:
        index = filled(raw, self.fill)
        if self.encode_as == "ordinal":
            # An unknown category has no place in the order: it stands in its middle.
            place = np.where(index < len(self.words), index, (len(self.words) - 1) / 2)
            return with_indicator(self, raw, ((place - self.offset) / self.divisor)[:, None])
        if self.encode_as == "embedding":
            return with_indicator(self, raw, index[:, None])
        table = np.zeros((len(raw), self.size), "float32")
        table[np.arange(len(raw)), index.astype("int64")] = 1
        return with_indicator(self, raw, table if self.rare else np.delete(table, self.other, axis=1))


Learnt = Numeric | Boolean | Date | Categorical
KINDS: dict[str, type[Learnt]] = {kind.kind: kind for kind in (Numeric, Boolean, Date, Categorical)}


def filled(raw: np.ndarray, fill: float | None) -> np.ndarray:
    return raw if fill is None else np.where(np.isnan(raw), fill, raw)


def indicator_input(column: Learnt) -> list[str]:
    return [f"{column.name}={MISSING}"] if column.indicator else []


def with_indicator(column: Learnt, raw: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    return np.hstack([inputs, np.isnan(raw)[:, None]]) if column.indicator else inputs


def date_parts(raw: np.ndarray, parts: Sequence[str]) -> np.ndarray:
    """The parts (n, parts) of dates (n,) in seconds since 1970, as pandas counts them: Monday is 0."""
    import pandas as pd

    dates = pd.DatetimeIndex((raw * 1e6).astype("int64").astype("datetime64[us]"))
    return np.stack([np.asarray(getattr(dates, part), "float64") for part in parts], axis=1)


class Columns:
    """The learnt columns of a table, in the order of the raw values; embedded ones give the last inputs."""

    def __init__(self, learnt: Iterable[Learnt]):
        self.learnt = tuple(learnt)
        plain = [c for c in self.learnt if not is_embedded(c)]
        self.embedded = [c for c in self.learnt if isinstance(c, Categorical) and is_embedded(c)]
        self.names = [name for column in (*plain, *self.embedded) for name in column.inputs]
        self.width = len(self.names)
        ends = itertools.accumulate(len(column.inputs) for column in (*plain, *self.embedded))
        self.starts = {c.name: end - len(c.inputs) for c, end in zip((*plain, *self.embedded), ends, strict=True)}
        # Most columns of most tables are plain numbers: those are scaled in one go.
        numbers = {j: c for j, c in enumerate(self.learnt) if isinstance(c, Numeric) and not c.indicator}
        self.numbers = np.array(list(numbers), "int64")
        self.into = np.array([self.starts[c.name] for c in numbers.values()], "int64")
        self.offset = np.array([c.offset for c in numbers.values()])
        self.divisor = np.array([c.divisor for c in numbers.values()])
        self.fill = np.array([math.nan if c.fill is None else c.fill for c in numbers.values()])

    def __iter__(self) -> Iterator[Learnt]:
        return iter(self.learnt)

    @property
    def wants(self) -> dict[str, Want]:
        """How each column is read."""
        return {column.name: column.want for column in self.learnt}

    @property
    def embeddings(self) -> tuple[tuple[str, int, int], ...]:
        """Name, number of indices and dimensions of the embedded columns: what the last inputs go through."""
        return tuple((column.name, column.size, column.dimensions) for column in self.embedded)

    def raw(self, values: np.ndarray, words: Mapping[str, Sequence[str]]) -> np.ndarray:
        """``values`` (n, columns) as they were read, changed in place: indices of ``words`` become those learnt."""
        for j, column in enumerate(self.learnt):
            if isinstance(column, Categorical):
                look_up(values[:, j], indices(column, words.get(column.name, ())))
        return values

    def encode(self, raw: np.ndarray) -> np.ndarray:
        """Raw values (n, columns) as the network takes them (n, width), float32."""
        block = raw if len(self.numbers) == self.width == raw.shape[1] else raw[:, self.numbers]
        gaps = np.isnan(block)
        if gaps.any():
            block = np.where(gaps, self.fill, block)
        block = (block - self.offset) / self.divisor
        if len(self.numbers) == self.width:
            return np.asarray(block, "float32")
        made = np.empty((len(raw), self.width), "float32")
        made[:, self.into] = block
        for j, column in enumerate(self.learnt):
            if not isinstance(column, Numeric) or column.indicator:
                start = self.starts[column.name]
                made[:, start : start + len(column.inputs)] = column.encode(raw[:, j])
        return made

    def dump(self) -> list[dict[str, Any]]:
        """As JSON data."""
        return [{"kind": column.kind, **asdict(column)} for column in self.learnt]


def is_embedded(column: Learnt) -> bool:
    return isinstance(column, Categorical) and column.encode_as == "embedding"


def indices(column: Categorical, words: Sequence[str]) -> np.ndarray:
    """The learnt index (n,) of each of ``words``."""
    known = {word: i for i, word in enumerate(column.words)}
    alike = {spell_text(word): i for word, i in reversed(known.items())}
    return np.array([known.get(word, alike.get(spell_text(word), column.other)) for word in words], "float64")


def unseen(column: Categorical, words: Sequence[str]) -> list[str]:
    """Those of ``words`` that no training row had."""
    known = {spell_text(word) for word in (*column.words, *column.rare)}
    return [word for word in words if spell_text(word) not in known]


def load(plain: Any) -> Columns:
    """Columns from JSON data, checked to the last number. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    learnt = []
    for entry in plain:
        kind = KINDS[entry["kind"]]
        values: dict[str, Any] = {field.name: entry[field.name] for field in fields(kind)}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        learnt.append(check(kind(**values)))
    if len({column.name for column in learnt}) < len(learnt) or not learnt:
        raise ValueError("a column is there twice, or there is none")
    return Columns(learnt)


def check(column: Learnt) -> Learnt:
    """A column whose values are all of their types, finite, and fit together."""
    for field in fields(column):
        value = getattr(column, field.name)
        items = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) != (get_origin(field.type) is tuple):
            raise TypeError(f"{field.name} is not what it should be")
        for item in items:
            wanted: Any = float | int
            if field.name in ("name", "format", "parts", "words", "rare", "encode_as", "strip"):
                wanted = str
            elif field.name == "indicator":
                wanted = bool
            elif field.name == "dimensions":
                wanted = int
            elif field.name == "fill" and value is None:
                continue
            if not isinstance(item, wanted) or (isinstance(item, bool) and wanted is not bool):
                raise TypeError(f"{field.name} is not what it should be")
            if isinstance(item, int | float) and not math.isfinite(item):
                raise ValueError(f"{field.name} is not finite")
    divisors = getattr(column, "divisor", 1.0)
    if not all(divisors if isinstance(divisors, tuple) else (divisors,)):
        raise ValueError("a divisor is zero")
    if isinstance(column, Date):
        lengths = {len(column.parts), len(column.offset), len(column.divisor)}
        if len(lengths) > 1 or not set(column.parts) <= set(DATE_PARTS) or not column.parts:
            raise ValueError("its lengths do not fit together")
    if isinstance(column, Categorical):
        fits = column.fill is None or column.fill in range(len(column.words) + 2)
        known = column.encode_as in ("one_hot", "ordinal", "embedding")
        if not fits or not known or not 0 < column.dimensions <= 4096 or len(set(column.words)) < len(column.words):
            raise ValueError("its categories do not fit together")
    return column
