"""Numbers that are dates or times are told, with what reads them, and read so to the second."""

from collections.abc import Sequence

import numpy as np
import pytest

from rnacli.encoders.odd_numbers import counts_rows, find_odd
from rnacli.tables.cells import Want, word_numbers

DAY = 86_400
START = 1_577_836_800  # 2020-01-01


@pytest.mark.parametrize(
    ("name", "first", "step", "said", "hint"),
    [
        ("timestamp", START, DAY, "2020-01-01T00:00:00", "format: '%s'"),
        ("createdAt", START * 1000, DAY * 1000, "2020-01-01T00:00:00", "format: '%s'"),
        ("fecha", START * 1e9, DAY * 1e9, "2020-01-01T00:00:00", "format: '%s'"),
        ("day", 20200101, 1, "20200101", "format: '%Y%m%d'"),
        ("mes", 202001, 1, "202001", "format: '%Y%m'"),
        ("mes", 202005, 1, "", ""),
        ("Order Date", 43_831, 1.5, "the days: 2020-01-01", "spreadsheet"),
        ("zip", 28_001, 7, "28001", "categorical"),
        ("zip", 100, 7, "", ""),
        ("ClientTelefono", 600_000_000, 7, "", ""),
        ("teléfono", 600_000_000, 7, "600000000", "ignore"),
        ("user", 2**60, 1000, "rounded", "ignore"),
        ("income", START, DAY, "", ""),
        ("update_count", 43_831, 1, "", ""),
        ("timestamp", START / 2, DAY, "", ""),
        ("timestamp", 0, 1, "", ""),
        ("date", 1990, 1, "", ""),
    ],
)
def test_what_numbers_may_be_is_told(name: str, first: float, step: float, said: str, hint: str) -> None:
    odd = find_odd(name, first + step * np.arange(12.0))
    assert (odd is not None) == bool(said)
    if odd:
        assert said in odd.why
        assert hint in odd.hint
        if "%s" in odd.form:
            words = [str(int(first + i * step)) for i in range(12)]
            read = word_numbers(words, Want("date", format=odd.form))
            assert read.tolist() == [START + i * DAY for i in range(12)]


def test_what_counts_no_seconds_is_no_date() -> None:
    read = word_numbers(["0", "-5.5", "1e30", "x", "", "nan", "inf"], Want("date", format="%s"))
    np.testing.assert_array_equal(read, [0, -5.5, *[np.nan] * 5])


@pytest.mark.parametrize(
    ("name", "values", "counts"),
    [
        ("n", range(30), True),
        ("n", range(1, 31), True),
        ("n", range(2, 32), False),
        ("n", [*range(29), 28], False),
        ("PassengerId", range(900, 990, 3), True),
        ("user_id", [5, 5, 9, 70], False),
        ("id", [0.5, 1.5, 2.5], False),
        ("id", [1, np.nan, 3], False),
        ("width", range(900, 990, 3), False),
    ],
)
def test_numbers_that_count_or_name_rows_are_known(name: str, values: Sequence[float], counts: bool) -> None:
    assert counts_rows(name, np.array(values, "float64")) == counts
