"""Fused steps give what Keras' own steps give: the same history, to the bit without XLA."""

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import EXHAUSTIVE, SLOW, arrays_of, one_input, raw_inputs, without_pictures

from rnacli.data.arrays import as_array
from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.engine.feed import epoch_order, feed_part
from rnacli.engine.stream import Stream
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import read_config
from rnacli.fitting.stopping import Diverged
from rnacli.networks.build import build_network, compile_network
from rnacli.runs.folder import Run
from rnacli.training.train import train_network

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
        with without_pictures():
            return train_network(config_of(experiment, **changes), tmp_path / "runs", tmp_path / "cache")

    return run


def config_of(experiment: dict[str, Any], **changes: Any) -> Config:
    return read_config(parse_document(dump_yaml({**experiment, **changes}), "test.yaml"), Path())


def history(run: Run) -> dict[str, list[float]]:
    rows = list(csv.DictReader((run.path / "history.csv").read_text("utf-8").splitlines()))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "seconds"}


def engine(fuse: bool, jit: bool = False) -> dict[str, Any]:
    return {"engine": {"fuse": fuse, "jit": jit, "threads": 1}}


def assert_same(one: Run, other: Run) -> None:
    """To the bit."""
    assert history(one) == history(other)
    assert (one.path / "weights.npz").read_bytes() == (other.path / "weights.npz").read_bytes()
    assert one.record["results"] == other.record["results"]


def test_fused_steps_are_the_same_to_the_bit(train: Train) -> None:
    assert_same(*(train(REGRESSION, **engine(fuse)) for fuse in (False, True)))


def test_fused_or_compiled_the_same_is_learnt(train: Train) -> None:
    """Fused to the bit; by XLA but for the last digits."""
    plain, fused = (train(CIRCLES, **engine(fuse)) for fuse in (False, True))
    assert_same(fused, plain)
    compiled = train(CIRCLES, **engine(True, True))
    for name, values in history(plain).items():
        assert history(compiled)[name] == pytest.approx(values, rel=1e-5), name


def test_convolutions_dropout_and_batch_normalisation(train: Train) -> None:
    """TensorFlow arranges convolutions in a loop in its own way: the last digits differ, and no more."""
    plain, fused = (history(train(CNN, **engine(fuse))) for fuse in (False, True))
    for name, values in plain.items():
        assert fused[name] == pytest.approx(values, rel=1e-5), name


@pytest.mark.slow
def test_xla_differs_in_the_last_digits_only(train: Train) -> None:
    """And those are the same each time."""
    plain, compiled, again = (train(REGRESSION, **engine(jit, jit)) for jit in (False, True, True))
    for name, values in history(plain).items():
        assert history(compiled)[name] == pytest.approx(values, rel=1e-5), name
    assert_same(compiled, again)


