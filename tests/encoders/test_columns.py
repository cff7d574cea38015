"""LearntColumn columns: what each kind makes of its values, and that they come back from JSON to the last bit."""

import copy
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import embeddings_of, encode_beside

from rnacli.encoders.column import LearntColumn
from rnacli.encoders.columns.boolean import Boolean
from rnacli.encoders.columns.categorical import Categorical
from rnacli.encoders.columns.date import Date, date_parts
from rnacli.encoders.columns.numeric import Numeric
from rnacli.encoders.section import DATE_PARTS
from rnacli.encoders.table import Columns, load_columns
from rnacli.tables.cells import Want
from rnacli.tables.table import look_up

NAN = float("nan")
DAY = 86_400


def numeric(name: str = "n", fill: float | None = 4.0, indicator: bool = False) -> Numeric:
    return Numeric(name, fill, 1.0, 2.0, indicator, -5.0, 9.0)


def boolean(name: str = "b", fill: float | None = 1.0, indicator: bool = False) -> Boolean:
    return Boolean(name, fill, indicator)


def date(name: str = "d", parts: tuple[str, ...] = ("year", "month"), indicator: bool = False) -> Date:
    return Date(name, 0.0, "", parts, (0.0,) * len(parts), (1.0,) * len(parts), indicator, 0.0, 0.0)


def words(name: str = "c", **more: Any) -> Categorical:
    known: dict[str, Any] = {
        "words": ("x", "y", "z"), "rare": (), "fill": 3.0, "encode_as": "one_hot", "dimensions": 2, "offset": 1.0,
        "divisor": 0.5, "indicator": False, "strip": "",
    }  # fmt: skip
    return Categorical(name, **(known | more))


def encoded(column: LearntColumn, *raw: float) -> list[list[float]]:
    """The inputs of some values of one column, with their number checked."""
    made = Columns([column])
    raw_values = np.array(raw)[:, None]
    arrays = made.encode(raw_values)
    assert {name: (a.dtype, a.shape) for name, a in arrays.items()} == {
        name: (np.dtype(spec.dtype), (len(raw), *spec.shape)) for name, spec in made.inputs.items()
    }
    assert {spec.dtype for spec in made.inputs.values() if not spec.categories} <= {"float32"}
    inputs = encode_beside(made, raw_values)
    assert inputs.shape == (len(raw), len(made.names) + len(made.own))
    return inputs.tolist()


# One column


def test_numbers_are_moved_divided_and_filled() -> None:
    assert encoded(numeric(), 1, 3, NAN, -1) == [[0], [1], [1.5], [-1]]
    assert Columns([numeric()]).names == ["n"]


def test_an_indicator_says_where_a_value_was_missing() -> None:
    assert encoded(numeric(indicator=True), 1, NAN) == [[0, 0], [1.5, 1]]
    assert encoded(boolean(indicator=True), 0, NAN, 1) == [[0, 0], [1, 1], [1, 0]]
    assert encoded(date(indicator=True), NAN, 366 * DAY) == [[1970, 1, 1], [1971, 1, 0]]
    assert encoded(words(indicator=True), NAN, 1) == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert encoded(words(indicator=True, encode_as="ordinal", fill=0.0), NAN, 1) == [[-2, 1], [0, 0]]
    assert encoded(words(indicator=True, encode_as="embedding", fill=2.0), NAN, 1) == [[1, 2], [0, 1]]
    assert Columns([words(indicator=True)]).names == ["c=x", "c=y", "c=z", "c=(missing)"]
    assert Columns([numeric(indicator=True)]).names == ["n", "n=(missing)"]
    assert Columns([date(indicator=True)]).names == ["d.year", "d.month", "d=(missing)"]


def test_booleans_are_0_and_1() -> None:
    assert encoded(boolean(fill=0.0), 1, 0, NAN) == [[1], [0], [0]]


@pytest.mark.parametrize("when", ["2024-02-29T23:59:59", "1970-01-01", "1969-12-31T23:00", "1600-03-01", "9999-12-31"])
def test_parts_of_a_date_are_those_of_pandas(when: str) -> None:
    stamp = pd.Timestamp(when)
    found = date_parts(np.array([stamp.timestamp()]), DATE_PARTS)[0]
    assert found.tolist() == [getattr(stamp, part) for part in DATE_PARTS]


