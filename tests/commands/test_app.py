"""The list of commands: one file and one line are a command."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
import typer

import rnacli.commands
from rnacli.commands import app
from rnacli.commands.app import COMMANDS, build_app, main
from rnacli.commands.options import RUNS, Overrides, RunsFolder
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_note, print_result

FOLDER = Path(rnacli.commands.__file__).parent


def test_each_file_is_one_command() -> None:
    modules = [name.replace("-", "_") for name in COMMANDS]
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "app", "options", "usage_hints"}
    assert [function.__module__ for function in COMMANDS.values()] == [f"rnacli.commands.{name}" for name in modules]
    assert set(modules) == files


def count(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Where to end.")],
    *,
    overrides: Overrides,
    runs: RunsFolder = RUNS,
) -> None:
    """Count to a number."""
    if number < 1:
        raise RnaError("there is nothing to count", place=str(number), hint="rna count 3", exit_code=CONFIG)
    for i in range(number):
        print_result(f"{i + 1}")
    print_note(f"{runs} {overrides}")


Call = Callable[..., tuple[object, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """A program that has ``count`` beside our commands: exit code and output."""
    monkeypatch.setattr(app, "app", build_app(COMMANDS | {"count": count}))

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return end.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["count", "2"], (0, "1\n2\n", "runs []\n")),
        (["count", "1", "--set", "a=1", "--runs", "here"], (0, "1\n", "here ['a=1']\n")),
        (["count", "0"], (2, "", "0: there is nothing to count\n  hint: rna count 3\n")),
    ],
)
def test_a_new_command_is_a_line(call: Call, arguments: list[str], expected: tuple[int, str, str]) -> None:
    assert call(*arguments) == expected


def test_a_new_command_has_help_and_hints(call: Call) -> None:
    _, listing, _ = call("--help")
    names = re.findall(r"^  (\S+)", listing.partition("Commands:\n")[2], re.M)
    assert names == [*COMMANDS, "count"]
    _, page, _ = call("count", "--help")
    assert "Count to a number." in page
    assert "--set KEY=VALUE" in page
    code, _, talk = call("count", "2", "--epochs", "3")
    assert code == CONFIG
    assert "hint: --set epochs=3" in talk
