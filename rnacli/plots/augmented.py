"""What augmentation makes of pictures: the only way to see that it is sane."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.pixels import as_pixels, height_share, put_picture, sheet_of
from rnacli.plots.style import INK, NOTE, PALE, figure_of, finish, write_title
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

TIMES = 8
"""How often a picture is changed."""


def values(view: "View") -> "Drawings":
    """A training picture as it is, and as training saw it."""
    drawn = []
    for name, augment in view.augment.items():
        if name in view.pictures:
            before, after = augment(view.pictures[name](view.parts["train"][:TIMES]))
            title = view.entitle(fill_template("What augment makes of a picture"))
            drawn.append({"before": before, "after": after, "title": title})
    return {"augmented": drawn} if drawn else {}


def draw(before: np.ndarray, after: np.ndarray, title: str) -> "Figure":
    """The first picture of ``before`` (m, h, w[, channels]) as it was, and those ``after`` (n, h, w[, channels])."""
    pixels = as_pixels(np.concatenate([before[:1], after]).clip(0, 255))
    columns, side, head, foot, gap = 3, 1.7, 0.6, 0.35, 0.08
    rows, tall = -(-len(pixels) // columns), side * height_share(pixels)
    width, height = max(columns * (side + gap) + 0.3, 5.6), rows * (tall + gap) + head + foot
    figure = figure_of((width, height))
    write_title(figure, title)
    sheet = sheet_of(figure)
    for i, picture in enumerate(pixels):
        left = width / 2 + (i % columns - columns / 2) * (side + gap)
        bottom = height - head - (i // columns + 1) * (tall + gap)
        put_picture(sheet, picture, left, bottom, side, (PALE, 0.8) if i else (INK, 2), low=True)
    several = (
        fill_template("The first picture as it is, then several that are mixed")
        if len(before) > 1
        else fill_template("The first is the picture as it is")
    )
    note = fill_template("{several:.300}; evaluation and prediction see pictures as they are", several=several)
    figure.text(0.5, 0.13 / height, note, ha="center", fontsize=NOTE, color=INK)
    return finish(figure)
