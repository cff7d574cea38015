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
from fixtures import CIRCLES, FLOWERS, copied, environment, run_of, write_data

from rnacli import fitting, runs, signals, trained

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


WAITING = """
import sys
from rnacli import files, startup
from pathlib import Path

def main():
    with files.beside(Path("out.txt")) as part:
        part.write_text("half")
        print("here", file=sys.stderr, flush=True)
        {body}

startup.run(main)
"""


@pytest.mark.parametrize("number", signals.SIGNALS)
def test_a_signal_ends_the_command_with_its_code_and_nothing_half_written(tmp_path: Path, number: int) -> None:
    program = WAITING.format(body="import time; time.sleep(100)")
    done = Ended("-c", program, cwd=tmp_path, when=said("here"), numbers=[number])
    assert done.code == 128 + number
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
    assert done.seconds < LIMIT


STUCK = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 1 << 30)"
"""Minutes in C, where no handler of Python's is called."""


def test_a_second_signal_ends_what_cannot_be_interrupted(tmp_path: Path) -> None:
    program = WAITING.format(body=STUCK)
    done = Ended("-c", program, cwd=tmp_path, when=said("here"), numbers=[signal.SIGINT] * 2, pause=0.5)
    assert done.code == 130
    assert list(tmp_path.iterdir()) == []
    assert done.seconds < LIMIT


def test_a_signal_that_comes_twice_at_once_is_one(tmp_path: Path) -> None:
    lines = ("import time", "try:", "    time.sleep(100)", "finally:", "    time.sleep(0.1); print('tidied')")
    program = WAITING.format(body="\n        ".join(lines))
    done = Ended("-c", program, cwd=tmp_path, when=said("here"), numbers=[signal.SIGTERM] * 2, pause=0.01)
    assert done.code == 143
    assert done.stdout == "tidied\n"


LOADING = """
import importlib.abc, signal, sys

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "secrets":  # the import of numpy.random._bit_generator, which is C, imports it
            print("numpy" in sys.modules, "numpy.random._generator" in sys.modules)
            signal.raise_signal(signal.SIGTERM)

sys.meta_path.insert(0, Finder())
import numpy.random
print("imported")
time.sleep(100)
"""
DEFINING = """
class Field:
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGTERM)

class Owner:
    field = Field()
"""
WRAPPING = """
try:
    signal.raise_signal(signal.SIGTERM)
except BaseException as end:
    raise ImportError("no module") from end
"""
LOST = """
class Lost:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

Lost()
print("deleted")
time.sleep(100)
"""


@pytest.mark.parametrize("body", [DEFINING, WRAPPING])
@pytest.mark.parametrize("command", [False, True])
def test_what_others_make_of_the_exception_is_still_a_signal(tmp_path: Path, body: str, command: bool) -> None:
    """To Python 3.11, one in the definition of a class is a RuntimeError."""
    program = "import signal, sys\nfrom rnacli import cli, startup\n"
    program += f"def run(*arguments, **options):\n    exec({body!r}, globals())\n\ncli.app = run\n"
    program += "startup.run(cli.main)" if command else "startup.run(run)"
    done = Ended("-c", program, cwd=tmp_path, when=lambda process: None, numbers=[])
    assert (done.code, done.stdout, done.stderr) == (143, "", "interrupted\n" if command else "")


@pytest.mark.parametrize(
    ("body", "printed"), [(LOADING, "True False\nimported\n"), (LOST, "deleted\n")], ids=["C is imported", "__del__"]
)
def test_a_signal_waits_where_an_exception_would_be_lost(tmp_path: Path, body: str, printed: str) -> None:
    """Modules in C make it an ImportError, and nothing comes of it in ``__del__``."""
    program = "import signal, time\nfrom rnacli import startup\n"
    program += f"def main():\n    exec({body!r}, globals())\n\nstartup.run(main)"
    done = Ended("-c", program, cwd=tmp_path, when=lambda process: None, numbers=[])
    assert (done.code, done.stdout, done.stderr) == (143, printed, "")
    assert done.seconds < LIMIT


