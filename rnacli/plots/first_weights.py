"""What the units of a first dense layer take from the inputs: as pictures, or as a matrix with the columns' names."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.pixels import is_image, put_picture, sheet_of
from rnacli.plots.style import (
    INK,
    LABEL,
    NOTE,
    TITLE,
    axes_figure,
    colour_bar,
    figure_of,
    finish,
    fit_text,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN_UNITS = 64
MOST_INPUTS, MOST_UNITS = 40, 40
"""Of a matrix."""


def values(view: "View") -> "Drawings":
    """The first dense layer of a chain, of grey pictures or of columns that have names."""
    kernel = view.first_dense()
    if kernel is None or not np.isfinite(kernel).all():
        return {}
    inputs, units = kernel.shape
    shape = view.shape[:2] if view.shape[2:] in ((), (1,)) else view.shape
    title = view.entitle("Weights of the first layer")
    if is_image(view.shape) and math.prod(shape) == inputs:
        pictures = kernel.T[:SHOWN_UNITS].reshape(-1, *shape)
        return {"weights": [{"pictures": pictures, "units": units, "title": title}]} if len(shape) == 2 else {}
    if len(view.number_names) == inputs <= MOST_INPUTS and units <= MOST_UNITS:
        return {"weights": [{"kernel": kernel, "names": view.number_names, "title": title}]}
    return {}


def draw(
    title: str,
    pictures: np.ndarray | None = None,
    units: int = 0,
    kernel: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> "Figure":
    """``pictures`` (n, h, w) of the first n of so many ``units``, or a ``kernel`` (inputs, units) with their names."""
    if pictures is not None:
        return draw_pictures(pictures, units, title)
    if kernel is None:
        raise ValueError("there is nothing to draw")
    inputs, units = kernel.shape
    size = (min(max(0.34 * units + 3.4, 5.8), 13), min(max(0.26 * inputs + 1.9, 3.2), 12))
    figure, axes = axes_figure(title, fill_template("Unit of the first layer"), "", size)
    most = float(np.abs(kernel).max()) or 1.0
    image = axes.imshow(kernel, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
    colour_bar(figure, axes, image, fill_template("Weight"))
    axes.set_yticks(range(inputs), [fit_text(name, 1.7, NOTE) for name in names], fontsize=NOTE)
    step = max(1, units // 16)
    axes.set_xticks(range(0, units, step), [str(i + 1) for i in range(0, units, step)], fontsize=NOTE)
    if inputs * units <= 150:
        for (i, j), weight in np.ndenumerate(kernel):
            colour = "white" if abs(weight) > 0.6 * most else INK
            axes.text(j, i, f"{weight:.2g}", ha="center", va="center", fontsize=NOTE - 1, color=colour)
    axes.grid(False)
    axes.tick_params(length=0)
    return finish(figure)


def draw_pictures(pictures: np.ndarray, units: int, title: str) -> "Figure":
    """Each unit's weights where its pixels are: red for those that raise it, blue for those that lower it."""
    count, side, gap, head, foot = len(pictures), 0.82, 0.1, 0.75, 0.45
    columns = min(10, max(4, math.ceil(math.sqrt(count))))
    rows = -(-count // columns)
    width, height = max(columns * (side + gap) + 0.4, 5.6), rows * (side + gap) + head + foot
    figure = figure_of((width, height))
    said = "{what:.200}: the first {count} of {units} units" if count < units else "{what:.200}: the {units} units"
    where: dict[str, Any] = {"ha": "center", "fontsize": LABEL, "color": INK}
    what, _, about = title.partition("\n")
    entitled = fill_template(said, what=what, count=count, units=units)
    figure.text(0.5, 1 - 0.32 / height, fit_text(entitled, width - 0.4, TITLE), **where | {"fontsize": TITLE})
    figure.text(0.5, 1 - 0.55 / height, fit_text(about, width - 0.4, LABEL), **where)
    sheet = sheet_of(figure)
    for i, picture in enumerate(pictures):
        left = width / 2 + (i % columns - min(columns, count) / 2) * (side + gap) + gap / 2
        bottom = height - head - (i // columns + 1) * (side + gap) + gap / 2
        most = float(np.quantile(np.abs(picture), 0.995)) or 1.0
        put_picture(sheet, picture, left, bottom, side, cmap="RdBu_r", vmin=-most, vmax=most)
    note = fill_template("red: a bright pixel raises the unit; blue: lowers it; each from its own largest weight")
    figure.text(0.5, 0.13 / height, fit_text(note, width - 0.2, NOTE), ha="center", fontsize=NOTE, color=INK)
    return finish(figure)
