"""An honest transfer: a base that has learnt the digits 0 to 4 helps with 5 to 9, and more when it is tuned."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, without_pictures

from rnacli.engine.tensorflow import keras
from rnacli.training.train import train_network

TEXT = """\
name: transfer
dataset: {npz: digits.npz}
layers:
  - mobilenet: {weights: WEIGHTS, alpha: 0.25, pooling: avg, trainable: false}
  - dense: {units: 5, activation: softmax}
loss: sparse_categorical_crossentropy
metrics: [accuracy]
phases:
  - {epochs: 20, optimizer: {adam: 0.01}}
"""
TUNING = "  - {epochs: 20, optimizer: {adam: 0.003}, unfreeze: {mobilenet: conv_dw_4}}\n"


def digits(arrays: Any, low: int, part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Five digits from ``low`` on: pictures (count, 32, 32, 3) of 0 to 255, and 0 to 4."""
    x, y = arrays[f"x_{part}"], arrays[f"y_{part}"].astype("int64")
    chosen = np.flatnonzero((y >= low) & (y < low + 5))[:count]
    return np.pad(x[chosen], ((0, 0), (2, 2), (2, 2)))[..., None].repeat(3, axis=-1), y[chosen] - low


def pretrain(x: np.ndarray, y: np.ndarray, path: Path) -> None:
    keras.utils.set_random_seed(0)
    base = keras.applications.MobileNet((32, 32, 3), alpha=0.25, include_top=False, weights=None, pooling="avg")
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # the default wants more steps than these
    model = keras.Sequential([base, keras.layers.Dense(5, activation="softmax")])
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    model.fit(keras.applications.mobilenet.preprocess_input(x.astype("float32")), y, 64, 3, verbose=0)
    path.parent.mkdir(parents=True)
    base.save(path)


@pytest.mark.slow
def test_features_help_and_tuning_helps_more(tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    with np.load(data_dir / "mnist.npz") as arrays:
        pretrain(*digits(arrays, 0, "train", 10_000), tmp_path / "home" / "models" / "mobilenet_2_5_224_tf_no_top.h5")
        (x, y), (x_test, y_test) = digits(arrays, 5, "train", 300), digits(arrays, 5, "test", 2000)
    np.savez(tmp_path / "digits.npz", x_train=x, y_train=y, x_test=x_test, y_test=y_test)

    def accuracy(weights: str, more: str = "") -> float:
        config = experiment(TEXT.replace("WEIGHTS", weights) + more, tmp_path)
        with without_pictures():
            run = train_network(config, tmp_path / "runs", tmp_path, offline=True)
        assert run.record["phases"][0]["features"] == "mobilenet"
        return float(run.record["results"]["test"]["accuracy"])

    chance, frozen, tuned = accuracy("null"), accuracy("imagenet"), accuracy("imagenet", TUNING)
    assert chance + 0.1 < frozen < tuned - 0.02  # by 0.13 and more with 1 and 2 threads
    assert frozen > 0.4
