"""``rna init --data`` on a text: a network that writes on."""

from pathlib import Path

import pytest
from fixtures import problem_of

from rnacli.commands.app import main
from rnacli.examples.load import load_data
from rnacli.experiment.load import load_config
from rnacli.starter.text import is_running_text, propose_for_text

VERSES = "Con diez cañones por banda,\nviento en popa, a toda vela,\nno corta el mar, sino vuela\nun velero.\n"


@pytest.mark.parametrize(
    ("content", "is_text"),
    [
        (VERSES, True),
        ("a,b\n1,2\n3,4\n", False),
        ("x y z\n1 2 3\n4 5 6\n", False),
        ("1.5\n2.5\n3.5\n", False),
        ("Érase una vez. Había un rey, y una reina.\n\nFin.\n", True),
    ],
)
def test_sentences_are_told_from_columns(tmp_path: Path, content: str, is_text: bool) -> None:
    (tmp_path / "a.txt").write_text(content, "utf-8")
    assert is_running_text(str(tmp_path / "a.txt")) == is_text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_poem_becomes_a_network_that_fits_it(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mi poema.txt").write_text(VERSES * 4, encoding)
    with pytest.raises(SystemExit) as ended:
        main(["init", "--data", "mi poema.txt"])
    assert ended.value.code in (0, None)
    assert "next: rna check 'mi poema.yaml', then rna train 'mi poema.yaml'" in capsys.readouterr().err
    config = load_config(Path("mi poema.yaml"))
    data = load_data(config, tmp_path)
    assert min(len(rows) for rows in data.parts.values()) > 0
    assert ("encoding: cp1252" in Path("mi poema.yaml").read_text("utf-8")) == (encoding == "cp1252")


def test_a_text_of_a_line_is_too_short(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(VERSES, "utf-8")
    problem = problem_of(propose_for_text, str(tmp_path / "a.txt"), tmp_path / "a.yaml")
    assert problem.message == f"a text of {len(VERSES)} characters is too short to learn from"
