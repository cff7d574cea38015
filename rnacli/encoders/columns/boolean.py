"""Columns of true and false."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.encoders.column import LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import asked_fill, fill_number
from rnacli.encoders.section import Column, Defaults
from rnacli.tables.cells import FALSE, TRUE, Want
from rnacli.words import clean


@dataclass(frozen=True)
class Boolean(LearntColumn):
    """True is 1 and false is 0."""

    kind: ClassVar[str] = "boolean"
    low = -math.inf
    high = math.inf
    name: str
    fill: float | None
    indicator: bool

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Boolean":
        fill = fill_number(column, asked_fill(column.asked, defaults), "most_frequent")
        return cls(column.name, fill, column.asked.indicator)

    @staticmethod
    def read_as(asked: Column) -> Want:
        return Want("boolean", strip=asked.strip)

    @staticmethod
    def recognize(words: Sequence[str]) -> str:
        return " and ".join(sorted(clean(word, 20) for word in words)) if are_answers(words) else ""

    @property
    def want(self) -> Want:
        return Want("boolean", self.fill is not None)

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return self.with_indicator(raw, self.fill_missing(raw)[:, None])

    def describe_fill(self) -> str:
        return f"taken as {'true' if self.fill else 'false'}"


def are_answers(words: Sequence[str]) -> bool:
    """Whether words are all yes or no, and not just 0 and 1."""
    lower = {word.lower() for word in words}
    return lower <= TRUE | FALSE and not lower <= {"0", "1"}
