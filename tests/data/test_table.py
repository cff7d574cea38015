"""Tables: which column is for what, of which kind each is, one file or several, in memory or on the disk."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import (
    CIRCLES,
    IRIS,
    PRICES,
    arrays_of,
    beside_one_another,
    experiment,
    names_of,
    only_task,
    problem_of,
    problems_of,
    raw_inputs,
)

from rnacli.data.arrays import Mapped
from rnacli.data.csv import Csv
from rnacli.data.examples import Examples
from rnacli.data.table import read_table
from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.table import Columns
from rnacli.errors import CONFIG, DATA
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import Data, load_data
from rnacli.experiment.load import load_config
from rnacli.tables.csv.read import CsvFile
from rnacli.tables.table import Table


def load(folder: Path, files: str | Mapping[str, str], config: str = PRICES, **keys: Any) -> Data:
    """The data of some files, of which the first is the table; its target is ``y`` and all rows are for training."""
    files = {"data.csv": files} if isinstance(files, str) else files
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    keys = {"csv": next(iter(files)), "target": "y", "split": {}, **keys}
    return load_data(experiment(config, folder, dataset=keys), folder / "cache")


def inputs(data: Data) -> list[Any]:
    """The inputs of all rows, as they stand in the files."""
    return beside_one_another(data.preprocessing, raw_inputs(data.rows)).tolist()


# What a column is for


ROLES = "id,x,when,who,w,part,z,y\n" + "".join(
    f"r{i},{i},2024-01-{30 - i:02},p{i // 2},{i % 2},{'test' if i > 8 else 'train'},{i * i},{-i}\n" for i in range(12)
)


def test_inputs_are_the_columns_that_are_nothing_else(tmp_path: Path) -> None:
    keys = {"id": "id", "sample_weight": "w", "columns": {"part": "ignore"}, "scale": "none"}
    data = load(tmp_path, ROLES, **keys, split={"group": "who", "test": 0.25})
    assert data.rows.features == ("x", "when", "z")
    assert data.rows.targets == ("y",)
    assert data.rows.ids is not None
    assert data.rows.ids.tolist() == [f"r{i}" for i in range(12)]
    assert data.rows.groups is not None
    assert data.rows.groups.tolist() == [f"p{i // 2}" for i in range(12)]
    assert data.rows.weights is not None
    assert data.rows.weights.tolist() == [0, 1] * 6
    ordered = load(tmp_path, ROLES, **keys, split={"order_by": "when", "test": 3})
    assert ordered.rows.features == ("x", "who", "z")
    assert ordered.rows.order is not None
    assert (np.diff(ordered.rows.order) == -86_400).all()
    assert set(ordered.parts["test"].tolist()) == {0, 1, 2}
    parts = load(tmp_path, ROLES, id="id", features=["x"], split={"column": "part"})
    assert parts.parts["test"].tolist() == [9, 10, 11]


def test_features_that_are_named_come_in_that_order(tmp_path: Path) -> None:
    data = load(tmp_path, ROLES, features=["z", "x"], scale="none")
    assert names_of(data.preprocessing) == data.rows.features == ("z", "x")
    assert inputs(data)[3] == [9, 3]


def test_columns_are_named_by_a_pattern(tmp_path: Path) -> None:
    content = "a1,b,Class1,a2,Class2,c\n1,2,3,4,5,6\n2,3,4,5,6,8\n"
    data = load(tmp_path, content, target=["Class*"], features=["c", "a*", "b"], scale="none")
    assert data.rows.targets == ("Class1", "Class2")
    assert data.rows.features == ("c", "a1", "a2", "b")
    assert inputs(data)[0] == [6, 1, 4, 2]
    assert data.rows.y.tolist() == [[3, 5], [4, 6]]
    assert load(tmp_path, content, target="Class*").rows.targets == ("Class1", "Class2")


def test_a_column_whose_name_is_a_pattern_is_itself(tmp_path: Path) -> None:
    assert load(tmp_path, "a*,ab,y\n1,2,3\n2,3,4\n", features=["a*"]).rows.features == ("a*",)


def test_real_targets_by_a_pattern(data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "tabular" / "multilabel-yeast.csv"
    keys = {"csv": str(path), "target": "Class*", "split": {"test": 0.2}}
    data = load_data(experiment(CIRCLES, tmp_path, dataset=keys), tmp_path / "cache")
    assert data.rows.targets == tuple(f"Class{i}" for i in range(1, 15))
    assert len(data.rows.features) == 103
    assert only_task(data).form.kind == "multilabel"


def test_what_is_ignored_is_no_input_even_where_it_is_named(tmp_path: Path) -> None:
    data = load(tmp_path, ROLES, features=["x", "who", "z"], columns={"who": "ignore"})
    assert data.rows.features == ("x", "z")


@pytest.mark.parametrize(
    ("keys", "said", "hint"),
    [
        ({"target": "x", "features": ["x", "z"]}, "x is the target and a feature", "remove it"),
        ({"target": "why"}, "no column 'why', which experiment.yaml", "who"),
        ({"features": ["x", "zz"]}, "no column 'zz'", "did you mean z?"),
        ({"features": ["q*"]}, "no column 'q*'", ""),
        ({"target": ["Class*"]}, "no column 'Class*'", ""),
        ({"id": "idd"}, "no column 'idd'", "did you mean id?"),
        ({"sample_weight": "ww"}, "no column 'ww'", ""),
        ({"columns": {"whoo": "ignore"}}, "no column 'whoo'", "did you mean who?"),
        ({"split": {"group": "whoo", "test": 2}}, "no column 'whoo'", "did you mean who?"),
        ({"split": {"order_by": "wen", "test": 2}}, "no column 'wen'", "did you mean when?"),
        ({"split": {"column": "prt"}}, "no column 'prt'", "did you mean part?"),
        ({"features": ["x"], "columns": {"x": "ignore"}}, "no columns are left for the inputs", ""),
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, keys: dict[str, Any], said: str, hint: str) -> None:
    problem = problems_of(lambda: load(tmp_path, ROLES, **keys))[0]
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("key", ["id", "group", "column"])
def test_a_column_that_names_or_divides_the_rows_is_no_input(tmp_path: Path, key: str) -> None:
    size = {"test": 0.25} if key == "group" else {}
    keys: dict[str, Any] = {"id": "part"} if key == "id" else {"split": {key: "part", **size}}
    problem = problem_of(lambda: load(tmp_path, ROLES, features=["part", "x"], **keys), exit_code=CONFIG)
    assert problem.message == "part names or divides the rows, and is a feature"
    assert problem.place.startswith("experiment.yaml:")


def test_rows_may_be_named_and_ordered_by_one_column(tmp_path: Path) -> None:
    data = load(tmp_path, ROLES, id="when", features=["x"], split={"order_by": "when", "test": 3})
    assert set(data.parts["test"].tolist()) == {0, 1, 2}
    assert data.rows.ids is not None
    assert data.rows.ids[0] == "2024-01-30"


def test_rows_are_ordered_by_numbers_or_dates(tmp_path: Path) -> None:
    content = (
        "n,d,e,m,x,y\n10,2024-01-02,01/02/2024,5 feb 2024,1,1\n9,2023-12-31,31/12/2023,1 ene 2024,2,2\n"
        "-1,2024-01-01T05:00,15/01/2024,9 abr 2023,3,3\n"
    )
    for name, order in (("n", [2, 1, 0]), ("d", [1, 2, 0]), ("e", [1, 2, 0]), ("m", [2, 1, 0])):
        data = load(tmp_path, content, features=["x"], split={"order_by": name, "test": 1})
        assert data.rows.order is not None
        assert np.argsort(data.rows.order).tolist() == order
        inside = load(tmp_path, content, features=["x", name], split={"order_by": name, "test": 1})
        np.testing.assert_array_equal(inside.rows.order, data.rows.order)


@pytest.mark.parametrize("words", [["01/02/2020", "02/01/2020", "03/04/2020"], ["b", "a", "c"], ["2020-Q1", "2020-Q2"]])
def test_words_have_no_order_in_time(tmp_path: Path, words: list[str]) -> None:
    content = "o,x,y\n" + "".join(f"{word},{i},{i}\n" for i, word in enumerate(words))
    for features in (["x"], ["x", "o"]):
        call = lambda features=features: load(tmp_path, content, features=features, split={"order_by": "o", "test": 1})  # noqa: E731
        assert "'o'" in problem_of(call).message
    stated = {"o": {"format": "%m/%d/%Y"}}
    if "/" in words[0]:
        order = load(tmp_path, content, features=["x"], columns=stated, split={"order_by": "o", "test": 1}).rows.order
        assert order is not None
        assert np.argsort(order).tolist() == [0, 1, 2]


@pytest.mark.parametrize("words", [["b", "", "c"], ["2024-01-02", "", "2024-01-03"], ["3", "", "1"]])
def test_rows_that_cannot_be_ordered_are_refused(tmp_path: Path, words: list[str]) -> None:
    content = "o,x,y\n" + "".join(f"{word},{i},{i}\n" for i, word in enumerate(words))
    for features in (["x"], ["x", "o"]):
        call = lambda features=features: load(tmp_path, content, features=features, split={"order_by": "o", "test": 1})  # noqa: E731
        assert "'o'" in problem_of(call).message


@pytest.mark.parametrize("words", [["2024-01-03", "2024-01-02"], ["3", "1"]])
def test_a_gap_in_an_id_that_orders_the_rows_is_refused(tmp_path: Path, words: list[str]) -> None:
    content = f"o,x,y\n,1,1\n{words[0]},2,2\n,3,3\n{words[1]},4,4\n"
    data = lambda: load(tmp_path, content, id="o", features=["x"], split={"order_by": "o", "test": 1})  # noqa: E731
    assert "'o'" in problem_of(data).message


# What a column holds


def test_each_kind_is_found_and_said_why(tmp_path: Path) -> None:
    content = (
        "n,gaps,c,b,d,t,bits,y\n1,,red,yes,2024-01-01,2024-01-01 10:00:00,0,1\n2,5,blue,No,2024-02-01,2024-01-01,1,2\n"
        "3,NA,red,y,,2024-01-01T00:00Z,1,3\n"
    )
    kinds = load(tmp_path, content).rows.kinds
    assert {name: found.kind for name, found in kinds.items()} == {
        "n": "numeric", "gaps": "numeric", "c": "categorical", "b": "boolean", "d": "date", "t": "date",
        "bits": "numeric",
    }  # fmt: skip
    assert kinds["c"].why == "2 different words"
    assert kinds["b"].why == "No, y and yes"


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("categorical", "categorical"), ("boolean", "boolean"), ("numeric", "numeric"), ({"encode": "ordinal"},
        "categorical"),
        ({"encode": "embedding"}, "categorical"), ({"min_count": 2}, "categorical"), ({"categories": [0, 1]},
        "categorical"),
        ({"fill": "missing"}, "categorical"), ({"fill": "median"}, "numeric"), ({"indicator": True}, "numeric"),
    ],
)  # fmt: skip
def test_a_kind_can_be_said(tmp_path: Path, asked: Any, kind: str) -> None:
    rows = "".join(f"{i % 2},{i}\n" for i in range(6))
    found, why, *_ = load(tmp_path, f"x,y\n{rows}", columns={"x": asked}).rows.kinds["x"]
    assert found == kind
    assert (why == "as the config says") == (asked not in ({"fill": "median"}, {"indicator": True}))


def test_words_are_stripped_as_the_config_says(tmp_path: Path) -> None:
    content = "x,k,y\n1,yes.,<=50K.\n2,no,>50K\n3,yes,<=50K\n4,.no,>50K.\n"
    columns = {"k": {"strip": "."}, "y": {"strip": "."}}
    data = load(tmp_path, content, CIRCLES, columns=columns)
    assert data.rows.kinds["k"][0] == "boolean"
    assert only_task(data.preprocessing).labels == ("<=50K", ">50K")


def test_a_date_is_stripped_in_new_rows_as_in_those_of_training(tmp_path: Path) -> None:
    content = "d,y\n#2024-01-01#,1\n#2024-02-01#,2\n2024-03-01,3\n"
    encoder = load(tmp_path, content, columns={"d": {"strip": "#"}}).preprocessing.encoder
    assert isinstance(encoder, Columns)
    (column,) = encoder.learnt
    assert column.kind == "date"
    assert column.want.strip == "#"


def test_a_second_file_with_full_stops_has_the_same_labels(data_dir: Path, tmp_path: Path) -> None:
    names = [*(f"c{i}" for i in range(14)), "income"]
    keys = {
        "csv": str(data_dir / "tabular" / "adult-train.csv"),
        "header": False, "column_names": names, "target": "income",
        "features": ["c0", "c1", "c4"], "columns": {"income": {"strip": "."}},
        "split": {"test": str(data_dir / "tabular" / "adult-test.csv")},
    }  # fmt: skip
    data = load_data(experiment(CIRCLES, tmp_path, dataset=keys), tmp_path / "cache")
    assert only_task(data.preprocessing).labels == ("<=50K", ">50K")
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 32561, "test": 16281}


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("x,z,y\n1,1,1\n2,1,1\nfoo,1,1\n", 4, "column 'x': expected a number, got 'foo'"),
        ("x,z,y\n1,1,1\ninf,1,1\n3,1,1\n", 3, "got 'inf'"),
        ("x,z,y\n1,1,1\n1e39,1,1\n3,1,1\n", 3, "does not fit float32"),
        ("x,z,y\n1,1,1\n,1,1\nfoo,1,1\n4,2,1\n", 4, "got 'foo'"),
    ],
)
def test_a_word_among_numbers_is_named_with_its_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    problem = problem_of(lambda: load(tmp_path, content), exit_code=DATA)
    assert problem.place == f"data.csv:{line}"
    assert said in problem.message


def test_an_empty_column_is_refused(tmp_path: Path) -> None:
    problem = problem_of(lambda: load(tmp_path, "x,z,y\n,1,1\nNA,2,2\n?,3,3\n"), exit_code=DATA)
    assert problem.message == "column 'x': every value is missing"
    assert problem.hint == "leave it out: columns: {x: ignore}"


def test_a_column_of_free_text_is_refused_with_what_can_be_done(tmp_path: Path) -> None:
    content = "note,y\n" + "".join(f"text {i},{i}\n" for i in range(101))
    problem = problem_of(lambda: load(tmp_path, content), exit_code=DATA)
    assert problem.message == "column 'note' has 101 different words in 101 rows: too many to be categories"
    for way in ("note: ignore", "encode: embedding", "min_count: 10"):
        assert way in problem.hint
    assert load(tmp_path, content, columns={"note": "categorical"}).preprocessing.shape == (101,)
    learnt = load(tmp_path, content, columns={"note": {"encode": "embedding"}}).preprocessing
    assert learnt.encoder.inputs == {"note": InputSpec((), "int32", 102, 21)}
    assert learnt.shape == (1,)
    assert load_preprocessing(learnt.dump(), "p", ["y"]).shape == (1,)


def test_all_columns_that_need_a_word_are_named_at_once(tmp_path: Path) -> None:
    content = "a,b,y\n" + "".join(f"text {i},,{i}\n" for i in range(101))
    found = problems_of(lambda: load(tmp_path, content), exit_code=DATA)
    assert [problem.message[:10] for problem in found] == ["column 'a'", "column 'b'"]


def test_a_missing_target_is_refused_with_its_line(tmp_path: Path) -> None:
    for config, content in ((PRICES, "x,y\n1,1\n2,\n3,3\n"), (IRIS, "x,y\n1,a\n2,\n3,b\n")):
        problem = problem_of(lambda: load(tmp_path, content, config), exit_code=DATA)  # noqa: B023
        assert (problem.place, problem.message) == ("data.csv:3", "column 'y': the value is missing")
        assert len(load(tmp_path, content, config, columns={"y": {"fill": "drop"}}).parts["train"]) == 2


def test_several_labels_in_a_cell_are_separated(tmp_path: Path) -> None:
    content = "x,y\n1,rock|pop\n2,pop\n3,\n4,jazz| rock\n"
    text = CIRCLES.replace("units: 1", "units: 3")
    data = load(tmp_path, content, text, label_separator="|")
    assert only_task(data.preprocessing).labels == ("jazz", "pop", "rock")
    assert arrays_of(data, "train")[1].tolist() == [[0, 1, 1], [0, 1, 0], [0, 0, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("weights", "said"), [(["1", "-0.5"], "at least 0, got -0.5 (row 2)"), (["1", ""], "is missing")]
)
def test_a_weight_must_be_a_number_that_is_not_negative(tmp_path: Path, weights: list[str], said: str) -> None:
    content = "x,w,y\n" + "".join(f"{i},{weight},{i}\n" for i, weight in enumerate(weights))
    problem = problem_of(lambda: load(tmp_path, content, sample_weight="w"), exit_code=DATA)
    assert "column 'w'" in problem.message
    assert said in problem.message


# Names, marks, files


@pytest.mark.parametrize("header", [True, False])
def test_columns_get_names_of_the_config(tmp_path: Path, header: bool) -> None:
    content = ("p,q,r\n" if header else "") + "1,2,3\n4,5,6\n"
    data = load(tmp_path, content, header=header, column_names=["a", "y", "b"], scale="none")
    assert data.rows.features == ("a", "b")
    assert inputs(data) == [[1, 3], [4, 6]]
    assert data.rows.y.tolist() == [2, 5]


@pytest.mark.parametrize("names", [["a", "y"], ["a", "b", "c", "y"]])
def test_names_must_be_as_many_as_columns(tmp_path: Path, names: list[str]) -> None:
    problem = problem_of(lambda: load(tmp_path, "1,2,3\n", header=False, column_names=names))
    assert f"column_names has {len(names)} names, and the file has 3 columns" in problem.message


def test_columns_without_a_header_are_counted(tmp_path: Path) -> None:
    data = load(tmp_path, "1,2,3\n4,5,6\n", header=False, target="1", scale="none")
    assert data.rows.features == ("0", "2")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_delimiter_and_decimal_mark_are_found(
    tmp_path: Path, delimiter: str, decimal: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    rows = [["x", "c", "y"], ["1.5", "a b", "2.25"], ["-0.5", "c", "1.0"]]
    content = "\n".join(delimiter.join(row) for row in rows).replace(".", decimal) + "\n"
    data = load(tmp_path, content, scale="none")
    assert inputs(data) == [[1.5, 1, 0], [-0.5, 0, 1]]
    assert data.rows.y.tolist() == [2.25, 1]
    assert "delimiter: " in caplog.text


PIECES = {
    "part10.csv": "x,c,y\n5,b,5\n", "part1.csv": "x,c,y\n1,a,1\n2,b,2\n",
    "part2.csv": "y,c,extra,x\n3,c,0,3\n4,a,0,4\n",
}  # fmt: skip


def test_several_files_are_one_table_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    data = load(tmp_path, PIECES, csv="part*.csv", scale="none")
    assert data.rows.y.tolist() == [1, 2, 3, 4, 5]
    assert names_of(data.preprocessing) == ("x", "c=a", "c=b", "c=c")
    assert inputs(data) == [[1, 1, 0, 0], [2, 0, 1, 0], [3, 0, 0, 1], [4, 1, 0, 0], [5, 0, 1, 0]]
    assert list(data.rows.files) == ["part1.csv", "part2.csv", "part10.csv"]


def test_a_file_that_lacks_a_column_is_refused_by_its_name(tmp_path: Path) -> None:
    files = {**PIECES, "part3.csv": "x,y\n1,2\n"}
    problem = problem_of(lambda: load(tmp_path, files, csv="part*.csv"), exit_code=DATA)
    assert problem.place == "part3.csv:1"
    assert "no column 'c'" in problem.message


def test_a_bad_row_is_named_with_its_file(tmp_path: Path) -> None:
    files = {**PIECES, "part2.csv": "x,c,y\n3,a,3\n4,a,oops\n"}
    problem = problem_of(lambda: load(tmp_path, files, csv="part*.csv"), exit_code=DATA)
    assert problem.place == "part2.csv:3"


def test_a_pattern_that_nothing_matches_is_refused(tmp_path: Path) -> None:
    assert "no file has a name like this" in problem_of(lambda: load(tmp_path, PIECES, csv="prt*.csv")).message


@pytest.mark.parametrize("part", ["test", "validation"])
def test_a_second_file_is_a_part(tmp_path: Path, part: str) -> None:
    files = {"one.csv": "x,c,y\n1,a,1\n2,b,2\n", "two.csv": "extra,y,x,c\n0,3,3,new\n0,4,4,a\n"}
    data = load(tmp_path, files, split={part: "two.csv"}, scale="none")
    assert {name: rows.tolist() for name, rows in data.parts.items()} == {"train": [0, 1], part: [2, 3]}
    assert arrays_of(data, part)[0].tolist() == [[3, 0, 0], [4, 1, 0]]
    assert arrays_of(data, part)[1].tolist() == [[3], [4]]
    assert list(data.rows.files) == ["one.csv", "two.csv"]


def test_three_files_are_three_parts(tmp_path: Path) -> None:
    files = {**PIECES, "val.csv": "x,c,y\n6,a,6\n", "test.csv": "x,c,y\n7,a,7\n8,a,8\n"}
    data = load(tmp_path, files, csv="part*.csv", split={"validation": "val.csv", "test": "test.csv"})
    assert {part: data.rows.y[rows].tolist() for part, rows in data.parts.items()} == {
        "train": [1, 2, 3, 4, 5], "validation": [6], "test": [7, 8],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "two", "kind"),
    [
        (["1", "2", "3"], ["a", "b", "3", "c", "d"], "categorical"), (["a", "b", "c"], ["1", "2"], "categorical"),
        (["007", "x", "y", "z"], ["007", "7"], "categorical"), (["yes", "no", "no"], ["1", "0"], "boolean"),
        (["1", "0"], ["yes", "no", "no"], "boolean"), (["1", "2", "3"], ["", "5"], "numeric"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["pattern", "test"])
def test_files_that_hold_numbers_and_words_are_read_as_one(
    tmp_path: Path, one: list[str], two: list[str], kind: str, how: str
) -> None:
    """A column is judged by all its files, as if they were one."""
    texts = ["x,y\n" + "".join(f"{word},{i}\n" for i, word in enumerate(words)) for words in (one, two)]
    files = {"p1.csv": texts[0], "p2.csv": texts[1]}
    keys: dict[str, Any] = {"csv": "p*.csv"} if how == "pattern" else {"split": {"test": "p2.csv"}}
    data = load(tmp_path, files, scale="none", **keys)
    whole = load(tmp_path, "x,y\n" + "".join(f"{word},0\n" for word in [*one, *two]), scale="none",
                 split={} if how == "pattern" else {"train": {"first": len(one)}, "test": len(two)})  # fmt: skip
    assert data.rows.kinds["x"][0] == whole.rows.kinds["x"][0] == kind
    assert names_of(data.preprocessing) == names_of(whole.preprocessing)
    assert inputs(data) == inputs(whole)


def test_a_word_in_the_second_file_of_a_column_of_numbers_is_named(tmp_path: Path) -> None:
    files = {"p1.csv": "x,y\n1,1\n2,2\n3,3\n", "p2.csv": "x,y\n4,4\nfoo,5\n"}
    for keys in ({"csv": "p*.csv"}, {"split": {"test": "p2.csv"}}):
        problem = problem_of(lambda keys=keys: load(tmp_path, files, **keys), exit_code=DATA)
        assert problem.place == "p2.csv:3"
        assert "got 'foo'" in problem.message


@pytest.mark.parametrize("digest", ["0" * 64])
def test_another_sha256_is_refused(tmp_path: Path, digest: str) -> None:
    assert "SHA-256" in problem_of(lambda: load(tmp_path, ROLES, sha256=digest)).message


# On the disk


def mixed(rows: int) -> str:
    """A table with a column of every kind, gaps in each, more categories the further down."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "n": random.normal(size=rows),
            "c": [f"k{i // 40}" for i in range(rows)],
            "b": random.choice(["yes", "no"], rows),
            "d": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 10**8, rows), "s"),
            "id": [f"{i:05}" for i in range(rows)],
            "g": random.choice(["p", "q", "r"], rows),
            "w": random.uniform(size=rows),
            "y": random.choice(["u", "v", "w"], rows),
        }
    )
    for name in ("n", "c", "b", "d"):
        frame.loc[random.choice(rows, rows // 10, replace=False), name] = None
    return frame.to_csv(index=False)


def same(first: Examples, second: Examples) -> None:
    assert raw_inputs(first).tobytes() == raw_inputs(second).tobytes()
    assert (first.x.shape, first.x.dtype, len(first.x)) == (second.x.shape, second.x.dtype, len(second.x))
    assert first.y.tolist() == second.y.tolist()
    for name in ("features", "targets", "kinds", "words", "files"):
        assert getattr(first, name) == getattr(second, name)
    for name in ("ids", "groups", "order", "weights", "usable"):
        one, two = getattr(first, name), getattr(second, name)
        assert (one is None) == (two is None)
        assert one is None or one.tolist() == two.tolist()


@pytest.mark.parametrize("chunk", [50, 199, 1000])
@pytest.mark.parametrize(
    "split",
    [{"test": 0.2}, {"test": 0.2, "group": "g"}, {"test": 0.2, "order_by": "d"}, {"test": 0.2, "order_by": "id"}],
)
def test_rows_on_the_disk_are_those_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, split: dict[str, Any]
) -> None:
    if split.get("order_by") == "d":
        split = {**split, "order_by": "w"}
    (tmp_path / "data.csv").write_text(mixed(400))
    keys = {"csv": "data.csv", "target": "y", "split": split, "fill": "auto", "columns": {"b": {"fill": "drop"}}}
    keys |= {"sample_weight": "w"} if split.get("order_by") != "w" else {}
    keys |= {"id": "id"} if split.get("order_by") != "id" else {}
    monkeypatch.setattr("rnacli.data.table.CHUNK", chunk)
    rows = []
    for stream in (False, True):
        made = experiment(IRIS, tmp_path, dataset={**keys, "stream": stream})
        assert isinstance(made.dataset, Csv)
        rows.append(read_table(made.dataset, made.where(tmp_path / "cache")))
    assert rows[0].x.resident
    assert not rows[1].x.resident
    assert isinstance(rows[1].x, Mapped)
    assert isinstance(rows[1].x.values, np.memmap)
    kinds = rows[1].kinds
    assert {name: found.kind for name, found in kinds.items()} == {
        name: found.kind for name, found in rows[0].kinds.items()
    }
    rows[1].kinds = rows[0].kinds  # how many different words were seen may differ
    same(*rows)


def test_training_from_the_disk_learns_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.data.table.CHUNK", 64)
    files = {"data.csv": mixed(300), "test.csv": mixed(90)}
    keys = {"id": "id", "sample_weight": "w", "split": {"test": "test.csv", "validation": 0.1}}
    memory, disk = (load(tmp_path, files, IRIS, **keys, stream=stream) for stream in (False, True))
    assert not disk.rows.x.resident
    assert memory.rows.x.resident
    assert names_of(disk.preprocessing) == names_of(memory.preprocessing)
    assert only_task(disk.preprocessing).labels == only_task(memory.preprocessing).labels
    for part in ("train", "validation", "test"):
        order = np.argsort(memory.parts[part])  # from the disk rows are taken in their order
        assert disk.parts[part].tolist() == memory.parts[part][order].tolist()
        (x, y), (x_disk, y_disk), weights = arrays_of(memory, part), arrays_of(disk, part), memory.weights(part)
        np.testing.assert_allclose(x_disk, x[order], rtol=1e-6, atol=1e-6)
        assert y_disk.tolist() == y[order].tolist()
        assert weights is not None
        np.testing.assert_array_equal(disk.weights(part), weights[order])


def test_real_tables_are_the_same_from_the_disk(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnacli.data.table.CHUNK", 100)
    for name, target in (("titanic", "survived"), ("penguins", "species"), ("california-housing", "ocean_proximity")):
        rows = []
        for stream in (False, True):
            keys = {"csv": str(data_dir / "tabular" / f"{name}.csv"), "target": target, "stream": stream}
            made = experiment(IRIS, tmp_path, dataset=keys)
            assert isinstance(made.dataset, Csv)
            rows.append(read_table(made.dataset, made.where(tmp_path / "cache")))
        assert not rows[1].x.resident
        rows[1].kinds = rows[0].kinds
        same(*rows)


def test_a_table_of_some_megabytes_stays_in_memory(tmp_path: Path) -> None:
    assert load(tmp_path, mixed(50), IRIS, stream="auto").rows.x.resident


def test_what_the_first_rows_promise_is_kept_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.data.table.CHUNK", 4)
    content = "x,y\n" + "".join(f"{i},{i}\n" for i in range(10)) + "foo,1\n"
    problem = problem_of(lambda: load(tmp_path, content, stream=True), exit_code=DATA)
    assert problem.place == "data.csv:12"
    assert "got 'foo'" in problem.message


def test_codes_behind_the_first_rows_on_the_disk_are_refused(tmp_path: Path) -> None:
    """They would lose their zeros in silence: the first 65,536 rows alone say what a column holds."""
    content = "x,y\n" + "".join(f"{i % 30 + 10},{i % 7}\n" for i in range(70_000)) + "07,1\n08,1\n"
    problem = problem_of(lambda: load(tmp_path, content, stream=True), exit_code=DATA)
    assert problem.place == "data.csv:70002"
    assert "got '07', which is written as a code" in problem.message
    assert load(tmp_path, content, stream=True, columns={"x": "numeric"}).rows.x.take(np.array([70_000])) == 7
    coded = load(tmp_path, content, stream=True, columns={"x": "categorical"})
    assert beside_one_another(coded.preprocessing, coded.rows.x.take(np.array([70_000]))).sum() == 1


# Another file like the first


def test_another_file_is_read_as_the_first_was(tmp_path: Path) -> None:
    content = "x,c,b,d,y\n1,a,yes,2024-01-01,1\n,b,no,2024-01-02,2\n"
    data = load(tmp_path, content)
    made = experiment(PRICES, tmp_path, dataset={"csv": "data.csv", "target": "y", "split": {"test": 0.5}})
    (tmp_path / "other.csv").write_text("y,d,b,c,x\n5,2024-01-03,1,1,7\n6,,0,,\n")
    learnt = data.preprocessing
    rows = made.dataset.read_other(tmp_path / "other.csv", learnt.encoder, learnt.tasks, made.where(tmp_path))
    assert rows.features == data.rows.features
    assert rows.fixed == {}
    # Two categories were learnt, 0 and 1; every other word is 2.
    np.testing.assert_array_equal(raw_inputs(rows), [[7, 2, 1, 19725 * 86400], [np.nan, np.nan, 0, np.nan]])
    assert rows.y.tolist() == [5, 6]


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ("x,c,b,d\n1,a,yes,2024-01-01\n", "other.csv:1", "no column 'y'"),
        ("x,c,b,d,y\nfoo,a,yes,2024-01-01,1\n", "other.csv:2", "expected a number"),
        ("x,c,b,d,y\n1,a,maybe,2024-01-01,1\n", "other.csv:2", "expected true or false"),
        ("x,c,b,d,y\n1,a,no,01/02/2024,1\n", "other.csv:2", "a date such as"),
        ("x,c,b,d,y\n1,a,no,2024-01-01,\n", "other.csv:2", "is missing"),
    ],
)
def test_another_file_that_does_not_fit_is_refused(tmp_path: Path, content: str, place: str, said: str) -> None:
    data = load(tmp_path, "x,c,b,d,y\n1,a,yes,2024-01-01,1\n2,b,no,2024-01-02,2\n")
    made = experiment(PRICES, tmp_path, dataset={"csv": "data.csv", "target": "y"})
    (tmp_path / "other.csv").write_text(content)
    learnt = data.preprocessing
    arguments = (tmp_path / "other.csv", learnt.encoder, learnt.tasks, made.where(tmp_path))
    problem = problem_of(made.dataset.read_other, *arguments, exit_code=DATA)
    assert problem.place == str(tmp_path / place)
    assert said in problem.message


