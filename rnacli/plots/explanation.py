"""Which pixels a decision rests on: what covering them takes from the probability of the class.

Occlusion: Zeiler, Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.pixels import as_pixels, choose_images, is_image, put_picture, sheet_of
from rnacli.plots.style import INK, NOTE, PALE, RED, figure_of, finish, fit_text, percent, write_title
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN = 6
"""Pictures that are explained."""
PLACES = 14
"""Places of the patch along the longer side."""


def values(view: "View") -> "Drawings":
    """Some held-out pictures, where they are asked for."""
    final = view.final
    if (
        not view.explain
        or not is_image(view.shape)
        or view.series is not None
        or final.probabilities is None
        or final.confusion is None
    ):
        return {}
    places = choose_images(final.truth)
    places = places[np.unique(np.linspace(0, len(places) - 1, min(SHOWN, len(places))).astype(int))]
    pictures = view.inputs.take(view.parts[final.part][places])
    predicted = final.probabilities[places].argmax(axis=1)
    drawn: dict[str, Any] = {
        "pictures": pictures,
        "maps": np.stack(
            [occlude(view.answer, picture, best) for picture, best in zip(pictures, predicted, strict=True)]
        ),
        "truth": [final.classes[i] for i in final.truth[places]],
        "predicted": [final.classes[i] for i in predicted],
        "chances": final.probabilities[places, predicted].tolist(),
        "title": view.entitle(fill_template("What the network looks at")),
    }
    return {"explanation": [drawn]}


def occlude(answer: Callable[[np.ndarray], np.ndarray], picture: np.ndarray, label: int) -> np.ndarray:
    """How much of the probability of a class each pixel (h, w) carries.

    A patch of the picture's mean colour is laid over each place in turn; a pixel has the mean of what the patches over
    it take from the probability. ``picture`` (h, w[, channels]) is as it was read; ``answer`` gives (n, classes).
    """
    height, width = picture.shape[:2]
    side = max(1, math.ceil(2 * max(height, width) / PLACES))
    rows, columns = (np.unique(np.linspace(0, max(0, size - side), PLACES).astype(int)) for size in (height, width))
    corners = [(top, left) for top in rows.tolist() for left in columns.tolist()]
    covered = np.repeat(picture[None], len(corners) + 1, axis=0)
    for i, (top, left) in enumerate(corners):
        covered[i, top : top + side, left : left + side] = picture.mean(axis=(0, 1)).astype(picture.dtype)
    chances = answer(covered)[:, label]
    taken, times = np.zeros((height, width)), np.zeros((height, width))
    for (top, left), chance in zip(corners, chances[:-1].tolist(), strict=True):
        taken[top : top + side, left : left + side] += chances[-1] - chance
        times[top : top + side, left : left + side] += 1
    return taken / np.maximum(times, 1)


def draw(
    pictures: np.ndarray, maps: np.ndarray, truth: list[str], predicted: list[str], chances: list[float], title: str
) -> "Figure":
    """Pictures (n, h, w[, channels]) beside themselves under their ``maps`` (n, h, w): red carries the decision."""
    pixels = as_pixels(pictures)
    pairs, side, gap, head, foot = 2, 1.6, 0.1, 0.6, 0.45
    rows = -(-len(pixels) // pairs)
    width, height = pairs * (2 * side + 3 * gap) + 0.3, rows * (side + 0.42) + head + foot
    figure = figure_of((width, height))
    write_title(figure, title)
    sheet = sheet_of(figure)
    largest = np.abs(maps).max(axis=(1, 2))
    most = np.maximum(largest, largest.max() / 4) + 1e-9  # what hardly matters stays pale
    for i, picture in enumerate(pixels):
        left = 0.2 + (i % pairs) * (2 * side + 3 * gap)
        bottom = height - head - (i // pairs) * (side + 0.42) - side
        edge = (PALE if truth[i] == predicted[i] else RED, 0.8)
        put_picture(sheet, picture, left, bottom, side, edge)
        beside = left + side + gap
        put_picture(sheet, picture, beside, bottom, side, edge, alpha=0.6)
        shades: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -most[i], "vmax": most[i], "interpolation": "bilinear"}
        put_picture(sheet, maps[i], beside, bottom, side, edge, alpha=0.55, **shades)
        text = f"{predicted[i]}: {percent(chances[i])}" + f" ({truth[i]})" * (truth[i] != predicted[i])
        middle, colour = (left + side + gap / 2) / width, INK if truth[i] == predicted[i] else RED
        figure.text(
            middle, (bottom - 0.2) / height, fit_text(text, 2 * side, NOTE), ha="center", fontsize=NOTE, color=colour
        )
    note = fill_template("red: where it is covered, the predicted class gets less likely; blue: more likely")
    figure.text(0.5, 0.12 / height, fit_text(note, width - 0.2, NOTE), ha="center", fontsize=NOTE, color=INK)
    return finish(figure)
