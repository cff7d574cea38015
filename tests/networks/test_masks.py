"""Masks: padding that a layer hands on is left out by those that take it, and the others are named."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.training.train import train_network

WORDS = """\
dataset: {npz: words.npz, split: {test: 0.2}}
layers: []
loss: binary_crossentropy
epochs: 2
"""
STEPS = WORDS.replace("words", "steps")
COLUMNS = WORDS.replace("npz: words.npz", "csv: words.csv, target: y, scale: none")
EMBEDDING = {"embedding": {"input_dim": 9, "output_dim": 4, "mask_zero": True}}
HEAD = {"dense": {"units": 1, "activation": "sigmoid"}}
MEAN = "global_average_pooling1d"
SEQUENCE: dict[str, Any] = {"units": 3, "return_sequences": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty rows of up to six words, numbered from 1 and filled up with 0; and of steps of two numbers, likewise."""
    random, folder = np.random.default_rng(2), tmp_path_factory.mktemp("masks")
    length = random.integers(1, 7, 80)
    words = np.where(np.arange(6) < length[:, None], random.integers(1, 9, (80, 6)), 0)
    steps = np.where(words[..., None] > 0, random.normal(size=(80, 6, 2)), 0)
    y = (words == 3).any(axis=1).astype(int)
    np.savez(folder / "words.npz", x=words, y=y)
    np.savez(folder / "steps.npz", x=steps, y=y)
    header = ",".join([*"abcdef", "y"])
    np.savetxt(folder / "words.csv", np.column_stack([words, y]), "%d", ",", header=header, comments="")
    return folder


def masked(text: str, folder: Path, *layers: Any, **changes: Any) -> Config:
    return experiment(text, folder, layers=[*layers, HEAD], **changes)


@pytest.mark.parametrize(
    ("text", "file", "layers", "fuse"),
    [
        (COLUMNS, "words.csv", [EMBEDDING, {"lstm": 2}], True),
        *(
            pytest.param(text, file, layers, fuse, marks=pytest.mark.slow)
            for text, file, layers in (
                (WORDS, "words.npz", [EMBEDDING, {"bidirectional": {"layer": {"lstm": SEQUENCE}}}, MEAN]),
                (STEPS, "steps.npz", ["masking", {"gru": SEQUENCE}, {"dropout": 0.2}, {"lstm": 2}]),
            )
            for fuse in (True, False)
        ),
    ],
)
def test_padding_is_left_out_wherever_a_network_is_used(
    folder: Path, tmp_path: Path, text: str, file: str, layers: list[Any], fuse: bool
) -> None:
    config = masked(text, folder, *layers, engine={"fuse": fuse})
    assert check_experiment(config, tmp_path).doubtful == []
    with without_pictures():
        run = train_network(config, tmp_path / "runs", tmp_path)
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]
    predict_rows(run, folder / file, tmp_path / "predicted.csv")
    predicted = np.loadtxt(tmp_path / "predicted.csv", delimiter=",", skiprows=1)[:, -1]
    x = np.load(folder / file.replace(".csv", ".npz"))["x"].astype("float32")
    plain = keras.models.load_model(run.path / "model.keras")
    np.testing.assert_allclose(plain.predict(x, verbose=0)[:, 0], predicted, atol=2e-6)
    longer = np.pad(x, [(0, 0), (0, 3), *[(0, 0)] * (x.ndim - 2)])
    np.testing.assert_allclose(plain(longer, training=False).numpy()[:, 0], predicted, atol=2e-6)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize(
    "layers", [["flatten"], [{"conv1d": {"filters": 2, "kernel_size": 2}}, {"lstm": 2}], ["global_max_pooling1d"]]
)
def test_a_layer_that_drops_a_mask_is_named(folder: Path, layers: list[Any]) -> None:
    config = masked(WORDS, folder, EMBEDDING, *layers)
    (doubt,) = check_experiment(config, folder).doubtful
    assert "padding" in doubt.message
    assert doubt.place == str(config.layers[1].place)
    assert "global_average_pooling1d" in doubt.hint
    without = {"embedding": EMBEDDING["embedding"] | {"mask_zero": False}}
    assert check_experiment(masked(WORDS, folder, without, *layers), folder).doubtful == []


@pytest.mark.parametrize(
    "layers",
    [["softmax", {"lstm": 2}], [{"reshape": [6, 2, 2]}, "masking", {"conv_lstm1d": {"filters": 2, "kernel_size": 2}}]],
)
def test_a_layer_that_cannot_use_a_mask_is_refused(folder: Path, layers: list[Any]) -> None:
    front = EMBEDDING if layers[0] == "softmax" else {"embedding": {"input_dim": 9, "output_dim": 4}}
    config = masked(WORDS, folder, front, *layers)
    problem = problem_of(check_experiment, config, folder, exit_code=CONFIG)
    assert "mask" in problem.message
    assert problem.place in {str(spec.place) for spec in config.layers}


@pytest.mark.parametrize(("file", "front", "value"), [("words", EMBEDDING, 0), ("steps", {"masking": 2.5}, 2.5)])
def test_rows_of_padding_alone_have_no_mean(folder: Path, tmp_path: Path, file: str, front: Any, value: float) -> None:
    arrays = dict(np.load(folder / f"{file}.npz"))
    arrays["x"][[3, 5]] = value
    np.savez(tmp_path / f"{file}.npz", **arrays)
    text = WORDS if file == "words" else STEPS
    (problem,) = check_experiment(masked(text, tmp_path, front, MEAN), tmp_path).wrong
    assert "2 rows are padding" in problem.message
    assert check_experiment(masked(text, folder, front, MEAN), folder).wrong == []
    assert check_experiment(masked(text, tmp_path, front, {"lstm": 2}), tmp_path).wrong == []


@pytest.mark.parametrize(("scale", "count"), [("standard", 1), ("none", 0), ({"rescale": 2}, 0)])
def test_padding_that_a_scale_moves_is_named(folder: Path, scale: Any, count: int) -> None:
    config = masked(STEPS.replace("steps.npz", f"steps.npz, scale: {scale}"), folder, "masking", {"lstm": 2})
    said = [problem.message for problem in check_experiment(config, folder).doubtful if "masking" in problem.message]
    assert said == ["masking looks for steps of 0 alone, and scale: standard makes others of them"] * count
