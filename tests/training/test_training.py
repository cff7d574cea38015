"""Training: the numbers of a plain Keras script, the same again from the same seed, a run folder that is whole."""

import contextlib
import csv
import datetime
import functools
import hashlib
import importlib.util
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
from fixtures import (
    CIRCLES,
    EXHAUSTIVE,
    IRIS,
    OnTime,
    experiment,
    one_input,
    problem_of,
    run_of,
    without_pictures,
    write_data,
)
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from rnacli.engine.feed import epoch_order
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG
from rnacli.examples.load import load_data
from rnacli.experiment.load import load_config
from rnacli.fitting.choose_engine import needs_batches
from rnacli.networks.build import build_network
from rnacli.networks.callbacks import build_callbacks
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.signals import answers
from rnacli.training.train import train_network

FILES = {
    "config.yaml", "run.json", "split.csv", "history.csv", "model.keras", "weights.npz", "preprocessing.json",
    "summary.txt", "predictions.csv",
}  # fmt: skip


def train(folder: Path, text: str = CIRCLES, **changes: Any) -> Run:
    return train_network(experiment(text, folder, **changes), folder / "runs", folder / "cache")


def history(run: Run) -> dict[str, list[float]]:
    with (run.path / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}


def measured(run: Run) -> dict[str, list[float]]:
    """The history without what differs from one time to the next."""
    return {name: values for name, values in history(run).items() if name != "seconds"}


def weights(run: Run) -> list[np.ndarray]:
    with np.load(run.path / "weights.npz") as arrays:
        return [arrays[name] for name in arrays.files]


# The numbers of a script


Learnt = tuple[list[np.ndarray], dict[str, list[float]]]
"""Weights, and name -> one value an epoch."""


def script(
    rows: Any, test: float, seed: int, stratify: bool, layers: list[Any], optimizer: Any, loss: str, size: int
) -> Learnt:
    """A tutorial's script: Keras and scikit-learn alone, but for the order of the rows in each of three epochs."""
    x, y = rows
    split = train_test_split(x, y, test_size=test, random_state=seed, stratify=y if stratify else None)
    x_train, x_test, y_train, y_test = split
    scaler = StandardScaler().fit(x_train)
    x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)
    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.Input(x_train.shape[1:]), *(layer() for layer in layers)])
    network.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    logs: dict[str, list[float]] = {}
    for epoch in range(3):
        shuffled = np.asarray(epoch_order(seed, epoch, len(x_train)))
        fitted = network.fit(
            x_train[shuffled], y_train[shuffled], batch_size=size, shuffle=False, verbose=0,
            validation_data=(x_test, y_test),
        )  # fmt: skip
        for name, values in fitted.history.items():
            logs.setdefault(name, []).extend(values)
    return network.get_weights(), logs


@functools.cache
def circles_script(size: int) -> Learnt:
    dense = keras.layers.Dense
    layers = [lambda: dense(4, activation="tanh"), lambda: dense(1, activation="sigmoid")]
    rows = sklearn.datasets.make_circles(100, factor=0.3, noise=0.07, random_state=4)
    return script(rows, 0.2, 4, False, layers, keras.optimizers.SGD(0.1), "binary_crossentropy", size)


def assert_learnt(run: Run, learnt: Learnt) -> None:
    """The run must have a script's weights and history."""
    for mine, theirs in zip(weights(run), learnt[0], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)
    found = measured(run)
    assert set(found) == {"epoch", *learnt[1]}
    for name, values in learnt[1].items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("size", "engine"),
    [
        (24, {}),
        ("full", {}),
        pytest.param(24, {"fuse": False}, marks=pytest.mark.slow),
        pytest.param(24, {"fuse": True, "jit": True}, marks=pytest.mark.slow),
        pytest.param(500, {}, marks=pytest.mark.slow),
    ],
)
def test_two_classes_are_learnt_as_by_a_plain_script(
    tmp_path: Path, plain: None, size: int | str, engine: dict[str, Any]
) -> None:
    run = train(tmp_path, seed=4, validation_data="test", batch_size=size, engine=engine)
    assert_learnt(run, circles_script(80 if size in ("full", 500) else int(size)))


