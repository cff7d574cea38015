"""What an autoencoder makes of pictures: inputs above outputs, and those that it gives back worst."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.pixels import as_pixels, choose_colours, choose_images, is_image, put_picture, sheet_of
from rnacli.plots.style import INK, NOTE, figure_of, finish, fit_text, write_title
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN = 10


def values(view: "View") -> "Drawings":
    """Some held-out pictures, and the worst."""
    final = view.final
    if view.reconstruct is None or not is_image(view.shape):
        return {}
    errors, rows = final.predicted[:, 0], view.parts[final.part]
    some = choose_images(final.truth)
    some = some[np.unique(np.linspace(0, len(some) - 1, min(SHOWN, len(some))).astype(int))]
    worst = np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")[:SHOWN]
    drawings: dict[str, list[dict[str, Any]]] = {}
    titles = (
        "Some of {rows:,} {part} images, given back",
        "The worst of {rows:,} {part} images, given back",
    )
    stems = ("reconstructions", "worst_reconstructions")
    for stem, places, each in zip(stems, (some, worst), titles, strict=True):
        inputs, outputs = view.reconstruct(view.inputs.take(rows[places]))
        title = view.entitle(fill_template(each, rows=final.rows, part=final.part))
        drawn = {"inputs": inputs, "outputs": outputs, "errors": errors[places], "title": title}
        drawings[stem] = [{**drawn, "names": [view.class_name(place) for place in final.truth[places].tolist()]}]
    return drawings


def draw(
    inputs: np.ndarray, outputs: np.ndarray, errors: np.ndarray, title: str, names: Sequence[str] = ()
) -> "Figure":
    """Pictures (n, h, w[, channels]) above what became of them, each with its error (n,) and, if any, its name."""
    # Both in the same range, or a pale output would look like a strong one.
    given = np.clip(outputs.reshape(inputs.shape), inputs.min(), inputs.max())
    pixels = as_pixels(np.concatenate([inputs, given]))
    count, side, gap, head, foot = len(inputs), 0.95, 0.1, 0.6, 0.8
    width, height = max(count * (side + gap) + 0.8, 5.6), 2 * (side + gap) + head + foot
    figure = figure_of((width, height))
    write_title(figure, title)
    sheet, colours = sheet_of(figure), choose_colours(pixels[:count])
    for i, picture in enumerate(pixels):
        left = width / 2 + (i % count - count / 2) * (side + gap) + gap / 2
        bottom = height - head - (i // count + 1) * (side + gap)
        put_picture(sheet, picture, left, bottom, side, cmap=colours)
        if i >= count:
            words = [f"{errors[i - count]:.3g}", *([names[i - count]] if any(names) else [])]
            for line, word in enumerate(words):
                say = fit_text(word, side, NOTE)
                place = ((left + side / 2) / width, (bottom - 0.18 * (line + 1)) / height)
                figure.text(*place, say, ha="center", fontsize=NOTE, color=INK)
    note = fill_template(
        "Above: the input. Below: the output, its error (mean squared) and its class"
        if any(names)
        else "Above: the input. Below: the output, its error (mean squared)"
    )
    figure.text(0.5, 0.1 / height, fit_text(note, width - 0.2, NOTE), ha="center", fontsize=NOTE, color=INK)
    return finish(figure)
