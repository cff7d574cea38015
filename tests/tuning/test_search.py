"""Whole searches: what is in their folder, and that one which is killed and resumed is the one never killed."""

import csv
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of

from rnacli.commands.app import COMMANDS, build_app, main
from rnacli.examples.load import load_data
from rnacli.experiment.load import load_config
from rnacli.runs.find import find_run, newest_runs
from rnacli.training.train import train_network
from rnacli.tuning.folder import find_search
from rnacli.tuning.journal import Journal
from rnacli.tuning.tune import Found, resume_search, tune_network

RATES = """\
name: circles
seed: 2
dataset: {sklearn: make_circles, n_samples: 200, factor: 0.3, noise: 0.2, random_state: 0,
  split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 4, activation: tanh}
  - dropout: 0.1
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.1}}
metrics: [accuracy]
epochs: 3
batch_size: 12
callbacks: [{early_stopping: {monitor: val_loss, patience: 1, restore_best_weights: true}}]
tune:
  trials: 14
  goal: val_accuracy
  confirm: {best: 2, seeds: 2}
  over:
    optimizer.*.learning_rate: {log: [1e-3, 1.0]}
    layers.1.dropout.rate: [0.0, 0.5]
"""
ALL = RATES.replace("trials: 14", "trials: 5\n  seeds: 2\n  retrain: all")
SHAPES = ALL.replace("layers.1.dropout.rate: [0.0, 0.5]", (
    "layers.0.dense.units: [2, 9]\n    optimizer.*.momentum: [0.0, 0.9]"
)).replace("  over:", "  over:\n    optimizer: {choice: [adam, sgd]}").replace("epochs: 3", "epochs: 4")  # fmt: skip
FILES = ("trials.csv", "histories.npz", "confirmed.csv", "best.yaml", "best/weights.npz", "best/predictions.csv",
         "plots/best_so_far.png", "plots/slices.png", "plots/parallel_coordinates.png")  # fmt: skip


class Killed(BaseException):
    """As if the process had ended."""