def test_three_classes_are_learnt_as_by_a_plain_script(tmp_path: Path, plain: None) -> None:
    run = train(tmp_path, IRIS, validation_data="test")
    dense, dropout = keras.layers.Dense, keras.layers.Dropout
    layers = [lambda: dense(5, activation="relu"), lambda: dropout(0), lambda: dense(3, activation="softmax")]
    iris, loss = sklearn.datasets.load_iris(return_X_y=True), "sparse_categorical_crossentropy"
    assert_learnt(run, script(iris, 40, 3, True, layers, keras.optimizers.Adam(), loss, 16))


# The same again


def test_the_same_experiment_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, plain: None) -> None:
    layers = [{"dense": 8}, {"dropout": 0.5}, {"gaussian_noise": 0.1}, {"dense": {"units": 1, "activation": "sigmoid"}}]
    first, second, other = (
        train(tmp_path / name, layers=layers, epochs=4, seed=seed)
        for name, seed in (("one", 1), ("two", 1), ("other", 2))
    )
    for name in ("weights.npz", "split.csv", "preprocessing.json", "predictions.csv", "summary.txt"):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes(), name
    assert measured(first) == measured(second)
    assert first.record["results"] == second.record["results"]
    assert not np.allclose(weights(first)[0], weights(other)[0])
    assert (first.path / "split.csv").read_bytes() != (other.path / "split.csv").read_bytes()


def test_the_config_of_a_run_trains_again_to_the_same_history(tmp_path: Path) -> None:
    former = run_of("flowers")
    made = load_config(former.path / "config.yaml")
    with without_pictures():
        again = train_network(made, tmp_path / "elsewhere" / "runs", tmp_path / "cache")
    assert measured(again) == measured(former)
    assert (again.path / "weights.npz").read_bytes() == (former.path / "weights.npz").read_bytes()
    assert (again.path / "split.csv").read_bytes() == (former.path / "split.csv").read_bytes()


@pytest.mark.parametrize("rows", [1, 2, 100, 5000])
def test_an_order_is_a_permutation_of_its_own_for_each_seed_and_epoch(rows: int) -> None:
    orders = {
        (seed, epoch): np.asarray(epoch_order(seed, epoch, rows)) for seed in (0, 1, 2**32 - 1) for epoch in (0, 1, 99)
    }
    for found in orders.values():
        assert sorted(found.tolist()) == list(range(rows))
    if rows >= 100:
        assert len({found.tobytes() for found in orders.values()}) == len(orders)
    np.testing.assert_array_equal(epoch_order(1, 99, rows), orders[1, 99])


def test_every_row_has_every_place_about_as_often() -> None:
    places = np.array([np.asarray(epoch_order(0, epoch, 4)) for epoch in range(500)])
    counts = np.array([[(places[:, place] == row).sum() for row in range(4)] for place in range(4)])
    assert counts.min() > 85
    assert counts.max() < 165


# Steps and epochs


