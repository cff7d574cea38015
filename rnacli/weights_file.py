"""``weights.npz``: the weights alone, read only as exactly the arrays that the network has."""

import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from rnacli.errors import RnaError, clean

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the same weights give the same bytes."""
HEADER = 4096
"""Bytes that an entry may have beside its numbers."""


def dump(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The arrays as an uncompressed ``.npz``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            npy.write_array(entry, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), entry.getvalue())
    return content.getvalue()


def read(path: Path, expected: Mapping[str, tuple[tuple[int, ...], str]]) -> dict[str, np.ndarray]:
    """The arrays of ``path``: exactly those of ``expected`` (name -> shape, type), no more, no other.

    Never takes more memory than they need; a flipped bit is found by the archive's checksum.
    Raises ``RnaError`` that names the file.
    """
    sizes = {
        name: int(np.prod(shape, dtype=object)) * np.dtype(kind).itemsize for name, (shape, kind) in expected.items()
    }
    try:
        content = read_bounded(path, sum(sizes.values()) + HEADER * (len(sizes) + 1))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            if set(entries) != set(expected):
                raise ValueError("it holds other weights than the network has")
            return {name: read_array(archive, entries[name], *expected[name], sizes[name]) for name in expected}
    except RnaError:
        raise
    except Exception as error:  # zipfile and numpy raise many kinds on a damaged file
        raise RnaError(
            f"the weights are damaged: {clean(error, 120)}",
            place=str(path),
            hint="copy the whole run folder again, or train again",
        ) from None


def read_bounded(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most ``limit`` bytes; a link is not followed."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise RnaError(f"cannot be opened: {clean(error.strerror)}", place=str(path)) from None
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise ValueError(f"{status.st_size} bytes, and at most {limit} are expected")
        return file.read(limit + 1)


def read_array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...], kind: str, size: int
) -> np.ndarray:
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size + HEADER or entry.flag_bits & 1:
        raise ValueError(f"{entry.filename} is stored in another way")
    content = io.BytesIO(archive.read(entry))
    if npy.read_magic(content) != (1, 0):
        raise ValueError(f"{entry.filename} is of another version")
    found, fortran, dtype = npy.read_array_header_1_0(content, max_header_size=HEADER)
    if found != shape or dtype != np.dtype(kind) or fortran:
        raise ValueError(f"{entry.filename} is {dtype}{found}, and the network has {kind}{shape}")
    numbers = content.read()
    if len(numbers) != size:
        raise ValueError(f"{entry.filename} is cut")
    return np.frombuffer(numbers, dtype).reshape(shape).copy()
