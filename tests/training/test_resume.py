"""A training that was killed and resumed ends as one that was never stopped: to the last bit, whatever it was doing."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import (
    CIRCLES,
    EXHAUSTIVE,
    FLOWERS,
    IRIS,
    PRICES,
    ROOT,
    OnTime,
    experiment,
    problem_of,
    rna,
    some_slow,
    unpainted,
    without_pictures,
    write_data,
    write_pictures,
)
from kill import Folder, differences
from kill_cases import DENSE, GAN, IMAGES, TEXT

from rnacli.commands.app import main
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.networks.restore import restore_network
from rnacli.pictures.augment import AUGMENTATIONS
from rnacli.plots.paint import redraw_pictures
from rnacli.results.evaluate import evaluate_run
from rnacli.results.numpy_answers import light_weights
from rnacli.runs.find import find_run, open_run
from rnacli.runs.folder import Run, lock_run
from rnacli.runs.open import list_checkpoints, load_run
from rnacli.schema.catalog import entry_names
from rnacli.signals import answers
from rnacli.training.resume import recorded_engine, resume_run
from rnacli.training.train import train_network


class Killed(BaseException):
    """Stands for the end of the process."""


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training after some epochs, in the step after."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.epoch >= self.epochs:
            raise Killed


def whole(config: Config, folder: Path, name: str = "whole") -> Run:
    return train_network(config, folder / name, folder / "cache")


def stopped(config: Config, folder: Path, after: int, name: str = "stopped") -> Run:
    """A run that was stopped after some epochs."""
    with pytest.raises(Killed):
        train_network(config, folder / name, folder / "cache", [Killer(after)])
    return find_run("latest", folder / name)


def resumed(run: Run, folder: Path, **more: Any) -> Run:
    return resume_run(open_run(run.path), folder / "cache", **more)


def assert_exact(config: Config, folder: Path, *after: int) -> None:
    """Stop a training after each of some numbers of epochs; it must end as if it had not been."""
    expected = whole(config, folder)
    run = stopped(config, folder, after[0])
    for epochs in after[1:]:
        with pytest.raises(Killed):
            resumed(run, folder, listeners=[Killer(epochs)])
    assert not differences(expected.path, resumed(run, folder).path)


# Whatever the network and its training


def sorted_out(names: Iterable[str], quick: Container[str]) -> list[Any]:
    """The tests of some names, those that are not ``quick`` for the long suite."""
    return [pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in names]


COLUMNS = """\
name: columns
seed: 2
dataset:
  csv: table.csv
  target: kind
  columns:
    picture: {image_size: [8, 8], augment: [random_flip: horizontal, random_rotation: 0.2]}
    turned:
      image_size: [6, 6]
      scale: {rescale: 255}
      augment: [random_translation: {height_factor: 0.2, width_factor: 0.2}]
