"""What a decision rests on, what filters look for, and what augmentation makes of pictures."""

from pathlib import Path

import numpy as np
import pytest
from fixtures import experiment, unpainted, write_data

from rnacli.plots.explanation import occlude
from rnacli.plots.paint import redraw_pictures
from rnacli.training.train import train_network

PICTURES = """\
name: pictures
dataset: {npz: pixels.npz, scale: {rescale: 255}, augment: [random_flip: horizontal]}
layers: [reshape: [8, 8, 1], conv2d: {filters: 2, kernel_size: 3}, flatten, dense: {units: 3, activation: softmax}]
loss: sparse_categorical_crossentropy
epochs: 1
"""


@pytest.mark.parametrize("shape", [(20, 30), (30, 20, 3), (2, 40, 1)])
def test_what_a_network_looks_at_is_marked(shape: tuple[int, ...]) -> None:
    """A network that sees the upper left corner alone."""
    picture = np.zeros(shape, "uint8")
    picture[: shape[0] // 2, : shape[1] // 4] = 200
    seen = (slice(None), slice(0, shape[0] // 2), slice(0, shape[1] // 4))

    def answer(x: np.ndarray) -> np.ndarray:
        light = x[seen].mean(axis=tuple(range(1, x.ndim))) / 255
        return np.stack([1 - light, light], axis=1)

    found = occlude(answer, picture, 1)
    assert found.shape == shape[:2]
    assert np.unravel_index(found.argmax(), found.shape)[0] < shape[0] // 2
    assert found[:, shape[1] // 2 :].max() == pytest.approx(0, abs=1e-12)
    assert found[: max(1, shape[0] // 4), : shape[1] // 8].min() > 0


def test_pictures_have_pictures_of_their_own(tmp_path: Path) -> None:
    write_data(tmp_path)
    with unpainted():
        run = train_network(experiment(PICTURES, tmp_path), tmp_path / "runs", tmp_path / "cache")
    drawn = {path.name for path in (run.path / "plots").iterdir()}
    assert {"images.png", "augmented.png", "filters.png", "network.png"} <= drawn
    assert "explanation.png" not in drawn
    assert run.path / "plots" / "explanation.png" in set(redraw_pictures(run, tmp_path / "cache", explain=True))
