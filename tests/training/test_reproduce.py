"""The same experiment gives the same numbers; a run is trained again from its folder, and told from another one."""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, copied, environment, experiment, problem_of, rna, run_of
from kill import differences
from kill_cases import DENSE, IMAGES, write_digits

from rnacli.runs.find import open_run
from rnacli.training.reproduce import Parted, Reproduction, compare_histories, reproduce_run
from rnacli.training.train import train_network

# The same twice


def trained(folder: Path, text: str, *before: str) -> Path:
    """A run, made by a process of its own; ``before``: what the command is run by."""
    folder.mkdir()
    (folder / "experiment.yaml").write_text(text)
    write_digits(folder / "digits")
    command = [*before, sys.executable, "-m", "rnacli", "train", "experiment.yaml", "-q"]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("text", [DENSE, IMAGES], ids=["dense", "images"])
def test_the_same_file_gives_the_same_bytes_pictures_and_all(tmp_path: Path, text: str) -> None:
    text = text.replace("epochs: 14", "epochs: 5").replace("epochs: 8", "epochs: 3")
    one = trained(tmp_path / "one", text)
    other = trained(tmp_path / "other", text)
    assert (one / "plots" / "loss.png").is_file()
    assert not differences(one, other)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores are not chosen here")
@pytest.mark.parametrize("augmented", [False, True])
def test_fewer_cores_give_the_same_bytes_where_threads_are_given(tmp_path: Path, augmented: bool) -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("one core")
    text = IMAGES.replace("engine: {fuse: true}", "engine: {fuse: true, threads: 2}").replace("epochs: 8", "epochs: 2")
    if not augmented:
        text = re.sub(r"  augment:\n(    - .*\n)+", "", text)
    assert ("augment" in text) == augmented
    one = trained(tmp_path / "one", text)
    other = trained(tmp_path / "other", text, "taskset", "-c", str(cores[0]))
    assert not differences(one, other)


# Again from the folder


def test_a_run_is_trained_again_to_the_last_bit(tmp_path: Path, plain: None) -> None:
    run = copied(run_of("flowers"), tmp_path)
    result = reproduce_run(run, tmp_path / "again", tmp_path / "cache")
    assert result.exact
    assert result.difference == 0
    assert result.parted is None
    assert not result.changed
    assert (result.run.path / "weights.npz").read_bytes() == (run.path / "weights.npz").read_bytes()
    assert result.run.path.parent == tmp_path / "again"


def test_it_is_trained_as_it_was_not_as_would_be_best_now(tmp_path: Path, plain: None) -> None:
    run = train_network(experiment(CIRCLES, tmp_path, engine={"fuse": False}), tmp_path / "runs", tmp_path / "cache")
    text = (run.path / "config.yaml").read_text().replace("fuse: false", "fuse: auto")
    run.write("config.yaml", text)
    run.save()
    result = reproduce_run(run, tmp_path / "again", tmp_path / "cache")
    assert result.run.record["engine"]["fuse"] is False
    assert result.exact


def test_another_result_is_told_from_the_same(tmp_path: Path, plain: None) -> None:
    run = copied(run_of("circles"), tmp_path)
    lines = (run.path / "history.csv").read_text().splitlines()
    column = lines[0].split(",").index("loss")
    cells = lines[2].split(",")
    before = float(cells[column])

    def changed_by(share: float) -> Reproduction:
        cells[column] = repr(before * (1 + share))
        run.write("history.csv", "\n".join([*lines[:2], ",".join(cells), *lines[3:]]) + "\n")
        run.save()
        return reproduce_run(open_run(run.path), tmp_path / "again", tmp_path / "cache")

    near = changed_by(1e-6)
    assert not near.exact
    assert near.parted is None
    assert near.difference == pytest.approx(1e-6, rel=0.01)
    far = changed_by(0.1)
    assert far.parted == Parted(2, "loss", pytest.approx(before * 1.1), pytest.approx(before))


def test_other_weights_alone_are_not_the_same(tmp_path: Path, plain: None) -> None:
    run = copied(run_of("circles"), tmp_path)
    content = bytearray((run.path / "weights.npz").read_bytes())
    run.record["files"]["weights.npz"] = "0" * 64
    with pytest.raises(Exception, match="damaged"):
        reproduce_run(run, tmp_path / "again", tmp_path / "cache")
    assert not (tmp_path / "again").exists()
    other = content.index(b"\x93NUMPY") + 128
    content[other] ^= 1
    run.write("weights.npz", bytes(content))
    result = reproduce_run(run, tmp_path / "again", tmp_path / "cache")
    assert (result.exact, result.difference, result.parted) == (False, 0, None)


def test_data_that_have_changed_are_refused(tmp_path: Path, plain: None) -> None:
    run = copied(run_of("flowers"), tmp_path)
    table = run.path.parents[1] / "flowers.csv"
    table.write_text(table.read_text().replace("p000", "q000"), "utf-8")
    problem = problem_of(reproduce_run, run, tmp_path / "again", tmp_path / "cache", exit_code=1)
    assert "changed" in problem.message
    assert "flowers.csv" in problem.place
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_a_run_that_was_not_finished_is_refused(tmp_path: Path, status: str) -> None:
    run = copied(run_of("circles"), tmp_path)
    run.save(status=status)
    problem = problem_of(reproduce_run, run, tmp_path / "again", tmp_path / "cache", exit_code=1)
    assert "--resume" in problem.hint


def test_two_histories_are_compared_epoch_by_epoch() -> None:
    before = {"epoch": [1, 2, 3], "loss": [0.5, 0.4, 0.3], "accuracy": [0.0, 0.8, math.nan], "seconds": [1, 1, 1]}
    assert compare_histories(before, before | {"seconds": [2, 2, 2]}, 1e-3) == (0, None)
    near = before | {"loss": [0.5, 0.4 * (1 + 1e-5), 0.3]}
    difference, parted = compare_histories(before, near, 1e-3)
    assert difference == pytest.approx(1e-5, rel=1e-3)
    assert parted is None
    assert compare_histories(before, near, 1e-6)[1] == Parted(2, "loss", 0.4, near["loss"][1])
    shorter = {name: values[:2] for name, values in before.items()}
    assert compare_histories(before, shorter, 1e-3)[0] == math.inf
    assert str(compare_histories(before, shorter, 1e-3)[1]) == str(Parted(3, "loss", 0.3, math.nan))
    assert compare_histories(before, {"epoch": [1, 2, 3], "loss": before["loss"]}, 1)[1] is not None
    assert compare_histories({}, {}, 1e-3) == (0, None)


@pytest.mark.slow
def test_the_command_says_what_came_of_it(tmp_path: Path) -> None:
    run = copied(run_of("circles"), tmp_path)
    done = rna("reproduce", run.path, "--runs", tmp_path / "again", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["exact"], found["difference"], found["parted"]) == (True, 0, None)
    assert Path(found["run"]).parent == tmp_path / "again"

    history = (run.path / "history.csv").read_text()
    first = history.splitlines()[1].split(",")[1]
    run.write("history.csv", history.replace(first, "9.5"))
    run.save()
    done = rna("reproduce", run.path, "--runs", tmp_path / "again")
    assert done.returncode == 1
    assert "not the same from epoch 1 on" in done.stdout
    assert "9.5" in done.stdout
    assert Path(done.stdout.splitlines()[-1]).parent == tmp_path / "again"
