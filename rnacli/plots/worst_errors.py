"""The pictures that a network is most wrong about: where labels are wrong, or what it has not learnt."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.pixels import as_pixels, choose_colours, height_share, put_picture, sheet_of
from rnacli.plots.style import (
    INK,
    NOTE,
    PALE,
    RED,
    as_probabilities,
    figure_of,
    finish,
    fit_text,
    percent,
    write_title,
)
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN = 12
"""Pictures that are shown."""
COLUMNS = 4
LONGEST_NAME = 25
"""Letters of a row's name that fit below its picture."""


def values(view: "View") -> "Drawings":
    """Held-out pictures: those whose class got the least probability, or whose numbers are farthest from the truth."""
    final = view.final
    if not view.pictures:
        return {}
    if final.confusion is not None and final.probabilities is not None:
        return {"worst_errors": [worst_classes(view)]}
    return {"worst_errors": [worst_numbers(view, i) for i in range(len(view.targets))]}


def worst_classes(view: "View") -> dict[str, Any]:
    final = view.final
    chance = np.nan_to_num(as_probabilities(np.asarray(final.probabilities)))
    right = chance[np.arange(len(chance)), final.truth]
    worst = np.argsort(right, kind="stable")[:SHOWN]
    said = [final.classes[i] for i in final.predicted[worst]]
    chances = chance[worst, final.predicted[worst]]
    captions = [f"{name}: {percent(share)}" for name, share in zip(said, chances, strict=True)]
    truth = [final.classes[i] for i in final.truth[worst]]
    return shown(view, worst, captions, truth, (final.predicted != final.truth)[worst])


def worst_numbers(view: "View", target: int) -> dict[str, Any]:
    truth, predicted = view.final.truth[:, target], view.final.predicted[:, target]
    errors = np.abs(predicted - truth)
    worst = np.argsort(-np.nan_to_num(errors, nan=math.inf, posinf=math.inf), kind="stable")[:SHOWN]
    captions, of = ([spell(value) for value in values[worst].tolist()] for values in (predicted, truth))
    return shown(view, worst, captions, of, np.zeros(len(worst), bool), view.targets[target])


def spell(number: float) -> str:
    """A number with the digits that are worth reading."""
    return f"{number:,.0f}" if 1e4 <= abs(number) < 1e12 else f"{number:.4g}"


def shown(
    view: "View", worst: np.ndarray, captions: Sequence[str], truth: Sequence[str], wrong: np.ndarray, of: str = ""
) -> dict[str, Any]:
    """What ``draw`` takes, for some held-out rows."""
    final = view.final
    rows = view.parts[final.part][worst]
    title = "The worst {count} of {rows:,} {part} pictures"
    if of:
        title = "{of:.200}: the worst {count} of {rows:,} {part} pictures"
    return {
        "pictures": next(iter(view.pictures.values()))(rows),
        "captions": captions,
        "truth": truth,
        "wrong": wrong.tolist(),
        "names": view.names(rows),
        "title": view.entitle(fill_template(title, of=of, count=len(worst), rows=final.rows, part=final.part)),
    }


def draw(
    pictures: np.ndarray,
    captions: Sequence[str],
    truth: Sequence[str],
    wrong: Sequence[bool],
    names: Sequence[str],
    title: str,
) -> "Figure":
    """Pictures (n, h, w[, channels]), the worst first; below each what was predicted, the truth, and its name."""
    pixels = as_pixels(np.asarray(pictures))[..., :3] if np.ndim(pictures) == 4 else as_pixels(np.asarray(pictures))
    columns, side, room, head, foot = min(COLUMNS, max(1, len(pixels))), 1.7, 0.75, 0.6, 0.35
    rows, tall = max(1, -(-len(pixels) // columns)), side * height_share(pixels)
    width, height = max(columns * (side + 0.2) + 0.2, 5.6), rows * (tall + room) + head + foot
    figure = figure_of((width, height))
    write_title(figure, title)
    sheet, colours = sheet_of(figure), choose_colours(pixels)
    for i, picture in enumerate(pixels):
        middle = width / 2 + (i % columns + 0.5 - columns / 2) * (side + 0.2)
        bottom = height - head - (i // columns) * (tall + room) - tall
        edge = (RED, 2) if wrong[i] else (PALE, 0.8)
        put_picture(sheet, picture, middle - side / 2, bottom, side, edge, low=True, cmap=colours)
        said = "✗ {answer:.200}" if wrong[i] else "predicted {answer:.200}"
        lines = (
            fill_template(said, answer=captions[i]),
            fill_template("truth: {truth:.200}", truth=truth[i]),
            end_of(names[i]),
        )
        for line, text in enumerate(lines):
            colour = RED if line == 0 and wrong[i] else INK
            at = (bottom - 0.16 - 0.18 * line) / height
            figure.text(middle / width, at, fit_text(text, side + 0.1, NOTE), ha="center", fontsize=NOTE, color=colour)
    note = fill_template("Below each picture: what was predicted, the truth, and which row it is")
    figure.text(0.5, 0.13 / height, note, ha="center", fontsize=NOTE, color=INK)
    return finish(figure)


def end_of(name: str) -> str:
    """The end of a long name, where files differ."""
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
