"""Whether probabilities are what they say."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.roc_curve import SMALL_PART, two_class_scores
from rnacli.plots.style import BLUE, INK, axes_figure, finish_explained, only_finite, style, unit_square, whole_numbers
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


BINS = 10
"""Bins of probabilities, in which shares are compared with what was predicted."""


def values(view: "View") -> "Drawings":
    """Where there are two classes, and enough rows."""
    scores = two_class_scores(view, "Calibration", 0 if view.every else SMALL_PART)
    return {"calibration": [scores]} if scores else {}


def draw(truth: np.ndarray, scores: np.ndarray, title: str, positive: str) -> "Figure":
    """Whether of the rows with a probability of 0.7 about 70 % are positive; the arguments are those of ``roc_curve``.

    Ten bins of equal width. The expected calibration error is that of Guo et al. (2017), "On Calibration of Modern
    Neural Networks"; the intervals are Wilson's.
    """
    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    size = (5.8, 7.4)
    figure, axes = axes_figure(title, "", "", size)
    grid = figure.add_gridspec(2, 1, height_ratios=(4.5, 1))
    axes.set_subplotspec(grid[0])
    strip = figure.add_subplot(grid[1], facecolor="white", sharex=axes)
    style(axes, "", fill_template("Share that is {positive}", positive=positive), (size[0], 5.2))
    style(strip, fill_template("Predicted probability of {positive}", positive=positive), fill_template("Rows"), size)
    outside = int(((scores < 0) | (scores > 1)).sum())
    if outside:
        scores = scores.clip(0, 1)
        notes.append(
            fill_template(
                "{outside:,} of {count:,} scores below 0 or above 1: taken as 0 or 1",
                outside=outside,
                count=len(scores),
            )
        )

    (perfect,) = axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1.2)
    entries: list[tuple[Artist, str]] = [(perfect, fill_template("perfect calibration"))]
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], scores)  # a score on an edge is of the lower bin
    counts = np.bincount(bins, minlength=BINS)
    full = counts > 0
    said, seen = (np.bincount(bins, each, BINS)[full] / counts[full] for each in (scores, truth))
    if len(truth):
        intervals = axes.vlines(said, *wilson(seen, counts[full]), color=BLUE, linewidth=6, alpha=0.25)
        (curve,) = axes.plot(said, seen, color=BLUE, linewidth=2, marker="o", markersize=7, markeredgecolor="white")
        entries = [
            (curve, fill_template("network, in bins of 0.1")),
            (intervals, fill_template("95 % interval of the share")),
            *entries,
        ]
        error = counts[full] / len(truth) @ np.abs(seen - said)
        brier = np.mean((scores - truth) ** 2)
        notes.insert(
            0,
            fill_template(
                "Brier score {brier:.4f}, expected calibration error {error:.4f}, n = {count:,}",
                brier=brier,
                error=error,
                count=len(truth),
            ),
        )
    strip.hist(scores, bins=np.linspace(0, 1, 2 * BINS + 1).tolist(), color=BLUE, edgecolor="white", linewidth=0.6)
    whole_numbers(strip, "y")
    unit_square(axes)
    axes.tick_params(labelbottom=False)
    return finish_explained(figure, entries, notes)


def wilson(shares: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % intervals of ``shares`` of ``counts`` rows. Wilson (1927), "Probable Inference"."""
    z = 1.96
    middle = shares + z**2 / (2 * counts)
    half = z * np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2))
    return (middle - half) / (1 + z**2 / counts), (middle + half) / (1 + z**2 / counts)
