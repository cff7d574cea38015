"""Data frames: each column as it is wanted, whatever its type in the file, and the row of what does not fit."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import problem_of

from rnacli.errors import DATA
from rnacli.tables.cells import Want
from rnacli.tables.convert import convert_frame
from rnacli.tables.csv.text import Format
from rnacli.tables.frames import convert_frames
from rnacli.tables.numbers import Written
from rnacli.tables.table import Table

WRITTEN = Written(".", ("", "NA"))
ANY, NUMBER, WORDS, BOOLEAN, DATE, TEXT = (Want(k) for k in ("any", "number", "words", "boolean", "date", "text"))


def table(columns: Mapping[str, Any], **wants: Want) -> Table:
    return convert_frame(pd.DataFrame(columns), wants, WRITTEN, 0)


def cells(made: Table, name: str) -> list[Any]:
    """A column as the words or the numbers that it holds."""
    values = [None if np.isnan(value) else value for value in made.values[:, made.columns.index(name)].tolist()]
    words = made.words.get(name)
    return values if words is None else [None if value is None else words[int(value)] for value in values]


def test_columns_come_in_the_order_wanted_and_texts_apart() -> None:
    made = table({"a": [1, 2], "b": ["x", "y"], "c": ["u", "u"], "d": [9, 9]}, c=TEXT, b=WORDS, a=NUMBER)
    assert made.columns == ("b", "a")
    assert made.values.tolist() == [[0, 1], [1, 2]]
    assert made.values.dtype == np.float64
    assert made.words == {"b": ["x", "y"]}
    assert made.texts["c"].tolist() == ["u", "u"]
    assert len(made) == 2


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([1, 2], [1, 2]), ([1.5, math.nan], [1.5, None]), (["1", "2.50"], [1, 2.5]), (["1",
        "NA", None], [1, None, None]),
        (["1", "x"], ["1", "x"]), (["a", " a ", None, "b"], ["a", "a", None, "b"]), ([None, "NA", ""], [None] * 3),
        (["True", "1"], ["True", "1"]), (["1", "inf"], ["1", "inf"]), (["1", "1_0"], ["1", "1_0"]),
    ],
)  # fmt: skip
def test_anything_is_numbers_where_all_cells_are_else_words(values: list[Any], read: list[Any]) -> None:
    assert cells(table({"x": values}, x=ANY), "x") == read


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([1.0, 2.0, 1.0], ["1", "2", "1"]), ([1, 2, 1], ["1", "2", "1"]), ([1.5, math.nan], ["1.5", None]),
        (["1", "01", "1.0"], ["1", "01", "1.0"]),
    ],
)  # fmt: skip
def test_numbers_can_be_categories(values: list[Any], read: list[Any]) -> None:
    assert cells(table({"x": values}, x=WORDS), "x") == read


def test_booleans_and_dates_are_numbers() -> None:
    made = table({"b": ["Yes", None, "0"], "d": ["1970-01-02", "NA", "1970-01-01T00:01"]}, b=BOOLEAN, d=DATE)
    assert cells(made, "b") == [1, None, 0]
    assert cells(made, "d") == [86400, None, 60]
    assert made.words == {}


def test_equal_texts_are_one_object_and_missing_ones_none() -> None:
    made = table({"id": ["".join(["a", "b"]), "".join(["a", "b"]), "NA", None]}, id=TEXT)
    first, second, *others = made.texts["id"]
    assert first == "ab"
    assert first is second
    assert others == [None, None]


def test_texts_of_numbers_are_spelled_without_a_fraction() -> None:
    assert table({"id": [7.0, math.nan, 1.5]}, id=TEXT).texts["id"].tolist() == ["7", None, "1.5"]


# Rows of several frames


def test_frames_are_counted_on() -> None:
    made = list(convert_frames([pd.DataFrame({"x": [1, 2]}), pd.DataFrame({"x": []}), pd.DataFrame({"x": [3]})],
                              {"x": NUMBER}, Format(), "f"))  # fmt: skip
    assert [(piece.start, piece.values[:, 0].tolist()) for piece in made] == [(0, [1, 2]), (2, [3])]


@pytest.mark.parametrize("given", [[], [pd.DataFrame({"x": []})]])
def test_no_rows_are_refused(given: list[pd.DataFrame]) -> None:
    problem = problem_of(lambda: list(convert_frames(given, {"x": NUMBER}, Format(), "f.parquet")), exit_code=DATA)
    assert (problem.message, problem.place) == ("there are no rows", "f.parquet")


@pytest.mark.parametrize(
    ("values", "want", "said"),
    [
        (["1", "2", "x", "y"], NUMBER, "column 'x': expected a number, got 'x'"),
        (["1", "2", None, "y"], Want("number", missing=False), "column 'x': the value is missing"),
        (["yes", "no", "maybe", "no"], BOOLEAN, "expected true or false, got 'maybe'"),
        (["2024-01-01", "2024-01-02", "2024-99-01", ""], DATE, "expected a date such as 2026-11-21, got '2024-99-01'"),
        (["a", "b", "NA", "c"], Want("text", missing=False), "'NA' stands for a missing value"),
        (["a", "b", "", "c"], Want("words", missing=False), "the value is missing"),
        ([1.0, 2.0, math.inf, 1.0], NUMBER, "expected a number, got 'inf'"),
        (["1", "2", "x\x1b[31m", "4"], NUMBER, r"got 'x\x1b[31m'"),
    ],
)
def test_a_cell_that_does_not_fit_is_named_by_its_row(values: list[Any], want: Want, said: str) -> None:
    whole = pd.DataFrame({"id": range(1, 5), "x": values})
    given = [pd.DataFrame({"id": [0], "x": values[:1]}), whole]
    read = convert_frames(given, {"id": NUMBER, "x": want}, Format(missing=("", "NA")), "f.parquet")
    problem = problem_of(lambda: list(read), exit_code=DATA)
    assert problem.place == "f.parquet: row 4"
    assert said in problem.message
