"""The pictures of a tutorial on neural networks: plain arrays in, a matplotlib Figure out.

Nothing here knows of Keras, of run folders or of pyplot, and nothing global is set. Text from files is drawn literally.
"""

import functools
import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnacli.drawing import (
    BLUE,
    COLOURS,
    DPI,
    GRID,
    HUGE,
    INK,
    LABEL,
    MARKERS,
    NOTE,
    PALE,
    RED,
    SIZE,
    TITLE,
    as_pixels,
    as_probabilities,
    axes_figure,
    class_labels,
    colour_bar,
    figure_of,
    finish,
    fit_text,
    legend,
    only_finite,
    percent,
    scatter,
    span,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Array = NDArray[Any]

FINE = 200
"""Places along one side of a plane."""
_WORDS = {
    "acc": "Accuracy",
    "auc": "Area under the curve",
    "mae": "Mean absolute error",
    "mape": "Mean absolute percentage error",
    "mse": "Mean squared error",
    "msle": "Mean squared logarithmic error",
}
_HIGHER_IS_BETTER = re.compile(r"acc|auc|precision|recall|specificity|sensitivity|score|io_?u|similar|correl|true_")


def learning_curve(
    history: Mapping[str, Sequence[float]], metric: str, title: str = "", reference: str = "validation"
) -> "Figure":
    """``metric`` and, if there, ``val_<metric>`` after every epoch; ``reference`` says what ``val_`` stands for."""
    import numpy as np
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

    words = metric.replace("_", " ").strip() or metric
    figure, axes = axes_figure(title, "Epoch", _WORDS.get(metric, words[:1].upper() + words[1:]))
    look: dict[str, dict[str, Any]] = {
        metric: {"label": "training", "color": BLUE, "linestyle": "-", "marker": "o"},
        f"val_{metric}": {"label": reference, "color": RED, "linestyle": "--", "marker": "s"},
    }
    curves = {key: np.array(history[key], dtype=float) for key in look if key in history}
    length = min(map(len, curves.values()), default=0)
    epochs = np.array(history.get("epoch", range(1, length + 1)), dtype=float)[:length]
    handles: list[Artist] = []
    notes = [] if length else ["no epochs"]
    for key, values in curves.items():
        values = curves[key] = np.where(np.abs(values) < HUGE, values, np.nan)[:length]
        gaps = np.isnan(values)
        # A value between two gaps has no line to be seen by, so gaps bring the markers back.
        style = look[key] | ({} if length <= 40 or gaps.any() else {"marker": ""})
        handles += axes.plot(epochs, values, linewidth=1.8, markersize=5 if length <= 20 else 3.5, **style)
        if gaps.any():
            where = ", ".join(f"{epoch:.0f}" for epoch in epochs[gaps][:6]) + (", …" if gaps.sum() > 6 else "")
            notes.append(f"{look[key]['label']}: {gaps.sum()} of {length} not finite and left out (epoch {where})")
    rises = bool(_HIGHER_IS_BETTER.search(metric.lower()))
    judged = curves.get(f"val_{metric}", np.empty(0))
    if np.isfinite(judged).any():
        best = int(np.nanargmax(judged) if rises else np.nanargmin(judged))
        label = f"best {reference}: {judged[best]:.4g}, epoch {epochs[best]:.0f}"
        ring: dict[str, Any] = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "markeredgewidth": 1.6}
        handles += axes.plot(epochs[best], judged[best], linestyle="", color=INK, label=label, zorder=4, **ring)

    shown = np.concatenate([values[np.isfinite(values)] for values in curves.values()] or [np.empty(0)])
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    if rises and low >= 0 and high <= 1:  # a range of its own, but not one in which noise looks like progress
        span = max(high - low, 0.05)
        axes.set_ylim(max(high - 1.06 * span, -0.02), min(high + 0.06 * span, 1 + 0.03 * span))
    elif low > 0 and high > 30 * np.median(shown):  # one wild epoch would flatten all the others
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e3 * low else (1,), numticks=9))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))  # its own would be mathtext
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
        axes.set_ylabel(f"{axes.get_ylabel()} (logarithmic)")
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


