"""Slices: what the trials reached, against each key."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import (
    BLUE,
    INK,
    NOTE,
    PALE,
    RED,
    TITLE,
    figure_of,
    finish,
    fit_text,
    style,
    use_logarithm,
)
from rnacli.tuning.pictures.view import TrialsView
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS, WIDTH, HEIGHT = 3, 3.4, 3.0
"""Panels beside one another, and their size in inches."""


def draw(view: TrialsView) -> "Figure":
    """A panel a key: its value in each trial, and the trial's goal; the best one is marked."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    keys = [axis for axis in view.axes if np.isfinite(axis.values).any()]
    wide = min(ACROSS, len(keys))
    high = -(-len(keys) // wide)
    size = (max(WIDTH * wide + 0.6, 5.0), HEIGHT * high + 0.6)
    figure = figure_of(size, ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))
    title = fill_template("{name:.200}: {goal} by key", name=view.title, goal=view.goal_name)
    figure.suptitle(fit_text(title, size[0] - 0.6, TITLE), fontsize=TITLE, color=INK)
    low, high_value = shown_range(view)
    for i, axis in enumerate(keys):
        axes = figure.add_subplot(high, wide, i + 1)
        style(axes, axis.name, view.goal_name if i % wide == 0 else "", (WIDTH + 1.4, HEIGHT + 1.0))
        if axis.log:
            use_logarithm(axes, "x")
        if axis.labels:
            axes.set_xticks(range(len(axis.labels)), axis.labels, fontsize=NOTE)
            axes.set_xlim(-0.5, len(axis.labels) - 0.5)
        for chosen, colour in ((~view.whole, PALE), (view.whole, BLUE)):
            axes.plot(axis.values[chosen], view.goal[chosen], "o", color=colour, markersize=4, alpha=0.8)
        best = view.order[-1]
        axes.plot(axis.values[best], view.goal[best], "o", color=RED, markersize=8, markeredgecolor="white")
        axes.set_ylim(low, high_value)
    note = "Red: the best trial." if view.whole.all() else "Red: the best trial. Grey: pruned."
    return finish(figure, [fill_template(note)])


def shown_range(view: TrialsView) -> tuple[float, float]:
    """The goals that are shown: a few that are far off would press all others together."""
    bad, best = np.quantile(view.cost, 0.95), view.cost.min()
    room = 0.05 * (bad - best) or 0.01
    ends = sorted([bad + room, best - room])
    return (-ends[1], -ends[0]) if view.large else (ends[0], ends[1])
