"""Which rows are for what: scikit-learn's own split, ends, counts, classes in equal shares, whole groups, time."""

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import CIRCLES, experiment, problem_of, problems_of, raw_inputs, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from rnacli.data.examples import Examples
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.groups import Parts
from rnacli.examples.load import Data, load_data
from rnacli.examples.split import split_rows
from rnacli.tasks.form import Form

CLASSES = Form("binary", "binary", "none")
NUMBERS = Form("regression", "values", "none")


def parts_of(rows: Examples, asked: dict[str, Any], seed: int = 0, kind: Form = CLASSES) -> Parts:
    source = {"csv": "a.csv", "target": "y"} if {"group", "order_by"} & set(asked) else {"sklearn": "make_moons"}
    return split_rows(rows, experiment(CIRCLES, dataset={**source, "split": asked}, seed=seed), [kind])


def refused_at(rows: Examples, asked: str, at: str) -> Problem:
    """What a split in a table's file refuses, which must be said at the text ``at`` of it."""
    table = f"dataset:\n  csv: a.csv\n  target: y\n  split: {{{asked}}}"
    problem = problem_of(split_rows, rows, experiment(CIRCLES.replace(CIRCLES.splitlines()[1], table)), [CLASSES])
    assert problem.place == f"experiment.yaml:5:{11 + asked.index(at)}"
    return problem


def table(rows: int, classes: int = 2) -> Examples:
    return rows_of(np.arange(2.0 * rows).reshape(rows, 2), np.arange(rows) % classes)


@pytest.mark.parametrize("seed", [0, 1, 4294967295])
@pytest.mark.parametrize(("rows", "test"), [(100, 0.2), (768, 0.33), (7, 0.5), (101, 0.1), (150, 30)])
def test_train_and_test_are_the_rows_of_a_tutorial_in_their_order(seed: int, rows: int, test: float) -> None:
    data = table(rows)
    parts = parts_of(data, {"test": test}, seed)
    x_train, x_test, y_train, y_test = train_test_split(raw_inputs(data), data.y, test_size=test, random_state=seed)
    assert list(parts) == ["train", "test"]
    np.testing.assert_array_equal(data.x.take(parts["train"]), x_train)
    np.testing.assert_array_equal(data.x.take(parts["test"]), x_test)
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
        ({"train": 0.5, "test": 10}, {"train": 25, "test": 10}),
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


def test_several_labels_of_a_row_are_not_one_class() -> None:
    data = rows_of(np.zeros((80, 1)), np.array([[0, 1], [1, 1], [1, 0], [1, 1]] * 20, float))
    labels = Form("multilabel", "multi_hot", "none")
    problem = problem_of(parts_of, data, {"test": 0.2, "stratify": True}, 0, labels, exit_code=CONFIG)
    assert "stratify wants one class a row" in problem.message
    assert problem.hint == "stratify: false"


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


THREE = [0, 1, 2] * 2


@pytest.mark.parametrize(
    ("labels", "asked", "at", "said", "hint"),
    [
        ([0, 1] * 5, "test: 10, validation: 1", "10", "split: 10 rows for test and 1 for validation, and there are "
         "10 rows: none are left for training", "take fewer rows, or get more data"),
        ([0, 1] * 5, "test: 1, validation: 12", "12", "split: 1 row for test and 12 for validation, and there are "
         "10 rows: none are left for training", "take fewer rows, or get more data"),
        ([0, 1, 1, 1], "test: 2, stratify: true", "true", "stratify wants at least 2 rows of each class, and '0' has 1",
         "stratify: false, or more rows of that class"),
        (THREE, "test: 2, stratify: true", "true", "split: stratify wants a row of each of the 3 classes, and the test "
         "part has 2 rows", "stratify: false, or test: 3 or more"),
        (THREE, "test: 4, stratify: true", "true", "split: stratify wants a row of each of the 3 classes, and what is "
         "left beside the test part has 2 rows", "stratify: false"),
        # The test part takes one of the two rows of a class.
        ([0] * 10 + [1] * 2, "test: 6, validation: 2, stratify: true", "true", "split: stratify has only 1 row of a "
         "class left to divide for the validation part", "stratify: false, or more rows of each class"),
    ],
)  # fmt: skip
def test_what_cannot_be_divided_is_said_at_its_key(
    labels: list[int], asked: str, at: str, said: str, hint: str
) -> None:
    problem = refused_at(rows_of(np.zeros((len(labels), 1)), labels), asked, at)
    assert (problem.message, problem.hint) == (said, hint)