def test_dates_are_scaled_part_by_part() -> None:
    column = Date("d", 0.0, "", ("day", "hour"), (1.0, 12.0), (2.0, 6.0), False, 0.0, 0.0)
    assert encoded(column, 2 * DAY + 18 * 3600, NAN) == [[1, 1], [0, -2]]
    assert Columns([column]).names == ["d.day", "d.hour"]


def test_categories_have_an_input_each_and_others_none() -> None:
    assert encoded(words(), 0, 2, 3, NAN) == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert Columns([words()]).names == ["c=x", "c=y", "c=z"]


def test_rare_categories_share_an_input_with_those_never_seen() -> None:
    column = words(rare=("v", "w"))
    assert encoded(column, 1, 3) == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert Columns([column]).names == ["c=x", "c=y", "c=z", "c=(other)"]


@pytest.mark.parametrize("rare", [(), ("w",)])
def test_missing_values_can_be_a_category_of_their_own(rare: tuple[str, ...]) -> None:
    column = words(rare=rare, fill=4.0)
    *_, other, missing = encoded(column, 0, 3, NAN)
    assert other == ([0, 0, 0, 1, 0] if rare else [0, 0, 0, 0])
    assert missing == ([0, 0, 0, 0, 1] if rare else [0, 0, 0, 1])
    assert Columns([column]).names[-1] == "c=(missing)"


def test_a_category_may_be_called_as_a_slot_is() -> None:
    assert Columns([words(words=("(missing)", "(other)", "a"))]).names == ["c=(missing)", "c=(other)", "c=a"]


def test_ordinal_categories_are_their_scaled_number_and_others_in_the_middle() -> None:
    assert encoded(words(encode_as="ordinal", fill=2.0), 0, 1, 2, 3, NAN) == [[-2], [0], [2], [0], [2]]
    assert Columns([words(encode_as="ordinal")]).names == ["c"]


def test_embedded_categories_are_indices() -> None:
    column = words(encode_as="embedding", fill=4.0)
    assert encoded(column, 0, 2, 3, NAN) == [[0], [2], [3], [4]]
    assert embeddings_of(Columns([column])) == (("c", 5, 2),)
    assert embeddings_of(Columns([words(encode_as="embedding")])) == (("c", 4, 2),)
    assert embeddings_of(Columns([words()])) == ()


@pytest.mark.parametrize(
    ("column", "kind"), [(numeric, "number"), (boolean, "boolean"), (words, "words"), (date, "date")]
)
def test_a_column_is_read_as_it_was_learnt(column: Any, kind: str) -> None:
    assert Columns([column("q")]).wants["q"].kind == kind
    assert Columns([column("q")]).wants["q"].missing


def test_missing_values_that_were_refused_stay_so() -> None:
    assert not numeric(fill=None).want.missing
    assert not boolean(fill=None).want.missing
    assert not words(fill=None, strip=".").want.missing
    assert words(strip=".").want.strip == "."
    assert Date("d", None, "%Y", ("year",), (0.0,), (1.0,), False, 0.0, 0.0).want == Want("date", False, format="%Y")


# Several columns


MIXED = (
    words("e", encode_as="embedding"), numeric("n"), words("c"), boolean("b"), numeric("m", indicator=True),
    date("d"), words("f", encode_as="embedding", dimensions=7, fill=4.0), numeric("k"), words("o", encode_as="ordinal"),
)  # fmt: skip
RAW = np.array([[0, 1, 2, 1, NAN, 0, 1, 3, 1], [NAN, NAN, NAN, NAN, 3, NAN, NAN, NAN, NAN]])


def test_inputs_come_in_the_order_of_the_columns_and_embeddings_last() -> None:
    made = Columns(MIXED)
    assert made.names == ["n", "c=x", "c=y", "c=z", "b", "m", "m=(missing)", "d.year", "d.month", "k", "o"]
    assert list(made.inputs) == ["columns", "e", "f"]
    assert embeddings_of(made) == (("e", 4, 2), ("f", 5, 7))
    assert encode_beside(made, RAW).tolist() == [
        [0, 0, 0, 1, 1, 1.5, 1, 1970, 1, 1, 0, 0, 1],
        [1.5, 0, 0, 0, 1, 1, 0, 1970, 1, 1.5, 0, 3, 4],
    ]


