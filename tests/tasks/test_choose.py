"""What a network is for, from its loss, its head and its targets; how its outputs are read; the metrics that suit."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, by_output, experiment, only_head, problem_of

from rnacli.data.examples import Examples
from rnacli.examples.load import complete_metrics, load_data
from rnacli.examples.split import split_rows
from rnacli.experiment.config import Config
from rnacli.schema.keras_object import make_spec
from rnacli.tasks.choose import choose_form, load_task
from rnacli.tasks.form import Form, Kept
from rnacli.tasks.heads import BINARY_LOSSES
from rnacli.tasks.task import Task

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
        (BCE, "sigmoid", BITS, Form("multilabel", "multi_hot", "none")),
        (LOGITS, "linear", BITS, Form("multilabel", "multi_hot", "sigmoid")),
        ("binary_focal_crossentropy", "sigmoid", BITS.astype(bool), Form("multilabel", "multi_hot", "none")),
        ("hinge", "tanh", BITS, Form("multilabel", "multi_hot", "margin")),
        ("mse", "sigmoid", BITS, Form("multilabel", "multi_hot", "none")),
        ("mse", "linear", BITS, Form("regression", "values", "none")),
        ("mse", "sigmoid", NUMBERS, Form("regression", "values", "none")),
        (BCE, "sigmoid", NUMBERS, Form("regression", "values", "none")),
        (BCE, "sigmoid", BITS[:, 1], Form("binary", "binary", "none")),
        (LOGITS, "linear", BITS[:, 1], Form("binary", "binary", "sigmoid")),
        ("mse", "sigmoid", BITS[:, 0], Form("binary", "binary", "none")),
        ("mse", "linear", BITS[:, 0], Form("regression", "values", "none")),
        ("sparse_categorical_crossentropy", "softmax", BITS[:, 0], Form("multiclass", "integer", "none")),
        ("categorical_crossentropy", "softmax", np.array(["a", "b"]), Form("multiclass", "one_hot", "none")),
    ],
)
def test_loss_head_and_targets_make_a_task(loss: Any, activation: str, target: Any, wanted: Form) -> None:
    assert choose_form(only_head(config(loss, activation)), target, "y") == wanted


@pytest.mark.parametrize("loss", sorted(BINARY_LOSSES))
@pytest.mark.parametrize("name", ["load_iris", "load_wine", "load_digits"])
def test_a_loss_for_two_classes_refuses_more_also_where_the_source_names_them(
    tmp_path: Path, loss: str, name: str
) -> None:
    last = [{"dense": {"units": 1, "activation": "tanh" if "hinge" in loss else "sigmoid"}}]
    made = experiment(CIRCLES, dataset={"sklearn": name}, layers=last, loss=loss, metrics=None)
    assert f"{loss} is for 2 classes, and target has" in problem_of(load_data, made, tmp_path, exit_code=2).message


def test_cells_with_a_separator_hold_labels() -> None:
    target = np.array(["red|blue", None, "blue"], object)
    found = choose_form(only_head(config(BCE, "sigmoid")), target, "y", separated=True)
    assert found == Form("multilabel", "multi_hot", "none")
    crossed = only_head(config("sparse_categorical_crossentropy", "softmax"))
    assert "several labels" in problem_of(choose_form, crossed, target, "y", True, exit_code=2).message


def test_stratify_does_not_go_with_labels() -> None:
    made = config(BCE, "sigmoid", split={"test": 0.2, "stratify": True})
    labels = choose_form(only_head(made), BITS, "y")
    problem = problem_of(split_rows, Examples(BITS, BITS), made, [labels], exit_code=2)
    assert "one class a row" in problem.message
    assert problem.hint == "stratify: false"
    assert choose_form(only_head(made), BITS[:, 1], "y").kind == "binary"


def task_of(form: Form, labels: Sequence[str] = (), **more: Any) -> Task:
    """A task with what was learnt of its targets."""
    kept = Kept(("y",), tuple(labels), tuple(labels), **more)
    return load_task(kept._asdict(), asdict(form))


@pytest.mark.parametrize(
    ("kind", "activation", "wanted"),
    [
        ("binary", "none", make_spec("metric", "accuracy")),
        ("multiclass", "softmax", make_spec("metric", "accuracy")),
        ("regression", "none", make_spec("metric", "mae")),
        ("multilabel", "none", make_spec("metric", "binary_accuracy")),
        ("multilabel", "sigmoid", make_spec("metric", "binary_accuracy", threshold=0)),
        ("multilabel", "margin", make_spec("metric", "binary_accuracy", threshold=0)),
    ],
)
def test_metrics_that_the_file_leaves_out_suit_the_task(kind: str, activation: str, wanted: Any) -> None:
    made = config(BCE)
    encoding = {"multilabel": "multi_hot", "multiclass": "integer", "regression": "values"}.get(kind, "binary")
    task = task_of(Form(kind, encoding, activation), "" if kind == "regression" else "ab")
    completed = complete_metrics(made, by_output(made, task))
    assert completed.metrics == (wanted,)
    assert completed.metrics[0].logged == wanted.logged


def test_metrics_of_the_file_stay() -> None:
    for metrics in ([], ["precision"]):
        made = experiment(CIRCLES, metrics=metrics)
        assert complete_metrics(made, by_output(made, task_of(Form("regression", "values", "none")))) is made


def test_labels_are_above_the_threshold_and_not_at_it() -> None:
    chances = np.array([[0.5, 0.51, 0.9], [0.2, 0.5, 0.49]])
    labels = task_of(Form("multilabel", "multi_hot", "none"), "abc")
    assert labels.read(chances).predicted.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert labels.with_threshold(0.49).read(chances).predicted.tolist() == [[1, 1, 1], [0, 1, 0]]
    two = task_of(Form("binary", "binary", "none"), "ab", threshold=0.3)
    assert two.read(np.array([0.3, 0.31])).predicted.tolist() == [0, 1]
    several = task_of(Form("multiclass", "integer", "none"), "abc", threshold=0.95)
    assert several.read(chances).predicted.tolist() == [2, 1]


def test_logits_of_labels_become_probabilities_each_for_itself() -> None:
    raw = np.array([[-1000.0, 0.0, 2.0]], "float32")
    found = task_of(Form("multilabel", "multi_hot", "sigmoid"), "abc").read(raw).probabilities
    np.testing.assert_allclose(found, [[0, 0.5, 1 / (1 + np.exp(-2))]])
    margins = task_of(Form("multilabel", "multi_hot", "margin"), "abc").read(raw).probabilities
    np.testing.assert_allclose(margins, [[0, 0.5, 1]])
