"""The decision boundary as it grew: one picture for each of some epochs, one after the other."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnacli.plots.style import COLOURS, FONT, INK, as_probabilities, fit_text, span
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.plots.view import Drawings, View

ENDING = "gif"
COARSE = 72
"""Places along one side of the plane, of which pixels are made between them."""
SIDE, MARGIN, HEAD = 300, 14, 44
"""Pixels of the plane's side, around it, and above it."""
POINTS = 600
FRAME, LAST_FRAME = 250, 2500
"""Milliseconds."""
TINTS = ((0x66, 0xAA, 0xD1), (255, 255, 255), (0xF0, 0xC5, 0x66))
"""Of two classes, from sure of the one to sure of the other, as in the still picture."""


def values(view: "View") -> "Drawings":
    """Where weights of some epochs were kept: networks of few weights that decide about classes in a plane."""
    final = view.final
    is_plane = view.are_numbers and view.shape == view.inputs.shape == (2,)
    if view.film is None or not is_plane or final.confusion is None or len(final.classes) > len(COLOURS):
        return {}
    rows = view.parts["train"]
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), POINTS)).astype(int)]
    x = np.asarray(view.inputs.take(rows), "float64")
    if not np.isfinite(x).all():
        return {}
    frames = view.film(plane_of(x))
    if len(frames) < 3:
        return {}
    drawn: dict[str, Any] = {
        "epochs": [epoch for epoch, _ in frames],
        "answers": np.stack([as_probabilities(answer) for _, answer in frames]).astype("float32"),
        "x": x,
        "labels": view.class_indices(rows),
        "title": view.name,
    }
    return {"decision_boundary": [drawn]}


def plane_of(x: np.ndarray) -> np.ndarray:
    """The places (COARSE², 2) at which the network is asked, from below to above."""
    sides = [np.linspace(*span(column), COARSE) for column in x.T]
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)


def draw(epochs: Sequence[int], answers: np.ndarray, x: np.ndarray, labels: np.ndarray, title: str) -> bytes:
    """A GIF: ``answers`` (epochs, COARSE², k) in the plane of the points ``x`` (n, 2) of classes ``labels`` (n,)."""
    from PIL import Image, ImageDraw, ImageFont

    points, mask = draw_points(x, labels)
    large, small = (ImageFont.truetype(font_file(), size) for size in (17, 13))
    frames = []
    for epoch, answer in zip(epochs, answers, strict=True):
        plane = tint(np.nan_to_num(answer, nan=1 / answer.shape[-1]).reshape(COARSE, COARSE, -1))
        plane = np.where(mask[..., None], points, plane)
        whole = np.full((SIDE + HEAD + MARGIN, SIDE + 2 * MARGIN, 3), 255, "uint8")
        whole[HEAD : HEAD + SIDE, MARGIN : MARGIN + SIDE] = plane
        image = Image.fromarray(whole)
        pen = ImageDraw.Draw(image)
        pen.text((MARGIN, 12), fill_template("epoch {epoch}", epoch=epoch), fill=INK, font=large)
        said = fit_text(title, 3.6, 13 * 0.75)
        pen.text((SIDE + MARGIN - pen.textlength(said, small), 15), said, fill=INK, font=small)
        frames.append(image)
    # One palette for all, so that colours do not flicker: of the first and the last one, which have the most.
    both = Image.fromarray(np.concatenate([np.asarray(frames[i]) for i in (0, len(frames) // 2, -1)]))
    palette = both.quantize(96)
    plain = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    content = io.BytesIO()
    durations = [FRAME] * (len(plain) - 1) + [LAST_FRAME]
    plain[0].save(content, "GIF", save_all=True, append_images=plain[1:], duration=durations, loop=0, optimize=False)
    return content.getvalue()


def font_file() -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(FONT))


def tint(chance: np.ndarray) -> np.ndarray:
    """The plane (SIDE, SIDE, 3) in the colours of the classes' probabilities (COARSE, COARSE, k), borders dark."""
    from matplotlib.colors import to_rgb

    fine = np.clip(enlarge(enlarge(chance).swapaxes(0, 1)).swapaxes(0, 1)[::-1], 0, 1)
    k = fine.shape[-1]
    if k == 2:
        colours = [np.interp(fine[..., 1], [0, 0.5, 1], [tone[c] for tone in TINTS]) for c in range(3)]
        plane = np.stack(colours, axis=-1)
    else:
        sure = np.clip((fine.max(axis=-1) - 1 / k) / (1 - 1 / k), 0, 1)[..., None]
        own = 255 * np.array([to_rgb(COLOURS[i % len(COLOURS)]) for i in range(k)])[fine.argmax(axis=-1)]
        plane = 255 - 0.6 * sure * (255 - own)
    best = fine.argmax(axis=-1)
    border = np.zeros(best.shape, bool)
    border[1:] |= best[1:] != best[:-1]
    border[:, 1:] |= best[:, 1:] != best[:, :-1]
    border[:-1] |= border[1:]
    plane[border] = 0x22
    return plane.astype("uint8")


def enlarge(values: np.ndarray) -> np.ndarray:
    """Values (COARSE, ...) at SIDE places along the first axis, between neighbours on a straight line."""
    places = np.linspace(0, len(values) - 1, SIDE)
    below = np.minimum(places.astype(int), len(values) - 2)
    share = (places - below).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[below] * (1 - share) + values[below + 1] * share)


def draw_points(x: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points as colours (SIDE, SIDE, 3), and where they are (SIDE, SIDE): the same in every frame."""
    from PIL import Image, ImageDraw

    image, mask = Image.new("RGB", (SIDE, SIDE)), Image.new("1", (SIDE, SIDE))
    pens = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    radius = 4 if len(x) <= 200 else 3
    (left, right), (bottom, top) = (span(column) for column in x.T)
    for (across, up), label in zip(x.tolist(), labels.tolist(), strict=True):
        column, row = (across - left) / (right - left) * SIDE, (top - up) / (top - bottom) * SIDE
        for size, colour in ((radius + 1, "white"), (radius, COLOURS[label % len(COLOURS)])):
            box = (column - size, row - size, column + size, row + size)
            pens[0].ellipse(box, fill=colour)
            pens[1].ellipse(box, fill=1)
    return np.asarray(image), np.asarray(mask)
