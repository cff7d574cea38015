"""Scores at every threshold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import (
    COLOURS,
    HUGE,
    INK,
    MARKERS,
    NOTE,
    SIZE,
    axes_figure,
    finish_explained,
    fit_text,
    span,
    thinned,
)
from rnacli.tasks.score_names import name_score
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


_LINES = ("-", "--", "-.", ":")


def values(view: "View") -> "Drawings":
    """Where the threshold was chosen by a score: on the rows that it was chosen by."""
    if view.sweep is None:
        return {}
    sweep, rows = view.sweep(), len(view.parts["validation"])
    title = view.entitle(fill_template("Scores at each threshold of {rows:,} validation rows", rows=rows))
    named = {name_score(name, view.final.positive): values for name, values in sweep.scores.items()}
    scores = {"thresholds": sweep.thresholds, "metrics": named}
    return {"threshold": [{**scores, "chosen": view.final.threshold, "title": title}]}


def draw(thresholds: np.ndarray, metrics: Mapping[str, np.ndarray], chosen: float, title: str) -> "Figure":
    """``metrics`` (n,) by their names over ``thresholds`` (n,), and what they are at the ``chosen`` one."""
    from matplotlib.lines import Line2D

    order = np.argsort(np.ravel(thresholds))
    across = np.ravel(thresholds)[order].astype(float)
    figure, axes = axes_figure(
        title, fill_template("Threshold"), fill_template("Metric"), (SIZE[0], 4.8 + 0.2 * (len(metrics) // 2))
    )
    axes.axvline(chosen, color=INK, linestyle="--", linewidth=1.2, zorder=1)
    entries: list[tuple[Artist, str]] = []
    for i, (name, values) in enumerate(metrics.items()):
        up = np.ravel(values)[order].astype(float)
        up = np.where(np.abs(up) < HUGE, up, np.nan)
        stroke: dict[str, Any] = {"linestyle": _LINES[i % len(_LINES)], "linewidth": 2}
        point: dict[str, Any] = {"marker": MARKERS[i % len(MARKERS)], "markersize": 8, "markeredgecolor": "white"}
        colour = COLOURS[i % len(COLOURS)]
        axes.plot(*thinned(across, up), color=colour, **stroke)
        here = np.interp(chosen, across, up, left=np.nan, right=np.nan) if len(up) else np.nan
        axes.plot(chosen, here, color=colour, zorder=4, **point)
        words = fit_text(name.replace("_", " ").strip() or name, 1.9, NOTE)
        handle = Line2D([], [], color=colour, **stroke, **point)
        entries.append((handle, words if np.isnan(here) else f"{words} {here:.3f}"))
    axes.set_xlim(span(np.append(across, chosen)))
    return finish_explained(
        figure,
        entries,
        [fill_template("At the chosen threshold, {chosen:.3g}:", chosen=chosen)],
        min(2, max(1, len(entries))),
    )
