"""Seeds: the run is the ordinary one, and what other seeds reach is what their own runs reach."""

import csv
import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, HANG, experiment, problem_of, without_pictures
from kill import of_keras

from rnacli.commands.runs import describe
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config, Engine
from rnacli.fitting.job import prepare_job
from rnacli.machine import available_memory
from rnacli.networks.plan import plan_network
from rnacli.plots.seed_bands import make_band
from rnacli.report.run import report_run
from rnacli.results.compare import reached_figures
from rnacli.runs.folder import Run
from rnacli.runs.seeds import CURVES, read_curves, seed_spreads, tabulate_seeds
from rnacli.seeds import choose as choosing
from rnacli.seeds import train as training
from rnacli.seeds.alone import train_alone
from rnacli.seeds.processes import MODULE
from rnacli.terminal.seed_process import ORPHANED
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

DATA = {
    "sklearn": "make_circles", "n_samples": 100, "factor": 0.3, "noise": 0.07, "random_state": 0,
    "split": {"test": 0.2, "seed": 5}, "scale": "standard",
}  # fmt: skip
"""The same rows in the same parts, whatever the seed of the run."""
QUICK: dict[str, Any] = {"engine": {"jit": False}, "validation_data": "test", "dataset": DATA}
"""Compiling would take longer."""


def config_of(folder: Path, **changes: Any) -> Config:
    return experiment(CIRCLES, folder, **{**QUICK, **changes})


def train(folder: Path, **changes: Any) -> Run:
    with without_pictures():
        return train_network(config_of(folder, **changes), folder / "runs", folder / "cache")


def table(run: Run) -> dict[int, dict[str, float]]:
    """``seeds.csv``: seed -> column -> value."""
    with (run.path / "seeds.csv").open(newline="") as file:
        rows = [{name: float(cell or "nan") for name, cell in row.items()} for row in csv.DictReader(file)]
    return {int(row.pop("seed")): row for row in rows}


def figures(run: Run) -> dict[str, float]:
    """A run's row of ``seeds.csv``."""
    results = run.record["results"].items()
    measures = {f"{part} {name}": value for part, each in results for name, value in each.items()}
    return {"epochs": run.record["epochs"], **measures}


def digests(run: Run) -> dict[str, str]:
    names = ("weights.npz", "predictions.csv", "preprocessing.json", "split.csv", "summary.txt")
    return {name: run.record["files"][name] for name in names}


def test_the_run_is_the_ordinary_one_and_the_others_are_those_of_their_seeds(tmp_path: Path) -> None:
    run = train(tmp_path, seeds=[7, 0, 9], ensemble=True)
    plain, seven, nine = train(tmp_path), train(tmp_path, seed=7), train(tmp_path, seed=9)
    assert digests(run) == digests(plain)
    each = table(run)
    assert list(each) == [0, 7, 9]
    assert each[0] == figures(plain)
    assert each[7] == pytest.approx(figures(seven), abs=1e-5)
    assert each[9] == pytest.approx(figures(nine), abs=1e-5)
    assert run.record["seeds"]["together"] == 2

    losses = [row["test loss"] for row in each.values()]
    spread = seed_spreads(run.record)["loss"]
    assert spread == pytest.approx((np.mean(losses), np.std(losses, ddof=1), min(losses), max(losses)))
    assert tabulate_seeds(run.record)[0] == [
        "test rows, 3 seeds", "mean", "deviation", "lowest", "highest", "ensemble",
    ]  # fmt: skip
    assert describe(run, tmp_path)["loss mean"] == reached_figures(run)["test loss mean"] == spread.mean
    assert "test rows, 3 seeds" in report_run(run)
    assert "loss mean" not in describe(plain, tmp_path)
    assert [len(curve) for curve in read_curves(run)["val_accuracy"]] == [3, 3, 3]

    # The ensemble takes the data as they are, in any Keras, and gives the mean of the three.
    x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    models = [keras.models.load_model(each.path / "model.keras") for each in (plain, seven, nine)]
    mean = np.mean([model.predict(x, verbose=0) for model in models], axis=0)
    ensemble = keras.models.load_model(run.path / "ensemble.keras")
    assert ensemble.predict(x, verbose=0) == pytest.approx(mean, abs=1e-5)
    assert run.record["ensemble"]["measures"]["test"]["accuracy"] >= 0
    assert run.record["ensemble"]["measures"]["test"]["loss"] < np.mean(losses) + 1e-6  # by Jensen's inequality


