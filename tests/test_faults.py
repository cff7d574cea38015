"""What the system refuses - a full disk, a folder that is gone, memory - and a loss that is no number."""

import csv
import errno
import itertools
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import (
    CIRCLES,
    FLOWERS,
    PRICES,
    environment,
    experiment,
    problem_of,
    unpainted,
    without_pictures,
    write_data,
)

from rnacli.engine.tensorflow import keras
from rnacli.errors import RnaError
from rnacli.examples.load import load_data
from rnacli.files import write_file, write_output
from rnacli.fitting.job import prepare_job
from rnacli.fitting.stopping import Diverged
from rnacli.results.evaluate import evaluate_run
from rnacli.runs import checkpoint
from rnacli.runs.checkpoint import MAGIC
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run, require_runs_folder
from rnacli.runs.open import CHECKPOINTS, list_checkpoints
from rnacli.training.resume import resume_run
from rnacli.training.train import begin_run, train_network

pytestmark = pytest.mark.skipif(os.name != "posix", reason="faults are made as on Unix")


class Disk:
    """Lets calls that change a folder fail: from the ``begin``-th to the one before ``end``.

    It hears of them as Python's audit events, whoever makes them: our own code, Keras or Matplotlib.
    """

    def __init__(self) -> None:
        self.folder = ""
        sys.addaudithook(self.hear)

    def watch(self, folder: Path, begin: int, end: int, code: int = errno.ENOSPC) -> None:
        self.folder, self.begin, self.end, self.code, self.calls = str(folder), begin, end, code, 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or event not in ("open", "os.rename", "os.mkdir"):
            return
        path = str(arguments[0])
        changes = event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if changes and path.startswith(self.folder) and not (event == "os.mkdir" and Path(path).exists()):
            self.count(path)

    def count(self, path: str | None) -> None:
        self.calls += 1
        if self.begin <= self.calls < self.end:
            raise OSError(self.code, os.strerror(self.code), path)


DISK = Disk()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk that can fail; ``fsync`` is none of Python's audit events."""
    sync = os.fsync

    def counted(number: int) -> None:
        if DISK.folder:
            DISK.count(None)
        sync(number)

    monkeypatch.setattr(os, "fsync", counted)
    yield DISK
    DISK.folder = ""


def is_whole(folder: Path) -> None:
    """Every file in a run folder is one that was written to its end, and nothing else is there."""
    for path in folder.rglob("*"):
        assert ".part." not in path.name
        if path.is_file():
            content = path.read_bytes()
            if path.suffix in (".npz", ".keras"):
                assert zipfile.ZipFile(path).testzip() is None
            elif path.suffix in (".json", ".yaml", ".csv", ".txt"):
                assert content.endswith(b"\n"), path
            elif path.parent.name == CHECKPOINTS:
                digest, _, body = content.removeprefix(MAGIC).partition(b"\n")
                assert digest.decode() == checkpoint.hashlib.sha256(body).hexdigest()
    if (folder / "run.json").exists():
        json.loads((folder / "run.json").read_text("utf-8"))


SMALL = {"layers": [{"dense": {"units": 1, "activation": "sigmoid"}}], "checkpoint": {"every": 1}}


@pytest.mark.parametrize(
    ("code", "lasting", "step"),
    [
        pytest.param(errno.ENOSPC, 10**9, 1, marks=pytest.mark.slow),
        (errno.EIO, 1, 5),
        pytest.param(errno.EIO, 1, 1, marks=pytest.mark.exhaustive),
    ],
    ids=["full from then on", "fails once", "fails once, anywhere"],
)
def test_whichever_call_fails_what_is_there_is_whole(
    tmp_path: Path, disk: Disk, code: int, lasting: int, step: int
) -> None:
    """One training for each call of the disk that it makes: until one needs fewer calls."""
    job = prepare_job(experiment(CIRCLES, tmp_path, **SMALL), tmp_path / "cache")
    (tmp_path / "runs").mkdir()
    for first in itertools.count(1, step):
        folder = tmp_path / "runs" / str(first)
        disk.watch(folder, first, first + lasting, code)
        error = None
        try:
            with without_pictures():
                begin_run(job, folder)
        except RnaError as caught:
            error = caught
        except OSError as caught:  # before the run is begun: the command says it so
            error = caught
            assert not list(folder.glob("*/run.json"))
        disk.folder = ""
        for run in folder.glob("*"):
            is_whole(run)
        if disk.calls < first:
            break
        if isinstance(error, RnaError) and list(folder.glob("*/run.json")):
            check_report(error, *folder.iterdir())
        elif error is not None:
            assert not list(folder.glob("*"))
    assert first > 40
    assert error is None


