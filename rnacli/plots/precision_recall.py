"""Precision over recall of two classes."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.roc_curve import SMALL_PART, two_class_scores
from rnacli.plots.style import (
    BLUE,
    INK,
    POINT,
    axes_figure,
    finish_explained,
    only_finite,
    positives,
    thinned,
    unit_square,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Where there are two classes, and enough rows."""
    scores = two_class_scores(view, "Precision and recall", 0 if view.every else SMALL_PART)
    return {"precision_recall": [{**scores, "threshold": view.final.threshold}]} if scores else {}


def draw(truth: np.ndarray, scores: np.ndarray, title: str, positive: str, threshold: float) -> "Figure":
    """The share of right ones among the rows taken for positive over the share found; arguments as ``roc_curve``."""
    from sklearn import metrics

    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    figure, axes = axes_figure(
        title,
        fill_template("Recall (share that is found)"),
        fill_template("Precision (share that is right)"),
        (5.8, 6.6),
    )
    entries: list[tuple[Artist, str]] = []
    notes = [positives(truth, positive), *notes]
    if truth.any():
        up, across, _ = metrics.precision_recall_curve(truth, scores)
        (curve,) = axes.plot(*thinned(across, up), color=BLUE, linewidth=2.2, drawstyle="steps-post")
        entries.append(
            (
                curve,
                fill_template(
                    "network: average precision {average:.3f}",
                    average=metrics.average_precision_score(truth, scores),
                ),
            )
        )
        base = truth.mean()
        (chance,) = axes.plot([0, 1], [base, base], color=INK, linestyle="--", linewidth=1.2)
        entries.append((chance, fill_template("chance: base rate {base:.3f}", base=base)))
        taken = scores > threshold
        if taken.any():
            precision, recall = truth[taken].mean(), taken[truth == 1].mean()
            (point,) = axes.plot(recall, precision, zorder=4, **POINT)
            entries.append(
                (
                    point,
                    fill_template(
                        "threshold {threshold:.3g}: precision {precision:.3f}, recall {recall:.3f}",
                        threshold=threshold,
                        precision=precision,
                        recall=recall,
                    ),
                )
            )
        else:
            notes.append(fill_template("No score is above the threshold {threshold:.3g}", threshold=threshold))
    else:
        notes.append(fill_template("No curve: it takes rows of the positive class"))
    unit_square(axes)
    return finish_explained(figure, entries, notes)