def confusion_matrix(counts: "Array", classes: Sequence[str], title: str = "") -> "Figure":
    """``counts`` (k, k): rows are true classes, columns predicted ones. The colour is the share of the row."""
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm
    from matplotlib.ticker import PercentFormatter

    counts = np.asarray(counts)
    k = len(counts)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(totals > 0, totals, 1)
    side = min(max(0.62 * k, 3.6), 9.6)  # inches of the square itself
    figure, axes = axes_figure(title, "Predicted class", "True class", (side + 2.6, side + 1.5))
    shades = LinearSegmentedColormap.from_list("shades", ["white", BLUE])
    image = axes.imshow(shares, cmap=shades, norm=PowerNorm(0.6, 0, 1))  # the mistakes are few: let them show
    colour_bar(figure, axes, image, "Share of the true class", format=PercentFormatter(1, symbol=" %"), shrink=0.8)

    cell = side / k * 72  # points
    texts = [[f"{count:.0f}" if count % 1 == 0 else f"{count:g}" for count in row] for row in counts]
    size = min(LABEL, 0.9 * cell / (0.64 * max(3, *(len(text) for row in texts for text in row))))
    if size >= 5:
        for (i, j), share in np.ndenumerate(shares):
            text = texts[i][j] + (f"\n{percent(float(share))}" if counts[i, j] and cell > 3.2 * size else "")
            colour = "white" if share > 0.55 else INK if counts[i, j] else PALE
            # Within the square, so of no use to the layout, which would take seconds for forty classes.
            axes.text(j, i, text, ha="center", va="center", fontsize=size, color=colour, in_layout=False)
    names = class_labels(classes, 1.5, k)
    ticks = range(0, k, int(np.ceil(9 / cell)))
    small = min(NOTE, max(0.85 * cell * ticks.step, 6))
    turn: dict[str, Any] = {"rotation": 90, "va": "center"} if k > 15 else {"rotation": 40}
    turn = {} if max(map(len, names)) * 0.62 * NOTE < cell else turn | {"ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(ticks, [names[i] for i in ticks], fontsize=small, **turn)
    axes.set_yticks(ticks, [names[i] for i in ticks], fontsize=small)
    axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.tick_params(which="both", length=0)
    axes.grid(False)
    axes.grid(which="minor", color=GRID, linewidth=0.6)
    return finish(figure)


def plane(x: "Array") -> "Array":
    """Where (m, 2) in the plane of the points ``x`` (n, 2) a decision boundary shows the network's answer."""
    import numpy as np

    return np.stack(np.meshgrid(*sides(x)), axis=-1).reshape(-1, 2)


def sides(x: "Array") -> "list[Array]":
    """The places across and up that ``plane`` is made of."""
    import numpy as np

    return [np.linspace(*span(column), FINE) for column in only_finite(x, np.zeros(len(x)))[0].T]


def decision_boundary(
    answer: "Array",
    x: "Array",
    labels: "Array",
    classes: Sequence[str],
    features: tuple[str, str],
    title: str,
    test: "Array | None" = None,
) -> "Figure":
    """A network's ``answer`` in the ``plane`` of the points ``x`` (n, 2), and the points by their class.

    ``answer``: (m,), (m, 1) or (m, k) probabilities. ``labels`` (n,): the points' classes. ``test`` (n,): true for
    those that were held out.
    """
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from matplotlib.lines import Line2D

    across, up = sides(x)
    (left, right), (bottom, top) = across[[0, -1]], up[[0, -1]]
    x, labels, test, notes = only_finite(x, np.ravel(labels), test)
    labels = labels.astype(int)
    present = np.unique(labels)
    figure, axes = axes_figure(title, *features, size=(SIZE[0], 5.6 + 0.2 * (len(present) // 4)))
    axes.grid(False)
    chance = as_probabilities(answer).reshape(FINE, FINE, -1)
    k = chance.shape[-1]
    if not np.isfinite(chance).all():
        chance = np.where(np.isfinite(chance), chance, 1 / k)
        notes.append("The network's answer is not finite everywhere: white there")
    names = class_labels(classes, 1.1, max(k, *(present + 1), 0))
    names = [f"class {name}" if name.isdigit() else name for name in names]
    if k == 2:
        tints = LinearSegmentedColormap.from_list("two", ["#66aad1", "white", "#f0c566"])
        levels = np.linspace(0, 1, 11)
        fill = axes.contourf(across, up, chance[..., 1].clip(0, 1), levels=levels, cmap=tints)
        colour_bar(figure, axes, fill, f"Predicted probability of {names[1]}", ticks=levels[::2])
    else:
        sure = np.round((chance.max(axis=-1) - 1 / k) / (1 - 1 / k), 1).clip(0, 1)[..., None]
        own = np.array([to_rgb(COLOURS[i % len(COLOURS)]) for i in range(k)])[chance.argmax(axis=-1)]
        axes.imshow(1 - 0.6 * sure * (1 - own), extent=(left, right, bottom, top), origin="lower", aspect="auto")
        notes.append("The deeper the colour, the surer the network")
    border = False
    for i in range(k if k > 2 else 1):
        lead = chance[..., i] - np.delete(chance, i, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():
            axes.contour(across, up, lead, levels=[0], colors=INK, linewidths=1.6)
            border = True

    held = np.zeros(len(x), bool) if test is None else test
    area = float(np.clip(12000 / max(len(x), 1), 8, 40))
    handles: list[Artist] = []
    for i in present:
        point: dict[str, Any] = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        for part, edge, s, width, order in ((~held, "white", area, 0.5, 3), (held, "black", 1.6 * area, 1.2, 4)):
            own_x, own_y = x[part & (labels == i)].T
            axes.scatter(own_x, own_y, s=s, edgecolors=edge, linewidths=width, zorder=order, **point)
        handles.append(Line2D([], [], linestyle="", markersize=7, **point))
    said = [names[i] for i in present]
    if test is not None:
        grey: dict[str, Any] = {"linestyle": "", "marker": "o", "color": "#999999"}
        handles.append(Line2D([], [], markersize=6, markeredgecolor="white", **grey))
        handles.append(Line2D([], [], markersize=8, markeredgecolor="black", markeredgewidth=1.4, **grey))
        said += ["training point", "test point"]
    if border:
        handles.append(Line2D([], [], color=INK, linewidth=1.6))
        said.append("border")
    columns = len(said) if len(said) <= 5 else 4
    legend(figure, handles, said, 1.2, "\n".join(notes), loc="outside lower center", ncols=columns)
    alike = 0.7 < (right - left) / (top - bottom) < 1.4
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal" if alike else "auto")
    return finish(figure)


def truth_against_prediction(truth: "Array", prediction: "Array", target: str, title: str) -> "Figure":
    """Regression: ``prediction`` (n,) over ``truth`` (n,); a perfect network puts every point on the diagonal."""
    import numpy as np

    truth, prediction, _, notes = only_finite(np.ravel(truth), np.ravel(prediction))
    figure, axes = axes_figure(title, f"True {target}", f"Predicted {target}", (5.8, 5.8))
    limits = span(np.concatenate([truth, prediction]))
    (line,) = axes.plot(limits, limits, color=INK, linestyle="--", linewidth=1.2, zorder=4)
    scatter(axes, truth, prediction)
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.set(yticks=axes.get_xticks(), ylim=limits)
    if len(truth):
        error, spread = truth - prediction, truth - truth.mean()
        r2 = f"{1 - (error @ error) / (spread @ spread):.3f}" if spread.any() else "undefined"
        box = {"facecolor": "white", "edgecolor": GRID, "boxstyle": "round", "alpha": 0.9}
        text = f"R² {r2}\nMAE {np.abs(error).mean():.4g}\nn = {len(truth)}"
        axes.text(0.04, 0.96, text, transform=axes.transAxes, va="top", fontsize=LABEL, color=INK, bbox=box, zorder=5)
    legend(axes, [line], ["perfect prediction"], 2, loc="lower right")
    return finish(figure, notes)


def line(x: "Array") -> "Array":
    """The inputs (m, 1) along the points ``x`` (n, 1) where a regression line shows the network's answer."""
    import numpy as np

    across = np.ravel(x)
    return np.linspace(*span(only_finite(across, across)[0]), 2 * FINE)[:, None]


def regression_line(answer: "Array", x: "Array", y: "Array", feature: str, target: str, title: str) -> "Figure":
    """Regression with one input: the points ``x`` (n, 1), ``y`` (n,) and a network's ``answer`` (m,) along ``line``."""
    import numpy as np

    where = line(x).ravel()
    across, y, _, notes = only_finite(np.ravel(x), np.ravel(y))
    figure, axes = axes_figure(title, feature, target)
    points = scatter(axes, across, y)
    (curve,) = axes.plot(where, np.ravel(answer), color=RED, linewidth=2.4, zorder=4)
    axes.set_xlim(where[0], where[-1])
    title = "\n".join(notes)
    legend(figure, [points, curve], ["data", "network"], 2, title, loc="outside lower center", ncols=2)
    return finish(figure)


def image_grid(
    images: "Array",
    truth: Sequence[int],
    probabilities: "Array",
    classes: Sequence[str],
    title: str,
    rows: int = 5,
    columns: int = 5,
) -> "Figure":
    """The first ``rows`` x ``columns`` of ``images`` (n, h, w[, 1 or 3]), each with its likeliest classes.

    ``probabilities`` is (n, k), or (n, 1) for two classes. Floats count from 0 to 1 or to 255, whichever they fit.
    """
    import numpy as np
    from matplotlib.patches import Rectangle

    pixels = as_pixels(np.asarray(images)[: rows * columns])
    chance = np.nan_to_num(as_probabilities(probabilities)) if len(pixels) else np.empty((0, 0))
    columns = max(min(columns, len(pixels)), 1)
    rows = max(-(-len(pixels) // columns), 1)
    names = class_labels(classes, 1.0, max(chance.shape[1], 1 + max(truth, default=0)))
    # Inches. The places are known, and a layout engine would take seconds for fifty axes.
    cell, side, gap, head, foot = (2.75, 1.75), 1.25, 0.12, 0.65 if title else 0.2, 0.35
    width, height = max(columns * cell[0] + 0.2, 5.4), rows * cell[1] + head + foot
    figure = figure_of((width, height))
    say = functools.partial(figure.text, ha="center", va="center", fontsize=NOTE, color=INK)
    say(0.5, 1 - 0.33 / height, fit_text(title, width - 0.4, TITLE), fontsize=TITLE)
    # Drawings on a black ground are shown as ink on paper, photographs as they are.
    ink = pixels.size and np.median(pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]]) == 0
    for i, picture in enumerate(pixels):
        middle = (i % columns + 0.5 - columns / 2) * cell[0] + width / 2
        bottom = height - head - (i // columns) * cell[1] - side
        true, best = int(truth[i]), int(chance[i].argmax())
        right = true == best
        axes = figure.add_axes(((middle - side - gap / 2) / width, bottom / height, side / width, side / height))
        axes.imshow(picture, cmap="binary" if ink else "gray", vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color=PALE if right else RED, linewidth=0.8 if right else 3)
        text = f"{'' if right else '✗ '}{names[best]}: {percent(chance[i, best])} ({names[true]})"
        say(middle / width, (bottom - 0.18) / height, text, color=BLUE if right else RED)

        axes = figure.add_axes(((middle + gap / 2) / width, bottom / height, side / width, side / height))
        axes.set(xlim=(0, 1), ylim=(3.8, -0.1))
        axes.set_axis_off()
        likeliest = np.argsort(-chance[i], kind="stable")[:4]
        if true not in likeliest:
            likeliest[-1] = true
        for slot, j in enumerate(likeliest):
            name = names[j] + (" ✓" if j == true else "")
            axes.text(0, slot + 0.25, name, fontsize=NOTE - 1.5, va="center", color=INK)
            shade = BLUE if j == true else RED if j == best else "#777777"
            for length, colour in ((1.0, GRID), (chance[i, j], shade)):
                axes.add_patch(Rectangle((0, slot + 0.5), length, 0.2, color=colour, linewidth=0))
    legend = "Below each image: predicted class, its probability (true class).  ✗ wrong, ✓ the true class"
    say(0.5, 0.2 / height, legend if len(pixels) else "No images")
    return finish(figure)


def png(figure: "Figure") -> bytes:
    """A figure as a PNG; the same figure gives the same bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()
