"""What the filters of the first convolution look for."""

import math
from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.pixels import put_picture, sheet_of
from rnacli.plots.style import INK, NOTE, figure_of, finish, fit_text, write_title
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN = 64
"""Filters that are drawn."""


def values(view: "View") -> "Drawings":
    """The filters of a network that begins with a convolution of pictures."""
    kernel = view.first_kernel()
    if kernel is None:
        return {}
    count = kernel.shape[-1]
    title = "The first {shown} of {count} filters of the first layer"
    if count <= SHOWN:
        title = "The {count} filters of the first layer"
    entitled = view.entitle(fill_template(title, shown=SHOWN, count=count))
    return {"filters": [{"kernel": kernel[..., :SHOWN], "title": entitled}]}


def draw(kernel: np.ndarray, title: str) -> "Figure":
    """Filters (h, w, 1 or 3, n), each from its smallest weight to its largest, in grey or in red, green and blue."""
    count, side, gap, head, foot = kernel.shape[-1], 0.72, 0.1, 0.6, 0.4
    columns = min(8, max(4, math.ceil(math.sqrt(count))))
    rows = -(-count // columns)
    width, height = max(columns * (side + gap) + 0.4, 5.6), rows * (side + gap) + head + foot
    figure = figure_of((width, height))
    write_title(figure, title)
    sheet = sheet_of(figure)
    for i in range(count):
        each = np.nan_to_num(kernel[..., i])
        shown = (each - each.min()) / ((each.max() - each.min()) or 1)
        left = width / 2 + (i % columns - min(columns, count) / 2) * (side + gap) + gap / 2
        bottom = height - head - (i // columns + 1) * (side + gap)
        pixels = shown[..., 0] if shown.shape[-1] == 1 else shown
        put_picture(sheet, pixels, left, bottom, side)
    note = fill_template("from the smallest weight of a filter (dark) to its largest (light)")
    figure.text(0.5, 0.13 / height, fit_text(note, width - 0.2, NOTE), ha="center", fontsize=NOTE, color=INK)
    return finish(figure)
