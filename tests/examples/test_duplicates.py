"""Held-out rows with the inputs of training rows: counted as a slow way counts them, and said."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import CIRCLES, costs, experiment, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rnacli.data.arrays import as_array
from rnacli.data.examples import Examples
from rnacli.encoders.column import Content
from rnacli.examples.duplicates import CHUNK, count_shared, hash_rows, report_duplicates
from rnacli.examples.load import Data, load_data

THIRDS = {"train": slice(0, 4), "validation": slice(4, 8), "test": slice(8, 12)}


def parts_of(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    rows = np.random.default_rng(seed).permutation(n)
    ends = [0, n * 6 // 10, n * 8 // 10, n]
    return {name: rows[ends[i] : ends[i + 1]] for i, name in enumerate(("train", "validation", "test"))}


def slow(x: np.ndarray, parts: dict[str, np.ndarray]) -> dict[str, int]:
    """The same count by tuples of Python values, which are equal where they are written alike."""
    flat = [tuple("nan" if value != value else value for value in row) for row in x.reshape(len(x), -1).tolist()]
    known = {flat[row] for row in parts["train"]}
    return {part: sum(flat[row] in known for row in rows) for part, rows in parts.items() if part != "train"}


def table_of(x: Any, **more: Any) -> Examples:
    rows = rows_of(x, np.zeros(len(x)), **more)
    rows.kinds = dict.fromkeys(rows.features, Content("numeric", "numbers"))
    return rows


@settings(deadline=None, max_examples=150)
@given(
    arrays.arrays(
        st.sampled_from(["float64", "float32", "float16", "uint8", "int16", "int64", "bool"]),
        st.tuples(st.integers(5, 30), st.integers(1, 9)) | st.tuples(st.integers(5, 20), st.just(2), st.integers(1, 2)),
        elements=None,
        fill=st.nothing(),
    ).flatmap(lambda x: st.tuples(st.just(x), st.lists(st.integers(0, len(x) - 1), min_size=len(x), max_size=len(x))))
)
def test_the_count_is_that_of_a_slow_way(drawn: tuple[np.ndarray, list[int]]) -> None:
    x = drawn[0][drawn[1]]  # rows drawn with repetition: many are equal
    parts = parts_of(len(x))
    assert count_shared(rows_of(x, np.zeros(len(x))), parts) == slow(x, parts)


@pytest.mark.parametrize("chunk", [1, 24, 100, CHUNK])
@pytest.mark.parametrize("dtype", ["float64", "uint8", "int32"])
def test_the_size_of_the_pieces_changes_nothing(dtype: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(1).integers(0, 4, (300, 4)).astype(dtype)
    parts = parts_of(300)
    monkeypatch.setattr("rnacli.examples.duplicates.CHUNK", chunk)
    found = count_shared(rows_of(x, np.zeros(300)), parts)
    assert found == slow(x, parts)
    assert 0 < found["test"] < len(parts["test"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1.0, np.nan], [1.0, np.nan], True),
        ([1.0, np.nan], [1.0, 0.0], False),
        ([1.0, np.nan], [np.nan, 1.0], False),
        ([0.0, 1.0], [-0.0, 1.0], True),
        ([1.0, 2.0], [2.0, 1.0], False),
        ([0.0, 0.0], [0.0, 5e-324], False),
        ([np.inf, 0.0], [-np.inf, 0.0], False),
        ([1.0, 1.0], [2.0, 2.0], False),
    ],
)
def test_rows_are_equal_where_all_their_values_are(one: list[float], other: list[float], same: bool) -> None:
    rows = rows_of([one, other], np.zeros(2))
    assert count_shared(rows, {"train": np.array([0]), "test": np.array([1])}) == {"test": int(same)}


def test_all_missing_values_are_alike_whatever_their_bits() -> None:
    x = np.array([0x7FF8000000000000, 0xFFF8000000000001], "uint64").view("float64").reshape(2, 1)
    assert np.isnan(x).all()
    parts = {"train": np.array([0]), "test": np.array([1])}
    assert count_shared(rows_of(x, np.zeros(2)), parts) == {"test": 1}


def test_what_is_read_is_left_as_it_is() -> None:
    x = np.array([[-0.0, np.nan], [1.0, 2.0]])
    before = x.tobytes()
    count_shared(rows_of(x, np.zeros(2)), {"train": np.array([0]), "test": np.array([1])})
    assert x.tobytes() == before


def test_rows_that_differ_in_one_value_are_told_apart() -> None:
    """Small whole numbers as float64 differ in their upper bits alone: a poor hash takes many for equal."""
    x = np.stack(np.meshgrid(*[np.arange(60.0)] * 3), axis=-1).reshape(-1, 3)
    assert len(np.unique(hash_rows(as_array(x)))) == len(x) == 216_000
    assert len(np.unique(hash_rows(as_array(x.astype("uint8"))))) == len(x)


def test_nothing_is_looked_for_without_held_out_rows_or_in_very_large_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(np.zeros((10, 2)), np.zeros(10))
    assert count_shared(rows, {"train": np.arange(10)}) == {}
    parts = {"train": np.arange(5), "test": np.arange(5, 10)}
    assert count_shared(rows, parts) == {"test": 5}
    monkeypatch.setattr("rnacli.examples.duplicates.LARGEST", 159)
    assert count_shared(rows, parts) == {}
    assert report_duplicates(rows, parts) == ""


def test_a_table_in_a_file_is_read_too(tmp_path: Path) -> None:
    x = np.memmap(tmp_path / "x", "float64", "w+", shape=(1000, 4))
    x[:] = np.random.default_rng(2).integers(0, 6, (1000, 4))
    parts = parts_of(1000)
    narrow = x[:, :3]  # beside a column that is no input
    assert count_shared(rows_of(narrow, np.zeros(1000)), parts) == slow(np.array(narrow), parts)


# What is said


def seen(test: int, of: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs of 10 training rows and ``of`` test rows, ``test`` of which are among them."""
    x = np.arange(10.0 + of).reshape(-1, 1)
    x[10 : 10 + test] = 3
    return x, {"train": np.arange(10), "test": np.arange(10, 10 + of)}


