"""The pictures of a run: which there are, and what it takes to add one."""

import logging
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, without_pictures

from rnacli import plots
from rnacli.errors import RnaError
from rnacli.experiment.load import load_config
from rnacli.plots import confusion_matrix, decision_boundary, paint
from rnacli.plots.style import axes_figure
from rnacli.plots.view import Drawings, View
from rnacli.training.train import train_network

OTHERS = {
    "__init__", "arrange", "before", "compared_curves", "folds", "found_rate", "make_views", "paint", "pixels",
    "seed_bands", "style", "view",
}  # fmt: skip


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
    kept = [name for name in run.record["files"] if name.startswith("plots/")]
    assert kept == ["plots/data.png", *(f"plots/{name}" for name in names)]  # the data are drawn before training
    assert all((run.path / "plots" / name).read_bytes().startswith(b"\x89PNG") for name in names)
    before = shown.copy()
    assert list(paint.redraw_pictures(run, tmp_path)) == [run.path / "plots" / name for name in names]
    assert shown == 2 * before
    assert [title for _, title in before] == ["a", "b"]


@pytest.mark.parametrize(
    ("inputs", "are_numbers", "classes"), [((1,), False, 2), ((2,), False, 2), ((3,), True, 2), ((2,), True, 9)]
)
def test_the_plane_is_of_two_numbers_and_a_colour_for_each_class(
    inputs: tuple[int, ...], are_numbers: bool, classes: int
) -> None:
    final = types.SimpleNamespace(confusion=np.eye(classes), classes=[str(i) for i in range(classes)])
    x = types.SimpleNamespace(shape=inputs)
    view: Any = types.SimpleNamespace(shape=(2,), inputs=x, are_numbers=are_numbers, final=final)
    assert decision_boundary.values(view) == {}


def fail(*arguments: object, **values: object) -> Any:
    raise ValueError("no such {hue}")


def test_a_picture_that_fails_takes_neither_the_others_nor_the_training_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    says = types.SimpleNamespace(__name__="plots.says", values=fail, draw=None)
    draws = types.SimpleNamespace(__name__="plots.draws", values=lambda view: {"draws": [{}]}, draw=fail)
    monkeypatch.setattr(paint, "PLOTS", (says, draws, confusion_matrix))
    (tmp_path / "circles.yaml").write_text(CIRCLES)
    with caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(load_config(tmp_path / "circles.yaml", ["epochs=1"]), tmp_path / "runs", tmp_path)
    assert run.record["status"] == "finished"
    assert sorted(path.name for path in (run.path / "plots").iterdir()) == ["confusion_matrix.png", "data.png"]
    run.check("plots/confusion_matrix.png")
    said = "this picture cannot be drawn: ValueError: no such {hue}; rna plot " + str(run.path)
    assert [f"{name}.png: {said}" in caplog.text for name in ("says", "draws")] == [True, True]
    drawn = paint.redraw_pictures(run, tmp_path)
    assert next(drawn).name == "confusion_matrix.png"
    with pytest.raises(RnaError, match="no such"):
        next(drawn)


@pytest.mark.parametrize("failing", ["score", "measure", "threshold"])
def test_a_score_that_fails_is_said_and_the_training_is_finished(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    where = {
        "score": "rnacli.tasks.classes.Classes.score",
        "measure": "rnacli.results.evaluate.measure_part",
        "threshold": "rnacli.training.finish.sweep_thresholds",
    }
    monkeypatch.setattr(where[failing], fail)
    changes = ["epochs=1", "threshold=f1", "dataset.split.validation=0.2"]
    (tmp_path / "circles.yaml").write_text(CIRCLES)
    with caplog.at_level(logging.WARNING, "rnacli"), without_pictures():
        run = train_network(load_config(tmp_path / "circles.yaml", changes), tmp_path / "runs", tmp_path)
    assert run.record["status"] == "finished"
    assert "ValueError: no such {hue}" in caplog.text
    assert len((run.path / "predictions.csv").read_text().splitlines()) > 2


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["loss", "precisión", "mi métrica"], ["loss", "precision", "mi_metrica"]),
        (["../../x", "/etc/x", ".", "", "a\0b"], [*[".._.._x".lstrip("."), "_etc_x", "_", "__3", "a_b"]]),
        (["roc", "ROC", "roc_1"], ["roc", "ROC_1", "roc_1_2"]),
        (["m" * 300, "m" * 301], ["m" * 80, "m" * 80 + "_1"]),
    ],
)
def test_files_have_plain_names_of_which_no_two_are_alike(names: list[str], files: list[str]) -> None:
    assert paint.name_files(names) == files
