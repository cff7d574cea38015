"""Predicted values over true ones."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import (
    GRID,
    INK,
    LABEL,
    MOST_POINTS,
    axes_figure,
    finish,
    legend,
    only_finite,
    scatter,
    span,
    tell_score,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Of each number that is predicted."""
    truth, predicted = view.final.truth, view.final.predicted
    return {
        "prediction": [
            {
                "truth": truth[:, i],
                "prediction": predicted[:, i],
                "target": target,
                "title": view.entitle("Truth and prediction", True),
            }
            for i, target in enumerate(view.targets)
        ]
    }


def draw(truth: np.ndarray, prediction: np.ndarray, target: str, title: str) -> "Figure":
    """Regression: ``prediction`` (n,) over ``truth`` (n,); a perfect network puts every point on the diagonal."""
    truth, prediction, _, notes = only_finite(np.ravel(truth), np.ravel(prediction))
    figure, axes = axes_figure(
        title,
        fill_template("True {target:.300}", target=target),
        fill_template("Predicted {target:.300}", target=target),
        (5.8, 5.8),
    )
    limits = span(np.concatenate([truth, prediction]))
    (line,) = axes.plot(limits, limits, color=INK, linestyle="--", linewidth=1.2, zorder=4)
    shown = np.linspace(0, len(truth) - 1, min(len(truth), MOST_POINTS)).astype(int)
    scatter(axes, truth[shown], prediction[shown])
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.set(yticks=axes.get_xticks(), ylim=limits)
    if len(truth):
        error, spread = truth - prediction, truth - truth.mean()
        r2 = tell_score(1 - (error @ error) / (spread @ spread)) if spread.any() else fill_template("undefined")
        box = {"facecolor": "white", "edgecolor": GRID, "boxstyle": "round", "alpha": 0.9}
        text = f"R² {r2}\nMAE {np.abs(error).mean():.4g}\nn = {len(truth):,}"
        axes.text(0.04, 0.96, text, transform=axes.transAxes, va="top", fontsize=LABEL, color=INK, bbox=box, zorder=5)
    legend(axes, [line], [fill_template("perfect prediction")], 2, loc="lower right")
    return finish(figure, notes)
