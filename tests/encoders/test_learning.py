"""What columns teach: as scikit-learn's transformers, and nothing from rows that are not for training."""

import contextlib
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import (
    PRICES,
    arrays_of,
    beside_one_another,
    embeddings_of,
    experiment,
    names_of,
    problem_of,
    problems_of,
    raw_inputs,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from rnacli.document.read import parse_value
from rnacli.encoders import scale
from rnacli.encoders.column import TrainingColumn
from rnacli.encoders.columns.boolean import Boolean
from rnacli.encoders.columns.categorical import Categorical
from rnacli.encoders.columns.date import Date
from rnacli.encoders.columns.numeric import Numeric
from rnacli.encoders.scale import fit_column_scale, fit_column_scales
from rnacli.encoders.section import Column
from rnacli.encoders.table import AT_ONCE, alike_columns
from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.examples.load import Data, load_data
from rnacli.tables.cells import Want


def load(folder: Path, content: str, **keys: Any) -> Data:
    """A table whose target is ``y``; all rows are for training unless the split says otherwise."""
    (folder / "data.csv").write_text(content, "utf-8")
    keys = {"csv": "data.csv", "target": "y", "split": {}, **keys}
    return load_data(experiment(PRICES, folder, dataset=keys), folder / "cache")


def table(**columns: list[Any]) -> str:
    """A CSV with these columns and a target."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({**columns, "y": [float(i) for i in range(rows)]}).to_csv(index=False)


def learnt(data: Data, name: str) -> Any:
    assert data.preprocessing.columns is not None
    return next(column for column in data.preprocessing.columns if column.name == name)


def inputs(data: Data, name: str, part: str = "train") -> list[Any]:
    """The inputs of a column in the rows of a part, as they stand in the file."""
    names = [i for i, each in enumerate(names_of(data.preprocessing)) if each == name or each.startswith(f"{name}=")]
    made = beside_one_another(data.preprocessing, data.rows.x.take(np.sort(data.parts[part])))[:, names]
    return [row[0] if len(row) == 1 else row for row in np.round(made.astype("float64"), 6).tolist()]


# As scikit-learn


TABLES: dict[str, tuple[str, list[str], list[str]]] = {
    "titanic": ("survived", ["pclass", "age", "sibsp", "parch", "fare"], ["sex", "embarked", "deck", "who"]),
    "penguins": ("body_mass_g", ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"], ["species", "island", "sex"]),
    "adult-5k": ("age", ["fnlwgt", "education_num", "hours_per_week"], ["workclass", "occupation", "native_country"]),
    "california-housing": (
        "median_house_value", ["longitude", "latitude", "total_rooms", "total_bedrooms"], ["ocean_proximity"],
    ),
}  # fmt: skip


def names_in(path: Path) -> dict[str, str]:
    """Column names without their punctuation -> as they are."""
    return {name.replace("-", "_").replace(".", "_"): name for name in pd.read_csv(path, nrows=1).columns}


@pytest.mark.parametrize("scale", ["standard", "minmax", "none"])
@pytest.mark.parametrize("strategy", ["median", "mean", "most_frequent"])
@pytest.mark.parametrize("name", TABLES)
def test_real_tables_are_filled_and_scaled_as_scikit_learn_does_it(
    data_dir: Path, tmp_path: Path, name: str, strategy: str, scale: str
) -> None:
    path = data_dir / "tabular" / f"{name}.csv"
    known, (target, numbers, words) = names_in(path), TABLES[name]
    target, numbers, words = known[target], [known[each] for each in numbers], [known[each] for each in words]
    whole = pd.read_csv(path, na_values=["?"]).dropna(subset=[target])
    columns = {each: {"fill": strategy} for each in numbers} | {each: {"fill": "most_frequent"} for each in words}
    keys = {
        "csv": str(path), "target": target, "features": [*numbers, *words], "scale": scale,
        "columns": {**columns, target: {"fill": "drop"}}, "split": {"test": 0.3},
    }  # fmt: skip
    data = load_data(experiment(PRICES, tmp_path, dataset=keys), tmp_path / "cache")
    x = {part: pd.read_csv(path, na_values=["?"]).loc[data.parts[part]] for part in data.parts}
    assert sum(map(len, x.values())) == len(whole)
    scaler = {"standard": StandardScaler(), "minmax": MinMaxScaler(), "none": "passthrough"}[scale]
    filled = make_pipeline(SimpleImputer(strategy=strategy), scaler)
    coded = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    texts = {part: rows[words].astype(object).where(rows[words].notna(), np.nan) for part, rows in x.items()}
    filled.fit(x["train"][numbers].to_numpy("float64"))
    coded.fit(texts["train"].to_numpy())
    for part in ("train", "test"):
        wanted = np.hstack(
            [filled.transform(x[part][numbers].to_numpy("float64")), coded.transform(texts[part].to_numpy())]
        )
        made, _ = arrays_of(data, part)
        assert made.shape == wanted.shape
        np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["titanic", "penguins", "adult-5k"])
def test_ordinal_categories_are_those_of_scikit_learn(data_dir: Path, tmp_path: Path, name: str) -> None:
    path = data_dir / "tabular" / f"{name}.csv"
    known, (target, _, words) = names_in(path), TABLES[name]
    target, words = known[target], [known[each] for each in words]
    keys = {
        "csv": str(path), "target": target, "features": words, "fill": "drop", "split": {"test": 0.3}, "scale": "none",
        "columns": {each: {"encode": "ordinal"} for each in words},
    }  # fmt: skip
    data = load_data(experiment(PRICES, tmp_path, dataset=keys), tmp_path / "cache")
    whole = pd.read_csv(path, na_values=["?"])[words].astype(object)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    encoder.fit(whole.loc[data.parts["train"]].to_numpy())
    for part in ("train", "test"):
        wanted = encoder.transform(whole.loc[data.parts[part]].to_numpy())
        known = (wanted >= 0).all(axis=1)
        assert known.mean() > 0.99
        np.testing.assert_array_equal(arrays_of(data, part)[0][known], wanted[known])


# From the training rows alone


MIXED = table(
    n=[1, 2, None, 4, 5, 6], c=["a", "b", None, "a", "b", "a"], b=["yes", None, "yes", "no", "yes", "no"],
    d=["2024-01-01", "2024-01-05", None, "2024-02-01", "2024-03-01", "2024-04-01"],
)  # fmt: skip


@pytest.mark.parametrize("rows", [1, 2, 9, 127, 1000, 20_001])
def test_columns_that_are_scaled_at_once_have_the_bytes_of_columns_scaled_alone(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(rows)
    columns = [random.normal(10.0**i, 10.0 ** (i % 5 - 2), rows) for i in range(30)]
    columns += [np.full(rows, 0.1), np.where(random.random(rows) < 0.3, np.nan, 1.5), random.integers(0, 3, rows) * 1.0]
    scales = ["standard", "minmax", "none"] * 11
    with warnings.catch_warnings(action="ignore"):
        alone = [fit_column_scale(*each) for each in zip(columns, scales, strict=True)]
        calls = []
        monkeypatch.setattr(scale, "run_aside", lambda function, table: calls.append(table.shape) or function(table))
        np.testing.assert_array_equal(fit_column_scales(columns, scales), alone)
    assert calls == [(rows, 11)]


def test_columns_that_are_larger_than_memory_are_not_learnt_at_once() -> None:
    kinds = ["numeric"] * 5 + ["boolean"] * 2 + ["numeric"]
    half = np.broadcast_to(np.float64(1), (AT_ONCE // 16,))
    columns = [TrainingColumn(str(i), kind, half, (), Column(), "", Want(kind)) for i, kind in enumerate(kinds)]
    assert [len(some) for some in alike_columns(columns)] == [2, 2, 1, 2, 1]


def test_other_rows_move_nothing(tmp_path: Path) -> None:
    head, *rows = MIXED.splitlines()
    keys: dict[str, Any] = {"split": {"test": {"last": 2}}, "columns": {"n": {"indicator": True}}}
    first = load(tmp_path, MIXED, **keys).preprocessing.dump()
    wild = ["1e30,new,no,2999-12-31T05:06:07,1", ",other,,,2"]
    assert load(tmp_path, "\n".join([head, *rows[:4], *wild]) + "\n", **keys).preprocessing.dump() == first
    gone = [",,,,1", ",,,,2"]
    assert load(tmp_path, "\n".join([head, *rows[:4], *gone]) + "\n", **keys).preprocessing.dump() == first
    moved = load(tmp_path, "\n".join([head, *rows[:3], "9,a,no,2024-02-01,3", *rows[4:]]) + "\n", **keys)
    assert moved.preprocessing.dump() != first


def test_a_category_of_the_test_rows_alone_has_no_input(tmp_path: Path) -> None:
    data = load(tmp_path, table(c=["a", "b", "a", "z"]), split={"test": {"last": 1}})
    assert names_of(data.preprocessing) == ("c=a", "c=b")
    assert inputs(data, "c", "test") == [[0, 0]]


def test_gaps_in_the_test_rows_alone_make_no_category(tmp_path: Path) -> None:
    data = load(tmp_path, table(c=["a", "b", "a", None], n=[1, 2, 3, None]), split={"test": {"last": 1}})
    assert names_of(data.preprocessing) == ("c=a", "c=b", "n")
    assert inputs(data, "c", "test") == [[0, 0]]
    assert inputs(data, "n", "test") == [0]


def test_the_order_of_training_rows_does_not_matter(tmp_path: Path) -> None:
    head, *rows = MIXED.splitlines()
    first = load(tmp_path, MIXED, scale="minmax").preprocessing.dump()
    assert load(tmp_path, "\n".join([head, *reversed(rows)]) + "\n", scale="minmax").preprocessing.dump() == first


# What stands for missing values


@pytest.mark.parametrize(
    ("fill", "number"),
    [("auto", 2), ("median", 2), ("mean", 5), ("most_frequent", 1), (7, 7), (-0.5, -0.5), ({"constant": 3}, 3),
     ({"constant": "3.5"}, 3.5)],
)  # fmt: skip
def test_numbers_are_filled(tmp_path: Path, fill: Any, number: float) -> None:
    content = table(x=[1, None, 1, 3, 15])
    for keys in ({"fill": fill}, {"columns": {"x": {"fill": fill}}}):
        data = load(tmp_path, content, scale="none", **keys)
        assert learnt(data, "x").fill == number
        assert inputs(data, "x") == [1, number, 1, 3, 15]


def test_the_scale_is_that_of_the_filled_column(tmp_path: Path) -> None:
    data = load(tmp_path, table(x=[1, None, 1, 3, 15]))
    filled = np.array([1, 2, 1, 3, 15])
    np.testing.assert_allclose(inputs(data, "x"), (filled - filled.mean()) / filled.std(), atol=1e-6)


@pytest.mark.parametrize(
    ("fill", "rows"),
    [
        ("auto", [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]),
        ("missing", [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]),
        ("most_frequent", [[1, 0], [1, 0], [0, 1], [1, 0]]), ({"constant": "b"}, [[1, 0], [0, 1], [0, 1], [1, 0]]),
        ({"constant": "c"}, [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]),
    ],
)  # fmt: skip
def test_categories_are_filled(tmp_path: Path, fill: Any, rows: list[list[int]]) -> None:
    assert inputs(load(tmp_path, table(c=["a", None, "b", "a"]), columns={"c": {"fill": fill}}), "c") == rows


def test_a_category_of_its_own_can_be_had_without_gaps(tmp_path: Path) -> None:
    data = load(tmp_path, table(c=["a", "b"]), columns={"c": {"fill": "missing"}})
    assert names_of(data.preprocessing) == ("c=a", "c=b", "c=(missing)")


@pytest.mark.parametrize(("words", "value"), [(["yes", None, "no", "yes"], 1), (["no", "no", None, "yes"], 0)])
def test_booleans_are_filled_with_the_more_frequent(tmp_path: Path, words: list[str | None], value: int) -> None:
    column = learnt(load(tmp_path, table(b=words)), "b")
    assert isinstance(column, Boolean)
    assert column.fill == value


def test_dates_are_filled_with_the_median(tmp_path: Path) -> None:
    data = load(tmp_path, table(d=["2024-01-01", None, "2024-01-03", "2025-01-01"]), scale="none")
    column = learnt(data, "d")
    assert isinstance(column, Date)
    assert column.fill == pd.Timestamp("2024-01-03").timestamp()
    assert arrays_of(data, "train")[0][:, 2].tolist() == [1, 3, 3, 1]


def test_what_was_filled_is_logged_with_its_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    load(tmp_path, MIXED, split={"test": {"last": 2}})
    said = [record.getMessage() for record in caplog.records if "no value" in record.getMessage()]
    assert said == [
        "n: 1 of 4 training rows have no value; taken as 2",
        "c: 1 of 4 training rows have no value; that is a category of its own",
        "b: 1 of 4 training rows have no value; taken as true",
        "d: 1 of 4 training rows have no value; taken as 2024-01-05T00:00:00",
    ]


def test_rows_without_a_value_can_be_dropped_from_every_part(tmp_path: Path) -> None:
    content = "x,z,y\n1,1,1\n,2,2\n3,,3\n4,4,4\n5,5,\n,6,6\n7,7,7\n"
    data = load(tmp_path, content, fill="drop", split={"test": {"last": 2}})
    assert data.rows.usable is not None
    assert data.rows.usable.tolist() == [True, False, False, True, False, False, True]
    assert {part: rows.tolist() for part, rows in data.parts.items()} == {"train": [0], "test": [3, 6]}
    some = load(tmp_path, content, columns={"x": {"fill": "drop"}, "y": {"fill": "drop"}})
    assert some.parts["train"].tolist() == [0, 2, 3, 6]
    assert np.isfinite(arrays_of(some, "train")[0]).all()


def test_missing_values_can_be_refused_by_line(tmp_path: Path) -> None:
    found = problems_of(lambda: load(tmp_path, MIXED, fill="error"), exit_code=DATA)
    assert [problem.place for problem in found] == ["data.csv:3", "data.csv:4", "data.csv:4", "data.csv:4"]
    assert all("is missing" in problem.message for problem in found)
    (one,) = problems_of(lambda: load(tmp_path, MIXED, columns={"b": {"fill": "error"}}), exit_code=DATA)
    assert (one.place, one.message) == ("data.csv:3", "column 'b': the value is missing")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"columns": {"c": {"fill": "mean"}}}, "column 'c' holds words, which have no mean"),
        ({"columns": {"c": {"fill": "median"}}}, "column 'c' holds words, which have no median"),
        ({"columns": {"n": {"fill": {"constant": "lots"}}}}, "column 'n' contains numbers, but 'lots' is not a number"),
    ],
)
def test_a_fill_that_is_not_for_the_column_is_refused_at_its_place(tmp_path: Path, keys: Any, said: str) -> None:
    problem = problem_of(lambda: load(tmp_path, MIXED, **keys), exit_code=CONFIG)
    assert said in problem.message
    assert problem.place.startswith("experiment.yaml:")
    assert "fill: " in problem.hint


@pytest.mark.parametrize("values", [[1, 2], ["a", "b"], ["yes", "no"], ["2024-01-01", "2024-01-02"]])
def test_a_column_without_any_value_in_training_is_refused(tmp_path: Path, values: list[Any]) -> None:
    content = table(x=[None, None, *values], z=[1, 2, 3, 4])
    problem = problem_of(lambda: load(tmp_path, content, split={"test": {"last": 2}}), exit_code=CONFIG)
    assert problem.message == "column 'x' has no value in any training row"
    assert "x: ignore" in problem.hint
    if isinstance(values[0], int):
        kept = load(tmp_path, content, split={"test": {"last": 2}}, columns={"x": {"fill": 0}}, scale="none")
        assert inputs(kept, "x") == [0, 0]


# Numbers


def test_numbers_know_their_range(tmp_path: Path) -> None:
    column = learnt(load(tmp_path, table(x=[3, None, -1, 99]), split={"test": {"last": 1}}), "x")
    assert isinstance(column, Numeric)
    assert (column.low, column.high) == (-1, 3)


def test_a_column_has_a_scale_of_its_own(tmp_path: Path) -> None:
    columns = {"a": {"scale": "minmax"}, "b": {"scale": {"rescale": 10}}, "c": {"scale": "none"}}
    data = load(tmp_path, table(a=[1, 2, 3], b=[1, 2, 3], c=[1, 2, 3], d=[1, 2, 3]), columns=columns)
    assert [inputs(data, name) for name in "abc"] == [[0, 0.5, 1], [0.1, 0.2, 0.3], [1, 2, 3]]
    np.testing.assert_allclose(inputs(data, "d"), StandardScaler().fit_transform([[1], [2], [3]])[:, 0], atol=1e-6)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_a_constant_column_is_zero(tmp_path: Path, scale: str) -> None:
    assert inputs(load(tmp_path, table(x=[5, 5, None], z=[1, 2, 3]), scale=scale), "x") == [0, 0, 0]


# Categories


def test_rare_categories_are_grouped_with_those_never_seen(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    content = table(c=["a", "a", "b", "q", "a", "b", "z"])
    data = load(tmp_path, content, columns={"c": {"min_count": 2}}, split={"test": {"last": 1}})
    column = learnt(data, "c")
    assert isinstance(column, Categorical)
    assert (column.words, column.rare) == (("a", "b"), ("q",))
    assert names_of(data.preprocessing) == ("c=a", "c=b", "c=(other)")
    assert inputs(data, "c")[3] == [0, 0, 1]
    assert inputs(data, "c", "test") == [[0, 0, 1]]
    assert "c: 1 rare categories are one input" in caplog.text


def test_a_min_count_that_leaves_nothing_is_refused(tmp_path: Path) -> None:
    call = lambda: load(tmp_path, table(c=["a", "b"]), columns={"c": {"min_count": 2}})  # noqa: E731
    assert "no category with 2 training rows" in problem_of(call, exit_code=CONFIG).message


def test_categories_stand_in_the_order_given(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = table(c=["low", "high", "mid", "low", "odd"])
    asked = {"categories": ["low", "mid", "high", "top"]}
    data = load(tmp_path, content, columns={"c": asked})
    assert names_of(data.preprocessing) == ("c=low", "c=mid", "c=high", "c=top", "c=(other)")
    assert "column 'c': not in categories: odd" in caplog.text
    numbers = load(tmp_path, content, columns={"c": {**asked, "encode": "ordinal", "scale": "none"}})
    assert inputs(numbers, "c") == [0, 2, 1, 0, 1.5]  # an unknown one stands in the middle


def test_ordinal_categories_are_scaled_as_numbers(tmp_path: Path) -> None:
    content = table(c=["a", "b", "c", "a", "c", "c"])
    data = load(tmp_path, content, columns={"c": {"encode": "ordinal"}})
    np.testing.assert_allclose(
        inputs(data, "c"), StandardScaler().fit_transform(np.c_[[0, 1, 2, 0, 2, 2]])[:, 0], atol=1e-6
    )
    scaled = load(tmp_path, content, columns={"c": {"encode": "ordinal", "scale": "minmax"}})
    assert inputs(scaled, "c") == [0, 0.5, 1, 0, 1, 1]


def test_categories_that_are_numbers_are_listed_as_such(tmp_path: Path) -> None:
    content = "x,y\n1.0,1\n2.0,2\n2.0,3\n3.0,4\n,5\n"
    asked = {"encode": "ordinal", "categories": [1, 2, 3], "fill": "most_frequent"}
    data = load(tmp_path, content, columns={"x": asked})
    column = learnt(data, "x")
    assert (column.words, column.rare, column.fill) == (("1", "2", "3"), (), 1)
    np.testing.assert_allclose((column.offset, column.divisor), (1, np.std([0, 1, 1, 2])))


def test_numbers_can_be_categories_in_their_order(tmp_path: Path) -> None:
    data = load(tmp_path, table(c=[10, 9, 100, 9]), columns={"c": "categorical"})
    assert names_of(data.preprocessing) == ("c=9", "c=10", "c=100")


@pytest.mark.parametrize(("categories", "dimensions"), [(2, 3), (10, 6), (100, 21), (3000, 50)])
def test_embeddings_have_the_length_of_the_rule_of_thumb(tmp_path: Path, categories: int, dimensions: int) -> None:
    content = table(c=[f"w{i:05}" for i in range(categories)])
    data = load(tmp_path, content, columns={"c": {"encode": "embedding"}})
    assert embeddings_of(data.preprocessing.encoder) == (("c", categories + 1, dimensions),)
    asked = load(tmp_path, content, columns={"c": {"encode": "embedding", "dimensions": 8}})
    assert embeddings_of(asked.preprocessing.encoder) == (("c", categories + 1, 8),)


def test_too_many_inputs_of_one_column_are_refused(tmp_path: Path) -> None:
    content = table(c=[f"w{i:05}" for i in range(1001)])
    problem = problem_of(lambda: load(tmp_path, content, columns={"c": "categorical"}), exit_code=CONFIG)
    assert "1,001 categories" in problem.message
    assert "encode: embedding" in problem.hint


# Dates


def test_dates_with_times_have_the_hour_too(tmp_path: Path) -> None:
    days = load(tmp_path, table(d=["2024-01-01", "2024-06-02"]), scale="none")
    assert names_of(days.preprocessing) == ("d.year", "d.month", "d.day", "d.day_of_week")
    assert beside_one_another(days.preprocessing, raw_inputs(days.rows)).tolist() == [[2024, 1, 1, 0], [2024, 6, 2, 6]]
    times = load(tmp_path, table(d=["2024-01-01T00:00", "2024-06-02T15:30"]), scale="none")
    assert names_of(times.preprocessing)[-1] == "d.hour"
    assert beside_one_another(times.preprocessing, raw_inputs(times.rows))[1].tolist() == [2024, 6, 2, 6, 15]


def test_parts_and_format_of_a_date_can_be_said(tmp_path: Path) -> None:
    asked = {"parts": ["day_of_year", "minute"], "format": "%d/%m/%Y %H:%M"}
    data = load(tmp_path, table(d=["01/02/2024 00:15", "02/01/2024 10:59"]), columns={"d": asked}, scale="none")
    assert beside_one_another(data.preprocessing, raw_inputs(data.rows)).tolist() == [[32, 15], [2, 59]]
    assert data.rows.kinds["d"][:2] == ("date", "as the config says")


def test_times_of_several_zones_are_one_time(tmp_path: Path) -> None:
    content = table(d=["2024-01-01T23:30:00-02:00", "2024-01-02T01:30:00Z", "2024-01-02T01:30:00"])
    data = load(tmp_path, content, columns={"d": {"parts": ["day", "hour", "minute"]}}, scale="none")
    assert beside_one_another(data.preprocessing, raw_inputs(data.rows)).tolist() == [[2, 1, 30]] * 3


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    words = [f"{i:06d}" + "x" * 900 for i in range(19_000)]
    data = load(tmp_path, table(c=words), columns={"c": {"encode": "embedding"}})
    problem = problem_of(data.preprocessing.dump)
    assert "larger than 16 MiB" in problem.message
    assert "min_count" in problem.hint


MENDABLE: dict[str, tuple[list[str], Any]] = {
    "empty": ([""] * 40, None),
    "dates": ([f"{day}/{month}/2020" for month in (1, 2) for day in range(1, 12)], None),
    "too many words": ([f"word {i}" for i in range(200)], None),
    "rare words": (["red", "blue", "green", "red", "blue"], {"min_count": 9}),
}


@pytest.mark.parametrize("name", ["a: b", "yes", "8", "#1", "{x}", "ñ", 'say "a"', "a" * 30])
@pytest.mark.parametrize("case", MENDABLE)
def test_a_hint_mends_the_config_as_it_is_written(tmp_path: Path, case: str, name: str) -> None:
    """Whatever characters a column's name has: what stands behind ``columns:`` is YAML."""
    cells, asked = MENDABLE[case]
    content = table(**{name: cells, "x": list(range(len(cells)))})
    problem = problem_of(lambda: load(tmp_path, content, columns={name: asked} if asked else {}))
    mended = written(problem.hint.partition("columns: ")[2])
    assert list(mended) == [name]
    assert load(tmp_path, content, columns=mended).preprocessing.columns


def written(text: str) -> Any:
    """The YAML mapping that a text begins with."""
    for end in (i + 1 for i, sign in enumerate(text) if sign == "}"):
        with contextlib.suppress(RnaError):
            return parse_value(text[:end], "hint")
    raise AssertionError(text)


# A number that stands for a missing value


@pytest.mark.parametrize(
    ("values", "stand_in"),
    [
        ([*range(60, 140), -999.0, -999.0], -999),
        ([*range(1, 30), *[999.0] * 29], 999),
        ([*range(60, 140), -999.9, -999.9], "-999.9"),
        ([*range(60, 140), -999.0], None),  # once may be a slip
        ([*range(60, 140), -998.0, -998.0], None),
        ([*range(1000), 999.0, 999.0], None),  # as near to the others as they are to one another
        ([0.0, 1.0] * 3 + [99.0] * 2, None),  # too few to say
        ([99.0] * 40, None),
    ],
)
def test_a_number_of_nines_far_from_all_others_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, values: list[float], stand_in: int | str | None
) -> None:
    load(tmp_path, table(x=values))
    expected = [f"columns: {{x: {{missing: [{stand_in!r}]}}}}"] if stand_in else []
    assert [text.partition("value: ")[2] for text in caplog.messages if "far from all" in text] == expected
    if stand_in:
        caplog.clear()
        load(tmp_path, table(x=values), columns={"x": {"missing": [stand_in]}})
        assert not any("far from all" in text for text in caplog.messages)
