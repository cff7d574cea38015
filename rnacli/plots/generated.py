"""What a generator makes, beside real examples."""

from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.pictures.grid import are_pictures, join_pictures
from rnacli.plots.pixels import as_pixels
from rnacli.plots.style import BLUE, INK, RED, axes_figure, figure_of, finish, fit_text, legend, write_title
from rnacli.words import fill_each, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SIDE = 8
"""Pictures in a row, and rows."""
POINTS = 1000
"""Examples of numbers that are drawn."""
MOST_COLUMNS = 9


def values(view: "View") -> "Drawings":
    """As many of each kind."""
    if view.make is None:
        return {}
    count = SIDE * SIDE if are_pictures(view.shape) else POINTS
    real = view.inputs.take(view.parts[view.final.part][:count])
    names = view.features or tuple(f"x{i + 1}" for i in range(int(np.prod(view.shape))))
    return {
        "generated": [
            {"made": view.make(count), "real": real, "names": names, "title": view.entitle("What the generator makes")}
        ]
    }


def draw(made: np.ndarray, real: np.ndarray, names: tuple[str, ...], title: str) -> "Figure":
    """Examples that are made, and real ones, both (n, *shape) in the data's units: pictures, points or bars."""
    if are_pictures(made.shape[1:]):
        return draw_pictures(made, real, title)
    made, real = made.reshape(len(made), -1), real.reshape(len(real), -1)
    return draw_points(made, real, names, title) if made.shape[1] == 2 else draw_bars(made, real, names, title)


def draw_pictures(made: np.ndarray, real: np.ndarray, title: str) -> "Figure":
    """A square of pictures that are made, and one of real ones."""
    pixels = as_pixels(np.concatenate([made, real.reshape(len(real), *made.shape[1:])]))
    figure = figure_of((9.2, 5.2))
    write_title(figure, title)
    halves = (("generated", 0.02, pixels[: len(made)]), ("real", 0.51, pixels[len(made) :]))
    for words, left, shown in halves:
        axes = figure.add_axes((left, 0.02, 0.47, 0.84))
        square = join_pictures(shown, SIDE, SIDE, max(1, shown.shape[1] // 14), 1.0)
        axes.imshow(square, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(fill_template(words), color=INK)
    return finish(figure)


def draw_points(made: np.ndarray, real: np.ndarray, names: tuple[str, ...], title: str) -> "Figure":
    """Two numbers: a point for each example."""
    figure, axes = axes_figure(title, names[0], names[1])
    look: dict[str, Any] = {"s": 9, "alpha": 0.5, "linewidths": 0}
    handles = [
        axes.scatter(*real.T, color=BLUE, marker="o", label=fill_template("real"), **look),
        axes.scatter(*made.T, color=RED, marker="o", label=fill_template("generated"), **look),
    ]
    legend(axes, handles, fill_each("real", "generated"), 2, loc="best")
    return finish(figure)


def draw_bars(made: np.ndarray, real: np.ndarray, names: tuple[str, ...], title: str) -> "Figure":
    """How often each number is how large, for the first of them."""
    shown = min(made.shape[1], MOST_COLUMNS)
    columns = min(3, shown)
    rows = -(-shown // columns)
    width, height = max(3.0 * columns, 5.4), 2.3 * rows + 0.9
    figure = figure_of((width, height))
    write_title(figure, title, 0.25)
    for i in range(shown):
        cell = (i % columns / columns, 1 - (0.6 + 2.3 * (i // columns + 1)) / height)
        axes = figure.add_axes((cell[0] + 0.12 / columns, cell[1] + 0.45 / height, 0.82 / columns, 1.5 / height))
        both = np.concatenate([real[:, i], made[:, i]])
        edges = np.linspace(both.min(), both.max() + 1e-9, 25).tolist()
        for numbers, colour in ((real[:, i], BLUE), (made[:, i], RED)):
            axes.hist(numbers, edges, color=colour, alpha=0.5, density=True)
        axes.set_yticks([])
        axes.set_title(fit_text(names[i], 2.4, 9), fontsize=9, color=INK)
        axes.tick_params(labelsize=7)
    where = 0.12 / height
    figure.text(0.4, where, fill_template("real"), ha="center", color=BLUE)
    figure.text(0.6, where, fill_template("generated"), ha="center", color=RED)
    return finish(figure)
