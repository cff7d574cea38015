"""Each trial, and the best so far."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import BLUE, ORANGE, PALE, axes_figure, finish, legend
from rnacli.tuning.pictures.view import TrialsView
from rnacli.words import fill_each, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(view: TrialsView) -> "Figure":
    """The goal of every trial, and the best until then as a line."""
    from matplotlib.ticker import MaxNLocator

    title = fill_template("{name:.200}: {goal} of each trial", name=view.title, goal=view.goal_name)
    figure, axes = axes_figure(title, fill_template("Trial"), view.goal_name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    best = np.minimum.accumulate(np.where(view.whole, view.cost, np.inf))
    shown = np.isfinite(best)
    line = axes.step(
        view.numbers[shown], -best[shown] if view.large else best[shown], where="post", color=ORANGE, linewidth=1.8
    )
    handles, names = [*line], fill_each("best so far")
    for chosen, colour, name in (
        (view.whole, BLUE, fill_template("trial")),
        (~view.whole, PALE, fill_template("pruned")),
    ):
        if chosen.any():
            handles += axes.plot(view.numbers[chosen], view.goal[chosen], "o", color=colour, markersize=5)
            names.append(fill_template(name))
    legend(axes, handles, names, 3, loc="best")
    return finish(figure)