def test_without_epochs_the_initial_network_is_evaluated(tmp_path: Path, plain: None) -> None:
    run = train(tmp_path, epochs=0)
    assert run.record["status"] == "finished"
    assert run.record["epochs"] == 0
    assert history(run) == {}
    assert set(run.record["results"]) == {"train", "test"}
    network = build_network(experiment(CIRCLES), one_input(2))
    for mine, theirs in zip(weights(run), network.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert {path.name for path in run.path.iterdir()} >= FILES


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": {"sgd": {"learning_rate": 0.1, "gradient_accumulation_steps": 2}}},
        pytest.param({"precision": "mixed_float16"}, marks=pytest.mark.slow),
        pytest.param({"precision": "mixed_bfloat16"}, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_every_epoch_is_in_the_history(tmp_path: Path, plain: None, changes: dict[str, Any]) -> None:
    run = train(tmp_path, **changes)
    assert history(run)["epoch"] == [1, 2, 3]
    assert run.record["epochs"] == 3
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


def test_the_validation_part_is_measured_every_epoch(tmp_path: Path, plain: None) -> None:
    split = {"test": 0.2, "validation": 0.2}
    data = {"sklearn": "make_circles", "split": split}
    run = train(tmp_path, dataset=data)
    assert set(history(run)) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert run.record["validated_on"] == "validation"
    assert history(run)["val_loss"][-1] == pytest.approx(run.record["results"]["validation"]["loss"], abs=1e-6)
    on_test = train(tmp_path, dataset=data, validation_data="test")
    assert on_test.record["validated_on"] == "test"
    assert history(on_test)["val_loss"][-1] == pytest.approx(on_test.record["results"]["test"]["loss"], abs=1e-6)
    assert weights(on_test)[0].tobytes() == weights(run)[0].tobytes()


def test_without_validation_there_are_the_training_figures_alone(tmp_path: Path, plain: None) -> None:
    run = train(tmp_path, dataset={"sklearn": "make_circles", "split": {"validation": 0.2}}, validation_data="none")
    assert set(history(run)) == {"epoch", "loss", "accuracy", "seconds"}
    assert run.record["validated_on"] is None


def test_early_stopping_ends_a_run_and_gives_the_best_weights_back(tmp_path: Path, plain: None) -> None:
    stop = {"early_stopping": {"monitor": "val_loss", "patience": 2, "min_delta": 1e9, "restore_best_weights": True}}
    run = train(tmp_path, epochs=50, validation_data="test", callbacks=[stop])
    assert run.record["status"] == "finished"
    assert run.record["epochs"] == len(history(run)["epoch"]) == 3
    first = train(tmp_path, epochs=1, validation_data="test")
    np.testing.assert_array_equal(weights(run)[0], weights(first)[0])


def test_a_schedule_of_the_learning_rate_is_followed(tmp_path: Path, plain: None) -> None:
    fading = {"exponential_decay": {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 1e-6}}
    run = train(tmp_path, optimizer={"sgd": {"learning_rate": fading}}, batch_size="full")
    one = train(tmp_path, epochs=1, batch_size="full")
    np.testing.assert_allclose(weights(run)[0], weights(one)[0], atol=1e-6)


@pytest.mark.parametrize("weight", [{"0": 2.0, "1": 0.5}, pytest.param("balanced", marks=pytest.mark.slow)])
def test_class_weights_weigh_as_those_of_a_script(tmp_path: Path, plain: None, weight: Any) -> None:
    """Three epochs on an uneven table are those of Keras' own ``fit`` with ``class_weight``."""
    random = np.random.default_rng(4)
    x = random.normal(size=(60, 2))
    y = (x.sum(axis=1) > 1).astype("int64")
    rows = "".join(f"{a!r},{b!r},{label}\n" for (a, b), label in zip(x.tolist(), y.tolist(), strict=True))
    (tmp_path / "data.csv").write_text(f"a,b,y\n{rows}")
    dataset = {"csv": "data.csv", "target": "y", "split": {}, "scale": "none"}
    run = train(tmp_path, dataset=dataset, class_weight=weight, batch_size="full", epochs=3)
    each = {0: 2.0, 1: 0.5} if isinstance(weight, dict) else {i: 60 / (2 * np.sum(y == i)) for i in (0, 1)}
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1, "sigmoid")])
    network.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
    logs = network.fit(x.astype("float32"), y[:, None], 60, 3, class_weight=each, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history(run)["loss"], logs["loss"], rtol=1e-5)
    for mine, theirs in zip(weights(run), network.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


# Callbacks that write


def test_checkpoints_are_written_into_the_run(tmp_path: Path, plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run = train(tmp_path, callbacks=[{"model_checkpoint": "checkpoints/{epoch:02d}.keras"}])
    assert [path.name for path in sorted((run.path / "checkpoints").iterdir())] == ["01.keras", "02.keras", "03.keras"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


@pytest.mark.parametrize("path", ["/elsewhere/best.keras", "../best.keras", "a/../../best.keras"])
def test_a_checkpoint_outside_the_run_is_refused_before_there_is_one(tmp_path: Path, path: str) -> None:
    problem = problem_of(lambda: train(tmp_path, callbacks=[{"model_checkpoint": path}]), exit_code=CONFIG)
    assert path in problem.message
    assert problem.place.startswith("experiment.yaml")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "path",
    [
        "a/{epoch!s:.>2.0}/{epoch!s:.>2.0}/best.keras",
        "{epoch!s:.0}/best.keras",
        *(pytest.param(path, marks=EXHAUSTIVE) for path in ("{epoch!s:.>2.0}/best.keras", "{epoch!s:.0}model.keras")),
    ],
)
def test_a_checkpoint_outside_the_run_is_refused_when_its_fields_are_filled_in(tmp_path: Path, path: str) -> None:
    problem = problem_of(lambda: train(tmp_path, callbacks=[{"model_checkpoint": path}]), exit_code=CONFIG)
    assert problem.message.startswith("filepath ")
    assert list(tmp_path.rglob("*.keras")) == []


@pytest.mark.parametrize("path", ["{epochs}.keras", "{val_loss}.keras", "{seconds}.keras", "{batch}.keras", "{.keras"])
def test_a_checkpoint_called_after_what_is_not_logged_is_refused(tmp_path: Path, path: str) -> None:
    changes = {"validation_data": "none", "callbacks": [{"model_checkpoint": path}]}
    problem = problem_of(lambda: train(tmp_path, **changes), exit_code=CONFIG)
    assert path in problem.message
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("path", ["best", "model.keras", "weights.npz", "run.json"])
def test_a_checkpoint_that_keras_or_the_run_cannot_have_is_refused(tmp_path: Path, path: str) -> None:
    problem = problem_of(lambda: train(tmp_path, callbacks=[{"model_checkpoint": path}]), exit_code=CONFIG)
    assert problem.place.startswith("experiment.yaml")
    assert not (tmp_path / "runs").exists()


def test_tensorboard_is_asked_for_or_writes_into_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = experiment(CIRCLES, callbacks=["tensorboard"])
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "tensorboard" else found(name))
    problem = problem_of(build_callbacks, made, tmp_path, exit_code=CONFIG)
    assert "tensorboard" in problem.message
    assert "pip install tensorboard" in problem.hint
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: found("json"))
    (callback,) = build_callbacks(made, tmp_path)
    assert Path(callback.log_dir).is_relative_to(tmp_path)
    assert not needs_batches(callback)
    (callback,) = build_callbacks(experiment(CIRCLES, callbacks=[{"tensorboard": {"update_freq": "batch"}}]), tmp_path)
    assert needs_batches(callback)


