"""Columns of numbers."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.document.write import name_hint
from rnacli.encoders.column import Content, LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import (
    blank_or_fill,
    check_divisors,
    fill_number,
    power_of,
)
from rnacli.encoders.scale import bend, fit_column_scales
from rnacli.encoders.section import Column, Defaults
from rnacli.tables.cells import Want, spell_number
from rnacli.tables.numbers import Written, find_accounts, find_units, quote
from rnacli.words import fill_template

CATEGORIES = "as categories: columns: {{column}: categorical}"
NEGATIVE = "if they are: columns: {{column}: numeric}; as categories: columns: {{column}: categorical}"


@dataclass(frozen=True)
class Numeric(LearntColumn):
    """``(value - offset) / divisor``, ``fill`` in place of a missing one; before that, ``power`` bends values.

    ``fill`` is ``None`` where a missing value is an error. ``indicator``: one more input, 1 where a value was missing.
    ``unit``: what stands beside each number; ``missing``: what says that a value is missing, besides what does so in
    all columns.
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
    unit: str = ""
    strip: str = ""
    missing: tuple[str, ...] = ()
    power: float | None = None

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Numeric":
        return cls.learn_several([column], defaults)[0]

    @classmethod
    def learn_several(cls, columns: Sequence[TrainingColumn], defaults: Defaults) -> "list[Numeric]":
        fills = [fill_number(column, blank_or_fill(column, defaults), "median") for column in columns]
        filled = [
            np.where(np.isnan(column.values), math.nan if fill is None else fill, column.values)
            for column, fill in zip(columns, fills, strict=True)
        ]
        scales = [defaults.scale if column.options.scale is None else column.options.scale for column in columns]
        powers = [
            power_of(column.name, values, scale, column.place)
            for column, values, scale in zip(columns, filled, scales, strict=True)
        ]
        bent = [bend(values, power) for values, power in zip(filled, powers, strict=True)]
        learnt = []
        for column, fill, power, scale in zip(columns, fills, powers, fit_column_scales(bent, scales), strict=True):
            present = column.present
            low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
            want, indicator, missing = column.want, column.options.indicator, column.options.missing
            learnt.append(cls(column.name, fill, *scale, indicator, low, high, want.unit, want.strip, missing, power))
        return learnt

    @staticmethod
    def read_as(options: Column) -> Want:
        return Want("number", strip=options.strip, unit=options.unit, gone=options.missing)

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        return bool(options.unit)

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        if found := find_accounts(words, written):
            if found.doubtful:
                why = fill_template("what may be negative numbers, such as '{word:.30}'", word=found.word)
                return Content("faulty", why, Want("any"), NEGATIVE)
            why = fill_template("numbers, and negative ones such as '{word:.30}'", word=found.word)
            return Content(cls.kind, why, Want("number", unit=found.unit), CATEGORIES)
        if unit := find_units(words, written):
            why = fill_template("numbers with '{unit:.20}'", unit=unit)
            return Content(cls.kind, why, Want("number", unit=unit), CATEGORIES)
        return None

    @property
    def want(self) -> Want:
        return Want("number", self.fill is not None, self.strip, unit=self.unit, gone=self.missing)

    def encode(self, raw: np.ndarray) -> np.ndarray:
        values = bend(self.fill_missing(raw), self.power)
        return self.with_indicator(raw, ((values - self.offset) / self.divisor)[:, None])

    def describe_fill(self) -> str:
        return fill_template("taken as {fill:.6g}", fill=self.fill)

    def describe_range(self) -> str:
        return fill_template("the training range {low:.6g} to {high:.6g}", low=self.low, high=self.high)

    def notes(self, raw: np.ndarray) -> list[str]:
        stand_in = find_stand_in(raw[~np.isnan(raw)])
        if stand_in is None:
            return []
        text = "{name:.40}: {value} in {count:,} rows is far from all other values; if it stands for a missing value: "
        value, count = spell_number(stand_in), int((raw == stand_in).sum())
        missing = value if stand_in.is_integer() else quote(value)
        hint = name_hint(self.name, "columns: {{column}: {missing: [{value}]}}", value=missing)
        return [fill_template(text, name=self.name, value=value, count=count) + hint]

    def check(self) -> None:
        check_divisors(self.divisor)


STAND_INS = re.compile(r"-?9{2,}(\.9+)?")
"""Numbers that tables of statistics write where there is none: -999, 9999, -99.9."""
FEW = 10


def find_stand_in(values: np.ndarray) -> float | None:
    """The number that stands for a missing value among some (n,), none of them NaN; ``None`` where there is none.

    It is written in nines alone, stands there more than once, and is farther from the others than they are apart.
    """
    if not len(values):
        return None
    low, high = values.min(), values.max()
    for value in (low, high):
        others = values[values != value]
        if len(others) < max(FEW, len(values) / 2) or len(values) - len(others) < 2:
            continue
        if STAND_INS.fullmatch(spell_number(value)) and abs(value - others).min() > others.max() - others.min():
            return float(value)
    return None