def test_an_indicator_of_an_embedded_column_stands_among_the_numbers() -> None:
    e, f = (
        words(name, encode_as="embedding", indicator=indicator, fill=2.0)
        for name, indicator in (("e", True), ("f", False))
    )
    made = Columns([e, numeric("n"), f, words("g", encode_as="embedding", fill=0.0, indicator=True), boolean("b")])
    assert made.names == ["n", "b", "e=(missing)", "g=(missing)"]
    assert list(made.inputs) == ["columns", "e", "f", "g"]
    arrays = made.encode(np.array([[0, 1, NAN, 3, 1], [NAN, 3, 1, NAN, 0]]))
    assert arrays["columns"].tolist() == [[0, 1, 0, 0], [1, 0, 1, 1]]
    assert [arrays[name].tolist() for name in "efg"] == [[0, 2], [2, 1], [3, 0]]
    assert load_columns(json.loads(json.dumps(made.dump()["columns"]))).inputs == made.inputs
    alone = Columns([e, f])
    assert alone.names == ["e=(missing)"]
    assert alone.encode(np.array([[NAN, 1.0]]))["columns"].tolist() == [[1]]


def test_an_embedded_column_may_be_called_as_the_others_together_are() -> None:
    made = Columns([words("columns", encode_as="embedding"), numeric("n"), words("columns_", encode_as="embedding")])
    assert {name: spec.shape for name, spec in made.inputs.items()} == {
        "columns__": (1,),
        "columns": (),
        "columns_": (),
    }
    arrays = made.encode(np.array([[2.0, 3, 1]]))
    assert {name: array.tolist() for name, array in arrays.items()} == {
        "columns__": [[1]], "columns": [2], "columns_": [1]
    }  # fmt: skip


def test_the_columns_together_are_those_alone() -> None:
    raw = np.repeat(RAW, 50, axis=0)
    alone = {column.name: encode_beside(Columns([column]), raw[:, j : j + 1]) for j, column in enumerate(MIXED)}
    last = [column for column in MIXED if column.own_input is not None]
    order = [*(column for column in MIXED if column not in last), *last]
    np.testing.assert_array_equal(
        encode_beside(Columns(MIXED), raw), np.hstack([alone[column.name] for column in order])
    )


def test_plain_numbers_are_scaled_in_one_go_as_alone() -> None:
    raw = np.random.default_rng(0).normal(size=(100, 3)) * [1, 1e6, 1e-6]
    raw[::7, 1] = NAN
    made = [Numeric(name, 2.0, 0.1, 0.3, False, 0.0, 1.0) for name in "abc"]
    together = encode_beside(Columns(made), raw)
    alone = np.hstack([column.encode(raw[:, j]) for j, column in enumerate(made)])
    np.testing.assert_array_equal(together, alone.astype("float32"))


def test_words_become_learnt_indices_in_place() -> None:
    values = np.array([[0.0, 5], [1, 6], [NAN, 7], [2, 8]])
    made = Columns([words("c"), numeric("n")])
    assert look_up(values, made.lookups({"c": ["z", "new", "x"]})) is values
    np.testing.assert_array_equal(values, [[2, 5], [3, 6], [NAN, 7], [0, 8]])


def test_a_chunk_without_words_is_all_missing() -> None:
    values = np.array([[NAN], [NAN]])
    assert np.isnan(look_up(values, Columns([words("c")]).lookups({}))).all()
    assert np.isnan(look_up(values, Columns([words("c")]).lookups({"c": []}))).all()


@pytest.mark.parametrize(
    ("learnt", "read", "index"),
    [
        (("1", "2"), ["1", "2", "1.0", "02", "3"], [0, 1, 0, 1, 2]),
        (("1.0", "2.0"), ["1", "2", "1.0"], [0, 1, 0]),
        (("007", "7"), ["007", "7", "7.0", "07"], [0, 1, 1, 2]),
        (("1.1", "1.10"), ["1.1", "1.10", "1.100"], [0, 1, 2]),
        (("a", "B"), ["A", "b", "a"], [2, 2, 0]),
    ],
)
def test_categories_that_are_numbers_are_known_however_they_are_spelled(
    learnt: tuple[str, ...], read: list[str], index: list[int]
) -> None:
    assert words(words=learnt).lookup(read).tolist() == index