@pytest.mark.parametrize(
    ("test", "of", "said"),
    [
        (0, 100, ""),
        (5, 101, ""),
        (0, 3, ""),
        (1, 3, "1 of 3 test rows have the same inputs as training rows"),
        (5, 100, "5 of 100 test rows have the same inputs as training rows"),
        (1200, 4000, "1,200 of 4,000 test rows have the same inputs as training rows: the test scores may be too good"),
    ],
)
def test_they_are_said_from_five_in_a_hundred(test: int, of: int, said: str) -> None:
    x, parts = seen(test, of)
    text = report_duplicates(table_of(x), parts)
    assert said in text
    assert bool(said) == bool(text)


def test_several_parts_are_said_in_one_line() -> None:
    rows = table_of(np.zeros((12, 2)))
    text = report_duplicates(rows, {name: np.arange(12)[third] for name, third in THIRDS.items()})
    assert "4 of 4 validation rows and 4 of 4 test rows" in text
    assert "the validation and test scores" in text


@pytest.mark.parametrize(
    ("more", "hinted"),
    [
        ({}, True),
        ({"groups": np.array(list("abcdefghijkl"), dtype=object)}, False),
        ({"order": np.arange(12.0)}, False),
        ({"fixed": {"validation": np.arange(4, 8), "test": np.arange(8, 12)}}, False),
        ({"fixed": {"test": np.arange(8, 12)}}, True),
    ],
)
def test_a_group_is_proposed_only_where_it_would_help(more: dict[str, Any], hinted: bool) -> None:
    rows = table_of(np.zeros((12, 2)), **more)
    parts = {name: np.arange(12)[third] for name, third in THIRDS.items()}
    assert ("{group: patient}" in report_duplicates(rows, parts)) == hinted
    rows.kinds = {}
    assert "group" not in report_duplicates(rows, parts)


