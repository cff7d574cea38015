"""Many seeds cost little more than one: ratios of processor time and of memory, never seconds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_data import DATA, ROOT

PIMA = DATA / "tabular" / "clean-pima-indians-diabetes.csv"

posix = pytest.mark.skipif(not hasattr(os, "wait4"), reason="a process' own figures")


def spent(folder: Path, config: str, *changes: str) -> tuple[float, float]:
    """Processor seconds of the whole command, and its largest memory."""
    command = [sys.executable, "-m", "rnacli", "train", str(ROOT / "configs" / config), "--quiet"]
    command += ["--runs", str(folder)] + [word for change in changes for word in ("--set", change)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


@posix
@pytest.mark.slow
def test_a_hundred_seeds_of_circles(tmp_path: Path) -> None:
    one, many = spent(tmp_path, "circles.yaml"), spent(tmp_path, "circles.yaml", "seeds=100")
    assert many[0] < 3 * one[0]
    assert many[1] < 1.2 * one[1]


@posix
@pytest.mark.slow
@pytest.mark.skipif(not PIMA.is_file(), reason="the real data are not here")
def test_ten_seeds_of_pima(tmp_path: Path) -> None:
    data = f"dataset.csv={PIMA.as_posix()}"
    one, many = spent(tmp_path, "pima.yaml", data), spent(tmp_path, "pima.yaml", data, "seeds=10")
    assert many[0] < 2.5 * one[0]
