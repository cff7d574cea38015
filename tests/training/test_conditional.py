"""A generator and a discriminator that are told the class: the same steps, fused or not, resumed to the bit."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of
from gan import GAN, gan
from kill import differences
from PIL import Image

from rnacli.checks.check import check_experiment
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, DATA
from rnacli.pictures.grid import png_bytes, tile_pictures
from rnacli.results.evaluate import evaluate_run
from rnacli.results.generate import generate_from
from rnacli.results.generate_options import GenerateOptions
from rnacli.results.generate_pictures import load_maker
from rnacli.runs.find import find_run, open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import load_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

TOLD = GAN.replace("generator:\n", "generator:\n  - concatenate: [noise, label]\n", 1).replace(
    "discriminator:\n",
    "discriminator:\n  - dense: {units: 64, from: label}\n  - reshape: {target_shape: [8, 8, 1], name: plane}\n"
    "  - concatenate: [x, plane]\n",
    1,
)
"""The GAN of the other tests, whose networks both take the class of a digit."""
POINTS = """\
name: points
dataset: {sklearn: make_moons, n_samples: 200, noise: 0.05, scale: standard, split: {test: 0.2}}
noise: 2
generator: [{concatenate: [noise, label]}, {dense: {units: 8, activation: relu}}, {dense: 2}]
discriminator: [{concatenate: [x, label]}, {dense: {units: 8, activation: relu}}, {dense: 1}]
loss: {binary_crossentropy: {from_logits: true}}
optimizer: {adam: 0.01}
epochs: 60
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("told")
    return train_network(gan(folder, TOLD), folder / "runs", folder / "cache")


