"""What each column of a table would be to a network: an input of some kind or none, and why."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rnacli.data.columns import are_paths
from rnacli.data.picture_columns import locate_picture
from rnacli.document.write import name_hint
from rnacli.encoders.column import Content
from rnacli.encoders.kind_of import are_sentences, infer_kind
from rnacli.encoders.odd_numbers import counts_rows, find_odd
from rnacli.encoders.section import KINDS_OF_COLUMN
from rnacli.language import translate
from rnacli.pictures.survey import survey_pictures
from rnacli.tables.cells import word_numbers
from rnacli.tables.csv.faults import MEND, number_hint
from rnacli.tables.gather import count_words
from rnacli.tables.numbers import Written, parse_number
from rnacli.tables.several import find_separator
from rnacli.tables.table import Table
from rnacli.words import fill_template

ENOUGH = 20
"""Rows from which two columns that say the same are no accident."""
FEW = 5
"""Different words among numbers that are slips, and no words to learn from."""
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
    table: Table,
    names: Iterable[str],
    targets: Mapping[str, np.ndarray],
    written: Written,
    are_numbers: bool = False,
    folder: Path | None = None,
) -> list[ColumnSurvey]:
    """The columns ``names``; ``targets``: each target's values (n,), as in ``Table.values``.

    ``are_numbers``: the targets are numbers to predict, of which another number may be a law, and no code.
    ``folder``: that of the table, from which paths start.
    """
    surveyed: list[ColumnSurvey] = []
    patterns: dict[tuple[str, bytes], str] = {}
    for name in names:
        content = content_of(table, name, written)
        values = read_values(table, name, content, written)
        column = look_at_column(table, name, values, content, written)
        if folder is not None and (pictures := look_for_pictures(name, table.words.get(name, ()), folder)):
            surveyed.append(pictures._replace(missing=column.missing))
            continue
        if column.is_input and len(values) >= ENOUGH:
            is_law = are_numbers and column.kind == "numeric"
            answers = next((target for target, y in targets.items() if repeats_target(values, y, is_law)), None)
            line = next((target for target, y in targets.items() if is_law and on_a_line(values, y)), None)
            pattern = pattern_of(values)
            # A number and a word for it are kept: the one has an order, the other has none.
            twin = patterns.setdefault((column.kind, pattern), name) if pattern else name
            if answers is not None:
                column = left_out(column, fill_template(REPEATS, answers=answers))
            elif twin != name:
                column = left_out(column, fill_template("it says the same as {twin:.40}, row by row", twin=twin))
            elif line is not None:
                column = column._replace(say=column.kind, why=fill_template(STRAIGHT, target=line))
        surveyed.append(column)
    if not any(column.is_input for column in surveyed):
        # A number of the row may be a time, and is better than nothing.
        surveyed = [
            column._replace(say=None, why="") if column.why == fill_template(COUNTS) else column for column in surveyed
        ]
    if not any(column.is_input for column in surveyed):
        surveyed = [keep_answer(column) for column in surveyed]
    return surveyed


REPEATS = "it repeats {answers:.40}: the network would be given the answer"
STRAIGHT = "{target:.40} lies on a straight line over it, and it says all of it: ignore it if it is made from that"


def keep_answer(column: ColumnSurvey) -> ColumnSurvey:
    """A column that repeats the answer, where there is no other input."""
    if not column.why.startswith(translate(REPEATS).partition("{")[0]):
        return column
    kind = column.kind if column.kind in KINDS_OF_COLUMN else "categorical"
    return column._replace(say=kind, why=fill_template("the only input, and {why:.300}", why=column.why))


def column_values(table: Table, name: str) -> np.ndarray:
    return table.values[:, table.columns.index(name)]


def left_out(column: ColumnSurvey, why: str) -> ColumnSurvey:
    return column._replace(say=IGNORE, why=why)


# One column


def content_of(table: Table, name: str, written: Written) -> Content:
    """What a column holds, judged by all its values."""
    if name in table.words:
        return infer_kind(table.words[name], count_words(table, name), written)
    return Content("empty" if np.isnan(column_values(table, name)).all() else "numeric", "")


def read_values(table: Table, name: str, content: Content, written: Written) -> np.ndarray:
    """The values (n,) of a column: numbers, also where words such as 35 € write them; else the codes of its words."""
    values = column_values(table, name)
    if content.kind != "numeric" or name not in table.words:
        return values
    numbers = np.append(word_numbers(table.words[name], content.want, written), math.nan)
    return np.asarray(numbers[np.where(np.isnan(values), -1, values).astype("int64")])


def look_at_column(table: Table, name: str, values: np.ndarray, content: Content, written: Written) -> ColumnSurvey:
    """A column by itself, of these ``values`` (n,)."""
    present = values[~np.isnan(values)]
    words = table.words.get(name, ())
    column = ColumnSurvey(name, content.kind, len(values) - len(present))
    if content.kind == "faulty" and content.hint:
        return left_out(
            column,
            fill_template(
                "{why:.200}; {hint:.200}", why=fill_template(content.why), hint=name_hint(name, content.hint)
            ),
        )
    if content.kind in ("categorical", "words") and (separator := find_separator(words)):
        why = "several values in a cell: an input for each"
        return column._replace(kind="several", say={"split": separator, "output_mode": "multi_hot"}, why=why)
    if len(words) > ENOUGH and content.kind in ("categorical", "words") and are_sentences(words):
        return column._replace(kind="text", say="text", why=fill_template("sentences, of which each word is a number"))
    if why := no_input(column, present, words, written):
        return left_out(column, why)
    if content.kind in ("categorical", "words"):
        return words_as_input(column, words)
    odd = find_odd(name, present) if content.kind == "numeric" and name not in table.words else None
    if odd and odd.form:
        why = fill_template("{numbers:.200}: dates", numbers=odd.why)
        return column._replace(say={"format": odd.form}, why=why)
    if odd:
        why = fill_template("{why:.200}; {hint:.200}", why=fill_template(odd.why), hint=name_hint(name, odd.hint))
        return column._replace(why=why)
    stated = {key: value for key in ("format", "unit") if (value := getattr(content.want, key))}
    return column._replace(say=stated, why=content.why) if stated else column


def look_for_pictures(name: str, words: Sequence[str], folder: Path) -> ColumnSurvey | None:
    """A column whose words are paths of pictures that are there; ``None`` where they are not."""
    if not are_paths(words):
        return None
    paths = [folder / locate_picture(folder, word) for word in words]
    survey = survey_pictures([path for path in paths if path.is_file()])
    if survey is None:
        return None
    say = {"kind": "image", "image_size": list(survey.image_size), "scale": {"rescale": 255}}
    more = {"color_mode": "grayscale"} if survey.is_grey else {}
    if any(not path.is_file() for path in paths):
        more["unreadable"] = "skip"
    missing = sum(not path.is_file() for path in paths)
    why = fill_template("pictures, most of {height} x {width}", height=survey.height, width=survey.width) + (
        fill_template("; {missing:,} are not there", missing=missing) if missing else ""
    )
    return ColumnSurvey(name, "image", 0, say | more, why)


def no_input(column: ColumnSurvey, present: np.ndarray, words: Sequence[str], written: Written) -> str:
    """Why a column teaches a network nothing, or cannot be read; an empty text if it may."""
    different = len(pd.unique(present))
    if column.kind == "empty":
        return fill_template("every value is missing")
    if different == 1 and not (column.missing and is_answer(column, present)):
        return fill_template("its value is always the same")
    others = [word for word in words if math.isnan(parse_number(word, written))] if column.kind == "faulty" else []
    if others and (hint := number_hint(others[0], column.name, written)) != MEND:
        return fill_template("numbers, but also '{other:.20}'; {hint:.200}", other=others[0], hint=fill_template(hint))
    if (
        column.kind in ("categorical", "words", "faulty")
        and not 0 < len(others) <= FEW
        and nearly_unique(words, present)
    ):
        return fill_template(
            "{count:,} different words in {total:,} rows: too many to learn from", count=len(words), total=len(present)
        )
    if others:
        return fill_template(
            "numbers, but also '{other:.20}': if that is a missing value, add it to missing", other=others[0]
        )
    if column.kind == "numeric" and not column.missing and counts_rows(column.name, present):
        return fill_template(COUNTS)
    return ""


def is_answer(column: ColumnSurvey, present: np.ndarray) -> bool:
    """Whether a column of one value says something where it has none: yes or nothing, 1 or nothing, a word or none."""
    return column.kind in ("categorical", "boolean") or (column.kind == "numeric" and present[0] in (0, 1))


COUNTS = "it counts the rows"


def words_as_input(column: ColumnSurvey, words: Sequence[str]) -> ColumnSurvey:
    """A column of words, which are categories."""
    if column.kind == "words":
        why = fill_template("{count:,} different words: a vector for each is learnt", count=len(words))
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


def repeats_target(values: np.ndarray, target: np.ndarray, is_law: bool = False) -> bool:
    """Whether a column (n,) is the target (n,) or a code for it, value for value.

    ``is_law``: both are numbers to learn from and to predict; then one is no code for the other.
    """
    one, other = both_present(values, target)
    if len(one) == 0:
        return False
    if is_law:
        return bool((one == other).all())
    pattern = pattern_of(one)
    return pattern is not None and pattern == pattern_of(other)


def on_a_line(values: np.ndarray, target: np.ndarray) -> bool:
    """Whether a target (n,) of numbers is a straight line over a column (n,)."""
    one, other = both_present(values, target)
    if len(one) == 0 or one.std() == 0 or other.std() == 0:
        return False
    return bool(abs(np.corrcoef(one, other)[0, 1]) > 1 - 1e-9)


def both_present(values: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows (m,) of a column and a target (n,) that have both; none where they are too few to tell."""
    both = ~np.isnan(values) & ~np.isnan(target)
    if 2 * both.sum() < len(values) or both.sum() < ENOUGH:
        return values[:0], target[:0]
    return values[both], target[both]
