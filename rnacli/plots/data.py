"""The data before any training: examples, how columns are distributed in each class, and how many rows a class has."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.pictures.grid import join_pictures
from rnacli.plots.pixels import as_pixels, choose_colours, is_image
from rnacli.plots.style import (
    BLUE,
    COLOURS,
    INK,
    LABEL,
    MARKERS,
    MOST_POINTS,
    NOTE,
    PALE,
    class_labels,
    figure_of,
    finish,
    fit_text,
    whole_numbers,
    write_title,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

MOST_COLUMNS = 11
"""Columns that have a histogram."""
MOST_WORDS = 8
"""Categories of a column that have bars of their own."""
PICTURES = 8
"""Pictures of a class."""
SAMPLE = 20_000
"""Training rows that are counted."""


def values(view: "View") -> "Drawings":
    """Training rows: as points of a plane, as histograms of columns, or as pictures of each class."""
    rows = view.parts["train"]
    if view.make is not None or view.reconstruct is not None or view.series is not None or not len(rows):
        return {}
    if len(rows) > SAMPLE:
        rows = rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(int)]
    final = view.final
    has_classes = final.confusion is not None and 1 < len(final.classes) <= len(COLOURS) * 4
    targets = view.class_indices(rows)
    shared: dict[str, Any] = {
        "targets": targets if has_classes else targets.reshape(len(rows), -1)[:, 0],
        "classes": list(final.classes) if has_classes else [],
        "target": view.targets[0] if view.targets else "class",
        "title": view.entitle("The data before training"),
        "note": tell_rows(len(rows), len(view.parts["train"])),
    }
    if is_image(view.shape) and has_classes:
        counts = np.bincount(view.class_indices(view.parts["train"]), minlength=len(final.classes))
        shared |= {"targets": counts, "note": tell_rows(len(view.parts["train"]), len(view.parts["train"]))}
        return {"data": [{**shared, "pictures": pick_pictures(view, rows, targets, len(final.classes))}]}
    width = len(view.features) or (view.inputs.shape[0] if len(view.inputs.shape) == 1 else 0)
    if len(view.inputs.shape) != 1 or view.inputs.dtype.names or width != view.inputs.shape[0] or not width:
        return {}
    if not has_classes and not view.targets:
        return {}
    x = np.asarray(view.inputs.take(rows), "float64")
    names = list(view.features) or [f"x{i + 1}" for i in range(width)]
    return {"data": [{**shared, "x": x, "names": names, "words": [column_words(view, name) for name in names]}]}


def tell_rows(shown: int, rows: int) -> str:
    said = "{rows:,} training rows" if shown == rows else "{shown:,} of {rows:,} training rows"
    return fill_template(said, shown=shown, rows=rows)


def column_words(view: "View", name: str) -> list[str]:
    """The categories that a column's numbers stand for, if the network has an input for each."""
    return [each.removeprefix(f"{name}=") for each in view.number_names if each.startswith(f"{name}=")]


def pick_pictures(view: "View", rows: np.ndarray, targets: np.ndarray, count: int) -> np.ndarray:
    """The first pictures (classes, PICTURES, h, w[, channels]) of the first ten classes; blank where one has fewer."""
    read = next(iter(view.pictures.values()))
    kept = []
    for label in range(min(count, 10)):
        own = rows[targets == label][:PICTURES]
        pictures = read(own) if len(own) else np.zeros((0, *view.shape))
        blank = np.zeros((PICTURES - len(own), *pictures.shape[1:]), pictures.dtype)
        kept.append(np.concatenate([pictures, blank]))
    return np.stack(kept)


