"""What a frozen base gives is computed once, and nothing else changes by it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, one_input, without_pictures, write_pictures
from kill import differences
from test_phases import Killed, Killer

from rnacli.engine.features import find_front
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.fitting import phases
from rnacli.networks import applications
from rnacli.networks.build import build_network
from rnacli.networks.restore import restore_network
from rnacli.runs.find import find_run, open_run
from rnacli.runs.history import read_history
from rnacli.runs.open import load_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

BASE = {"mobilenet": {"weights": None, "alpha": 0.25, "pooling": "avg", "trainable": False}}
HEAD = {"dense": {"units": 3, "activation": "softmax", "kernel_regularizer": {"l2": 0.01}}}
TEXT = """\
name: features
dataset: {npz: pictures.npz, split: {validation: 6}}
layers: [flatten]
loss: sparse_categorical_crossentropy
optimizer: {adam: 0.01}
metrics: [accuracy]
class_weight: balanced
batch_size: 8
checkpoint: {every: 1}
"""


def config_of(folder: Path, layers: list[Any], **changes: Any) -> Config:
    random = np.random.default_rng(3)
    x, y = random.integers(0, 256, (42, 32, 32, 3)).astype("uint8"), np.arange(42) % 3
    np.savez(folder / "pictures.npz", x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:])
    return experiment(TEXT, folder, layers=layers, **({} if "phases" in changes else {"epochs": 3}), **changes)


@pytest.mark.slow
def test_training_is_the_same_with_features_computed_once(tmp_path: Path) -> None:
    layers = [BASE, {"dropout": 0.3}, HEAD]
    with without_pictures():
        once, always = (
            train_network(config_of(tmp_path, layers, engine={"features": on}), tmp_path, tmp_path)
            for on in (True, False)
        )
    assert once.record["features"] == "mobilenet"
    assert "features" not in always.record
    first, second = (read_history(run, load_run(run).config) for run in (once, always))
    assert "val_accuracy" in first
    for name in first.keys() - {"seconds"}:
        np.testing.assert_allclose(first[name], second[name], rtol=1e-5, atol=1e-6, err_msg=name)
    for mine, theirs in zip(*(restore_network(load_run(run)).get_weights() for run in (once, always)), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)
    assert once.record["results"]["test"]["loss"] == pytest.approx(always.record["results"]["test"]["loss"], rel=1e-5)


def later(*case: Any) -> Any:
    """One that is left to the long suite."""
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("layers", "name"),
    [
        ([BASE, HEAD], "mobilenet"),
        later([{"activation": "relu"}, BASE, {"activation": "relu"}, HEAD], "mobilenet"),
        ([{"mobilenet": {**BASE["mobilenet"], "trainable": True}}, HEAD], ""),
        ([{"random_flip": "horizontal"}, BASE, HEAD], ""),
        ([{"dropout": 0.1}, BASE, HEAD], ""),
        later([{"gaussian_noise": 0.1}, BASE, HEAD], ""),
        later([{"batch_normalization": {"scale": False, "center": False}}, BASE, HEAD], ""),
        later([{"efficientnet_b0": {"weights": None, "pooling": "avg", "trainable": False}}, HEAD], ""),  # drops blocks
        ([{"flatten": {"name": "flat"}}, {"dense": {"units": 4, "trainable": False}}, HEAD], ""),
        ([BASE, {"flatten": {"name": "pixels", "from": "input"}}, {"concatenate": ["mobilenet", "pixels"]}, HEAD], ""),
        ([{"activation": "relu"}, {"rescaling": {"scale": 0.5, "from": "input"}}, {"add": ["activation", "rescaling"]},
          BASE, HEAD], "mobilenet"),
    ],
)  # fmt: skip
def test_what_is_frozen_with_nothing_random_before_it(tmp_path: Path, layers: list[Any], name: str) -> None:
    network = build_network(config_of(tmp_path, layers), one_input(32, 32, 3))
    network.augmentation = []
    front = find_front(network, 100)
    assert (front.name if front else "") == name
    if front:
        x = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype("float32")
        np.testing.assert_allclose(front.rest(front.layers(x)), network(x), rtol=1e-5, atol=1e-6)
        assert find_front(network, 1 << 30) is None  # that would take too much memory


@pytest.mark.slow
def test_a_base_that_is_tuned_after_it_gave_features_is_resumed_to_the_bit(tmp_path: Path) -> None:
    phases = [{"epochs": 2}, {"epochs": 2, "optimizer": {"sgd": 0.01}, "unfreeze": {"mobilenet": 12}}]
    config = config_of(tmp_path, [BASE, {"dropout": 0.3}, HEAD], phases=phases)
    with without_pictures():
        whole = train_network(config, tmp_path / "whole", tmp_path)
        assert [phase.get("features") for phase in whole.record["phases"]] == ["mobilenet", None]
        for after in (1, 2, 3):
            with pytest.raises(Killed):
                train_network(config, tmp_path / f"stopped after {after}", tmp_path, [Killer(after)])
            run = find_run("latest", tmp_path / f"stopped after {after}")
            resumed = resume_run(open_run(run.path), tmp_path)
            assert not differences(whole.path, resumed.path), after


IN_FOLDERS = """\
name: features
dataset: {images: pictures, image_size: 8, cache: memory, split: {test: 6, validation: 6, stratify: true}}
layers: [{resnet50_v2: {weights: null, pooling: avg, trainable: false}}, {dense: {units: 1, activation: sigmoid}}]
loss: binary_crossentropy
epochs: 2
batch_size: 4
checkpoint: {every: 1}
"""


def small_network(spec: Any, tensor: Any) -> Any:
    """What stands for an application in a test of what goes around it."""
    output = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(tensor))
    return keras.Model(keras.utils.get_source_inputs(tensor), output)


def test_pictures_on_the_disk_give_the_features_that_they_give_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "call_application", small_network)
    looked: list[int] = []
    monkeypatch.setattr(phases, "find_front", lambda network, rows: looked.append(rows) or find_front(network, rows))
    write_pictures(tmp_path / "pictures")
    config = experiment(IN_FOLDERS, tmp_path)
    with without_pictures():
        memory = train_network(config, tmp_path / "memory", tmp_path)
        assert looked == [24]  # once
        for cache in ("disk", "none"):
            other = train_network(config.with_dataset(cache=cache), tmp_path / cache, tmp_path)
            assert other.record["features"] == memory.record["features"] == "resnet50_v2"
            assert not set(differences(memory.path, other.path)) - {"config.yaml", "run.json"}
