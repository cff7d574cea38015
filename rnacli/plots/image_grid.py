"""Images with their likeliest classes."""

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.pixels import as_pixels, choose_colours, choose_images, put_picture, sheet_of
from rnacli.plots.style import (
    BLUE,
    GRID,
    INK,
    NOTE,
    PALE,
    RED,
    as_probabilities,
    class_labels,
    figure_of,
    finish,
    percent,
    write_title,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View


def values(view: "View") -> "Drawings":
    """Some held-out images, as tutorials show them."""
    final = view.final
    if not view.pictures or final.confusion is None or final.probabilities is None:
        return {}
    places = choose_images(final.truth)
    side = min(5, math.ceil(math.sqrt(len(places))))
    title = "{count} of {rows:,} {part} images"
    if places[-1] + 1 == len(places):
        title = "The first {count} of {rows:,} {part} images"
    drawn = {
        "images": next(iter(view.pictures.values()))(view.parts[final.part][places]),
        "truth": final.truth[places].tolist(),
        "probabilities": final.probabilities[places],
        "classes": final.classes,
        "title": view.entitle(fill_template(title, count=len(places), rows=final.rows, part=final.part)),
        "rows": side,
        "columns": side,
    }
    return {"images": [drawn]}


def draw(
    images: np.ndarray,
    truth: Sequence[int],
    probabilities: np.ndarray,
    classes: Sequence[str],
    title: str,
    rows: int = 5,
    columns: int = 5,
) -> "Figure":
    """The first ``rows`` x ``columns`` of ``images`` (n, h, w[, 1 or 3]), each with its likeliest classes.

    ``probabilities`` is (n, k), or (n, 1) for two classes. Floats count from 0 to 1 or to 255, whichever they fit.
    """
    from matplotlib.patches import Rectangle

    pixels = as_pixels(np.asarray(images)[: rows * columns])
    chance = np.nan_to_num(as_probabilities(probabilities)) if len(pixels) else np.empty((0, 0))
    columns = max(min(columns, len(pixels)), 1)
    rows = max(-(-len(pixels) // columns), 1)
    names = class_labels(classes, 1.0, max(chance.shape[1], 1 + max(truth, default=0)))
    # Inches.
    cell, side, gap, head, foot = (2.75, 1.75), 1.25, 0.12, 0.65 if title else 0.2, 0.35
    width, height = max(columns * cell[0] + 0.2, 5.4), rows * cell[1] + head + foot
    figure = figure_of((width, height))
    say = functools.partial(figure.text, ha="center", va="center", fontsize=NOTE, color=INK)
    write_title(figure, title, 0.38)
    sheet, colours = sheet_of(figure), choose_colours(pixels)
    for i, picture in enumerate(pixels):
        middle = (i % columns + 0.5 - columns / 2) * cell[0] + width / 2
        bottom = height - head - (i // columns) * cell[1] - side
        true, best = int(truth[i]), int(chance[i].argmax())
        right = true == best
        edge = (PALE, 0.8) if right else (RED, 3)
        put_picture(sheet, picture, middle - side - gap / 2, bottom, side, edge, cmap=colours)
        text = f"{'' if right else '✗ '}{names[best]}: {percent(chance[i, best])} ({names[true]})"
        say(middle / width, (bottom - 0.18) / height, text, color=BLUE if right else RED)

        left, line = middle + gap / 2, side / 3.9
        likeliest = np.argsort(-chance[i], kind="stable")[:4]
        if true not in likeliest:
            likeliest[-1] = true
        for slot, j in enumerate(likeliest):
            top = bottom + side - (slot + 0.1) * line
            name = names[j] + (" ✓" if j == true else "")
            sheet.text(left, top - 0.25 * line, name, fontsize=NOTE - 1.5, va="center", color=INK)
            shade = BLUE if j == true else RED if j == best else "#777777"
            for length, colour in ((1.0, GRID), (chance[i, j], shade)):
                bar = Rectangle((left, top - 0.7 * line), length * side, 0.2 * line, color=colour, linewidth=0)
                sheet.add_patch(bar)
    legend = "Below each image: predicted class, its probability (true class).  ✗ wrong, ✓ the true class"
    say(0.5, 0.2 / height, fill_template(legend if len(pixels) else "No images"))
    return finish(figure)