class Killed(Exception):
    pass


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise Killed


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_a_training_that_is_stopped_ends_as_if_it_had_not_been(run: Run, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train_network(gan(tmp_path, TOLD), tmp_path / "runs", tmp_path / "cache", [Killer()])
    again = resume_run(open_run(find_run("latest", tmp_path / "runs").path), tmp_path / "cache")
    whole = train_network(gan(tmp_path, TOLD), tmp_path / "whole", tmp_path / "cache")
    assert not differences(whole.path, again.path)
    assert (again.path / "samples/epoch-004.png").read_bytes() == (whole.path / "samples/epoch-004.png").read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_fused_steps_are_the_same_as_single_ones(tmp_path: Path) -> None:
    one, other = (
        train_network(gan(tmp_path, TOLD, engine={"fuse": fuse, "jit": False}), tmp_path / str(fuse), tmp_path)
        for fuse in (True, False)
    )
    histories = [read_history(each, each.config()) for each in (one, other)]
    for name in histories[0].keys() - {"seconds"}:
        np.testing.assert_allclose(histories[0][name], histories[1][name], atol=1e-5, err_msg=name)


def test_the_first_step_is_that_of_plain_keras(run: Run) -> None:
    """The losses of the saved networks, called by hand with real labels, are those of the evaluation."""
    generator, discriminator = (
        keras.saving.load_model(run.path / f"{name}.keras") for name in ("model", "discriminator")
    )
    assert {tensor.name for tensor in generator.inputs} == {"noise", "label"}
    maker = load_maker(load_run(run))
    noise = keras.random.normal((20, 6), seed=4)
    labels = np.eye(10, dtype="float32")[np.arange(20) % 10]
    made = generator({"noise": noise, "label": keras.ops.convert_to_tensor(labels)})
    expected = np.rint(np.clip((np.asarray(made)[..., 0] + 1) * 127.5, 0, 255))
    np.testing.assert_allclose(maker.make(20, 4), expected, atol=1)
    assert discriminator({"x": made, "label": keras.ops.convert_to_tensor(labels)}).shape == (20, 1)


def make(run: Run, **options: Any) -> str:
    stream = io.StringIO()
    generate_from(open_run(run.path), GenerateOptions(**options), stream)
    return stream.getvalue()


def test_a_class_is_asked_for_in_each_form(run: Run, tmp_path: Path) -> None:
    make(run, count=12, seed=2, output=tmp_path / "turns.npz")
    turns = np.load(tmp_path / "turns.npz")
    assert turns["y"].tolist() == [*range(10), 0, 1]
    make(run, count=12, seed=2, label="1", output=tmp_path / "ones.npz")
    ones = np.load(tmp_path / "ones.npz")
    assert set(ones["y"].tolist()) == {1}
    # The same noise: what is of the same class is the same, and the rest is not.
    same = [bool((a == b).all()) for a, b in zip(turns["x"], ones["x"], strict=True)]
    assert [i for i, each in enumerate(same) if each] == [1, 11]
    make(run, count=12, seed=2, output=tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes() == png_bytes(tile_pictures(turns["x"], 10))
    make(run, count=12, seed=2, output=tmp_path / "many")
    names = sorted(path.relative_to(tmp_path / "many").as_posix() for path in (tmp_path / "many").rglob("*.png"))
    assert names[:3] == ["0/0001.png", "0/0011.png", "1/0002.png"]
    with Image.open(tmp_path / "many/1/0012.png") as picture:
        assert (np.asarray(picture) == turns["x"][11]).all()


def test_a_row_of_the_samples_is_of_one_class(run: Run) -> None:
    maker = load_maker(load_run(run))
    grid = maker.make_grid(2, 3, 3)
    assert (grid == maker.make(6, 3, np.array([0, 0, 0, 1, 1, 1]))).all()
    assert (run.path / "samples/epoch-004.png").read_bytes() == png_bytes(tile_pictures(grid, 3))


def test_other_data_need_their_labels(run: Run, tmp_path: Path) -> None:
    data = np.load(run.config().folder / run.config().dataset.npz)  # type: ignore[attr-defined]
    np.savez(tmp_path / "other.npz", x=data["x"][:50], y=data["y"][:50])
    assert evaluate_run(run, tmp_path, file=tmp_path / "other.npz").rows == 50
    np.savez(tmp_path / "other.npz", x=data["x"][:50], y=data["y"][:50] + 8)
    assert "is not one of the classes" in problem_of(evaluate_run, run, tmp_path, None, tmp_path / "other.npz").message
    np.savez(tmp_path / "other.npz", x=data["x"][:50])
    assert "y" in problem_of(evaluate_run, run, tmp_path, None, tmp_path / "other.npz").message


@pytest.mark.slow
def test_points_of_two_classes_are_made_where_those_lie(tmp_path: Path) -> None:
    run = train_network(experiment(POINTS, tmp_path), tmp_path / "runs", tmp_path)
    rows = list(csv.DictReader(io.StringIO(make(run, count=200, seed=1))))
    heights = [np.mean([float(row["x2"]) for row in rows if row["label"] == label]) for label in "01"]
    assert heights[0] > heights[1] + 0.1  # the upper moon is class 0
    assert json.loads((run.path / "preprocessing.json").read_text())["label"]["targets"]["labels"] == ["0", "1"]


def test_what_cannot_be_asked_for_is_named(run: Run, tmp_path: Path) -> None:
    problem = problem_of(lambda: make(run, label="12"), exit_code=CONFIG)
    assert (problem.place, problem.message) == ("--class 12", "there is no such class")


@pytest.mark.slow
def test_a_generator_that_is_told_nothing_makes_no_class(tmp_path: Path) -> None:
    plain = train_network(gan(tmp_path, epochs=0, samples=None), tmp_path / "runs", tmp_path)
    assert "not told any class" in problem_of(lambda: make(plain, label="1"), exit_code=CONFIG).message


def test_a_label_for_one_side_alone_is_refused(tmp_path: Path) -> None:
    for side, text in (
        ("discriminator", GAN.replace("generator:\n", "generator:\n  - concatenate: [noise, label]\n", 1)),
        ("generator", TOLD.replace("  - concatenate: [noise, label]\n", "")),
    ):
        (problem,) = problems_of(gan, tmp_path, text)
        assert f"the {side} does not" in problem.message
        assert f"name it in the {side}" in problem.hint


def test_labels_must_be_classes(tmp_path: Path) -> None:
    x = np.load(gan(tmp_path).folder / "digits.npz")["x"]
    np.savez(tmp_path / "measured.npz", x=x, y=np.linspace(0, 1, len(x)))
    config = experiment(TOLD.replace("digits.npz", "measured.npz"), tmp_path)
    problem = problem_of(check_experiment, config, tmp_path, exit_code=CONFIG)
    assert "as one of several classes" in problem.message
    assert "different values" in problem.message
    assert problem.place.startswith("experiment.yaml:6")
    np.savez(tmp_path / "alone.npz", x=x, y=np.zeros(len(x)))
    config = experiment(TOLD.replace("digits.npz", "alone.npz"), tmp_path)
    assert "only one class" in problem_of(check_experiment, config, tmp_path, exit_code=DATA).message