# The folder of a run


def test_a_run_folder_is_complete() -> None:
    run = run_of("flowers")
    assert {path.name for path in run.path.iterdir()} == FILES | {"plots", "checkpoint"}
    assert {path.name for path in (run.path / "plots").iterdir()} == {
        "loss.png", "accuracy.png", "confusion_matrix.png", "network.png", "data.png", "importance.png", "weights.png"
    }  # fmt: skip
    assert (run.path / "summary.txt").read_text().count("dense") == 2


@pytest.mark.parametrize("name", ["flowers", "pixels"])
def test_the_record_knows_the_digest_of_every_file(name: str) -> None:
    run = run_of(name)
    files = {path.relative_to(run.path).as_posix(): path for path in run.path.rglob("*") if path.is_file()}
    del files["run.json"]
    files = {name: path for name, path in files.items() if not name.startswith("checkpoint/")}  # they hold their own
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert json.loads((run.path / "run.json").read_text())["files"] == digests


def test_the_record_says_what_was_done() -> None:
    run, record = run_of("flowers"), open_run(run_of("flowers").path).record
    assert record["status"] == "finished"
    assert (record["name"], record["seed"], record["epochs"]) == ("flowers", 1, 8)
    assert record["data"]["rows"] == {"train": 50, "validation": 10, "test": 20}
    assert record["data"]["classes"] == ["lirio", "rosa", "tulipán"]
    csv_file = run.path.parents[1] / "flowers.csv"
    assert list(record["data"]["files"].values()) == [hashlib.sha256(csv_file.read_bytes()).hexdigest()]
    assert record["network"]["parameters"] == 3 * 8 + 8 + 8 * 3 + 3
    assert (record["held_out"], record["validated_on"]) == ("test", "validation")
    assert record["results"]["test"]["accuracy"] == pytest.approx(record["scores"]["accuracy"])
    assert {"rna", "python", "keras", "tensorflow", "numpy"} <= set(record["machine"]["versions"])
    began, ended = (datetime.datetime.fromisoformat(record[name]) for name in ("started", "finished"))
    assert datetime.timedelta() <= ended - began < datetime.timedelta(minutes=5)


def test_a_network_that_is_easy_is_learnt() -> None:
    assert run_of("flowers").record["scores"]["accuracy"] == 1
    assert history(run_of("flowers"))["loss"][-1] < history(run_of("flowers"))["loss"][0] / 2


def test_the_split_of_a_run_is_that_of_the_data(tmp_path: Path) -> None:
    run = run_of("flowers")
    with (run.path / "split.csv").open(newline="") as file:
        rows = [(int(row["row"]), row["part"]) for row in csv.DictReader(file)]
    data = load_data(run.config(), tmp_path)
    assert rows == [(row, part) for part in data.parts for row in data.parts[part].tolist()]
    assert len({row for row, _ in rows}) == 80