# Real data


def loaded(file: Path, target: str, cache: Path, **more: Any) -> Data:
    changes: dict[str, Any] = more.pop("changes", {})
    table = {"csv": str(file), "target": target, "split": {"test": 0.2, "validation": 0.1}, **more}
    return load_data(experiment(CIRCLES, dataset=table, **changes), cache)


def in_training(frame: pd.DataFrame, data: Data) -> dict[str, int]:
    """The held-out rows that a merge of data frames finds among the training rows."""
    known = frame.iloc[data.parts["train"]].drop_duplicates()
    columns = list(frame.columns)
    return {
        part: len(frame.iloc[rows].merge(known, on=columns)) for part, rows in data.parts.items() if part != "train"
    }


@pytest.mark.parametrize(
    ("name", "target", "unused", "changes", "range_of_share"),
    [
        ("skin-nonskin", "skin", [], {}, (0.8, 0.9)),
        ("titanic", "survived", ["alive"], {}, (0.1, 0.3)),
        ("concrete", "compressive_strength", ["rownames"], {"layers": [{"dense": 1}], "loss": "mse"}, (0.01, 0.12)),
    ],
)
def test_repeated_records_of_real_data_are_counted(
    name: str,
    target: str,
    unused: list[str],
    changes: dict[str, Any],
    range_of_share: tuple[float, float],
    data_dir: Path,
    tmp_path: Path,
) -> None:
    file = data_dir / "tabular" / f"{name}.csv"
    ignored = dict.fromkeys(unused, "ignore")
    data = loaded(file, target, tmp_path, columns=ignored, changes={"metrics": [], **changes})
    frame = pd.read_csv(file)[list(data.rows.features)]
    found = count_shared(data.rows, data.parts)
    assert found == in_training(frame, data)
    ours, merge = costs(lambda: count_shared(data.rows, data.parts), lambda: in_training(frame, data))
    assert ours < 10 * merge
    low, high = range_of_share
    assert low < found["test"] / len(data.parts["test"]) < high
    said = f"{found['test']:,} of {len(data.parts['test']):,} test rows" in report_duplicates(data.rows, data.parts)
    assert said == (found["test"] >= 0.05 * len(data.parts["test"]))


def test_no_image_of_mnist_is_in_both_of_its_parts(data_dir: Path) -> None:
    with np.load(data_dir / "mnist.npz") as arrays_of:
        x = np.concatenate([arrays_of["x_train"], arrays_of["x_test"], arrays_of["x_train"][:7]])
    parts = {"train": np.arange(60_000), "test": np.arange(60_000, 70_000), "validation": np.arange(70_000, 70_007)}
    rows = rows_of(x, np.zeros(len(x)))
    assert count_shared(rows, parts) == {"test": 0, "validation": 7}
    few = {name: indices[::4] for name, indices in parts.items()}
    quarter, whole = costs(lambda: count_shared(rows, few), lambda: count_shared(rows, parts))
    assert whole < 10 * quarter  # 16 times, were every row compared with every other


def test_long_rows_are_counted_as_short_ones_are() -> None:
    x = np.random.default_rng(2).integers(0, 256, (40, 30, 30, 3)).astype("uint8")
    x[30:35] = x[:5]
    parts = {"train": np.arange(20), "validation": np.arange(20, 30), "test": np.arange(30, 40)}
    assert count_shared(rows_of(x, np.zeros(40)), parts) == {"validation": 0, "test": 5}
    floats = x.astype("float32")
    floats[0], floats[30] = 0.0, -0.0
    assert count_shared(rows_of(floats, np.zeros(40)), parts) == {"validation": 0, "test": 5}
