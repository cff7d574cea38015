"""What a column holds: judged by all its words, so that it is the same for every reader of the file."""

import numpy as np
import pytest

from rnacli.encoders.kind_of import MOST_CATEGORIES, Found, infer_kind


def infer(*words: str, counts: list[int] | None = None, decimal: str = ".") -> Found:
    return infer_kind(words, np.array(counts or [1] * len(words)), decimal)


@pytest.mark.parametrize(
    ("words", "kind", "why"),
    [
        (("a", "b", "c"), "categorical", "3 different words"),
        (("a",), "categorical", "one word"),
        (("yes", "no"), "boolean", "no and yes"),
        (("True", "FALSE"), "boolean", "FALSE and True"),
        (("t",), "boolean", "t"),
        (("yes", "n", "TRUE"), "boolean", "TRUE and n and yes"),
        (("yes", "no", "unknown"), "categorical", "3 different words"),
        (("2024-01-01", "2024-02-30T10:00"), "date", "dates"),
        (("2024-01-01", "soon"), "categorical", "2 different words"),
        (("01/02/2024", "03/02/2024"), "categorical", "2 different words"),
        ((), "empty", "no values"),
    ],
)
def test_words_say_what_a_column_holds(words: tuple[str, ...], kind: str, why: str) -> None:
    assert infer(*words) == (kind, why)


def test_numbers_and_words_are_judged_by_the_rows_that_have_them() -> None:
    assert infer("1", "2", "x", counts=[1, 1, 1]).kind == "faulty"
    assert infer("1", "2", "x", counts=[1, 1, 2]).kind == "categorical"
    assert infer("1", "2", "x", counts=[1000, 500, 7]) == ("faulty", "1,500 of 1,507 values are numbers")
    assert infer("1st", "2nd", "3", counts=[5, 5, 9]).kind == "categorical"


def test_ones_and_zeros_among_words_are_booleans_only_with_booleans() -> None:
    assert infer("1", "0", "yes", counts=[1, 1, 2]).kind == "boolean"
    assert infer("1", "0", "yes", counts=[9, 9, 2]).kind == "faulty"


def test_numbers_are_those_of_the_file() -> None:
    assert infer("1,5", "2,5", "x", decimal=",").kind == "faulty"
    assert infer("1,5", "2,5", "x").kind == "categorical"


def test_too_many_different_words_are_text() -> None:
    most = MOST_CATEGORIES
    assert infer(*(f"w{i}" for i in range(most))).kind == "categorical"
    assert infer(*(f"w{i}" for i in range(most + 1))) == ("text", f"{most + 1} different words")
    assert infer(*(f"2024-01-{i % 28 + 1:02}T{i // 28:02}:00" for i in range(most + 1))).kind == "date"