def test_stratify_takes_as_many_rows_as_classes_on_both_sides() -> None:
    data = rows_of(np.zeros((6, 1)), THREE)
    assert [sorted(data.y[part]) for part in parts_of(data, {"test": 3, "stratify": True}).values()] == [[0, 1, 2]] * 2


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


@pytest.mark.parametrize("rows", range(5, 60))
@pytest.mark.parametrize("shares", [(0.7, 0.1, 0.2), (0.5, 0.25, 0.25), (0.34, 0.33, 0.33)])
def test_three_shares_that_make_up_the_whole_leave_no_row_out(rows: int, shares: tuple[float, float, float]) -> None:
    asked = dict(zip(("train", "validation", "test"), shares, strict=True))
    parts = parts_of(table(rows), asked)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(rows))
    assert all(parts[name].size for name in asked)


def test_a_training_share_of_less_than_a_row_is_a_row() -> None:
    assert parts_of(table(50), {"train": 0.001, "test": 0.2})["train"].size == 1


# Rows that no part may have


def test_rows_that_cannot_be_used_are_in_no_part() -> None:
    data = table(30)
    data.fixed = {"test": np.arange(20, 30)}
    data.usable = np.arange(30) % 3 > 0
    parts = parts_of(data, {"validation": 0.25})
    assert parts["test"].tolist() == [20, 22, 23, 25, 26, 28, 29]
    assert len(parts["validation"]) == 4  # of the 13 rows below 20 that can be used
    assert sorted([*parts["train"], *parts["validation"]]) == [row for row in range(20) if row % 3]


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        ({"test": {"last": 4}}, {}),
        ({"test": {"first": 4}}, {}),
        ({"test": 4, "stratify": True}, {}),
        ({"test": 4, "group": "g"}, {"groups": np.array(list("abcdefghij") * 2, dtype=object)}),
        ({"test": 4, "order_by": "t"}, {"order": np.arange(20.0)}),
        ({"validation": 2}, {"fixed": {"train": np.arange(16), "test": np.arange(16, 20)}}),
    ],
)
def test_no_way_of_dividing_uses_them(asked: dict[str, Any], more: dict[str, Any]) -> None:
    data = rows_of(np.zeros((20, 1)), np.arange(20) % 2, **more)
    data.usable = np.ones(20, bool)
    data.usable[[0, 1, 7, 12, 18, 19]] = False
    parts = parts_of(data, asked)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == np.flatnonzero(data.usable).tolist()


def test_classes_are_those_of_the_rows_that_can_be_used() -> None:
    labels = np.array(["a", "b", None] * 8, dtype=object)
    data = rows_of(np.zeros((24, 1)), labels, usable=labels != None)  # noqa: E711 - of each element
    parts = parts_of(data, {"test": 0.25, "stratify": True})
    assert sorted(labels[parts["test"]]) == ["a", "a", "b", "b"]


@pytest.mark.parametrize(("unusable", "said"), [(slice(0, 6), "for training"), (slice(6, 10), "for test")])
def test_a_part_that_has_no_usable_row_is_refused(unusable: slice, said: str) -> None:
    data = table(10)
    data.fixed = {"test": np.arange(6, 10)}
    data.usable = np.ones(10, bool)
    data.usable[unusable] = False
    problem = problem_of(parts_of, data, {})
    assert said in problem.message
    assert "fill: drop" in problem.hint
    assert problem.place == "experiment.yaml:2:10"


