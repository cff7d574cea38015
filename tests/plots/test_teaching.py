"""Pictures that teach: the data before training, a film of the boundary, first weights, what a column is worth."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, unpainted, with_pictures
from PIL import Image

from rnacli.commands.app import main
from rnacli.experiment.load import load_config
from rnacli.plots import boundary_film, compared_curves, data, first_weights, importance, learning_curve
from rnacli.plots.style import FORMATS, png, save_figure
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.training import film
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network


def trained(folder: Path, text: str, *changes: str) -> Run:
    (folder / "experiment.yaml").write_text(text)
    with with_pictures():
        return train_network(load_config(folder / "experiment.yaml", changes), folder / "runs", folder)


def pictures_of(run: Run) -> set[str]:
    return {path.name for path in (run.path / "plots").iterdir()}


@pytest.fixture(scope="module")
def circles(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(tmp_path_factory.mktemp("circles"), CIRCLES, "epochs=50")


def test_a_plane_has_its_data_its_film_and_its_weights(circles: Run) -> None:
    assert {"data.png", "decision_boundary.gif", "decision_boundary.png", "weights.png"} <= pictures_of(circles)
    assert "importance.png" not in pictures_of(circles)
    for name in pictures_of(circles):
        circles.check(f"plots/{name}")
    with Image.open(circles.path / "plots/decision_boundary.gif") as picture:
        assert 3 < picture.n_frames <= film.MOST_FRAMES + 1  # type: ignore[attr-defined]


def test_the_film_of_a_resumed_run_is_that_of_one_that_was_never_stopped(circles: Run, tmp_path: Path) -> None:
    with unpainted():
        short = trained(tmp_path, CIRCLES, "epochs=23")
    more = resume_run(open_run(short.path), tmp_path, epochs=50)
    name = "plots/decision_boundary.gif"
    assert more.record["files"][name] == circles.record["files"][name]
    assert more.record["files"]["weights.npz"] == circles.record["files"]["weights.npz"]


def test_a_film_changes_no_weight_and_a_damaged_one_is_left_out(
    circles: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.json"
    for content in (b"{", b"[]", b'{"1": 3}', b'{"1": "!!"}', json.dumps({"1": "AAAA"}).encode()):
        path.write_bytes(content)
        assert film.read_frames(path, 5, 17) == {}
    monkeypatch.setattr(film, "MOST_WEIGHTS", 3)
    with unpainted():
        without = trained(tmp_path, CIRCLES, "epochs=50")
    assert "decision_boundary.gif" not in pictures_of(without)
    for name in ("weights.npz", "predictions.csv"):
        assert without.record["files"][name] == circles.record["files"][name]


def test_the_epochs_of_a_film_are_few_and_far_apart() -> None:
    class Network:
        def count_params(self) -> int:
            return 3

    kept = film.Film.__new__(film.Film)
    kept.network, kept.frames = Network(), {0: np.zeros(3)}
    original = film.flatten
    film.flatten = lambda network: np.zeros(3)
    try:
        for epoch in range(1000):
            kept.on_epoch_end(epoch)
    finally:
        film.flatten = original
    assert len(kept.frames) <= film.MOST_FRAMES
    assert list(kept.frames) == list(range(0, 1000, kept.stride))


def test_a_table_has_histograms_weights_with_names_and_what_its_columns_are_worth(tmp_path: Path) -> None:
    with unpainted():
        run = trained(tmp_path, IRIS)
    assert {"data.png", "weights.png", "importance.png"} <= pictures_of(run)
    assert "decision_boundary.gif" not in pictures_of(run)


def test_the_column_that_decides_is_worth_most() -> None:
    x = np.random.default_rng(1).normal(size=(400, 3))
    losses = importance.permute_columns(
        x,
        lambda rows: (rows[:, 1] > 0).astype(float)[:, None],
        lambda answer: importance.mean_error(answer, x[:, 1] > 0),
    )
    assert losses is not None
    assert losses.shape == (3, importance.REPEATS)
    assert losses[1].min() > 0.4
    assert losses[[0, 2]].max() == 0


@pytest.mark.parametrize(
    ("answers", "truth", "error"),
    [
        ([[0.2, 0.8], [0.9, 0.1]], [1, 1], 0.5),
        ([[0.8], [0.1]], [1, 0], 0.0),
        ([[1.0], [3.0]], [[2.0], [5.0]], 1.5),
    ],
)
def test_errors_are_of_classes_or_of_values(answers: Any, truth: Any, error: float) -> None:
    assert importance.mean_error(np.array(answers), np.array(truth)) == error


def gaps(axes: Any) -> str:
    return str(axes.get_yscale())


def test_errors_of_numbers_that_span_decades_are_on_a_logarithmic_axis() -> None:
    history = {"epoch": [1, 2, 3, 4, 5], "loss": [32000.0, 14000.0, 5000.0, 3200.0, 3100.0]}
    assert gaps(learning_curve.draw(history, "loss", are_values=True).axes[0]) == "log"
    assert gaps(learning_curve.draw(history, "loss").axes[0]) == "linear"
    near = {"epoch": [1, 2, 3], "loss": [3.0, 2.0, 1.0]}
    assert gaps(learning_curve.draw(near, "loss", are_values=True).axes[0]) == "linear"


def test_the_data_are_drawn_as_they_are() -> None:
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(60, 3)), np.arange(60) % 3
    x[:, 2] = np.arange(60) % 2
    x[0, 0] = np.nan
    words = [(), (), ("no", "yes")]
    figure = data.draw(targets, ["a", "b", "c"], "class", "title", "60 rows", x, ["one", "two", "three"], words)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["rows of each class", "one", "two", "three"]
    assert [bar.get_width() for bar in figure.axes[0].patches] == [20, 20, 20]
    assert sum(bar.get_height() for bar in figure.axes[3].patches) == 60
    values = data.draw(x[:, 1], [], "price", "title", "", x, ["one", "two", "three"], words)
    assert values.axes[0].get_title() == "price (target)"
    pictures = rng.integers(0, 255, (3, data.PICTURES, 12, 12)).astype("uint8")
    drawn = data.draw(np.array([5, 6, 7]), ["a", "b", "c"], "class", "title", "", pictures=pictures)
    assert png(drawn).startswith(b"\x89PNG")


def test_weights_are_pictures_or_a_matrix() -> None:
    rng = np.random.default_rng(0)
    shown = first_weights.draw("Weights\ncircles", pictures=rng.normal(size=(6, 8, 8)), units=9)
    assert len(shown.axes[0].images) == 6
    assert any("the first 6 of 9 units" in text.get_text() for text in shown.texts)
    matrix = first_weights.draw("Weights\ncircles", kernel=rng.normal(size=(3, 5)), names=["a", "b", "c"])
    assert [label.get_text() for label in matrix.axes[0].get_yticklabels()] == ["a", "b", "c"]


def test_a_film_of_three_classes_is_a_gif() -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    plane = boundary_film.plane_of(x)
    answers = [np.eye(3)[(plane[:, 0] > edge).astype(int) + (plane[:, 1] > edge)] for edge in (-1.0, 0.0, 1.0)]
    content = boundary_film.draw([1, 2, 3], np.stack(answers), x, np.arange(30) % 3, "three")
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.n_frames) == ("GIF", 3)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["svg", pytest.param("pdf", marks=pytest.mark.slow)])
def test_pictures_are_drawn_in_other_forms(
    circles: Run, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(circles.path, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["plot", "run", "--format", form])
    assert ended.value.code == 0
    beginning = {"svg": b"<?xml", "pdf": b"%PDF"}[form]
    drawn = list((tmp_path / "run/plots").glob(f"*.{form}"))
    assert len(drawn) > 5
    assert all(path.read_bytes().startswith(beginning) for path in drawn)


def test_another_form_is_refused_and_files_are_the_same_each_time(
    circles: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plot", str(circles.path), "--format", "jpg"])
    assert ended.value.code == 2
    assert "expected png, svg or pdf" in capsys.readouterr().err
    history = {"epoch": [1, 2], "loss": [2.0, 1.0]}
    for form in FORMATS:
        first, again = (save_figure(learning_curve.draw(history, "loss"), form) for _ in range(2))
        assert first == again


def test_the_legend_of_many_curves_hides_none_of_them() -> None:
    for count in (compared_curves.FEW, compared_curves.FEW + 3):
        figure = compared_curves.draw(
            {f"{i}": {"epoch": [1, 2], "loss": [1, 10 ** (2 * i)]} for i in range(count)}, "loss"
        )
        (axes,) = figure.axes
        assert "100" in [label.get_text() for label in axes.get_yticklabels()]
        assert bool(figure.legends) == (axes.get_legend() is None) == (count > compared_curves.FEW)
        assert len(axes.lines) == count
