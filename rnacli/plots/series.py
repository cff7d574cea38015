"""Truth and prediction in the order of time."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import INK, RED, SIZE, axes_figure, finish, legend, style
from rnacli.words import fill_each, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

CLOSE = 168
"""Rows at the end that are drawn once more, larger: a week of hours."""


def values(view: "View") -> "Drawings":
    """Of each number that is predicted in a series; of several series, of the one with most rows."""
    series = view.series
    if series is None or not view.targets:
        return {}
    rows = view.parts[view.final.part]
    begins, counts = np.unique(series.begin[rows], return_counts=True)
    own = np.flatnonzero(series.begin[rows] == begins[counts.argmax()])
    own = own[np.argsort(series.place[rows[own]])]
    place = series.place[rows[own]] - begins[counts.argmax()]
    what = "Truth and prediction" if len(begins) == 1 else "Truth and prediction, one of {count:,} series"
    title = view.entitle(fill_template(what, count=len(begins)), True)
    return {
        "series": [
            {
                "place": place,
                "truth": view.final.truth[own, i],
                "predicted": view.final.predicted[own, i],
                "target": target,
                "title": title,
            }
            for i, target in enumerate(view.targets)
        ]
    }


def draw(place: np.ndarray, truth: np.ndarray, predicted: np.ndarray, target: str, title: str) -> "Figure":
    """``truth`` and ``predicted`` (n,) over their ``place`` (n,) in the series, and the last of them once more."""
    is_long = len(place) > 2 * CLOSE
    figure, axes = axes_figure(
        title, "" if is_long else fill_template("Row of the series"), target, (SIZE[0], 6.4 if is_long else 4.8)
    )
    every = [axes]
    if is_long:
        grid = figure.add_gridspec(2, 1)
        axes.set_subplotspec(grid[0])
        close = figure.add_subplot(grid[1], facecolor="white")
        style(close, fill_template("Row of the series: the last {close} of them", close=CLOSE), target, SIZE)
        every.append(close)
    handles = []
    for each, some in zip(every, (slice(None), slice(-CLOSE, None)), strict=False):
        gaps = np.flatnonzero(np.diff(place[some]) > 1) + 1
        across, lines = np.insert(place[some].astype(float), gaps, np.nan), []
        for up, colour, width in ((truth, INK, 1.2), (predicted, RED, 1.0)):
            (line,) = each.plot(across, np.insert(up[some].astype(float), gaps, np.nan), color=colour, linewidth=width)
            lines.append(line)
        each.margins(x=0.01)
        handles = lines
    legend(figure, handles, fill_each("truth", "prediction"), 2, loc="outside lower center", ncols=2)
    return finish(figure)
