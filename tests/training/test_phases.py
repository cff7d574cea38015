"""Phases: what is trained in each, and that a training which was stopped within or between them ends the same."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import IRIS, experiment, problem_of, without_pictures
from kill import differences

from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, load_config
from rnacli.networks.restore import restore_network
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.find import find_run, open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import list_checkpoints, load_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

LAYERS = [
    {"dense": {"name": "base", "units": 8, "activation": "relu", "trainable": False}},
    {"batch_normalization": {"trainable": False}},
    {"dropout": 0.3},
    {"dense": {"name": "head", "units": 3, "activation": "softmax"}},
]
STOPPING = {"early_stopping": {"monitor": "loss", "patience": 0, "min_delta": 10, "restore_best_weights": True}}
"""It ends a phase after its second epoch, with the weights of the first."""
PHASES: list[dict[str, Any]] = [
    {"epochs": 2, "optimizer": {"adam": 0.02}},
    {"epochs": 5, "batch_size": 30, "unfreeze": "base", "callbacks": [STOPPING]},
    {"epochs": 3, "optimizer": {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}, "freeze": ["head"],
     "unfreeze": "batch_normalization"},
]  # fmt: skip


class Killed(BaseException):
    """Stands for the end of the process."""


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training in the first step after some epochs."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch >= self.epochs:
            raise Killed


def phased(folder: Path, **changes: Any) -> Config:
    document = {"layers": LAYERS, "phases": PHASES, **changes}
    return experiment(IRIS.replace("epochs: 3\n", "checkpoint: {every: 1}\n"), folder, **document)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("whole")
    with without_pictures():
        return train_network(phased(folder), folder, folder)


def test_each_phase_trains_what_it_unfreezes(whole: Run) -> None:
    assert whole.record["epochs"] == 7
    with (whole.path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["epoch"], row["phase"]) for row in rows] == [
        ("1", "1"), ("2", "1"), ("3", "2"), ("4", "2"), ("5", "3"), ("6", "3"), ("7", "3"),
    ]  # fmt: skip
    # base: 4 x 8 + 8; batch normalization: 2 x 8 that are trained, 2 x 8 that are not; dense: 8 x 3 + 3
    assert whole.record["phases"] == [
        {"epochs": 2, "trainable": 27, "frozen": 72},
        {"epochs": 2, "trainable": 67, "frozen": 32},
        {"epochs": 3, "trainable": 56, "frozen": 43},
    ]
    assert "phase 2: 67 trainable parameters, 32 frozen" in (whole.path / "summary.txt").read_text()


class Weights(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps what the network has after two epochs: the first phase."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.kept = self.model.get_weights()


def test_a_phase_begins_with_the_weights_of_the_one_before(tmp_path: Path) -> None:
    first = Weights()
    with without_pictures():
        both = train_network(phased(tmp_path, phases=PHASES[:2]), tmp_path, tmp_path, [first])
    before, after = first.kept, restore_network(load_run(both)).get_weights()
    same = [bool(np.array_equal(a, b)) for a, b in zip(before, after, strict=True)]
    # Base, batch normalization, dense: it stays as it was where it is frozen, its moments too.
    assert same == [False, False, True, True, True, True, False, False]


@pytest.mark.parametrize(
    "after", [(2,), *(pytest.param(each, marks=pytest.mark.slow) for each in ((1,), (3,), (4,), (5,), (2, 4)))], ids=str
)
def test_a_training_killed_within_or_between_phases_ends_the_same(
    tmp_path: Path, whole: Run, after: tuple[int, ...]
) -> None:
    with without_pictures():
        with pytest.raises(Killed):
            train_network(phased(tmp_path), tmp_path, tmp_path, [Killer(after[0])])
        run = find_run("latest", tmp_path)
        for epochs in after[1:]:
            with pytest.raises(Killed):
                resume_run(open_run(run.path), tmp_path, [Killer(epochs)])
        evaluate_run(open_run(run.path), tmp_path)  # as it is
        resumed = resume_run(open_run(run.path), tmp_path)
    assert not differences(whole.path, resumed.path)
    assert resumed.record["phases"] == whole.record["phases"]


@pytest.mark.slow
def test_a_damaged_checkpoint_after_a_new_phase_leaves_the_one_before(tmp_path: Path, whole: Run) -> None:
    with without_pictures():
        with pytest.raises(Killed):
            train_network(phased(tmp_path), tmp_path, tmp_path, [Killer(3)])
        run = find_run("latest", tmp_path)
        newest = list_checkpoints(run.path / "checkpoint")[-1]  # of the second phase
        newest.write_bytes(newest.read_bytes()[:-9])
        resumed = resume_run(open_run(run.path), tmp_path)
    assert not differences(whole.path, resumed.path)


def test_its_epochs_are_those_of_its_phases(tmp_path: Path, whole: Run) -> None:
    config = phased(tmp_path)
    assert config.epochs == 10
    (tmp_path / "again.yaml").write_text(dump_config(config))
    assert load_config(tmp_path / "again.yaml", ["name=iris"]) == config
    problem = problem_of(lambda: phased(tmp_path, epochs=4), exit_code=2)
    assert "10 epochs together, got 4" in problem.message


def test_a_finished_run_goes_on_in_its_last_phase(tmp_path: Path, whole: Run) -> None:
    def resume(run: Run, epochs: int) -> Run:
        return resume_run(open_run(run.path), tmp_path, epochs=epochs)

    with without_pictures():
        short = train_network(phased(tmp_path, phases=[*PHASES[:2], {**PHASES[2], "epochs": 1}]), tmp_path, tmp_path)
        assert "7 epochs together" in problem_of(resume, short, 7, exit_code=2).message
        problem = problem_of(resume, short, 8, exit_code=2)
        assert "this run is finished" in problem.message
        assert problem.hint == "for more: --set epochs=16"
        longer = resume(short, 10)
    assert not differences(whole.path, longer.path)
    assert longer.record["phases"] == whole.record["phases"]


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        ({"epochs": 1, "unfreeze": "bose"}, "did you mean base?"),
        ({"epochs": 1, "freeze": ["head", "hed"]}, "did you mean head?"),
        ({"epochs": 0}, ""),
        ({"optimizer": "adam"}, "add the key epochs"),
        ({"epochs": 1, "unfreeze": {"base": 0}}, ""),
        ({"epochs": 1, "callbacks": [{"early_stopping": {"monitor": "val_loss"}}]}, "validation"),
    ],
)
def test_slips_in_a_phase(tmp_path: Path, phase: dict[str, Any], said: str) -> None:
    problem = problem_of(lambda: phased(tmp_path, phases=[phase]), exit_code=2)
    assert said in problem.hint
    assert "phases.0" in problem.message
