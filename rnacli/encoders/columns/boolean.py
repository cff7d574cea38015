"""Columns of true and false."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.encoders.column import Content, LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import blank_or_fill, fill_number
from rnacli.encoders.section import Column, Defaults
from rnacli.tables.cells import FALSE, TRUE, Want
from rnacli.tables.numbers import Written
from rnacli.words import fill_template


@dataclass(frozen=True)
class Boolean(LearntColumn):
    """True is 1 and false is 0."""

    kind: ClassVar[str] = "boolean"
    low = -math.inf
    high = math.inf
    name: str
    fill: float | None
    indicator: bool
    strip: str = ""
    missing: tuple[str, ...] = ()

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Boolean":
        return cls(
            column.name,
            fill_number(column, blank_or_fill(column, defaults), "most_frequent"),
            column.options.indicator,
            column.want.strip,
            column.options.missing,
        )

    @staticmethod
    def read_as(options: Column) -> Want:
        return Want("boolean", strip=options.strip, gone=options.missing)

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        if not are_answers(words):
            return None
        return Content(cls.kind, fill_template("{words:and}", words=sorted(words)), Want("boolean"))

    @property
    def want(self) -> Want:
        return Want("boolean", self.fill is not None, self.strip, gone=self.missing)

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return self.with_indicator(raw, self.fill_missing(raw)[:, None])

    def describe_fill(self) -> str:
        return fill_template("taken as {fill}", fill="true" if self.fill else "false")


def are_answers(words: Sequence[str]) -> bool:
    """Whether words are all yes or no, and not just 0 and 1."""
    lower = {word.lower() for word in words}
    return lower <= TRUE | FALSE and not lower <= {"0", "1"}