def check_report(error: RnaError, folder: Path) -> None:
    """One problem; its hint says how many epochs are saved, and they are."""
    (problem,) = error.problems
    known = list_checkpoints(folder / CHECKPOINTS)
    saved = int(known[-1].name.partition("-")[2]) if known else "none"
    assert problem.message in ("no space left on the device", "the device fails to read or write")
    assert f"{saved} of 3 epochs are saved; continue with rna train --resume {folder}" in problem.hint
    assert ".part." not in problem.place
    assert json.loads((folder / "run.json").read_text("utf-8"))["status"] in ("running", "failed")


def test_a_run_that_a_full_disk_stopped_goes_on(tmp_path: Path, disk: Disk) -> None:
    """From the checkpoint before, to the same weights."""
    made = experiment(CIRCLES, tmp_path, checkpoint={"every": 1})
    with without_pictures():
        whole = train_network(made, tmp_path / "whole", tmp_path / "cache")
        job = prepare_job(made, tmp_path / "cache")
        disk.watch(tmp_path / "runs", 36, 10**9)
        problem = problem_of(begin_run, job, tmp_path / "runs")
        disk.folder = ""
        assert re.match(r"free some space; [12] of 3 epochs", problem.hint)
        (folder,) = (tmp_path / "runs").iterdir()
        run = resume_run(open_run(folder), tmp_path / "cache")
    assert run.record["status"] == "finished"
    assert (run.path / "weights.npz").read_bytes() == (whole.path / "weights.npz").read_bytes()


# Through the command, where the system itself refuses


DRIVER = """
import contextlib, io, json, os, resource, shutil, sys
from pathlib import Path
from rnacli.commands import app
import rnacli.engine.tensorflow

def train(folder):
    talk = io.StringIO()
    with contextlib.redirect_stderr(talk), contextlib.redirect_stdout(io.StringIO()):
        try:
            app.main(["train", "c.yaml", "--runs", str(folder), "-q"])
        except SystemExit as end:
            return [end.code, talk.getvalue()]

def limited(size, folder):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        return train(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def filled(size, folder):
    folder.mkdir()
    free = shutil.disk_usage(folder).free
    with (folder.parent / "filler").open("wb") as file:
        file.write(bytes(max(0, free - size)))
    done = train(folder)
    (folder.parent / "filler").unlink()
    shutil.copytree(folder, Path("kept") / str(size))
    shutil.rmtree(folder)
    return done

way = {"limited": limited, "filled": filled}[sys.argv[1]]
print(json.dumps([way(int(size), Path(sys.argv[2]) / size) for size in sys.argv[3:]]), file=sys.__stdout__, flush=True)
os._exit(0)
"""
SIZES = [0, 300, 1000, 2000, 3000, 5000, 9000, 14_000, 20_000, 30_000, 60_000, 200_000, 600_000]


FEW = [*SIZES[1::4], SIZES[-1]]


def ways(
    folder: Path, way: str, before: list[str], place: str, sizes: Sequence[int] = SIZES
) -> dict[int, tuple[int, str]]:
    """Size -> exit code and talk of a training that has so much room."""
    (folder / "c.yaml").write_text(CIRCLES.replace("epochs: 3", "epochs: 3\ncheckpoint: {every: 1}"))
    command = [*before, sys.executable, "-c", DRIVER, way, place, *map(str, sizes)]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return dict(zip(sizes, json.loads(done.stdout), strict=True))


