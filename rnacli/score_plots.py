"""The pictures of how good a network is: its probabilities, its residuals and its scores; arrays in, a Figure out.

As in ``plots``: nothing here knows of Keras, of run folders or of pyplot, nothing global is set, texts are literal.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnacli.drawing import (
    BLUE,
    COLOURS,
    HUGE,
    INK,
    LABEL,
    MARKERS,
    NOTE,
    PALE,
    RED,
    SIZE,
    TITLE,
    axes_figure,
    class_labels,
    finish,
    fit_text,
    legend,
    only_finite,
    scatter,
    span,
    style,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Array = NDArray[Any]

SHOWN_POINTS = 5000
"""Points in a scatter: more take long to draw and hide one another."""
SHOWN_LABELS = 40
BINS = 10
"""Bins of probabilities, in which shares are compared with what was predicted."""
_LINES = ("-", "--", "-.", ":")
_POINT: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 10, "color": RED, "markeredgecolor": "white"}


def roc_curve(truth: "Array", scores: "Array", title: str, positive: str, threshold: float) -> "Figure":
    """The share of the positive rows that is found over the share of the others taken for them, by the threshold.

    ``truth`` (n,) of 0 and 1; ``scores`` (n,) probabilities of 1, which stands for the class ``positive``. A row is
    taken for positive if its score is above ``threshold``.
    """
    import numpy as np
    from sklearn import metrics

    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    size = (5.8, 6.6)
    figure, axes = axes_figure(title, "False positive rate (false alarms)", "True positive rate (recall)", size)
    (chance,) = axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1.2)
    entries: list[tuple[Artist, str]] = [(chance, "chance: area 0.5")]
    notes = [positives(truth, positive), *notes]
    if 0 < truth.sum() < len(truth):
        across, up, _ = metrics.roc_curve(truth, scores)
        (curve,) = axes.plot(*thinned(across, up), color=BLUE, linewidth=2.2)
        found, taken = ((scores > threshold)[truth == each].mean() for each in (1, 0))
        (point,) = axes.plot(taken, found, zorder=4, **_POINT)
        rates = f"threshold {threshold:.3g}: true positive rate {found:.3f}, false positive rate {taken:.3f}"
        entries = [(curve, f"network: area {metrics.auc(across, up):.3f}"), *entries, (point, rates)]
    else:
        notes.append("No curve: it takes rows of both classes")
    unit_square(axes)
    explain(figure, entries, notes)
    return finish(figure)


def precision_recall(truth: "Array", scores: "Array", title: str, positive: str, threshold: float) -> "Figure":
    """The share of right ones among the rows taken for positive over the share found; arguments as ``roc_curve``."""
    import numpy as np
    from sklearn import metrics

    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    figure, axes = axes_figure(title, "Recall (share that is found)", "Precision (share that is right)", (5.8, 6.6))
    entries: list[tuple[Artist, str]] = []
    notes = [positives(truth, positive), *notes]
    if truth.any():
        up, across, _ = metrics.precision_recall_curve(truth, scores)
        (curve,) = axes.plot(*thinned(across, up), color=BLUE, linewidth=2.2, drawstyle="steps-post")
        entries.append((curve, f"network: average precision {metrics.average_precision_score(truth, scores):.3f}"))
        base = truth.mean()
        (chance,) = axes.plot([0, 1], [base, base], color=INK, linestyle="--", linewidth=1.2)
        entries.append((chance, f"chance: base rate {base:.3f}"))
        taken = scores > threshold
        if taken.any():
            right, found = truth[taken].mean(), taken[truth == 1].mean()
            (point,) = axes.plot(found, right, zorder=4, **_POINT)
            entries.append((point, f"threshold {threshold:.3g}: precision {right:.3f}, recall {found:.3f}"))
        else:
            notes.append(f"No score is above the threshold {threshold:.3g}")
    else:
        notes.append("No curve: it takes rows of the positive class")
    unit_square(axes)
    explain(figure, entries, notes)
    return finish(figure)


def calibration(truth: "Array", scores: "Array", title: str, positive: str) -> "Figure":
    """Whether of the rows with a probability of 0.7 about 70 % are positive; the arguments are those of ``roc_curve``.

    Ten bins of equal width. The expected calibration error is that of Guo et al. (2017), "On Calibration of Modern
    Neural Networks"; the intervals are Wilson's.
    """
    import numpy as np

    truth, scores, _, notes = only_finite(np.ravel(truth), np.ravel(scores))
    size = (5.8, 7.4)
    figure, axes = axes_figure(title, "", "", size)
    grid = figure.add_gridspec(2, 1, height_ratios=(4.5, 1))
    axes.set_subplotspec(grid[0])
    strip = figure.add_subplot(grid[1], facecolor="white", sharex=axes)
    style(axes, "", f"Share that is {positive}", (size[0], 5.2))
    style(strip, f"Predicted probability of {positive}", "Rows", size)
    outside = int(((scores < 0) | (scores > 1)).sum())
    if outside:
        scores = scores.clip(0, 1)
        notes.append(f"{outside:,} of {len(scores):,} scores below 0 or above 1: taken as 0 or 1")

    (perfect,) = axes.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1.2)
    entries: list[tuple[Artist, str]] = [(perfect, "perfect calibration")]
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], scores)  # a score on an edge is of the lower bin
    counts = np.bincount(bins, minlength=BINS)
    full = counts > 0
    said, seen = (np.bincount(bins, each, BINS)[full] / counts[full] for each in (scores, truth))
    if len(truth):
        intervals = axes.vlines(said, *wilson(seen, counts[full]), color=BLUE, linewidth=6, alpha=0.25)
        (curve,) = axes.plot(said, seen, color=BLUE, linewidth=2, marker="o", markersize=7, markeredgecolor="white")
        entries = [(curve, "network, in bins of 0.1"), (intervals, "95 % interval of the share"), *entries]
        error = counts[full] / len(truth) @ np.abs(seen - said)
        brier = np.mean((scores - truth) ** 2)
        notes.insert(0, f"Brier score {brier:.4f}, expected calibration error {error:.4f}, n = {len(truth):,}")
    strip.hist(scores, bins=np.linspace(0, 1, 2 * BINS + 1).tolist(), color=BLUE, edgecolor="white", linewidth=0.6)
    whole_numbers(strip, "y")
    unit_square(axes)
    axes.tick_params(labelbottom=False)
    explain(figure, entries, notes)
    return finish(figure)


def residuals(truth: "Array", predicted: "Array", target: str, title: str) -> "Figure":
    """Regression: ``predicted`` - ``truth`` (n,) over ``predicted`` (n,), and how often each residual occurs."""
    import numpy as np

    truth, predicted, _, notes = only_finite(np.ravel(truth), np.ravel(predicted))
    figure, axes = axes_figure(title, "", "", SIZE)
    figure.suptitle(axes.get_title(), fontsize=TITLE, color=INK)  # over both axes
    axes.set_title("")
    grid = figure.add_gridspec(1, 2, width_ratios=(4, 1))
    axes.set_subplotspec(grid[0])
    side = figure.add_subplot(grid[1], facecolor="white", sharey=axes)
    style(axes, f"Predicted {target}", "Residual (predicted − true)", (6.4, SIZE[1]))
    style(side, "Rows", "", SIZE)
    left = predicted - truth
    if len(left) > SHOWN_POINTS:
        notes.append(f"{SHOWN_POINTS:,} of the {len(left):,} points drawn, all of them counted at the side")
    some = np.linspace(0, len(left) - 1, min(len(left), SHOWN_POINTS)).astype(int)
    scatter(axes, predicted[some], left[some])
    limits = span(np.append(left, 0))
    for each in (axes, side):
        each.axhline(0, color=INK, linestyle="--", linewidth=1.2, zorder=4)
    edges = np.linspace(*limits, int(np.clip(np.sqrt(len(left)), 8, 40)) + 1).tolist()
    side.hist(left, edges, orientation="horizontal", color=BLUE, edgecolor="white", linewidth=0.6)
    side.tick_params(labelleft=False, left=False)
    whole_numbers(side, "x")
    axes.set(xlim=span(predicted), ylim=limits)
    if len(left):
        figures = f"mean {left.mean():.4g}, standard deviation {left.std():.4g}, n = {len(left):,}"
        notes.insert(0, f"Residuals: {figures}. Dashed: a perfect prediction")
    return finish(figure, notes)


def label_scores(
    names: Sequence[str], precision: "Array", recall: "Array", f1: "Array", rows: "Array", title: str
) -> "Figure":
    """The scores (k,) of each label or class from above in the order given, and ``rows`` (k,), how many have it."""
    import numpy as np

    counts = np.asarray(rows)
    shown = np.sort(np.argsort(-counts, kind="stable")[:SHOWN_LABELS])
    k = len(shown)
    size = (SIZE[0], 1.9 + 0.24 * max(k, 4))
    figure, axes = axes_figure(title, "Score", "", size)
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
    right.set_ylabel("Rows", labelpad=8, fontsize=LABEL, color=INK)
    for each in (axes, right):
        each.tick_params(axis="y", length=0)
    right.spines["right"].set_visible(False)
    notes = [f"The {k} of {len(names):,} with the most rows"] if k < len(names) else []
    lost = int(np.isnan(table).sum())
    notes += [f"{lost} of {table.size} scores not finite and left out"] if lost else []
    explain(figure, list(zip(handles, ("F1", "precision", "recall"), strict=True)), notes, 3)
    return finish(figure)


def threshold_curve(thresholds: "Array", metrics: "Mapping[str, Array]", chosen: float, title: str) -> "Figure":
    """``metrics`` (n,) by their names over ``thresholds`` (n,), and what they are at the ``chosen`` one."""
    import numpy as np
    from matplotlib.lines import Line2D

    order = np.argsort(np.ravel(thresholds))
    across = np.ravel(thresholds)[order].astype(float)
    figure, axes = axes_figure(title, "Threshold", "Metric", (SIZE[0], 4.8 + 0.2 * (len(metrics) // 2)))
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
    explain(figure, entries, [f"At the chosen threshold, {chosen:.3g}:"], min(2, max(1, len(entries))))
    return finish(figure)


def positives(truth: "Array", positive: str) -> str:
    return f"Positive class: {fit_text(positive, 2.5, NOTE)}, {truth.sum():,.0f} of {len(truth):,} rows"


def unit_square(axes: "Axes") -> None:
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=ticks, yticks=ticks)


def whole_numbers(axes: "Axes", which: str) -> None:
    """Few ticks and short ones, for an axis that counts rows."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axis.set_major_formatter(EngFormatter(sep=""))