# Whole groups


def grouped(groups: Sequence[Any], labels: Sequence[Any] | None = None, **more: Any) -> Examples:
    made = np.empty(len(groups), object)
    made[:] = groups
    return rows_of(np.zeros((len(groups), 1)), np.zeros(len(groups)) if labels is None else labels, groups=made, **more)


def by_group(parts: Parts, groups: Sequence[Any]) -> dict[str, set[Any]]:
    return {name: {groups[row] for row in rows} for name, rows in parts.items()}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 30), min_size=12, max_size=60),
    st.integers(0, 2**32 - 1),
    st.sampled_from([{"test": 0.2}, {"test": 0.25, "validation": 0.2}, {"train": 0.6, "test": 0.3}]),
)
def test_no_group_is_divided_and_no_row_is_lost(sizes: list[int], seed: int, asked: dict[str, float]) -> None:
    groups = np.random.default_rng(len(sizes)).permutation(np.repeat([f"p{i}" for i in range(len(sizes))], sizes))
    try:
        parts = parts_of(grouped(groups.tolist()), {"group": "p", **asked}, seed)
    except RnaError as refused:
        assert "no group fits" in str(refused)  # noqa: PT017 - a few large groups beside small ones
        return
    of_part = by_group(parts, groups)
    assert sum(map(len, of_part.values())) == len(set().union(*of_part.values()))
    used = np.concatenate(list(parts.values())).tolist()
    assert len(used) == len(set(used))
    if "train" not in asked:
        assert len(used) == len(groups)
    for name, share in asked.items():
        assert abs(len(parts[name]) - share * len(groups)) <= max(sizes)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("asked", [{"test": 0.2, "validation": 0.1}, {"test": 200, "validation": 100}])
def test_sizes_are_near_to_the_share_of_rows_whatever_the_groups_are(seed: int, asked: dict[str, Any]) -> None:
    sizes = np.random.default_rng(seed).zipf(1.8, 800).clip(1, 90)
    groups = np.repeat(np.arange(800), sizes)[:1000].astype(str)
    parts = parts_of(grouped(groups.tolist()), {"group": "p", **asked}, seed)
    # Hundreds of groups have one row or two.
    assert abs(len(parts["test"]) - 200) <= 2
    assert abs(len(parts["validation"]) - 100) <= 2


@pytest.mark.parametrize(("asked", "rows"), [(0.2, 100), (0.3, 200), (100, 100), (260, 300)])
def test_as_many_whole_groups_as_come_nearest(asked: float, rows: int) -> None:
    groups = [f"p{row // 100}" for row in range(700)]
    assert len(parts_of(grouped(groups), {"group": "p", "test": asked})["test"]) == rows


def test_few_groups_are_shared_among_the_parts() -> None:
    groups = ["a"] * 90 + ["b"] * 5 + ["c"] * 5
    for seed in range(10):
        parts = parts_of(grouped(groups), {"group": "p", "test": 0.2, "validation": 0.1}, seed)
        assert by_group(parts, groups)["train"] == {"a"}
        assert len(parts["test"]) == len(parts["validation"]) == 5


def test_groups_follow_the_seed() -> None:
    data = grouped([f"p{row % 40}" for row in range(400)])
    first, again, other = (parts_of(data, {"group": "p", "test": 0.3}, seed) for seed in (1, 1, 2))
    assert {name: rows.tolist() for name, rows in first.items()} == {
        name: rows.tolist() for name, rows in again.items()
    }
    assert set(first["test"]) != set(other["test"])
    drawn = [parts_of(data, {"group": "p", "test": 0.1}, seed)["test"] % 40 for seed in range(100)]
    assert np.bincount(np.concatenate(drawn)).min() >= 20  # 10 rows each time; 100 on the average


