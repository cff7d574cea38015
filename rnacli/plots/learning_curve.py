"""The loss and the metrics after each epoch."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.seed_bands import Band, draw_bands, make_band
from rnacli.plots.style import BLUE, HUGE, INK, NOTE, RED, axes_figure, finish, legend, use_logarithm
from rnacli.tasks.score_names import name_score
from rnacli.words import count_things, fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Curves, Drawings, View


_WORDS = {
    "acc": "Accuracy",
    "auc": "Area under the curve",
    "mae": "Mean absolute error",
    "mape": "Mean absolute percentage error",
    "mse": "Mean squared error",
    "msle": "Mean squared logarithmic error",
}
_HIGHER_IS_BETTER = re.compile(r"acc|auc|precision|recall|specificity|sensitivity|score|io_?u|similar|correl|true_")


def values(view: "View") -> "Drawings":
    """The loss and each metric of the history."""
    if view.make is not None:  # no epoch is the best, and the lines belong together
        return {}
    metrics = [
        name for name in view.history if not name.startswith("val_") and name not in ("epoch", "phase", "seconds")
    ]
    shared: dict[str, Any] = {"history": view.history, "reference": view.validated_on}
    shared["positive"] = view.final.positive
    shared["are_values"] = bool(view.targets)
    shared["of"] = count_things(max(map(len, view.curves.values()), default=0), "seed")
    return {
        metric: [
            {
                "metric": metric,
                "title": view.entitle(fill_template("{metric} after each epoch", metric=name_metric(metric))),
                **shared,
                "bands": bands_of(metric, view.curves),
            }
        ]
        for metric in metrics
    }


def bands_of(metric: str, curves: "Curves") -> dict[str, Band]:
    """The band of a metric's curves: of those of the held-out rows, if there are some; two would blur."""
    judged = f"val_{metric}" if len(curves.get(f"val_{metric}", ())) > 1 else metric
    return {judged: make_band(curves[judged])} if len(curves.get(judged, ())) > 1 else {}


NO_BANDS: Mapping[str, Band] = {}
DECADE = 5
"""How many times its lowest value the highest error is from where on equal shares are equally far apart."""


def name_metric(metric: str) -> str:
    """What a column of the history is called in words."""
    words = metric.replace("_", " ").strip() or metric
    return fill_template(_WORDS.get(metric, words[:1].upper() + words[1:]))


def draw(
    history: Mapping[str, Sequence[float]],
    metric: str,
    title: str = "",
    reference: str = "validation",
    positive: str | None = None,
    are_values: bool = False,
    bands: Mapping[str, Band] = NO_BANDS,
    of: str = "",
) -> "Figure":
    """``metric`` and, if there, ``val_<metric>`` after every epoch; ``reference`` says what ``val_`` stands for.

    ``positive``: which of two classes a precision or a recall is of. ``are_values``: numbers are predicted, whose
    errors span decades. ``bands``: of the curves ``of`` several networks, such as 5 seeds, behind these.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator

    words = name_metric(metric) + name_score(metric, positive).removeprefix(metric)
    figure, axes = axes_figure(title, fill_template("Epoch"), words)
    reference = fill_template(reference)
    look: dict[str, dict[str, Any]] = {
        metric: {"label": fill_template("training"), "color": BLUE, "linestyle": "-", "marker": "o"},
        f"val_{metric}": {"label": reference, "color": RED, "linestyle": "--", "marker": "s"},
    }
    curves = {key: np.array(history[key], dtype=float) for key in look if key in history}
    length = min(map(len, curves.values()), default=0)
    epochs = np.array(history.get("epoch", range(1, length + 1)), dtype=float)[:length]
    handles: list[Artist] = []
    notes = [] if length else [fill_template("no epochs")]
    for key, values in curves.items():
        values = curves[key] = np.where(np.abs(values) < HUGE, values, np.nan)[:length]
        gaps = np.isnan(values)
        # A value between two gaps has no line to be seen by, so gaps bring the markers back.
        style = look[key] | ({} if length <= 40 or gaps.any() else {"marker": ""})
        handles += axes.plot(epochs, values, linewidth=1.8, markersize=5 if length <= 20 else 3.5, **style)
        if gaps.any():
            where = ", ".join(f"{epoch:.0f}" for epoch in epochs[gaps][:6]) + (", …" if gaps.sum() > 6 else "")
            notes.append(
                fill_template(
                    "{label}: {count} of {length} not finite and left out (epoch {where})",
                    label=look[key]["label"],
                    count=gaps.sum(),
                    length=length,
                    where=where,
                )
            )
    banded = draw_bands(axes, bands, {key: style["color"] for key, style in look.items()})
    band = "bands: {label}, the range and the middle half of {networks}"
    notes += [fill_template(band, label=look[name]["label"], networks=of) for name in bands]
    phases = np.array(history.get("phase", ()), dtype=float)[:length]
    for place in np.flatnonzero(np.diff(phases)):
        begun = (epochs[place] + epochs[place + 1]) / 2
        axes.axvline(begun, color=INK, linewidth=1, linestyle=":", zorder=0)
        note: dict[str, Any] = {"va": "bottom", "ha": "left", "fontsize": NOTE, "color": INK}
        axes.annotate(
            fill_template(" phase {phases:.0f}", phases=phases[place + 1]),
            (begun, 0),
            xycoords=("data", "axes fraction"),
            **note,
        )
    rises = bool(_HIGHER_IS_BETTER.search(metric.lower()))
    judged = curves.get(f"val_{metric}", np.empty(0))
    if np.isfinite(judged).any():
        best = int(np.nanargmax(judged) if rises else np.nanargmin(judged))
        label = fill_template(
            "best {reference}: {judged:.4g}, epoch {epochs:.0f}",
            reference=reference,
            judged=judged[best],
            epochs=epochs[best],
        )
        ring: dict[str, Any] = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "markeredgewidth": 1.6}
        handles += axes.plot(epochs[best], judged[best], linestyle="", color=INK, label=label, zorder=4, **ring)

    shown = np.concatenate([banded, *(values[np.isfinite(values)] for values in curves.values())])
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    if rises and low >= 0 and high <= 1:  # a range of its own, but not one in which noise looks like progress
        span = max(high - low, 0.05)
        axes.set_ylim(max(high - 1.06 * span, -0.02), min(high + 0.06 * span, 1 + 0.03 * span))
    elif low > 0 and (high > 30 * np.median(shown) or (are_values and not rises and high > DECADE * low)):
        # One wild epoch, or the first ones, would flatten all the others.
        use_logarithm(axes, "y")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e3 * low else (1,), numticks=9))
        axes.set_ylabel(axes.get_ylabel() + fill_template(" (logarithmic)"))
    elif 0 < low < high / 3:
        axes.set_ylim(bottom=0)
    first, last = (epochs.min(), epochs.max()) if length else (1, 1)
    room = 0.03 * (last - first) or 0.5
    ticks = MaxNLocator(nbins=12, steps=[1, 2, 5, 10], integer=True).tick_values(first, last)
    axes.set(xlim=(first - room, last + room), xticks=[tick for tick in ticks if first <= tick <= last])
    if not shown.size:
        axes.set_yticks([])
    if handles:
        legend(axes, handles, [str(handle.get_label()) for handle in handles], 3, loc="best")
    return finish(figure, notes)