def explain(figure: "Figure", entries: "Sequence[tuple[Artist, str]]", notes: Sequence[str], columns: int = 1) -> None:
    """A legend below the picture, where no data can be, under the notes."""
    handles, names = [handle for handle, _ in entries], [name for _, name in entries]
    legend(figure, handles, names, 4.5, "\n".join(notes), loc="outside lower center", ncols=columns)


def thinned(across: "Array", up: "Array") -> "tuple[Array, Array]":
    """The points of a line that lie a thousandth of its extent from the point before: all that can be seen."""
    import numpy as np

    line = np.stack([across, up])
    extent = np.nanmax(np.abs(line), axis=1, keepdims=True, initial=1e-300)
    cells = np.nan_to_num(np.round(1000 * line / extent), nan=1e9)
    keep = np.ones(line.shape[1], bool)
    keep[1:-1] = (cells[:, 1:-1] != cells[:, :-2]).any(axis=0)
    return line[0, keep], line[1, keep]


def wilson(shares: "Array", counts: "Array") -> "tuple[Array, Array]":
    """The 95 % intervals of ``shares`` of ``counts`` rows. Wilson (1927), "Probable Inference"."""
    import numpy as np

    z = 1.96
    middle = shares + z**2 / (2 * counts)
    half = z * np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2))
    return (middle - half) / (1 + z**2 / counts), (middle + half) / (1 + z**2 / counts)