def draw(
    targets: np.ndarray,
    classes: Sequence[str],
    target: str,
    title: str,
    note: str,
    x: np.ndarray | None = None,
    names: Sequence[str] = (),
    words: Sequence[Sequence[str]] = (),
    pictures: np.ndarray | None = None,
) -> "Figure":
    """``targets`` (n,): class indices, or values where there are no ``classes``; ``x`` (n, columns).

    Of ``pictures`` (classes, PICTURES, h, w[, channels]) ``targets`` (classes,) are the rows of each class.
    """
    labels = class_labels(classes, 1.2, len(classes))
    labels = [fill_template("class {name}", name=name) if name.isdigit() else name for name in labels]
    if pictures is not None:
        return draw_pictures(pictures, targets, labels, title, note)
    if x is None:
        raise ValueError("there is nothing to draw")
    is_plane = x.shape[1] == 2 and not any(words) and bool(classes)
    shown = min(x.shape[1], MOST_COLUMNS)
    # Two columns of a plane take the room of four.
    across, down = (3, 2) if is_plane else (min(4, shown + 1), -(-(shown + 1) // min(4, shown + 1)))
    width, height = across * 2.6 + 0.6, down * 2.2 + 1.15
    if shown < x.shape[1]:
        note = fill_template("{note}; {shown} of {count} columns", note=note, shown=shown, count=x.shape[1])
    figure = start(width, height, title, note)
    grid: dict[str, Any] = {
        "left": 0.95 / width, "right": 1 - 0.3 / width, "top": 1 - 0.8 / height, "bottom": 0.75 / height,
        "wspace": 0.42, "hspace": 0.62,
    }  # fmt: skip
    cells = figure.add_gridspec(down, across, **grid)
    if is_plane:
        draw_plane(figure.add_subplot(cells[:, :2]), x, targets, names, labels)
        draw_targets(figure.add_subplot(cells[0, 2]), targets, labels, target)
        return finish(figure)
    draw_targets(figure.add_subplot(cells[0, 0]), targets, labels, target)
    for i in range(shown):
        axes = figure.add_subplot(cells[(i + 1) // across, (i + 1) % across])
        draw_column(axes, x[:, i], targets, names[i], words[i], len(labels))
    return finish(figure)


def start(width: float, height: float, title: str, note: str) -> "Figure":
    figure = figure_of((width, height))
    write_title(figure, title, 0.35, 0.3)
    figure.text(0.02, 0.12 / height, fit_text(note, width - 0.3, NOTE), fontsize=NOTE, color=INK)
    return figure


def tidy(axes: "Axes", title: str) -> None:
    axes.set_title(fit_text(title, 2.2, LABEL), fontsize=LABEL, color=INK)
    axes.tick_params(labelsize=NOTE - 1, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)


def draw_targets(axes: "Axes", targets: np.ndarray, labels: Sequence[str], target: str) -> None:
    """The rows of each class, or how the values of a target are distributed."""
    if not labels:
        draw_column(axes, targets.astype(float), targets, target, (), 0)
        axes.set_title(
            fit_text(target if target == "target" else fill_template("{target} (target)", target=target), 2.2, LABEL),
            fontsize=LABEL,
            color=INK,
        )
        return
    counts = np.bincount(targets.astype(int), minlength=len(labels))
    places = np.arange(len(labels))
    axes.barh(places, counts, color=[COLOURS[i % len(COLOURS)] for i in places], height=0.75)
    many = len(labels) > 12
    axes.set_yticks([] if many else places, [] if many else [fit_text(name, 0.75, NOTE - 1) for name in labels])
    axes.invert_yaxis()
    tidy(axes, fill_template("rows of each of {count} classes" if many else "rows of each class", count=len(labels)))
    whole_numbers(axes, "x")


def draw_column(
    axes: "Axes", column: np.ndarray, targets: np.ndarray, name: str, words: Sequence[str], classes: int
) -> None:
    """A histogram of a column, those of the classes over one another; of categories, a bar for each."""
    tidy(axes, name)
    finite = np.isfinite(column)
    groups = [targets == i for i in range(classes)] if 1 < classes <= len(COLOURS) else [np.ones(len(column), bool)]
    if words:
        count = min(len(words), MOST_WORDS)
        below = np.zeros(count)
        for i, group in enumerate(groups):
            heights = np.bincount(column[finite & group].astype(int).clip(0), minlength=count)[:count]
            axes.bar(np.arange(count), heights, bottom=below, color=COLOURS[i], width=0.75)
            below += heights
        axes.set_xticks(range(count), [fit_text(word, 1.8 / count - 0.04, NOTE - 2) for word in words[:count]])
        axes.tick_params(axis="x", labelsize=NOTE - 2)
        whole_numbers(axes, "y")
        return
    known = column[finite]
    if not len(known):
        return
    low, high = np.quantile(known, [0.005, 0.995]) if len(known) > 200 else (known.min(), known.max())
    low, high = (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)
    whole = bool((known == np.round(known)).all()) and high - low <= 20
    edges = np.arange(math.floor(low), math.ceil(high) + 2) - 0.5 if whole else np.linspace(low, high, 25)
    below = np.zeros(len(edges) - 1)
    for i, group in enumerate(groups):
        heights, _ = np.histogram(column[finite & group], edges)
        axes.bar(edges[:-1], heights, np.diff(edges), bottom=below, align="edge", color=COLOURS[i] if classes else BLUE)
        below += heights
    axes.locator_params(axis="x", nbins=4)
    whole_numbers(axes, "y")


def draw_plane(axes: "Axes", x: np.ndarray, targets: np.ndarray, names: Sequence[str], labels: Sequence[str]) -> None:
    """The rows as points, those of the rarest class above the others."""
    chosen = np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).astype(int)
    area = float(np.clip(9000 / max(len(chosen), 1), 8, 32))
    for i in np.argsort(-np.bincount(targets, minlength=len(labels)), kind="stable"):
        own = x[chosen][targets[chosen] == i]
        axes.scatter(
            own[:, 0], own[:, 1], s=area, color=COLOURS[i % len(COLOURS)], marker=MARKERS[i % len(MARKERS)],
            edgecolors="white", linewidths=0.4,
        )  # fmt: skip
    tidy(axes, "")
    axes.set_xlabel(fit_text(names[0], 3, LABEL), fontsize=LABEL, color=INK)
    axes.set_ylabel(fit_text(names[1], 3, LABEL), fontsize=LABEL, color=INK)


def draw_pictures(pictures: np.ndarray, counts: np.ndarray, labels: Sequence[str], title: str, note: str) -> "Figure":
    """A row of examples for each class, and beside it how many training rows the class has."""
    shown, count = pictures.shape[:2]
    pixels = as_pixels(pictures.reshape(-1, *pictures.shape[2:]))
    side, gap, head, foot, name, bar = 0.62, 0.06, 0.75, 0.45, 1.3, 1.7
    width, height = name + count * (side + gap) + bar + 0.5, shown * (side + gap) + head + foot
    figure = start(width, height, title, note)
    colours = choose_colours(pixels)
    bottom, tall = height - head - shown * (side + gap), shown * (side + gap)
    # One picture of all of them: axes for each would take a second.
    whole = join_pictures(pixels, shown, count, max(1, pixels.shape[1] // 12), float(colours == "gray"))
    axes = figure.add_axes((name / width, bottom / height, count * (side + gap) / width, tall / height))
    axes.imshow(whole, cmap=colours, vmin=0, vmax=1, aspect="auto")
    axes.set_axis_off()
    for i in range(shown):
        middle = height - head - (i + 0.5) * (side + gap)
        label = fit_text(labels[i], name - 0.25, NOTE)
        figure.text((name - 0.12) / width, middle / height, label, ha="right", va="center", fontsize=NOTE, color=INK)
    left = name + count * (side + gap) + 0.15
    axes = figure.add_axes((left / width, bottom / height, bar / width, tall / height))
    axes.barh(range(shown), counts[:shown], color=BLUE, height=0.5)
    axes.set(ylim=(shown - 0.5, -0.5), xlim=(0, 1.45 * counts[:shown].max(initial=1)))
    for i in range(shown):
        axes.text(counts[i], i, f" {counts[i]:,}", va="center", fontsize=NOTE, color=INK)
    axes.set_axis_off()
    return finish(figure)
