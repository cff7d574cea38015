"""Parquet files: each type as the words and numbers that a CSV file would have, a few rows at a time."""

import datetime
import decimal
import itertools
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import problem_of

from rnacli.errors import DATA, RnaError
from rnacli.tables.csv.text import Format
from rnacli.tables.parquet import read_parquet, read_parquet_columns
from rnacli.tables.source import open_source

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(folder: Path, columns: dict[str, Any], **how: Any) -> Path:
    path = folder / "data.parquet"
    pq.write_table(pa.table(columns), path, **how)
    return path


def read(path: Path, *wanted: str, chunk: int = 1000) -> pd.DataFrame:
    frames = list(read_parquet(path, wanted, "data.parquet", chunk))
    assert all(0 < len(frame) <= chunk for frame in frames)
    assert all(list(frame.columns) == list(wanted) for frame in frames)
    return pd.concat(frames, ignore_index=True)


def cells(path: Path, name: str) -> list[Any]:
    """A column with ``None`` where a value is missing."""
    column = read(path, name)[name]
    assert column.dtype in (np.dtype("float64"), pd.StringDtype(na_value=np.nan))
    return [None if pd.isna(cell) else cell for cell in column]


# Types


@pytest.mark.parametrize(
    "type", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)
def test_numbers_are_numbers(tmp_path: Path, type: str) -> None:
    path = written(tmp_path, {"x": pa.array([1, None, 100], getattr(pa, type)())})
    assert cells(path, "x") == [1.0, None, 100.0]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([0.1, -np.inf, None]), [0.1, -np.inf, None]),
        (pa.array([np.nan, 1.0]), [None, 1.0]),
        (pa.array([2**53, None]), [2.0**53, None]),
        (pa.array([2**53 + 1, -(2**63), None]), ["9007199254740993", "-9223372036854775808", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([decimal.Decimal(2**53 + 1), decimal.Decimal(7)]), ["9007199254740993", "7"]),
        (pa.array([datetime.time(8, 30, 0, 999), None]), ["08:30:00", None]),
        (pa.array([90_500, None, -1], pa.duration("ms")), ["90.5 s", None, "-0.001 s"]),
        (pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-300.50")]), [1.25, None, -300.5]),
        (pa.nulls(2), [None, None]),
        (pa.array([5, None, 5]).dictionary_encode(), [5.0, None, 5.0]),
        (pa.array([True, None, False]), ["true", None, "false"]),
        (pa.array(["a", None, "", "ñ\n", "NA", "007"]), ["a", None, "", "ñ\n", "NA", "007"]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array([None, None], pa.string()), [None, None]),
        (pa.array(["a", None, "b", "a"]).dictionary_encode(), ["a", None, "b", "a"]),
        (pa.array([datetime.date(2026, 11, 21), None, datetime.date(1969, 1, 2)]), ["2026-11-21", None, "1969-01-02"]),
        (pa.array([86_400_000, None], pa.date64()), ["1970-01-02", None]),
        (pa.array([datetime.date(2026, 11, 21)]).dictionary_encode(), ["2026-11-21"]),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_each_type_is_a_number_or_a_word(tmp_path: Path, array: Any, expected: list[Any]) -> None:
    assert cells(written(tmp_path, {"x": array}), "x") == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_are_written_to_the_second(tmp_path: Path, unit: str) -> None:
    times = [
        datetime.datetime(2026, 11, 21, 8, 30, 59, 999_000), None, datetime.datetime(2026, 1, 2),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 500_000),
    ]  # fmt: skip
    path = written(tmp_path, {"x": pa.array(times, pa.timestamp("us")).cast(pa.timestamp(unit), safe=False)})
    found = cells(path, "x")
    assert found[:3] == ["2026-11-21T08:30:59", None, "2026-01-02T00:00:00"]
    if unit != "s":  # there, Arrow itself rounds up
        assert found[3] == "1969-12-31T23:59:59"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "2026-07-01T23:30:00"), ("Europe/Berlin", "2026-07-02T01:30:00"), ("+05:30", "2026-07-02T05:00:00")],
)
def test_times_of_a_zone_are_what_its_clocks_show(tmp_path: Path, zone: str, expected: str) -> None:
    time = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)
    assert cells(written(tmp_path, {"x": pa.array([time, None], pa.timestamp("us", zone))}), "x") == [expected, None]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (pa.array([[1, 2], None]), "list<element: int64>"),
        (pa.array([{"a": 1}, None]), "struct<a: int64>"),
        (pa.array([b"x", None]), "binary"),
        (pa.array([b"xy"], pa.binary(2)), "fixed_size_binary[2]"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "map<string, int64 ('odd')>"),
    ],
)
def test_what_is_no_single_value_is_refused_where_it_is_wanted(tmp_path: Path, array: Any, said: str) -> None:
    path = written(tmp_path, {"x": pa.array(range(len(array))), "odd": array})
    assert read_parquet_columns(path, "data.parquet") == ["x", "odd"]
    assert len(read(path, "x")) == len(array)
    problem = problem_of(read, path, "x", "odd", exit_code=DATA)
    assert problem.place == "data.parquet"
    assert problem.message == f"column 'odd' holds {said}, and numbers, words or dates are wanted"


