"""What is noted of rows that are unlike those of training: gaps, unseen categories, values out of range."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from fixtures import run_of

from rnacli.encoders.columns.boolean import Boolean
from rnacli.encoders.columns.categorical import Categorical
from rnacli.encoders.columns.date import Date
from rnacli.encoders.columns.numeric import Numeric
from rnacli.encoders.drift import Drift, note_drift
from rnacli.encoders.table import Columns
from rnacli.runs.open import load_run

NAN = float("nan")
DAY = 86_400.0


def numeric(name: str = "age", fill: float | None = 28.0, low: float = 17.0, high: float = 90.0) -> Numeric:
    return Numeric(name, fill, 0.0, 1.0, False, low, high)


def categorical(*words: str, name: str = "city", fill: float | None = None, rare: Sequence[str] = ()) -> Categorical:
    return Categorical(name, words, tuple(rare), fill, "one_hot", 1, 0.0, 1.0, False, "")


def date(fill: float | None = 0.0) -> Date:
    return Date("day", fill, "", ("year",), (0.0,), (1.0,), False, 0.0, 10 * DAY)


def notes(columns: Sequence[Any], values: Any, **words: list[str]) -> list[str]:
    noted = Drift(Columns(columns))
    noted.see(np.array(values, "float64").reshape(-1, len(columns)), words)
    return noted.notes()


def test_nothing_is_said_of_rows_like_those_of_training() -> None:
    columns = [numeric(), categorical("a", "b"), date(), Boolean("member", 1.0, False)]
    assert notes(columns, [[17, 0, 0, 1], [90, 1, 10 * DAY, 0]], city=["b", "a"]) == []
    assert notes(columns, np.empty((0, 4))) == []


def test_values_outside_the_training_range_are_counted() -> None:
    assert notes([numeric()], [16.9, 17, 90, 91, NAN, 1e30]) == [
        "age: 3 of 6 rows are outside the training range 17 to 90",
        "age: 1 of 6 rows has no value; taken as 28",
    ]
    assert notes([numeric(low=-0.125, high=1234567.0)], [-1]) == [
        "age: 1 of 1 row is outside the training range -0.125 to 1.23457e+06"
    ]


def test_dates_outside_are_named_as_dates() -> None:
    assert notes([date(86_400.0)], [-1, 0, 11 * DAY, NAN]) == [
        "day: 2 of 4 rows are outside the training dates 1970-01-01 to 1970-01-11",
        "day: 1 of 4 rows has no value; taken as 1970-01-02T00:00:00",
    ]


def test_rows_with_unseen_words_are_counted_and_the_first_words_named() -> None:
    values = [0, 1, 1, 2, NAN, 1]
    assert notes([categorical("a", "b", fill=0.0)], values, city=["a", "Ávila", "b"]) == [
        "city: 3 of 6 rows have categories unseen in training: 'Ávila'",
        "city: 1 of 6 rows has no value; taken as 'a'",
    ]
    many = [f"c{i}" for i in range(9)]
    assert notes([categorical("a")], list(range(9)), city=many) == [
        "city: 9 of 9 rows have categories unseen in training: 'c0', 'c1', 'c2', 'c3', 'c4', ..."
    ]


def test_rare_words_and_numbers_written_otherwise_are_not_unseen() -> None:
    assert notes([categorical("1", "2", rare=["3"])], [0, 1, 2], city=["1.0", "3", "2"]) == []


def test_what_stands_for_a_missing_category_is_said() -> None:
    meanings = {
        1.0: "taken as 'b'",
        2.0: "taken as a category unseen in training",
        3.0: "that is a category of its own",
    }
    for fill, said in meanings.items():
        assert notes([categorical("a", "b", fill=fill)], [NAN]) == [f"city: 1 of 1 row has no value; {said}"]
    assert notes([Boolean("member", 1.0, False)], [NAN, 0]) == ["member: 1 of 2 rows has no value; taken as true"]


def test_chunks_are_counted_together() -> None:
    noted = Drift(Columns([numeric(), categorical("a")]))
    noted.see(np.array([[1.0, 0.0], [20.0, 1.0]]), {"city": ["x", "a"]})
    noted.see(np.array([[NAN, 0.0]] * 999 + [[95.0, 1.0]]), {"city": ["a", "y"]})
    assert noted.notes() == [
        "age: 2 of 1,002 rows are outside the training range 17 to 90",
        "age: 999 of 1,002 rows have no value; taken as 28",
        "city: 2 of 1,002 rows have categories unseen in training: 'x', 'y'",
    ]


def test_of_many_columns_the_first_are_named_and_the_others_counted() -> None:
    columns = [numeric(f"c{i}") for i in range(27)]
    lines = notes(columns, [0] * 27)
    assert [line.partition(":")[0] for line in lines] == [*(f"c{i}" for i in range(20)), "and 7 more columns"]
    assert notes(columns[:21], [0] * 21)[-1] == "and 1 more column"
    assert len(notes(columns[:20], [0] * 20)) == 20


def test_text_from_files_is_shown_on_one_line() -> None:
    (line,) = notes([categorical("a", name="ci\nty")], [0], **{"ci\nty": ["x\x1b[31m\ny"]})
    assert "\n" not in line
    assert "\x1b" not in line


def test_training_rows_are_like_themselves(caplog: pytest.LogCaptureFixture) -> None:
    columns = load_run(run_of("flowers")).preprocessing.columns
    assert columns is not None
    middle = [[column.low, column.high] for column in columns if isinstance(column, Numeric)]
    with caplog.at_level("INFO", "rnacli"):
        note_drift(columns, [np.array(middle).T], {})
    assert caplog.messages == []
    with caplog.at_level("INFO", "rnacli"):
        note_drift(columns, [np.array(middle).T + 1], {})
    assert [message.partition(":")[0] for message in caplog.messages] == ["height", "width", "weight"]
    assert "1 of 2 rows is outside" in caplog.messages[0]
