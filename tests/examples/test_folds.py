"""Folds are scikit-learn's own: plain, of classes in equal shares, of whole groups, by time."""

import logging
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, problem_of, rows_of
from sklearn import model_selection

from rnacli.data.examples import Examples
from rnacli.errors import CONFIG
from rnacli.examples.groups import Parts
from rnacli.examples.split import split_rows
from rnacli.tasks.form import Form

CLASSES, NUMBERS = Form("binary", "binary", "none"), Form("regression", "values", "none")
RANDOM = np.random.default_rng(2)
LABELS = (np.arange(60) % 3 == 0).astype(int)
GROUPS = np.array([f"g{i}" for i in RANDOM.integers(0, 14, 60)], object)


def data(**more: Any) -> Examples:
    return rows_of(np.arange(120.0).reshape(60, 2), LABELS, **more)


def parts_of(rows: Examples, fold: int, kind: Form = CLASSES, file_seed: int = 0, **asked: Any) -> Parts:
    split = {"folds": 4, "fold": fold, **asked}
    dataset = {"csv": "a.csv", "target": "y", "split": split}
    return split_rows(rows, experiment(CIRCLES, dataset=dataset, seed=file_seed), [kind])


@pytest.mark.parametrize(
    ("name", "kind", "groups"),
    [
        ("KFold", NUMBERS, None),
        ("StratifiedKFold", CLASSES, None),
        ("GroupKFold", NUMBERS, GROUPS),
        ("StratifiedGroupKFold", CLASSES, GROUPS),
    ],
)
def test_folds_are_those_of_scikit_learn(name: str, kind: Form, groups: Any) -> None:
    splitter = getattr(model_selection, name)(n_splits=4, shuffle=True, random_state=7)
    group = {} if groups is None else {"group": "g"}
    for fold, (train, test) in enumerate(splitter.split(np.zeros(60), LABELS, groups), 1):
        found = parts_of(data(groups=groups), fold, kind, file_seed=7, **group)
        own = parts_of(data(groups=groups), fold, kind, file_seed=3, seed=7, **group)
        for parts in (found, own):
            assert sorted(parts["train"]) == train.tolist()
            assert parts["test"].tolist() == test.tolist()


def test_a_repeat_divides_by_the_next_seed() -> None:
    for fold in range(1, 13):
        repeat, own = divmod(fold - 1, 4)
        found = parts_of(data(), fold, repeats=3, seed=7)
        alone = parts_of(data(), own + 1, seed=7 + repeat)
        assert found["test"].tolist() == alone["test"].tolist()
        assert found["train"].tolist() == alone["train"].tolist()


def test_folds_by_time_are_trained_on_what_was_before() -> None:
    times = RANDOM.permutation(60).astype(float)
    order = np.argsort(times)
    pairs = list(model_selection.TimeSeriesSplit(4).split(order))
    for fold, (train, test) in enumerate(pairs, 1):
        found = parts_of(data(order=times), fold, order_by="t")
        assert found["train"].tolist() == order[train].tolist()
        assert found["test"].tolist() == order[test].tolist()
    days = times // 4  # rows of one day are never on both sides
    for fold in range(1, 5):
        found = parts_of(data(order=days), fold, order_by="t")
        assert days[found["train"]].max() < days[found["test"]].min()


@pytest.mark.parametrize("asked", [{}, {"group": "g"}, {"order_by": "t"}])
def test_validation_rows_are_of_those_that_a_fold_trains_on(asked: dict[str, str]) -> None:
    rows = data(groups=GROUPS if "group" in asked else None, order=np.arange(60.0) if "order_by" in asked else None)
    for fold in (1, 4):
        whole = parts_of(rows, fold, **asked)
        found = parts_of(rows, fold, validation=0.25, **asked)
        assert sorted(found["test"]) == sorted(whole["test"])
        assert sorted([*found["train"], *found["validation"]]) == sorted(whole["train"])
        assert len(found["validation"]) >= 1
        if "group" in asked:
            assert not set(GROUPS[found["train"]]) & set(GROUPS[found["validation"]])


def test_a_class_in_too_few_rows_is_said(caplog: pytest.LogCaptureFixture) -> None:
    rows = rows_of(np.zeros((20, 2)), np.array([1, 1] + [0] * 18))
    with caplog.at_level(logging.WARNING, "rnacli"):
        parts_of(rows, 1)
    assert "class '1' has fewer rows (2) than there are folds: it is missing in some test parts" in caplog.messages


@pytest.mark.parametrize(
    ("more", "asked", "said", "hint"),
    [
        (
            {"groups": np.array(list("abc") * 20, object)},
            {"group": "g"},
            "4 folds need at least 4 groups, got 3",
            "3 or",
        ),
        (
            {"order": np.arange(60.0) // 20},
            {"order_by": "t"},
            "at least 5 different values, got 3",
            "folds: 2 or fewer",
        ),
        ({"fixed": {"test": np.arange(5)}}, {}, "their own test set", "remove folds"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(more: Any, asked: dict[str, str], said: str, hint: str) -> None:
    problem = problem_of(lambda: parts_of(data(**more), 1, **asked))
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({"fold": 2}, "folds is missing"),
        ({"folds": 3, "fold": 4}, "expected a fold from 1 to 3, got 4"),
        ({"folds": 3, "test": 0.2}, "each row is in the test part of one of them"),
        ({"folds": 3, "column": "part"}, "each row is in the test part of one of them"),
        ({"folds": 1}, "from 2 to 1000, got 1"),
        ({"repeats": 3}, "folds are made several times, and folds is missing"),
        ({"folds": 3, "repeats": 2, "fold": 7}, "expected a fold from 1 to 6, got 7"),
        ({"folds": 3, "repeats": 2, "order_by": "t"}, "the rows are divided in one way"),
    ],
)
def test_what_does_not_go_with_folds_is_said(split: dict[str, Any], said: str) -> None:
    asked = {"csv": "a.csv", "target": "y", "split": split}
    assert said in problem_of(lambda: experiment(CIRCLES, dataset=asked), exit_code=CONFIG).message


def test_a_data_set_with_its_own_test_set_has_no_folds() -> None:
    asked = {"keras": "mnist", "split": {"folds": 3}}
    problem = problem_of(lambda: experiment(CIRCLES, dataset=asked, validation_data="auto"), exit_code=CONFIG)
    assert "mnist has its own test set" in problem.message
