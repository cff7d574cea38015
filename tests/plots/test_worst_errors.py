"""The pictures that a network is most wrong about."""

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, unpainted, write_pictures

from rnacli.plots.worst_errors import SHOWN, draw, values
from rnacli.training.train import train_network

ROWS = np.arange(20) + 100
"""The rows of the test part."""


def view_of(pictures: bool = True, **final: Any) -> Any:
    """What there is to draw of a run, as far as these pictures need it."""
    whole = {"part": "test", "rows": 20, "confusion": None, "probabilities": None, "classes": (), **final}
    return SimpleNamespace(
        name="toy",
        final=SimpleNamespace(**whole),
        parts={"test": ROWS},
        targets=() if final.get("classes") else ("price", "rooms"),
        pictures={"photo": draw_rows} if pictures else {},
        names=lambda rows: [f"house {row}" for row in rows.tolist()],
        entitle=lambda what: f"{what}\ntoy",
    )


def draw_rows(rows: np.ndarray) -> np.ndarray:
    """A picture for each row, all pixels of which are its number."""
    return np.ones((len(rows), 9, 9, 3), "uint8") * rows[:, None, None, None]


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_classes_are_ordered_by_the_probability_of_the_truth() -> None:
    truth = np.arange(20) % 2
    right = np.linspace(0.05, 0.95, 20)[np.random.default_rng(0).permutation(20)]
    probabilities = np.where(truth[:, None] == np.arange(2), right[:, None], 1 - right[:, None])
    predicted = probabilities.argmax(1)
    view = view_of(
        truth=truth, predicted=predicted, probabilities=probabilities, confusion=[[]], classes=("cat", "dog")
    )
    [drawn] = values(view)["worst_errors"]
    worst = np.argsort(right)[:SHOWN]
    assert (drawn["pictures"][:, 0, 0, 0] == ROWS[worst]).all()
    assert drawn["truth"] == [("cat", "dog")[truth[i]] for i in worst]
    assert drawn["wrong"] == (right[worst] < 0.5).tolist()
    said = texts(draw(**drawn))
    assert said[0] == "The worst 12 of 20 test pictures: toy"
    assert said[1:4] == [f"✗ {('dog', 'cat')[truth[worst[0]]]}: 95 %", f"truth: {drawn['truth'][0]}", drawn["names"][0]]


def test_numbers_are_ordered_by_how_far_they_are_from_the_truth() -> None:
    truth = np.stack([np.arange(20) * 1e5, np.arange(20.0)], axis=1)
    predicted = truth.copy()
    predicted[7, 0], predicted[3, 0], predicted[5, 1] = 9e5, np.nan, 5.5
    price, rooms = values(view_of(truth=truth, predicted=predicted))["worst_errors"]
    assert price["names"][:2] == ["house 103", "house 107"]
    assert price["captions"][:2] == ["nan", "900,000"]
    assert price["truth"][1] == "700,000"
    assert (rooms["names"][0], rooms["captions"][0], rooms["truth"][0]) == ("house 105", "5.5", "5")
    assert texts(draw(**rooms))[:3] == ["rooms: the worst 12 of 20 test pictures: toy", "predicted 5.5", "truth: 5"]


def test_of_a_long_name_the_end_is_shown() -> None:
    name = "a_folder_with_a_long_name/picture_00241.jpg"
    said = texts(draw(np.zeros((1, 9, 9)), ["1"], ["2"], [False], [name], ""))
    assert said[3] == "…g_name/picture_00241.jpg"


def test_nothing_is_drawn_where_inputs_are_no_pictures() -> None:
    assert values(view_of(pictures=False, truth=np.zeros((20, 2)), predicted=np.zeros((20, 2)))) == {}


@pytest.mark.parametrize("columns", [False, True])
def test_a_training_draws_them_beside_its_other_pictures(tmp_path: Path, columns: bool) -> None:
    write_pictures(tmp_path / "data")
    dataset: dict[str, Any] = {"images": "data", "image_size": 8, "augment": [{"random_flip": "horizontal"}]}
    layers = "[flatten, dense: {units: 1, activation: sigmoid}]"
    if columns:
        paths = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("data/*/*.png"))
        rows = [f"{path},{i},{path[5:9]}" for i, path in enumerate(paths)]
        (tmp_path / "table.csv").write_text("\n".join(["photo,number,kind", *rows]) + "\n")
        photo = {name: value for name, value in dataset.items() if name != "images"}
        dataset = {"csv": "table.csv", "target": "kind", "columns": {"photo": photo}}
        layers = layers.replace("flatten", "flatten: {from: photo, name: seen}, concatenate: [seen, columns]")
    text = f"layers: {layers}\nloss: binary_crossentropy\nepochs: 1\n"
    with unpainted() if columns else contextlib.nullcontext():
        run = train_network(experiment(text, tmp_path, dataset=dataset), tmp_path / "runs", tmp_path / "cache")
    assert {"worst_errors.png", "images.png", "augmented.png"} <= {path.name for path in (run.path / "plots").iterdir()}