def check_talk(code: int, talk: str) -> None:
    """One mistake and its hint; or a training that did without its pictures."""
    if code:
        said, hint = [line for line in talk.splitlines() if not line.startswith("warning: ")]
        assert code == 1
        assert "no space left on the device" in said or "the file is larger than is allowed here" in said
        assert hint.startswith("  hint: ")
    assert "Traceback" not in talk


@pytest.mark.slow
def test_files_that_may_not_be_so_large(tmp_path: Path) -> None:
    done = ways(tmp_path, "limited", [], "runs")
    for size, (code, talk) in done.items():
        check_talk(code, talk)
        for run in (tmp_path / "runs" / str(size)).glob("*"):
            is_whole(run)
    assert [code for code, _ in done.values()] == sorted((code for code, _ in done.values()), reverse=True)
    assert {code for code, _ in done.values()} == {0, 1}


@pytest.mark.parametrize("sizes", [FEW, pytest.param(SIZES, marks=pytest.mark.slow)], ids=["few", "all"])
def test_a_disk_that_is_full(tmp_path: Path, sizes: list[int]) -> None:
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m none disk && exec "$@"', "sh"]
    (tmp_path / "disk").mkdir()
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], cwd=tmp_path, check=False).returncode:
        pytest.skip("this system does not let us mount a small disk")
    done = ways(tmp_path, "filled", mount, "disk", sizes)
    for size, (code, talk) in done.items():
        check_talk(code, talk)
        for run in (tmp_path / "kept" / str(size)).glob("*"):
            is_whole(run)
    assert {code for code, _ in done.values()} == {0, 1}


# A table or a picture is not worth a training


class Act(keras.callbacks.Callback):  # type: ignore[misc]
    """Does something at the end of an epoch, counted from 0."""

    def __init__(self, epoch: int, act: Callable[[], object]):
        super().__init__()
        self.epoch, self.act = epoch, act

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            self.act()


def test_training_goes_on_without_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write, failed = Run.write, []

    def refuse(run: Run, name: str, content: bytes | str) -> None:
        if name == "history.csv" and len(failed) < 2:
            failed.append(name)
            raise OSError(errno.ENOSPC, "No space left on device", str(run.path / name))
        write(run, name, content)

    monkeypatch.setattr(Run, "write", refuse)
    wait = Act(0, lambda: time.sleep(1.1))  # the table is written once a second
    with without_pictures(), caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(experiment(CIRCLES, tmp_path), tmp_path / "runs", tmp_path / "cache", [wait])
    assert len(failed) == 2
    assert sum("history.csv: no space left" in record.getMessage() for record in caplog.records) == 1
    assert run.record["status"] == "finished"
    run.check("history.csv")
    assert len((run.path / "history.csv").read_text().splitlines()) == 4


