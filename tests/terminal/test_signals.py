"""Signals at any moment: an answer at once, no traceback, whole files, and a run that can go on."""

import concurrent.futures
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, EXHAUSTIVE, FLOWERS, copied, environment, run_of, write_data

from rnacli.fitting.stopping import interruptible
from rnacli.runs.find import open_run
from rnacli.runs.open import CHECKPOINTS, list_checkpoints
from rnacli.signals import SIGNALS, answered_by, answers, ask_around

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what is answered")

LIMIT = 60
"""Seconds for an answer, which takes a second: a guard against a hang, not a measurement."""


class Ended:
    """A process that was sent signals: how it ended, and how many seconds after the last one."""

    def __init__(self, *command: object, cwd: Path, when: Callable[[Any], None], numbers: list[int], pause: float = 0):
        with subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=cwd,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            when(process)
            for i, number in enumerate(numbers):
                time.sleep(pause if i else 0)
                process.send_signal(number)
            sent = time.monotonic()
            self.stdout, self.stderr = process.communicate(timeout=120)
            self.seconds = time.monotonic() - sent
            self.code = process.returncode


def said(word: str) -> Callable[[Any], None]:
    """Wait until the process says a word."""

    def wait(process: Any) -> None:
        for line in process.stderr:
            if word in line:
                return

    return wait


def after(seconds: float) -> Callable[[Any], None]:
    """Wait that long from when signals are answered: in the milliseconds before, Python itself does."""

    def wait(process: Any) -> None:
        while process.poll() is None and not is_answered(process.pid, signal.SIGTERM):
            time.sleep(0.005)
        time.sleep(seconds)

    return wait


def is_answered(process: int, number: int) -> bool:
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def is_whole(folder: Path) -> None:
    """Nothing half written has stayed, and every record can be read."""
    assert not [path for path in folder.rglob("*") if ".part." in path.name]
    for record in folder.glob("runs/*/run.json"):
        assert json.loads(record.read_text("utf-8"))["status"] in ("interrupted", "finished")


# The command


PROGRAM = """
import signal, sys, time
from pathlib import Path
from rnacli.files import written_beside
from rnacli.signals import answered_by
from rnacli.terminal.startup import run_command

count = 0

def answer(number):
    {answer}

def main():
    global count
    with written_beside(Path("out.txt")) as part, answered_by(answer):
        part.write_text("half")
        print("here", file=sys.stderr, flush=True)
        {body}
    sys.exit(0)

{before}
run_command(main)
"""


def ended(
    folder: Path,
    numbers: list[int],
    body: str = "time.sleep(100)",
    answer: str = "return ''",
    before: str = "",
    pause: float = 0,
) -> Ended:
    """A program of ours that was sent signals while it ran ``body``, and answers them as it says."""
    body, answer = (text.replace("\n", "\n" + " " * indent) for text, indent in ((body, 8), (answer, 4)))
    program = PROGRAM.format(body=body, answer=answer, before=before)
    return Ended("-c", program, cwd=folder, when=said("here"), numbers=numbers, pause=pause)


