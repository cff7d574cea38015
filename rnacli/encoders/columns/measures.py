"""Columns of durations, and of fractions: numbers that are written otherwise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rnacli.encoders.column import Content
from rnacli.encoders.columns.numeric import CATEGORIES, Numeric
from rnacli.encoders.section import Column
from rnacli.tables.cells import Want
from rnacli.tables.dates import find_formats
from rnacli.tables.durations import is_clock, is_one_letter, parse_duration
from rnacli.tables.fractions import are_fractions
from rnacli.tables.numbers import Written
from rnacli.words import fill_template


@dataclass(frozen=True)
class Measure(Numeric):
    """Numbers whose cells are read in a way of their own: that of the kind's name."""

    @classmethod
    def read_as(cls, options: Column) -> Want:
        return Want(cls.kind, strip=options.strip, gone=options.missing)

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        return False

    @property
    def want(self) -> Want:
        return Want(self.kind, self.fill is not None, strip=self.strip, gone=self.missing)


@dataclass(frozen=True)
class Duration(Measure):
    """Durations, in seconds."""

    kind: ClassVar[str] = "duration"

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        """Durations, but for those with colons that may all be times of a day."""
        if any(math.isnan(parse_duration(word)) for word in words) or is_one_letter(words):
            return None
        if all(map(is_clock, words)) and all(word.count(":") == 1 for word in words):
            if "24:00" in words and find_formats([word for word in words if word != "24:00"]):
                why = fill_template("times of a day, but also '24:00'")
                hint = "write 00:00 for it; for minutes and seconds: columns: {{column}: duration}"
                return Content("faulty", why, Want("any"), hint)
            why = "durations such as '{word:.30}', read as minutes and seconds"
        else:
            why = "durations such as '{word:.30}'"
        return Content(cls.kind, fill_template(why, word=words[0]), Want("duration"), CATEGORIES)

    def describe_fill(self) -> str:
        return fill_template("{seconds} seconds", seconds=super().describe_fill())

    def describe_range(self) -> str:
        return fill_template("{seconds} seconds", seconds=super().describe_range())


@dataclass(frozen=True)
class Fraction(Measure):
    """Numbers with fractions, such as 1/2 and 3 1/2."""

    kind: ClassVar[str] = "fraction"

    @classmethod
    def recognize(cls, words: Sequence[str], written: Written) -> Content | None:
        if not are_fractions(list(words)):
            return None
        word = max(words, key=len)
        return Content(
            cls.kind, fill_template("fractions such as '{word:.30}'", word=word), Want("fraction"), CATEGORIES
        )