def test_rows_without_a_group_are_groups_of_their_own(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    groups = [None if row % 2 else "p" for row in range(200)]
    parts = parts_of(grouped(groups), {"group": "p", "test": 0.2})
    assert len(parts["test"]) == 40
    assert by_group(parts, groups)["test"] == {None}
    assert "100 rows without a value in 'p' are groups of their own" in caplog.text
    caplog.clear()
    parts_of(grouped(list("ppqqrr")), {"group": "p", "test": 2})
    assert not caplog.text


def test_sizes_other_than_those_asked_for_are_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    parts_of(grouped([f"p{row // 30}" for row in range(300)]), {"group": "p", "test": 0.1, "validation": 40})
    assert "split: 30 rows for validation instead of 40, since" in caplog.text


@pytest.mark.parametrize(("train", "used"), [(0.8, 1000), (800, 1000), (0.4, 600)])
def test_the_training_part_of_groups_may_have_a_size(train: float, used: int) -> None:
    groups = [f"p{row // 8}" for row in range(1000)]
    parts = parts_of(grouped(groups), {"group": "p", "train": train, "test": 0.2})
    assert sum(map(len, parts.values())) == used


def test_groups_that_do_not_fit_are_refused_at_the_key() -> None:
    assert "no group fits" in refused_at(grouped(["a"] * 10 + ["b"] * 10), "group: p, test: 0.2", "p,").message


def test_rows_that_are_for_nothing_need_no_group() -> None:
    parts = parts_of(grouped(["a"] * 10 + ["b"] * 10), {"group": "p", "train": 9, "test": 9})
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 10, "test": 10}


@pytest.mark.parametrize(
    ("groups", "asked", "said"),
    [
        (["a"] * 20, {"test": 0.2}, "1 group cannot be divided among test and train"),
        (
            ["a"] * 10 + ["b"] * 10,
            {"test": 0.2, "validation": 0.2},
            "2 groups cannot be divided among test, validation",
        ),
        (["a"] * 10 + ["b"] * 10, {"test": 0.2}, "into the 4 rows for test: the 2 groups have 10 to 10 rows"),
        (["a"] * 500 + ["b"] * 400, {"test": 0.1}, "into the 90 rows for test: the 2 groups have 400 to 500 rows"),
        (
            ["a"] * 20 + ["b"] * 20 + ["c"] * 6,
            {"test": 22, "validation": 22},
            "no group fits into the 2 rows for train",
        ),
        (["a"] * 20, {"test": 20}, "none are left for training"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups: list[str], asked: dict[str, Any], said: str) -> None:
    problem = problem_of(parts_of, grouped(groups), {"group": "p", **asked})
    assert said in problem.message
    assert problem.place.startswith("experiment.yaml")
    assert problem.hint


@pytest.mark.parametrize("seed", range(5))
def test_stratified_groups_have_the_shares_of_the_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = random.integers(0, 300, 6000)
    likely = random.dirichlet([0.5, 0.3, 0.05], 300)  # most rows of a patient have one class
    labels = np.array([random.choice(3, p=likely[group]) for group in groups])
    data = grouped(groups.astype(str).tolist(), labels)
    parts = parts_of(data, {"group": "p", "test": 0.2, "validation": 0.1, "stratify": True}, seed)
    whole = np.bincount(labels) / len(labels)
    for name, share in {"test": 0.2, "validation": 0.1}.items():
        assert len(parts[name]) / 6000 == pytest.approx(share, abs=0.005)
        found = np.bincount(labels[parts[name]], minlength=3) / len(parts[name])
        np.testing.assert_allclose(found, whole, atol=0.015)
    of_part = by_group(parts, groups.tolist())
    assert not of_part["train"] & (of_part["test"] | of_part["validation"])
    assert not of_part["test"] & of_part["validation"]


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_class_is_shared_out_as_well_as_the_others(seed: int) -> None:
    groups = np.arange(8000) // 20
    rare = (groups % 10 == 0) & (np.arange(8000) % 20 < 2)  # 2 of the 20 rows of a group in ten: 1 % of all
    parts = parts_of(grouped(groups.tolist(), rare), {"group": "p", "test": 0.25, "stratify": True}, seed)
    assert (rare[parts["test"]].sum(), len(parts["test"])) == (20, 2000)


def test_classes_in_too_few_groups_are_refused() -> None:
    groups = [f"p{row // 10}" for row in range(100)]
    data = grouped(groups, [int(row < 10) for row in range(100)])
    problem = refused_at(data, "group: p, test: 0.3, stratify: true", "true")
    assert "got no group with 1 of them" in problem.message
    assert "stratify: false" in problem.hint


def test_groups_of_a_second_file_that_are_in_training_too_are_said(caplog: pytest.LogCaptureFixture) -> None:
    groups = ["a", "b", "c", "d", "a", "x", None, None]
    said = set()
    for seed in range(10):
        caplog.clear()
        parts = parts_of(grouped(groups, fixed={"test": np.array([4, 5, 6])}), {"group": "p", "validation": 2}, seed)
        assert parts["test"].tolist() == [4, 5, 6]
        in_training = "a" in by_group(parts, groups)["train"]
        assert ("1 group of the test rows also have training rows" in caplog.messages) == in_training
        said.add(in_training)
    assert said == {True, False}


# By time


def timed(times: Sequence[float], **more: Any) -> Examples:
    return rows_of(np.zeros((len(times), 1)), np.zeros(len(times)), order=np.array(times, float), **more)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.integers(-50, 50) | st.floats(-5, 5), min_size=5, max_size=80),
    st.sampled_from(
        [{"test": 0.2}, {"test": 0.25, "validation": 0.2}, {"validation": 2}, {"test": 2, "validation": 1}]
    ),
)
def test_no_row_is_later_than_one_of_a_later_part(times: list[float], asked: dict[str, Any]) -> None:
    parts = parts_of(timed(times), {"order_by": "t", **asked})
    of_part = {name: np.array(times, float)[rows] for name, rows in parts.items()}
    together = np.concatenate([of_part[name] for name in ("train", "validation", "test") if name in of_part])
    assert len(together) == len(times)
    assert (np.diff(together) >= 0).all()
    assert all(map(len, parts.values()))
    if len(set(times)) >= len(parts):
        assert sum(len(set(each.tolist())) for each in of_part.values()) == len(set(times))
    else:
        assert all(len(parts[name]) == np.ceil(n * len(times) if n < 1 else n) for name, n in asked.items())


