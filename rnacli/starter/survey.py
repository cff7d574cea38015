"""What each column of a table would be to a network: an input of some kind or none, and why."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnacli.document.write import name_hint
from rnacli.encoders.column import Found
from rnacli.encoders.kind_of import infer_kind
from rnacli.tables.gather import count_words
from rnacli.tables.numbers import Written, parse_number
from rnacli.tables.table import Table
from rnacli.words import fill_template

ENOUGH = 20
"""Rows from which two columns that say the same are no accident."""
NAMES_ROWS = re.compile(r"(?i:(^|[\W_])(id|index))$|[a-z]I[dD]$")
"""Names of columns of numbers that name rows: id, user_id, PassengerId."""
IGNORE = "ignore"


class ColumnSurvey(NamedTuple):
    """A column: what it holds (``kind`` as in ``kind_of``), how many rows have no value, and what a config is to
    ``say`` of it (``None``: nothing) and why.
    """

    name: str
    kind: str
    missing: int
    say: Any = None
    why: str = ""

    @property
    def is_input(self) -> bool:
        return bool(self.say != IGNORE)


def survey_columns(
    table: Table, names: Iterable[str], targets: Mapping[str, np.ndarray], written: Written
) -> list[ColumnSurvey]:
    """The columns ``names``; ``targets``: each target's values (n,), as in ``Table.values``."""
    surveyed: list[ColumnSurvey] = []
    patterns: dict[tuple[str, bytes], str] = {}
    for name in names:
        values = column_values(table, name)
        column = look_at_column(table, name, values, written)
        if column.is_input and len(values) >= ENOUGH:
            answers = next((target for target, y in targets.items() if repeats_target(values, y)), None)
            pattern = pattern_of(values)
            # A number and a word for it are kept: the one has an order, the other has none.
            twin = patterns.setdefault((column.kind, pattern), name) if pattern else name
            if answers is not None:
                column = left_out(
                    column,
                    fill_template("it repeats {answers:.40}: the network would be given the answer", answers=answers),
                )
            elif twin != name:
                column = left_out(column, fill_template("it says the same as {twin:.40}, row by row", twin=twin))
        surveyed.append(column)
    if not any(column.is_input for column in surveyed):
        # A number of the row may be a time, and is better than nothing.
        surveyed = [column._replace(say=None, why="") if column.why == COUNTS else column for column in surveyed]
    return surveyed


def column_values(table: Table, name: str) -> np.ndarray:
    return table.values[:, table.columns.index(name)]


def left_out(column: ColumnSurvey, why: str) -> ColumnSurvey:
    return column._replace(say=IGNORE, why=why)


# One column


def look_at_column(table: Table, name: str, values: np.ndarray, written: Written) -> ColumnSurvey:
    """A column by itself."""
    present = values[~np.isnan(values)]
    words = table.words.get(name, ())
    found = Found("numeric" if len(present) else "empty", "")
    if name in table.words:
        found = infer_kind(words, count_words(table, name), written)
    column = ColumnSurvey(name, found.kind, len(values) - len(present))
    if found.kind == "faulty" and found.hint:
        return left_out(
            column, fill_template("{why:.200}; {hint:.200}", why=found.why, hint=name_hint(name, found.hint))
        )
    if why := no_input(column, present, words, written):
        return left_out(column, why)
    if found.kind in ("categorical", "text"):
        return words_as_input(column, words)
    stated = {key: value for key in ("format", "unit") if (value := getattr(found.want, key))}
    return column._replace(say=stated, why=found.why) if stated else column


def no_input(column: ColumnSurvey, present: np.ndarray, words: Sequence[str], written: Written) -> str:
    """Why a column teaches a network nothing, or cannot be read; an empty text if it may."""
    different = len(pd.unique(present))
    if column.kind == "empty":
        return "every value is missing"
    if different == 1 and not (column.missing and is_answer(column, present)):
        return "its value is always the same"
    if column.kind in ("categorical", "text", "faulty") and nearly_unique(words, present):
        return f"{len(words):,} different words in {len(present):,} rows: too many to learn from"
    if column.kind == "faulty":
        others = [word for word in words if math.isnan(parse_number(word, written))]
        return fill_template(
            "numbers, and among them '{other:.20}': if that is a missing value, add it to missing", other=others[0]
        )
    if column.kind == "numeric" and not column.missing and counts_rows(column.name, present):
        return COUNTS
    return ""


def is_answer(column: ColumnSurvey, present: np.ndarray) -> bool:
    """Whether a column of one value says something where it has none: yes or nothing, 1 or nothing, a word or none."""
    return column.kind in ("categorical", "boolean") or (column.kind == "numeric" and present[0] in (0, 1))


COUNTS = "it counts the rows"


def counts_rows(name: str, values: np.ndarray) -> bool:
    """Whether whole numbers (n,), no two alike, are 0 or 1 to n or have a name that says so."""
    if (values % 1).any() or len(np.unique(values)) < len(values):
        return False
    in_turn = values.min() in (0, 1) and values.max() - values.min() == len(values) - 1
    return bool(in_turn or NAMES_ROWS.search(name))


def words_as_input(column: ColumnSurvey, words: Sequence[str]) -> ColumnSurvey:
    """A column of words, which are categories."""
    if column.kind == "text":
        why = f"{len(words):,} different words: a vector for each is learnt"
        return column._replace(say={"encode": "embedding"}, why=why)
    return column


def nearly_unique(words: Sequence[str], present: np.ndarray) -> bool:
    """Whether words stand for single rows; ``present`` (n,): the cells that are not missing."""
    return len(words) == len(present) > 4 or (len(words) > ENOUGH and 2 * len(words) > len(present))


# Two columns


def pattern_of(values: np.ndarray) -> bytes | None:
    """The same for columns (n,) if each value of one goes with one of the other; ``None`` where few rows are alike."""
    codes, different = pd.factorize(values)
    return codes.tobytes() if 1 < len(different) <= len(values) / 5 else None


def repeats_target(values: np.ndarray, target: np.ndarray) -> bool:
    """Whether a column (n,) says what the target (n,) is: value for value, or on a straight line."""
    both = ~np.isnan(values) & ~np.isnan(target)
    if 2 * both.sum() < len(values) or both.sum() < ENOUGH:
        return False
    one, other = values[both], target[both]
    pattern = pattern_of(one)
    if pattern is not None and pattern == pattern_of(other):
        return True
    if one.std() == 0 or other.std() == 0 or len(np.unique(other)) <= 2:
        return False
    return bool(abs(np.corrcoef(one, other)[0, 1]) > 1 - 1e-9)
