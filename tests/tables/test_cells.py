"""Cells: what words mean as numbers, booleans and dates, and that a different word is kept once."""

import datetime
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rnacli.tables.cells import (
    Want,
    clean_word,
    find_places,
    join_spellings,
    read_numbers,
    read_words,
    sort_words,
    spell_labels,
    spell_word,
)
from rnacli.tables.dates import parse_dates
from rnacli.tables.numbers import Written

WRITTEN = Written(".", ("", "NA"))


def column(*values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object)


# Words


@pytest.mark.parametrize(
    ("word", "strip", "clean"),
    [(" yes ", "", "yes"), ("<=50K.", ".", "<=50K"), ("$ 12 $", "$", "12"), (" %5% ", "%", "5"), ("...", ".", ""),
     (". a.b .", ".", "a.b"), ("\ta\n", "", "a"), ("a", "b", "a"), ("", ".", "")],
)  # fmt: skip
def test_blanks_and_what_is_to_be_taken_off_stand_at_the_ends(word: str, strip: str, clean: str) -> None:
    assert clean_word(word, strip) == clean


def test_each_different_word_is_kept_once_in_its_order() -> None:
    codes, words = read_words(column("b", " a", "b ", None, "NA", "a", "", "c"), Want("words"), WRITTEN)
    assert words == ["b", "a", "c"]
    assert codes.tolist() == [0, 1, 0, -1, -1, 1, -1, 2]


def test_words_are_stripped_before_they_are_compared() -> None:
    codes, words = read_words(column("yes.", "yes", ".no", "NA.", "."), Want("words", strip="."), WRITTEN)
    assert words == ["yes", "no"]
    assert codes.tolist() == [0, 0, 1, -1, -1]


def test_a_column_without_words_has_none() -> None:
    for values in ((), (None, None), (math.nan, "NA")):
        codes, words = read_words(column(*values), Want("words"), WRITTEN)
        assert words == []
        assert codes.tolist() == [-1] * len(values)


def test_an_empty_cell_is_missing_whatever_else_is() -> None:
    assert read_words(column("a", "", " "), Want("words"), Written(".", ()))[0].tolist() == [0, -1, -1]
    assert np.isnan(read_numbers(column("1", ""), Want("number"), Written(".", ()))).tolist() == [False, True]


# Numbers


@pytest.mark.parametrize(
    "text", ["0.1", "-3", "+1", "1.", ".5", "1e-300", "3.4e38", "5e-324", "-0.0", "007", "0.1000000000000000055", " 2 "]
)
def test_numbers_are_read_to_the_last_bit(text: str) -> None:
    for want in (Want("number"), Want("any")):
        found = read_numbers(column(text, "1"), want, WRITTEN)
        assert found.dtype == np.float64
        assert found[0].tobytes() == np.float64(float(text)).tobytes()


@pytest.mark.parametrize(
    "text",
    ["foo", "1_000", "0x10", "inf", "-Infinity", "nan", "1,5", "1e39", "1e400", "\u0663", "\u22123", "1 2", "True"],
)
def test_what_is_no_number_of_float32_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_numbers(column("1", text), Want("number"), WRITTEN)


@pytest.mark.parametrize("values", [[1.0, math.inf], [1.0, -math.inf], [1.0, 1e39]])
def test_numbers_of_a_file_must_fit_float32_too(values: list[float]) -> None:
    with pytest.raises(ValueError, match="infinite"):
        read_numbers(pd.Series(values), Want("number"), WRITTEN)


def test_numbers_of_a_file_stay_what_they_are() -> None:
    for dtype in ("float64", "float32", "int8", "uint64", "int64"):
        values = pd.Series([0, 3, 100], dtype=dtype)
        assert read_numbers(values, Want("any"), WRITTEN).tolist() == [0, 3, 100]
    assert np.isnan(read_numbers(pd.Series([1.5, math.nan]), Want("number"), WRITTEN)).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "number"), [("3,14", 3.14), ("-0,5", -0.5), (",5", 0.5), ("1,", 1.0), ("7", 7.0), ("1,5e3", 1500.0)]
)
def test_a_decimal_comma_is_one_where_the_file_has_it(text: str, number: float) -> None:
    assert read_numbers(column(text), Want("number"), Written(",", ("",))).tolist() == [number]


@pytest.mark.parametrize("text", ["3.14", "1.000,5", "1,000,5"])
def test_a_point_is_no_decimal_mark_beside_a_comma(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_numbers(column(text), Want("number"), Written(",", ("",)))


# Booleans


@pytest.mark.parametrize("words", [("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"), ("on", "off"), ("1", "0")])
def test_booleans_are_read_in_all_spellings(words: tuple[str, str]) -> None:
    for true, false in (words, (words[0].upper(), words[1].title())):
        found = read_numbers(column(true, false, None, true), Want("boolean"), WRITTEN)
        assert found[[0, 1, 3]].tolist() == [1, 0, 1]
        assert np.isnan(found[2])


def test_numbers_of_a_file_may_be_booleans() -> None:
    assert read_numbers(pd.Series([1.0, 0.0]), Want("boolean"), WRITTEN).tolist() == [1, 0]
    assert read_numbers(pd.Series([1, 0, 1]), Want("boolean"), WRITTEN).tolist() == [1, 0, 1]
    with pytest.raises(ValueError, match="boolean: 2"):
        read_numbers(pd.Series([1.0, 2.0]), Want("boolean"), WRITTEN)


@pytest.mark.parametrize("word", ["maybe", "2", "1.0", "truee", "wahr"])
def test_other_words_are_no_booleans(word: str) -> None:
    with pytest.raises(ValueError, match="boolean"):
        read_numbers(column("yes", word), Want("boolean"), WRITTEN)


# Dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-02-29", datetime.datetime(2024, 2, 29)),
        ("1969-12-31", datetime.datetime(1969, 12, 31)),
        ("0999-01-01", datetime.datetime(999, 1, 1)),
        ("9999-12-31", datetime.datetime(9999, 12, 31)),
        ("2024-03-01T13:05", datetime.datetime(2024, 3, 1, 13, 5)),
        ("2024-03-01 13:05:09", datetime.datetime(2024, 3, 1, 13, 5, 9)),
        ("2024-03-01 13:05:09.25", datetime.datetime(2024, 3, 1, 13, 5, 9, 250_000)),
        ("2024-03-01T13:05:09Z", datetime.datetime(2024, 3, 1, 13, 5, 9)),
        ("2024-03-01T00:05:09+02:00", datetime.datetime(2024, 2, 29, 22, 5, 9)),
        ("2024-02-29T23:30:00-0130", datetime.datetime(2024, 3, 1, 1, 0)),
    ],
)
def test_dates_are_seconds_in_utc(text: str, date: datetime.datetime) -> None:
    assert parse_dates([text], "")[0] == date.replace(tzinfo=datetime.UTC).timestamp()


