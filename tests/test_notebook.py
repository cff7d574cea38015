"""A whole notebook, executed as Jupyter does it: figures, plot, the run as a page, and the bar of the training."""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fixtures import environment
from nbclient import NotebookClient
from pages import DOCS

from rnacli.terminal.notebook import NotebookBar, draw_bar, in_notebook

NOTEBOOK = DOCS / "notebook.ipynb"


def outputs_of(cell: Any) -> dict[str, str]:
    """What a cell shows, by its kind."""
    shown: dict[str, str] = {}
    for output in cell.outputs:
        assert output.output_type != "error"
        for kind, text in (output.get("data") or {output.get("name", ""): output.get("text", "")}).items():
            shown[kind] = shown.get(kind, "") + text
    return shown


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Jupyter's own
def test_the_notebook_runs_and_shows_what_it_promises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(IPYTHONDIR=str(tmp_path / "ipython"), JUPYTER_RUNTIME_DIR=str(tmp_path)).items():
        monkeypatch.setitem(os.environ, name, value)
    folder = tmp_path / "empty"
    folder.mkdir()
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    shown = {cell.source: outputs_of(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert all("stderr" not in output for output in shown.values())
    (trained,) = (output for source, output in shown.items() if source.startswith("run = "))
    assert '<progress max="30" value="30"' in trained["text/html"]
    assert "epoch 30 of 30  loss 0." in trained["text/html"]
    assert "learnt from" in shown["run"]["text/html"]
    (table,) = (output for source, output in shown.items() if ".tail(3)" in source)
    assert re.search(r"<th>30</th>", table["text/html"])
    (plot,) = (output for source, output in shown.items() if ".plot(" in source)
    assert plot["image/png"].startswith("iVBOR")
    (predicted,) = (output for source, output in shown.items() if "run.predict" in source)
    assert "probability_1" in predicted["text/html"]
    (measures,) = (output for source, output in shown.items() if "evaluate" in source)
    assert "accuracy" in measures["text/plain"]
    (error,) = (output for source, output in shown.items() if "except" in source)
    assert "did you mean dense?" in error["stdout"] or "there is no layer called 'dence'" in error["stdout"]
    assert len(list((folder / "runs").iterdir())) == 1


def test_it_is_kept_without_what_an_execution_adds() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_the_bar_is_for_notebooks_and_its_text_is_only_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not in_notebook()
    shown = draw_bar("<b>name</b>", 3, 30, "epoch 3 of 30  <i>loss</i> 0.5")
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert '<progress max="30" value="3"' in shown
    looks: list[str] = []
    bar = NotebookBar("moons", 400)
    monkeypatch.setattr(bar, "show", lambda: (looks.append(bar.line), setattr(bar, "shown_at", float("inf"))))
    for epoch in range(400):
        bar.on_epoch_end(epoch, {"loss": 1.0})
    assert looks == ["epoch 1 of 400  loss 1", "epoch 400 of 400  loss 1"]
