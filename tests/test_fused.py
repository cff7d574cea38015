"""Fused steps give what Keras' own steps give: the same history, to the bit without XLA."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnacli import config as configs
from rnacli import training, yaml_writer, yamlfile
from rnacli.runs import Run

CIRCLES: dict[str, Any] = {
    "name": "circles",
    "seed": 3,
    "dataset": {"sklearn": "make_circles", "n_samples": 230, "factor": 0.3, "noise": 0.07, "split": {"test": 30}},
    "layers": [{"dense": {"units": 4, "activation": "tanh"}}, {"dense": {"units": 1, "activation": "sigmoid"}}],
    "loss": "binary_crossentropy",
    "optimizer": "sgd",
    "metrics": ["accuracy", "auc"],
    "epochs": 5,
    "batch_size": 16,
    "validation_data": "test",
}
"""200 training rows in batches of 16: the last one has 8."""
CNN: dict[str, Any] = {
    "name": "cnn",
    "dataset": {"sklearn": "load_digits", "scale": {"rescale": 16}, "split": {"test": 297, "validation": 300}},
    "layers": [
        {"reshape": {"target_shape": [8, 8, 1]}},
        {"conv2d": {"filters": 4, "kernel_size": 3, "use_bias": False}},
        "batch_normalization",
        "relu",
        "flatten",
        {"dropout": 0.3},
        {"dense": {"units": 10, "activation": "softmax"}},
    ],
    "loss": "sparse_categorical_crossentropy",
    "optimizer": "adam",
    "metrics": ["accuracy"],
    "epochs": 5,
    "batch_size": 64,
}
"""No bias before the normalisation: it would have no gradient but rounding errors, which Adam makes large."""
SCHEDULE = {"exponential_decay": {"initial_learning_rate": 0.05, "decay_steps": 20, "decay_rate": 0.9}}
REGRESSION: dict[str, Any] = {
    "name": "regression",
    "dataset": {"sklearn": "load_diabetes", "scale": "standard", "split": {"test": 42}},
    "layers": [{"dense": {"units": 8, "activation": "relu", "kernel_regularizer": {"l2": 0.001}}}, {"dense": 1}],
    "loss": "mean_squared_error",
    "optimizer": {"sgd": {"learning_rate": SCHEDULE, "momentum": 0.5, "clipnorm": 1.0}},
    "metrics": ["mean_absolute_error", "r2_score"],
    "epochs": 5,
    "batch_size": 30,
}

Train = Callable[..., Run]


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Train an experiment given as data; keywords replace its keys."""

    def run(experiment: dict[str, Any], **changes: Any) -> Run:
        document = yamlfile.parse(yaml_writer.dump({**experiment, **changes}), "test.yaml")
        return training.train(configs.read(document, tmp_path), tmp_path / "runs", tmp_path / "cache")

    return run


def history(run: Run) -> dict[str, list[float]]:
    rows = list(csv.DictReader((run.path / "history.csv").read_text("utf-8").splitlines()))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "seconds"}


def engine(fuse: bool, jit: bool = False) -> dict[str, Any]:
    return {"engine": {"fuse": fuse, "jit": jit, "threads": 1}}


@pytest.mark.parametrize("experiment", [CIRCLES, REGRESSION], ids=lambda experiment: experiment["name"])
def test_fused_steps_are_the_same_to_the_bit(train: Train, experiment: dict[str, Any]) -> None:
    plain, fused = train(experiment, **engine(False)), train(experiment, **engine(True))
    assert history(fused) == history(plain)
    assert (fused.path / "weights.npz").read_bytes() == (plain.path / "weights.npz").read_bytes()
    assert fused.record["results"] == plain.record["results"]


def test_convolutions_dropout_and_batch_normalisation(train: Train) -> None:
    """TensorFlow arranges convolutions in a loop in its own way: the last digits differ, and no more."""
    plain, fused = (history(train(CNN, **engine(fuse))) for fuse in (False, True))
    for name, values in plain.items():
        assert fused[name] == pytest.approx(values, rel=1e-5), name


@pytest.mark.parametrize("experiment", [CIRCLES, REGRESSION], ids=lambda experiment: experiment["name"])
def test_xla_differs_in_the_last_digits_only(train: Train, experiment: dict[str, Any]) -> None:
    plain, compiled = history(train(experiment, **engine(False))), history(train(experiment, **engine(True, True)))
    for name, values in plain.items():
        assert compiled[name] == pytest.approx(values, rel=1e-5), name


