"""Dates and times as people write them: which format some words have, and what they mean."""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?")
"""Dates as ISO 8601 writes them: no format needs to be named for them."""
ZONE = re.compile(r".*:\d{2}(?:[.,]\d+)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)")
ZERO_ZONE = re.compile(r"\s?(?:UTC|GMT)$")
LOOKS_DATED = re.compile(r"(?=.*\d)[\w:/., -]{4,40}(?:[+]\d{2}:?\d{2}(?: \d{4})?)?")
LONG = {
    "january": "enero janvier januar januari janeiro gennaio", "february": "febrero février fevrier februar februari "
    "fevereiro febbraio", "march": "marzo mars märz maart março", "april": "abril avril aprile", "may": "mayo mai mei "
    "maio maggio", "june": "junio juin juni junho giugno", "july": "julio juillet juli julho luglio", "august":
    "agosto août aout augustus", "september": "septiembre setiembre septembre setembro settembre", "october":
    "octubre octobre oktober outubro ottobre", "november": "noviembre novembre novembro", "december":
    "diciembre décembre decembre dezember dezembro dicembre",
}  # fmt: skip
SHORT = {
    "jan": "ene janv gen", "feb": "févr fevr fév fev febr", "mar": "mär mrz maa", "apr": "abr avr", "may": "mag",
    "jun": "giu", "jul": "juil lug", "aug": "ago", "sep": "sept set", "oct": "okt out ott", "dec": "dic déc dez",
}  # fmt: skip
MONTHS = {name: english for months in (LONG, SHORT) for english, names in months.items() for name in names.split()}
"""Names that Spanish, French, German, Portuguese, Italian and Dutch have for months, where English has others."""
WEEKDAY = re.compile(
    r"(?i)^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|lun|mar(?=[.,]?\s+\d+\.?\s+[^\W\d])|mi[eé]|jue|vie|s[aá]b|dom|\w+day|lunes|martes|"
    r"mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)\b[.,]?\s+(?=\S+\s+\S)"
)
"""The name of a day before a date: it says nothing more."""
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|[º°.])(?=\s)")
NAME = re.compile(r"[^\W\d_]+")
DATES = (
    *(f"%d{mark}%m{mark}{year}" for mark in "/-." for year in ("%Y", "%y")),
    *(f"%m{mark}%d{mark}{year}" for mark in "/-" for year in ("%Y", "%y")),
    *(f"{year}{mark}%m{mark}%d" for mark in "/.-" for year in ("%Y", "%y")),
)  # fmt: skip
NAMED = (
    *(f"%d{mark}{month}{mark}{year}" for mark in " -/" for month in ("%b", "%B") for year in ("%Y", "%y")),
    *(f"{month} %d{mark} {year}" for month in ("%b", "%B") for mark in (",", "") for year in ("%Y", "%y")), "%Y-%b-%d",
    *(f"{month}{mark}{year}" for month in ("%b", "%B") for mark in " -" for year in ("%Y", "%y")),
)  # fmt: skip
MONTHLY = ("%Y-%m", "%Y/%m", "%m-%Y", "%m/%Y", "%YM%m")
COMPACT = ("%Y%m%dT%H%M", "%Y%m%dT%H%M%S")
ISO_WEEK = "%G-W%V-%u"
TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I %p", "%I%p")
ZONED = ("%H:%M:%S %Z", "%H:%M:%S %z")
SPLIT = {"%d/%b/%Y": (":",)}
"""Formats of a date that other marks than a blank, a comma or a T divide from a time: the log of a web server."""
DOTTED = ("%H.%M", "%H.%M.%S")
SHAPES = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}", "d": r"\d{1,2}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{1,2}",
    "S": r"\d{1,2}", "f": r"\d{1,9}", "p": r"[AaPp]\.?\s?[Mm]\.?", "b": r"[^\W\d_]{3,5}\.?", "B": r"[^\W\d_]{3,10}",
    "z": r"[+-]\d{2}:?\d{2}", "Z": "(?i:UTC|GMT)", "G": r"\d{4}", "V": r"\d{2}", "u": r"\d",
}  # fmt: skip
"""What the parts of a format look like: most formats are refused by it before a date is tried."""
NARROW = {"m": r"(?:1[0-2]|0?[1-9])", "d": r"(?:3[01]|[12]\d|0?[1-9])"}
"""What months and days are, where words are more than their shape."""
NAMES = ("%b", "%B", "%p", "%Z")
"""Parts that are written in many ways, which reading makes one of."""
HALVES = re.compile(r"(?i)\b([ap])\.\s?m\.?")
SINCE_1970 = "%s"
"""What the shell's ``date`` calls the seconds since 1970; that they are thousandths, or less, their number shows."""
FARTHEST = 1e11
"""Seconds since 1970 that no calendar has: so many and more are thousandths, millionths, billionths."""
FEW, MANY = 50, 500
"""Words that are looked at first: most formats do not fit these; and words of which these are then read first."""


