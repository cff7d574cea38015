"""What the pictures that show pictures have in common: which examples are shown, as which pixels, and where."""

from typing import TYPE_CHECKING, Any

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


def height_share(pixels: np.ndarray) -> float:
    """How tall pictures (n, h, w[, 3]) are in squares that they fill."""
    height, width = pixels.shape[1:3]
    return float(min(1.0, height / max(width, 1)))


def sheet_of(figure: "Figure") -> "Axes":
    """Axes as large as a figure, in inches: axes for each of its pictures would take a second for fifty."""
    width, height = figure.get_size_inches()
    sheet = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    sheet.set_axis_off()
    return sheet


def put_picture(
    sheet: "Axes",
    picture: np.ndarray,
    left: float,
    bottom: float,
    side: float,
    edge: tuple[str, float] = (PALE, 0.8),
    low: bool = False,
    **look: Any,
) -> None:
    """Put a picture (h, w[, 3]) in the middle of a square of a sheet, with a line of a colour and a width around it.

    ``low``: at the bottom of the square. ``look``: as for ``imshow``; without it, grey from 0 to 1.
    """
    from matplotlib.patches import Rectangle

    height, width = (side * n / max(picture.shape[:2]) for n in picture.shape[:2])
    left, bottom = left + (side - width) / 2, bottom + (0 if low else (side - height) / 2)
    around = (left, left + width, bottom, bottom + height)
    plain: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 1, "extent": around, "aspect": "auto"}
    sheet.imshow(picture, **plain | look)
    sheet.add_patch(Rectangle((left, bottom), width, height, fill=False, edgecolor=edge[0], linewidth=edge[1]))
