"""One file of a picture as the pixels that a person sees, by Pillow."""

import contextlib
import functools
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnacli.errors import RnaError

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 100_000_000
"""Pixels of the largest picture that is read: in colour it takes 300 MB."""
FORMATS = (
    "AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "QOI", "TGA", "TIFF", "WEBP",
)  # fmt: skip
"""Pillow's formats that are read: others would start programs, such as Ghostscript for EPS, or hold no pictures."""
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
FILTERS = {"bilinear": "BILINEAR", "nearest": "NEAREST", "bicubic": "BICUBIC", "area": "BOX", "lanczos3": "LANCZOS"}
"""Keras' names of interpolations -> Pillow's of the same filters, which widen where a picture becomes smaller."""
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of one channel of 16 bits."""
NOT_READ = {rb"....ftyp(hei|hev|mif1|msf1)": "HEIC", rb"8bps": "Photoshop", rb"\xff\n|....jxl ": "JPEG XL"}
"""How files of pictures begin that Pillow does not read (in lower case), and what they are called."""
ORIENTATION = 0x0112
TURNED = range(5, 9)
"""EXIF orientations in which width and height are exchanged."""


@dataclass(frozen=True)
class PictureForm:
    """What every picture becomes: (height, width, channels) of ``color_mode``, uint8.

    ``fit``: how another shape becomes this one: ``stretch``, ``crop`` the middle, or ``pad`` with black.
    """

    height: int
    width: int
    color_mode: str = "rgb"
    interpolation: str = "bilinear"
    fit: str = "stretch"

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, CHANNELS[self.color_mode]


def decode_picture(path: Path, shown: str, form: PictureForm) -> np.ndarray:
    """A picture (height, width, channels), uint8, of a file, whatever it is called; ``shown``: its name in messages.

    It is turned as its EXIF orientation says; what is transparent is shown on white, but in ``rgba``; of an animation
    it is the first frame; 16 bits become 8. Raises ``RnaError`` for what is no picture.
    """
    require_file(path, shown)
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # of pictures within others, such as icons, Pillow alone sees the size
    try:
        # Of a path, Pillow maps plain TIFFs into memory, and then turns them wrongly.
        with path.open("rb") as file, Image.open(file, formats=readable_formats()) as opened:
            return as_pixels(opened, shown, form)
    except RnaError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        count = int(re.search(r"\d+", str(error))[0])  # type: ignore[index]
        raise too_large_error(count, shown) from None
    except MemoryError:
        raise RnaError("the memory is not enough for this picture", place=shown) from None
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        if isinstance(error, OSError) and error.errno is not None:
            raise RnaError("cannot be read: {reason}", place=shown, reason=error.strerror) from None
        raise unreadable_error(path, shown) from None


@functools.cache
def readable_formats() -> tuple[str, ...]:
    """Those of ``FORMATS`` that this Pillow has."""
    from PIL import Image

    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def too_large_error(count: int, shown: str) -> RnaError:
    """What is said of a picture of ``count`` pixels."""
    message, hint = "it has {count:,} pixels, more than {most:,}", "make it smaller, or leave it out"
    return RnaError(message, place=shown, hint=hint, most=MOST_PIXELS, count=count)


def require_file(path: Path, shown: str) -> None:
    """Refuse what is no file with something in it; a pipe would be waited for. Raises ``RnaError``."""
    try:
        status = path.stat()
    except OSError as error:
        raise RnaError("cannot be read: {reason}", place=shown, reason=error.strerror) from None
    except ValueError:  # of a name that no file can have
        raise RnaError("cannot be read: No such file or directory", place=shown) from None
    if not stat.S_ISREG(status.st_mode):
        raise RnaError("this is no file but a folder, a pipe or a device", place=shown)
    if not status.st_size:
        raise RnaError("the file is empty", place=shown)


def unreadable_error(path: Path, shown: str) -> RnaError:
    """What a file is that Pillow cannot read."""
    with path.open("rb") as file:
        head = file.read(512).lstrip().lower()
    if b"<svg" in head:
        return RnaError("SVG drawings are not read", place=shown, hint="save it as PNG")
    if head.startswith(b"<"):
        return RnaError("this is a web page, not a picture", place=shown, hint="download the picture again")
    if name := next((name for mark, name in NOT_READ.items() if re.match(mark, head, re.DOTALL)), ""):
        return RnaError("{format} pictures are not read", place=shown, hint="save it as JPEG or PNG", format=name)
    from PIL import Image

    with contextlib.suppress(Exception), Image.open(path, formats=readable_formats()) as opened:
        return RnaError("the {format} picture is damaged or cut off", place=shown, format=opened.format)
    hint = "the network takes pictures: a file or a folder of them" if is_text(head) else ""
    return RnaError("this is not a picture that can be read", place=shown, hint=hint)


def is_text(head: bytes) -> bool:
    """Whether a file that begins so (lower case, cut anywhere) is text, such as a table."""
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return head.isascii() or b"\0" not in head


def as_pixels(opened: "Image.Image", shown: str, form: PictureForm) -> np.ndarray:
    """The pixels of an opened picture. Raises what Pillow does."""
    from PIL import Image, ImageOps

    if (count := opened.width * opened.height) > MOST_PIXELS:
        raise too_large_error(count, shown)
    if opened.format == "JPEG" and form.fit == "stretch":
        turned = opened.getexif().get(ORIENTATION) in TURNED
        # The decoder halves a large picture sooner than it could be decoded whole; twice the size is left to shrink.
        opened.draft(None, (2 * form.height, 2 * form.width) if turned else (2 * form.width, 2 * form.height))
    picture = ImageOps.exif_transpose(opened)
    picture = as_seen(picture, shown, form.color_mode)
    resample = Image.Resampling[FILTERS[form.interpolation]]
    size = (form.width, form.height)
    if form.fit == "crop":
        picture = ImageOps.fit(picture, size, resample)
    elif form.fit == "pad":
        picture = ImageOps.pad(picture, size, resample)
    elif picture.size != size:
        picture = picture.resize(size, resample)
    return np.asarray(picture, "uint8").reshape(form.shape)


def as_seen(picture: "Image.Image", shown: str, color_mode: str) -> "Image.Image":
    """A picture in a colour mode, as a person sees it."""
    from PIL import Image

    if picture.mode in DEEP:
        picture = Image.fromarray((np.asarray(picture).astype("int64") >> 8).clip(0, 255).astype("uint8"))
    elif picture.mode == "F":
        raise RnaError("its pixels are floating-point numbers", place=shown, hint="save it with 8 or 16 bits")
    if color_mode != "rgba" and picture.has_transparency_data:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        picture = ground
    mode = MODES[color_mode]
    if mode == "L" and picture.mode not in ("L", "1"):
        picture = picture.convert("RGB")  # from a palette or ink, brightness is that of the colours
    return picture if picture.mode == mode else picture.convert(mode)
