"""``rna tune --storage`` as users have it: two processes, a real PostgreSQL, and one of them killed."""

import csv
import gc
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import environment, problem_of

from rnacli.experiment.load import load_config, read_trial
from rnacli.tuning.one_by_one import train_alone
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.together.leases import Leases
from rnacli.tuning.together.storage import open_storage

SECRET = "s3cret@/w"
QUOTED = "s3cret%40%2Fw"
CONFIG = """\
name: workers
dataset: {sklearn: make_moons, n_samples: 300, noise: 0.2, split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 8, activation: relu}
  - dropout: 0.2
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.01}}
metrics: [accuracy]
epochs: 40
batch_size: 4
callbacks: [{reduce_lr_on_plateau: {monitor: val_loss, patience: 2, factor: 0.5, cooldown: 1}}]
checkpoint: {every: 1}
tune:
  trials: 2
  search: random
  prune: false
  over:
    layers.0.dense.units: [4, 32]
    optimizer.*.learning_rate: {log: [1e-3, 0.1]}
"""


def find_program(name: str) -> str:
    """A program of PostgreSQL's, or nothing; Debian has them apart."""
    apart = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(apart[-1]) if apart else "")


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[..., str]]:
    """A PostgreSQL of its own in a folder of its own; gives the URL of a user and a database there."""
    pytest.importorskip("psycopg")
    pytest.importorskip("optuna")
    initdb, postgres = find_program("initdb"), find_program("postgres")
    if not initdb or not postgres:
        pytest.skip("PostgreSQL is not on this machine: apt install postgresql")
    own: dict[str, Any] = {}
    if os.geteuid() == 0:  # which PostgreSQL refuses
        names = {each.pw_name for each in pwd.getpwall()}
        own["user"] = next(name for name in ("postgres", "nobody") if name in names)
    folder = Path(tempfile.mkdtemp(prefix="rna-pg-", dir="/tmp"))  # a short one, for its socket's name
    try:
        (folder / "password").write_text(SECRET)
        if own:
            for path in (folder, folder / "password"):
                shutil.chown(path, own["user"])
        made = [initdb, "-D", f"{folder}/data", "-U", "rna", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync",
                f"--pwfile={folder}/password"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **own)
        started = [postgres, "-D", f"{folder}/data", "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        with subprocess.Popen(started, cwd=folder, stderr=subprocess.DEVNULL, **own) as process:
            try:
                yield make_url(folder)
            finally:
                process.send_signal(signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_url(folder: Path) -> Callable[..., str]:
    import psycopg

    def url(user: str = "rna", password: str = QUOTED, database: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}:{password}@/{database}?host={folder}"

    for _ in range(300):
        try:
            with psycopg.connect(url().replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("create database trials")
                connection.execute("create user guest password 's3cret@/w'")
            return url
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("PostgreSQL does not start")


def tune(folder: Path, url: str, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "rnacli", "tune", "c.yaml", "--storage", url, *more]
    env = environment(RNA_HEARTBEAT="1")
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True)


def one_under_way(leases: Leases, folder: Path) -> tuple[str, int, Path]:
    """A trial of which a worker has a checkpoint: its name, the worker's process, the folder of its checkpoints."""
    for _ in range(4800):
        for path in folder.glob("runs/*/checkpoints/trial_*/0"):
            name = f"trial {int(path.parent.name.removeprefix('trial_')) - 1}"
            piece = leases.read()[name]
            if (path / "epoch-000003").is_file() and not piece.is_done:
                return name, int(piece.counting.user_attrs["worker"].rpartition(":")[2]), path
        time.sleep(0.02)
    raise TimeoutError("no trial has come to its third epoch")


@pytest.mark.slow
def test_a_worker_is_killed_and_another_resumes_its_trial(tmp_path: Path, server: Callable[..., str]) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    url = server(database="trials")
    storage = open_storage(url)
    leases = Leases(storage, "workers")
    with tune(tmp_path, url) as one, tune(tmp_path, url) as other:
        name, number, _ = one_under_way(leases, tmp_path)
        os.kill(number, signal.SIGKILL)
        killed, left = (one, other) if number == one.pid else (other, one)
        out, err = left.communicate(timeout=240)
    assert (killed.returncode, left.returncode) == (-signal.SIGKILL, 0), err
    (folder,) = (tmp_path / "runs").iterdir()
    assert out == f"runs/{folder.name}\n"
    assert "continuing after epoch" in err

    # All have ended, each once; the one of the killed worker is what a training that is never stopped gives.
    with (folder / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["trial"], row["state"]) for row in rows] == [("1", "complete"), ("2", "complete")]
    own, place = load_config(folder / "config.yaml"), int(name.split()[1])
    values = {key: float(rows[place][key]) for key in ("layers.0.dense.units", "optimizer.*.learning_rate")}
    values["layers.0.dense.units"] = int(values["layers.0.dense.units"])
    whole = train_alone(read_trial(own, values), SharedData(own, tmp_path, True), tmp_path, True, lambda rows: True)
    with np.load(folder / "histories.npz") as arrays:
        assert arrays["trial"].tolist() == [1, 2]
        for measure in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert arrays[measure][place].tolist() == [row[measure] for row in whole.rows]
    assert (folder / "best" / "weights.npz").is_file()
    assert sorted(path.name for path in folder.iterdir()) == [
        "best", "best.yaml", "config.yaml", "histories.npz", "plots", "search.json", "trials.csv",
    ]  # fmt: skip
    pieces = leases.read()
    assert set(pieces) == {"begin", "end", "trial 0", "trial 1"}
    assert pieces[name].attempts[0].state.name == "FAIL"
    for each in pieces.values():  # one attempt counts, and none waits to no end
        assert [attempt.state.name for attempt in each.attempts if attempt.state.name != "FAIL"] in (
            ["COMPLETE"], ["PRUNED"],
        )  # fmt: skip
    storage.close()
    for content in (out.encode(), err.encode(), *(path.read_bytes() for path in tmp_path.rglob("*.*"))):
        assert b"s3cret" not in content  # the password


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a refused connection is left open
def test_what_a_database_refuses_is_said_with_a_hint(server: Callable[..., str]) -> None:
    for url, hint in (
        (server(password="s3cret"), "PGPASSWORD"),
        (server(database="nothing"), "createdb nothing"),
        (server(user="guest"), "GRANT CREATE ON SCHEMA public TO guest"),
    ):
        problem = problem_of(open_storage, url, exit_code=1)
        gc.collect()
        assert hint in problem.hint
        assert "s3cret" not in f"{problem.message} {problem.place} {problem.hint}"
