"""A network that gives back its input: what is compared, what is written, and that rows may lie anywhere."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of, some_slow, with_pictures, without_pictures, write_pictures
from kill import differences
from test_phases import Killed, Killer

from rnacli.checks.check import check_experiment
from rnacli.engine.feed import feed_part, rows_between
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.networks.restore import restore_network
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

TEXT = """\
name: auto
dataset: {npz: pixels.npz, target: input, scale: {rescale: 255}, split: {validation: 4}}
layers:
  - gaussian_noise: 0.1
  - flatten
  - dense: {units: 3, name: code}
  - dense: {units: 72, activation: sigmoid}
  - reshape: [8, 9]
loss: mse
optimizer: {adam: 0.02}
epochs: 4
batch_size: 8
"""
TABLE = """\
name: table
dataset: {csv: sizes.csv, target: input, id: plant, columns: {kind: ignore}, scale: minmax}
layers: [{dense: {units: 2, name: code}}, dense: 3]
loss: mse
optimizer: {adam: 0.05}
epochs: 20
"""
FOLDERS = """\
name: folders
dataset: {images: pictures, image_size: 8, target: input, scale: {rescale: 255}}
layers: [flatten, {dense: 5}, {dense: {units: 192, activation: sigmoid}}, {reshape: [8, 8, 3]}]
loss: binary_crossentropy
epochs: 2
batch_size: 8
"""


def write_pixels(folder: Path, **others: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(5)
    x = (random.uniform(0, 1, (40, 1, 9)) * random.uniform(0, 250, (40, 8, 1))).astype("uint8")
    np.savez(folder / "pixels.npz", x_train=x[:30], x_test=x[30:], **others)
    return x


def write_sizes(folder: Path) -> None:
    random = np.random.default_rng(2)
    rows = [f"p{i},{a:.4f},{b:.4f},{a + b:.4f},{'xy'[i % 2]}" for i, (a, b) in enumerate(random.normal(size=(60, 2)))]
    (folder / "sizes.csv").write_text("\n".join(["plant,a,b,c,kind", *rows]) + "\n")


def config_of(folder: Path, text: str = TEXT, data: dict[str, Any] | None = None, **changes: Any) -> Config:
    config = experiment(text, folder, **changes)
    return config.with_dataset(**data) if data else config


def train(folder: Path, *arguments: Any, **changes: Any) -> Run:
    with without_pictures():
        return train_network(config_of(folder, *arguments, **changes), folder / "runs", folder / "cache")


def weights_of(run: Run) -> list[np.ndarray]:
    weights: list[np.ndarray] = restore_network(load_run(run)).get_weights()
    return weights


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("digits")
    labels = np.arange(40) % 3
    write_pixels(folder, y_train=labels[:30], y_test=labels[30:])
    with with_pictures():
        return train_network(config_of(folder), folder / "runs", folder)


def test_what_a_row_is_off_by_is_written_scored_and_drawn(digits: Run) -> None:
    raw = write_pixels(digits.path.parent)[30:]
    x, given = raw / 255, keras.models.load_model(digits.path / "model.keras").predict(raw, verbose=0)
    assert not (digits.path / "predict.py").exists()
    errors = np.square(given - x).mean(axis=(1, 2))
    rows = rows_of(digits.path / "predictions.csv")
    assert list(rows[0]) == ["row", "class", "error"]
    assert [row["class"] for row in rows] == [str(i % 3) for i in range(30, 40)]
    np.testing.assert_allclose([float(row["error"]) for row in rows], errors, rtol=1e-4)
    result = evaluate_run(digits, digits.path)
    assert result.scores == pytest.approx(
        {
            "mean_error": errors.mean(),
            "median_error": np.median(errors),
            "error_99th_percentile": np.percentile(errors, 99),
        },
        rel=1e-4,
    )
    assert result.measures["loss"] == pytest.approx(errors.mean(), rel=1e-4)
    assert digits.record["data"]["task"] == "reconstruction"
    pictures = {path.name for path in (digits.path / "plots").iterdir()}
    assert pictures == {
        "loss.png", "mae.png", "errors.png", "reconstructions.png", "worst_reconstructions.png", "network.png",
        "weights.png",
    }  # fmt: skip


def test_new_rows_get_an_error_or_a_code(digits: Run, tmp_path: Path) -> None:
    x = write_pixels(tmp_path)[30:]
    np.savez(tmp_path / "new.npz", x=x)
    assert predict_rows(digits, tmp_path / "new.npz", tmp_path / "errors.csv") == 10
    written = [row["error"] for row in rows_of(digits.path / "predictions.csv")]
    assert [row["error"] for row in rows_of(tmp_path / "errors.csv")] == written
    predict_rows(digits, tmp_path / "new.npz", tmp_path / "codes.csv", options=PredictionOptions(layer="code"))
    assert list(rows_of(tmp_path / "codes.csv")[0]) == ["code_0", "code_1", "code_2"]
    predict_rows(digits, tmp_path / "new.npz", tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as arrays:
        given = keras.models.load_model(digits.path / "model.keras").predict(x, verbose=0)
        np.testing.assert_allclose(arrays["outputs"], given, rtol=1e-5, atol=1e-6)
    other = evaluate_run(digits, tmp_path, file=tmp_path / "new.npz")  # that has no targets
    assert other.scores == evaluate_run(digits, tmp_path).scores


def test_the_inputs_are_the_targets_and_not_copied(tmp_path: Path) -> None:
    write_pixels(tmp_path)
    data = load_data(config_of(tmp_path), tmp_path)
    rows = feed_part(data, "train")
    assert data.encoded_targets("train") == {}
    assert rows.targets == {}
    inputs, targets = rows_between(rows, 0, 5)
    assert targets is inputs


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on pictures in folders, held in memory, in fused steps."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder / "pictures", count=10)
    run = train(folder, FOLDERS)
    assert run.record["engine"]["fuse"]
    return run


@pytest.mark.parametrize(
    ("stored", "fuse"),
    [("memory", False), ("disk", True), ("disk", False), *some_slow([("none", True), ("none", False)], 1)],
)
def test_fused_and_unfused_agree_wherever_the_rows_are(pictures: Run, tmp_path: Path, stored: str, fuse: bool) -> None:
    write_pictures(tmp_path / "pictures", count=10)
    data = {"cache": stored, "augment": config_of(tmp_path, FOLDERS).dataset.augment}
    run = train(tmp_path, FOLDERS, data, engine={"fuse": fuse})
    for one, other in zip(weights_of(pictures), weights_of(run), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    rows = rows_of(run.path / "predictions.csv")
    assert [*rows[0]] == ["row", "id", "class", "error"]
    assert rows[0]["class"] in rows[0]["id"]


@pytest.mark.parametrize("fuse", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_augmented_pictures_are_given_back_as_they_were_changed(tmp_path: Path, fuse: bool) -> None:
    write_pixels(tmp_path)
    layers = [{"flatten": {}}, {"reshape": {"target_shape": [8, 9], "name": "same"}}]
    plain = {"npz": "pixels.npz", "target": "input", "scale": {"rescale": 255}, "augment": [{"random_contrast": 0.9}]}
    kept = {"layers": [*layers, {"dense": {"units": 9, "kernel_initializer": "identity"}}], "optimizer": {"sgd": 1e-9}}
    run = train(tmp_path, TEXT, dataset=plain, engine={"fuse": fuse}, **kept)
    losses = [float(row["loss"]) for row in rows_of(run.path / "history.csv")]
    assert max(losses) < 1e-12  # what is left as it is fits only targets that were changed alike


def test_a_killed_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    write_pixels(tmp_path)
    config = config_of(tmp_path, checkpoint={"every": 1})
    with without_pictures():
        whole = train_network(config, tmp_path / "whole", tmp_path)
        with pytest.raises(Killed):
            train_network(config, tmp_path / "killed", tmp_path, [Killer(2)])
        (path,) = (tmp_path / "killed").iterdir()
        killed = resume_run(open_run(path), tmp_path)
    assert killed.record["epochs"] == 4
    assert differences(whole.path, killed.path) == []


def test_tables_in_memory_and_from_the_disk(tmp_path: Path) -> None:
    write_sizes(tmp_path)
    memory = train(tmp_path, TABLE)
    assert rows_of(memory.path / "predictions.csv")[0].keys() == {"row", "id", "error"}
    disk = train(tmp_path, TABLE, {"stream": True})
    assert evaluate_run(disk, tmp_path / "cache").scores["mean_error"] < 0.1
    assert memory.record["results"]["test"]["loss"] < 0.1
    (tmp_path / "new.csv").write_text("c,b,a,plant\n0.3,0.1,0.2,old\n-2,0.1,0.2,odd\n")
    predict_rows(memory, tmp_path / "new.csv", tmp_path / "out.csv")
    old, odd = rows_of(tmp_path / "out.csv")
    assert (old["plant"], odd["plant"]) == ("old", "odd")
    assert float(odd["error"]) > 5 * float(old["error"])
    assert evaluate_run(memory, tmp_path, file=tmp_path / "new.csv").rows == 2


def test_a_column_called_input_is_a_column(tmp_path: Path) -> None:
    (tmp_path / "sizes.csv").write_text("a,input\n" + "".join(f"{i},{2 * i}\n" for i in range(20)))
    config = config_of(tmp_path, "name: t\ndataset: {csv: sizes.csv, target: input}\nlayers: [dense: 1]\nloss: mse\n")
    data = load_data(config, tmp_path)
    assert data.tasks["dense"].form.kind == "regression"
    assert data.rows.features == ("a",)


def test_pictures_without_classes(tmp_path: Path) -> None:
    write_pictures(tmp_path / "all", ["loose"], count=12)
    text = FOLDERS.replace("images: pictures", "images: all/loose, label: none")
    run = train(tmp_path, text)
    assert [*rows_of(run.path / "predictions.csv")[0]] == ["row", "id", "error"]
    assert run.record["data"]["rows"] == {"train": 9, "test": 3}
    assert evaluate_run(run, tmp_path, file=tmp_path / "all").rows == 12
    for part, count in (("train", 5), ("val", 3)):
        write_pictures(tmp_path / "parts", [part], count=count)
    run = train(tmp_path, text.replace("all/loose", "parts"))
    assert run.record["data"]["rows"] == {"train": 5, "validation": 3}


@pytest.mark.slow
def test_scikit_learns_data_and_one_class(tmp_path: Path) -> None:
    text = (
        "name: w\ndataset: {sklearn: load_wine, target: input, scale: standard, split: {test: 0.2, stratify: true}}\n"
    )
    run = train(tmp_path, text + "layers: [{dense: 4}, {dense: 13}]\nloss: mse\nepochs: 2\n")
    assert {row["class"] for row in rows_of(run.path / "predictions.csv")} == {"class_0", "class_1", "class_2"}
    learnt = json.loads((run.path / "preprocessing.json").read_text())
    assert learnt["task"]["kind"] == "reconstruction"
    write_pixels(tmp_path, y_train=np.ones(30, int), y_test=np.array([1, 7] * 5))
    run = train(tmp_path, TEXT.replace(", split: {validation: 4}", ""))
    assert {row["class"] for row in rows_of(run.path / "predictions.csv")} == {"1", "7"}


@pytest.mark.parametrize(
    ("changes", "data", "said"),
    [
        ({"loss": "sparse_categorical_crossentropy"}, {}, "is for classes, and the target is the input"),
        ({"layers": [{"flatten": {}}, {"dense": 72}]}, {}, "of shape [8, 9], and the last layer (dense) gives [72]"),
        ({"class_weight": "balanced"}, {}, "class_weight is for classes, and the target is the input"),
        ({"threshold": 0.3}, {}, "and the target is the input"),
        ({}, {"positive": "1"}, "positive is for two classes, and the task is reconstruction"),
        ({}, {"split": {"stratify": True, "test": 0.2}}, "stratify wants classes, and the target is the input"),
        ({"metrics": ["sparse_categorical_accuracy"]}, {}, "the targets are not integers"),
        ({}, {"augment": [{"mix_up": {}}]}, "mixes pictures, and each is to be given back"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes: Any, data: Any, said: str) -> None:
    x = write_pixels(tmp_path)
    np.savez(tmp_path / "pixels.npz", x=x)
    plain = {"npz": "pixels.npz", "target": "input", "scale": {"rescale": 255}, "split": {"test": 10}, **data}

    def check() -> None:
        result = check_experiment(config_of(tmp_path, dataset=plain, **changes), tmp_path)
        if result.wrong:
            raise RnaError.of(result.wrong, CONFIG)

    assert said in str(problem_of(check))


def test_keys_that_do_not_go_together(tmp_path: Path) -> None:
    keys = {"images": "pictures", "image_size": 8, "label": "none"}
    assert "have nothing to predict" in str(problem_of(lambda: config_of(tmp_path, FOLDERS, dataset=keys)))
    keys |= {"target": "input", "class_names": ["a", "b"], "positive": "a", "split": {"test": 0.5, "stratify": True}}
    said = [problem.place for problem in problems_of(lambda: config_of(tmp_path, FOLDERS, dataset=keys))]
    assert len(said) == 3


def test_several_inputs_or_outputs_are_refused(tmp_path: Path) -> None:
    write_sizes(tmp_path)
    two = {"csv": "sizes.csv", "target": "input", "columns": {"plant": "ignore", "kind": {"encode": "embedding"}}}
    result = check_experiment(config_of(tmp_path, TABLE, dataset=two), tmp_path)
    assert "has to be one array of numbers, and the network takes columns and kind" in str(result.wrong[0])
    layers = [{"dense": {"units": 3, "name": "one"}}, {"dense": {"units": 3, "name": "two"}}]
    write_pixels(tmp_path)
    config = config_of(tmp_path, layers=layers, loss={"one": "mse", "two": "mse"})
    assert "is for a network of one output" in problem_of(load_data, config, tmp_path).message


def test_inputs_that_the_outputs_cannot_reach_are_doubtful(tmp_path: Path) -> None:
    write_pixels(tmp_path)
    (doubt,) = check_experiment(config_of(tmp_path, data={"scale": "standard"}), tmp_path).doubtful
    assert "sigmoid is for 0 to 1, and the scaled inputs go from -" in str(doubt)
    assert check_experiment(config_of(tmp_path, loss="binary_crossentropy"), tmp_path).doubtful == []


def test_logits_are_read_as_what_they_stand_for(tmp_path: Path) -> None:
    raw = write_pixels(tmp_path)[30:]
    x = raw / 255
    layers = [{"flatten": {}}, {"dense": 72}, {"reshape": [8, 9]}]
    run = train(tmp_path, layers=layers, loss={"binary_crossentropy": {"from_logits": True}})
    assert load_run(run).preprocessing.tasks["reshape"].form.activation == "sigmoid"
    logits = keras.models.load_model(run.path / "model.keras").predict(raw, verbose=0)
    errors = np.square(1 / (1 + np.exp(-logits)) - x).mean(axis=(1, 2))
    written = [float(row["error"]) for row in rows_of(run.path / "predictions.csv")]
    np.testing.assert_allclose(written, errors, rtol=1e-4)
