"""Neurons that end in a step: the perceptron's rule to the bit, what is saved, and where a step may stand."""

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, ROOT, experiment, problem_of, some_slow, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.feed import epoch_order
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.folder import Run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
ANSWERS = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}
EPOCHS = 6


def neuron(answers: list[int], step: str = "heaviside", **changes: Any) -> Config:
    """One neuron that learns a truth table at a rate that float32 does not hold exactly."""
    rows = [[*map(int, x), y] for x, y in zip(X, answers, strict=True)]
    text = f"""\
name: neuron
seed: 4
dataset: {{rows: {rows}}}
layers: [dense: {{units: 1, activation: {step}}}]
loss: perceptron
optimizer: {{sgd: 0.1}}
epochs: {EPOCHS}
batch_size: 1
"""
    return experiment(text, **changes)


def train(config: Config, folder: Path, *listeners: Any) -> Run:
    with without_pictures():
        return train_network(config, folder / "runs", folder / "cache", listeners)


class Weights(keras.callbacks.Callback):  # type: ignore[misc]
    """The weights before training, and after each step."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.after = [np.concatenate([np.ravel(each) for each in self.model.get_weights()])]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.after.append(np.concatenate([np.ravel(each) for each in self.model.get_weights()]))


def learn_by_the_rule(w: np.ndarray, answers: list[int], step: str) -> list[np.ndarray]:
    """Rosenblatt's rule in NumPy: the weights (x1, x2, bias) after each row."""
    eta, after = np.float32(0.1), [w]
    y = np.array(answers, "float32") * (2 if step == "sign" else 1) - (1 if step == "sign" else 0)
    for epoch in range(EPOCHS):
        for i in epoch_order(4, epoch, 4).numpy():
            z = np.float32(X[i, 0] * w[0] + X[i, 1] * w[1]) + w[2]
            y_hat = np.float32(z >= 0) if step == "heaviside" else np.sign(z)
            w = w + eta * (y[i] - y_hat) * np.array([*X[i], 1], "float32")
            after.append(w)
    return after


EVERY = list(itertools.product(ANSWERS, ("heaviside", "sign")))


@pytest.mark.parametrize(("name", "step"), [*EVERY[::5], *some_slow(EVERY[1:-1], 1)])
def test_each_step_is_the_perceptrons_rule_to_the_bit(name: str, step: str, tmp_path: Path) -> None:
    watched = Weights()
    run = train(neuron(ANSWERS[name], step, engine={"fuse": False}), tmp_path, watched)
    by_rule = learn_by_the_rule(watched.after[0], ANSWERS[name], step)
    np.testing.assert_array_equal(np.array(watched.after), np.array(by_rule))
    assert len(np.unique(np.array(by_rule), axis=0)) > 1
    fused = train(neuron(ANSWERS[name], step), tmp_path)
    assert fused.record["engine"]["fuse"]
    assert (fused.path / "weights.npz").read_bytes() == (run.path / "weights.npz").read_bytes()


def accuracies(run: Run) -> list[float]:
    return [float(row["accuracy"]) for row in csv.DictReader(io.StringIO((run.path / "history.csv").read_text()))]


@pytest.mark.parametrize("name", ["perceptron_and", "perceptron_or", "xor_two_layers"])
def test_what_is_learnt(name: str, tmp_path: Path) -> None:
    run = train(load_config(ROOT / "configs" / f"{name}.yaml"), tmp_path)
    assert (accuracies(run)[-1], run.record["scores"]["accuracy"]) == (1, 1)


@pytest.mark.slow
def test_xor_is_never_learnt_by_one_neuron(tmp_path: Path) -> None:
    run = train(load_config(ROOT / "configs" / "perceptron_xor.yaml"), tmp_path)
    assert len(accuracies(run)) == 1000
    assert max(accuracies(run)) < 1


def test_a_neuron_of_mcculloch_and_pitts_is_set_by_hand(tmp_path: Path) -> None:
    run = train(load_config(ROOT / "configs" / "mcculloch_pitts.yaml"), tmp_path)
    with np.load(run.path / "weights.npz") as weights:
        assert [weights[name].ravel().tolist() for name in weights] == [[1, 1, -9], [-2]]
    assert run.record["scores"]["accuracy"] == 1
    config = load_config(ROOT / "configs" / "mcculloch_pitts.yaml", ["dataset.rows=[[0, 0, 0], [1, 1, 1]]"])
    problem = problem_of(check_experiment, config, tmp_path, exit_code=2)
    assert "expected numbers of shape (2, 1) for kernel_initializer, got shape (3, 1)" in problem.message