layers:
  - conv2d: {filters: 2, kernel_size: 3, from: picture}
  - flatten: {name: one}
  - flatten: {from: turned, name: two}
  - concatenate: [one, two, columns]
  - dropout: 0.2
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: adam
epochs: 4
"""


def test_pictures_in_columns_go_on_with_each_column_changed_as_it_would_have_been(tmp_path: Path, plain: None) -> None:
    write_pictures(tmp_path)
    pictures = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*.png"))
    rows = [f"{path},{pictures[-i - 1]},{i % 7},{path[:4]}" for i, path in enumerate(pictures)]
    (tmp_path / "table.csv").write_text("\n".join(["picture,turned,number,kind", *rows]) + "\n")
    assert_exact(experiment(COLUMNS, tmp_path), tmp_path, 2)


OPTIMIZERS = [name for name in entry_names("optimizer") if name != "loss_scale"]


@pytest.mark.slow  # adam is in what follows
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_on_with_all_that_it_remembers(tmp_path: Path, plain: None, name: str) -> None:
    layers = [{"dense": {"units": 6, "activation": "tanh"}}, {"dense": {"units": 1, "activation": "sigmoid"}}]
    assert_exact(experiment(CIRCLES, tmp_path, optimizer=name, layers=layers, epochs=4), tmp_path, 2)


HEAD = [{"dense": {"units": 3, "activation": "softmax"}}]
STOPPING = {"early_stopping": {"monitor": "val_loss", "patience": 2, "restore_best_weights": True}}
AVERAGED = {"adam": {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.9}}
VARIANTS: dict[str, dict[str, Any]] = {
    "noise, plateau": {
        "layers": [
            {"dense": 8}, "batch_normalization", {"dropout": 0.4}, {"gaussian_noise": 0.1}, {"gaussian_dropout": 0.2},
            {"alpha_dropout": 0.1}, {"activity_regularization": {"l2": 0.01}}, *HEAD,
        ],
        "epochs": 9, "callbacks": [
            {"reduce_lr_on_plateau": {"monitor": "val_loss", "patience": 2, "cooldown": 3, "min_delta": 0.5}}],
    },
    "recurrent, masked": {
        "layers": [
            {"reshape": [4, 1]}, {"masking": {"mask_value": 0.2}},
            {"gru": {"units": 3, "dropout": 0.2, "recurrent_dropout": 0.1}}, *HEAD,
        ],
    },
    "bidirectional": {
        "layers": [{"reshape": [4, 1]}, {"bidirectional": {"layer": {"gru": {"units": 3, "dropout": 0.2}}}}, *HEAD],
    },
    "convolution, spectral": {
        "layers": [{"reshape": [4, 1]}, {"conv_1d": {"filters": 4, "kernel_size": 2}}, {"spatial_dropout_1d": 0.3},
                   "flatten", {"spectral_normalization": {"layer": {"dense": 6}}}, *HEAD],
    },
    "convolutions": {
        "layers": [
            {"dense": 64}, {"reshape": [8, 8, 1]}, {"conv2d": {"filters": 3, "kernel_size": 3, "padding": "same"}},
            "batch_normalization", {"separable_conv2d": {"filters": 4, "kernel_size": 2, "dilation_rate": 2}},
            {"spatial_dropout2d": 0.2}, {"max_pooling2d": {"pool_size": 2, "strides": 1, "padding": "same"}},
            {"depthwise_conv2d": {"kernel_size": 2, "strides": 2}},
            {"conv2d_transpose": {"filters": 2, "kernel_size": 2}},
            {"average_pooling2d": 2}, "global_max_pooling2d", {"dropout": 0.1}, *HEAD,
        ],
        "optimizer": {"adam": {"learning_rate": {"exponential_decay": {
            "initial_learning_rate": 0.01, "decay_steps": 6, "decay_rate": 0.9, "staircase": True}}}},
    },
    "cosine, weighted, checkpoints now and then": {
        "optimizer": {"sgd": {
            "learning_rate": {"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 40}}, "momentum": 0.9}},
        "class_weight": "balanced", "checkpoint": {"every": 3}, "epochs": 7,
    },
    "averaged": {"optimizer": AVERAGED, "callbacks": [STOPPING]},
    "averaged now and then": {"optimizer": {"adam": {**AVERAGED["adam"], "ema_overwrite_frequency": 7}}},
    "averages swapped": {"optimizer": AVERAGED, "callbacks": ["swap_ema_weights"]},
    "averages swapped each epoch": {
        "optimizer": AVERAGED, "callbacks": [{"swap_ema_weights": {"swap_on_epoch": True}}]},
    "accumulated, not validated": {
        "optimizer": {"adam": {"gradient_accumulation_steps": 3, "clipnorm": 1.0, "weight_decay": 0.01}},
        "validation_data": "none",
    },
    "waiting": {"epochs": 30, "optimizer": {"adam": {"learning_rate": 0.3}}, "callbacks": [STOPPING]},
    "saved, the best and every few batches": {"callbacks": [
        {"model_checkpoint": {
            "filepath": "best.keras", "monitor": "val_accuracy", "mode": "max", "save_best_only": True}},
        {"model_checkpoint": {"filepath": "saved/{epoch}.weights.h5", "save_freq": 4, "save_weights_only": True}}]},
    "half precision": {"precision": "mixed_float16"},
    "half precision, averaged": {
        "precision": "mixed_float16", "optimizer": AVERAGED, "callbacks": ["swap_ema_weights"]},
    "bfloat16, full batch": {"precision": "mixed_bfloat16", "batch_size": "full"},
    "unfused": {"engine": {"fuse": False}},
    "compiled": {"engine": {"jit": True}},
    "compiled, unfused": {"engine": {"fuse": False, "jit": True}},
    "rarely": {"checkpoint": {"seconds": 60}},
}  # fmt: skip


QUICK, LONGEST = ("noise, plateau", "unfused"), ("bidirectional",)


@pytest.mark.parametrize(
    "variant",
    [*sorted_out([name for name in VARIANTS if name not in LONGEST], QUICK), pytest.param(*LONGEST, marks=EXHAUSTIVE)],
)
def test_a_stopped_training_ends_as_if_it_had_not_been(tmp_path: Path, plain: None, variant: str) -> None:
    more: dict[str, Any] = {"epochs": 6, "checkpoint": {"every": 1}} | VARIANTS[variant]
    more.setdefault("layers", [{"dense": {"units": 6, "activation": "tanh"}}, {"dropout": 0.2}, *HEAD])
    split = {"sklearn": "load_iris", "split": {"test": 0.2, "validation": 0.2}, "scale": "standard"}
    assert_exact(
        experiment(IRIS, tmp_path, dataset=split, **more), tmp_path, *((2, 4) if "callbacks" in more else (3,))
    )


STREAMED = {"stream": True}
EMBEDDED = {
    "columns": {"kind": {"encode": "embedding", "dimensions": 2}},
    "features": ["kind", "width", "height"],
}
WEIGHTED = STREAMED | EMBEDDED | {"features": ["kind", "height"], "sample_weight": "width"}


@pytest.mark.parametrize(("more", "fuse"), [(WEIGHTED, True), *some_slow([(STREAMED, False), (EMBEDDED, False)], 1)])
def test_a_stopped_training_on_a_table_ends_as_if_it_had_not_been(
    tmp_path: Path, plain: None, more: dict[str, Any], fuse: bool
) -> None:
    write_data(tmp_path)
    data = {"csv": "flowers.csv", "target": "weight", "features": ["height", "width"], "split": {"test": 0.2}} | more
    layers = [{"dense": 6}, {"dropout": 0.2}, {"dense": 1}]
    made = experiment(PRICES, tmp_path, dataset=data, layers=layers, checkpoint={"every": 1}, engine={"fuse": fuse})
    assert_exact(made, tmp_path, 3)


LARGE = {
    "random_brightness": 0.2, "random_color_degeneration": 0.5, "random_contrast": 0.2,
    "random_hue": 0.2, "random_posterization": 4, "random_rotation": 0.1, "random_saturation": 0.5,
    "random_sharpness": 0.5, "random_translation": {"height_factor": 0.1, "width_factor": 0.1}, "random_zoom": 0.2,
}  # fmt: skip
"""What some layers that change pictures want to know."""


@pytest.mark.parametrize(
    ("name", "fuse"), some_slow([(name, fuse) for name in AUGMENTATIONS for fuse in (False, True)], 5)
)
def test_a_stopped_training_on_augmented_pictures_ends_as_if_it_had_not_been(
    tmp_path: Path, plain: None, name: str, fuse: bool
) -> None:
    x = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3)).astype("uint8")
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(30) % 3)
    augment = [{name: LARGE[name]} if name in LARGE else name]
    data = {"npz": "x.npz", "scale": {"rescale": 255}, "augment": augment, "split": {"test": 5}}
    more = {"loss": "categorical_crossentropy", "checkpoint": {"every": 1}, "engine": {"fuse": fuse}}
    made = experiment(IRIS, tmp_path, dataset=data, layers=["flatten", *HEAD], **more)
    assert_exact(made, tmp_path, 1)


# Whatever it was doing when it was killed: by SIGKILL, in processes of their own

SHORT = {
    "dense": DENSE.replace("epochs: 14", "epochs: 4"),
    "images": IMAGES.replace("epochs: 8", "epochs: 3"),
    "text": TEXT,
    "gan": GAN.replace("epochs: 8", "epochs: 3"),
}
MOMENTS = {
    "dense": [
        ("replace run.json", 0, "after"),
        ("step", 2, "before"),
        ("replace epoch-000002", 0, "write"),
        ("replace epoch-000004", 0, "after"),
        ("replace history.csv", -1, "before"),
        ("replace model.keras", 0, "before"),
        ("replace preprocessing.json", -1, "after"),
        ("replace loss.png", 0, "after"),
        ("replace run.json", -1, "before"),
    ],
    "images": [
        ("step", 1, "before"),
        ("replace epoch-000001", 0, "before"),
        ("replace epoch-000002", 0, "write"),
        ("replace weights.npz", 0, "after"),
    ],
    "text": [
        ("replace epoch-002.txt", 0, "before"),
        ("replace epoch-002.txt", 0, "after"),
        ("replace epoch-000003", 0, "write"),
    ],
    "gan": [
        ("step", 1, "before"),
        ("replace epoch-002.png", 0, "write"),
        ("replace epoch-000002", 0, "after"),
        ("replace discriminator.keras", 0, "before"),
        ("replace samples.gif", 0, "write"),
    ],
}
"""The name of an operation, which of those of its name, and when; ``write``: the half of what it moves is written."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
@pytest.mark.slow
@pytest.mark.parametrize("name", [*SHORT])
def test_a_training_killed_at_any_moment_ends_as_if_it_had_not_been(tmp_path: Path, name: str) -> None:
    base = Folder(tmp_path / "whole", SHORT[name])
    assert base.go(report="operations") == 0, base.talk
    operations = (base.path / "operations").read_text().splitlines()

    def wrong(moment: tuple[str, int, str]) -> list[str]:
        what, which, when = moment
        found = [i for i, operation in enumerate(operations) if operation == what]
        death = (found[which] - 1, "half") if when == "write" else (found[which], when)
        folder = Folder(tmp_path / f"{what}{which}{when}", SHORT[name])
        if folder.go(death) != -signal.SIGKILL:
            return ["it was not killed"]
        return differences(base.run, folder.finish())

    with ThreadPoolExecutor(3) as pool:
        found = dict(zip(MOMENTS[name], pool.map(wrong, MOMENTS[name]), strict=True))
    assert not {moment: differs for moment, differs in found.items() if differs}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_a_chain_of_kills_while_more_epochs_are_asked_for(tmp_path: Path) -> None:
    longer = Folder(tmp_path / "longer", SHORT["images"].replace("epochs: 3", "epochs: 5")).finish()
    folder = Folder(tmp_path / "killed", SHORT["images"])
    first = folder.finish()
    assert folder.go((0, "after"), epochs=5) == -signal.SIGKILL  # in run.json
    for death in ((4, "after"), (9, "before"), (12, "half")):
        assert folder.go(death, epochs=5) == -signal.SIGKILL
    last = folder.finish()
    assert last == first
    assert not differences(longer, last)


