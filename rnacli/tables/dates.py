"""Dates and times as people write them: which format some words have, and what they mean."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
"""Dates as ISO 8601 writes them: no format needs to be named for them."""
ZONE = re.compile(r".*\d(Z|[+-]\d{2}:?\d{2})")
LOOKS_DATED = re.compile(r"(?=.*\d)[\w:/., -]{4,40}(?:[+]\d{2}:?\d{2})?")
DIGITS = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
MONTHS = {
    "enero": "january", "febrero": "february", "marzo": "march", "abril": "april", "mayo": "may", "junio": "june",
    "julio": "july", "agosto": "august", "septiembre": "september", "setiembre": "september", "octubre": "october",
    "noviembre": "november", "diciembre": "december", "ene": "jan", "abr": "apr", "ago": "aug", "sept": "sep",
    "set": "sep", "dic": "dec",
}  # fmt: skip
"""Names that Spanish has for months, where they are others than in English."""
NAME = re.compile(r"[^\W\d_]+")
DATES = (
    *(f"%d{mark}%m{mark}{year}" for mark in "/-." for year in ("%Y", "%y")),
    *(f"%m{mark}%d{mark}{year}" for mark in "/-" for year in ("%Y", "%y")),
    "%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d",
)  # fmt: skip
NAMED = (
    *(f"%d{mark}{month}{mark}{year}" for mark in " -/" for month in ("%b", "%B") for year in ("%Y", "%y")),
    *(f"{month} %d, %Y" for month in ("%b", "%B")), *(f"{month} %d %Y" for month in ("%b", "%B")),
    *(f"{month}{mark}{year}" for month in ("%b", "%B") for mark in " -" for year in ("%Y", "%y")),
)  # fmt: skip
MONTHLY = ("%Y-%m", "%Y/%m", "%m-%Y", "%m/%Y")
COMPACT = ("%Y%m%dT%H%M", "%Y%m%dT%H%M%S")
TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
HALVES = re.compile(r"(?i)\b([ap])\.\s?m\.?")
YEAR_MONTH = re.compile(r"\d{4}[/-]\d{1,2}|\d{1,2}[/-]\d{4}")
DAY_TIME = re.compile(r"\d{8}T(?:\d{4}|\d{6})")
FEW = 50
"""Words that are looked at first: most formats do not fit these."""


def parse_dates(words: Sequence[str], form: str = "") -> np.ndarray:
    """Seconds since 1970 (words,) of dates that ``form`` writes, or ISO 8601; NaN where a word is no such date.

    In UTC where a zone is named. Months have English or Spanish names.
    """
    import pandas as pd

    texts = list(words)
    if form:
        texts = [english_months(word) for word in texts] if "%b" in form or "%B" in form else texts
        texts = [HALVES.sub(r"\1m", word) for word in texts] if "%p" in form else texts
        texts = ["" if word in ("now", "today") else word for word in texts]
    else:
        texts = [word if ISO.fullmatch(word) else "" for word in texts]
    try:
        dates = pd.to_datetime(pd.Series(texts, dtype=object), format=form or "ISO8601", errors="coerce", utc=True)
    except (ValueError, OverflowError, TypeError):
        return np.full(len(texts), np.nan)
    seconds = dates.to_numpy("datetime64[us]").astype("int64") / 1e6
    return np.where(dates.isna(), np.nan, seconds)


def english_months(word: str) -> str:
    """A date whose month, if it has a name, has its English one; without ``de``, and without points of short names."""
    text = re.sub(r"\b(?:de|del)\b", " ", word.lower())
    text = NAME.sub(lambda name: MONTHS.get(name[0], name[0]), text)
    return re.sub(r"\s+", " ", re.sub(r"(?<=[a-z])\.", "", text)).strip()


def find_formats(words: Sequence[str]) -> list[str]:
    """The usual formats that all of some words fit; of those that mean the same by all words, the first alone."""
    if not words or not all(map(LOOKS_DATED.fullmatch, words)):
        return []
    formats: dict[bytes, str] = {}
    for form in likely_formats(words[0]):
        if np.isnan(parse_dates(words[:FEW], form)).any():
            continue
        meant = parse_dates(words, form)
        if not np.isnan(meant).any():
            formats.setdefault(meant.tobytes(), form)
    return list(formats.values())


def likely_formats(word: str) -> Iterator[str]:
    """The formats that a word may have."""
    timed, named = ":" in word, bool(NAME.search(re.sub(r"(?i)\b[ap]\.?\s?m\b|t(?=\d)|z$", "", word)))
    if timed:
        yield from TIMES
    elif YEAR_MONTH.fullmatch(word):
        yield from MONTHLY
    elif DAY_TIME.fullmatch(word):
        yield COMPACT[len(word) > len("20260131T0930")]
    for date in NAMED if named else DATES if DIGITS.match(word) else ():
        if timed:
            yield from (f"{date}{mark}{time}" for mark in (" ", "T") for time in TIMES)
        else:
            yield date


def has_zone(words: Iterable[str]) -> bool:
    """Whether a date among some words names its zone."""
    return any(map(ZONE.fullmatch, words))


@functools.cache
def is_month(form: str) -> bool:
    """Whether a format writes a month without a day."""
    return bool(form) and not re.search("%[dejUWaAwuVcxG]", form) and bool(re.search("%[mbB]", form))


@functools.cache
def is_time_of_day(form: str) -> bool:
    """Whether a format writes a time without a date."""
    return bool(form) and not re.search("%[aAdbBmyYjUWcxGuV]", form)
