"""Layers that learn from data before training: from the training rows alone, kept as arguments in the run's config."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import beside_one_another, experiment, problem_of, without_pictures

from rnacli.errors import CONFIG
from rnacli.examples.load import Data, load_data
from rnacli.networks.adapt import adapt_layers
from rnacli.networks.plan import plan_network
from rnacli.results.evaluate import evaluate_run
from rnacli.training.train import train_network

CODES = """\
dataset: {csv: codes.csv, target: y, scale: none, columns: {y: {scale: standard}}, split: {test: {last: 20}}}
layers: [normalization, {dense: {units: 4, activation: relu}}, dense: 1]
loss: mse
optimizer: adam
epochs: 4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty rows of two codes from 100 to 109 and a target; those of the test part are another kind of codes."""
    random, made = np.random.default_rng(2), tmp_path_factory.mktemp("codes")
    codes = random.integers(100, 110, (80, 2))
    codes[60:] += 500
    rows = [f"{a},{b},{a * 3 - b}" for a, b in codes.tolist()]
    (made / "codes.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    return made


def layers(*before: Any) -> list[Any]:
    return [*before, {"dense": {"units": 4, "activation": "relu"}}, {"dense": 1}]


def data_and_learnt(folder: Path, before: list[Any], **dataset: Any) -> tuple[Data, list[dict[str, Any]]]:
    config = experiment(CODES, folder, layers=layers(*before))
    config = dataclasses.replace(config, dataset=dataclasses.replace(config.dataset, **dataset))
    data = load_data(config, folder / "cache")
    return data, [dict(layer.arguments) for layer in adapt_layers(config, data).layers]


@pytest.mark.parametrize("stream", [False, True])
def test_a_normalization_has_the_mean_and_the_variance_of_the_training_rows(stream: bool, folder: Path) -> None:
    data, learnt = data_and_learnt(folder, ["normalization", {"rescaling": 2}, {"normalization": {"axis": None}}])
    x = beside_one_another(data.preprocessing, data.raw("train"))
    assert x.max() < 110
    assert learnt[0]["mean"] == pytest.approx(x.mean(axis=0), rel=1e-5)
    assert learnt[0]["variance"] == pytest.approx(x.var(axis=0), rel=1e-5)
    assert (learnt[2]["mean"], learnt[2]["variance"]) == (pytest.approx(0, abs=1e-4), pytest.approx(4, rel=1e-4))


def test_the_other_layers_that_learn(folder: Path) -> None:
    data, learnt = data_and_learnt(folder, [{"discretization": {"num_bins": 4}}])
    assert np.digitize(data.raw("train"), learnt[0]["bin_boundaries"]).tolist() != []
    shares = np.bincount(np.digitize(data.raw("train"), learnt[0]["bin_boundaries"]).ravel(), minlength=4)
    assert len(shares) == 4
    assert shares.min() > 10
    learnt = data_and_learnt(folder, ["integer_lookup"])[1]
    assert sorted(learnt[0]["vocabulary"]) == list(range(100, 110))


@pytest.mark.parametrize(
    "first",
    [
        ["normalization"],
        [{"discretization": {"num_bins": 4, "output_mode": "multi_hot"}}],
        [{"integer_lookup": {"max_tokens": 12, "pad_to_max_tokens": True, "output_mode": "tf_idf"}}],
    ],
)
def test_a_run_that_is_opened_again_is_the_same(first: list[Any], folder: Path) -> None:
    with without_pictures():
        run = train_network(experiment(CODES, folder, layers=layers(*first)), folder / "runs", folder / "cache")
    assert evaluate_run(run, folder / "cache").measures == pytest.approx(run.record["results"]["test"], rel=1e-6)
    config = run.config()
    assert adapt_layers(config, load_data(config, folder / "cache")) is config


def test_what_is_normalized_is_learnt_as_what_is_scaled(folder: Path) -> None:
    reached = []
    for changes in ({}, {"layers": layers(), "dataset.scale": "standard"}):
        config = experiment(CODES, folder, epochs=20, layers=changes.get("layers", layers("normalization")))
        if changes:
            config = dataclasses.replace(config, dataset=dataclasses.replace(config.dataset, scale="standard"))
        with without_pictures():
            reached.append(train_network(config, folder / "runs", folder / "cache").record["results"]["train"]["loss"])
    assert reached[0] == pytest.approx(reached[1], rel=1e-3)


@pytest.mark.parametrize(
    ("before", "said", "hint"),
    [
        ([{"dense": 3}, "normalization"], "dense before it is not trained", "before dense, or batch_normalization"),
        (["batch_normalization", {"discretization": {"num_bins": 3}}], "is not trained", "before batch_normalization"),
        ([{"reshape": [2, 1]}, {"time_distributed": {"layer": "normalization"}}], "inside time_distributed", "own"),
        (["string_lookup"], "takes words", "become categories"),
        ([{"text_vectorization": {"vocabulary": ["a"]}}], "takes words", "become categories"),
        ([{"integer_lookup": {"output_mode": "one_hot"}}], "how many outputs", "pad_to_max_tokens: true"),
    ],
)
def test_what_cannot_learn_is_refused_with_a_mend(before: list[Any], said: str, hint: str, folder: Path) -> None:
    config = experiment(CODES, folder, layers=layers(*before))
    inputs = load_data(config, folder / "cache").preprocessing.encoder.inputs
    problem = problem_of(plan_network, config, inputs, exit_code=CONFIG)
    assert said in problem.message
    assert hint in problem.hint
