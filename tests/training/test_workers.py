"""Several processes train one network as one would; where one is killed, all stop, and go on together."""

import contextlib
import csv
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, environment, experiment, problem_of, rna

from rnacli.errors import CONFIG, DATA
from rnacli.runs.find import find_run
from rnacli.runs.folder import Run
from rnacli.training.workers import read_workers, require_shareable

NETWORK = """\
name: shared
dataset: {sklearn: make_moons, n_samples: 330, noise: 0.1, random_state: 0, split: {test: 30, validation: 33}}
layers:
  - dense: {units: 16, activation: relu, kernel_regularizer: {l2: 0.001}}
  - batch_normalization: {momentum: 0.5}
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.01}}
metrics: [accuracy, auc]
callbacks: [{reduce_lr_on_plateau: {monitor: loss, patience: 2, min_delta: 0.01}}]
batch_size: 16
epochs: 5
"""


def free_addresses(count: int) -> str:
    """Addresses of this machine that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ",".join(f"127.0.0.1:{port}" for port in ports)


@contextlib.contextmanager
def started_workers(folder: Path, *arguments: str, count: int = 2) -> "Iterator[list[subprocess.Popen[str]]]":
    """``rna train`` as so many workers on this machine; none outlives the block."""
    addresses, pipe = free_addresses(count), subprocess.PIPE
    command = [sys.executable, "-m", "rnacli", "train", *arguments, "--workers", addresses, "--worker"]
    env = environment()
    with contextlib.ExitStack() as stack:
        processes = [
            subprocess.Popen([*command, str(i)], cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True)
            for i in range(count)
        ]
        for process in processes:
            stack.enter_context(process)
            stack.callback(process.kill)
        yield processes


def train(folder: Path, *arguments: str) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of each of two workers."""
    with started_workers(folder, *arguments) as processes:
        return end_of(processes)


def end_of(processes: "list[subprocess.Popen[str]]") -> list[tuple[int, str, str]]:
    """Exit code, output and errors of each."""
    ends = []
    for process in processes:
        out, err = process.communicate(timeout=240)
        ends.append((process.returncode, out, err))
    return ends


def history_of(run: Run) -> dict[str, np.ndarray]:
    rows = list(csv.DictReader((run.path / "history.csv").read_text().splitlines()))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "seconds"}


def weights_of(run: Run) -> dict[str, np.ndarray]:
    with np.load(run.path / "weights.npz") as arrays:
        return dict(arrays)


@pytest.mark.slow
def test_two_workers_train_as_one_does(tmp_path: Path) -> None:
    """Also where the last batch has fewer rows than there are workers: 267 rows in batches of 16 leave 11."""
    (tmp_path / "plain.yaml").write_text(re.sub("  - batch_norm.*\n", "", NETWORK))
    first, second = train(tmp_path, "plain.yaml", "--runs", "two")
    assert (first[0], second[0]) == (0, 0), first[2] + second[2]
    assert second[1] == ""
    assert rna("train", "plain.yaml", "--runs", "one", cwd=tmp_path).returncode == 0
    two, one = find_run("latest", tmp_path / "two"), find_run("latest", tmp_path / "one")
    assert first[1].strip() == f"two/{two.name}"
    assert [path.name for path in (tmp_path / "two").iterdir()] == [two.name]
    assert two.record["workers"] == 2
    assert sorted(history_of(two)) == sorted(history_of(one))
    for name, values in history_of(one).items():
        np.testing.assert_allclose(history_of(two)[name], values, atol=1e-6, rtol=0, err_msg=name)
    for name, value in weights_of(one).items():
        np.testing.assert_allclose(weights_of(two)[name], value, atol=1e-5)


@pytest.mark.slow
def test_a_worker_that_is_killed_stops_all_and_all_go_on_as_if_it_had_not(tmp_path: Path) -> None:
    longer = NETWORK.replace("epochs: 5", "epochs: 60").replace("batch_size: 16", "batch_size: 64")
    (tmp_path / "net.yaml").write_text(longer + "checkpoint: {every: 5}\n")
    with started_workers(tmp_path, "net.yaml", "--runs", "killed") as processes:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and not list((tmp_path / "killed").glob("*/checkpoint/epoch-*")):
            time.sleep(0.05)
        processes[1].send_signal(signal.SIGKILL)
        (code, _, said), (killed, _, _) = end_of(processes)
    assert killed == -signal.SIGKILL
    assert code == DATA
    assert "another worker has ended" in said
    assert "Traceback" not in said
    assert "continue with rna train --resume" in said
    run = find_run("latest", tmp_path / "killed")
    assert run.record["status"] == "failed"
    alone = rna("train", "--resume", run.path, cwd=tmp_path)
    assert alone.returncode == CONFIG
    assert "begun by 2 workers" in alone.stderr
    for arguments in (["--resume", str(run.path)], ["net.yaml", "--runs", "whole"]):
        for code, _, said in train(tmp_path, *arguments):
            assert code == 0, said
    run, never = find_run("latest", tmp_path / "killed"), find_run("latest", tmp_path / "whole")
    assert 0 < run.record["resumed"][0] < 60
    for name, value in weights_of(never).items():
        np.testing.assert_array_equal(weights_of(run)[name], value)
    for name, values in history_of(never).items():
        np.testing.assert_array_equal(history_of(run)[name], values)


@pytest.mark.parametrize(
    ("addresses", "number", "word"),
    [
        ("a:1,b", 0, "'b'"),
        ("a:1", 0, "two workers or more"),
        ("a:1,a:1", 0, "two workers or more"),
        ("a:1,b:2", 2, "from 0 to 1"),
        ("a:1,b:2", None, "from 0 to 1"),
        ("", 1, "host:port"),
    ],
)
def test_what_is_no_list_of_workers_is_refused(addresses: str, number: Any, word: str) -> None:
    assert word in problem_of(read_workers, addresses, number, exit_code=CONFIG).message


def test_what_cannot_be_shared_is_refused() -> None:
    small = experiment(CIRCLES, batch_size=2)
    require_shareable(small, 2)
    assert "fewer rows" in problem_of(require_shareable, small, 3, exit_code=CONFIG).message
