"""Columns of numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.encoders.column import LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import (
    asked_fill,
    check_divisors,
    fill_number,
)
from rnacli.encoders.scale import fit_column_scales
from rnacli.encoders.section import Column, Defaults
from rnacli.tables.cells import Want


@dataclass(frozen=True)
class Numeric(LearntColumn):
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

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Numeric":
        return cls.learn_several([column], defaults)[0]

    @classmethod
    def learn_several(cls, columns: Sequence[TrainingColumn], defaults: Defaults) -> "list[Numeric]":
        fills = [fill_number(column, asked_fill(column.asked, defaults), "median") for column in columns]
        filled = [
            np.where(np.isnan(column.values), math.nan if fill is None else fill, column.values)
            for column, fill in zip(columns, fills, strict=True)
        ]
        asked = [defaults.scale if column.asked.scale is None else column.asked.scale for column in columns]
        learnt = []
        for column, fill, scale in zip(columns, fills, fit_column_scales(filled, asked), strict=True):
            present = column.present
            low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
            learnt.append(cls(column.name, fill, *scale, column.asked.indicator, low, high))
        return learnt

    @staticmethod
    def read_as(asked: Column) -> Want:
        return Want("number")

    @property
    def want(self) -> Want:
        return Want("number", self.fill is not None)

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return self.with_indicator(raw, ((self.fill_missing(raw) - self.offset) / self.divisor)[:, None])

    def describe_fill(self) -> str:
        return f"taken as {self.fill:.6g}"

    def describe_range(self) -> str:
        return f"the training range {self.low:.6g} to {self.high:.6g}"

    def check(self) -> None:
        check_divisors(self.divisor)
