"""The second process gives what the functions give here, and is never missed."""

import importlib
import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, environment

from rnacli import config, painting, second_process, startup, training
from rnacli.second_process import decoded, encoded

linux = pytest.mark.skipif(sys.platform != "linux", reason="there is a second process on Linux alone")


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 0.1, -0.0, 5e-324, math.inf, "ñ\0", [1, [2.5, None]], {"a": [1], "b": {}}, b"", b"\x00\xff",
        np.arange(6.0).reshape(2, 3), np.asfortranarray(np.ones((2, 3), "float32")), np.array(5), np.array(["a", "ñb"]),
        np.zeros((0, 2), "int64"), [np.arange(3), {"x": np.array([True, False])}, b"png"],
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_sent_arrives(value: Any) -> None:
    again = decoded(encoded(value))
    np.testing.assert_equal(again, value)
    if isinstance(value, np.ndarray):
        assert again.dtype == value.dtype
        assert again.flags.f_contiguous == value.flags.f_contiguous


def test_what_arrives_is_plain() -> None:
    assert decoded(encoded((1, (np.float64(0.1), np.int64(3))))) == [1, [0.1, 3]]
    assert math.isnan(decoded(encoded(math.nan)))


@pytest.mark.parametrize("value", [object(), len, np.array([None, "a"]), {1, 2}, np.empty(second_process.LARGEST + 1)])
def test_what_is_not_sent(value: Any) -> None:
    with pytest.raises(TypeError):
        encoded([value])


def test_the_functions_are_there() -> None:
    for each in startup.FUNCTIONS:
        module, name = each.split(":")
        function = getattr(importlib.import_module(module), name)
        assert f"{function.__module__}:{function.__qualname__}" == each
    assert {function.__qualname__ for function in painting.PICTURES.values()} == set(painting.PICTURES)


def test_without_a_second_process_all_runs_here() -> None:
    assert not second_process.running
    assert second_process.call(divmod_of, 7, 2) == (3, 1)
    second_process.stop()


def divmod_of(a: int, b: int) -> tuple[int, int]:
    return divmod(a, b)


# With one


def fresh(body: str, cwd: Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a program in which ``probe`` is a module of functions for a second process."""
    probe = """
import os, signal, time
import numpy as np

def double(x): return 2 * x
def where(): return os.getpid()
def fail(x): raise ValueError(f"{x} in {os.getpid()}")
def die(): os.getpid() in alive or os._exit(3); return "here"
def odd(): return object()
def slow(): time.sleep(30)
def talk(): print("heard"); return os.getpid()
alive = [os.getpid()]
"""
    (cwd / "probe.py").write_text(probe)
    names = [f"probe:{name}" for name in ("double", "where", "fail", "die", "odd", "slow", "talk")]
    program = "import os, sys, time, signal\nimport probe\nimport numpy as np\nfrom rnacli import second_process\n"
    program += (
        f"from rnacli.second_process import begin, call, running, stop\nsecond_process.start(['json'], {names})\n"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program + body],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


BODIES = {
    "it answers": """
assert call(probe.where) == running[0].number != os.getpid()
assert call(probe.double, 2.5) == 5.0
assert (call(probe.double, np.arange(3)) == np.array([0, 2, 4])).all()
""",
    "later, in any order": """
one, other = begin(probe.double, 1), begin(probe.double, np.zeros(5_000_000))
third = begin(probe.where)
assert third.result() == running[0].number
assert (other.result().shape, one.result(), one.result()) == ((5_000_000,), 2, 2)
""",
    "an error is raised here": """
try:
    call(probe.fail, "x")
except ValueError as error:
    assert str(error) == f"x in {os.getpid()}"
else:
    raise SystemExit("no error")
assert call(probe.where) == running[0].number
""",
    "what cannot be sent runs here": """
assert call(probe.double, np.array([None, "a"])[1:]) == ["aa"]
assert len(call(probe.double, np.ones((second_process.LARGEST >> 3) + 1))) == (second_process.LARGEST >> 3) + 1
assert type(call(probe.odd)) is object
assert call(probe.where) == running[0].number
""",
    "another function runs here": """
assert call(os.path.basename, "a/b") == "b"
""",
    "a second process that dies is not missed": """
assert call(probe.die) == "here"
assert not running
assert call(probe.where) == os.getpid()
""",
    "one that is killed is not missed": """
number = running[0].number
later = begin(probe.slow)
os.kill(number, signal.SIGKILL)
later.function = probe.where
assert later.result() == os.getpid()
assert not running
""",
    "an interruption ends it": """
class Press(BaseException): pass
def press(*_): raise Press
signal.signal(signal.SIGALRM, press)
signal.alarm(1)
number = running[0].number
try:
    call(probe.slow)
except Press:
    pass
assert not running and not os.path.exists(f"/proc/{number}")
assert call(probe.double, 2) == 4
""",
    "signals are for the first process": """
number = running[0].number
assert call(probe.double, 1) == 2
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    os.kill(number, each)
assert call(probe.where) == number
""",
    "it says nothing": """
assert call(probe.talk) == running[0].number
""",
    "there is one at most": """
second_process.start([], [])
assert len(running) == 1
stop()
assert not running
stop()
""",
}


@linux
@pytest.mark.parametrize("body", BODIES)
def test_the_second_process(tmp_path: Path, body: str) -> None:
    done = fresh(BODIES[body], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@linux
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "begin(probe.slow); stop(); os._exit(0)"])
def test_it_ends_with_the_first_process(tmp_path: Path, end: str) -> None:
    done = fresh(f"call(probe.double, 1); print(running[0].number, flush=True); {end}", tmp_path)
    number = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{number}").exists()


@linux
@pytest.mark.parametrize("text", [CIRCLES, IRIS], ids=["circles", "iris"])
def test_a_run_is_the_same_with_and_without(tmp_path: Path, text: str) -> None:
    """All that is written, to the bit: the command has a second process, the library has none."""
    (tmp_path / "c.yaml").write_text(text)
    command = [sys.executable, "-m", "rnacli", "train", "c.yaml", "--runs", "beside"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one = tmp_path / done.stdout.strip()
    other = training.train(config.load(tmp_path / "c.yaml"), tmp_path / "alone", tmp_path / "cache").path
    names = ["split.csv", "preprocessing.json", "predictions.csv", "weights.npz"]
    names += sorted(f"plots/{path.name}" for path in (other / "plots").iterdir())
    assert {"plots/confusion_matrix.png", "plots/loss.png"} <= set(names)
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (json.loads((run / "run.json").read_bytes()) for run in (one, other))
    for key in ("scores", "results", "threshold", "held_out"):
        assert first[key] == second[key]


@linux
def test_a_command_that_fails_early_leaves_no_process() -> None:
    program = (
        "import sys\nfrom rnacli import startup, second_process\ndef main():\n    with startup.beside():\n"
        "        print(second_process.running[0].number)\n        sys.exit(3)\nstartup.run(main)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert not Path(f"/proc/{int(done.stdout)}").exists()
