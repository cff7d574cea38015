"""Pictures beside one another in one file, and several such files as a moving one."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

GAP = 2
"""Pixels between two pictures."""
WIDE = 560
"""Pixels to which small grids are enlarged, by whole numbers."""
LARGEST_SCALE = 4
FRAME = 300
"""Milliseconds for which each file is shown."""
LAST_FRAME = 2000


def are_pictures(shape: tuple[int, ...]) -> bool:
    """Whether examples of a shape are grey (height, width[, 1]) or colour (height, width, 3)."""
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))


def to_pixels(examples: np.ndarray, low: float, high: float) -> np.ndarray:
    """Pictures (n, height, width[, channels]) of numbers from ``low`` to ``high`` as uint8 from 0 to 255."""
    shares = (examples.astype("float64") - low) / ((high - low) or 1.0)
    return np.asarray(np.rint(255 * np.clip(np.nan_to_num(shares), 0, 1)), "uint8")


def tile_pictures(pixels: np.ndarray, columns: int) -> np.ndarray:
    """Pictures (n, height, width[, 1 or 3]) uint8 in rows of ``columns``, white between them, small ones enlarged."""
    if pixels.ndim == 3:
        pixels = pixels[..., None]
    whole = join_pictures(pixels, -(-len(pixels) // columns), columns, GAP, 255)
    scale = max(1, min(LARGEST_SCALE, WIDE // whole.shape[1]))
    whole = whole.repeat(scale, axis=0).repeat(scale, axis=1)
    return whole[..., 0] if whole.shape[2] == 1 else whole


def join_pictures(pictures: np.ndarray, rows: int, columns: int, gap: int, blank: float) -> np.ndarray:
    """Pictures (n, height, width[, channels]) in ``rows`` and ``columns``, with ``gap`` pixels of ``blank`` between."""
    height, width = pictures.shape[1:3]
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *pictures.shape[3:])
    whole = np.full(shape, blank, pictures.dtype)
    for i, picture in enumerate(pictures[: rows * columns]):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        whole[top : top + height, left : left + width] = picture
    return whole


def png_bytes(pixels: np.ndarray) -> bytes:
    """A picture (height, width[, 3]) uint8 as a PNG."""
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def gif_bytes(files: Sequence[Path]) -> bytes:
    """PNG files of one size, one after the other and again, as a GIF."""
    from PIL import Image

    frames = []
    for path in files:
        with Image.open(path) as picture:
            frames.append(picture.convert("P" if picture.mode == "RGB" else "L"))
    content = io.BytesIO()
    durations = [FRAME] * (len(frames) - 1) + [LAST_FRAME]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return content.getvalue()
