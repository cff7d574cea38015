"""What a column of a table holds, judged by all its words, and why."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnacli.encoders.table import COLUMN_KINDS
from rnacli.tables.cells import NUMBER

MOST_CATEGORIES = 100
"""Different words that a column may have and still be taken for categories, unless the config says so."""


class Found(NamedTuple):
    """``kind``: numeric, boolean, date, categorical, ``faulty`` (numbers with other words among them), ``text`` (too
    many different words for categories) or ``empty``; ``why``: in words, for people."""

    kind: str
    why: str


def infer_kind(words: Sequence[str], counts: np.ndarray, decimal: str = ".") -> Found:
    """What a column holds that has these different ``words``, each in ``counts`` (words,) rows."""
    if not len(words):
        return Found("empty", "no values")
    numbers = np.array([bool(NUMBER.fullmatch(word.replace(decimal, "."))) for word in words])
    rows = int(counts.sum())
    if 2 * int(counts[numbers].sum()) > rows:
        return Found("faulty", f"{int(counts[numbers].sum()):,} of {rows:,} values are numbers")
    for kind, column in COLUMN_KINDS.items():
        if why := column.recognize(words):
            return Found(kind, why)
    different = f"{len(words):,} different words" if len(words) > 1 else "one word"
    return Found("categorical" if len(words) <= MOST_CATEGORIES else "text", different)
