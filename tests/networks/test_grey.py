"""Grey pictures get the channel that a convolution wants, in the config of the run, and whoever uses the run notices
nothing of it."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, one_input, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.networks.grey import add_channel
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.find import open_run
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network

CONV = {"conv2d": {"filters": 2, "kernel_size": 3}}
TEXT = """\
name: grey
dataset: {npz: pictures.npz, scale: {rescale: 255}, split: {test: 0.25}}
layers: []
loss: sparse_categorical_crossentropy
epochs: 1
batch_size: 16
"""


def grey(folder: Path, *layers: Any) -> Config:
    return experiment(TEXT, folder, layers=[*layers, "flatten", {"dense": {"units": 3, "activation": "softmax"}}])


def test_a_run_on_grey_pictures_is_that_with_the_reshape_written_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (40, 8, 8)).astype("uint8")
    np.savez(tmp_path / "pictures.npz", x=x, y=np.arange(40) % 3)
    layers = [
        {"rescaling": 2.0}, {"conv2d": {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"}},
        "batch_normalization", {"separable_conv2d": {"filters": 3, "kernel_size": 2, "dilation_rate": 2}},
        {"max_pooling2d": {"pool_size": 2, "padding": "same"}}, {"dropout": 0.2},
    ]  # fmt: skip
    config = grey(tmp_path, *layers)
    with caplog.at_level(logging.INFO, "rnacli"), without_pictures():
        checked = check_experiment(config, tmp_path)
        run = train_network(config, tmp_path / "runs", tmp_path)
        again = reproduce_run(open_run(run.path), tmp_path / "runs", tmp_path)
    assert caplog.text.count("conv2d takes pictures with channels") == 2  # of check, and of the one training
    assert [layer.name for layer in checked.layers[:3]] == ["reshape", "rescaling", "conv2d"]
    assert open_run(run.path).config().layers == grey(tmp_path, {"reshape": [8, 8, 1]}, *layers).layers
    assert again.exact  # which was trained as it is written now
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]
    np.savez(tmp_path / "new.npz", x=x[:5])
    predict_rows(run, tmp_path / "new.npz", tmp_path / "new.csv")
    predicted = np.loadtxt(tmp_path / "new.csv", delimiter=",", skiprows=1)[:, 1:]
    plain = keras.models.load_model(run.path / "model.keras")
    assert plain.input_shape == (None, 8, 8)
    np.testing.assert_allclose(plain.predict(x[:5], verbose=0), predicted, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "shape", "added"),
    [
        (["dropout", CONV], (8, 6), True),
        ([{"random_flip": "horizontal"}, "flatten"], (8, 6), True),
        ([{"pipeline": {"layers": ["random_invert"]}}], (8, 6), True),
        ([{"spectral_normalization": {"layer": CONV}}], (8, 6), True),
        (["global_average_pooling2d"], (8, 6), True),
        ([{"conv2d_transpose": CONV["conv2d"]}], (8, 6), True),
        ([CONV], (8, 6, 1), False),
        ([CONV], (48,), False),
        (["flatten", CONV], (8, 6), False),
        ([{"reshape": [8, 6, 1]}, CONV], (8, 6), False),
        ([{"conv1d": CONV["conv2d"]}], (8, 6), False),
        ([{"conv_lstm2d": CONV["conv2d"]}], (8, 6), False),
        (["dropout"], (8, 6), False),
    ],
)
def test_only_what_takes_pictures_gets_a_channel(layers: list[Any], shape: tuple[int, ...], added: bool) -> None:
    if layers[0] == "dropout":
        layers = [{"dropout": 0.1}, *layers[1:]]
    config = experiment(TEXT, layers=layers)
    completed = add_channel(config, one_input(*shape))
    assert (completed.layers[-len(layers) :], len(completed.layers) > len(layers)) == (config.layers, added)
    if added:
        assert completed.layers[0].arguments["target_shape"] == (*shape, 1)
        assert completed.layers[0].place in [spec.place for spec in config.layers]
