"""What the cells of a column are wanted to be, and how their words become numbers."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

FLOAT32_MAX = 3.4028234663852886e38
WHOLE = re.compile(r"([-+]?(?:0|[1-9][0-9]*))[.,]0+")
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
TRUE = frozenset(("true", "yes", "t", "y", "on", "1"))
FALSE = frozenset(("false", "no", "f", "n", "off", "0"))
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
"""Dates as ISO 8601 writes them, the only ones that are not ambiguous."""


class Want(NamedTuple):
    """What a column is read as.

    ``kind``: ``number``, ``boolean``, ``date`` (read by ``format``, or as ISO 8601), ``words`` (of which each different
    one is kept once), ``text``, or ``any``: numbers where all cells are, else words. ``missing``: whether cells may be
    missing. ``strip``: characters taken off both ends.
    """

    kind: str
    missing: bool = True
    strip: str = ""
    format: str = ""


class Written(NamedTuple):
    """How numbers and missing values are written."""

    decimal: str
    missing: tuple[str, ...]

    @property
    def gone(self) -> frozenset[float]:
        """The numbers that stand for a missing value: where -999 does, so does -999.0."""
        found = {parse_number(word, decimal) for word in self.missing for decimal in (".", self.decimal)}
        return frozenset(value for value in found if not math.isnan(value))

    def is_missing(self, word: str) -> bool:
        """Whether a word, without blanks around it, stands for a missing value."""
        return not word or word in self.missing or parse_number(word, self.decimal) in self.gone


def clean_word(word: str, strip: str) -> str:
    """A cell's word without blanks around it and without what is to be taken off."""
    word = word.strip()
    return word.strip(strip).strip() if strip else word


def read_words(column: pd.Series, want: Want, written: Written) -> tuple[np.ndarray, list[str]]:
    """Index (n,) of each cell's word, -1 where it is missing, and the different words."""
    codes, different = pd.factorize(column)
    spelled = map(spell_number, different) if column.dtype.kind in "iuf" else map(str, different)
    cleaned = [clean_word(word, want.strip) for word in spelled]
    known: dict[str, int] = {}
    numbers, gone = written.gone, {"", *written.missing}
    gone |= {word for word in cleaned if parse_number(word, written.decimal) in numbers} if numbers else set()
    new = np.array([-1 if word in gone else known.setdefault(word, len(known)) for word in cleaned], "int64")
    return np.where(codes < 0, -1, new[codes] if len(new) else -1), list(known)


def read_numbers(column: pd.Series, want: Want, written: Written) -> np.ndarray:
    """A column (n,) float64 of what ``want`` says, NaN where missing; ``ValueError`` where a cell is something else."""
    if column.dtype.kind in "iuf" and want.kind in ("number", "any"):
        values = column.to_numpy("float64")
        if gone := written.gone:
            values = np.where(np.isin(values, list(gone)), np.nan, values)
        if not (np.abs(values[~np.isnan(values)]) <= FLOAT32_MAX).all():
            raise ValueError("infinite numbers")
        return values
    codes, words = read_words(column, want, written)
    meanings = np.array([word_number(word, want, written.decimal) for word in words] + [math.nan])
    if np.isnan(meanings[:-1]).any():
        raise ValueError(f"{want.kind}: {words[int(np.isnan(meanings[:-1]).argmax())]}")
    return np.asarray(meanings[codes])


def word_number(word: str, want: Want, decimal: str) -> float:
    """A word as the number that it means; NaN if it means none."""
    if want.kind == "boolean":
        return 1.0 if word.lower() in TRUE else 0.0 if word.lower() in FALSE else math.nan
    if want.kind == "date":
        return parse_date(word, want.format)
    value = parse_number(word, decimal)
    return value if abs(value) <= FLOAT32_MAX else math.nan


def parse_number(word: str, decimal: str) -> float:
    """The number that a word writes with a decimal mark; NaN if it writes none."""
    text = word if decimal == "." else word.replace(".", "_").replace(decimal, ".")
    return float(text) if NUMBER.fullmatch(text) else math.nan


def parse_date(word: str, form: str) -> float:
    """A date in seconds since 1970, in UTC where it names a zone; NaN if it is none."""
    known = word not in ("now", "today") if form else DATE.fullmatch(word)
    try:
        date = pd.to_datetime(word, format=form or "ISO8601") if known else pd.NaT
    except (ValueError, OverflowError):
        return math.nan
    return float(date.timestamp()) if isinstance(date, pd.Timestamp) else math.nan


def spell_number(number: float) -> str:
    """Whole numbers without a fraction: 1.0 is 1."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def spell_word(label: str) -> str:
    """A word that is a number as numbers are spelled; other words as they are."""
    try:
        number = float(label)
    except ValueError:
        return label
    if not math.isfinite(number) or "_" in label:
        return label
    return spell_number(number)


def whole_form(word: str) -> str:
    """A whole number without its empty fraction, 1.0 as 1; any other word as it is: 01, 1.10 and 1E5 are spellings."""
    match = WHOLE.fullmatch(word)
    return match[1] if match else word


def spell_labels(labels: np.ndarray) -> list[str]:
    """Labels as text: whole numbers without a fraction, words as they are, without blanks around them."""
    if labels.dtype.kind in "iub":
        return [str(int(label)) for label in labels]
    if labels.dtype.kind == "f":
        return [spell_number(label) for label in labels.tolist()]
    return [str(label).strip() for label in labels]


def join_spellings(words: Iterable[str]) -> list[str]:
    """Different words, those like 1.0 left out where 1 is among them."""
    different = dict.fromkeys(words)
    return [word for word in different if whole_form(word) == word or whole_form(word) not in different]


def find_places(words: Iterable[str], known: Sequence[str], other: int) -> np.ndarray:
    """The index (words,) of each word among those ``known``, ``other`` where it is none of them.

    A number that is spelled otherwise is the same one, unless known words differ in just their spelling.
    """
    places = {word: i for i, word in enumerate(known)}
    spell = spell_word if all(spell_word(word) == word for word in known) else whole_form
    alike = {spell(word): i for word, i in reversed(places.items())}
    return np.array([places.get(word, alike.get(spell(word), other)) for word in words], "int64")


def find_distinct(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different labels and, for each row, the index of its own; by hashing, since words are slow to sort."""
    inverse, different = pd.factorize(y, use_na_sentinel=False)
    labels = np.array(different)
    if labels.dtype == object:
        labels[pd.isna(labels)] = None
    return labels, inverse


def sort_words(words: Sequence[str]) -> list[str]:
    """Words that are all numbers in the order of those, others in that of the alphabet."""
    try:
        return sorted(words, key=float)
    except ValueError:
        return sorted(words)