@pytest.mark.slow
def test_a_seed_ends_where_its_own_run_ends(tmp_path: Path) -> None:
    stopping = {"monitor": "val_loss", "patience": 1, "min_delta": 0.004, "restore_best_weights": True}
    plateau = {"monitor": "val_loss", "patience": 1, "factor": 0.5, "min_delta": 0.01}
    changes: dict[str, Any] = {
        "callbacks": [{"early_stopping": stopping}, {"reduce_lr_on_plateau": plateau}],
        "epochs": 25,
    }
    run = train(tmp_path, seeds=[2, 3], **changes)
    assert run.record["seeds"]["together"] == 2
    each = table(run)
    alone = {seed: figures(train(tmp_path, seed=seed, **changes)) for seed in (2, 3)}
    assert {seed: each[seed] for seed in alone} == {seed: pytest.approx(row, abs=1e-4) for seed, row in alone.items()}
    assert len({row["epochs"] for row in each.values()}) > 1


@pytest.mark.slow
def test_networks_that_no_program_trains_together_are_trained_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {"phases": [{"epochs": 1}, {"epochs": 2, "optimizer": "adam"}], "epochs": 3}
    begun: list[int] = []
    alone = training.train_alone

    def killed(run: Run, job: Any, seed: int) -> Any:
        begun.append(seed)
        if begun == [7, 9]:
            raise KeyboardInterrupt
        return alone(run, job, seed)

    monkeypatch.setattr(training, "train_alone", killed)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, seeds=[7, 9], ensemble=True, **changes)
    (path,) = (tmp_path / "runs").iterdir()
    before = (path / "seeds" / "7" / "seed.json").stat().st_mtime_ns
    record = json.loads((path / "run.json").read_text("utf-8"))
    assert (record["status"], "seeds" in record) == ("interrupted", False)
    trained: list[int] = []
    monkeypatch.setattr(training, "train_alone", lambda run, job, seed: trained.append(seed) or alone(run, job, seed))
    monkeypatch.setattr(training, "forget_seeds", lambda run: None)
    with without_pictures():
        run = resume_run(Run(path, record), tmp_path / "cache")
    assert (path / "seeds" / "7" / "seed.json").stat().st_mtime_ns == before
    assert (run.record["status"], run.record["seeds"]["together"]) == ("finished", 0)
    assert "phases" in run.record["seeds"]["why"]
    monkeypatch.undo()
    whole = train(tmp_path, seeds=[7, 9], ensemble=True, **changes)
    assert table(run) == table(whole)
    # Names are no number of the networks that a process has made.
    layers = [of_keras((each.path / "ensemble.keras").read_bytes())["layers"] for each in (run, whole)]
    assert layers[0] == layers[1]
    assert not (whole.path / "seeds").exists()
    assert digests(run) == digests(whole) == digests(train(tmp_path, **changes))
    assert table(run)[7] == figures(train(tmp_path, seed=7, **changes))


