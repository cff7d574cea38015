"""What pictures are like, as their files say without being decoded."""

import contextlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnacli.pictures.decode import ORIENTATION, TURNED, readable_formats

LOOKED_AT = 64
"""Pictures that are looked at."""
LONGEST = 96
"""Pixels of the longer side of pictures that a processor learns from in minutes."""
SHORTEST = 8
GREY = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F")
"""Pillow's modes without colours."""


class PicturesSurvey(NamedTuple):
    """How large pictures are, the middle ones, whether they have colours, and the ``image_size`` to make of them."""

    height: int
    width: int
    is_grey: bool
    image_size: tuple[int, int]


def survey_pictures(paths: Sequence[Path]) -> PicturesSurvey | None:
    """What some of the files are; ``None`` where they are no pictures."""
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, LOOKED_AT).astype(int))] if paths else []
    looks = [look for path in chosen if (look := look_at_picture(path))]
    if not looks:
        return None
    height, width = (int(np.median([look[i] for look in looks])) for i in (0, 1))
    share = min(1.0, LONGEST / max(height, width))
    size = max(SHORTEST, round(height * share)), max(SHORTEST, round(width * share))
    return PicturesSurvey(height, width, all(look[2] for look in looks), size)


def look_at_picture(path: Path) -> tuple[int, int, bool] | None:
    """The height and the width of a picture as it is shown, and whether it is grey; ``None`` where it is none."""
    from PIL import Image

    with warnings.catch_warnings(), contextlib.suppress(Exception):  # Pillow raises many kinds on damaged files
        warnings.simplefilter("ignore")
        with Image.open(path, formats=readable_formats()) as opened:
            width, height = opened.size
            if opened.getexif().get(ORIENTATION) in TURNED:
                width, height = height, width
            return height, width, opened.mode in GREY
    return None
