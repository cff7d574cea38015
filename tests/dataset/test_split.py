"""Which rows are for what: the rows of scikit-learn's own split, ends, counts, classes in equal shares."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, problem_of, rows_of
from sklearn.model_selection import train_test_split

from rnacli import dataset, task
from rnacli.dataset import Data
from rnacli.dataset.rows import Rows
from rnacli.dataset.split import Parts, split
from rnacli.errors import CONFIG, RnaError

CLASSES = task.Task("binary", "binary", "none")
NUMBERS = task.Task("regression", "values", "none")


def parts_of(rows: Rows, asked: dict[str, Any], seed: int = 0, kind: task.Task = CLASSES) -> Parts:
    made = experiment(CIRCLES, dataset={"sklearn": "make_moons", "split": asked}, seed=seed, validation_data="auto")
    return split(rows, made, kind)


def table(rows: int, classes: int = 2) -> Rows:
    return rows_of(np.arange(2.0 * rows).reshape(rows, 2), np.arange(rows) % classes)


@pytest.mark.parametrize("seed", [0, 1, 4294967295])
@pytest.mark.parametrize(("rows", "test"), [(100, 0.2), (768, 0.33), (7, 0.5), (101, 0.1), (150, 30)])
def test_train_and_test_are_the_rows_of_a_tutorial_in_their_order(seed: int, rows: int, test: float) -> None:
    data = table(rows)
    parts = parts_of(data, {"test": test}, seed)
    x_train, x_test, y_train, y_test = train_test_split(data.x, data.y, test_size=test, random_state=seed)
    assert list(parts) == ["train", "test"]
    np.testing.assert_array_equal(data.x[parts["train"]], x_train)
    np.testing.assert_array_equal(data.x[parts["test"]], x_test)
    np.testing.assert_array_equal(data.y[parts["train"]], y_train)
    np.testing.assert_array_equal(data.y[parts["test"]], y_test)


def test_a_validation_part_is_a_second_draw_from_what_the_test_leaves() -> None:
    data = table(100)
    parts = parts_of(data, {"validation": 0.1, "test": 0.2}, 5)
    rest, test = train_test_split(np.arange(100), test_size=20, random_state=5)
    train, validation = train_test_split(rest, test_size=10, random_state=5)
    assert list(parts) == ["train", "validation", "test"]
    for name, rows in (("train", train), ("validation", validation), ("test", test)):
        np.testing.assert_array_equal(parts[name], rows)


@pytest.mark.parametrize(
    ("asked", "sizes"),
    [
        ({}, {"train": 50}),
        ({"test": 1}, {"train": 49, "test": 1}),
        ({"test": 0.01}, {"train": 49, "test": 1}),
        ({"test": 49}, {"train": 1, "test": 49}),
        ({"test": 0.5, "validation": 0.3}, {"train": 10, "validation": 15, "test": 25}),
        ({"train": 0.5, "test": 0.2}, {"train": 25, "test": 10}),
        ({"train": 0.8, "test": 0.2}, {"train": 40, "test": 10}),
        ({"train": 40, "test": 10}, {"train": 40, "test": 10}),
        ({"train": 30, "validation": 10, "test": 10}, {"train": 30, "validation": 10, "test": 10}),
        ({"train": 50}, {"train": 50}),
        ({"train": {"first": 40}, "test": 10}, {"train": 40, "test": 10}),
        ({"train": 40, "test": {"last": 10}}, {"train": 40, "test": 10}),
        ({"train": {"first": 40}, "test": {"last": 10}}, {"train": 40, "test": 10}),
    ],
)
def test_parts_have_the_sizes_asked_for_and_no_row_in_common(asked: dict[str, Any], sizes: dict[str, int]) -> None:
    parts = parts_of(table(50), asked)
    assert {name: len(rows) for name, rows in parts.items()} == sizes
    together = np.concatenate(list(parts.values()))
    assert len(set(together.tolist())) == len(together)
    assert together.min() >= 0
    assert together.max() < 50


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ({"test": {"last": 3}}, {"train": range(7), "test": range(7, 10)}),
        ({"test": {"first": 3}}, {"train": range(3, 10), "test": range(3)}),
        ({"test": {"last": 0.25}}, {"train": range(7), "test": range(7, 10)}),
        ({"validation": {"first": 2}, "test": {"last": 2}},
         {"train": range(2, 8), "validation": range(2), "test": range(8, 10)}),
        ({"validation": {"last": 2}, "test": {"last": 2}},
         {"train": range(6), "validation": range(6, 8), "test": range(8, 10)}),
        ({"train": {"first": 4}}, {"train": range(4)}),
    ],
)  # fmt: skip
def test_ends_keep_the_order_of_the_file(asked: dict[str, Any], parts: dict[str, range]) -> None:
    found = parts_of(table(10), asked)
    assert {name: rows.tolist() for name, rows in found.items()} == {name: [*rows] for name, rows in parts.items()}


def test_ends_are_taken_before_others_are_drawn() -> None:
    parts = parts_of(table(20), {"test": 5, "validation": {"first": 4}}, 2)
    assert parts["validation"].tolist() == [0, 1, 2, 3]
    train, test = train_test_split(np.arange(4, 20), test_size=5, random_state=2)
    assert parts["test"].tolist() == test.tolist()
    assert parts["train"].tolist() == train.tolist()


def test_the_same_seed_gives_the_same_rows_and_another_gives_others() -> None:
    first, again, other = (parts_of(table(60), {"test": 0.5}, seed) for seed in (1, 1, 2))
    assert first["test"].tolist() == again["test"].tolist()
    assert first["test"].tolist() != other["test"].tolist()


def test_stratify_gives_each_part_the_shares_of_scikit_learn() -> None:
    labels = np.array(["a"] * 80 + ["b"] * 15 + ["c"] * 5)
    data = rows_of(np.arange(200.0).reshape(100, 2), labels)
    parts = parts_of(data, {"test": 0.2, "validation": 0.2, "stratify": True}, 3)
    for name, counts in {"train": [48, 9, 3], "validation": [16, 3, 1], "test": [16, 3, 1]}.items():
        assert np.unique(labels[parts[name]], return_counts=True)[1].tolist() == counts
    assert (
        parts["test"].tolist()
        == train_test_split(np.arange(100), test_size=20, random_state=3, stratify=labels)[1].tolist()
    )


def test_a_source_with_a_test_set_of_its_own_keeps_it() -> None:
    data = table(30)
    data.fixed = {"train": np.arange(20), "test": np.arange(20, 30)}
    parts = parts_of(data, {"validation": {"last": 5}})
    assert {name: rows.tolist() for name, rows in parts.items()} == {
        "train": [*range(15)], "validation": [*range(15, 20)], "test": [*range(20, 30)]
    }  # fmt: skip
    drawn = parts_of(data, {"validation": 0.5}, 4)["validation"]
    assert drawn.tolist() == train_test_split(np.arange(20), test_size=10, random_state=4)[1].tolist()


def test_rows_that_no_part_of_the_source_has_are_for_training() -> None:
    data = table(10)
    data.fixed = {"test": np.array([1, 8])}
    assert parts_of(data, {})["train"].tolist() == [0, 2, 3, 4, 5, 6, 7, 9]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"test": 10}, "10 rows"),
        ({"test": 400}, "there are 10 rows"),
        ({"test": {"first": 11}}, "there are 10 rows"),
        ({"test": 0.95}, "there are 10 rows"),
        ({"test": 5, "validation": 5}, "there are 10 rows"),
        ({"train": 8, "test": 3}, "there are 10 rows"),
    ],
)
def test_parts_that_leave_nothing_for_training_are_refused(asked: dict[str, Any], said: str) -> None:
    problem = problem_of(parts_of, table(10), asked)
    assert said in problem.message
    assert "none are left for training" in problem.message


@pytest.mark.parametrize(
    ("labels", "asked", "said"),
    [
        ([0, 0, 0, 0, 1], {"test": 2}, "'1' has 1"),
        ([0, 0, 1, 1, 2, 2], {"test": 2}, "split: "),
    ],
)
def test_classes_that_cannot_be_shared_out_are_named(labels: list[int], asked: dict[str, Any], said: str) -> None:
    data = rows_of(np.zeros((len(labels), 2)), labels)
    problem = problem_of(parts_of, data, asked | {"stratify": True})
    assert said in problem.message
    assert "stratify: false" in problem.hint


def test_numbers_have_no_classes_to_share_out() -> None:
    problem = problem_of(parts_of, table(10), {"test": 2, "stratify": True}, 0, NUMBERS, exit_code=CONFIG)
    assert "predicted as a number" in problem.message


def test_naming_the_training_part_too_changes_no_row() -> None:
    alone, both = (parts_of(table(50), asked, 9) for asked in ({"test": 0.2}, {"train": 0.8, "test": 0.2}))
    assert {name: rows.tolist() for name, rows in both.items()} == {name: rows.tolist() for name, rows in alone.items()}


def test_shares_that_make_up_the_whole_fit_whatever_the_number_of_rows() -> None:
    for rows in range(5, 40):
        parts = parts_of(table(rows), {"train": 0.8, "test": 0.2})
        train, test = train_test_split(np.arange(rows), train_size=0.8, test_size=0.2, random_state=0)
        assert sorted(parts["test"]) == sorted(test)
        assert len(parts["train"]) in (len(train), rows - len(test))


# What a file decides

PEOPLE = "x,kind,part\n1,a,train\n2,b,test\n3,a,train\n4,b,train\n5,a,validation\n6,b,test\n"


def load(folder: Path, split: dict[str, Any], **files: str) -> Data:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    table = {"csv": "people.csv", "target": "kind", "scale": "none", "split": split}
    return dataset.load(experiment(CIRCLES, folder, dataset=table), folder / "cache")


def inputs(data: Data) -> dict[str, list[float]]:
    return {part: data.rows.x[rows][:, 0].tolist() for part, rows in data.parts.items()}


def test_a_column_says_the_part_of_each_row(tmp_path: Path) -> None:
    data = load(tmp_path, {"column": "part"}, people=PEOPLE)
    assert data.rows.features == ("x",)
    assert list(data.parts) == ["train", "validation", "test"]
    assert inputs(data) == {"train": [1, 3, 4], "validation": [5], "test": [2, 6]}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (PEOPLE.replace("5,a,validation", "5,a,val"), "people.csv:6", "got 'val'"),
        (PEOPLE.replace("5,a,validation", "\n5,a,Train"), "people.csv:7", "got 'Train'"),
        (PEOPLE.replace("train", "test"), "people.csv", "no row for train"),
        (PEOPLE.replace("part", "group"), "people.csv:1", "no column 'part'"),
        (PEOPLE.replace("5,a,validation", "5,a,"), "people.csv:6", "missing"),
    ],
)
def test_a_column_that_does_not_say_it_is_refused(tmp_path: Path, text: str, place: str, said: str) -> None:
    problem = problem_of(lambda: load(tmp_path, {"column": "part"}, people=text))
    assert problem.place == place
    assert said in problem.message


def test_other_files_are_parts(tmp_path: Path) -> None:
    plain = "x,kind\n1,a\n2,b\n3,a\n"
    data = load(tmp_path, {"test": "more.csv", "validation": {"last": 1}}, people=plain, more="x,kind\n9,b\n8,a\n")
    assert inputs(data) == {"train": [1, 2], "validation": [3], "test": [9, 8]}
    assert data.rows.y.tolist() == ["a", "b", "a", "b", "a"]
    assert set(data.rows.files) == {"people.csv", "more.csv"}


def test_no_row_of_the_first_file_is_left_out_in_silence(tmp_path: Path) -> None:
    try:
        data = load(tmp_path, {"train": "more.csv", "test": 1}, people="x,kind\n1,a\n2,b\n", more="x,kind\n9,b\n8,a\n")
    except RnaError as refused:
        assert refused.exit_code == CONFIG  # noqa: PT017 - either will do
    else:
        assert {1, 2} <= {x for part in inputs(data).values() for x in part}


def test_another_file_may_have_its_columns_in_another_order(tmp_path: Path) -> None:
    data = load(tmp_path, {"test": "more.csv"}, people="x,z,kind\n1,10,a\n2,20,b\n", more="kind,z,x\nb,90,9\na,80,8\n")
    assert data.rows.x.tolist() == [[1, 10], [2, 20], [9, 90], [8, 80]]


def test_a_second_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    problem = problem_of(
        lambda: load(tmp_path, {"test": "more.csv"}, people="x,kind\n1,a\n2,b\n", more="z,kind\n9,b\n")
    )
    assert problem.place.startswith("more.csv")