def test_a_delimiter_that_is_said_is_kept_to(tmp_path: Path) -> None:
    problem = problem_of(lambda: load(tmp_path, ROLES.replace(",", ";"), delimiter=","))
    assert "separated by ';'" in problem.hint
    assert problem_of(lambda: load(tmp_path, ROLES, delimiter=";")).hint


def test_exit_codes_tell_the_config_from_the_data(tmp_path: Path) -> None:
    problem_of(lambda: load(tmp_path, ROLES, target="x", features=["x"]), exit_code=CONFIG)
    problem_of(lambda: load(tmp_path, ROLES, target="q"), exit_code=DATA)


# A file that somebody writes to


def longer(path: Path) -> None:
    with path.open("a") as file:
        file.write("7,8,9\n")


def other_digits(path: Path) -> None:
    """As many bytes as before, and the time of the last change set back as far as a second."""
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("change", [longer, other_digits, lambda path: path.write_bytes(b"a,b,y\n1,2,3\n")])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], Any], stream: bool
) -> None:
    """The rows that were read would be of no file, and the recorded checksum of other rows."""
    read = CsvFile.read

    def and_changed(file: CsvFile, *arguments: Any) -> Iterator[Table]:
        yield from read(file, *arguments)
        change(file.path)

    content = "a,b,y\n" + "1,2,3\n4,5,6\n" * 50
    assert load(tmp_path, content, stream=stream).rows.x.resident != stream
    monkeypatch.setattr(CsvFile, "read", and_changed)
    problem = problem_of(lambda: load(tmp_path, content, stream=stream), exit_code=DATA)
    assert problem.message == "the file changed while it was read"
    assert problem.place == "data.csv"


def test_a_misspelt_kind_of_data_and_a_feature_named_twice_are_told_at_their_places(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b,y\n1,2,3\n4,5,6\n")
    text = "dataset:\n  {kind}: data.csv\n  target: y\n  features: [a, b, a]\nlayers: [dense: 1]\nloss: mse\n"
    for kind, place in (("cvs", "2:3"), ("csv", "4:20")):
        (tmp_path / "a.yaml").write_text(text.replace("{kind}", kind))
        problem = problem_of(lambda: load_data(load_config(tmp_path / "a.yaml"), tmp_path), exit_code=CONFIG)
        assert problem.place == f"{tmp_path / 'a.yaml'}:{place}"
        assert problem.message.endswith("'cvs'" if kind == "cvs" else "a appears twice")