def test_xla_repeats_itself(train: Train) -> None:
    first, second = (train(CIRCLES, **engine(True, True)) for _ in range(2))
    assert (first.path / "weights.npz").read_bytes() == (second.path / "weights.npz").read_bytes()


def test_short_executions_are_the_same(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train(CIRCLES, **engine(True))
    monkeypatch.setattr("rnacli.choice.LONGEST", 1e-9)
    assert train(CIRCLES, **engine(True)).record["engine"]["steps"] == 1
    monkeypatch.setattr("rnacli.choice.LONGEST", 5.5e-4)
    short = train(CIRCLES, **engine(True))
    assert 1 < short.record["engine"]["steps"] < 12
    assert history(short) == history(whole)


def test_metrics_are_the_epochs_not_the_last_batchs(train: Train) -> None:
    """Weighted by rows: with no learning, the epoch's loss is the training rows' loss, the short batch included."""
    still = {"optimizer": {"sgd": {"learning_rate": 1e-30}}}
    run = train(CIRCLES, **engine(True), **still)
    columns, results = history(run), run.record["results"]["train"]
    for name in ("loss", "accuracy"):
        assert columns[name] == pytest.approx([results[name]] * 5, rel=1e-6)


def test_dropout_differs_from_step_to_step(train: Train) -> None:
    """With one row a batch and one mask for all steps, a unit would be dropped always or never."""
    layers = [{"dropout": {"rate": 0.5, "seed": 1}}, {"dense": {"units": 1, "use_bias": False}}]
    data = {"sklearn": "make_regression", "n_samples": 64, "n_features": 8, "noise": 0, "split": {"test": 4}}
    slow = {"sgd": {"learning_rate": 1e-4}}
    experiment = {"dataset": data, "layers": layers, "loss": "mse", "optimizer": slow, "epochs": 1, "batch_size": 1}
    before, after = (train(experiment, **engine(True), **more) for more in ({"epochs": 0}, {}))
    changed = [np.load(run.path / "weights.npz")["0/dense/kernel"] for run in (before, after)]
    assert (changed[0] != changed[1]).all()


def test_a_nan_loss_is_recorded_as_fit_records_it(train: Train) -> None:
    wild = {"optimizer": {"sgd": {"learning_rate": 1e30}}, "loss": "mse", "layers": [{"dense": 8}, {"dense": 1}]}
    runs = [train(REGRESSION, **engine(fuse), **wild) for fuse in (True, False)]
    losses = [history(run)["loss"] for run in runs]
    assert math.isnan(losses[0][-1])
    assert np.array_equal(*losses, equal_nan=True)


def test_early_stopping_and_a_plateau_work_in_the_middle(train: Train) -> None:
    watching = [
        {"early_stopping": {"monitor": "val_loss", "patience": 2, "restore_best_weights": True}},
        {"reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1, "factor": 0.1}},
    ]
    fast = {"optimizer": {"sgd": {"learning_rate": 30.0}}, "epochs": 40, "callbacks": watching}
    runs = [train(CIRCLES, **engine(fuse), **fast) for fuse in (True, False)]
    columns = [history(run) for run in runs]
    assert columns[0] == columns[1]
    assert len(columns[0]["epoch"]) < 40
    assert min(columns[0]["learning_rate"]) < 30.0


def test_a_callback_that_looks_at_every_batch_turns_fusing_off(train: Train) -> None:
    run = train(CIRCLES, callbacks=["terminate_on_nan"])
    chosen = json.loads((run.path / "run.json").read_text("utf-8"))["engine"]
    assert not chosen["fuse"]
    assert "TerminateOnNaN" in chosen["why"]


def test_full_batch(train: Train) -> None:
    runs = [train(CIRCLES, **engine(fuse), batch_size="full") for fuse in (True, False)]
    assert history(runs[0]) == history(runs[1])


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(train: Train, precision: str) -> None:
    runs = [train(CNN, **engine(fuse), precision=precision, epochs=2) for fuse in (True, False)]
    assert history(runs[0])["loss"] == pytest.approx(history(runs[1])["loss"], rel=1e-5)
