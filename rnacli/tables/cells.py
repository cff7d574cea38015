"""What the cells of a column are wanted to be, and how their words become numbers."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import pandas as pd

from rnacli.tables.dates import read_dates
from rnacli.tables.durations import parse_duration
from rnacli.tables.fractions import parse_fraction
from rnacli.tables.numbers import CODE, FLOAT32_MAX, PLAIN, Written, parse_number

WHOLE = re.compile(r"\+?(-?(?:0|[1-9][0-9]*))(?:[.,]0*)?")
INVISIBLE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\u200e\u200f\u2060\ufeff"
"""Blanks, and signs without a width, such as the mark that begins a file and stands in the midst of joined ones."""
TRUE = frozenset(("true", "yes", "t", "y", "on", "1"))
FALSE = frozenset(("false", "no", "f", "n", "off", "0"))


MEASURES: Mapping[str, Callable[[str], float]] = {"duration": parse_duration, "fraction": parse_fraction}
"""Kinds of cells that are numbers, written otherwise -> how these are read."""
Check = Callable[[Sequence[str]], Mapping[str, tuple[str, str]]]
"""From words to what is wrong with those of them that are not wanted, and a hint."""


class Want(NamedTuple):
    """What a column is read as.

    ``kind``: ``number`` (with a ``unit`` beside each, if there is one), ``boolean``, ``date`` (read by ``format``, or
    as ISO 8601), ``duration`` (in seconds), ``fraction``, ``words`` (of which each different one is kept once),
    ``text``, or ``any``: numbers where all cells are, else words. ``missing``: whether cells may be missing; ``gone``:
    what says so in this column besides what does in all. ``strip``: characters taken off both ends. ``check``: what is
    wrong with texts of which not every one is wanted.
    """

    kind: str
    missing: bool = True
    strip: str = ""
    format: str = ""
    unit: str = ""
    gone: tuple[str, ...] = ()
    check: Check | None = None

    def written(self, written: Written) -> Written:
        """How the column is written, in a file that is ``written`` so."""
        return written._replace(missing=(*written.missing, *self.gone)) if self.gone else written


def clean_word(word: str, strip: str) -> str:
    """A cell's word without blanks around it and without what is to be taken off; of ``="01"``, as a spreadsheet writes
    a text that is no number, the text.
    """
    word = word.strip() if word.isascii() else word.strip(INVISIBLE)
    if word.startswith('="') and word.endswith('"') and len(word) > 3:
        word = word[2:-1]
    return word.strip(strip).strip() if strip else word


def read_words(column: pd.Series, want: Want, written: Written) -> tuple[np.ndarray, list[str]]:
    """Index (n,) of each cell's word, -1 where it is missing, and the different words."""
    codes, different = pd.factorize(column)
    spelled = map(spell_number, different) if column.dtype.kind in "iuf" else map(str, different)
    cleaned = [clean_word(word if word.isascii() else normalize("NFC", word), want.strip) for word in spelled]
    indices: dict[str, int] = {}
    numbers, gone = written.gone, {"", *written.missing}
    gone |= {word for word in cleaned if parse_number(word, written) in numbers} if numbers else set()
    new = np.array([-1 if word in gone else indices.setdefault(word, len(indices)) for word in cleaned], "int64")
    return np.where(codes < 0, -1, new[codes] if len(new) else -1), list(indices)


def read_numbers(column: pd.Series, want: Want, written: Written) -> np.ndarray:
    """A column (n,) float64 of what ``want`` says, NaN where missing; ``ValueError`` where a cell is something else."""
    written = want.written(written)
    if column.dtype.kind in "iuf" and want.kind in ("number", "any") and not want.unit:
        values = column.to_numpy("float64")
        if gone := written.gone:
            values = np.where(np.isin(values, list(gone)), np.nan, values)
        if not (np.abs(values[~np.isnan(values)]) <= FLOAT32_MAX).all():
            raise ValueError("infinite numbers")
        return values
    codes, words = read_words(column, want, written)
    meanings = np.append(word_numbers(words, want, written), math.nan)
    if np.isnan(meanings[:-1]).any():
        raise ValueError(f"{want.kind}: {words[int(np.isnan(meanings[:-1]).argmax())]}")
    return np.asarray(meanings[codes])


def word_numbers(words: Sequence[str], want: Want, written: Written = PLAIN) -> np.ndarray:
    """Words as the numbers (words,) that they mean; NaN for one that means none."""
    if want.kind == "boolean":
        lower = [word.lower() for word in words]
        return np.array([1.0 if word in TRUE else 0.0 if word in FALSE else math.nan for word in lower])
    if want.kind == "date":
        return read_dates(words, want.format)
    if want.kind in MEASURES:
        return np.array([MEASURES[want.kind](word) for word in words], "float64")
    accounts = want.kind == "number"
    values = np.array([parse_number(word, written, want.unit, accounts) for word in words], "float64")
    return np.where(np.abs(values) <= FLOAT32_MAX, values, math.nan)


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
    return word if match is None else "0" if match[1] == "-0" else match[1]


def spell_labels(labels: np.ndarray) -> list[str]:
    """Labels as text: whole numbers without a fraction, words as they are, without blanks around them."""
    if labels.dtype.kind in "iub":
        return [str(int(label)) for label in labels]
    if labels.dtype.kind == "f":
        return [spell_number(label) for label in labels.tolist()]
    return [str(label).strip() for label in labels]


def join_spellings(words: Iterable[str]) -> list[str]:
    """Different words; whole numbers that are spelled in several ways, one of them as 1 or 1.0, as the plainest."""
    different = dict.fromkeys(words)
    plain = Counter(whole_number(word) for word in different)
    forms = {whole_form(word) for word in different if WHOLE.fullmatch(word)}
    joined = {word: number for word in different if (number := whole_number(word)) in forms and plain[number] > 1}
    return list(dict.fromkeys(joined.get(word, word) for word in different))


def whole_number(word: str) -> str:
    """The whole number that a word means, written plainly; the word itself for a code, or what is no such number."""
    spelled = word if CODE.match(word.lstrip("+-")) else spell_word(word)
    return spelled if WHOLE.fullmatch(spelled) and len(spelled) < 16 else whole_form(word)


def find_places(words: Iterable[str], vocabulary: Sequence[str], other: int) -> np.ndarray:
    """The index (words,) of each word in the ``vocabulary``, ``other`` where it is none of them.

    A number that is spelled otherwise is the same one, unless known words differ in just their spelling: there 1E5 is
    100000 if that is known.
    """
    places = {word: i for i, word in enumerate(vocabulary)}
    spell = spell_word if all(spell_word(word) == word for word in vocabulary) else whole_form
    alike = {spell(word): i for word, i in reversed(places.items())}
    plain = {word: i for word, i in places.items() if WHOLE.fullmatch(word)}
    return np.array(
        [places.get(word, alike.get(spell(word), plain.get(whole_number(word), other))) for word in words], "int64"
    )


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