def test_predictions_are_the_test_rows_in_their_order(tmp_path: Path) -> None:
    run = run_of("flowers")
    data = load_data(run.config(), tmp_path)
    with (run.path / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == data.parts["test"].tolist()
    assert [row["truth"] for row in rows] == data.rows.y[data.parts["test"]].tolist()
    assert data.rows.ids is not None
    assert [row["id"] for row in rows] == data.rows.ids[data.parts["test"]].tolist()
    for row in rows:
        shares = {name: float(row[f"probability_{name}"]) for name in ("lirio", "rosa", "tulipán")}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        assert row["prediction"] == max(shares, key=lambda name: shares[name])


def test_what_cannot_be_trained_leaves_no_folder(tmp_path: Path) -> None:
    layers = [{"dense": {"units": 2, "activation": "softmax"}}]
    problem_of(lambda: train(tmp_path, layers=layers), exit_code=CONFIG)
    problem_of(lambda: train(tmp_path, layers=[{"conv2d": {"filters": 2, "kernel_size": 3}}]), exit_code=CONFIG)
    problem_of(lambda: train(tmp_path, dataset={"csv": "none.csv", "target": "y"}))
    problem_of(lambda: train(tmp_path, layers=[{"dense": 10**12}, {"dense": {"units": 1, "activation": "sigmoid"}}]))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": {"sklearn": "make_blobs", "centers": 2, "n_features": 2, "scale": {"rescale": 2}}},
        {"dataset": {"csv": "prices.csv", "target": ["price", "rooms"]}, "loss": "mse", "layers": [{"dense": 2}]},
    ],
)  # fmt: skip
def test_a_run_can_be_opened_by_its_own_config(tmp_path: Path, plain: None, changes: dict[str, Any]) -> None:
    write_data(tmp_path)
    run = train(tmp_path, **({"metrics": [], "epochs": 0, **changes}))
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