# Columns and chunks


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [1, 2], "a.b": [3, 4], "b c": ["x", "y"]})
    assert read_parquet_columns(path, "data.parquet") == ["a", "a.b", "b c"]
    assert read(path, "b c", "a").to_numpy().tolist() == [["x", 1], ["y", 2]]
    assert read(path, "a.b").to_numpy().tolist() == [[3], [4]]


def test_without_columns_rows_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": range(10)})
    assert [len(frame) for frame in read_parquet(path, [], "data.parquet", 4)] == [4, 4, 2]


@pytest.mark.parametrize("chunk", [1, 7, 100, 1000])
@pytest.mark.parametrize("group", [3, 64, 1000])
def test_chunks_are_the_whole(tmp_path: Path, chunk: int, group: int) -> None:
    columns: dict[str, Any] = {"x": np.arange(100) / 7, "w": [f"w{i % 5}" if i % 3 else None for i in range(100)]}
    path = written(tmp_path, columns, row_group_size=group)
    found = read(path, "x", "w", chunk=chunk)
    assert found["x"].tolist() == columns["x"].tolist()
    assert [None if pd.isna(word) else word for word in found["w"]] == columns["w"]


def test_no_rows_are_no_chunks(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": pa.array([], pa.int64())})
    assert list(read_parquet(path, ["x"], "data.parquet", 10)) == []


def test_one_large_group_is_read_in_little_memory(tmp_path: Path) -> None:
    rows = 2_000_000
    path = written(tmp_path, {"x": np.random.default_rng(0).normal(size=rows)}, row_group_size=rows, compression="none")
    before = most = pa.total_allocated_bytes()
    seen = 0
    for frame in read_parquet(path, ["x"], "data.parquet", 10_000):
        seen += len(frame)
        most = max(most, pa.total_allocated_bytes())
    assert seen == rows
    assert most - before < path.stat().st_size / 2


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    assert "column 'a' appears twice" in problem_of(read_parquet_columns, path, "data.parquet", exit_code=DATA).message


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    problem = problem_of(read, written(tmp_path, {"alpha": [1]}), "alhpa")
    assert problem.message == "there is no column 'alhpa'"
    assert "alpha" in problem.hint


def test_real_tables_are_the_same_as_in_csv(tmp_path: Path, data_dir: Path) -> None:
    table = pd.read_csv(data_dir / "tabular" / "penguins.csv", keep_default_na=True)
    table.to_parquet(tmp_path / "data.parquet")
    names = read_parquet_columns(tmp_path / "data.parquet", "data.parquet")
    assert names == list(table.columns)
    pd.testing.assert_frame_equal(read(tmp_path / "data.parquet", *names), table)


# What is refused


def test_parquet_is_known_by_how_it_begins(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [1]})
    assert open_source(path, "data", Format()).is_parquet
    assert open_source(path.rename(tmp_path / "data.csv"), "data", Format()).is_parquet
    (tmp_path / "text.parquet").write_text("x,y\n")
    (tmp_path / "empty.parquet").write_text("")
    for name in ("text.parquet", "empty.parquet"):
        assert not open_source(tmp_path / name, "data", Format()).is_parquet
    for name in ("nothing.parquet", "."):
        assert problem_of(open_source, tmp_path / name, "data", Format())


def test_damage_anywhere_is_no_traceback(tmp_path: Path) -> None:
    columns = {"x": np.arange(500) / 3, "w": [f"w{i % 9}" for i in range(500)], "d": pa.array(range(500), pa.date32())}
    path = written(tmp_path, columns, write_page_checksum=True)
    whole = path.read_bytes()
    choose = random.Random(0)
    refused = 0
    for i in range(300):
        broken = bytearray(whole[: choose.randrange(len(whole))] if i % 10 == 0 else whole)
        for _ in range(i % 3):
            broken[choose.randrange(len(broken))] = choose.randrange(256)
        path.write_bytes(broken)
        try:
            read(path, "x", "w", "d")
        except RnaError as error:
            refused += 1
            said = error.problems[0]
            if "cannot be read" in said.message and (said.place, "damaged" in said.hint) != ("data.parquet", True):
                pytest.fail(str(error))
    assert refused > 100


def test_a_page_with_other_bytes_than_were_written_is_refused(tmp_path: Path) -> None:
    how = {"compression": "none", "use_dictionary": False, "write_page_checksum": True}
    path = written(tmp_path, {"x": np.full(1000, 1.25)}, **how)
    whole = bytearray(path.read_bytes())
    whole[whole.find(np.full(100, 1.25).tobytes()) + 3] ^= 1
    path.write_bytes(whole)
    assert "CRC" in problem_of(read, path, "x").message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    written(tmp_path, {"x": [1]})
    problem = problem_of(read_parquet_columns, tmp_path / "dat.parquet", "dat.parquet")
    assert "no such file" in problem.message
    assert "data.parquet" in problem.hint


def test_without_pyarrow_the_hint_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"x": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert open_source(path, "data.parquet", Format()).is_parquet
    problem = problem_of(read_parquet_columns, path, "data.parquet")
    assert "pyarrow, which is not installed" in problem.message
    assert problem.hint == "pip install pyarrow"
