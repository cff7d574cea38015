"""What a column of a table holds, judged by all its words, and why."""

from collections.abc import Sequence

import numpy as np

from rnacli.encoders.column import Content
from rnacli.encoders.looks import find_look, gaps_among
from rnacli.encoders.table import COLUMN_KINDS
from rnacli.tables.cells import Want
from rnacli.tables.dates import parse_dates
from rnacli.tables.numbers import CODE, GONE, PLAIN, Written, parse_number
from rnacli.words import fill_template

MOST_CATEGORIES = 100
"""Different words that a column may have and still be taken for categories, unless the config says so."""
AS_NUMBERS = "as numbers: columns: {{column}: numeric}"
COMPACT = ("%d%m%Y", "%m%d%Y")
"""Dates that are nothing but digits, and may begin with a zero."""
FEWEST_WORDS = 5
"""Words within a cell from which it is a sentence: the full names of people have four."""


def infer_kind(words: Sequence[str], counts: np.ndarray, written: Written = PLAIN) -> Content:
    """What a column holds that has these different ``words``, each in ``counts`` (words,) rows."""
    if not len(words):
        return Content("empty", "no values")
    numbers = ~np.isnan([parse_number(word, written) for word in words])
    rows, whole = int(counts.sum()), int(counts[numbers].sum())
    if whole == rows and (code := next(filter(CODE.fullmatch, words), "")):
        why = fill_template("codes such as {code:.20}", code=code)
        form = next((form for form in COMPACT if not np.isnan(parse_dates(words, form)).any()), "")
        hint = "if they are dates: columns: {{column}: {format: '%s'}}" if form else AS_NUMBERS
        return Content(word_kind(words), why, Want("words"), hint.replace("%s", form))
    for kind, column in COLUMN_KINDS.items():
        if content := column.recognize(words, written):
            return content
        if kind == "numeric" and 2 * whole > rows:
            return Content("faulty", fill_template("{whole:,} of {rows:,} values are numbers", whole=whole, rows=rows))
    if content := find_look(words, counts, written) or find_gaps(words, counts, written):
        return content
    different = fill_template("{count:,} different words", count=len(words)) if len(words) > 1 else "one word"
    return Content(word_kind(words), different, Want("words"))


MEASURED = ("numeric", "date", "duration", "fraction")
"""Kinds of which words that say nothing are none."""


def find_gaps(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """What a column holds besides words that say that there is no value; ``None`` where that are just words."""
    gone = np.array([word.lower() in GONE for word in words])
    if not gone.any() or len(words) - gone.sum() < 2:
        return None
    rest = infer_kind([word for word, gap in zip(words, gone, strict=True) if not gap], counts[~gone], written)
    if rest.kind == "faulty" and rest.hint:
        return rest
    return gaps_among(words, rest.why) if rest.kind in MEASURED else None


def are_sentences(cells: Sequence[str]) -> bool:
    """Whether at least half of different cells are sentences: texts, and no categories."""
    return 2 * sum(len(cell.split(maxsplit=FEWEST_WORDS)) >= FEWEST_WORDS for cell in cells) >= len(cells) > 0


def word_kind(words: Sequence[str]) -> str:
    return "categorical" if len(words) <= MOST_CATEGORIES else "words"
