"""Networks that learn what comes next in a text."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.feed import epoch_order
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.networks.restore import restore_network
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import load_run
from rnacli.training.train import train_network

TEXT = """\
name: quijote
seed: 5
dataset: {text: poem.txt, window: 20, split: {validation: 0.1, test: 0.1}}
layers:
  - embedding: {output_dim: 8}
  - lstm: {units: 16, return_sequences: true}
  - dense: {}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
optimizer: {adam: 0.01}
epochs: 3
batch_size: 16
samples: {every: 2, prompt: "En un", temperature: 0.5, length: 30}
"""
VERSE = "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo.\n"
LAYERS = [{"embedding": {"output_dim": 8}}, {"lstm": {"units": 16, "return_sequences": True}}, {"dense": {}}]


def config_of(folder: Path, **changes: Any) -> Config:
    (folder / "poem.txt").write_text(VERSE * 40)
    return experiment(TEXT, folder, **changes)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("text")
    with without_pictures():
        yield train_network(config_of(folder), folder / "runs", folder / "cache")


def test_the_history_is_that_of_plain_keras(trained: Run) -> None:
    """The same windows in the same order, through ``fit`` of a script."""
    text = VERSE * 40
    codes = np.array([sorted(set(text)).index(c) for c in text])
    opened = load_run(trained)
    history = read_history(trained, opened.config)
    rows = range(0, 3280 - 20, 20)
    x, y = (np.array([codes[s + i : s + i + 20] for s in rows]) for i in (0, 1))
    keras.utils.set_random_seed(5)
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input((20,), dtype="int32"), layers.Embedding(len(set(text)), 8),
         layers.LSTM(16, return_sequences=True), layers.Dense(len(set(text)))]
    )  # fmt: skip
    network.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(True), metrics=["accuracy"])
    assert trained.record["data"]["rows"]["train"] == len(rows)
    for epoch in range(3):
        order = np.asarray(epoch_order(5, epoch, len(rows)))
        logs = network.fit(x[order], y[order], batch_size=16, shuffle=False, verbose=0).history
        assert history["loss"][epoch] == pytest.approx(logs["loss"][0], rel=1e-5)
        assert history["accuracy"][epoch] == pytest.approx(logs["accuracy"][0], abs=1e-6)


def test_the_sizes_follow_from_the_vocabulary_and_are_written_out(trained: Run) -> None:
    letters = len(set(VERSE))
    plain = load_run(trained).config
    assert plain.layers[0].arguments["input_dim"] == plain.layers[2].arguments["units"] == letters
    assert keras.models.load_model(trained.path / "model.keras").output_shape == (None, 20, letters)
    assert not (trained.path / "predictions.csv").exists()


def test_perplexity_is_that_of_the_crossentropy(trained: Run, tmp_path: Path) -> None:
    history = read_history(trained, load_run(trained).config)
    for part in ("", "val_"):
        np.testing.assert_allclose(history[f"{part}perplexity"], np.exp(history[f"{part}loss"]))
    held_out = evaluate_run(trained, tmp_path)
    assert held_out.measures == trained.record["results"]["test"]
    assert held_out.measures["perplexity"] == math.exp(held_out.measures["loss"])
    (tmp_path / "other.txt").write_text(VERSE * 3)
    other = evaluate_run(trained, tmp_path, file=tmp_path / "other.txt")
    assert other.rows == (len(VERSE) * 3 - 21) // 20 + 1
    assert other.measures["perplexity"] == pytest.approx(held_out.measures["perplexity"], rel=0.1)


def test_a_penalty_is_no_perplexity(tmp_path: Path) -> None:
    layers = [LAYERS[0], {"dense": {"kernel_regularizer": {"l2": 1.0}}}]
    with without_pictures():
        plain, both = (
            train_network(
                config_of(tmp_path, layers=layers, epochs=0, metrics=metrics, samples=None), tmp_path, tmp_path
            )
            for metrics in (["accuracy"], ["sparse_categorical_crossentropy"])
        )
    assert "perplexity" not in plain.record["results"]["test"]
    # The metric of a loss of logits takes logits, too.
    measures = both.record["results"]["test"]
    assert measures["perplexity"] == pytest.approx(math.exp(measures["sparse_categorical_crossentropy"]))
    assert measures["sparse_categorical_crossentropy"] < measures["loss"] - 1


def test_a_sample_is_what_the_network_of_that_epoch_writes(trained: Run) -> None:
    assert [path.name for path in (trained.path / "samples").iterdir()] == ["epoch-002.txt"]
    text = (trained.path / "samples" / "epoch-002.txt").read_text()
    assert text.startswith("temperature 0.5\n\nEn un")
    assert len(text.removeprefix("temperature 0.5\n\nEn un").removesuffix("\n")) == 30
    assert "samples/epoch-002.txt" in trained.record["files"]


AHEAD = {
    "bidirectional": [{"bidirectional": {"layer": {"gru": {"units": 4, "return_sequences": True}}}}],
    "go_backwards": [{"lstm": {"units": 4, "return_sequences": True, "go_backwards": True}}],
    "use_causal_mask": [{"multi_head_attention": {"num_heads": 2, "key_dim": 4}}],
    "causal": [{"conv1d": {"filters": 4, "kernel_size": 3, "padding": "same"}}],
}


@pytest.mark.parametrize("word", AHEAD)
def test_a_network_that_sees_the_next_token_is_refused(tmp_path: Path, word: str) -> None:
    config = config_of(tmp_path, layers=[LAYERS[0], *AHEAD[word], LAYERS[2]])
    (problem,) = check_experiment(config, tmp_path).wrong
    assert "looks at the tokens behind each place" in problem.message
    assert word in (problem.hint + problem.message)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no sequences": ({"layers": [LAYERS[0], {"lstm": {"units": 4}}, LAYERS[2]]}, "a number for each token at"),
    "fewer places": (
        {"layers": [LAYERS[0], {"conv1d": {"filters": 4, "kernel_size": 3}}, LAYERS[2]]},
        "a window has 20 places, and the last layer gives 18",
    ),
    "a small vocabulary": (
        {"layers": [{"embedding": {"input_dim": 5, "output_dim": 4}}, *LAYERS[1:]]}, "knows the numbers 0 to 4",
    ),
    "too few units": ({"layers": [*LAYERS[:2], {"dense": 9}]}, "the last layer (dense) has 9 units"),
    "a prompt": (
        {"samples": {"prompt": "ñandú €"}},
        "the training text does not contain the characters 'ñ', 'ú' and '€'",
    ),
    "a metric": ({"metrics": ["precision"]}, "precision does not fit"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_a_text_is_named(tmp_path: Path, case: str) -> None:
    changes, message = WRONG[case]
    (problem,) = check_experiment(config_of(tmp_path, **changes), tmp_path).wrong
    assert message in problem.message
    assert problem.place.startswith("experiment.yaml")


def test_a_text_that_memory_would_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.data.read_text.available_memory", lambda: 1e4)
    problem = problem_of(check_experiment, config_of(tmp_path), tmp_path)
    assert problem.message.startswith("this text would take about ")
    assert "a smaller file" in problem.hint


def test_another_loss_is_refused(tmp_path: Path) -> None:
    problem = problem_of(check_experiment, config_of(tmp_path, loss="mse"), tmp_path, exit_code=CONFIG)
    assert "sparse_categorical_crossentropy" in problem.hint


TABLE = """\
dataset: {sklearn: load_iris}
layers: [{dense: 4}, {dense: {units: 3, activation: softmax}}]
loss: sparse_categorical_crossentropy
"""


def test_a_size_is_left_out_where_a_vocabulary_decides_it_alone(tmp_path: Path) -> None:
    hidden = [LAYERS[0], {"dense": {}}, LAYERS[1], {"embedding": {"output_dim": 3}}, LAYERS[2]]
    problem = problem_of(check_experiment, config_of(tmp_path, layers=hidden), tmp_path, exit_code=CONFIG)
    assert problem.message.startswith("embedding needs input_dim")
    hidden = [LAYERS[0], {"dense": {}}, *LAYERS[1:]]
    problem = problem_of(check_experiment, config_of(tmp_path, layers=hidden), tmp_path, exit_code=CONFIG)
    assert problem.message == "dense needs units"
    problem = problem_of(lambda: experiment(TABLE, layers=[{"dense": {}}]), exit_code=CONFIG)
    assert problem.message.endswith("dense needs units")


def test_a_state_from_row_to_row_is_refused() -> None:
    for layer in (
        {"lstm": {"units": 4, "stateful": True}},
        {"bidirectional": {"layer": {"gru": {"units": 4, "stateful": True}}}},
    ):
        problem = problem_of(
            lambda layer=layer: experiment(TEXT, layers=[LAYERS[0], layer, LAYERS[2]]), exit_code=CONFIG
        )
        assert "in training, rows come in random order" in problem.message
    problem = problem_of(lambda: experiment(TABLE, samples={"every": 2}), exit_code=CONFIG)
    assert "and this network makes none" in problem.message


def test_a_restored_network_gives_what_the_trained_one_gave(trained: Run) -> None:
    mine = restore_network(load_run(trained))
    theirs = keras.models.load_model(trained.path / "model.keras")
    tokens = np.arange(20)[None] % len(set(VERSE))
    np.testing.assert_array_equal(mine(tokens, training=False), theirs(tokens, training=False))