@pytest.mark.parametrize(
    ("times", "asked", "parts"),
    [
        (range(10), {"test": 0.2, "validation": 0.1}, [range(7), [7], [8, 9]]),
        (range(9, -1, -1), {"test": 0.2, "validation": 0.1}, [range(9, 2, -1), [2], [1, 0]]),
        ([5, 1, 3, 1, 5, 2], {"test": 2}, [[1, 3, 5, 2], [0, 4]]),
        # The rows of a day that is cut go to the later part.
        ([1, 2, 3, 3, 3, 4], {"test": 2}, [[0, 1], [2, 3, 4, 5]]),
        ([1, 2, 3, 3, 3, 4], {"test": 2, "validation": 1}, [[0], [1], [2, 3, 4, 5]]),
        # Unless the earlier one would have none.
        ([1, 1, 1, 1, 2], {"test": 2}, [[0, 1, 2, 3], [4]]),
        ([1, 1, 2, 2, 3, 3], {"test": 3, "validation": 2}, [[0, 1], [2, 3], [4, 5]]),
        # Months of 20 days: the second cut is where it is asked for, not where the first one moved it.
        (np.repeat(range(5), 20), {"test": 0.3, "validation": 0.3}, [range(40), range(40, 60), range(60, 100)]),
        # Fewer times than parts.
        ([7, 7, 7, 7], {"test": 1, "validation": 1}, [[0, 1], [2], [3]]),
        ([8, 7, 7, 7], {"test": 1, "validation": 1}, [[1, 2], [3], [0]]),
    ],
)  # fmt: skip
def test_the_last_rows_by_time_are_held_out(times: Sequence[float], asked: dict[str, Any], parts: list[Any]) -> None:
    found = parts_of(timed(times), {"order_by": "t", **asked})
    assert [rows.tolist() for rows in found.values()] == [list(part) for part in parts]


