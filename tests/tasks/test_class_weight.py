"""Class weights: scikit-learn's, by label or by the name that a label has."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, PRICES, experiment, problem_of
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from rnacli.errors import CONFIG
from rnacli.examples.load import Data, load_data


def load(folder: Path, labels: list[Any], weight: Any, config: str = IRIS, **keys: Any) -> Data:
    rows = "".join(f"{i},{i % 3 / 2},{label}\n" for i, label in enumerate(labels))
    (folder / "data.csv").write_text(f"x,w,y\n{rows}")
    keys = {"csv": "data.csv", "target": "y", "features": ["x"], "split": {}, **keys}
    return load_data(experiment(config, folder, dataset=keys, class_weight=weight), folder / "cache")


@pytest.mark.parametrize(
    ("labels", "config"),
    [
        (["b", "a", "c", "a", "a", "c"], IRIS),
        ([3, 1, 2, 1, 1], IRIS),
        (["no", "yes", "no", "no"], CIRCLES),
        ([0, 1, 1], CIRCLES),
    ],
)
def test_balanced_weights_are_those_of_scikit_learn(tmp_path: Path, labels: list[Any], config: str) -> None:
    data = load(tmp_path, labels, "balanced", config)
    words = np.array([str(label) for label in labels])
    known = np.unique(words)
    wanted = compute_class_weight("balanced", classes=known, y=words)
    assert data.class_weight == pytest.approx(dict(zip(known, wanted, strict=True)), rel=1e-15)
    weights = data.weights("train")
    assert weights is not None
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", words), rtol=1e-6)


def test_balanced_weights_are_of_the_training_rows_alone(tmp_path: Path) -> None:
    data = load(tmp_path, ["a", "b", "a", "a", "b", "b", "b"], "balanced", split={"test": {"last": 3}})
    assert data.class_weight == pytest.approx({"a": 4 / (2 * 3), "b": 4 / (2 * 1)})
    real = load(tmp_path, ["a", "b", "a", "c"], "balanced", split={"test": {"last": 1}}).class_weight
    assert real is not None
    assert np.isfinite(list(real.values())).all()


def test_balanced_weights_of_real_classes(data_dir: Path) -> None:
    path = data_dir / "tabular" / "adult-5k.csv"
    keys = {"csv": str(path), "target": "income", "features": ["age"], "split": {"test": 0.2}}
    made = experiment(CIRCLES, dataset=keys, class_weight="balanced")
    data = load_data(made, path.parent)
    labels = data.rows.y[data.parts["train"]].astype(str)
    wanted = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    assert data.class_weight == pytest.approx(dict(zip(np.unique(labels), wanted, strict=True)), rel=1e-15)


@pytest.mark.parametrize(
    ("labels", "weight", "known"),
    [
        (["a", "b", "c"], {"b": 3}, {"a": 1, "b": 3, "c": 1}),
        ([1, 2, 3], {1: 0.5, "3": 2}, {"1": 0.5, "2": 1, "3": 2}),
        (["1.0", "2.0", "3.0"], {"1": 9}, {"1": 9, "2": 1, "3": 1}),
    ],
)
def test_weights_are_given_by_label(tmp_path: Path, labels: list[Any], weight: Any, known: dict[str, float]) -> None:
    assert load(tmp_path, labels, weight).class_weight == known


def test_weights_are_given_by_the_names_of_classes_too(tmp_path: Path) -> None:
    data = load(tmp_path, [1, 2, 3], {"two": 5}, class_names=["one", "two", "three"])
    assert data.class_weight == {"1": 1, "2": 5, "3": 1}


def test_rows_and_classes_weigh_together(tmp_path: Path) -> None:
    labels = ["a", "b", "c", "a", "b", "c"]
    data = load(tmp_path, labels, {"a": 2, "b": 3}, sample_weight="w")
    weights = data.weights("train")
    assert weights is not None
    assert weights.tolist() == [0 * 2, 0.5 * 3, 1, 0, 0.5 * 3, 1]


def test_without_weights_all_rows_count_alike(tmp_path: Path) -> None:
    data = load(tmp_path, ["a", "b", "c"], None)
    assert data.class_weight is None
    assert data.weights("train") is None
    alone = load(tmp_path, ["a", "b", "c"], None, sample_weight="w").weights("train")
    assert alone is not None
    assert alone.tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("weight", "said", "hint"),
    [
        ({"d": 2}, "'d' is no class of y", "classes: apple, berry and cherry"),
        ({"aple": 2}, "'aple'", "did you mean apple?"),
    ],
)
def test_a_class_that_is_none_is_refused_at_its_place(tmp_path: Path, weight: Any, said: str, hint: str) -> None:
    problem = problem_of(lambda: load(tmp_path, ["apple", "berry", "cherry"], weight), exit_code=CONFIG)
    assert said in problem.message
    assert problem.hint == hint
    assert problem.place.startswith("experiment.yaml")


@pytest.mark.parametrize("weight", ["balanced", {"1": 2}])
def test_numbers_have_no_classes(tmp_path: Path, weight: Any) -> None:
    problem = problem_of(lambda: load(tmp_path, [1, 2, 3], weight, PRICES), exit_code=CONFIG)
    assert problem.message == "class_weight is for classes, and the target is a number"
    assert problem.place.startswith("experiment.yaml")


@pytest.mark.parametrize("weight", ["balanced", {"a": 2}])
def test_rows_of_several_labels_have_no_class(tmp_path: Path, weight: Any) -> None:
    problem = problem_of(
        lambda: load(tmp_path, ["a|b", "b", "a"], weight, CIRCLES, label_separator="|"), exit_code=CONFIG
    )
    assert problem.message == "class_weight is for classes, and a row has several labels"


@pytest.mark.parametrize("weight", [{"a": 0}, {"a": -1}, {"a": "x"}, "even", 3, ["a"]])
def test_what_is_no_weight_is_refused_in_the_file(weight: Any) -> None:
    assert "class_weight" in problem_of(lambda: experiment(IRIS, class_weight=weight), exit_code=CONFIG).message


def test_a_class_that_class_weight_leaves_out_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = load(tmp_path, ["no", "yes", "no", "no"], {"no": 3}, CIRCLES)
    assert data.class_weight == {"no": 3, "yes": 1}
    assert "class_weight says nothing of yes: such rows count 1" in caplog.text
