"""What each column of a table would be to a network: an input of some kind or none, and why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnacli.encoders.kind_of import infer_kind
from rnacli.tables.cells import NUMBER
from rnacli.tables.gather import count_words
from rnacli.tables.table import Table
from rnacli.words import fill_template

ENOUGH = 20
"""Rows from which two columns that say the same are no accident."""
NAMES_ROWS = re.compile(r"(?i:(^|[\W_])(id|index))$|[a-z]I[dD]$")
"""Names of columns of numbers that name rows: id, user_id, PassengerId."""
DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
DATE_FORMATS = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d")
"""Dates that ISO 8601 does not write so."""
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
    table: Table, names: Iterable[str], targets: Mapping[str, np.ndarray], decimal: str
) -> list[ColumnSurvey]:
    """The columns ``names``; ``targets``: each target's values (n,), as in ``Table.values``."""
    surveyed: list[ColumnSurvey] = []
    patterns: dict[tuple[str, bytes], str] = {}
    for name in names:
        values = column_values(table, name)
        column = look_at_column(table, name, values, decimal)
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


def look_at_column(table: Table, name: str, values: np.ndarray, decimal: str) -> ColumnSurvey:
    """A column by itself."""
    present = values[~np.isnan(values)]
    words = table.words.get(name, ())
    if name in table.words:
        kind = infer_kind(words, count_words(table, name), decimal).kind
    else:
        kind = "numeric" if len(present) else "empty"
    column = ColumnSurvey(name, kind, len(values) - len(present))
    if why := no_input(column, present, words, decimal):
        return left_out(column, why)
    return words_as_input(column, words) if kind in ("categorical", "text") else column


def no_input(column: ColumnSurvey, present: np.ndarray, words: Sequence[str], decimal: str) -> str:
    """Why a column teaches a network nothing, or cannot be read; an empty text if it may."""
    different = len(pd.unique(present))
    if column.kind == "empty":
        return "every value is missing"
    if different == 1 and (not column.missing or column.kind != "categorical"):
        return "its value is always the same"
    if (
        column.kind in ("categorical", "text", "faulty")
        and nearly_unique(words, present)
        and not find_date_format(words)
    ):
        return f"{len(words):,} different words in {len(present):,} rows: too many to learn from"
    if column.kind == "faulty":
        others = [word for word in words if not NUMBER.fullmatch(word.replace(decimal, "."))]
        return fill_template(
            "numbers, and among them '{other:.20}': if that is a missing value, add it to missing", other=others[0]
        )
    if column.kind == "numeric" and not column.missing and counts_rows(column.name, present):
        return COUNTS
    return ""


COUNTS = "it counts the rows"


def counts_rows(name: str, values: np.ndarray) -> bool:
    """Whether whole numbers (n,), no two alike, are 0 or 1 to n or have a name that says so."""
    if (values % 1).any() or len(np.unique(values)) < len(values):
        return False
    in_turn = values.min() in (0, 1) and values.max() - values.min() == len(values) - 1
    return bool(in_turn or NAMES_ROWS.search(name))


def words_as_input(column: ColumnSurvey, words: Sequence[str]) -> ColumnSurvey:
    """A column of words: dates written in another way, or categories."""
    if written := find_date_format(words):
        return column._replace(kind="date", say={"format": written}, why="dates, which are not written year-month-day")
    if column.kind == "text":
        why = f"{len(words):,} different words: a vector for each is learnt"
        return column._replace(say={"encode": "embedding"}, why=why)
    return column


def nearly_unique(words: Sequence[str], present: np.ndarray) -> bool:
    """Whether words stand for single rows; ``present`` (n,): the cells that are not missing."""
    return len(words) == len(present) > 4 or (len(words) > ENOUGH and 2 * len(words) > len(present))


def find_date_format(words: Sequence[str]) -> str:
    """The only one of some formats that fits all words; an empty text if there is none, or more than one."""
    if len(words) < 2 or not all(map(DATE.fullmatch, words)):
        return ""
    fitting = [form for form in DATE_FORMATS if pd.to_datetime(list(words), format=form, errors="coerce").notna().all()]
    return fitting[0] if len(fitting) == 1 else ""


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
