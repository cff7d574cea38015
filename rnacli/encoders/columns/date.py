"""Columns of dates."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.document.write import name_hint
from rnacli.encoders.column import Content, LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import (
    check_divisors,
    fill_number,
    stated_fill,
)
from rnacli.encoders.scale import fit_column_scale
from rnacli.encoders.section import DATE_PARTS, Column, Defaults
from rnacli.tables.cells import Want
from rnacli.tables.dates import ISO, SINCE_1970, find_formats, has_zone, is_month, is_time_of_day, parse_dates
from rnacli.tables.numbers import Written
from rnacli.words import fill_template

FEWEST_DAYS = 10
"""Different days from which one of them can be far from the others."""


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
    missing: tuple[str, ...] = ()
    strip: str = ""

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Date":
        options, values = column.options, column.values
        present = column.present
        fill = fill_number(column, stated_fill(options, defaults), "median")
        parts = options.parts
        form = column.want.format
        if parts is None and is_time_of_day(form):
            parts = ("hour", "minute")
        if parts is None and is_month(form):
            parts = ("year", "month")
        if parts is None:
            timed = bool((present % 86_400 != 0).any())
            parts = ("year", "month", "day", "day_of_week", *(("hour",) if timed else ()))
        scale = defaults.scale if options.scale is None else options.scale
        raw = present if fill is None else np.where(np.isnan(values), fill, values)
        scales = [fit_column_scale(column, scale) for column in date_parts(raw, parts).T]
        offset, divisor = zip(*scales, strict=True)
        low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
        learnt = (column.name, fill, form, parts, offset, divisor, options.indicator, low, high, options.missing)
        return cls(*learnt, column.want.strip)

    @staticmethod
    def read_as(options: Column) -> Want:
        return Want("date", strip=options.strip, format=options.format or "", gone=options.missing)

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        return bool(options.format or options.parts)

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        if all(map(ISO.fullmatch, words)):
            if wrong := [word for word, date in zip(words, parse_dates(words), strict=True) if math.isnan(date)]:
                hint = "fix it; if it says that the value is missing: columns: {{column}: {missing: [{names:.200}]}}"
                names = ", ".join(f"'{word}'" for word in wrong[:5])
                why = fill_template("dates, but also '{word:.30}', a day that does not exist", word=wrong[0])
                return Content("faulty", why, Want("any"), str(fill_template(hint, names=names, column="{column}")))
            zone = "dates with a time zone, which are read in UTC" if has_zone(words) else ""
            return Content(
                cls.kind, zone or "dates", Want("date"), "as they are: columns: {{column}: categorical}" * bool(zone)
            )
        forms = find_formats(words)
        if len(forms) > 1:
            why = fill_template(
                "dates such as {word:.30}, which may be meant as {forms:or}", word=words[0], forms=forms
            )
            hint = "columns: {{column}: {format: '%s'}}, or format: '%s'"
            return Content("faulty", why, Want("any"), hint.replace("%s", forms[0], 1).replace("%s", forms[1]))
        if forms:
            what = "times" if is_time_of_day(forms[0]) else "dates"
            why = fill_template("{what} as {form} writes them", what=fill_template(what), form=forms[0])
            if "%y" in forms[0]:
                days = parse_dates(words, forms[0]).astype("datetime64[s]").astype("datetime64[D]")
                why += fill_template(", from {first} to {last}", first=days.min(), last=days.max())
            hint = "as categories: columns: {{column}: categorical}"
            if is_time_of_day(forms[0]) and "%p" not in forms[0]:
                hint = "as categories: columns: {{column}: categorical}; as durations: columns: {{column}: duration}"
            return Content(cls.kind, why, Want("date", format=forms[0]), hint)
        return None

    @property
    def want(self) -> Want:
        return Want("date", self.fill is not None, self.strip, format=self.format, gone=self.missing)

    @property
    def inputs(self) -> list[str]:
        return [*(f"{self.name}.{part}" for part in self.parts), *self.indicator_input]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        parts = date_parts(self.fill_missing(raw), self.parts)
        return self.with_indicator(raw, (parts - np.array(self.offset)) / np.array(self.divisor))

    def describe_fill(self) -> str:
        return fill_template("taken as {date}", date=np.datetime64(int(self.fill or 0), "s"))

    def describe_range(self) -> str:
        low, high = (str(np.datetime64(int(each), "s")).removesuffix("T00:00:00") for each in (self.low, self.high))
        return fill_template("the training dates {low} to {high}", low=low, high=high)

    def notes(self, raw: np.ndarray) -> list[str]:
        days, counts = np.unique(np.floor(raw[~np.isnan(raw)] / 86_400), return_counts=True)
        if len(days) < FEWEST_DAYS:
            return []
        notes = []
        for day, others, count in ((days[0], days[1:], counts[0]), (days[-1], days[:-1], counts[-1])):
            if count > 1 and abs(day - others).min() > others.max() - others.min():
                word = spell_day(day, self.format)
                text = "{name:.40}: {word:.30} in {count:,} rows is far from all other dates; "
                text = fill_template(text, name=self.name, word=word, count=int(count))
                hint = "if it stands for a missing value: columns: {{column}: {missing: ['{word:.30}']}}"
                notes.append(text + name_hint(self.name, hint, word=word))
        return notes

    def check(self) -> None:
        check_divisors(*self.divisor)
        lengths = {len(self.parts), len(self.offset), len(self.divisor)}
        if len(lengths) > 1 or not set(self.parts) <= set(DATE_PARTS) or not self.parts:
            raise ValueError("its lengths do not fit together")


def spell_day(day: float, form: str) -> str:
    """The date so many days after 1970 began, as a format writes it."""
    if form == SINCE_1970:
        return str(int(day) * 86_400)
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day))).strftime(form or "%Y-%m-%d")


def date_parts(raw: np.ndarray, parts: Sequence[str]) -> np.ndarray:
    """The parts (n, parts) of dates (n,) in seconds since 1970, as pandas counts them: Monday is 0."""
    import pandas as pd

    dates = pd.DatetimeIndex((raw * 1e6).astype("int64").astype("datetime64[us]"))
    return np.stack([np.asarray(getattr(dates, part), "float64") for part in parts], axis=1)
