"""How far off the outputs of an autoencoder are from its inputs: how many rows have which error."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import BLUE, INK, RED, axes_figure, finish, whole_numbers
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Of the held-out rows."""
    if view.reconstruct is None:
        return {}
    return {"errors": [{"errors": view.final.predicted[:, 0], "title": view.entitle("Errors of single rows", True)}]}


def draw(errors: np.ndarray, title: str) -> "Figure":
    """A histogram of errors (n,), with their median and their 99th percentile."""
    errors = np.asarray(errors, float)
    finite = errors[np.isfinite(errors)]
    figure, axes = axes_figure(title, fill_template("Error of a row (mean squared difference)"), fill_template("Rows"))
    notes = [
        fill_template(
            "{count} of {total} errors not finite and left out", count=len(errors) - len(finite), total=len(errors)
        )
    ] * (len(finite) < len(errors))
    if len(finite):
        middle, high = np.percentile(finite, [50, 99])
        axes.hist(finite, int(np.clip(np.sqrt(len(finite)), 8, 60)), color=BLUE, edgecolor="white", linewidth=0.6)
        axes.axvline(middle, color=INK, linewidth=1.4)
        axes.axvline(high, color=RED, linestyle="--", linewidth=1.4)
        notes.insert(
            0,
            fill_template(
                "Solid: the median, {middle:.4g}. Dashed: 1 % of the rows lie above it, {high:.4g}",
                middle=middle,
                high=high,
            ),
        )
    whole_numbers(axes, "y")
    return finish(figure, notes)
