"""Pictures are changed in training alone, before they are scaled, by numbers that follow from the seed."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.prepare import augment_batch
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.networks.augment import build_augmentation
from rnacli.pictures.augment import AUGMENTATIONS, MIXING
from rnacli.runs.folder import Run
from rnacli.schema.catalog import find_entry
from rnacli.schema.keras_object import make_spec
from rnacli.training.train import train_network

TEXT = """\
name: augmented
dataset: {}
layers:
  - conv2d: {filters: 2, kernel_size: 3, activation: relu}
  - flatten
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {sgd: 0.01}
epochs: 2
batch_size: 10
"""
NEEDED: dict[str, Any] = {
    "random_brightness": 0.2, "random_color_degeneration": 0.5, "random_contrast": 0.2,
    "random_hue": 0.2, "random_posterization": 4, "random_rotation": 0.1, "random_saturation": 0.5,
    "random_sharpness": 0.5, "random_translation": {"height_factor": 0.1, "width_factor": 0.1}, "random_zoom": 0.2,
}  # fmt: skip
"""Arguments that a layer wants."""
FLIP: Any = {"random_flip": "horizontal"}
WHITE: Any = {"random_brightness": {"factor": [1.0, 1.0]}}
"""Every picture becomes white."""
NOTHING: Any = {"random_brightness": {"factor": [0.0, 0.0]}}


def pixels(count: int = 35, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *(shape or (8, 8, 3)))).astype("uint8")


def config_of(folder: Path, *augment: Any, shape: tuple[int, ...] = (), scale: Any = None, **more: Any) -> Config:
    x = pixels(35, *shape)
    np.savez(folder / "x.npz", x=x, y=np.arange(35) % 3)
    data = {"npz": "x.npz", "scale": scale or {"rescale": 255}, "split": {"test": 4, "validation": 4}}
    return experiment(TEXT, folder, dataset={**data, "augment": list(augment)}, **more)


def train(folder: Path, *augment: Any, **more: Any) -> Run:
    with without_pictures():
        return train_network(config_of(folder, *augment, **more), folder / "runs", folder)


def weights(run: Run) -> bytes:
    return (run.path / "weights.npz").read_bytes()


def history(run: Run) -> dict[str, list[float]]:
    rows = list(csv.DictReader((run.path / "history.csv").read_text("utf-8").splitlines()))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "seconds"}


# Random numbers


def changed(seed: int, place: int, times: int = 1) -> list[np.ndarray]:
    """What a layer makes of the same pictures, time after time."""
    layer = build_augmentation(make_spec("layer", "random_rotation", factor=0.4), seed, place)
    return [np.asarray(augment_batch([layer], pixels(3), None)[0]) for _ in range(times)]


def test_the_numbers_follow_from_seed_and_place_and_differ_from_step_to_step() -> None:
    first, second = changed(1, 0, 2)
    again = changed(1, 0, 2)
    assert (first == again[0]).all()
    assert (second == again[1]).all()
    for other in (second, *changed(2, 0), *changed(1, 1)):
        assert not (first == other).all()


def test_grey_pictures_of_two_axes_keep_them() -> None:
    layer = build_augmentation(make_spec("layer", "random_flip", mode="vertical"), 0, 0)
    grey = pixels(5, 6, 4)
    flipped = np.asarray(augment_batch([layer], grey, None)[0])
    assert flipped.shape == grey.shape
    assert all((new == old).all() or (new == old[::-1]).all() for new, old in zip(flipped, grey, strict=True))


# In training


def test_training_twice_gives_the_same_and_fused_steps_nearly_the_same(tmp_path: Path) -> None:
    augment = [FLIP, {"random_rotation": 0.2}]
    one, other, plain = (train(tmp_path, *augment, engine={"fuse": fuse, "threads": 1}) for fuse in (True, True, False))
    assert weights(one) == weights(other)
    for name, values in history(plain).items():
        assert history(one)[name] == pytest.approx(values, rel=1e-5), name


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS if name not in MIXING])
def test_every_layer_keeps_pictures_what_they_are(name: str) -> None:
    given = NEEDED.get(name, {})
    arguments = given if isinstance(given, dict) else {find_entry("layer", name).first.name: given}  # type: ignore[union-attr]
    new = np.asarray(
        augment_batch([build_augmentation(make_spec("layer", name, **arguments), 0, 0)], pixels(9), None)[0]
    )
    assert (new.shape, new.dtype) == ((9, 8, 8, 3), np.float32)
    assert (new.min() >= 0, new.max() <= 255, new.max() > 1) == (True, True, True)


@pytest.mark.slow
def test_every_layer_that_augments_trains(tmp_path: Path) -> None:
    layers: list[Any] = [{name: NEEDED[name]} if name in NEEDED else name for name in AUGMENTATIONS]
    run = train(tmp_path, *layers, loss="categorical_crossentropy", epochs=1, batch_size=27)
    assert np.isfinite(history(run)["loss"]).all()


@pytest.mark.parametrize("scale", ["standard", pytest.param({"rescale": 255}, marks=pytest.mark.exhaustive)])
def test_pictures_are_scaled_after_they_were_augmented_as_without(tmp_path: Path, scale: Any) -> None:
    plain, same = (train(tmp_path, *augment, scale=scale, epochs=1) for augment in ((), (NOTHING,)))
    assert weights(plain) == weights(same)


def test_measuring_sees_pictures_as_they_are(tmp_path: Path) -> None:
    still = {"optimizer": {"sgd": 1e-30}, "epochs": 1}
    plain, white = train(tmp_path, **still), train(tmp_path, WHITE, **still)
    assert history(plain)["val_loss"] == history(white)["val_loss"]
    assert plain.record["results"] == white.record["results"]
    assert history(plain)["loss"][0] == pytest.approx(plain.record["results"]["train"]["loss"], rel=1e-5)
    assert history(white)["loss"][0] != pytest.approx(plain.record["results"]["train"]["loss"], rel=1e-3)


def test_grey_pictures_are_augmented(tmp_path: Path) -> None:
    still = {"optimizer": {"sgd": 1e-30}, "epochs": 1}
    run = train(tmp_path, WHITE, shape=(9, 8), **still)
    assert history(run)["loss"][0] != run.record["results"]["train"]["loss"]


# Labels that are mixed


@pytest.mark.parametrize("name", MIXING)
def test_labels_are_mixed_with_pictures(tmp_path: Path, name: str) -> None:
    layer = build_augmentation(make_spec("layer", name), 3, 0)
    labels = np.eye(3, dtype="float32")[np.arange(9) % 3]
    x, y = augment_batch([layer], pixels(9), labels)
    assert not (np.asarray(y) == labels).all()
    np.testing.assert_allclose(np.asarray(y).sum(axis=1), 1, rtol=1e-5)
    assert x.shape == (9, 8, 8, 3)
    several = {"kind": labels, "size": labels[:, :1]}
    _, mixed = augment_batch([build_augmentation(make_spec("layer", name), 3, 0)], pixels(9), several)
    np.testing.assert_array_equal(mixed["kind"], y)
    np.testing.assert_array_equal(mixed["size"], np.asarray(y)[:, :1])
    if name == "mix_up":
        problem = problem_of(lambda: train(tmp_path, name), exit_code=CONFIG)
        assert problem.message == "mix_up mixes labels as well as pictures, and these are integers"


def test_labels_of_two_classes_are_mixed(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=pixels(20), y=np.arange(20) % 2)
    layers = ["flatten", {"dense": {"units": 1, "activation": "sigmoid"}}]
    data = {"npz": "x.npz", "scale": {"rescale": 255}, "augment": ["mix_up"], "split": {"test": 4}}
    config = experiment(TEXT, tmp_path, dataset=data, layers=layers, loss="binary_crossentropy", epochs=1)
    with without_pictures():
        run = train_network(config, tmp_path / "runs", tmp_path)
    assert 0 < history(run)["loss"][0] < 2


# What is refused


def test_layers_that_would_train_on_nonsense_are_refused(tmp_path: Path) -> None:
    *layers, last = experiment(TEXT, tmp_path, dataset={"npz": "x.npz"}).document.value["layers"]
    brightness: Any = {"random_brightness": 0.2}

    def wrong(*first: Any, scale: Any = None) -> list[str]:
        config = config_of(tmp_path, scale=scale, layers=[*first, *layers, last])
        return [problem.message for problem in check_experiment(config, tmp_path).wrong]

    assert wrong("mix_up") == ["mix_up would mix pictures and not their labels"]
    (problem,) = check_experiment(config_of(tmp_path, layers=["mix_up", *layers, last]), tmp_path).wrong
    assert problem.hint == "dataset: {augment: [mix_up]}, in place of layers"
    assert wrong(brightness) == ["random_brightness expects pixels from 0 to 255, and these are scaled"]
    assert wrong({"rescaling": 0.01}, brightness, scale="none")
    assert not wrong(brightness, {"rescaling": 0.01}, scale="none")
    assert not wrong({"random_brightness": {"factor": 0.2, "value_range": [0, 1]}})
    assert not wrong(FLIP)
    given: Any = {"random_color_jitter": {"value_range": [0, 255], "brightness_factor": 0.2}}
    assert wrong(given) == ["random_color_jitter expects pixels from 0 to 255, and these are scaled"]
    first: Any = {"conv2d": {"filters": 2, "kernel_size": 1, "data_format": "channels_first"}}
    assert wrong(first, {"permute": [2, 3, 1]}) == [
        "conv2d takes the first axis for the channels, and these pictures have them last"
    ]
    problem = problem_of(
        lambda: train(tmp_path, {"random_hue": {"factor": 0.1, "value_range": [0, 1]}}), exit_code=CONFIG
    )
    assert problem.message == "augment gets pixels as they are, from 0 to 255, before scale"


@pytest.mark.parametrize(
    ("scale", "first", "said"),
    [
        ({"rescale": 255}, [{"rescaling": 1 / 255}], "conv2d gets pixels from 0 to 0.00392"),
        ({"rescale": 1 / 255}, [], "conv2d gets pixels from 0 to 6.5e+04"),
        ("none", [{"rescaling": 255}], "conv2d gets pixels from 0 to 6.5e+04"),
        ("none", [{"rescaling": 1 / 255}], ""),
        ({"rescale": 127.5, "offset": -1}, [], ""),
    ],
)
def test_pixels_that_are_scaled_twice_or_the_wrong_way_are_doubted(
    tmp_path: Path, scale: Any, first: Any, said: str
) -> None:
    layers = experiment(TEXT, tmp_path, dataset={"npz": "x.npz"}).document.value["layers"]
    doubts = check_experiment(config_of(tmp_path, scale=scale, layers=[*first, *layers]), tmp_path).doubtful
    messages = [doubt.message for doubt in doubts if "gets pixels" in doubt.message]
    assert messages == ([f"{said}: training works better from 0 to 1"] if said else [])


def test_what_cannot_be_augmented_is_refused(tmp_path: Path) -> None:
    problem = problem_of(lambda: train(tmp_path, FLIP, shape=(8,), layers=[{"dense": 3}]), exit_code=CONFIG)
    assert problem.message == "augment changes pictures, and these are rows of shape (8,)"
    problem = problem_of(lambda: train(tmp_path, FLIP, engine={"jit": True}), exit_code=CONFIG)
    assert problem.message == "XLA cannot compile what augment does"
    problem = problem_of(lambda: train(tmp_path, "random_grayscale", shape=(8, 8, 5)), exit_code=CONFIG)
    assert "random_grayscale" in problem.message
    problems = problems_of(lambda: config_of(tmp_path, "conv2d", "random_crop"), exit_code=CONFIG)
    assert len(problems) == 2
    problem = problem_of(lambda: config_of(tmp_path, {"random_flips": "horizontal"}), exit_code=CONFIG)
    assert problem.hint == "did you mean random_flip?"