@pytest.mark.parametrize(
    ("asked", "sizes"),
    [
        ({"train": 0.8, "test": 0.2}, [80, 20]),
        ({"train": 0.7, "validation": 0.1, "test": 0.2}, [70, 10, 20]),
        ({"train": 50, "test": 0.2}, [50, 20]),
        ({"train": 0.5}, [50]),
        ({"train": 100}, [100]),
    ],
)
def test_the_training_part_is_the_first(asked: dict[str, Any], sizes: list[int]) -> None:
    parts = parts_of(timed(range(100)), {"order_by": "t", **asked})
    assert [len(rows) for rows in parts.values()] == sizes
    assert parts["train"].tolist() == list(range(sizes[0]))
    assert list(parts.values())[-1][-1] == (99 if "test" in asked else sizes[0] - 1)


def test_the_training_part_is_all_the_rest_where_shares_make_up_the_whole() -> None:
    parts = parts_of(timed([1] * 70 + [2] * 20 + [3] * 10), {"order_by": "t", "train": 0.85, "test": 0.15})
    assert [len(rows) for rows in parts.values()] == [70, 30]
    parts = parts_of(timed([1] * 90 + [2] * 10), {"order_by": "t", "train": 0.85, "test": 0.15})
    assert [len(rows) for rows in parts.values()] == [90, 10]


def test_the_seed_changes_nothing_in_an_order() -> None:
    data = timed(np.random.default_rng(0).integers(0, 30, 200).tolist())
    first, other = (parts_of(data, {"order_by": "t", "test": 0.3}, seed) for seed in (1, 2))
    assert first["test"].tolist() == other["test"].tolist()


def test_times_that_are_divided_are_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    parts_of(timed([1, 2, 3]), {"order_by": "t", "test": 1})
    assert not caplog.text
    parts_of(timed([7, 7, 7]), {"order_by": "t", "test": 1})
    assert "'t' has 1 different value" in caplog.text
    parts_of(timed([1, 2, 2, 2]), {"order_by": "t", "test": 1})
    assert "split: 3 rows for test instead of 1, since" in caplog.text


def test_a_row_without_a_time_is_refused_unless_it_is_not_used() -> None:
    data = timed([1, np.nan, 3, 4, np.nan])
    problem = refused_at(data, "order_by: t, test: 1", "t,")
    assert "2 rows without a value in 't'" in problem.message
    data.usable = ~np.isnan(data.order)  # type: ignore[arg-type]
    assert parts_of(data, {"order_by": "t", "test": 1})["test"].tolist() == [3]


# What goes together


