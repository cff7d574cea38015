"""A network's answer along its one input."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import FINE, MOST_POINTS, RED, axes_figure, finish, legend, only_finite, scatter, span
from rnacli.words import fill_each

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Where one input decides about one number."""
    if view.shape != (1,) or len(view.targets) != 1:
        return {}
    x = view.inputs.take(view.parts[view.final.part][:MOST_POINTS])
    drawn = {
        "answer": view.answer(line_inputs(x)),
        "x": x,
        "y": view.final.truth[:MOST_POINTS, 0],
        "feature": (view.features or ("x1",))[0],
        "target": view.targets[0],
        "title": view.entitle("Learnt curve", True),
    }
    return {"curve": [drawn]}


def line_inputs(x: np.ndarray) -> np.ndarray:
    """The inputs (m, 1) along the points ``x`` (n, 1) where a regression line shows the network's answer."""
    across = np.ravel(x)
    return np.linspace(*span(only_finite(across, across)[0]), 2 * FINE)[:, None]


def draw(answer: np.ndarray, x: np.ndarray, y: np.ndarray, feature: str, target: str, title: str) -> "Figure":
    """Regression with one input: the points ``x`` (n, 1), ``y`` (n,) and a network's ``answer`` (m,) along ``line``."""
    where = line_inputs(x).ravel()
    across, y, _, notes = only_finite(np.ravel(x), np.ravel(y))
    figure, axes = axes_figure(title, feature, target)
    points = scatter(axes, across, y)
    (curve,) = axes.plot(where, np.ravel(answer), color=RED, linewidth=2.4, zorder=4)
    axes.set_xlim(where[0], where[-1])
    title = "\n".join(notes)
    legend(figure, [points, curve], fill_each("data", "network"), 2, title, loc="outside lower center", ncols=2)
    return finish(figure)
