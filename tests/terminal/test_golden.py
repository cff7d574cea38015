"""Screens as people see them, kept as files: 40, 80 and 160 columns, ASCII, NO_COLOR and a pipe.

Numbers may have other last digits; times and dates are written alike. ``RNA_GOLDEN=write pytest -m '' FILE`` writes
them.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from fixtures import CIRCLES, ROOT, environment, experiment, rna, run_of, without_pictures
from screens import fold, run_in_terminal, same_every_day, same_everywhere

GOLDEN = ROOT / "tests" / "golden"
SLIP = CIRCLES.replace("dense: {units: 4", "dence: {units: 4").replace("epochs: 3", "epohcs: 3")
COMMANDS = {
    "error": ["train", "slip.yaml"],
    "runs": ["runs"],
    "show": ["show", "circles"],
    "compare": ["compare", "one", "two"],
    "check": ["check", "circles.yaml"],
    "train": ["train", "circles.yaml", "--set", "epochs=5"],
}
MODES = {
    "40": (40, {}),
    "80": (80, {}),
    "160": (160, {}),
    "ascii": (80, {"PYTHONIOENCODING": "ascii"}),
    "no-color": (80, {"NO_COLOR": "1"}),
    "pipe": (0, {}),
}
COLOUR = re.compile(rb"\x1b\[[0-9;]*[349][0-7](;5;\d+)?m")
IN_ALL_RUNS = {"error", "runs", "show"}
"""Those that start no TensorFlow, at 80 columns: looked at in every test run, and all others in the long one."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three runs, two of them of the same rows."""
    from rnacli.training.train import train_network

    folder = tmp_path_factory.mktemp("golden")
    (folder / "circles.yaml").write_text(CIRCLES, "utf-8")
    (folder / "slip.yaml").write_text(SLIP, "utf-8")
    shutil.copytree(run_of("circles").path, folder / "runs" / run_of("circles").path.name)
    with without_pictures():
        for name, units in (("one", 3), ("two", 6)):
            text = CIRCLES.replace("name: circles", f"name: {name}").replace("units: 4", f"units: {units}")
            train_network(experiment(text), folder / "runs", folder / "cache")
    return folder


def cases() -> list[object]:
    return [
        pytest.param(command, mode, marks=() if command in IN_ALL_RUNS and mode == "80" else pytest.mark.slow)
        for command in COMMANDS
        for mode in MODES
    ]


@pytest.mark.parametrize(("command", "mode"), cases())
def test_the_screen_is_as_it_was(command: str, mode: str, trained: Path, tmp_path: Path) -> None:
    columns, variables = MODES[mode]
    folder = trained
    if command == "train":
        folder = tmp_path
        shutil.copy(trained / "circles.yaml", folder)
    if mode == "pipe":
        done = rna(*COMMANDS[command], cwd=folder, env=environment(RNA_LANG="en", **variables))
        lines = [line.rstrip() for line in (done.stderr + done.stdout).splitlines()]
        assert "\x1b" not in done.stdout + done.stderr
    else:
        screen = run_in_terminal(*COMMANDS[command], cwd=folder, columns=columns, env=variables)
        lines = screen.lines
        assert mode != "ascii" or screen.raw.isascii()
        assert mode != "no-color" or not COLOUR.search(screen.raw)
        assert command != "train" or mode == "no-color" or COLOUR.search(screen.raw), "a bar has colours"
    now = fold([same_every_day(line) for line in lines], columns or 10_000)
    path = GOLDEN / f"{command}-{mode}.txt"
    if os.environ.get("RNA_GOLDEN") == "write":
        path.write_text(now, "utf-8")
    kept = path.read_text("utf-8")
    assert [same_everywhere(line) for line in now.splitlines()] == [same_everywhere(line) for line in kept.splitlines()]


def test_nothing_is_kept_that_is_not_looked_at() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {
        f"{command}-{mode}" for command in COMMANDS for mode in MODES
    }
