"""The second process gives what the functions give here, and is never missed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fixtures import CIRCLES, EXHAUSTIVE, IRIS, environment, rna

from rnacli.experiment.load import load_config
from rnacli.helper import idle, run_aside
from rnacli.training.train import train_network

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is a second process on Linux alone")


def test_without_a_second_process_all_runs_here() -> None:
    assert not idle
    assert run_aside(divmod, 7, 2) == (3, 1)


PROBE = """
import os, time

def double(x): return 2 * x
def where(): return os.getpid()
def fail(x): raise ValueError(f"{x} in {os.getpid()}")
def die(): os.getpid() in first or os._exit(3); return "here"
def odd(): return lambda: 0
def talk(): print("heard"); return os.getpid()
def slow(): time.sleep(0 if os.getpid() in first else 30); return os.getpid()
first = [os.getpid()]
"""
PROGRAM = """
import os, signal, sys, time
import numpy as np
import probe
from rnacli.helper import LARGEST, begin_aside, idle, run_aside, start_helper

with start_helper(["json"]):
    number = run_aside(probe.where)
    assert number != os.getpid()
    {body}
"""


def run_program(body: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program that has a second process, whose process is ``number``, and ``probe``, functions for it."""
    (folder / "probe.py").write_text(PROBE)
    program = PROGRAM.format(body=body.replace("\n", "\n    "))
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


BODIES = {
    "it answers": """
assert run_aside(probe.double, 2.5) == 5.0
assert run_aside(probe.double, (1, [None])) == (1, [None], 1, [None])
again = run_aside(probe.double, np.arange(3, dtype="float32"))
assert again.dtype == "float32" and again.tolist() == [0, 2, 4]
""",
    "what is asked while it works runs here": """
one = begin_aside(probe.double, np.zeros(5_000_000))
other = begin_aside(probe.where)
assert (other(), one().shape) == (os.getpid(), (5_000_000,))
assert run_aside(probe.where) == number
""",
    "an error is raised here": """
try:
    run_aside(probe.fail, "x")
except ValueError as error:
    assert str(error) == f"x in {os.getpid()}"
else:
    raise SystemExit("no error")
assert run_aside(probe.where) == os.getpid()
""",
    "what is large runs here": """
assert len(run_aside(probe.double, np.ones((LARGEST >> 3) + 1))) == (LARGEST >> 3) + 1
assert run_aside(probe.where) == number
""",
    "what cannot be sent runs here": """
assert run_aside(lambda: os.getpid()) == os.getpid()
assert run_aside(probe.where) == number
""",
    "what cannot come back is made here": """
assert run_aside(probe.odd)() == 0
""",
    "a second process that dies is not missed": """
assert run_aside(probe.die) == "here"
assert run_aside(probe.where) == os.getpid()
""",
    "one that is killed is not missed": """
later = begin_aside(probe.slow)
os.kill(number, signal.SIGKILL)
assert later() == os.getpid()
assert run_aside(probe.where) == os.getpid()
""",
    "one that was killed before is not missed": """
os.kill(number, signal.SIGKILL)
time.sleep(0.2)
assert run_aside(probe.where) == os.getpid()
""",
    "signals are for the first process": """
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    os.kill(number, each)
assert run_aside(probe.where) == number
""",
    "it says nothing": """
assert run_aside(probe.talk) == number
""",
}


@linux
@pytest.mark.parametrize("body", BODIES)
def test_the_second_process(tmp_path: Path, body: str) -> None:
    done = run_program(BODIES[body], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def is_gone(number: int) -> bool:
    """Whether a process ends soon."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not Path(f"/proc/{number}").exists()


ENDS = ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "begin_aside(probe.slow)"]


@linux
@pytest.mark.parametrize("end", ENDS)
def test_it_ends_with_the_first_process(tmp_path: Path, end: str) -> None:
    done = run_program(f"print(number, flush=True); {end}", tmp_path)
    assert is_gone(int(done.stdout))


@linux
@pytest.mark.parametrize("text", [CIRCLES, pytest.param(IRIS, marks=EXHAUSTIVE)], ids=["circles", "iris"])
def test_a_run_is_the_same_with_and_without(tmp_path: Path, text: str) -> None:
    """All that is written, to the bit: the command has a second process, the library has none.

    The command is a quiet one: it writes the path of its run and nothing else.
    """
    (tmp_path / "c.yaml").write_text(text)
    done = rna("train", "c.yaml", "--runs", "beside", "--quiet", cwd=tmp_path)
    (one,) = (tmp_path / "beside").iterdir()
    assert (done.returncode, done.stdout, done.stderr) == (0, f"beside/{one.name}\n", "")
    other = train_network(load_config(tmp_path / "c.yaml"), tmp_path / "alone", tmp_path / "cache").path
    names = ["split.csv", "preprocessing.json", "predictions.csv", "weights.npz"]
    names += sorted(f"plots/{path.name}" for path in (other / "plots").iterdir())
    assert {"plots/confusion_matrix.png", "plots/loss.png"} <= set(names)
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (json.loads((run / "run.json").read_bytes()) for run in (one, other))
    for key in ("scores", "results", "threshold", "held_out"):
        assert first[key] == second[key]


@linux
def test_a_command_that_fails_early_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    program = (
        "import sys\nimport probe\nfrom rnacli.helper import run_aside\n"
        "from rnacli.terminal.startup import helper_beside, run_command\n"
        "def main():\n    with helper_beside():\n"
        "        print(run_aside(probe.where))\n        sys.exit(3)\nrun_command(main)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert is_gone(int(done.stdout))