BODIES = {
    "asleep": "time.sleep(100)",
    "in C, for minutes": "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 1 << 30)",
    "an exception would be lost": """
while True:
    try:
        time.sleep(0.1)
    except BaseException:
        pass""",
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_command_with_its_code_and_nothing_half_written(
    tmp_path: Path, number: int, body: str
) -> None:
    done = ended(tmp_path, [number], BODIES[body])
    assert (done.code, done.stdout, done.stderr) == (128 + number, "", "interrupted\n")
    assert list(tmp_path.iterdir()) == []
    assert done.seconds < LIMIT


def test_an_answer_without_a_hint_asks_the_one_around_it() -> None:
    def inner(number: int) -> str:
        return ask_around(inner, number)

    with answered_by(inner):
        assert inner(2) == ""
    with answered_by(lambda number: f"hint {number}"), answered_by(inner):
        assert inner(2) == "hint 2"


def test_what_is_saved_is_said(tmp_path: Path) -> None:
    done = ended(tmp_path, [signal.SIGINT], answer="return 'all of it'")
    assert (done.code, done.stderr) == (130, "interrupted: all of it\n")


def test_an_answer_that_fails_ends_the_command_too(tmp_path: Path) -> None:
    done = ended(tmp_path, [signal.SIGINT], answer="raise ValueError")
    assert (done.code, done.stderr) == (130, "interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_nothing_else_goes_on_while_a_signal_is_answered(tmp_path: Path) -> None:
    answer = "before = count\ntime.sleep(0.5)\nreturn f'{before > 0}, {count - before}'"
    done = ended(tmp_path, [signal.SIGINT], "while True: count += 1; time.sleep(0.001)", answer, pause=0.5)
    assert (done.code, done.stderr) == (130, "interrupted: True, 0\n")


def test_work_goes_on_if_the_answer_is_so(tmp_path: Path) -> None:
    body = "while not count: time.sleep(0.01)\nprint('done')"
    done = ended(tmp_path, [signal.SIGTERM], body, "global count; count += 1; return None")
    assert (done.code, done.stdout, done.stderr) == (0, "done\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_a_second_signal_ends_what_cannot_be_interrupted(tmp_path: Path) -> None:
    """Such as a disk that does not answer."""
    done = ended(tmp_path, [signal.SIGINT, signal.SIGTERM], answer="time.sleep(100)", pause=0.5)
    assert (done.code, done.stderr) == (143, "")
    assert done.seconds < LIMIT


def test_a_signal_that_comes_twice_at_once_is_one(tmp_path: Path) -> None:
    answer = "time.sleep(0.5); return 'one'"
    done = ended(tmp_path, [signal.SIGTERM] * 2, answer=answer, pause=0.01)
    assert (done.code, done.stderr) == (143, "interrupted: one\n")


def test_what_is_ignored_stays_so(tmp_path: Path) -> None:
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    done = ended(tmp_path, [signal.SIGHUP], "time.sleep(1); print('done')", before=before)
    assert (done.code, done.stdout) == (0, "done\n")


def test_before_the_command_is_imported_there_is_no_traceback(tmp_path: Path) -> None:
    """The slow imports are those of the command line and of TensorFlow."""

    def asleep(seconds: float) -> Callable[[Any], None]:
        return lambda process: time.sleep(seconds)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        ends = list(
            pool.map(
                lambda delay: Ended(
                    "-m", "rnacli", "check", "none.yaml", cwd=tmp_path, when=asleep(delay), numbers=[signal.SIGINT]
                ),
                (0.1, 0.15, 0.2),
            )
        )
    # Before its own first line, Python itself answers.
    assert {end.code for end in ends} <= {130, -signal.SIGINT, 1, 2}
    assert not [end.stderr for end in ends if "rnacli/commands/app.py" in end.stderr]


# In training


class Network:
    stop_training = False


def test_training_is_asked_to_stop_and_the_second_signal_is_answered_around_it() -> None:
    network = Network()
    with answered_by(lambda number: f"signal {number}"):
        with interruptible(network) as stopped:
            assert answers[-1](signal.SIGTERM) is None
            assert (network.stop_training, stopped) == (True, [signal.SIGTERM])
            assert answers[-1](signal.SIGINT) == f"signal {signal.SIGINT}"
        assert len(answers) == 1
        with interruptible(network) as stopped:
            pass
        assert (len(answers), stopped) == (1, [])
    assert not answers


def pictures_begun(process: Any) -> None:
    """Wait until the answers are written: what comes then are the pictures of the whole training."""
    folder = Path(f"/proc/{process.pid}/cwd").readlink()
    while process.poll() is None and not list(folder.glob("runs/*/predictions.csv")):
        time.sleep(0.01)


LONG = CIRCLES.replace("epochs: 3", "epochs: 1000000")
MOMENTS: dict[str, tuple[str, Callable[[Any], None], list[int], float]] = {
    "the first step": (LONG, said("parameters"), [signal.SIGINT], 0),
    "twice": (LONG, said("epoch      20/"), [signal.SIGINT, signal.SIGINT], 0.4),
    "the finish": (CIRCLES, said("epoch 3/3"), [signal.SIGTERM], 0),
    "the pictures": (CIRCLES, pictures_begun, [signal.SIGINT], 0),
}
if hasattr(signal, "SIGHUP"):
    MOMENTS["a closed terminal"] = (LONG, said("epoch      20/"), [signal.SIGHUP], 0)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_at_any_moment_leaves_whole_files_and_says_how_to_go_on(tmp_path: Path, moment: str) -> None:
    """One in the middle of an epoch is sent in ``tests/training/test_training.py``."""
    text, when, numbers, pause = MOMENTS[moment]
    (tmp_path / "c.yaml").write_text(text)
    end = Ended("-m", "rnacli", "train", "c.yaml", cwd=tmp_path, when=when, numbers=numbers, pause=pause)
    assert end.code == 128 + numbers[0], end.stderr
    assert "Traceback" not in end.stderr
    assert end.seconds < LIMIT
    is_whole(tmp_path)
    (path,) = (tmp_path / "runs").iterdir()
    assert open_run(path).record["status"] == "interrupted"
    assert "interrupted" in end.stderr
    assert f"rna train --resume runs/{path.name}" in end.stderr
    if text is CIRCLES:
        assert list_checkpoints(path / CHECKPOINTS)[-1].name == "epoch-000003"
        assert "3 of 3 epochs are saved" in end.stderr


def tensorflow_begun(process: Any) -> None:
    """Wait until TensorFlow is loaded, whose talk is caught until it has started."""
    maps = Path(f"/proc/{process.pid}/maps")
    while process.poll() is None and "libtensorflow" not in maps.read_text("utf-8"):
        time.sleep(0.01)


@pytest.mark.parametrize("when", [after(1), tensorflow_begun], ids=["before", "while"])
def test_while_tensorflow_starts_there_is_nothing_to_leave(tmp_path: Path, when: Callable[[Any], None]) -> None:
    (tmp_path / "c.yaml").write_text(CIRCLES)
    end = Ended("-m", "rnacli", "train", "c.yaml", cwd=tmp_path, when=when, numbers=[signal.SIGTERM])
    assert (end.code, end.stdout, end.stderr) == (143, "", "interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


# Other commands


def test_predictions_that_are_cut_short_are_not_there(tmp_path: Path) -> None:
    run = copied(run_of("flowers"), tmp_path)
    rows = (tmp_path / "copy" / "flowers.csv").read_text("utf-8").splitlines()
    (tmp_path / "many.csv").write_text("\n".join([rows[0], *rows[1:] * 20_000]) + "\n", "utf-8")

    def begun(process: Any) -> None:
        while process.poll() is None and not list(tmp_path.glob(".*.part.out.csv")):
            time.sleep(0.005)

    command = ("-m", "rnacli", "predict", run.path, "many.csv", "-o", "out.csv")
    done = Ended(*command, cwd=tmp_path, when=begun, numbers=[signal.SIGTERM])
    assert (done.code, done.stderr.splitlines()[-1]) == (143, "interrupted")
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "many.csv"]


def test_an_evaluation_is_cut_short(tmp_path: Path) -> None:
    run = copied(run_of("flowers"), tmp_path)
    done = Ended("-m", "rnacli", "evaluate", run.path, cwd=tmp_path, when=after(1), numbers=[signal.SIGINT])
    assert (done.code, done.stdout, done.stderr) == (130, "", "interrupted\n")


@pytest.mark.parametrize("count", [pytest.param(16, marks=pytest.mark.slow), pytest.param(60, marks=EXHAUSTIVE)])
def test_signals_at_random_moments(tmp_path: Path, count: int) -> None:
    """From the first millisecond to the last."""
    write_data(tmp_path)
    text = FLOWERS.replace("epochs: 8", "epochs: 2000").replace("csv: ", "csv: ../")
    longest = 15.0

    def train(i: int) -> tuple[Ended, Path]:
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "c.yaml").write_text(text)
        number = SIGNALS[i % 3]
        return Ended(
            "-m", "rnacli", "train", "c.yaml", cwd=folder, when=after(longest * i / count), numbers=[number]
        ), folder

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for i, (end, folder) in enumerate(pool.map(train, range(count))):
            assert end.code in (0, 128 + SIGNALS[i % 3]), (i, end.stderr)
            assert "Traceback" not in end.stderr
            assert end.seconds < LIMIT
            is_whole(folder)
