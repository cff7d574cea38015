"""The line of a config under its message, with a caret under the place."""

from pathlib import Path

import pytest

from rnacli.errors import RnaError
from rnacli.terminal.console import print_error
from rnacli.terminal.excerpt import WIDTH, show_line


def test_the_caret_stands_under_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ñandú.yaml"
    path.write_text("\ufeffseed: 0\nlayers:\r\n\t- dence: 4\n", "utf-8")
    print_error(RnaError("there is no layer", place=f"{path}:3:4", hint="did you mean dense?"))
    assert capsys.readouterr().err.splitlines()[1:] == [
        "  3 |  - dence: 4",
        "    |    ^",
        "  hint: did you mean dense?",
    ]


def test_long_lines_are_cut_around_the_place_and_nothing_drives_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("a: \x1b[31m" + "x" * 5000 + "Y" + "z" * 5000, "utf-8")
    line, caret = show_line(f"{path}:1:5009").split("\n")
    assert line[caret.index("^")] == "Y"
    assert len(line) <= WIDTH + 10
    assert "\x1b" not in show_line(f"{path}:1:1")


@pytest.mark.parametrize(
    "place", ["--set epochs=x", "data.csv:3", "gone.yaml:1:1", "a.yaml", "a.yaml:9:1", "a.yaml:1:99"]
)
def test_other_places_have_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("seed: 0\n")
    Path("data.csv").write_text("a\n1\n2\n")
    assert show_line(place) == ""
