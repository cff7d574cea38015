"""How many rows of each class are taken for which."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import (
    BLUE,
    GRID,
    INK,
    LABEL,
    NOTE,
    PALE,
    axes_figure,
    class_labels,
    colour_bar,
    finish,
    percent,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


MOST_CLASSES = 1000
"""Classes of which each still has a point in the picture."""
FEW = 4
"""Classes up to which twice as much of the colour is twice as large a share."""
GRIDDED = 3
"""Points from one line of the grid to the next: nearer ones would hide what is between them."""


def values(view: "View") -> "Drawings":
    """Where each row is of one class."""
    final = view.final
    if final.confusion is None or not 0 < len(final.confusion) <= MOST_CLASSES:
        return {}
    return {
        "confusion_matrix": [
            {"counts": final.confusion, "classes": final.classes, "title": view.entitle("Confusion matrix", True)}
        ]
    }


def draw(counts: np.ndarray, classes: Sequence[str], title: str = "") -> "Figure":
    """``counts`` (k, k): rows are true classes, columns predicted ones. The colour is the share of the row."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm
    from matplotlib.ticker import PercentFormatter

    counts = np.asarray(counts)
    k = len(counts)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(totals > 0, totals, 1)
    side = min(max(0.62 * k, 3.6), 9.6)  # inches of the square itself
    inches = (side + 2.6, side + 1.5)
    figure, axes = axes_figure(title, fill_template("Predicted class"), fill_template("True class"), inches)
    # The mistakes among many classes are few: let them show. Of few classes, 64 % must look like more than 36 %.
    shades = LinearSegmentedColormap.from_list("shades", ["white", BLUE])
    image = axes.imshow(shares, cmap=shades, norm=PowerNorm(1 if k <= FEW else 0.6, 0, 1))
    shown = fill_template("Share of the true class")
    colour_bar(figure, axes, image, shown, format=PercentFormatter(1, symbol=" %"), shrink=0.8)

    cell = side / k * 72  # points
    few = counts if cell >= 5 * 0.64 * 3 / 0.9 else counts[:0]  # others have no room for text of 5 points
    texts = [[f"{count:.0f}" if count % 1 == 0 else f"{count:g}" for count in row] for row in few]
    longest = max((len(text) for row in texts for text in row), default=math.inf)
    size = min(LABEL, 0.9 * cell / (0.64 * max(3, longest)))
    if size >= 5:
        for (i, j), share in np.ndenumerate(shares):
            text = texts[i][j] + (f"\n{percent(float(share))}" if counts[i, j] and cell > 3.2 * size else "")
            colour = "white" if share > (0.7 if k <= FEW else 0.55) else INK if counts[i, j] else PALE
            # Within the square, so of no use to the layout, which would take seconds for forty classes.
            axes.text(j, i, text, ha="center", va="center", fontsize=size, color=colour, in_layout=False)
    names = class_labels(classes, 1.5, k)
    ticks = range(0, k, int(np.ceil(9 / cell)))
    small = min(NOTE, max(0.85 * cell * ticks.step, 6))
    turn: dict[str, Any] = {"rotation": 90, "va": "center"} if k > 15 else {"rotation": 40}
    turn = {} if max(map(len, names)) * 0.62 * NOTE < cell else turn | {"ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(ticks, [names[i] for i in ticks], fontsize=small, **turn)
    axes.set_yticks(ticks, [names[i] for i in ticks], fontsize=small)
    if cell >= GRIDDED:
        axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.tick_params(which="both", length=0)
    axes.grid(False)
    axes.grid(which="minor", color=GRID, linewidth=0.6)
    return finish(figure)
