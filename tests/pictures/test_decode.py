"""A picture's file becomes the pixels that a person sees, or one clear sentence, whatever is in it."""

import contextlib
import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from fixtures import no_hang, peak_memory, problem_of
from PIL import Image

from rnacli.errors import RnaError
from rnacli.pictures.decode import CHANNELS, MOST_PIXELS, PictureForm, decode_picture, readable_formats
from rnacli.pictures.find import is_picture_name

MOTIF = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]])
"""What all the odd pictures show, in four quarters."""
GREY = np.array([[76, 150], [29, 255]])
HALF = {"half_transparent.png": (MOTIF + 255) // 2}
GREY_ONES = {"grey.jpg": GREY, "grey.png": GREY, "grey_alpha.png": GREY, "sixteen_bit_grey.png": GREY}
GREY_ONES["one_bit.png"] = np.array([[0, 255], [0, 255]])
UNREADABLE = {
    "bomb.png": "it has 900,000,000 pixels, more than 100,000,000",
    "empty.jpg": "the file is empty",
    "half.jpg": "the JPEG picture is damaged or cut off",
    "half.png": "the PNG picture is damaged or cut off",
    "one_bit_flipped.png": "the PNG picture is damaged or cut off",
    "page.png": "this is a web page, not a picture",
    "words.jpg": "this is not a picture that can be read",
}


def decode(path: Path, height: int = 4, width: int = 4, **more: str) -> np.ndarray:
    return decode_picture(path, path.name, PictureForm(height, width, **more))


def corners(pixels: np.ndarray) -> np.ndarray:
    """The pixels (2, 2, channels) in the corners, one of each quarter."""
    return pixels[:: len(pixels) - 1, :: pixels.shape[1] - 1].astype(int)


@pytest.fixture(scope="session")
def odd(data_dir: Path) -> Path:
    """The folder of odd pictures."""
    if not (data_dir / "images" / "odd").is_dir():
        pytest.skip(f"no odd pictures in {data_dir}")
    return data_dir / "images" / "odd"


def seen(name: str, mode: str) -> np.ndarray:
    """What a person sees in the quarters of an odd picture."""
    if mode == "grayscale":
        grey = (GREY + 255) // 2 if name in HALF else GREY
        return np.asarray(GREY_ONES.get(name, grey))[..., None]
    if name in GREY_ONES:
        return np.repeat(GREY_ONES[name][..., None], 3, axis=2)
    return HALF.get(name, MOTIF)


@pytest.mark.parametrize("mode", ["rgb", "grayscale", "rgba"])
def test_odd_pictures_are_as_a_person_sees_them(odd: Path, mode: str) -> None:
    paths = [path for path in (odd / "readable").rglob("*") if path.is_file() and is_picture_name(path.name)]
    assert len(paths) == 30
    for path in paths:
        pixels = decode(path, 8, 8, color_mode=mode)
        assert (pixels.shape, pixels.dtype) == ((8, 8, CHANNELS[mode]), np.uint8)
        if mode == "rgba" and "transparent" in path.name:
            continue  # what is beneath what is transparent is kept
        wrong = np.abs(corners(pixels)[..., :3] - seen(path.name, mode)).max()
        assert wrong <= (12 if path.suffix.lower() in (".jpg", ".jpeg") else 2), path.name


def test_transparency_is_kept_as_a_channel(odd: Path) -> None:
    assert corners(decode(odd / "readable" / "transparent_quarter.png", 8, 8, color_mode="rgba"))[..., 3].tolist() == [
        [255, 255],
        [255, 0],
    ]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_picture_is_named_with_what_it_is(odd: Path, name: str) -> None:
    before = peak_memory()
    problem = problem_of(decode, odd / "unreadable" / name)
    assert (problem.place, problem.message) == (name, UNREADABLE[name])
    assert peak_memory() - before < 100 << 20


# Pictures of our own


def motif(width: int = 64, height: int = 48) -> Image.Image:
    return Image.fromarray(MOTIF.astype("uint8")).resize((width, height), Image.Resampling.NEAREST)


@pytest.mark.parametrize("code", range(1, 9))
def test_every_orientation_is_followed_also_where_a_large_picture_is_halved(tmp_path: Path, code: int) -> None:
    turn = Image.Transpose
    stored = {2: turn.FLIP_LEFT_RIGHT, 3: turn.ROTATE_180, 4: turn.FLIP_TOP_BOTTOM, 5: turn.TRANSPOSE,
              6: turn.ROTATE_90, 7: turn.TRANSVERSE, 8: turn.ROTATE_270}  # fmt: skip
    tag = Image.Exif()
    tag[0x0112] = code
    large = motif(640, 480)
    scan = large.transpose(stored[code]) if code > 1 else large
    scan.save(tmp_path / "turned.jpg", quality=95, exif=tag)
    assert np.abs(corners(decode(tmp_path / "turned.jpg", 20, 30)) - MOTIF).max() <= 12
    scan.convert("RGBA").save(tmp_path / "turned.tiff", exif=tag)  # which Pillow would map into memory
    assert np.abs(corners(decode(tmp_path / "turned.tiff", 20, 30)) - MOTIF).max() <= 12


def test_sixteen_bits_become_eight_by_division_whatever_the_file(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 64).astype("uint16").reshape(8, 8)
    for name in ("deep.png", "deep.tiff"):
        Image.fromarray(deep).save(tmp_path / name)
        pixels = decode(tmp_path / name, 8, 8, color_mode="grayscale")
        assert (pixels[..., 0] == deep >> 8).all()


def test_pixels_that_are_floating_point_numbers_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), "float32")).save(tmp_path / "floats.tiff")
    problem = problem_of(decode, tmp_path / "floats.tiff")
    assert (problem.message, problem.hint) == ("its pixels are floating-point numbers", "save it with 8 or 16 bits")


