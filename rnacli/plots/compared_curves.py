"""A figure of several runs after each epoch, one curve a run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import COLOURS, HUGE, SIZE, axes_figure, finish, legend, use_logarithm
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DASHES = ("-", "--", ":", "-.")
FEW = 3
"""Curves whose legend hides none of them; that of more stands below, where no curve can be."""


def draw(histories: Mapping[str, Mapping[str, Sequence[float]]], metric: str) -> "Figure":
    """``metric`` after every epoch, of each run that has it; ``histories``: the columns of each, by its label."""
    from matplotlib.ticker import MaxNLocator

    count = sum(metric in history for history in histories.values())
    below = -(-count // 2) if count > FEW else 0
    title, size = fill_template("{metric} after each epoch", metric=metric), (SIZE[0], SIZE[1] + 0.2 * below)
    figure, axes = axes_figure(title, fill_template("Epoch"), metric, size)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    handles, names = [], []
    for i, (name, history) in enumerate(histories.items()):
        if metric not in history:
            continue
        values = np.array(history[metric], dtype=float)
        values = np.where(np.abs(values) < HUGE, values, np.nan)
        look: dict[str, Any] = {
            "color": COLOURS[i % len(COLOURS)],
            "linestyle": DASHES[i // len(COLOURS) % len(DASHES)],
        }
        handles += axes.plot(history["epoch"], values, linewidth=1.8, **look)
        names.append(name)
    shown = np.concatenate([line.get_ydata() for line in handles]) if handles else np.empty(0)
    shown = shown[np.isfinite(shown)]
    if len(shown) and shown.min() > 0 and shown.max() > 30 * np.median(shown):
        use_logarithm(axes, "y")
        axes.set_ylabel(axes.get_ylabel() + fill_template(" (logarithmic)"))
    if below:
        legend(figure, handles, names, 2.6, loc="outside lower center", ncols=2)
    elif handles:
        legend(axes, handles, names, 4, loc="best")
    return finish(figure, [])