@pytest.mark.slow
def test_short_executions_are_the_same(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train(CIRCLES, **engine(True))
    monkeypatch.setattr("rnacli.fitting.choose_engine.LONGEST", 1e-9)
    assert train(CIRCLES, **engine(True)).record["engine"]["steps"] == 1
    monkeypatch.setattr("rnacli.fitting.choose_engine.LONGEST", 5.5e-4)
    short = train(CIRCLES, **engine(True))
    assert 1 < short.record["engine"]["steps"] < 12
    assert history(short) == history(whole)


def test_metrics_are_the_epochs_not_the_last_batchs(train: Train) -> None:
    """Weighted by rows: with no learning, the epoch's loss is the training rows' loss, the short batch included."""
    still = {"optimizer": {"sgd": {"learning_rate": 1e-30}}, "metrics": ["accuracy"]}
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


@pytest.mark.parametrize("rate", [100, pytest.param(1e30, marks=SLOW), pytest.param(1e3, marks=EXHAUSTIVE)])
def test_training_diverges_at_the_same_step(train: Train, rate: float) -> None:
    wild = {"optimizer": {"sgd": {"learning_rate": rate}}, "loss": "mse", "layers": [{"dense": 8}, {"dense": 1}]}
    ends = []
    for fuse, jit in ((False, False), (True, False), (True, True)):
        with pytest.raises(Diverged) as caught:
            train(REGRESSION, **engine(fuse, jit), **wild)
        ends.append((caught.value.epoch, caught.value.step))
    assert ends[0] == ends[1] == ends[2]


def test_early_stopping_and_a_plateau_work_in_the_middle(train: Train) -> None:
    watching = [
        {"early_stopping": {"monitor": "val_loss", "patience": 2, "restore_best_weights": True}},
        {"reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 1, "factor": 0.1}},
    ]
    fast = {"optimizer": {"sgd": {"learning_rate": 30.0}}, "epochs": 40, "callbacks": watching, "metrics": ["accuracy"]}
    runs = [train(CIRCLES, **engine(fuse), **fast) for fuse in (True, False)]
    columns = [history(run) for run in runs]
    assert columns[0] == columns[1]
    assert len(columns[0]["epoch"]) < 40
    assert min(columns[0]["learning_rate"]) < 30.0


def test_a_callback_that_looks_at_every_batch_turns_fusing_off(train: Train) -> None:
    run = train(CIRCLES, callbacks=["terminate_on_nan"], metrics=[], epochs=1)
    chosen = json.loads((run.path / "run.json").read_text("utf-8"))["engine"]
    assert not chosen["fuse"]
    assert "TerminateOnNaN" in chosen["why"]


@pytest.mark.slow
def test_full_batch(train: Train) -> None:
    runs = [train(CIRCLES, **engine(fuse), batch_size="full") for fuse in (True, False)]
    assert history(runs[0]) == history(runs[1])


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(train: Train, precision: str) -> None:
    runs = [train(CNN, **engine(fuse), precision=precision, epochs=2) for fuse in (True, False)]
    assert history(runs[0])["loss"] == pytest.approx(history(runs[1])["loss"], rel=1e-5)


# Weights


def script(config: Config, data: Data, order: Callable[[int, int], np.ndarray], **more: Any) -> dict[str, list[float]]:
    """History and weights of Keras' plain ``fit``, with each epoch's rows in the ``order`` of seed and epoch."""
    network = build_network(config, one_input(*data.preprocessing.shape))
    compile_network(network, config, data.tasks)
    x, y = arrays_of(data, "train")
    logs: dict[str, list[float]] = {}
    for epoch in range(config.epochs):
        chosen = order(config.seed, epoch)
        own = {name: value[chosen] if name == "sample_weight" else value for name, value in more.items()}
        size = {"batch_size": int(config.batch_size), "validation_batch_size": 4096}
        held = {"validation_data": arrays_of(data, "test")} if config.validation_data == "test" else {}
        fitted = network.fit(x[chosen], y[chosen], shuffle=False, verbose=0, **size, **held, **own)
        for name, values in fitted.history.items():
            logs.setdefault(name, []).extend(values)
    return logs | weights_of(network.get_weights())


def weights_of(weights: list[np.ndarray]) -> dict[str, list[float]]:
    return {f"weights {i}": array.ravel().tolist() for i, array in enumerate(weights)}


def learnt(run: Run) -> dict[str, list[float]]:
    """A run's history and weights."""
    with np.load(run.path / "weights.npz") as arrays:
        weights = weights_of([arrays[name] for name in arrays.files])
    return {name: values for name, values in history(run).items() if name != "epoch"} | weights


def assert_close(one: dict[str, list[float]], other: dict[str, list[float]]) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        assert other[name] == pytest.approx(values, rel=1e-5, abs=1e-6), name


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Data]:
    """Data of an experiment, changed, which ``training`` then takes."""

    def make(experiment: dict[str, Any], change: Callable[[Data], Data]) -> Data:
        made = change(load_data(config_of(experiment), Path()))
        monkeypatch.setattr("rnacli.fitting.job.load_data", lambda *arguments, **more: made)
        return made

    return make


def full_order(rows: int) -> Callable[[int, int], np.ndarray]:
    return lambda seed, epoch: np.asarray(epoch_order(seed, epoch, rows))


ENGINES = [(False, False), (True, False), (False, True), (True, True)]
"""Fused or not, XLA or not."""


def all_engines(train: Train, experiment: dict[str, Any]) -> list[dict[str, list[float]]]:
    return [learnt(train(experiment, **engine(fuse, jit))) for fuse, jit in ENGINES]


@pytest.mark.slow
def test_class_weights_are_those_of_fit(train: Train, data: Callable[..., Data]) -> None:
    weights = {"0": 4.0, "1": 0.5}
    made = data(CIRCLES, lambda plain: dataclasses.replace(plain, class_weight=weights))
    numbered = {int(label): weight for label, weight in weights.items()}
    expected = script(config_of(CIRCLES), made, full_order(200), class_weight=numbered)
    unweighted = script(config_of(CIRCLES), made, full_order(200))
    assert expected["loss"][0] > 1.5 * unweighted["loss"][0]
    for found in all_engines(train, CIRCLES):
        assert_close(expected, found)


@pytest.mark.slow
@pytest.mark.parametrize("experiment", [CIRCLES, REGRESSION], ids=["circles", "regression"])
def test_sample_weights_are_those_of_fit(train: Train, data: Callable[..., Data], experiment: dict[str, Any]) -> None:
    def weighted(plain: Data) -> Data:
        weights = np.random.default_rng(5).uniform(0, 3, len(plain.rows.x))
        return dataclasses.replace(plain, rows=dataclasses.replace(plain.rows, weights=weights))

    made = data(experiment, weighted)
    weights = made.weights("train")
    assert weights is not None
    expected = script(config_of(experiment), made, full_order(len(weights)), sample_weight=weights)
    for found in all_engines(train, experiment):
        assert_close(expected, found)


# From the disk


def on_disk(folder: Path, weights: bool = False) -> Callable[[Data], Data]:
    """The same data with their inputs in a file."""

    def change(plain: Data) -> Data:
        np.save(folder / "x.npy", raw_inputs(plain.rows).astype("float64"))
        x = np.load(folder / "x.npy", mmap_mode="r")
        own = np.linspace(0, 2, len(x)) if weights else None
        made = dataclasses.replace(plain, rows=dataclasses.replace(plain.rows, x=as_array(x), weights=own))
        assert not made.rows.x.resident
        return made

    return change


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of 60 rows of circles, in blocks of 15: the training rows have four, a batch may have rows of two."""
    monkeypatch.setattr("rnacli.engine.stream.WINDOW", 60 * 2 * 4)
    monkeypatch.setattr("rnacli.engine.stream.BLOCKS", 4)


@pytest.mark.slow
def test_rows_from_the_disk_that_count_alike(
    train: Train, data: Callable[..., Data], tmp_path: Path, small_windows: None
) -> None:
    data(CIRCLES, on_disk(tmp_path))
    plain, fused = train(CIRCLES, **engine(False)), train(CIRCLES, **engine(True))
    assert learnt(fused) == learnt(plain)
    assert fused.record["results"] == plain.record["results"]


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_rows_from_the_disk_are_learnt_as_fit_learns_them(
    train: Train, data: Callable[..., Data], tmp_path: Path, small_windows: None, jit: bool
) -> None:
    """Fused or not to the bit; by XLA but for the last digits."""
    made = data(CIRCLES, on_disk(tmp_path, weights=True))
    rows = feed_part(made, "train", np.arange(200, dtype="float32"))
    assert isinstance(rows, Stream)
    windows = rows.in_file_order()
    assert windows.windows == 4

    def order(seed: int, epoch: int) -> np.ndarray:
        return np.concatenate([windows.window(seed, epoch, number)[2] for number in range(4)]).astype(int)

    expected = script(config_of(CIRCLES), made, order, sample_weight=made.weights("train"))
    fused = train(CIRCLES, **engine(True, jit))
    assert_close(expected, learnt(fused))
    if not jit:
        plain = train(CIRCLES, **engine(False))
        assert learnt(fused) == learnt(plain)
        assert fused.record["results"] == plain.record["results"]


@pytest.mark.slow
def test_short_executions_from_the_disk_are_the_same(
    train: Train, data: Callable[..., Data], tmp_path: Path, small_windows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data(CIRCLES, on_disk(tmp_path))
    found = learnt(train(CIRCLES, **engine(True)))
    monkeypatch.setattr("rnacli.fitting.choose_engine.LONGEST", 1e-9)
    assert learnt(train(CIRCLES, **engine(True))) == found


@pytest.mark.slow
def test_full_batch_from_the_disk(train: Train, data: Callable[..., Data], tmp_path: Path, small_windows: None) -> None:
    data(CIRCLES, on_disk(tmp_path))
    runs = [train(CIRCLES, **engine(fuse), batch_size="full") for fuse in (True, False)]
    assert learnt(runs[0]) == learnt(runs[1])
