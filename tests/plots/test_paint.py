"""The pictures of a run: which there are, and what it takes to add one."""

import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES

from rnacli import plots
from rnacli.experiment.load import load_config
from rnacli.plots import decision_boundary, paint
from rnacli.plots.style import axes_figure
from rnacli.plots.view import Drawings, View
from rnacli.training.train import train_network

OTHERS = {"__init__", "paint", "style", "view"}


def test_each_file_of_the_folder_is_a_picture_and_is_drawn_once() -> None:
    files = {path.stem for path in Path(plots.__path__[0]).glob("*.py")} - OTHERS
    assert sorted(plot.__name__ for plot in paint.PLOTS) == sorted(f"rnacli.plots.{name}" for name in files)


def test_a_picture_needs_two_functions_and_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []

    def values(view: View) -> Drawings:
        return {"errors": [{"wrong": view.final.truth != view.final.predicted, "title": title} for title in "ab"]}

    def draw(wrong: np.ndarray, title: str) -> object:
        shown.append((len(wrong), title))
        figure, axes = axes_figure(title, "", "")
        axes.plot(np.cumsum(wrong))
        return figure

    says_nothing = types.SimpleNamespace(__name__="nothing", values=lambda view: {}, draw=None)
    toy = types.SimpleNamespace(__name__="errors", values=values, draw=draw)
    monkeypatch.setattr(paint, "PLOTS", (says_nothing, toy))
    (tmp_path / "circles.yaml").write_text(CIRCLES)
    run = train_network(load_config(tmp_path / "circles.yaml", ["epochs=1"]), tmp_path / "runs", tmp_path)
    names = ["errors.png", "errors_2.png"]
    assert [name for name in run.record["files"] if name.startswith("plots/")] == [f"plots/{name}" for name in names]
    assert all((run.path / "plots" / name).read_bytes().startswith(b"\x89PNG") for name in names)
    before = shown.copy()
    assert paint.redraw_pictures(run, tmp_path) == [run.path / "plots" / name for name in names]
    assert shown == 2 * before
    assert [title for _, title in before] == ["a", "b"]


def test_one_column_of_two_words_makes_two_inputs_but_no_plane() -> None:
    final = types.SimpleNamespace(confusion=np.eye(2))
    view: Any = types.SimpleNamespace(shape=(2,), inputs=np.zeros((3, 1)), final=final)
    assert decision_boundary.values(view) == {}