@pytest.mark.parametrize(
    ("split", "at", "said", "hint"),
    [
        ("{group: p}", "p}", "no part has a size", "test: 0.2"),
        ("{group: p, test: b.csv}", "p, ", "no part has a size", "test: 0.2"),
        ("{order_by: t, validation: b.csv}", "t, ", "no part has a size", "test: 0.2"),
        ("{group: p, test: {last: 10}}", "{last", "whole groups are drawn, not the last ones of the file", "test: 10"),
        ("{order_by: t, test: {first: 0.5}}", "{first", "by the column's order, not the first", "test: 0.5, or remove"),
        ("{order_by: t, test: 0.2, stratify: true}", "true", "the classes that they have", "stratify: false"),
        ("{group: p, order_by: t, test: 0.2}", "t, ", "group and order_by divide the rows", "keep one"),
        ("{column: c, group: p}", "p}", "column and group divide the rows", "keep one"),
        ("{column: c, test: b.csv}", "c, ", "the part of every row", "remove test"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_place(split: str, at: str, said: str, hint: str) -> None:
    text = CIRCLES.replace(CIRCLES.splitlines()[1], f"dataset:\n  csv: a.csv\n  target: y\n  split: {split}")
    problem = problem_of(experiment, text, exit_code=CONFIG)
    assert problem.place == f"experiment.yaml:5:{10 + split.index(at)}"
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    "split",
    [
        {"group": "p", "test": 0.2, "stratify": True},
        {"group": "p", "test": "b.csv", "validation": 0.1},
        {"group": "p", "train": 100},
        {"order_by": "t", "test": 100, "validation": 0.1},
        {"order_by": "t", "train": 0.5, "test": 0.1},
    ],
)
def test_what_goes_together_is_taken(split: dict[str, Any]) -> None:
    made = experiment(CIRCLES, dataset={"csv": "a.csv", "target": "y", "split": split}).dataset.split
    assert (made.group, made.order_by) == (split.get("group"), split.get("order_by"))


@pytest.mark.parametrize("source", [{"sklearn": "make_moons"}, {"npz": "a.npz"}, {"keras": "mnist"}])
@pytest.mark.parametrize("key", ["group", "order_by", "column"])
def test_only_tables_have_columns_to_divide_by(source: dict[str, str], key: str) -> None:
    sizes = {} if key == "column" else {"validation": 0.2}
    dataset = {**source, "split": {key: "p", **sizes}}
    (problem,) = problems_of(lambda: experiment(CIRCLES, dataset=dataset), exit_code=CONFIG)
    assert "only csv data have columns" in problem.message


# What a file decides

PEOPLE = "x,kind,part\n1,a,train\n2,b,test\n3,a,train\n4,b,train\n5,a,validation\n6,b,test\n"


def load(folder: Path, split: dict[str, Any], **files: str) -> Data:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    table = {"csv": "people.csv", "target": "kind", "scale": "none", "split": split}
    return load_data(experiment(CIRCLES, folder, dataset=table), folder / "cache")


def inputs(data: Data) -> dict[str, list[float]]:
    return {part: data.rows.x.take(rows)[:, 0].tolist() for part, rows in data.parts.items()}


def test_a_column_says_the_part_of_each_row(tmp_path: Path) -> None:
    data = load(tmp_path, {"column": "part"}, people=PEOPLE)
    assert data.rows.features == ("x",)
    assert list(data.parts) == ["train", "validation", "test"]
    assert inputs(data) == {"train": [1, 3, 4], "validation": [5], "test": [2, 6]}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (PEOPLE.replace("5,a,validation", "5,a,vla"), "people.csv:6", "got 'vla'"),
        (PEOPLE.replace("5,a,validation", "\n5,a,2"), "people.csv:7", "got '2'"),
        (PEOPLE.replace("train", "test"), "people.csv", "no row for train"),
        (PEOPLE.replace("part", "group"), "people.csv:1", "no column 'part'"),
        (PEOPLE.replace("5,a,validation", "5,a,"), "people.csv:6", "missing"),
    ],
)
def test_a_column_that_does_not_say_it_is_refused(tmp_path: Path, text: str, place: str, said: str) -> None:
    problem = problem_of(lambda: load(tmp_path, {"column": "part"}, people=text))
    assert problem.place == place
    assert said in problem.message


