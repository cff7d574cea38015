"""What a column holds: judged by all its words, so that it is the same for every reader of the file."""

import numpy as np
import pytest

from rnacli.encoders.column import Content
from rnacli.encoders.kind_of import MOST_CATEGORIES, infer_kind
from rnacli.tables.numbers import Written


def infer(*words: str, counts: list[int] | None = None, decimal: str = ".") -> Content:
    return infer_kind(words, np.array(counts or [1] * len(words)), Written(decimal, ()))


@pytest.mark.parametrize(
    ("words", "kind", "why"),
    [
        (("a", "b", "c"), "categorical", "3 different words"),
        (("a",), "categorical", "one word"),
        (("yes", "no"), "boolean", "no and yes"),
        (("True", "FALSE"), "boolean", "FALSE and True"),
        (("t",), "boolean", "t"),
        (("yes", "n", "TRUE"), "boolean", "TRUE, n and yes"),
        (("yes", "no", "unknown"), "categorical", "3 different words"),
        (("2024-01-01", "2024-02-29T10:00"), "date", "dates"),
        (("2024-01-01", "2024-02-30"), "faulty", "dates, but also '2024-02-30', a day that does not exist"),
        (("2024-01-01", "soon"), "categorical", "2 different words"),
        (("31/02/2024", "03/02/2024"), "categorical", "2 different words"),
        (("31/01/2024", "03/02/2024"), "date", "dates as %d/%m/%Y writes them"),
        (("3 ene 2024", "12 de diciembre de 2023"), "categorical", "2 different words"),
        (("3 ene. 2024", "12 dic 2023"), "date", "dates as %d %b %Y writes them"),
        (("08:30", "17:05"), "date", "times as %H:%M writes them"),
        (("12%", "3.5 %"), "numeric", "numbers with '%'"),
        (("-$12", "$3"), "numeric", "numbers with '$'"),
        (("12 kg", "3 kg"), "numeric", "numbers with 'kg'"),
        (("12 kg", "3 g"), "categorical", "2 different words"),
        (("Room 12", "Room 3"), "categorical", "2 different words"),
        (("12A", "3A"), "categorical", "2 different words"),
        (("01001", "28013"), "categorical", "codes such as 01001"),
        (("1.234,5", "3,5", "7,25"), "faulty", "numbers with other marks such as '1.234,5'"),
        (("12%", "9%", "0.3"), "faulty", "numbers with '%', such as '12%', and numbers without it, such as '0.3'"),
        ((), "empty", "no values"),
    ],
)
def test_words_say_what_a_column_holds(words: tuple[str, ...], kind: str, why: str) -> None:
    assert infer(*words)[:2] == (kind, why)


def test_dates_that_may_be_meant_in_two_ways_are_asked_for() -> None:
    found = infer("01/02/2024", "03/02/2024")
    assert found.kind == "faulty"
    assert "%d/%m/%Y" in found.hint
    assert "%m/%d/%Y" in found.hint
    assert infer("01/01/2024", "02/02/2024").kind == "date"  # both ways the same


def test_numbers_and_words_are_judged_by_the_rows_that_have_them() -> None:
    assert infer("1", "2", "x", counts=[1, 1, 1]).kind == "faulty"
    assert infer("1", "2", "x", counts=[1, 1, 2]).kind == "categorical"
    assert infer("1", "2", "x", counts=[1000, 500, 7])[:2] == ("faulty", "1,500 of 1,507 values are numbers")
    assert infer("1st", "2nd", "3", counts=[5, 5, 9]).kind == "categorical"


def test_ones_and_zeros_among_words_are_booleans_only_with_booleans() -> None:
    assert infer("1", "0", "yes", counts=[1, 1, 2]).kind == "boolean"
    assert infer("1", "0", "yes", counts=[9, 9, 2]).kind == "faulty"


def test_numbers_are_those_of_the_file() -> None:
    assert infer("1,5", "2,5", "x", decimal=",").kind == "faulty"
    assert infer("1,5", "2,5", "x").hint == "dataset: {decimal: ','}"


def test_too_many_different_words_are_text() -> None:
    most = MOST_CATEGORIES
    assert infer(*(f"w{i}" for i in range(most))).kind == "categorical"
    assert infer(*(f"w{i}" for i in range(most + 1)))[:2] == ("words", f"{most + 1} different words")
    assert infer(*(f"2024-01-{i % 28 + 1:02}T{i // 28:02}:00" for i in range(most + 1))).kind == "date"