@pytest.fixture
def kill_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets a search end after so many networks, in the middle of the next line of its journal; 0: never."""
    add = Journal.add

    def set_count(count: int) -> None:
        left = [count]

        def add_or_end(journal: Journal, line: Any) -> None:
            left[0] -= 1
            if left[0] == -1:
                with journal.path.open("ab") as file:
                    file.write(b'{"trial": 3, "pa')
                raise Killed
            add(journal, line)

        monkeypatch.setattr(Journal, "add", add_or_end if count else add)

    return set_count


def contents(found: Found) -> dict[str, bytes]:
    return {name: (found.folder.path / name).read_bytes() for name in FILES}


def kill_and_resume(text: str, folder: Path, kill_after: Callable[[int], None], counts: list[int]) -> Found:
    config = experiment(text, folder)
    kill_after(counts[0])
    with pytest.raises(Killed):
        tune_network(config, folder, folder)
    (search,) = folder.glob("*_tune")
    for count in counts[1:]:
        kill_after(count)
        with pytest.raises(Killed):
            resume_search(find_search(str(search), folder), folder)
    kill_after(0)
    return resume_search(find_search(str(search), folder), folder)


@pytest.mark.slow
def test_a_search_in_one_program(tmp_path: Path, kill_after: Callable[[int], None]) -> None:
    whole, again = tmp_path / "whole", tmp_path / "again"
    found = tune_network(experiment(RATES, tmp_path), whole, tmp_path)
    assert found.folder.record["shares"] is True
    assert contents(kill_and_resume(RATES, again, kill_after, [5, 8])) == contents(found)
    record, folder = found.folder.record, found.folder.path
    with (folder / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == [str(i) for i in range(1, 15)]
    assert {row["state"] for row in rows} <= {"complete", "diverged"}
    assert {row["epochs"] for row in rows} == {"2", "3"}  # some were stopped early
    with np.load(folder / "histories.npz") as arrays:
        assert arrays["val_accuracy"].shape == (14, 3)
        assert float(rows[0]["val_accuracy"]) in arrays["val_accuracy"][0]

    # The winner has the best mean of fresh seeds; its run is an ordinary one, of the search's own value.
    with (folder / "confirmed.csv").open() as file:
        confirmed = list(csv.DictReader(file))
    best = rows[found.winner.number]
    assert confirmed[0]["trial"] == best["trial"]
    assert float(confirmed[0]["mean_val_accuracy"]) >= float(confirmed[1]["mean_val_accuracy"])
    assert record["best"]["confirmed"]["mean"] == float(confirmed[0]["mean_val_accuracy"])
    assert (folder / "best.yaml").read_text().startswith(f"# val_accuracy {float(best['val_accuracy']):.4f}; with 2 ")
    results = json.loads((folder / "best" / "run.json").read_text())["results"]
    assert results["validation"]["accuracy"] == pytest.approx(float(best["val_accuracy"]), abs=1e-6)
    assert "test" in results
    trained = train_network(load_config(folder / "best.yaml"), tmp_path / "runs", tmp_path)
    assert (trained.path / "weights.npz").read_bytes() == (folder / "best" / "weights.npz").read_bytes()

    # It is one line among the runs, and its best run answers to its name.
    (line,) = newest_runs(whole, None)
    assert line.path == folder / "best"
    assert find_run("circles", whole).path == find_run(folder.name, whole).path == folder / "best"
    assert problem_of(resume_search, found.folder, tmp_path).message == "this search is finished"


@pytest.mark.slow
def test_a_search_of_many_shapes(tmp_path: Path, kill_after: Callable[[int], None]) -> None:
    found = tune_network(experiment(SHAPES, tmp_path), tmp_path / "whole", tmp_path)
    assert found.folder.record["shares"] is False
    assert contents(kill_and_resume(SHAPES, tmp_path / "again", kill_after, [3, 4])) == contents(found)
    assert all(len(each.trained) == 2 or each.state == "pruned" for each in found.outcomes)

    # The best run learns from the validation rows too, for the epochs that its networks with fresh seeds had.
    config, again = experiment(SHAPES, tmp_path), load_config(found.folder.path / "best.yaml")
    parts, joined = load_data(config, tmp_path).parts, load_data(again, tmp_path).parts
    assert joined.keys() == {"train", "test"}
    assert joined["train"].tolist() == [*parts["train"], *parts["validation"]]
    assert joined["test"].tolist() == parts["test"].tolist()
    epochs = round(statistics.median(found.confirmed[0].epochs))
    assert (again.epochs, again.callbacks) == (found.best.record["epochs"], ()) == (epochs, ())
    assert found.best.record["results"].keys() == {"train", "test"}
    assert (
        f"trained again on all rows but the test rows, {epochs} epochs"
        in ((found.folder.path / "best.yaml").read_text().splitlines()[0])
    )


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(RATES)
    app = build_app(COMMANDS)

    def rna(*arguments: str) -> tuple[str, str]:
        capsys.readouterr()
        app(list(arguments), standalone_mode=False)
        return capsys.readouterr()

    out, talk = rna("tune", "c.yaml", "--set", "tune.search=grid", "--set", "tune.over={batch_size: [11, 12]}",
                    "--set", "tune.confirm=false", "--set", "epochs=2")  # fmt: skip
    (folder,) = Path("runs").glob("*_circles_tune")
    assert out == f"{folder}\n"
    assert "trial 2/14  val_accuracy" in talk
    assert folder.name in rna("runs")[0]
    shown = rna("show", folder.name)[0]
    assert "batch_size: 1" in shown
    assert f"rna predict {folder.name} FILE" in shown


def test_a_file_without_a_search_is_refused(tmp_path: Path) -> None:
    config = experiment(RATES[: RATES.index("tune:")], tmp_path)
    assert problem_of(tune_network, config, tmp_path, tmp_path).message == "the file has no tune section"


def test_without_optuna_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    problem = problem_of(tune_network, experiment(RATES, tmp_path), tmp_path, tmp_path)
    assert problem.hint == "pip install optuna; or search: grid"


DIGITS = """\
name: digits
dataset: {sklearn: load_digits, split: {test: 0.2, validation: 0.2}, scale: {rescale: 16}}
layers:
  - dense: {units: 512, activation: relu}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
optimizer: sgd
tune:
  over: {layers.0.dense.units: {from: 32, to: 512, step: 32}}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DIGITS, "512"),
        (DIGITS.replace("relu}\n", "relu}\n  - dense: {units: 10, activation: softmax}\n"), "softmax"),
    ],
)
def test_the_two_mistakes_of_the_tutorial_are_named(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(text)
    with pytest.raises(SystemExit) as end:
        main(["check", "c.yaml"])
    done = capsys.readouterr()
    assert "rna tune: 50 trials, tpe, for a small val_loss" in done.out
    assert said in done.err
    assert end.value.code == 2 or "warning: " in done.err


@pytest.mark.slow
def test_a_goal_that_is_not_logged_ends_the_search(tmp_path: Path) -> None:
    text = RATES.replace("metrics: [accuracy]\n", "").replace("goal: val_accuracy", "goal: val_mae")
    text = text.replace("trials: 14", "trials: 2").replace("  over:", "  over:\n    layers.0.dense.units: [2, 4]")
    problem = problem_of(tune_network, experiment(text, tmp_path), tmp_path, tmp_path, exit_code=2)
    assert (problem.message, problem.hint) == ("nothing called 'val_mae' is logged", "goal: val_loss or val_accuracy")
