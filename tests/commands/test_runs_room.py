"""Which columns ``rna runs`` keeps where a terminal has no room for all."""

from typing import Any

import pytest

from rnacli.commands.runs import show_rows


def screen(columns: int, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> str:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("RNA_LANG", "en")
    show_rows(rows, ["optimizer.*.learning_rate"])
    said = capsys.readouterr()
    return str(said.out + said.err)


def test_what_differs_is_shown_before_what_is_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"status": "finished", "epochs": 5, "on": "test", "loss": 0.5, "accuracy": 0.9}
    rows = [{"run": f"{'r' * 38}{i}", **told, "optimizer.*.learning_rate": f"0.{i}"} for i in range(2)]
    narrow = screen(80, rows, monkeypatch, capsys)
    assert "0.1" in narrow
    assert "learning_rate" in narrow
    assert "optimizer" not in narrow
    assert "accuracy" in narrow
    assert "too narrow: epochs\n" in narrow
    assert "optimizer.*.learning_rate" in screen(120, rows, monkeypatch, capsys)
    rows[0]["epochs"] = 4
    assert "too narrow: accuracy\n" in screen(80, rows, monkeypatch, capsys)