def test_words_that_no_training_row_had_are_named() -> None:
    column = words(words=("1", "x"), rare=("r",))
    assert column.unseen(["1.0", "x", "r", "new", "X"]) == ["new", "X"]


# As JSON


def plain() -> list[dict[str, Any]]:
    return json.loads(json.dumps(Columns(MIXED).dump()["columns"], allow_nan=False))


def test_json_gives_every_bit_back() -> None:
    odd = Numeric("ñ\n", math.pi, 1 / 3, 5e-324, True, -1e308, 1.7976931348623157e308)
    known = Columns([*MIXED, odd, words("r", rare=("v", "ñ,"), fill=None)])
    again = load_columns(json.loads(json.dumps(known.dump()["columns"], allow_nan=False)))
    assert again.learnt == known.learnt
    assert again.dump() == known.dump()
    assert encode_beside(load_columns(plain()), RAW).tobytes() == encode_beside(Columns(MIXED), RAW).tobytes()


def test_what_is_learnt_is_plain_numbers_and_words() -> None:
    for column in plain():
        assert column["kind"] in ("numeric", "boolean", "date", "categorical")
        assert set(map(type, column.values())) <= {str, float, int, bool, list, type(None)}


N, D, C = 1, 5, 0


@pytest.mark.parametrize(
    ("column", "key", "value"),
    [
        (N, "kind", "pickle"), (N, "kind", None), (N, "kind", ["numeric"]), (N, "name", 3), (N, "name", ["n"]),
        (N, "name", "m"), (N, "fill", "4"), (N, "fill", True), (N, "fill", NAN), (N, "fill", math.inf),
        (N, "fill", [4.0]),
        (N, "fill", {}), (N, "offset", None), (N, "offset", "0"), (N, "offset", [1.0]), (N, "offset", [[1.0]]),
        (N, "offset", NAN), (N, "divisor", 0), (N, "divisor", 0.0), (N, "divisor", -0.0), (N, "divisor", math.inf),
        (N, "divisor", [2.0]), (N, "indicator", 0), (N, "indicator", "false"), (N, "indicator", None), (N, "low", NAN),
        (N, "high", "9"), (D, "parts", "year"), (D, "parts", []), (D, "parts", ["year"]), (D, "parts", ["year",
        "week"]),
        (D, "parts", [["year", "month"]]), (D, "offset", [0.0]), (D, "offset", 0.0), (D, "offset", [0.0, NAN]),
        (D, "divisor", [1.0, 0.0]), (D, "divisor", [[1.0], [1.0]]), (D, "divisor", [1.0] * 3), (D, "format", None),
        (C, "words", "xyz"), (C, "words", ["x", "x", "y"]), (C, "words", ["x", 1]), (C, "words", [["x"]]),
        (C, "words", None),
        (C, "words", ["x"]), (C, "rare", "w"), (C, "rare", [None]), (C, "fill", -1), (C, "fill", 5), (C, "fill", 1.5),
        (C, "fill", "x"), (C, "encode_as", "pickle"), (C, "encode_as", ["one_hot"]), (C, "dimensions", 0),
        (C, "dimensions", 4097), (C, "dimensions", 2.5), (C, "dimensions", -1), (C, "dimensions", True),
        (C, "strip", None),
        (C, "divisor", 0),
    ],
)  # fmt: skip
def test_damage_is_refused(column: int, key: str, value: Any) -> None:
    damaged = plain()
    damaged[column][key] = value
    with pytest.raises((ValueError, LookupError, TypeError)):
        load_columns(damaged)


def test_every_key_is_needed() -> None:
    for i, column in enumerate(plain()):
        for key in column:
            damaged = plain()
            del damaged[i][key]
            with pytest.raises((LookupError, ValueError)):
                load_columns(damaged)


@pytest.mark.parametrize("damaged", [None, 3, "x", {}, [], [None], [[]], ["numeric"], [{}], {"kind": "numeric"}])
def test_what_is_no_list_of_columns_is_refused(damaged: Any) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        load_columns(damaged)


def test_a_column_that_is_there_twice_is_refused() -> None:
    twice = plain()
    twice.append(copy.deepcopy(twice[0]))
    with pytest.raises(ValueError, match="twice"):
        load_columns(twice)
