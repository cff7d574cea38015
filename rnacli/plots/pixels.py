"""What the pictures that show pictures have in common: which examples are shown, as which pixels, and where."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.pictures.grid import are_pictures
from rnacli.plots.style import PALE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_IMAGES = 25


def is_image(shape: tuple[int, ...]) -> bool:
    """Grey (height, width) or (height, width, 1), or colour (height, width, 3), and not a tiny table."""
    return are_pictures(shape) and min(shape[:2]) >= 8


def choose_images(truth: np.ndarray) -> np.ndarray:
    """Which images are shown: the first; where all of these are of one class, as in folders, some from all of them."""
    first = np.arange(min(len(truth), SHOWN_IMAGES))
    if (truth[first] == truth[0]).all():
        return np.unique(np.linspace(0, len(truth) - 1, len(first)).astype(int))
    return first


def as_pixels(images: np.ndarray) -> np.ndarray:
    """Images as numbers from 0 to 1, (n, h, w) or (n, h, w, 3)."""
    pixels: np.ndarray = np.nan_to_num(images.astype(float), posinf=0, neginf=0)
    if pixels.shape[3:] == (1,):
        pixels = pixels[..., 0]
    low, high = (pixels.min(), pixels.max()) if pixels.size else (0, 1)
    if low >= 0 and high <= 255:
        low, high = 0, 1 if high <= 1 and images.dtype.kind == "f" else 255
    return (pixels - low) / ((high - low) or 1)


def choose_colours(pixels: np.ndarray) -> str:
    """The colours of grey pictures (n, h, w[, 3]): those on a black ground are ink on paper, photographs are not."""
    is_drawn = bool(pixels.size and np.median(pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]]) == 0)
    return "binary" if is_drawn else "gray"


def square_axes(
    figure: "Figure", left: float, bottom: float, side: float, colour: str = PALE, linewidth: float = 0.8
) -> "Axes":
    """A square for a picture in a figure, in inches, with a thin line around it and without ticks."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, bottom / height, side / width, side / height))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color=colour, linewidth=linewidth)
    return axes
