"""Columns of dates."""

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
from rnacli.encoders.scale import fit_column_scale
from rnacli.encoders.section import DATE_PARTS, Column, Defaults
from rnacli.tables.cells import DATE, Want


@dataclass(frozen=True)
class Date(LearntColumn):
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

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Date":
        asked, values = column.asked, column.values
        present = column.present
        fill = fill_number(column, asked_fill(asked, defaults), "median")
        parts = asked.parts
        if parts is None:
            timed = bool((present % 86_400 != 0).any())
            parts = ("year", "month", "day", "day_of_week", *(("hour",) if timed else ()))
        scale = defaults.scale if asked.scale is None else asked.scale
        raw = present if fill is None else np.where(np.isnan(values), fill, values)
        scales = [fit_column_scale(column, scale) for column in date_parts(raw, parts).T]
        offset, divisor = zip(*scales, strict=True)
        low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
        return cls(column.name, fill, asked.format or "", parts, offset, divisor, asked.indicator, low, high)

    @staticmethod
    def read_as(asked: Column) -> Want:
        return Want("date", format=asked.format or "")

    @staticmethod
    def is_asked(asked: Column) -> bool:
        return bool(asked.format or asked.parts)

    @staticmethod
    def recognize(words: Sequence[str]) -> str:
        return "dates" if all(DATE.fullmatch(word) for word in words) else ""

    @property
    def want(self) -> Want:
        return Want("date", self.fill is not None, format=self.format)

    @property
    def inputs(self) -> list[str]:
        return [*(f"{self.name}.{part}" for part in self.parts), *self.indicator_input]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        parts = date_parts(self.fill_missing(raw), self.parts)
        return self.with_indicator(raw, (parts - np.array(self.offset)) / np.array(self.divisor))

    def describe_fill(self) -> str:
        return f"taken as {np.datetime64(int(self.fill or 0), 's')}"

    def describe_range(self) -> str:
        low, high = (str(np.datetime64(int(each), "s")).removesuffix("T00:00:00") for each in (self.low, self.high))
        return f"the training dates {low} to {high}"

    def check(self) -> None:
        check_divisors(*self.divisor)
        lengths = {len(self.parts), len(self.offset), len(self.divisor)}
        if len(lengths) > 1 or not set(self.parts) <= set(DATE_PARTS) or not self.parts:
            raise ValueError("its lengths do not fit together")


def date_parts(raw: np.ndarray, parts: Sequence[str]) -> np.ndarray:
    """The parts (n, parts) of dates (n,) in seconds since 1970, as pandas counts them: Monday is 0."""
    import pandas as pd

    dates = pd.DatetimeIndex((raw * 1e6).astype("int64").astype("datetime64[us]"))
    return np.stack([np.asarray(getattr(dates, part), "float64") for part in parts], axis=1)