@pytest.mark.slow
def test_processes_train_what_one_would_and_may_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them in turn with the first process: one trains its seed, one is killed, and nothing shows of either."""
    monkeypatch.setattr(choosing, "STEP", 0.0)
    whole = train(tmp_path, seeds=[7, 8, 9], epochs=2)
    monkeypatch.setattr(choosing, "SAVES", 0.0)
    monkeypatch.setattr(choosing, "count_cores", lambda: 3)
    start, started, seen = subprocess.Popen, list[Any](), list[bool]()

    def popen(command: list[str], **options: Any) -> Any:
        started.append(start(command, **options))
        if command[-1] == "9":
            started[-1].kill()
        return started[-1]

    def alone(run: Run, job: Any, seed: int) -> Any:
        seen.append((run.path / "seeds" / str(seed) / "seed.json").is_file())
        return train_alone(run, job, seed)

    monkeypatch.setattr("rnacli.seeds.processes.subprocess.Popen", popen)
    monkeypatch.setattr(training, "train_alone", alone)
    shared = train(tmp_path, seeds=[7, 8, 9], epochs=2)
    assert (seen, [process.poll() for process in started]) == ([False, True, False], [0, -9])
    assert shared.record["seeds"]["measures"] == whole.record["seeds"]["measures"]
    for name in ("seeds.csv", "seeds_history.csv"):
        assert (shared.path / name).read_bytes() == (whole.path / name).read_bytes()
    # One whose first process has gone ends.
    command = [sys.executable, "-m", MODULE, str(shared.path), str(tmp_path), *["7"] * 999]
    with start(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as left:
        assert left.stdin is not None
        left.stdin.close()
        assert left.wait(HANG) == ORPHANED


@pytest.mark.slow
def test_a_seed_that_diverges_is_said_and_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    slots = training.train_slots

    def lost(many: Any, *arguments: Any) -> Any:
        trained = slots(many, *arguments)
        many.assign([np.where(np.arange(many.slots).reshape(-1, *[1] * (w.ndim - 1)) == 1, np.nan, w).astype(w.dtype) for w in many.weights()])  # fmt: skip # noqa: E501
        trained[1].diverged = True
        return trained

    monkeypatch.setattr(training, "train_slots", lost)
    with caplog.at_level("WARNING", "rnacli"):
        run = train(tmp_path, seeds=3, ensemble=True)
    assert "diverged with 1 seed: 2" in caplog.text
    assert run.record["seeds"]["diverged"] == [2]
    assert run.record["ensemble"]["networks"] == 2
    assert np.isnan(table(run)[2]["test loss"])
    assert seed_spreads(run.record)["loss"].highest == max(table(run)[seed]["test loss"] for seed in (0, 1))


def test_as_many_are_trained_at_once_as_half_of_the_memory_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepare_job(config_of(tmp_path, seeds=1000), tmp_path / "cache")
    layers = plan_network(job.config, job.data.preprocessing.encoder.inputs)

    def choose(count: int) -> choosing.SeedsChoice:
        return choosing.choose_seeds(job.config, job.data, layers, count)

    each = choosing.memory_of_one(16, 80, layers)
    monkeypatch.setattr(choosing, "available_memory", lambda: 200 * each)
    assert choose(10).together == 10
    assert choose(1000).together == 100
    assert "100 at a time" in choose(1000).why
    assert choose(1000).seconds > choose(100).seconds > choose(10).seconds > 0
    assert available_memory() > 0
    monkeypatch.setattr(choosing, "STEP", 0.0)
    assert choose(10).together == 0
    assert choose(10).why.startswith("one after the other: a step takes")
    assert choose(10).processes == 1  # not for so few seconds
    monkeypatch.setattr(choosing, "SAVES", 0.0)
    monkeypatch.setattr(choosing, "count_cores", lambda: 6)
    assert choose(10).processes == 1  # the memory is not enough for two
    monkeypatch.setattr(choosing, "available_memory", lambda: 1 << 40)
    assert [choose(count).processes for count in (2, 10)] == [2, 6]
    job = dataclasses.replace(job, config=dataclasses.replace(job.config, engine=Engine(threads=3)))
    assert choose(10).processes == 2
    slow = [dataclasses.replace(layers[0], kind="Conv2D"), *layers[1:]]
    assert "Conv2D" in choosing.choose_seeds(job.config, job.data, slow, 10).why


@pytest.mark.slow
def test_groups_of_slots_give_what_one_group_gives(tmp_path: Path) -> None:
    job = prepare_job(config_of(tmp_path, seeds=4), tmp_path / "cache")
    whole, groups = (training.train_together(job, [1, 2, 3], together) for together in (3, 2))
    assert [each.seed for each in groups] == [1, 2, 3]
    for one, other in zip(whole, groups, strict=True):
        assert one.measures["test"] == pytest.approx(other.measures["test"], abs=1e-6)
        assert one.history["loss"] == pytest.approx(other.history["loss"], abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seeds": [0]}, "it is the seed of the run itself"),
        ({"ensemble": True}, "seeds is missing"),
        ({"seeds": 3, "dataset": {**DATA, "split": {"folds": 3}}}, "folds and seeds"),
        ({"seeds": 1}, "seeds"),
    ],
)
def test_what_seeds_do_not_go_with_is_said(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert said in str(problem_of(lambda: config_of(tmp_path, **{"validation_data": "auto", **changes}), exit_code=2))


def test_a_damaged_history_of_seeds_is_said(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert read_curves(run) == {}
    run.write(CURVES, "seed,epoch,loss\n7,1,0.5,4\n")
    assert "the history of the seeds is damaged" in str(problem_of(read_curves, run))


def test_a_band_holds_what_seeds_reach_in_each_epoch() -> None:
    lowest, lower, upper, highest = make_band([[1, 5, 2], [2, 6], [3, 7, np.inf]])
    assert lowest == [1, 5, 2]
    assert highest == [3, 7, 2]
    assert (lower, upper) == ([1.5, 5.5, 2], [2.5, 6.5, 2])