def test_another_shape_is_stretched_cropped_or_padded(tmp_path: Path) -> None:
    wide = np.full((10, 30, 3), 255, "uint8")
    wide[:, :10] = 100
    Image.fromarray(wide).save(tmp_path / "wide.png")
    stretched = decode(tmp_path / "wide.png", 30, 30)
    cropped, padded = (decode(tmp_path / "wide.png", 10, 10, fit=fit) for fit in ("crop", "pad"))
    assert (stretched[:, :9] == 100).all()
    assert (stretched[:, 11:] == 255).all()
    assert (cropped == 255).all()
    assert (padded[0] == 0).all()
    assert (padded[-1] == 0).all()
    assert padded[5, 0].tolist() == [100, 100, 100]


def test_a_picture_that_becomes_smaller_has_no_aliasing(tmp_path: Path) -> None:
    lines = np.zeros((64, 64), "uint8")
    lines[:, ::2] = 255
    Image.fromarray(lines).save(tmp_path / "lines.png")
    for name, widens in (("bilinear", True), ("bicubic", True), ("area", True), ("lanczos3", True), ("nearest", False)):
        pixels = decode(tmp_path / "lines.png", 8, 8, color_mode="grayscale", interpolation=name)
        assert (np.abs(pixels.astype(int) - 127).max() < 20) == widens, name


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge_png(side: int) -> bytes:
    """A PNG of ``side`` x ``side`` pixels of one bit, some kilobytes."""
    pack = zlib.compressobj(9)
    body = b"".join(pack.compress(b"\0" + bytes(side // 8)) for _ in range(side)) + pack.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_huge_picture_is_refused_before_it_takes_memory_also_within_an_icon(tmp_path: Path) -> None:
    content = huge_png(24_000)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 1, len(content), 22)
    (tmp_path / "icon.ico").write_bytes(struct.pack("<HHH", 0, 1, 1) + entry + content)
    header = struct.pack(">BHHBBBB", 8, 60_000, 60_000, 1, 1, 0x11, 0)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    (tmp_path / "header.jpg").write_bytes(b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(header)) + header + scan)
    (tmp_path / "header.bmp").write_bytes(
        b"BM" + bytes(8) + struct.pack("<IIiiHHIIIIII", 54, 40, 40_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    before = peak_memory()
    for name, count in (("icon.ico", 24_000**2), ("header.jpg", 60_000**2), ("header.bmp", 40_000 * 30_000)):
        problem = problem_of(decode, tmp_path / name)
        assert problem.message == f"it has {count:,} pixels, more than {MOST_PIXELS:,}", name
    assert peak_memory() - before < 60 << 20


def test_no_program_is_started_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "drawing.png").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"
    )
    assert problem_of(decode, tmp_path / "drawing.png").message == "this is not a picture that can be read"
    assert {"JPEG", "PNG", "GIF", "TIFF"} <= set(readable_formats())


def test_only_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "page.svg.png").write_text("<?xml version='1.0'?><svg/>")
    with no_hang():
        for name in ("pipe.png", "folder.png", "/dev/zero"):
            problem = problem_of(decode, tmp_path / name)
            assert problem.message == "this is no file but a folder, a pipe or a device"
        assert problem_of(decode, tmp_path / "gone.png").message == "cannot be read: No such file or directory"
    assert problem_of(decode, tmp_path / "page.svg.png").message == "SVG drawings are not read"
    (tmp_path / "photo.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
    assert problem_of(decode, tmp_path / "photo.jpg").message == "HEIC pictures are not read"


def random_file(generator: random.Random, heads: list[bytes]) -> bytes:
    """Random bytes; often behind the beginning of a picture."""
    content = generator.randbytes(generator.choice((1, 20, 200, 2000)))
    if generator.random() < 0.7:
        head = generator.choice(heads)
        content = head[: generator.randint(1, len(head))] + content
    return content


def check_random_files(folder: Path, count: int, seed: int) -> None:
    generator, heads = random.Random(seed), list[bytes]()
    for name in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "ICO", "PPM", "TGA", "PCX"):
        motif(16, 12).save(folder / "head", format=name)
        heads.append((folder / "head").read_bytes())
    before = peak_memory()
    with no_hang(600):
        for _ in range(count):
            path = folder / "random.png"
            path.write_bytes(random_file(generator, heads))
            with contextlib.suppress(RnaError):
                assert decode(path).shape == (4, 4, 3)
    assert peak_memory() - before < 600 << 20


@pytest.mark.filterwarnings("ignore")
def test_random_bytes_are_a_picture_or_one_sentence(tmp_path: Path) -> None:
    check_random_files(tmp_path, 300, 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ten_thousand_random_files_are_pictures_or_one_sentence(tmp_path: Path) -> None:
    check_random_files(tmp_path, 10_000, 1)
