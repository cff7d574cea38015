"""A network's answer in the plane of two inputs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import (
    COLOURS,
    FINE,
    INK,
    MARKERS,
    MOST_POINTS,
    NOTE,
    SIZE,
    as_probabilities,
    axes_figure,
    class_labels,
    colour_bar,
    finish,
    fit_text,
    legend,
    only_finite,
    span,
    text_inches,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Where two numbers decide about classes, and each of these has a colour of its own."""
    final = view.final
    is_plane = view.are_numbers and view.shape == view.inputs.shape == (2,)
    if not is_plane or final.confusion is None or len(final.classes) > len(COLOURS):
        return {}
    rows = np.concatenate(list(view.parts.values()))
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS)).astype(int)]
    part, x = final.part, view.inputs.take(rows)
    drawn = {
        "answer": view.answer(plane_inputs(x)),
        "x": x,
        "labels": view.class_indices(rows),
        "classes": final.classes,
        "features": view.features or ("x1", "x2"),
        "title": view.entitle("Decision boundary", True),
        "are_labels": final.probabilities is None,
        "test": np.isin(rows, view.parts[part]) if part != "train" else np.zeros(len(rows), bool),
    }
    return {"decision_boundary": [drawn]}


def plane_inputs(x: np.ndarray) -> np.ndarray:
    """Where (m, 2) in the plane of the points ``x`` (n, 2) a decision boundary shows the network's answer."""
    return np.stack(np.meshgrid(*plane_sides(x)), axis=-1).reshape(-1, 2)


def plane_sides(x: np.ndarray) -> list[np.ndarray]:
    """The places across and up that ``plane`` is made of."""
    return [np.linspace(*span(column), FINE) for column in only_finite(x, np.zeros(len(x)))[0].T]


def draw(
    answer: np.ndarray,
    x: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    features: tuple[str, str],
    title: str,
    test: np.ndarray | None = None,
    are_labels: bool = False,
) -> "Figure":
    """A network's ``answer`` in the ``plane`` of the points ``x`` (n, 2), and the points by their class.

    ``answer``: (m,), (m, 1) or (m, k) probabilities. ``labels`` (n,): the points' classes. ``test`` (n,): true for
    those that were held out. ``are_labels``: the network answers 0 or 1, and there are no probabilities.
    """
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from matplotlib.lines import Line2D

    across, up = plane_sides(x)
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
        notes.append(fill_template("The network's answer is not finite everywhere: white there"))
    names = class_labels(classes, 1.1, max(k, *(present + 1), 0))
    names = [fill_template("class {name}", name=name) if name.isdigit() else name for name in names]
    if k == 2:
        tints = LinearSegmentedColormap.from_list("two", ["#66aad1", "white", "#f0c566"])
        levels = np.linspace(0, 1, 11)
        fill = axes.contourf(across, up, chance[..., 1].clip(0, 1), levels=levels, cmap=tints)
        if not are_labels:
            colour_bar(
                figure,
                axes,
                fill,
                fill_template("Predicted probability of {names:.300}", names=names[1]),
                ticks=levels[::2],
            )
    else:
        sure = np.round((chance.max(axis=-1) - 1 / k) / (1 - 1 / k), 1).clip(0, 1)[..., None]
        own = np.array([to_rgb(COLOURS[i % len(COLOURS)]) for i in range(k)])[chance.argmax(axis=-1)]
        axes.imshow(1 - 0.6 * sure * (1 - own), extent=(left, right, bottom, top), origin="lower", aspect="auto")
        notes.append(fill_template("The deeper the colour, the surer the network"))
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
    if held.any():
        grey: dict[str, Any] = {"linestyle": "", "marker": "o", "color": "#999999"}
        handles.append(Line2D([], [], markersize=6, markeredgecolor="white", **grey))
        handles.append(Line2D([], [], markersize=8, markeredgecolor="black", markeredgewidth=1.4, **grey))
        said += [fill_template("training point"), fill_template("test point")]
    if border:
        handles.append(Line2D([], [], color=INK, linewidth=1.6))
        said.append(fill_template("decision boundary"))
    widest = max(text_inches(fit_text(name, 1.2, NOTE), NOTE) for name in ["", *said]) + 0.55  # with its mark
    columns = min(len(said) if len(said) <= 5 else 4, int((SIZE[0] - 0.3) / widest))
    legend(figure, handles, said, 1.2, "\n".join(notes), loc="outside lower center", ncols=columns)
    alike = 0.7 < (right - left) / (top - bottom) < 1.4
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal" if alike else "auto")
    return finish(figure)
