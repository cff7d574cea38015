"""The curves of several seeds behind those of one: their range, and the half of them in the middle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnacli.plots.style import HUGE

Band = Sequence[Sequence[float]]
"""After each epoch: the lowest value, the quartiles, the highest."""


def make_band(curves: Sequence[Sequence[float]]) -> Band:
    """The band of curves, of which some may end before others."""
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    columns = [column[np.abs(column) < HUGE] for column in table.T]
    whole = [np.quantile(column, (0, 0.25, 0.75, 1)) if len(column) else np.full(4, np.nan) for column in columns]
    values: list[list[float]] = np.reshape(whole, (-1, 4)).T.tolist()
    return values


def draw_bands(axes: Any, bands: Mapping[str, Band], colors: Mapping[str, str]) -> np.ndarray:
    """Draw bands in the colours of their curves; gives all values that they reach."""
    reached = [np.empty(0)]
    for name, band in bands.items():
        lowest, lower, upper, highest = np.array(band, dtype=float)
        epochs = np.arange(1, len(lowest) + 1)
        for low, high, alpha in ((lowest, highest, 0.12), (lower, upper, 0.22)):
            axes.fill_between(epochs, low, high, color=colors[name], alpha=alpha, linewidth=0, zorder=0)
        reached += [lowest, highest]
    values = np.concatenate(reached)
    return values[np.isfinite(values)]
