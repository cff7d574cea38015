"""Folds that one program trains: each is the run that it would be alone, also after a kill."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import CIRCLES, experiment, problem_of, without_pictures

from rnacli.experiment.config import Config
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.seeds import folds as choosing
from rnacli.training import cross_validate as training
from rnacli.training import fold_program
from rnacli.training.cross_validate import CrossValidation, cross_validate, resume_folds

STOPPING = {"monitor": "val_loss", "patience": 1, "min_delta": 0.002, "restore_best_weights": True}
PLATEAU = {"monitor": "val_loss", "patience": 1, "factor": 0.5, "min_delta": 0.05, "mode": "min"}
WATCHED = [{"early_stopping": STOPPING}, {"reduce_lr_on_plateau": PLATEAU}]


def config_of(folder: Path, rows: int = 47, folds: int = 3, **changes: Any) -> Config:
    """Folds of two sizes, whose epochs end with batches of different sizes."""
    random = np.random.default_rng(3)
    ill = random.random(rows) < 0.5
    x = random.normal(size=(rows, 2)) * 20 + 50 + 25 * ill[:, None]
    lines = [f"{a:.2f},{b:.2f},{['no', 'yes'][int(c)]}" for (a, b), c in zip(x, ill, strict=True)]
    (folder / "rows.csv").write_text("\n".join(["a,b,ill", *lines]) + "\n", "utf-8")
    dataset = {"csv": "rows.csv", "target": "ill", "split": {"folds": folds}, "scale": "standard"}
    layers = [{"dense": {"units": 4, "activation": "tanh"}}, {"dense": {"units": 1, "activation": "sigmoid"}}]
    given = {"dataset": dataset, "layers": layers, "epochs": 4, "batch_size": 5, "validation_data": "test"}
    return experiment(CIRCLES, folder, **{**given, "optimizer": "adam", "engine": {"jit": False}, **changes})


def run_both(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> tuple[CrossValidation, CrossValidation]:
    """The same cross-validation, by one program and one after the other."""
    whole = []
    for together in (0.0, 1e9):
        monkeypatch.setattr(choosing, "TOGETHER", together)
        with without_pictures():
            whole.append(cross_validate(config_of(folder, **changes), folder / f"runs-{together}", folder))
    return whole[0], whole[1]


def weights_of(run: Run) -> dict[str, np.ndarray]:
    with np.load(run.path / "weights.npz") as arrays:
        return dict(arrays)


def history_of(run: Run) -> pd.DataFrame:
    return pd.read_csv(run.path / "history.csv").drop(columns="seconds")


def require_equal(one: CrossValidation, other: CrossValidation) -> None:
    """Each fold is the same run, but for the last digits."""
    for a, b in zip(one.runs, other.runs, strict=True):
        assert (a.record["engine"]["together"], b.record["engine"]["together"]) == (len(one.runs), 0)
        assert a.record["files"].keys() == b.record["files"].keys()
        for name in ("split.csv", "preprocessing.json", "config.yaml", "summary.txt"):
            assert (a.path / name).read_bytes() == (b.path / name).read_bytes()
        for name, values in weights_of(b).items():
            assert weights_of(a)[name] == pytest.approx(values, abs=1e-5)
        pd.testing.assert_frame_equal(history_of(a), history_of(b), atol=1e-5)
        assert a.record["data"] | {"folder": ""} == b.record["data"] | {"folder": ""}
        assert a.record["results"].keys() == b.record["results"].keys()
    assert {name: each[0] for name, each in one.summary().items()} == pytest.approx(
        {name: each[0] for name, each in other.summary().items()}, abs=1e-5
    )


def test_each_fold_of_a_program_is_the_run_that_it_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = run_both(tmp_path, monkeypatch, folds=2)
    require_equal(one, other)
    assert {len(history_of(run)) for run in one.runs} == {4}
    assert len({run.record["data"]["rows"]["train"] for run in one.runs}) == 2
    for run in one.runs:
        assert [path.name for path in sorted((run.path / "checkpoint").glob("epoch-*"))][-1] == "epoch-000004"


@pytest.mark.slow
def test_a_fold_of_a_program_ends_where_it_ends_alone_and_goes_on_after_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {
        "callbacks": WATCHED, "epochs": 40, "checkpoint": {"every": 1},
        "optimizer": {"adam": {"learning_rate": 0.03}},
        "layers": [
            {"dense": {"units": 4, "activation": "tanh"}}, "batch_normalization",
            {"dense": {"units": 1, "activation": "sigmoid"}},
        ],
    }  # fmt: skip
    one, other = run_both(tmp_path, monkeypatch, **changes)
    require_equal(one, other)
    ends = [run.record["epochs"] for run in one.runs]
    assert len(set(ends)) > 1
    assert max(ends) < 40
    # Stopped where one fold is at its end already, with one checkpoint of another lost: each goes on from its own.
    monkeypatch.setattr(choosing, "TOGETHER", 0.0)
    train_epoch, begun = fold_program.Program.train_epoch, list[int]()

    def stop(program: Any) -> Any:
        begun.append(1)
        if len(begun) == min(ends) + 2:
            raise KeyboardInterrupt
        return train_epoch(program)

    monkeypatch.setattr(fold_program.Program, "train_epoch", stop)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(config_of(tmp_path, **changes), tmp_path / "stopped", tmp_path)
    (folder,) = (tmp_path / "stopped").iterdir()
    assert {json.loads(path.read_text("utf-8"))["status"] for path in folder.glob("fold_*/run.json")} == {"interrupted"}
    last = max(range(3), key=lambda i: ends[i])
    sorted((folder / f"fold_{last + 1}" / "checkpoint").glob("epoch-*"))[-1].unlink()
    monkeypatch.setattr(fold_program.Program, "train_epoch", train_epoch)
    with without_pictures():
        again = resume_folds(folder, tmp_path)
    for a, b in zip(again.runs, one.runs, strict=True):
        for name in ("weights.npz", "predictions.csv"):
            assert (a.path / name).read_bytes() == (b.path / name).read_bytes()
        pd.testing.assert_frame_equal(history_of(a), history_of(b), check_exact=True)
    assert (folder / "folds.csv").read_bytes() == (one.path / "folds.csv").read_bytes()


@pytest.mark.slow
def test_folds_that_are_killed_under_xla_go_on_to_the_same_bytes(tmp_path: Path) -> None:
    config = config_of(tmp_path, 101, dataset={
        "csv": "rows.csv", "target": "ill", "split": {"folds": 3, "repeats": 2}, "scale": "standard",
    }, epochs=40, engine={"jit": True}, checkpoint={"every": 5})  # fmt: skip
    (tmp_path / "config.yaml").write_text(json.dumps(config.document.value), "utf-8")
    command = [sys.executable, "-m", "rnacli", "train", "config.yaml", "--runs"]
    subprocess.run([*command, "whole", "--quiet"], cwd=tmp_path, check=True)
    with subprocess.Popen([*command, "killed"], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if line.startswith("epoch 23/40"):
                os.kill(process.pid, signal.SIGKILL)
    (folder,), (whole,) = (tmp_path / "killed").iterdir(), (tmp_path / "whole").iterdir()
    assert not list(folder.glob("fold_*/weights.npz"))
    subprocess.run([*command[:-2], "--resume", f"killed/{folder.name}", "--quiet"], cwd=tmp_path, check=True)
    again, unbroken = ([open_run(path) for path in sorted(each.glob("fold_*"))] for each in (folder, whole))
    assert {run.record["engine"]["together"] for run in unbroken} == {6}
    assert {run.record["resumed"][0] for run in again} == {20}
    for a, b in zip(again, unbroken, strict=True):
        assert (a.path / "weights.npz").read_bytes() == (b.path / "weights.npz").read_bytes()
        pd.testing.assert_frame_equal(history_of(a), history_of(b), check_exact=True)
    for name in ("folds.csv", "predictions.csv"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()
    with (folder / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 202
    assert [row["repeat"] for row in rows[:4]] == ["1", "2", "1", "2"]
    tested = {(row["repeat"], row["row"]): row["fold"] for row in rows}
    assert any(int(tested["1", str(row)]) + 3 != int(tested["2", str(row)]) for row in range(101))


def test_one_that_diverges_keeps_no_other_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "TOGETHER", 0.0)
    train_epoch = fold_program.Program.train_epoch

    def lost(program: Any) -> Any:
        logs = train_epoch(program)
        logs["loss"][1] = np.nan
        return logs

    monkeypatch.setattr(fold_program.Program, "train_epoch", lost)
    with without_pictures():
        problem = problem_of(cross_validate, config_of(tmp_path, epochs=2), tmp_path / "runs", tmp_path)
    assert "diverged: the loss is nan in epoch 1" in problem.message
    (folder,) = (tmp_path / "runs").iterdir()
    statuses = [json.loads((folder / f"fold_{i}" / "run.json").read_text("utf-8"))["status"] for i in (1, 2, 3)]
    assert statuses == ["finished", "failed", "finished"]


def test_what_no_program_trains_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "TOGETHER", 0.0)
    trained: list[int] = []
    monkeypatch.setattr(training, "train_fold", lambda *arguments: trained.append(arguments[1]) or stop())

    def stop() -> Any:
        raise KeyboardInterrupt

    config = config_of(tmp_path)
    assert choosing.why_not_folds(config) == ""
    saving = {"model_checkpoint": {"filepath": "best.keras"}}
    assert "model_checkpoint" in choosing.why_not_folds(config_of(tmp_path, callbacks=[saving]))
    # A category that only some folds have.
    table = (tmp_path / "rows.csv").read_text("utf-8").splitlines()
    words = ["town", *("once" if i == 3 else "twice" if i < 20 else "often" for i in range(47))]
    config_of(tmp_path)
    (tmp_path / "rows.csv").write_text("\n".join(f"{w},{line}" for w, line in zip(words, table, strict=True)), "utf-8")
    with pytest.raises(KeyboardInterrupt):
        cross_validate(config, tmp_path / "runs", tmp_path)
    assert trained == [1]
    assert not list((tmp_path / "runs").glob("*/fold_*"))
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
