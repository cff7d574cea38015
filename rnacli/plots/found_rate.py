"""The loss after each step of a range test, by the learning rate of the step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import BLUE, RED, axes_figure, finish, legend, use_logarithm
from rnacli.words import fill_each, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(rates: Sequence[float], losses: Sequence[float], suggestion: float | None, title: str) -> "Figure":
    """``losses`` (n,) over ``rates`` (n,), and the rate that is suggested, if one is."""
    across, up = fill_each("Learning rate (logarithmic)", "Loss of the same training rows")
    figure, axes = axes_figure(title, across, up)
    handles = axes.plot(rates, losses, color=BLUE, linewidth=1.8)
    names = fill_each("loss after each step")
    use_logarithm(axes, "x")
    if losses:
        low, high = min(losses), max(losses)
        top = min(high, low + 3 * (losses[0] - low or abs(losses[0]) or 1.0))
        axes.set_ylim(low - 0.05 * (top - low), top + 0.05 * (top - low))
    if suggestion is not None:
        handles += [axes.axvline(suggestion, color=RED, linewidth=1.6, linestyle="--")]
        names.append(fill_template("suggestion: {rate:g}", rate=suggestion))
        at = float(np.interp(np.log(suggestion), np.log(rates), losses))
        axes.plot(suggestion, at, marker="o", markersize=7, color=RED, linestyle="", zorder=4)
    legend(axes, handles, names, 3, loc="best")
    return finish(figure)
