"""What is found of one of two classes, and what is falsely taken for it, at every threshold."""

from typing import TYPE_CHECKING, Any

import numpy as np

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

SMALL_PART = 500
"""Rows below which what is drawn of probabilities is mostly chance, and would take longer than many a training."""


def values(view: "View") -> "Drawings":
    """Where there are two classes, and rows of both."""
    scores = two_class_scores(view, "ROC curve")
    return {"roc": [{**scores, "threshold": view.final.threshold}]} if scores else {}


def two_class_scores(view: "View", what: str, fewest: int = 0) -> dict[str, Any]:
    """What is drawn of the probabilities of two classes; nothing unless there are rows of both, ``fewest`` in all."""
    final = view.final
    if final.confusion is None or final.probabilities is None or final.threshold is None:
        return {}
    if len(np.unique(final.truth)) < 2 or final.rows < fewest:
        return {}
    scores = final.probabilities[:, 1]
    return {"truth": final.truth, "scores": scores, "title": view.entitle(what, True), "positive": final.classes[1]}


def draw(truth: np.ndarray, scores: np.ndarray, title: str, positive: str, threshold: float) -> "Figure":
    """The share of the positive rows that is found over the share of the others taken for them, by the threshold.

    ``truth`` (n,) of 0 and 1; ``scores`` (n,) probabilities of 1, which stands for the class ``positive``. A row is
    taken for positive if its score is above ``threshold``.
    """
    from sklearn import metrics

    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    size = (5.8, 6.6)
    figure, axes = axes_figure(
        title, fill_template("False positive rate (false alarms)"), fill_template("True positive rate (recall)"), size
    )
    (chance,) = axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1.2)
    entries: list[tuple[Artist, str]] = [(chance, fill_template("chance: area 0.5"))]
    notes = [positives(truth, positive), *notes]
    if 0 < truth.sum() < len(truth):
        across, up, _ = metrics.roc_curve(truth, scores)
        (curve,) = axes.plot(*thinned(across, up), color=BLUE, linewidth=2.2)
        true_rate, false_rate = ((scores > threshold)[truth == each].mean() for each in (1, 0))
        (point,) = axes.plot(false_rate, true_rate, zorder=4, **POINT)
        rates = fill_template(
            "threshold {threshold:.3g}: true positive rate {true_rate:.3f}, false positive rate {false_rate:.3f}",
            threshold=threshold,
            true_rate=true_rate,
            false_rate=false_rate,
        )
        entries = [
            (curve, fill_template("network: area {auc:.3f}", auc=metrics.auc(across, up))),
            *entries,
            (point, rates),
        ]
    else:
        notes.append(fill_template("No curve: it takes rows of both classes"))
    unit_square(axes)
    return finish_explained(figure, entries, notes)
