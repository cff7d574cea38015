"""Experiments made of the language itself, and changed ones: accepted and kept as they are, or refused with a place."""

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from config_strategies import changed_bytes, changed_experiments, experiments, object_of
from fixtures import ROOT, no_hang, problem_of
from hypothesis import assume
from hypothesis import strategies as st
from strategies import each, examples, outcome

from rnacli.checks.check import check_experiment
from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.errors import CONFIG, DATA, Problem, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, load_config, read_config

SHIPPED = [path.read_bytes() for path in sorted((ROOT / "configs").glob("*.yaml"))]


def read(raw: bytes) -> Config | None:
    """The config in a file, if it is one; it is one to the last value, and a refusal says where what is wrong is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.yaml"
        path.write_bytes(raw)
        with no_hang():
            made, error = outcome(load_config, path)
        if error:
            assert error.exit_code == CONFIG
            for problem in error.problems:
                check_problem(problem, path, raw)
            return None
        text = dump_config(made)
        again = read_config(parse_document(text, "again.yaml"), made.folder)
        assert dump_config(again) == text
        assert again == made
        return again


def check_problem(problem: Problem, path: Path, raw: bytes) -> None:
    """One line of words, and a line of the file."""
    assert problem.message
    assert "\n" not in problem.message + problem.hint
    place, *numbers = problem.place.removeprefix(str(path)).split(":")
    assert problem.place.startswith(str(path))
    assert not place
    lines = len(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    assert not numbers or 1 <= int(numbers[0]) <= lines, problem


def written(value: Any) -> bytes:
    """Plain data as a file; what no file can hold is passed over."""
    try:
        return dump_yaml(value).encode()
    except RnaError:
        assume(False)
        raise


@examples(80, 8000)
def test_experiments_of_the_language_are_read_and_written(count: int) -> None:
    accepted: list[bool] = []
    each(experiments(), count, lambda value: accepted.append(read(written(value)) is not None))
    assert sum(accepted) > len(accepted) / 10


@examples(80, 8000)
def test_changed_experiments_are_refused_or_kept(count: int) -> None:
    each(changed_experiments(), count, lambda value: read(written(value)))


@examples(100, 8000)
def test_changed_bytes_are_refused_or_kept(count: int) -> None:
    each(changed_bytes(SHIPPED), count, read)


@examples(60, 4000)
def test_changed_bytes_of_experiments_are_refused_or_kept(count: int) -> None:
    strategy = experiments().map(written).flatmap(lambda raw: changed_bytes([raw]))
    each(strategy, count, read)


def test_a_whole_number_that_cannot_be_written_again_is_refused(tmp_path: Path) -> None:
    text = dump_yaml({"dataset": {"sklearn": "load_iris"}, "layers": [{"dense": 1e300}], "loss": "mse"})
    (tmp_path / "e.yaml").write_text(text)
    problem = problem_of(load_config, tmp_path / "e.yaml", exit_code=CONFIG)
    assert "expected a whole number of at least 1, got 1e+300" in problem.message
    assert problem.hint == "write a smaller number"


# With Keras

TABLES: dict[str, Any] = {
    "points": {"sklearn": "make_circles", "n_samples": 40, "split": {"test": 10}},
    "flowers": {"sklearn": "load_iris", "split": {"test": 0.2}},
    "numbers": {"sklearn": "make_regression", "n_samples": 40, "n_features": 3, "split": {"test": 0.2}},
    "labels": {"sklearn": "make_multilabel_classification", "n_samples": 40, "split": {"test": 0.2}},
    "images": {"npz": "images.npz"},
    "series": {"npz": "series.npz"},
}
HEADS = (
    [{"dense": {"units": 1, "activation": "sigmoid"}}], [{"dense": {"units": 3, "activation": "softmax"}}],
    [{"dense": 1}], ["flatten", {"dense": {"units": 3, "activation": "softmax"}}], [],
)  # fmt: skip
FITTING = ("mse", "binary_crossentropy", "sparse_categorical_crossentropy", "categorical_crossentropy")


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small images and series, of three classes each."""
    folder = tmp_path_factory.mktemp("arrays")
    random, labels = np.random.default_rng(0), np.arange(30) % 3
    np.savez(folder / "images.npz", x=random.integers(0, 256, (30, 8, 8, 3)).astype("uint8"), y=labels)
    np.savez(folder / "series.npz", x=random.normal(size=(30, 12, 4)), y=labels)
    return folder


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Small data, and any layers above a head; loss, optimizer and metrics of any kind, or such as most files have."""
    layers = [object_of(draw, "layer") for _ in range(draw(st.integers(0, 2)))]
    made: dict[str, Any] = {"dataset": draw(st.sampled_from(list(TABLES.values())))}
    made["layers"] = [*layers, *draw(st.sampled_from(HEADS))] or ["flatten"]
    made["loss"] = draw(st.sampled_from(FITTING)) if draw(st.booleans()) else object_of(draw, "loss")
    for key, category in (("metrics", "metric"), ("callbacks", "callback")):
        if draw(st.integers(0, 3)) == 0:
            made[key] = [object_of(draw, category)]
    if draw(st.integers(0, 3)) == 0:
        made["optimizer"] = object_of(draw, "optimizer")
    return made


def check_network(value: Any, folder: Path, names: "itertools.count[int]") -> None:
    path = folder / f"e{next(names)}.yaml"
    path.write_bytes(written(value))
    found, error = outcome(lambda: check_experiment(load_config(path), folder / "cache"))
    path.unlink()
    if error:
        assert error.exit_code in (CONFIG, DATA)
        assert all(problem.message and "\n" not in str(problem) + problem.hint for problem in error.problems)
        assert all(problem.place for problem in error.problems), error
        return
    assert found.parameters >= 0
    assert all(problem.place for problem in found.wrong)


@examples(60, 3000)
def test_networks_are_checked_or_refused(count: int, arrays: Path) -> None:
    names = itertools.count()
    each(networks(), count, lambda value: check_network(value, arrays, names))
