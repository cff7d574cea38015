"""A Dask cluster predicts files: whole and equal, though a worker is killed."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from fixtures import data_of, environment, problem_of, run_of

import rnacli
from rnacli.bulk import dask_workers
from rnacli.bulk.predict_many import plan_batch, predict_batch
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import DEFAULT_OPTIONS

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # of Dask's own threads and sockets


@contextlib.contextmanager
def started(*arguments: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process of Dask's, ended with the block."""
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def address_of(scheduler: "subprocess.Popen[str]") -> str:
    """Where a scheduler listens, as it says."""
    assert scheduler.stderr is not None
    return next(line.split("tcp://")[1].strip() for line in scheduler.stderr if "Scheduler at:" in line)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    run = run_of("flowers")
    whole = pd.read_csv(data_of(run) / "flowers.csv")
    for i in range(12):
        pd.concat([whole] * 200).sample(frac=1, random_state=i).to_csv(tmp_path / f"part-{i}.csv", index=False)
    listen = ("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with started(*listen, folder=tmp_path) as scheduler:
        address = address_of(scheduler)
        work = ("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        with started(*work, folder=tmp_path) as victim, started(*work, folder=tmp_path):
            with distributed.Client(f"tcp://{address}", set_as_default=False) as client:
                client.wait_for_workers(2, timeout=60)
                pieces = client.map(rnacli.load(run.path).make_predictor(["plant"]), [whole[:50], whole[50:]])
                by_frames = pd.concat(client.gather(pieces))
            batch = plan_batch(run, [str(tmp_path / "part-*.csv")], tmp_path / "out")
            outcomes = predict_batch(run, batch, engine=f"dask://{address}")
            ended = [next(outcomes)]
            os.kill(victim.pid, signal.SIGKILL)
            ended += outcomes
    assert [outcome.problems for outcome in ended] == [()] * 12
    assert sum(outcome.rows for outcome in ended) == 12 * 200 * 80
    for source in tmp_path.glob("part-*.csv"):
        predict_rows(run, source, tmp_path / "alone.csv")
        assert (tmp_path / "out" / source.name).read_bytes() == (tmp_path / "alone.csv").read_bytes()
    assert not list((tmp_path / "out").glob(".*.part.*"))
    predict_rows(run, data_of(run) / "flowers.csv", tmp_path / "alone.csv")
    pd.testing.assert_frame_equal(by_frames, pd.read_csv(tmp_path / "alone.csv"))


def test_what_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_workers, "PATIENCE", 1)
    run = run_of("flowers")
    batch = plan_batch(run, [str(data_of(run) / "flowers.csv")], tmp_path)
    nobody = predict_batch(run, batch, DEFAULT_OPTIONS, 1, "dask://127.0.0.1:1")
    assert "no Dask scheduler answers there" in problem_of(list, nobody).message
    monkeypatch.setitem(sys.modules, "distributed", None)
    missing = predict_batch(run, batch, DEFAULT_OPTIONS, 1, "dask://127.0.0.1:1")
    assert "pip install distributed" in problem_of(list, missing).hint


def test_a_worker_opens_a_run_once_and_tells_what_is_wrong(tmp_path: Path) -> None:
    run = run_of("flowers")
    dask_workers.opened.clear()
    batch = plan_batch(run, [str(data_of(run) / "flowers.csv")], tmp_path)
    job = batch.jobs[0]
    assert dask_workers.predict_there(str(run.path), DEFAULT_OPTIONS, "work", job).rows == 80
    (first,) = dask_workers.opened.values()
    assert dask_workers.predict_there("/nowhere", DEFAULT_OPTIONS, "work", job).rows == 80
    assert dask_workers.opened == {"work": first}
    (problem,) = dask_workers.predict_there("/nowhere", DEFAULT_OPTIONS, "other", job).problems
    assert problem.place == "/nowhere"