def test_a_run_is_finished_without_its_pictures(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def block() -> None:
        (folder,) = (tmp_path / "runs").iterdir()
        (folder / "plots").write_text("")

    with unpainted(), caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(experiment(CIRCLES, tmp_path), tmp_path / "runs", tmp_path / "cache", [Act(1, block)])
    assert run.record["status"] == "finished"
    assert any(f"rna plot {run.path}" in record.getMessage() for record in caplog.records)


# Folders


def test_a_run_folder_that_is_removed_meanwhile(tmp_path: Path) -> None:
    def remove() -> None:
        shutil.rmtree(tmp_path / "runs")

    made = experiment(CIRCLES, tmp_path, checkpoint={"every": 1})
    problem = problem_of(train_network, made, tmp_path / "runs", tmp_path / "cache", [Act(1, remove)])
    assert problem.message == "the run's folder was removed meanwhile"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("folder", ["a file", "a file/runs"])
def test_a_folder_that_cannot_hold_runs_is_refused_before_tensorflow_starts(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a file").write_text("")
    (tmp_path / "c.yaml").write_text(CIRCLES)
    program = (
        "import sys; from rnacli.commands import app\n"
        f"try: app.main(['train', 'c.yaml', '--runs', {folder!r}])\n"
        "finally: assert 'tensorflow' not in sys.modules, 'started'"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"{folder}: this is a file, and runs go into a folder\n  hint: name a folder: --runs runs\n"


def test_a_folder_that_is_read_only_is_refused_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").mkdir(mode=0o555)
    if os.access(tmp_path / "runs", os.W_OK):  # as root
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / "runs")
    problem = problem_of(require_runs_folder, tmp_path / "runs" / "mine")
    assert problem.message == "a run folder cannot be made here: permission denied"
    assert "--runs names another folder" in problem.hint
    require_runs_folder(tmp_path / "new" / "runs")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_written_to_and_no_file_takes_its_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_output(tmp_path / "pipe", b"said")
    assert os.read(reader, 9) == b"said"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    if Path("/dev/full").is_char_device():
        with pytest.raises(OSError, match="No space left"):
            write_output(Path("/dev/full"), b"lost")
        assert Path("/dev/full").is_char_device()


def test_an_error_names_the_file_and_not_what_is_written_beside_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        write_file(tmp_path / "gone" / "a.txt", b"")
    assert caught.value.filename == str(tmp_path / "gone" / "a.txt")


# A loss that is no number


WILD = {"optimizer": {"sgd": {"learning_rate": 1e30}}}


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("callbacks", [[], ["terminate_on_nan"]])
def test_a_training_that_diverges_ends_at_once(tmp_path: Path, fuse: bool, callbacks: list[str]) -> None:
    write_data(tmp_path)
    made = experiment(PRICES, tmp_path, engine={"fuse": fuse}, callbacks=callbacks, epochs=10**6, **WILD)
    with pytest.raises(Diverged) as caught:
        train_network(made, tmp_path / "runs", tmp_path / "cache")
    error = caught.value
    assert (error.epoch, error.step, error.exit_code) == (1, 2, 1)
    assert re.match(r"training has diverged: the loss is (nan|inf) at step 2 of epoch 1$", str(error))
    hints = "columns: {price: {scale: standard}}; a smaller learning_rate, such as 1e+29; clipnorm: 1 in the optimizer"
    assert hints in error.problems[0].hint
    assert "dataset: {scale" not in error.problems[0].hint  # which is so
    (folder,) = (tmp_path / "runs").iterdir()
    run = open_run(folder)
    assert (run.record["status"], run.record["error"]) == ("failed", str(error))
    assert list_checkpoints(folder / CHECKPOINTS) == []
    assert len((folder / "history.csv").read_text().splitlines()) == 1
    is_whole(folder)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"columns": {"price": {"scale": "standard"}}}, "a smaller learning_rate, such as 1e+29; clipnorm: 1"),
        ({"scale": "none", "columns": {"price": {"scale": "standard"}}}, "inputs scaled to about 1: dataset: {scale"),
    ],
)
def test_what_is_already_so_is_no_hint(tmp_path: Path, changes: dict[str, Any], hint: str) -> None:
    write_data(tmp_path)
    data = {"csv": "prices.csv", "target": "price", "split": {"test": 15}, **changes}
    made = experiment(PRICES, tmp_path, epochs=10, dataset=data, **WILD)
    with pytest.raises(Diverged) as caught:
        train_network(made, tmp_path / "runs", tmp_path / "cache")
    assert caught.value.problems[0].hint.startswith(hint)
    clipped = {"sgd": {"learning_rate": 1e38, "clipvalue": 1e30}}
    made = experiment(PRICES, tmp_path, epochs=10, dataset=data, optimizer=clipped)
    with pytest.raises(Diverged) as caught:
        train_network(made, tmp_path / "runs", tmp_path / "cache")
    assert "clipnorm" not in caught.value.problems[0].hint


class Explode(keras.callbacks.Callback):  # type: ignore[misc]
    """Makes the learning rate huge at the beginning of an epoch, counted from 0."""

    def __init__(self, epoch: int):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            self.model.optimizer.learning_rate.assign(1e38)


