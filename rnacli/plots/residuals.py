"""What predictions leave of the truth."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import (
    BLUE,
    INK,
    SIZE,
    axes_figure,
    finish,
    only_finite,
    scatter,
    span,
    style,
    whole_numbers,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN_POINTS = 5000
"""Points in a scatter: more take long to draw and hide one another."""


def values(view: "View") -> "Drawings":
    """Of each number that is predicted."""
    truth, predicted = view.final.truth, view.final.predicted
    return {
        "residuals": [
            {
                "truth": truth[:, i],
                "predicted": predicted[:, i],
                "target": target,
                "title": view.entitle("Residuals", True),
            }
            for i, target in enumerate(view.targets)
        ]
    }


def draw(truth: np.ndarray, predicted: np.ndarray, target: str, title: str) -> "Figure":
    """Regression: ``predicted`` - ``truth`` (n,) over ``predicted`` (n,), and how often each residual occurs."""
    truth, predicted, _, notes = only_finite(np.ravel(truth), np.ravel(predicted))
    figure, axes = axes_figure(title, "", "", SIZE)
    grid = figure.add_gridspec(1, 2, width_ratios=(4, 1))
    axes.set_subplotspec(grid[0])
    side = figure.add_subplot(grid[1], facecolor="white", sharey=axes)
    style(
        axes,
        fill_template("Predicted {target:.300}", target=target),
        fill_template("Residual (predicted − true)"),
        (6.4, SIZE[1]),
    )
    style(side, fill_template("Rows"), "", SIZE)
    left = predicted - truth
    if len(left) > SHOWN_POINTS:
        notes.append(
            fill_template(
                "{shown_points:,} of the {count:,} points drawn, all of them counted at the side",
                shown_points=SHOWN_POINTS,
                count=len(left),
            )
        )
    some = np.linspace(0, len(left) - 1, min(len(left), SHOWN_POINTS)).astype(int)
    scatter(axes, predicted[some], left[some])
    limits = span(np.append(left, 0))
    for each in (axes, side):
        each.axhline(0, color=INK, linestyle="--", linewidth=1.2, zorder=4)
    edges = np.linspace(*limits, int(np.clip(np.sqrt(len(left)), 8, 40)) + 1).tolist()
    side.hist(left, edges, orientation="horizontal", color=BLUE, edgecolor="white", linewidth=0.6)
    side.tick_params(labelleft=False, left=False)
    whole_numbers(side, "x")
    axes.set(xlim=span(predicted), ylim=limits)
    if len(left):
        figures = fill_template(
            "mean {mean:.4g}, standard deviation {deviation:.4g}, n = {count:,}",
            mean=left.mean(),
            deviation=left.std(),
            count=len(left),
        )
        notes.insert(0, fill_template("Residuals: {figures}. Dashed: a perfect prediction", figures=figures))
    return finish(figure, notes)