# What a run needs to go on


CUT = FLOWERS + "checkpoint: {every: 1}\n"


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders, each with data, an experiment and its run: a finished one, and one stopped after 3 of 8 epochs."""
    folder = tmp_path_factory.mktemp("halves")
    for name in ("whole", "cut"):
        (folder / name).mkdir()
        write_data(folder / name)
        (folder / name / "experiment.yaml").write_text(CUT, "utf-8")
        made = load_config(folder / name / "experiment.yaml")
        with without_pictures():
            if name == "whole":
                whole(made, folder / name, "runs")
            else:
                stopped(made, folder / name, 3, "runs")
    return folder / "whole", folder / "cut"


@pytest.fixture
def finished(halves: tuple[Path, Path], tmp_path: Path) -> Run:
    shutil.copytree(halves[0], tmp_path / "whole")
    return find_run("latest", tmp_path / "whole" / "runs")


@pytest.fixture
def cut(halves: tuple[Path, Path], tmp_path: Path) -> Run:
    shutil.copytree(halves[1], tmp_path / "cut")
    return find_run("latest", tmp_path / "cut" / "runs")


def refused(run: Run, *words: str, exit_code: int = 1, **more: Any) -> None:
    """A resume must be refused with these words, and leave the run as it was."""
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    problem = problem_of(lambda: resumed(run, run.path, **more), exit_code=exit_code)
    said = f"{problem.place}: {problem.message}; {problem.hint}"
    for word in words:
        assert word in said
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


def test_a_copied_run_goes_on(cut: Run, finished: Run, plain: None, tmp_path: Path) -> None:
    run = resumed(cut, tmp_path)
    assert run.record["resumed"] == [3]
    assert run.record["status"] == "finished"
    assert "error" not in run.record
    assert not differences(finished.path, run.path)
    assert cut.record["status"] == "failed"  # as it was read before
    assert "this run is finished" in problem_of(resume_run, cut, tmp_path / "cache").message


def test_what_has_changed_is_named(cut: Run) -> None:
    run = open_run(cut.path)
    run.record["machine"]["versions"]["keras"] = "3.0.0"
    run.record["machine"]["threads"] += 1
    run.record["machine"]["processor"] = "another"
    run.save()
    now = keras.__version__
    refused(cut, f"keras 3.0.0 -> {now}", "threads", "another ->", "continue with --force")


@pytest.mark.parametrize("changes", [{"threads": 0}, {"threads": 1025}, {"steps": 0}, {"steps": 1 << 41}])
def test_a_record_that_does_not_say_how_it_was_trained_is_refused(cut: Run, changes: dict[str, Any]) -> None:
    engine = cut.record["engine"]
    for damaged in ({**engine, **changes}, {name: engine[name] for name in engine.keys() - changes.keys()}, {}):
        cut.save(engine=damaged)
        refused(cut, "run.json", "does not say how the run was trained")


def test_one_thread_and_one_step_at_once_are_a_way_to_train(cut: Run) -> None:
    cut.record["engine"] |= {"threads": 1, "steps": 1}
    chosen = recorded_engine(cut)
    assert (chosen.threads, chosen.steps) == (1, 1)


def test_another_version_is_gone_on_with_if_asked(
    cut: Run, plain: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cut.record["machine"]["versions"]["tensorflow"] = "2.0.0"
    cut.save()
    assert resumed(cut, tmp_path, force=True).record["status"] == "finished"
    assert "tensorflow 2.0.0 ->" in caplog.text


def test_a_changed_table_and_a_changed_config_are_refused(cut: Run) -> None:
    table = cut.path.parents[1] / "flowers.csv"
    content = table.read_bytes()
    table.write_bytes(content.replace(b"p000", b"q000"))
    refused(cut, "flowers.csv", "the data have changed")
    refused(cut, "flowers.csv", "the data have changed", force=True)
    table.write_bytes(content)
    edited = cut.path / "config.yaml"
    edited.write_text(edited.read_text().replace("batch_size: 8", "batch_size: 4"))
    refused(cut, "config.yaml", "was changed", force=True)


def test_a_table_that_is_gone_is_named(cut: Run) -> None:
    (cut.path.parents[1] / "flowers.csv").unlink()
    cut.record["data"]["folder"] = str(cut.path)
    cut.save()
    refused(cut, "flowers.csv")


def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    cut: Run, finished: Run, plain: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, newest = list_checkpoints(cut.path / "checkpoint")
    newest.write_bytes(newest.read_bytes()[:-1])
    run = resumed(cut, tmp_path)
    assert run.record["resumed"] == [2]
    assert newest.name in caplog.text
    assert "damaged" in caplog.text
    assert not differences(finished.path, run.path)


def test_two_damaged_checkpoints_are_refused(cut: Run) -> None:
    for path in list_checkpoints(cut.path / "checkpoint"):
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)
    refused(cut, "epoch-", "the checkpoint is damaged", "starts a new run")


def test_a_checkpoint_of_another_network_is_refused(cut: Run) -> None:
    for path in list_checkpoints(cut.path / "checkpoint"):
        path.write_bytes(path.read_bytes().replace(b'"counters": []', b'"counters":[{}]'))
    refused(cut, "the checkpoint is damaged")


def test_checkpoints_that_are_gone_are_missed(cut: Run) -> None:
    shutil.rmtree(cut.path / "checkpoint")
    refused(cut, "checkpoint", "starts a new run")


def test_a_run_without_a_checkpoint_yet_begins_again(cut: Run, finished: Run, plain: None, tmp_path: Path) -> None:
    for path in list_checkpoints(cut.path / "checkpoint"):
        path.unlink()
    problem = problem_of(evaluate_run, cut, tmp_path, exit_code=1)
    assert "before its first checkpoint" in problem.message
    assert f"--resume {cut.path}" in problem.hint
    run = resumed(cut, tmp_path)
    assert run.record["resumed"] == [0]
    assert not differences(finished.path, run.path)


def test_what_a_killed_process_left_half_written_is_gone(cut: Run, plain: None, tmp_path: Path) -> None:
    left = [cut.path / ".77.part.model.keras", cut.path / "checkpoint" / ".77.part.epoch-000004"]
    for path in left:
        path.write_bytes(b"half")
    (cut.path / "history.csv").write_text("epoch,loss\n1,0.")
    run = resumed(cut, tmp_path)
    assert not [path for path in left if path.exists()]
    assert len((run.path / "history.csv").read_text().splitlines()) == 9


def test_a_finished_run_is_refused_but_for_more_epochs(finished: Run, plain: None, tmp_path: Path) -> None:
    refused(finished, "this run is finished: 8 epochs", "--set epochs=16")
    refused(finished, "this run is finished", exit_code=CONFIG, epochs=8)
    refused(finished, "this run is finished", exit_code=CONFIG, epochs=5)
    run = resumed(finished, tmp_path, epochs=11)
    assert run.record["epochs"] == 11
    longer = whole(experiment(CUT, run.path.parents[1], epochs=11), run.path.parents[1], "longer")
    assert not differences(longer.path, run.path)
    refused(run, "this run is finished: 11 epochs")


def test_a_run_of_no_epochs_is_finished_and_goes_on_if_asked(tmp_path: Path, plain: None) -> None:
    run = whole(experiment(CIRCLES, tmp_path, epochs=0), tmp_path, "none")
    refused(run, "this run is finished: 0 epochs", "--set epochs=10")
    again = resumed(run, tmp_path, epochs=2)
    assert not differences(whole(experiment(CIRCLES, tmp_path, epochs=2), tmp_path).path, again.path)


def test_fewer_epochs_than_are_behind_it_are_refused(cut: Run) -> None:
    refused(cut, "3 epochs are behind it, and epochs is 2", exit_code=CONFIG, epochs=2)


def test_a_run_that_early_stopping_ended_stays_so(tmp_path: Path, plain: None) -> None:
    callbacks = [{"early_stopping": {"monitor": "loss", "patience": 1, "min_delta": 5.0}}]
    run = whole(experiment(CIRCLES, tmp_path, epochs=9, callbacks=callbacks), tmp_path)
    assert run.record["epochs"] == 2
    refused(run, "ended by a callback after epoch 2 of 9", "--set epochs=18")
    refused(run, "ended by a callback", exit_code=CONFIG, epochs=9)


class Signalled(keras.callbacks.Callback):  # type: ignore[misc]
    """A signal that comes when an epoch is all but over: in its last step or its validation."""

    def on_test_end(self, logs: Any = None) -> None:
        answers[-1](signal.SIGINT)


ENDING = {"early_stopping": {"monitor": "loss", "patience": 1, "min_delta": 5.0}}


@pytest.mark.parametrize("callbacks", [[ENDING], pytest.param([], marks=pytest.mark.slow)])
def test_an_interrupted_run_is_not_one_that_was_ended(tmp_path: Path, plain: None, callbacks: list[Any]) -> None:
    made = experiment(CIRCLES, tmp_path, callbacks=callbacks, checkpoint={"every": 1}, validation_data="test")
    expected = whole(made, tmp_path)
    run = train_network(made, tmp_path / "runs", tmp_path / "cache", [Signalled()])
    assert (run.record["status"], run.record["epochs"]) == ("interrupted", 1)
    again = resumed(run, tmp_path, listeners=[Signalled()])
    assert (again.record["status"], again.record["epochs"]) == ("interrupted", 2)
    last = resumed(run, tmp_path)
    assert last.record["status"] == "finished"
    assert not differences(expected.path, last.path)


def test_two_processes_do_not_train_one_run(cut: Run) -> None:
    with lock_run(cut.path):
        refused(cut, "another process is training this run")
        code = (
            "import pathlib, sys; from rnacli.runs.folder import lock_run\nwith lock_run(pathlib.Path(sys.argv[1])): 0"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, cut.path], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "another process is training this run" in done.stderr
    with lock_run(cut.path):
        pass


def test_a_run_is_locked_while_it_is_trained_first(tmp_path: Path, plain: None) -> None:
    class Second(keras.callbacks.Callback):  # type: ignore[misc]
        said = ""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            with pytest.raises(RnaError) as caught:
                resumed(find_run("latest", tmp_path / "runs"), tmp_path)
            self.said = str(caught.value)

    second = Second()
    train_network(experiment(CIRCLES, tmp_path, epochs=1), tmp_path / "runs", tmp_path / "cache", [second])
    assert "another process is training this run" in second.said


def test_a_folder_that_cannot_be_written_is_refused(cut: Run) -> None:
    """By a user without the rights, since root has them all."""
    with tempfile.TemporaryDirectory() as place:  # pytest keeps its own folders from others
        folder = Path(shutil.copytree(cut.path, Path(place, "run")))
        for path in (Path(place), folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        with another_user():
            said = problem_of(resume_run, open_run(folder), Path(place), exit_code=1)
        for path in (Path(place), folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert "read-only" in str(said)


@contextlib.contextmanager
def another_user() -> Iterator[None]:
    """This process without the rights of root, if it has them."""
    if is_root := os.getuid() == 0:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)


# What a run that is not finished is good for


def test_a_stopped_run_is_used_with_its_latest_weights(
    cut: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = load_config(cut.path.parents[1] / "experiment.yaml")
    with without_pictures():
        shorter = whole(experiment(CUT, made.folder, epochs=3), tmp_path)
    caplog.set_level("INFO", "rnacli")
    result = evaluate_run(cut, tmp_path)
    assert "this run is not finished: its weights are those of epoch 3;" in caplog.text
    assert f"continue with rna train --resume {cut.path}" in caplog.text
    assert result.measures == evaluate_run(shorter, tmp_path).measures
    with unpainted():
        assert {path.name for path in redraw_pictures(cut, tmp_path)} >= {"loss.png", "confusion_matrix.png"}


def test_a_stopped_run_is_used_with_its_best_weights_where_those_would_be_kept(
    tmp_path: Path, plain: None, caplog: pytest.LogCaptureFixture
) -> None:
    watching = {"monitor": "crossentropy", "patience": 9, "mode": "max", "restore_best_weights": True}
    changes = {
        "callbacks": [{"early_stopping": watching}],
        "metrics": [{"binary_crossentropy": {"name": "crossentropy"}}],
    }
    made = experiment(CIRCLES, tmp_path, epochs=6, checkpoint={"every": 1}, **changes)
    run = stopped(made, tmp_path, 4)
    first = whole(experiment(CIRCLES, tmp_path, epochs=1), tmp_path)
    caplog.set_level("INFO", "rnacli")
    network = restore_network(load_run(open_run(run.path)))
    assert "epoch 1, the best of 4" in caplog.text
    for mine, theirs in zip(network.get_weights(), restore_network(load_run(first)).get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


SWAPS = ([], ["swap_ema_weights"], [{"swap_ema_weights": {"swap_on_epoch": True}}])


@pytest.mark.parametrize("swap", [SWAPS[1], *(pytest.param(swap, marks=pytest.mark.slow) for swap in SWAPS[::2])])
def test_a_stopped_run_has_its_averaged_weights(tmp_path: Path, plain: None, swap: list[Any]) -> None:
    more = {"optimizer": AVERAGED, "callbacks": swap, "checkpoint": {"every": 1}}
    run = stopped(experiment(CIRCLES, tmp_path, epochs=5, **more), tmp_path, 3)
    shorter = whole(experiment(CIRCLES, tmp_path, epochs=3, **more), tmp_path)
    mine, theirs = (restore_network(load_run(open_run(each.path))).get_weights() for each in (run, shorter))
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_that_is_resumed_forgets_its_former_end(finished: Run, plain: None, tmp_path: Path) -> None:
    assert finished.record["light"] is True
    with pytest.raises(Killed):
        resumed(finished, tmp_path, epochs=20, listeners=[Killer(12)])
    run = open_run(finished.path)
    ends = {"epochs", "results", "scores", "light", "finished", "held_out", "signal", "threshold", "validated_on"}
    assert ends <= set(finished.record)
    assert not ends & set(run.record)
    assert not {"weights.npz", "model.keras", "predictions.csv"} & set(run.record["files"])
    assert light_weights(load_run(run)) is None
    assert evaluate_run(run, tmp_path).rows == 20


@pytest.mark.slow
def test_the_commands_take_a_stopped_run(cut: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (cut.path.parents[1] / "new.csv").write_text("plant,height,width,weight\na,1,5,2\nb,3,4,8\n")
    folder, rows = cut.path.parents[0], cut.path.parents[1] / "new.csv"
    for arguments in (("evaluate", "latest"), ("predict", "flowers", rows), ("weights", cut.name), ("plot", "latest")):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--runs", str(folder)])
        said = capsys.readouterr().err
        assert ended.value.code in (None, 0), said
        assert "this run is not finished" in said
        assert "epoch 3" in said


# The command


@pytest.mark.slow
def test_the_command_goes_on_after_a_kill(tmp_path: Path) -> None:
    write_data(tmp_path)
    text = CUT.replace("epochs: 8", "epochs: 100000")
    (tmp_path / "experiment.yaml").write_text(text, "utf-8")
    killed = OnTime("train", "experiment.yaml", "--runs", "made", cwd=tmp_path, word="3/100000", number=signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    run = find_run("flowers", tmp_path / "made")
    assert run.record["status"] == "running"
    newest = list_checkpoints(run.path / "checkpoint")[-1]
    behind = int(newest.name.removeprefix("epoch-"))
    done = rna("train", "--resume", "flowers", "--runs", "made", "--set", f"epochs={behind + 1}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"continuing after epoch {behind} of {behind + 1}" in done.stderr
    assert done.stdout.splitlines()[-1] == f"made/{run.name}"
    again = rna("train", "--resume", "latest", "--runs", "made", cwd=tmp_path)
    assert again.returncode == 1
    assert "this run is finished" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("--resume RUN",)),
        (("config.yaml", "--resume", "latest"), ("either",)),
        (("--resume", "latest", "--set", "batch_size=3"), ("only the number of epochs", "--set epochs=100")),
        (("--resume", "latest", "--set", "epochs=many"), ("--set epochs=100",)),
        (("--resume", "latest", "--set", "epochs=0"), ("epochs",)),
    ],
)
def test_what_cannot_be_resumed_with_is_refused(
    cut: Run, arguments: tuple[str, ...], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", *arguments, "--runs", str(cut.path.parent)])
    assert ended.value.code == CONFIG
    said = capsys.readouterr().err
    for word in words:
        assert word in said