@pytest.fixture
def exploded(tmp_path: Path) -> tuple[Diverged, Run]:
    """A training of ten epochs that diverged in the fourth."""
    write_data(tmp_path)
    made = experiment(PRICES, tmp_path, epochs=10, optimizer={"sgd": {"learning_rate": 1e-6}}, checkpoint={"every": 1})
    with pytest.raises(Diverged) as caught:
        train_network(made, tmp_path / "runs", tmp_path / "cache", [Explode(3)])
    (folder,) = (tmp_path / "runs").iterdir()
    return caught.value, open_run(folder)


def test_the_epochs_before_are_kept_and_can_be_used(exploded: tuple[Diverged, Run], tmp_path: Path) -> None:
    error, run = exploded
    assert error.epoch == 4
    assert f"3 epochs are saved: rna train --resume {run.path} --set epochs=3" in error.problems[0].hint
    with (run.path / "history.csv").open(newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 3
    assert np.isfinite(losses).all()
    measures = evaluate_run(run, tmp_path / "cache").measures
    assert np.isfinite(measures["loss"])
    with without_pictures():
        again = resume_run(open_run(run.path), tmp_path / "cache", epochs=3)
    assert again.record["status"] == "finished"
    assert again.record["results"]["test"]["loss"] == pytest.approx(measures["loss"])


@pytest.mark.parametrize("epochs", [1, 3])
def test_weights_that_the_last_step_made_no_numbers_are_not_kept(tmp_path: Path, epochs: int) -> None:
    """The loss of a step is that of the weights before it."""
    write_data(tmp_path)
    wild = {"optimizer": {"sgd": {"learning_rate": 1e38}}, "batch_size": "full", "checkpoint": {"every": 1}}
    made = experiment(PRICES, tmp_path, epochs=epochs, **wild)
    with pytest.raises(Diverged):
        train_network(made, tmp_path / "runs", tmp_path / "cache")
    (folder,) = (tmp_path / "runs").iterdir()
    assert list_checkpoints(folder / CHECKPOINTS) == []
    assert open_run(folder).record["status"] == "failed"


def test_a_validation_loss_that_is_no_number_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{i / 30},{i / 30}" for i in range(30)]
    (tmp_path / "a.csv").write_text("\n".join(["x,y", *rows, "1e30,1"]) + "\n")
    made = experiment(
        PRICES, tmp_path, dataset={"csv": "a.csv", "target": "y", "split": {"test": {"last": 1}}},
        layers=[{"dense": 1}], validation_data="test", optimizer="sgd",
    )  # fmt: skip
    with without_pictures(), caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(made, tmp_path / "runs", tmp_path / "cache")
    assert run.record["status"] == "finished"
    assert any("validation loss is" in record.getMessage() for record in caplog.records)


def test_gradients_that_half_precision_cannot_hold_are_skipped(tmp_path: Path) -> None:
    """Loss scaling begins with a scale that overflows, and halves it: no loss is infinite for that."""
    made = experiment(CIRCLES, tmp_path, precision="mixed_float16", engine={"jit": False})
    with without_pictures():
        run = train_network(made, tmp_path / "runs", tmp_path / "cache")
    assert run.record["status"] == "finished"


@pytest.mark.parametrize("part", ["x", "y"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_arrays_with_what_is_no_number_are_refused(tmp_path: Path, part: str, value: float) -> None:
    arrays = {"x": np.ones((8, 2)), "y": np.arange(8.0)}
    arrays[part][3] = value
    np.savez(tmp_path / "a.npz", **arrays)
    data = {"npz": "a.npz", "split": {"test": 0.25}}
    made = experiment(PRICES, tmp_path, dataset=data, layers=[{"dense": 1}], epochs=1)
    problem_of(load_data, made, tmp_path / "cache")


# Memory


@pytest.mark.slow
def test_a_step_that_memory_does_not_hold_names_a_batch_size(tmp_path: Path) -> None:
    """In a process that may have little more than it has."""
    program = (
        "import resource; from pathlib import Path; from fixtures import CIRCLES, experiment\n"
        "from rnacli.errors import RnaError; from rnacli.fitting import job; from rnacli.training import train\n"
        "data = {'sklearn': 'make_circles', 'n_samples': 20000, 'split': {'test': 0.1}}\n"
        "layers = [{'dense': 20000}, {'dense': {'units': 1, 'activation': 'sigmoid'}}]\n"
        "made = experiment(CIRCLES, Path(), dataset=data, layers=layers, batch_size=16000, engine={'jit': False})\n"
        "prepared = job.prepare_job(made, Path('cache'))\n"
        "size = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize() + (1 << 30)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        "try: train.begin_run(prepared, Path('runs'))\n"
        "except RnaError as error: print(error.problems[0].hint); raise\n"
    )
    paths = os.pathsep.join([environment()["PYTHONPATH"], str(Path(__file__).parent)])
    # oneDNN does not look whether it was given its memory, and crashes.
    more = environment(PYTHONPATH=paths, TF_ENABLE_ONEDNN_OPTS="0")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=more, capture_output=True, text=True, check=False
    )
    assert "RnaError: the memory is not enough for a step" in done.stderr
    assert done.stdout == "batch_size: 8000\n"
    (folder,) = (tmp_path / "runs").iterdir()
    assert open_run(folder).record["status"] == "failed"
    is_whole(folder)


@pytest.mark.parametrize(
    "error",
    [MemoryError("Unable to allocate 8 EiB"), type("ResourceExhaustedError", (Exception,), {})()],
    ids=["NumPy's", "TensorFlow's"],
)
def test_memory_that_is_not_enough_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    from rnacli.commands.app import main

    def refuse(*arguments: object) -> None:
        raise error

    monkeypatch.setattr("rnacli.experiment.load.load_document", refuse)
    with pytest.raises(SystemExit) as end:
        main(["check", "c.yaml"])
    assert end.value.code == 1
    said, hint = capsys.readouterr().err.splitlines()
    assert said == "error: the memory is not enough"
    assert "stream: true" in hint


# At once


def test_trainings_that_start_in_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    """Four processes make eight each, as fast as they can."""
    (tmp_path / "c.yaml").write_text(CIRCLES)
    program = (
        "import sys; from pathlib import Path; from rnacli.experiment import load; from rnacli.runs import folder\n"
        "made = load.load_config(Path('c.yaml')); sys.stdin.read(1)\n"
        "for _ in range(8):\n"
        "    run = folder.create_run(Path('runs'), made, '2-1')\n"
        "    run.write('a.txt', f'{run.path}\\n'); run.save(status='finished')\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, env=environment(), stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        process.communicate(b"x", timeout=120)
        assert process.returncode == 0
    made = [open_run(path) for path in (tmp_path / "runs").iterdir()]
    assert len(made) == 32
    for run in made:
        assert run.read("a.txt").decode() == f"runs/{run.name}\n"
        is_whole(run.path)


def test_a_clock_that_jumps_back_makes_no_time_negative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * time.perf_counter())
    with without_pictures():
        run = train_network(experiment(CIRCLES, tmp_path), tmp_path / "runs", tmp_path / "cache")
    assert run.record["seconds"]["training"] > 0
    with (run.path / "history.csv").open(newline="") as file:
        assert all(float(row["seconds"]) >= 0 for row in csv.DictReader(file))


# A reader that has had enough


@pytest.mark.parametrize("command", [["schema", "--markdown"], ["init"], ["runs", "--runs", "."], ["--help"]])
def test_a_closed_pipe_is_no_error_to_shout_about(tmp_path: Path, command: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rnacli", *command], cwd=tmp_path, env=environment(), stdout=write,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(write)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.slow
def test_training_goes_on_where_nobody_reads_its_talk(tmp_path: Path) -> None:
    """As with ``2>&1 | tee log``, when Ctrl-C ends tee too."""
    write_data(tmp_path)
    (tmp_path / "c.yaml").write_text(FLOWERS)
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rnacli", "train", "c.yaml"], cwd=tmp_path, env=environment(), stderr=write,
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(write)
    (folder,) = (tmp_path / "runs").iterdir()
    assert done.stdout == f"runs/{folder.name}\n"
    assert open_run(folder).record["status"] == "finished"