def test_what_is_ignored_stays_so(tmp_path: Path) -> None:
    program = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + WAITING.format(
        body="import time; time.sleep(1); print('done'); sys.exit(0)"
    )
    done = Ended("-c", program, cwd=tmp_path, when=said("here"), numbers=[signal.SIGHUP])
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
    assert all(end.code in (130, -signal.SIGINT, 2) for end in ends)
    assert not [end.stderr for end in ends if "rnacli/cli.py" in end.stderr]


# In training


class Network:
    stop_training = False


@pytest.mark.parametrize("number", signals.SIGNALS)
def test_training_is_asked_to_stop_and_the_second_press_acts_as_ever(number: signal.Signals) -> None:
    received: list[int] = []
    former = signal.signal(number, lambda number, frame: received.append(number))
    try:
        network = Network()
        with fitting.interruptible(network) as stopped:
            signal.raise_signal(number)
            signal.raise_signal(number)
            assert network.stop_training
            assert (stopped, received) == ([number], [])
            time.sleep(1.2 * signals.ONE_PRESS)
            signal.raise_signal(number)
            assert received == [number]
    finally:
        signal.signal(number, former)


def test_training_leaves_alone_what_is_ignored() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with fitting.interruptible(Network()) as stopped:
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert stopped == []
    finally:
        signal.signal(signal.SIGHUP, former)


def pictures_begun(process: Any) -> None:
    """Wait until the run has a folder of pictures."""
    folder = Path(f"/proc/{process.pid}/cwd").readlink()
    while process.poll() is None and not list(folder.glob("runs/*/plots")):
        time.sleep(0.01)


LONG = CIRCLES.replace("epochs: 3", "epochs: 1000000")
MOMENTS: dict[str, tuple[str, Callable[[Any], None], list[int], float]] = {
    "the first step": (LONG, said("parameters"), [signal.SIGINT], 0),
    "an epoch": (LONG, said("epoch      20/"), [signal.SIGTERM], 0),
    "twice": (LONG, said("epoch      20/"), [signal.SIGINT, signal.SIGINT], 0.4),
    "the finish": (CIRCLES, said("epoch 3/3"), [signal.SIGTERM], 0),
    "the pictures": (CIRCLES, pictures_begun, [signal.SIGINT], 0),
}
if hasattr(signal, "SIGHUP"):
    MOMENTS["a closed terminal"] = (LONG, said("epoch      20/"), [signal.SIGHUP], 0)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_at_any_moment_leaves_whole_files_and_says_how_to_go_on(tmp_path: Path, moment: str) -> None:
    text, when, numbers, pause = MOMENTS[moment]
    (tmp_path / "c.yaml").write_text(text)
    end = Ended("-m", "rnacli", "train", "c.yaml", cwd=tmp_path, when=when, numbers=numbers, pause=pause)
    assert end.code == 128 + numbers[0], end.stderr
    assert "Traceback" not in end.stderr
    assert end.seconds < LIMIT
    is_whole(tmp_path)
    (path,) = (tmp_path / "runs").iterdir()
    assert runs.open_run(path).record["status"] == "interrupted"
    assert "interrupted" in end.stderr
    assert f"rna train --resume runs/{path.name}" in end.stderr
    if text is CIRCLES:
        assert trained.checkpoints(path / trained.CHECKPOINTS)[-1].name == "epoch-000003"
        assert "3 of 3 epochs are saved" in end.stderr


def test_while_tensorflow_starts_there_is_nothing_to_leave(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CIRCLES)
    end = Ended("-m", "rnacli", "train", "c.yaml", cwd=tmp_path, when=after(1), numbers=[signal.SIGTERM])
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


@pytest.mark.slow
def test_signals_at_random_moments(tmp_path: Path) -> None:
    """From the first millisecond to the last."""
    write_data(tmp_path)
    text = FLOWERS.replace("epochs: 8", "epochs: 2000").replace("csv: ", "csv: ../")

    def train(i: int) -> tuple[Ended, Path]:
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "c.yaml").write_text(text)
        number = signals.SIGNALS[i % 3]
        return Ended("-m", "rnacli", "train", "c.yaml", cwd=folder, when=after(0.25 * i), numbers=[number]), folder

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for i, (end, folder) in enumerate(pool.map(train, range(60))):
            assert end.code in (0, 128 + signals.SIGNALS[i % 3]), (i, end.stderr)
            assert "Traceback" not in end.stderr
            assert end.seconds < LIMIT
            is_whole(folder)