@pytest.mark.parametrize(
    "text", ["2024", "2024-02-30", "2024-13-01", "2023-02-29", "24-01-01", "01/02/2024", "2024-1-1", "today", "", "nan",
             "2024-01-01T25:00", "2024-01-01T10", "20240101", "\u0662\u0660\u0662\u0664-01-01"],
)  # fmt: skip
def test_what_is_ambiguous_or_no_date_is_none(text: str) -> None:
    assert math.isnan(parse_dates([text], "")[0])


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [("31/12/2024", "%d/%m/%Y", "2024-12-31"), ("12/31/24", "%m/%d/%y", "2024-12-31"), ("20241231", "%Y%m%d",
     "2024-12-31"),
     ("31 Dec 2024 18:30", "%d %b %Y %H:%M", "2024-12-31T18:30"), ("2024-06-01 +0200", "%Y-%m-%d %z",
     "2024-05-31T22:00")],
)  # fmt: skip
def test_a_format_says_how_dates_are_written(text: str, form: str, wanted: str) -> None:
    assert parse_dates([text], form)[0] == parse_dates([wanted], "")[0]


@pytest.mark.parametrize(
    ("text", "form"), [("31/12/2024", "%m/%d/%Y"), ("2024-12-31", "%d/%m/%Y"), ("now", "%Y"), ("today", "%Y")]
)
def test_a_date_in_another_format_is_none(text: str, form: str) -> None:
    assert math.isnan(parse_dates([text], form)[0])


def test_numbers_of_a_file_may_be_dates_by_a_format() -> None:
    found = read_numbers(pd.Series([20240101, 20241231]), Want("date", format="%Y%m%d"), WRITTEN)
    assert found.tolist() == [parse_dates(["2024-01-01"], "")[0], parse_dates(["2024-12-31"], "")[0]]


# Spelling


@pytest.mark.parametrize(
    ("word", "spelled"),
    [("1.0", "1"), ("1", "1"), ("007", "7"), ("1e3", "1000"), ("-0.50", "-0.5"), ("a", "a"), ("1_0", "1_0"), ("", ""),
     ("nan", "nan"), ("inf", "inf"), ("1,5", "1,5"), (" 2", "2")],
)  # fmt: skip
def test_words_that_are_numbers_are_spelled_as_such(word: str, spelled: str) -> None:
    assert spell_word(word) == spelled


def test_labels_of_every_type_are_spelled_alike() -> None:
    for labels in ([1, 0, 2], [1.0, 0.0, 2.0], ["1", "0", " 2 "], np.array([1, 0, 2], "uint8")):
        assert spell_labels(np.asarray(labels)) == ["1", "0", "2"]
    assert spell_labels(np.array(["01", "1E5", "1.10", "1.0"])) == ["01", "1E5", "1.10", "1.0"]
    assert spell_labels(np.array([True, False])) == ["1", "0"]
    assert spell_labels(np.array([0.1, 1e20])) == ["0.1", "100000000000000000000"]


@pytest.mark.parametrize(
    ("words", "ordered"),
    [
        (["10", "9", "1.5"], ["1.5", "9", "10"]),
        (["b", "a", "10"], ["10", "a", "b"]),
        ([], []),
        (["-1", "1"], ["-1", "1"]),
    ],
)
def test_words_stand_in_the_order_of_numbers_or_of_the_alphabet(words: list[str], ordered: list[str]) -> None:
    assert sort_words(words) == ordered


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["1", "1.0", "2"], ["1", "2"]), (["0.0", "+0.0e+00", "1.0"], ["0", "1.0"]), (["1.0", "2.0"], ["1.0", "2.0"]),
        (["1", "01", "1.10", "1.1"], ["1", "01", "1.10", "1.1"]), (["1E5", "2E3"], ["1E5", "2E3"]),
        (["9007199254740993", "9007199254740992"], ["9007199254740993", "9007199254740992"]),
    ],
)  # fmt: skip
def test_whole_numbers_alone_are_joined(words: list[str], labels: list[str]) -> None:
    assert join_spellings(words) == labels
    assert (find_places(words, labels, -1) >= 0).all()


def test_a_number_in_another_spelling_is_found_beside_others() -> None:
    labels = join_spellings(["1E5", "100000", "2E3"])
    assert labels == ["100000", "2E3"]
    assert find_places(["1E5", "100000", "2E3", "2000", "00100000"], labels, -1).tolist() == [0, 0, 1, -1, -1]
