"""What a network is for, from its loss, its head and its targets; how its outputs are read; the metrics that suit."""

from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, problem_of

from rnacli import task
from rnacli.keras_object import named
from rnacli.language import Config
from rnacli.task import Task

BITS = np.array([[0, 1], [1, 1], [0, 0]], float)
NUMBERS = np.array([[0.5, 1], [2, 1], [0, 0]])


def config(loss: Any, activation: str = "linear", **dataset: Any) -> Config:
    data = {"csv": "x.csv", "target": "y", **dataset}
    layers = [{"dense": {"units": 2, "activation": activation}}]
    return experiment(CIRCLES, dataset=data, layers=layers, loss=loss, metrics=None)


BCE = "binary_crossentropy"
LOGITS = {BCE: {"from_logits": True}}


@pytest.mark.parametrize(
    ("loss", "activation", "target", "wanted"),
    [
        (BCE, "sigmoid", BITS, Task("multilabel", "multi_hot", "none")),
        (LOGITS, "linear", BITS, Task("multilabel", "multi_hot", "sigmoid")),
        ("binary_focal_crossentropy", "sigmoid", BITS.astype(bool), Task("multilabel", "multi_hot", "none")),
        ("hinge", "tanh", BITS, Task("multilabel", "multi_hot", "margin")),
        ("mse", "sigmoid", BITS, Task("multilabel", "multi_hot", "none")),
        ("mse", "linear", BITS, Task("regression", "values", "none")),
        ("mse", "sigmoid", NUMBERS, Task("regression", "values", "none")),
        (BCE, "sigmoid", NUMBERS, Task("regression", "values", "none")),
        (BCE, "sigmoid", BITS[:, 1], Task("binary", "binary", "none")),
        (LOGITS, "linear", BITS[:, 1], Task("binary", "binary", "sigmoid")),
        ("mse", "sigmoid", BITS[:, 0], Task("binary", "binary", "none")),
        ("mse", "linear", BITS[:, 0], Task("regression", "values", "none")),
        ("sparse_categorical_crossentropy", "softmax", BITS[:, 0], Task("multiclass", "integer", "none")),
        ("categorical_crossentropy", "softmax", np.array(["a", "b"]), Task("multiclass", "one_hot", "none")),
    ],
)
def test_loss_head_and_targets_make_a_task(loss: Any, activation: str, target: Any, wanted: Task) -> None:
    assert task.of(config(loss, activation), target, "y") == wanted


def test_cells_with_a_separator_hold_labels() -> None:
    target = np.array(["red|blue", None, "blue"], object)
    found = task.of(config(BCE, "sigmoid", label_separator="|"), target, "y")
    assert found == Task("multilabel", "multi_hot", "none")
    crossed = config("sparse_categorical_crossentropy", "softmax", label_separator="|")
    assert "several labels" in problem_of(task.of, crossed, target, "y", exit_code=2).message


def test_stratify_does_not_go_with_labels() -> None:
    made = config(BCE, "sigmoid", split={"test": 0.2, "stratify": True})
    problem = problem_of(task.of, made, BITS, "y", exit_code=2)
    assert "one class a row" in problem.message
    assert problem.hint == "stratify: false"
    assert task.of(made, BITS[:, 1], "y").kind == "binary"


@pytest.mark.parametrize(
    ("kind", "activation", "wanted"),
    [
        ("binary", "none", named("metric", "accuracy")),
        ("multiclass", "softmax", named("metric", "accuracy")),
        ("regression", "none", named("metric", "mae")),
        ("multilabel", "none", named("metric", "binary_accuracy")),
        ("multilabel", "sigmoid", named("metric", "binary_accuracy", threshold=0)),
        ("multilabel", "margin", named("metric", "binary_accuracy", threshold=0)),
    ],
)
def test_metrics_that_the_file_leaves_out_suit_the_task(kind: str, activation: str, wanted: Any) -> None:
    made = config(BCE)
    completed = task.complete(made, Task(kind, "binary", activation))
    assert completed.metrics == (wanted,)
    assert completed.metrics[0].logged == wanted.logged


def test_metrics_of_the_file_stay() -> None:
    for metrics in ([], ["precision"]):
        made = experiment(CIRCLES, metrics=metrics)
        assert task.complete(made, Task("regression", "values", "none")) is made


def test_labels_are_above_the_threshold_and_not_at_it() -> None:
    chances = np.array([[0.5, 0.51, 0.9], [0.2, 0.5, 0.49]])
    labels = Task("multilabel", "multi_hot", "none")
    assert labels.labels(chances).tolist() == [[0, 1, 1], [0, 0, 0]]
    assert labels.labels(chances, 0.49).tolist() == [[1, 1, 1], [0, 1, 0]]
    two = Task("binary", "binary", "none")
    assert two.labels(two.probabilities(np.array([0.3, 0.31])), 0.3).tolist() == [0, 1]
    assert Task("multiclass", "integer", "none").labels(chances, 0.95).tolist() == [2, 1]


def test_logits_of_labels_become_probabilities_each_for_itself() -> None:
    raw = np.array([[-1000.0, 0.0, 2.0]], "float32")
    found = Task("multilabel", "multi_hot", "sigmoid").probabilities(raw)
    np.testing.assert_allclose(found, [[0, 0.5, 1 / (1 + np.exp(-2))]])
    np.testing.assert_allclose(Task("multilabel", "multi_hot", "margin").probabilities(raw), [[0, 0.5, 1]])