@pytest.mark.parametrize("step", ["heaviside", "sign"])
def test_the_run_gives_labels_everywhere(step: str, tmp_path: Path) -> None:
    kept = {"callbacks": [{"model_checkpoint": {"filepath": "kept.keras", "monitor": "loss"}}]}
    run = train(neuron(ANSWERS["or"], step, epochs=8, **kept), tmp_path)
    for name in ("model.keras", "kept.keras"):  # compiled by nothing, so that there is no loss of ours to be found
        model = keras.models.load_model(run.path / name)
        labels = [0, 1, 1, 1] if step == "heaviside" else [-1, 1, 1, 1]
        assert model.predict(X, verbose=0).ravel().tolist() == labels
        assert not model.compiled
    assert (run.path / "predictions.csv").read_text().splitlines()[:3] == ["row,truth,prediction", "0,0,0", "1,1,1"]
    final = evaluate_run(run, tmp_path)
    assert final.measures == run.record["results"]["train"]
    assert final.probabilities is None
    assert "roc_auc" not in final.scores
    assert final.scores["matthews_corrcoef"] == 1
    (tmp_path / "new.csv").write_text("x2,x1\n1,0\n0,0\n")
    predict_rows(run, tmp_path / "new.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "prediction\n1\n0\n"
    only = PredictionOptions(only="probabilities")
    assert (
        "no probabilities"
        in problem_of(predict_rows, run, tmp_path / "new.csv", tmp_path / "o.csv", lambda rows: None, only).message
    )


def test_a_finished_neuron_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole, begun = (train(neuron(ANSWERS["xor"], epochs=epochs), tmp_path) for epochs in (9, 4))
    with without_pictures():
        resume_run(begun, tmp_path / "cache", (), 9)
    for name in ("weights.npz", "predictions.csv"):
        assert (begun.path / name).read_bytes() == (whole.path / name).read_bytes()


def test_several_neurons_each_have_a_step(tmp_path: Path) -> None:
    lines = ["a,b,both,one", *(f"{a},{b},{a & b},{a | b}" for a in (0, 1) for b in (0, 1))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    text = """\
name: two
dataset: {csv: t.csv, target: [both, one], features: [a, b], scale: none, split: {}}
layers:
  - dense: {units: 1, activation: heaviside, name: both, from: input}
  - dense: {units: 1, activation: heaviside, name: one, from: input}
loss: {both: perceptron, one: perceptron}
optimizer: {sgd: 1}
epochs: 12
batch_size: 1
"""
    run = train(experiment(text, tmp_path), tmp_path)
    model = keras.models.load_model(run.path / "model.keras")
    answers = model.predict(X, verbose=0)
    assert [answers[name].ravel().tolist() for name in ("both", "one")] == [ANSWERS["and"], ANSWERS["or"]]
    assert {name: value for name, value in run.record["scores"].items() if "_accuracy" in name} == dict.fromkeys(
        ("both_accuracy", "both_balanced_accuracy", "one_accuracy", "one_balanced_accuracy"), 1
    )


SIGMOID = "units: 1, activation: sigmoid"


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        (
            SIGMOID,
            "units: 1, activation: heaviside",
            "learns by a gradient, and heaviside has none",
            "loss: perceptron",
        ),
        ("binary_crossentropy", "perceptron", "the last layer's activation is sigmoid", "activation: heaviside"),
        ("tanh", "sign", "sign has no gradient", "sigmoid or tanh here"),
        (
            f"dense: {{{SIGMOID}}}",
            "bidirectional: {layer: {lstm: {units: 1, activation: sign}}}",
            "sign has no gradient",
            "sigmoid or tanh here",
        ),
    ],
)
def test_a_step_elsewhere_is_refused(old: str, new: str, message: str, hint: str) -> None:
    problem = problem_of(experiment, CIRCLES.replace(old, new), exit_code=2)
    assert message in problem.message
    assert hint in problem.hint


def test_what_a_step_has_not_is_refused_by_name(tmp_path: Path) -> None:
    wide = neuron(ANSWERS["and"], layers=[{"dense": {"units": 2, "activation": "sign"}}])
    assert "two classes of y wants 1" in check_experiment(wide, tmp_path).wrong[0].message
    limited = neuron(ANSWERS["and"], threshold=0.3)
    assert "heaviside gives labels" in check_experiment(limited, tmp_path).wrong[0].message
    doubtful = check_experiment(neuron(ANSWERS["and"], metrics=["auc"]), tmp_path).doubtful
    assert [problem.message for problem in doubtful] == [
        "auc does not fit: it takes probabilities, and a step gives labels"
    ]


# Rows that the file holds


def test_rows_of_the_file_may_have_words_for_targets(tmp_path: Path) -> None:
    text = """\
dataset: {rows: [[0, 1.5, no], [1, 2, yes], [2, 3, yes]]}
layers: [dense: {units: 1, activation: heaviside}]
loss: perceptron
"""
    data = check_experiment(experiment(text), tmp_path).data
    assert data.raw("train").tolist() == [[0, 1.5], [1, 2], [2, 3]]
    assert data.targets("train", "dense").tolist() == ["no", "yes", "yes"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("[[0, 1], [0, 1, 1]]", "dataset.rows.1: expected 2 values as in the first row, got 3"),
        ("[[0, 1], [a, 1]]", "dataset.rows.1.0: expected a number, got 'a'"),
        ("[[0, 1]]", "dataset.rows: expected a list"),
    ],
)
def test_rows_of_the_file_are_checked(rows: str, message: str) -> None:
    text = f"dataset: {{rows: {rows}}}\nlayers: [dense: 1]\nloss: mse\n"
    assert message in problem_of(experiment, text, exit_code=2).message
