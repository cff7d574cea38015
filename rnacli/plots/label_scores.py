"""Precision, recall and F1 of each label or class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import (
    BLUE,
    HUGE,
    INK,
    LABEL,
    NOTE,
    PALE,
    RED,
    SIZE,
    axes_figure,
    class_labels,
    finish_explained,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


SHOWN_LABELS = 40
READABLE_CLASSES = 20
"""Classes up to which a confusion matrix says how good each of them is."""


def values(view: "View") -> "Drawings":
    """Of labels, and of so many classes that a confusion matrix cannot say how good each of them is."""
    final = view.final
    if not final.per_class or (final.confusion is not None and len(final.classes) <= READABLE_CLASSES):
        return {}
    each = {key: np.array([row[key] for row in final.per_class]) for key in ("precision", "recall", "f1", "rows")}
    return {"labels": [{"names": final.classes, **each, "title": view.entitle("Scores of each label", True)}]}


def draw(
    names: Sequence[str], precision: np.ndarray, recall: np.ndarray, f1: np.ndarray, rows: np.ndarray, title: str
) -> "Figure":
    """The scores (k,) of each label or class from above in the order given, and ``rows`` (k,), how many have it."""
    counts = np.asarray(rows)
    shown = np.sort(np.argsort(-counts, kind="stable")[:SHOWN_LABELS])
    k = len(shown)
    size = (SIZE[0], 1.9 + 0.24 * max(k, 4))
    figure, axes = axes_figure(title, fill_template("Score"), "", size)
    every = class_labels(names, 1.8, len(names))
    places = np.arange(k)
    table = np.array([np.asarray(values, dtype=float)[shown] for values in (precision, recall, f1)])
    table = np.where(np.abs(table) < HUGE, table, np.nan)
    bars = axes.barh(places, table[2], 0.62, color=PALE)
    handles: list[Any] = [bars]
    for values, marker, colour, up in zip(table, "v^", (BLUE, RED), (-0.2, 0.2), strict=False):  # tip to tip
        look: dict[str, Any] = {"marker": marker, "color": colour, "markeredgecolor": "white", "markeredgewidth": 0.7}
        handles += axes.plot(values, places + up, linestyle="", markersize=8, **look)
    axes.set(xlim=(-0.02, 1.02), ylim=(k - 0.4, -0.6))
    axes.set_yticks(places, [every[i] for i in shown], fontsize=NOTE)
    right = axes.secondary_yaxis("right")
    right.set_yticks(places, [f"{counts[i]:,.0f}" for i in shown], fontsize=NOTE, color=INK)
    right.set_ylabel(fill_template("Rows"), labelpad=8, fontsize=LABEL, color=INK)
    for each in (axes, right):
        each.tick_params(axis="y", length=0)
    right.spines["right"].set_visible(False)
    notes = [fill_template("The {k} of {count:,} with the most rows", k=k, count=len(names))] if k < len(names) else []
    lost = int(np.isnan(table).sum())
    notes += (
        [fill_template("{lost} of {size:.300} scores not finite and left out", lost=lost, size=table.size)]
        if lost
        else []
    )
    return finish_explained(figure, list(zip(handles, ("F1", "precision", "recall"), strict=True)), notes, 3)