def test_the_split_has_a_seed_of_its_own() -> None:
    """Networks of several seeds are compared on the same rows: drawn, stratified or by groups."""
    data = table(60, 3)
    grouped = dataclasses.replace(table(60), groups=np.arange(60) // 3)
    for rows, more in ((data, {}), (data, {"stratify": True}), (grouped, {"group": "g"})):
        asked = {"test": 0.25, "validation": 0.2, **more}
        first, second = (parts_of(rows, {**asked, "seed": 7}, seed) for seed in (0, 1))
        others = parts_of(rows, asked, 7), parts_of(rows, asked, 0)
        for part in ("train", "validation", "test"):
            assert first[part].tolist() == second[part].tolist() == others[0][part].tolist()
        assert first["test"].tolist() != others[1]["test"].tolist()


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
    assert raw_inputs(data.rows).tolist() == [[1, 10], [2, 20], [9, 90], [8, 80]]


def test_a_second_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    problem = problem_of(
        lambda: load(tmp_path, {"test": "more.csv"}, people="x,kind\n1,a\n2,b\n", more="z,kind\n9,b\n")
    )
    assert problem.place.startswith("more.csv")


# Groups and times of files

VISITS = "patient,day,x,kind\n" + "".join(
    f"p{row % 7},2024-{12 - row // 5:02}-{row % 5 + 1:02},{row}.5,{'ab'[row % 2]}\n" for row in range(60)
)


def test_a_column_of_a_file_keeps_rows_together(tmp_path: Path) -> None:
    data = load(tmp_path, {"group": "patient", "test": 0.2, "validation": 0.2}, people=VISITS.replace("day", "when"))
    patients = {part: {int(x) % 7 for x in found} for part, found in both_inputs(data).items()}
    assert sorted(patient for each in patients.values() for patient in each) == list(range(7))
    assert "patient" not in data.rows.features


def test_a_column_of_a_file_orders_rows(tmp_path: Path) -> None:
    data = load(tmp_path, {"order_by": "day", "test": 0.25, "validation": 0.25}, people=VISITS.replace("patient", "n"))
    rows = data.parts
    days = [pd.Timestamp(f"2024-{12 - row // 5:02}-{row % 5 + 1:02}") for part in rows for row in rows[part].tolist()]
    assert list(rows) == ["train", "validation", "test"]
    assert days == sorted(days)
    assert [len(part) for part in rows.values()] == [30, 15, 15]
    assert "day" not in data.rows.features


def both_inputs(data: Data) -> dict[str, list[float]]:
    j = data.rows.features.index("x")
    return {part: data.rows.x.take(rows)[:, j].tolist() for part, rows in data.parts.items()}


PENGUINS = {"target": "Species", "features": ["Culmen Length (mm)", "Body Mass (g)"]}
SPECIES = {
    "layers": [{"dense": {"units": 3, "activation": "softmax"}}],
    "loss": "sparse_categorical_crossentropy",
    "metrics": [],
}


def penguins(data_dir: Path, cache: Path, **split: Any) -> tuple[Data, pd.DataFrame]:
    file = data_dir / "tabular" / "penguins-raw.csv"
    made = experiment(CIRCLES, dataset={"csv": str(file), **PENGUINS, "split": split}, **SPECIES)
    return load_data(made, cache), pd.read_csv(file)


@pytest.mark.parametrize("stratify", [False, True])
def test_penguins_of_one_name_are_together(data_dir: Path, tmp_path: Path, stratify: bool) -> None:
    data, frame = penguins(data_dir, tmp_path, group="Individual ID", test=0.2, validation=0.1, stratify=stratify)
    part = pd.Series(index=frame.index, dtype=object)
    for name, rows in data.parts.items():
        part[rows] = name
    assert part.notna().all()
    assert part.groupby(frame["Individual ID"]).nunique().max() == 1
    assert part.value_counts(normalize=True)["test"] == pytest.approx(0.2, abs=0.01)
    assert part.value_counts(normalize=True)["validation"] == pytest.approx(0.1, abs=0.01)
    if stratify:
        shares = pd.crosstab(part, frame["Species"], normalize="index")
        assert (shares.loc["test"] - shares.loc["train"]).abs().max() < 0.03


def test_penguins_are_ordered_by_their_date(data_dir: Path, tmp_path: Path) -> None:
    data, frame = penguins(data_dir, tmp_path, order_by="Date Egg", test=0.2, validation=0.1)
    train, validation, test = (frame["Date Egg"][rows] for rows in data.parts.values())
    assert train.is_monotonic_increasing
    assert train.max() < validation.min()
    assert validation.max() < test.min()
    assert len(train) + len(validation) + len(test) == 344
    assert len(test) == pytest.approx(0.2 * 344, abs=10)