def parse_dates(words: Sequence[str], form: str = "") -> np.ndarray:
    """Seconds since 1970 (words,) of dates that ``form`` writes, or ISO 8601; NaN where a word is no such date.

    In UTC where a zone is named. Months have English or Spanish names.
    """
    import pandas as pd

    if form == SINCE_1970:
        return read_seconds(pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy("float64"))
    texts = list(words)
    if form:
        texts = [english_months(word) for word in texts] if "%b" in form or "%B" in form else texts
        texts = [HALVES.sub(r"\1m", word) for word in texts] if "%p" in form else texts
        texts = [word.upper() for word in texts] if "%Z" in form else texts
        texts = ["" if word in ("now", "today") else word for word in texts]
    else:
        texts = [ZERO_ZONE.sub("Z", word) if ISO.fullmatch(word) else "" for word in texts]
    try:
        # An array: a series would double what this costs, which is done for each column and format.
        dates = pd.to_datetime(np.array(texts, object), format=form or "ISO8601", errors="coerce", utc=True)
    except (ValueError, OverflowError, TypeError):
        return np.full(len(texts), np.nan)
    seconds = np.asarray(dates, "datetime64[us]").astype("int64") / 1e6
    return np.where(dates.isna(), np.nan, seconds)


def read_dates(words: Sequence[str], form: str) -> np.ndarray:
    """As ``parse_dates``; beside dates of a format also those of ISO 8601, or times of 24 hours: none is two."""
    dates = parse_dates(words, form)
    others = ("%H:%M", "%H:%M:%S") if form.startswith("%H:%M") else () if not form or is_time_of_day(form) else ("",)
    for other in others:
        if (rest := np.flatnonzero(np.isnan(dates))).size:
            dates[rest] = parse_dates([words[i] for i in rest.tolist()], other)
    return dates


def read_seconds(numbers: np.ndarray) -> np.ndarray:
    """Seconds (n,) since 1970 of numbers (n,) that count these, or thousandths, millionths or billionths of them."""
    size = np.abs(numbers)
    units = np.select([size < FARTHEST * unit for unit in (1, 1e3, 1e6, 1e9)], [1, 1e3, 1e6, 1e9], np.nan)
    return np.asarray(numbers / units)


def english_months(word: str) -> str:
    """A date whose month, if it has a name, has its English one; without what says nothing: the day's name, ``de``, and
    the points and letters behind numbers and short names.
    """
    text = re.sub(r"\b(?:de|del)\b", " ", ORDINAL.sub("", WEEKDAY.sub("", word)).lower())
    text = NAME.sub(lambda name: MONTHS.get(name[0], name[0]), text)
    return re.sub(r"\s+", " ", re.sub(r"(?<=[a-z])\.", "", text)).strip()


def find_formats(words: Sequence[str]) -> list[str]:
    """The usual formats that all of some words fit; of those that mean the same by all words, the first alone."""
    if not words or not all(map(LOOKS_DATED.fullmatch, words)):
        return []
    formats: dict[bytes, str] = {}
    for form in likely_formats(words[0]):
        if not may_fit(words[:FEW], form) or (len(words) > MANY and np.isnan(parse_dates(words[:FEW], form)).any()):
            continue
        meant = parse_dates(words, form)
        if not np.isnan(meant).any():
            formats.setdefault(meant.tobytes(), form)
    return likely_years({form: np.frombuffer(meant) for meant, form in formats.items()})


def may_fit(words: Sequence[str], form: str) -> bool:
    """Whether some words may be dates as ``form`` writes them, by their days and months where these are numbers."""
    return any(part in form for part in NAMES) or all(map(shape_of(form, narrow=True).fullmatch, words))


def likely_years(formats: Mapping[str, np.ndarray]) -> list[str]:
    """Formats by the dates (n,) that they mean; of 05-01-23, the year is what has the fewer different values.

    Formats with years of two digits, at the end or the start, are kept both where it is not clear.
    """
    first = [form for form in formats if form.startswith("%y")]
    last = [form for form in formats if "%y" in form and not form.startswith("%y")]
    if not first or not last:
        return list(formats)

    def count_years(form: str) -> int:
        return len(np.unique(formats[form].astype("datetime64[s]").astype("datetime64[Y]")))

    at_start, at_end = count_years(first[0]), count_years(last[0])
    wrong = first if at_end < at_start else last if at_start < at_end else []
    return [form for form in formats if form not in wrong]


def likely_formats(word: str) -> tuple[str, ...]:
    """The formats that a word may have."""
    return formats_like(re.sub(r"\d", "0", word))


@functools.lru_cache(maxsize=1000)
def formats_like(word: str) -> tuple[str, ...]:
    """The formats that words may have which are as one is, but for their digits: many columns have the same."""
    texts = (word, english_months(word))
    return tuple(form for form in USUAL if shape_of(form).fullmatch(texts["%b" in form or "%B" in form]))


def with_times(date: str) -> Iterator[str]:
    """A format of a date with each usual one of a time."""
    yield date
    for mark in SPLIT.get(date, (" ", "T", ", ")):
        yield from (f"{date}{mark}{time}" for time in (*TIMES, *(ZONED if mark != "T" else ())))
    if ":" not in date:
        yield from (f"{date} {time}" for time in DOTTED)


USUAL = (
    *TIMES, *MONTHLY, *COMPACT, ISO_WEEK, *(form for date in (*DATES, *NAMED) for form in with_times(date)),
    *(form for date in SPLIT for form in with_times(date)), "%b %d %H:%M:%S %Y",
    "%b %d %H:%M:%S %z %Y",
)  # fmt: skip
"""Every usual format, in the order in which they are tried."""


@functools.cache
def shape_of(form: str, narrow: bool = False) -> re.Pattern[str]:
    """What words look like that a format may write; ``narrow``: by which numbers months and days may be too."""
    shapes = SHAPES | NARROW if narrow else SHAPES
    parts = re.split(r"%(\w)", form)
    shape = "".join(shapes[part] if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(shape.replace("{1,2}", "{2}") if form in COMPACT else shape)


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
    return bool(form) and not re.search("%[aAdbBmyYjUWcxGuVs]", form)