def test_a_failure_in_training_is_recorded_and_what_was_done_is_kept(tmp_path: Path, plain: None) -> None:
    class Trap(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                raise RuntimeError("the plug is pulled")

    with pytest.raises(RuntimeError, match="the plug is pulled"):
        train_network(experiment(CIRCLES, tmp_path), tmp_path / "runs", tmp_path / "cache", [Trap()])
    (folder,) = (tmp_path / "runs").iterdir()
    run = open_run(folder)
    assert run.record["status"] == "failed"
    assert "the plug is pulled" in run.record["error"]
    assert history(run)["epoch"] == [1, 2]
    run.check("history.csv")


# Signals


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_epoch_that_a_signal_cuts_is_not_in_the_history(tmp_path: Path, plain: None, number: signal.Signals) -> None:
    class Cut(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.epoch = epoch

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if (self.epoch, batch) == (1, 2):
                assert answers[-1](number) is None

    made = experiment(CIRCLES, tmp_path, engine={"fuse": False}, epochs=9)
    run = train_network(made, tmp_path / "runs", tmp_path / "cache", [Cut()])
    assert (run.record["status"], run.record["signal"], run.record["epochs"]) == ("interrupted", number, 1)
    assert history(run)["epoch"] == [1]
    assert not answers
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


def test_a_run_that_a_signal_ends_before_it_is_begun_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(run: Run, job: object) -> None:
        assert run.path.is_dir()
        assert answers[-1](signal.SIGTERM) == ""
        assert not run.path.exists()
        raise RuntimeError("the process has ended")

    monkeypatch.setattr("rnacli.training.train.write_first", write)
    with pytest.raises(RuntimeError, match="has ended"):
        train(tmp_path)
    assert not answers


def test_in_a_library_ctrl_c_is_an_exception_as_ever(tmp_path: Path, plain: None) -> None:
    class Press(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train_network(experiment(CIRCLES, tmp_path), tmp_path / "runs", tmp_path / "cache", [Press()])
    (folder,) = (tmp_path / "runs").iterdir()
    run = open_run(folder)
    assert (run.record["status"], run.record["signal"]) == ("interrupted", signal.SIGINT)
    assert history(run)["epoch"] == [1, 2]


TERMINATED = pytest.param(signal.SIGTERM, marks=pytest.mark.slow)


@pytest.fixture(scope="module", params=[signal.SIGINT, TERMINATED], ids=["SIGINT", "SIGTERM"])
def interrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[OnTime, Run, int]:
    """A long training that a signal ended, its run and the signal's number."""
    folder = tmp_path_factory.mktemp(request.param.name)
    (folder / "long.yaml").write_text(CIRCLES.replace("epochs: 3", "epochs: 1000000"))
    process = OnTime("train", "long.yaml", "--runs", "runs", cwd=folder, word="epoch       3/", number=request.param)
    (path,) = (folder / "runs").iterdir()
    return process, open_run(path), request.param


def test_a_signal_ends_a_run_with_its_exit_code(interrupted: tuple[OnTime, Run, int]) -> None:
    process, run, number = interrupted
    assert process.returncode == 128 + number
    assert run.record["status"] == "interrupted"
    assert "interrupted" in process.stderr
    assert f"rna train --resume runs/{run.path.name}" in process.stderr
    assert "Traceback" not in process.stderr


def test_an_interrupted_run_is_complete_and_its_path_is_printed(interrupted: tuple[OnTime, Run, int]) -> None:
    process, run, _ = interrupted
    assert process.stdout == f"runs/{run.path.name}\n"
    assert {path.name for path in run.path.iterdir()} == FILES | {"plots", "checkpoint"}
    assert not list(run.path.parents[1].rglob("*.part.*"))
    for name in run.record["files"]:
        run.check(name)
    assert set(run.record["results"]) == {"test"}  # to measure the others may take long
    assert evaluate_run(run, run.path).measures == run.record["results"]["test"]


def test_the_history_of_an_interrupted_run_has_whole_epochs_only(interrupted: tuple[OnTime, Run, int]) -> None:
    _, run, _ = interrupted
    found = history(run)
    assert len(found["epoch"]) >= 3
    assert found["epoch"] == list(range(1, len(found["epoch"]) + 1))
    assert run.record["epochs"] == len(found["epoch"])
    assert np.isfinite(found["loss"]).all()


def test_a_signal_before_the_first_epoch_is_not_forgotten(
    tmp_path: Path, plain: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def already(network: object) -> Iterator[list[int]]:
        yield [signal.SIGINT]

    monkeypatch.setattr("rnacli.training.train.interruptible", already)
    run = train(tmp_path, epochs=50)
    assert run.record["status"] == "interrupted"
    assert run.record["epochs"] <= 1


# What callbacks watch


def test_the_f1_of_one_output_is_a_plain_number_that_can_be_watched(tmp_path: Path, plain: None) -> None:
    stopping = {"monitor": "val_f1_score", "patience": 1, "restore_best_weights": True}
    metrics = [{"f1_score": {"threshold": 0.5}}]
    changes = {"validation_data": "test", "epochs": 30, "metrics": metrics, "checkpoint": {"every": 1}}
    run = train(tmp_path, callbacks=[{"early_stopping": stopping}], **changes)
    found = history(run)
    assert set(found) == {"epoch", "loss", "f1_score", "val_loss", "val_f1_score", "seconds"}
    assert len(found["epoch"]) < 30
    assert run.record["results"]["test"]["f1_score"] == pytest.approx(max(found["val_f1_score"]))
    assert set(run.record["results"]["test"]) == {"loss", "f1_score"}


def test_the_f1_of_each_class_has_a_column(tmp_path: Path, plain: None) -> None:
    changes = {"loss": "categorical_crossentropy", "metrics": ["f1_score"], "validation_data": "test", "epochs": 2}
    run = train(tmp_path, IRIS, callbacks=[{"early_stopping": "val_loss"}], **changes)
    assert {f"val_f1_score_{i}" for i in range(3)} < set(history(run))


@pytest.mark.parametrize(("restored", "said"), [(False, True), (True, False)])
def test_a_file_of_a_better_epoch_than_the_run_is_named(
    tmp_path: Path, plain: None, restored: bool, said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    watching: list[Any] = [{"model_checkpoint": {"filepath": "e{epoch}.keras", "save_best_only": True}}]
    if restored:
        watching.append({"early_stopping": {"patience": 9, "restore_best_weights": True}})
    # Ten times as fast from one epoch to the next: it learns at first, and is thrown far off at last.
    rising = {"exponential_decay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 10}}
    optimizer = {"sgd": {"learning_rate": rising}}
    run = train(tmp_path, callbacks=watching, optimizer=optimizer, epochs=9, validation_data="test")
    losses = history(run)["val_loss"]
    best = losses.index(min(losses)) + 1
    assert best < 9
    found = [record.getMessage() for record in caplog.records if "the run itself" in record.getMessage()]
    assert bool(found) == said
    if said:
        assert found[0].startswith(f"e{best}.keras is of epoch {best}, the best by val_loss")
        assert "restore_best_weights: true" in found[0]
