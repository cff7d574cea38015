"""What a kind of column is: a file of ``columns`` with all that is known of that kind."""

from collections.abc import Sequence
from dataclasses import MISSING as MISSING_FIELD
from dataclasses import asdict, fields
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.section import Column, Defaults
from rnacli.tables.cells import Want
from rnacli.tables.numbers import Written
from rnacli.tables.table import Rows
from rnacli.words import count_things


class Content(NamedTuple):
    """What a column holds, and ``why`` it is taken so, in words.

    ``kind``: that of a learnt column; ``empty``; ``words``, too many different ones for categories; or ``faulty``,
    what must be said or mended before it can be read. ``want``: how its cells are read. ``hint``: the keys that say
    otherwise; where there is one, people are told.
    """

    kind: str
    why: str
    want: Want = Want("any")
    hint: str = ""


class TrainingColumn(NamedTuple):
    """What an input column is learnt from: its raw ``values`` (n,) in the training rows, and the file's ``options``.

    ``words``: what values of a categorical column are indices of. ``place``: where the file speaks of the column.
    ``want``: how its cells were read.
    """

    name: str
    kind: str
    values: np.ndarray
    words: Sequence[str]
    options: Column
    place: str
    want: Want

    @property
    def present(self) -> np.ndarray:
        """The values that are not missing."""
        return np.asarray(self.values[~np.isnan(self.values)])


class LearntColumn:
    """A column as training rows taught it: a frozen dataclass, whose fields stand in ``preprocessing.json``.

    Raw values are float64: numbers, seconds, 0 and 1, or a category's index; NaN where one is missing. What stands here
    holds for most kinds; a kind says what is otherwise with it.
    """

    kind: ClassVar[str]
    are_names: ClassVar[bool] = True
    """Whether a value says what a row is, so that it may stand for a class; texts are read by their words."""
    name: str
    fill: float | None
    """What stands for a missing value; ``None`` where one is an error."""
    indicator: bool
    """Whether one more input is 1 where a value was missing."""
    low: float
    high: float
    """The least and the largest value among the training rows; without bounds where values have no order."""

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> Self:
        """What training rows teach. Raises ``RnaError``."""
        raise NotImplementedError

    @classmethod
    def learn_several(cls, columns: Sequence[TrainingColumn], defaults: Defaults) -> list[Self]:
        """What training rows teach of columns of this kind. Raises ``RnaError``."""
        return [cls.learn(column, defaults) for column in columns]

    @staticmethod
    def read_as(options: Column) -> Want:
        """How cells are read before anything is learnt."""
        raise NotImplementedError

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        """Whether a file says of a column what only this kind has."""
        return False

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        """What a column with just these words is, if it is of this kind."""
        return None

    @property
    def want(self) -> Want:
        """How cells are read."""
        raise NotImplementedError

    @property
    def inputs(self) -> list[str]:
        """What its inputs are called."""
        return [self.name, *self.indicator_input]

    @property
    def indicator_input(self) -> list[str]:
        """What the input is called that is 1 where a value was missing."""
        return [f"{self.name}={MISSING}"] if self.indicator else []

    @property
    def own_input(self) -> InputSpec | None:
        """What it is as an input of its own; ``None`` where it is one with others."""
        return None

    @property
    def number_names(self) -> list[str]:
        """What the numbers of its own input are called; empty where they have no names."""
        return [self.name]

    @property
    def width(self) -> int:
        """How many numbers stand for its index, behind the raw values of all columns; 0 where that itself is used."""
        return 0

    def describe_inputs(self) -> str:
        """What it becomes, in words."""
        return count_things(len(self.inputs), "input")

    def encode(self, raw: np.ndarray) -> np.ndarray:
        """Raw values (n,) as inputs (n, inputs)."""
        raise NotImplementedError

    def encode_own(self, raw: np.ndarray) -> np.ndarray:
        """Raw values (n,), or (n, width), as the input of its own."""
        raise NotImplementedError

    def fill_missing(self, raw: np.ndarray) -> np.ndarray:
        """Raw values (n,), none of them missing."""
        return raw if self.fill is None else np.where(np.isnan(raw), self.fill, raw)

    def with_indicator(self, raw: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Inputs (n, k) of raw values (n,), behind them the one for missing values."""
        return np.hstack([inputs, np.isnan(raw)[:, None]]) if self.indicator else inputs

    def lookup(self, words: Sequence[str]) -> np.ndarray | Rows | None:
        """The raw value (words,) of each word, or a row for each; ``None`` where raw values are no words."""
        return None

    @property
    def categories(self) -> Sequence[str]:
        """The words that training rows had, where values are categories."""
        return ()

    def unseen(self, words: Sequence[str]) -> list[str]:
        """Those of some words that no training row had."""
        return []

    def unknown_words(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray, list[str]] | None:
        """Of texts, how many words each has (texts,), how many of them are unknown, and which; ``None``: they are
        no texts."""
        return None

    def describe_fill(self) -> str:
        """What stands for a missing value, in words."""
        raise NotImplementedError

    def describe_range(self) -> str:
        """The least and the largest value that training rows had, in words."""
        return ""

    def notes(self, raw: np.ndarray) -> list[str]:
        """What to tell of the training rows' raw values (n,)."""
        return []

    def check(self) -> None:
        """Refuse fields that do not fit together. Raises ``ValueError``."""


MISSING, OTHER = "(missing)", "(other)"
"""What inputs for missing values, and for categories of no input of their own, are called."""


def plain_column(column: Any) -> dict[str, Any]:
    """A learnt column as JSON data, without what is as it is by default."""
    usual = {field.name: field.default for field in fields(column) if field.default is not MISSING_FIELD}
    plain = {name: value for name, value in asdict(column).items() if name not in usual or value != usual[name]}
    return {"kind": column.kind, **plain}
