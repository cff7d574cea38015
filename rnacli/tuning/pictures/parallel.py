"""Parallel coordinates: each trial is a line over the keys of the search, coloured by what it reached."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import INK, NOTE, PALE, SIZE, axes_figure, colour_bar, finish
from rnacli.tuning.pictures.view import Axis, TrialsView
from rnacli.words import clean, fill_each, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = 5
"""Values that are written beside an axis."""


def draw(view: TrialsView) -> "Figure":
    """A line a trial, the best ones above; a trial that lacks a key has a gap there."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    keys = [axis for axis in view.axes if np.isfinite(axis.scaled).any()]
    size = (max(SIZE[0], 1.6 * len(keys) + 2.4), SIZE[1])
    title = fill_template("{name:.200}: the trials and their {goal}", name=view.title, goal=view.goal_name)
    figure, axes = axes_figure(title, "", "", size)
    axes.grid(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_yticks([])
    places = np.arange(len(keys))
    heights = np.array([spread(axis) for axis in keys]).reshape(len(keys), -1)
    norm = Normalize(*goal_range(view))
    # The best are dark: pale lines on white are for the others.
    colours = ScalarMappable(norm, "viridis_r" if view.large else "viridis")
    for i in view.order:
        best = i == view.order[-1]
        axes.plot(
            places,
            heights[:, i],
            color=colours.to_rgba(view.goal[i]),
            linewidth=2.6 if best else 1.0,
            alpha=1.0 if best else 0.7 if view.whole[i] else 0.25,
            marker="o" if len(keys) == 1 or best else None,
            markersize=5,
        )
    for place, axis in zip(places, keys, strict=True):
        axes.axvline(float(place), color=PALE, linewidth=1, zorder=0)
        for height, text in marks(axis):
            box = {"facecolor": "white", "alpha": 0.95, "edgecolor": "none", "pad": 0.6}
            axes.text(place + 0.03, height, text, fontsize=NOTE - 1, color=INK, va="center", zorder=5, bbox=box)
    axes.set_xticks(places, short_names([axis.name for axis in keys]))
    axes.set_xlim(-0.2, len(keys) - 0.5)
    colour_bar(figure, axes, colours, view.goal_name)
    return finish(figure, fill_each("The thickest line is the best trial."))


def short_names(keys: Sequence[str]) -> list[str]:
    """The last parts of each key, one above the other: two, or as many as tell it from the others."""
    parts = [key.replace("*.", "").split(".") for key in keys]
    names = []
    for own in parts:
        count = 2
        while count < len(own) and sum(other[-count:] == own[-count:] for other in parts) > 1:
            count += 1
        names.append("\n".join(clean(part, 18) for part in own[-count:]))
    return names


def spread(axis: Axis) -> np.ndarray:
    """The values of an axis between 0 and 1."""
    values = axis.scaled
    low, high = limits(axis)
    return (values - low) / (high - low) if high > low else np.where(np.isfinite(values), 0.5, np.nan)


def limits(axis: Axis) -> tuple[float, float]:
    if axis.labels:
        return 0.0, float(max(1, len(axis.labels) - 1))
    return float(np.nanmin(axis.scaled)), float(np.nanmax(axis.scaled))


def goal_range(view: TrialsView) -> tuple[float, float]:
    """The goals that colours tell apart: bad ones, which may be far off, are all alike."""
    bad, best = np.quantile(view.cost, 0.9), view.cost.min()
    low, high = sorted((-bad, -best) if view.large else (bad, best))
    return float(low), float(high) if high > low else float(low) + 1e-9


def marks(axis: Axis) -> list[tuple[float, str]]:
    """Heights on an axis, and what stands there."""
    if axis.labels:
        count = max(1, len(axis.labels) - 1)
        return [(i / count, label) for i, label in enumerate(axis.labels)]
    low, high = limits(axis)
    if low == high:
        return [(0.5, f"{10**low if axis.log else low:.3g}")]
    tried = np.unique(axis.scaled[np.isfinite(axis.scaled)])
    each = tried if len(tried) <= MARKS else np.linspace(low, high, MARKS)
    return [((value - low) / (high - low), f"{10**value if axis.log else value:.3g}") for value in each]
