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
from screens import Terminal, fold, run_in_terminals, same_every_day, same_everywhere

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


def later(command: str) -> list[str]:
    """The modes of a command that are left to the long suite."""
    return [mode for mode in MODES if command not in IN_ALL_RUNS or mode != "80"]


@pytest.mark.parametrize(
    ("command", "modes"),
    [
        *((command, ["80"]) for command in sorted(IN_ALL_RUNS)),
        *(pytest.param(command, later(command), marks=pytest.mark.slow) for command in COMMANDS),
    ],
)
def test_the_screen_is_as_it_was(command: str, modes: list[str], trained: Path, tmp_path: Path) -> None:
    terminals = {}
    for mode in modes:
        columns, variables = MODES[mode]
        terminals[mode] = Terminal(trained, columns, variables)
        if command == "train":
            (tmp_path / mode).mkdir()
            shutil.copy(trained / "circles.yaml", tmp_path / mode)
            terminals[mode] = terminals[mode]._replace(cwd=tmp_path / mode)
    if piped := terminals.pop("pipe", None):
        done = rna(*COMMANDS[command], cwd=piped.cwd, env=environment(RNA_LANG="en"))
        assert "\x1b" not in done.stdout + done.stderr
        compare_screen(command, "pipe", [line.rstrip() for line in (done.stderr + done.stdout).splitlines()])
    screens = run_in_terminals(COMMANDS[command], [*terminals.values()])
    for mode, screen in zip(terminals, screens, strict=True):
        assert mode != "ascii" or screen.raw.isascii()
        assert mode != "no-color" or not COLOUR.search(screen.raw)
        assert command != "train" or mode == "no-color" or COLOUR.search(screen.raw), "a bar has colours"
        compare_screen(command, mode, screen.lines)


def compare_screen(command: str, mode: str, lines: list[str]) -> None:
    """A screen must be the one that is kept, but for what differs from day to day and from machine to machine."""
    now = fold([same_every_day(line) for line in lines], MODES[mode][0] or 10_000)
    path = GOLDEN / f"{command}-{mode}.txt"
    if os.environ.get("RNA_GOLDEN") == "write":
        path.write_text(now, "utf-8")
    kept = path.read_text("utf-8")
    alike = [[same_everywhere(line) for line in text.splitlines()] for text in (now, kept)]
    assert alike[0] == alike[1], mode


def test_nothing_is_kept_that_is_not_looked_at() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {
        f"{command}-{mode}" for command in COMMANDS for mode in MODES
    }
