"""``weights.npz``: the weights alone, read only as exactly the arrays that the network has."""

import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from rnacli.errors import WHOLE_RUN, RnaError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the same weights give the same bytes."""
ExpectedArrays = dict[str, tuple[tuple[int, ...], str]]
"""Name -> shape and type of an array."""
HEADER_BYTES = 4096
"""Bytes that an entry may have beside its numbers."""


def dump_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The arrays as an uncompressed ``.npz``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            npy.write_array(entry, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), entry.getvalue())
    return content.getvalue()


def read_weights(path: Path, expected: ExpectedArrays) -> dict[str, np.ndarray]:
    """The arrays of ``path``: exactly those of ``expected`` (name -> shape, type), no more, no other.

    Never takes more memory than they need; a flipped bit is found by the archive's checksum.
    Raises ``RnaError`` that names the file.
    """
    try:
        return parse_arrays(read_bounded(path, arrays_size(expected)), expected)
    except RnaError:
        raise
    except Exception as error:  # zipfile and numpy raise many kinds on a damaged file
        raise RnaError("the weights are damaged: {error:.120}", place=str(path), hint=WHOLE_RUN, error=error) from None


def require_weights_size(path: Path, numbers: int) -> None:
    """Refuse a file that is too small to have so many weights, before the network takes the memory for them.

    Raises ``RnaError``.
    """
    if path.is_file() and path.stat().st_size < 2 * numbers:  # the smallest have 16 bits
        message = "the weights are damaged: there are fewer than the network's {numbers:,}"
        raise RnaError(message, place=str(path), hint=WHOLE_RUN, numbers=numbers)


def arrays_size(expected: ExpectedArrays) -> int:
    """The most bytes that a file of just these arrays has."""
    return sum(array_bytes(*array) for array in expected.values()) + HEADER_BYTES * (len(expected) + 1)


def array_bytes(shape: tuple[int, ...], kind: str) -> int:
    return int(np.prod(shape, dtype=object)) * np.dtype(kind).itemsize


def parse_arrays(content: bytes, expected: ExpectedArrays) -> dict[str, np.ndarray]:
    """The arrays in a file's content: exactly those ``expected``. Raises what zipfile and numpy do if they are not."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
        if set(entries) != set(expected):
            raise ValueError("it holds other weights than the network has")
        return {name: read_array(archive, entries[name], *expected[name]) for name in expected}


def read_layer(path: Path, layer: str, expected: ExpectedArrays) -> dict[str, np.ndarray] | None:
    """The arrays of a layer that has just those ``expected`` by their names within it; none if there is no such layer.

    The layer called ``layer`` goes before others. Raises ``RnaError`` for a damaged file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            layers: dict[str, dict[str, zipfile.ZipInfo]] = {}
            for entry in archive.infolist():
                _, name, *within = entry.filename.removesuffix(".npy").split("/")
                layers.setdefault(name, {})["/".join(within)] = entry
            fitting = [name for name, entries in layers.items() if set(entries) == set(expected)]
            if not fitting:
                return None
            entries = layers[layer if layer in fitting else fitting[0]]
            return {name: read_array(archive, entries[name], *expected[name]) for name in expected}
    except Exception as error:  # zipfile and numpy raise many kinds on a damaged file
        raise RnaError("the weights do not fit: {error:.120}", place=str(path), error=error) from None


def read_bounded(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most ``limit`` bytes; a link is not followed."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise RnaError("cannot be opened: {strerror}", place=str(path), strerror=error.strerror) from None
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise ValueError(f"{status.st_size} bytes, and at most {limit} are expected")
        return file.read(limit + 1)


def read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...], kind: str) -> np.ndarray:
    size = array_bytes(shape, kind)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size + HEADER_BYTES or entry.flag_bits & 1:
        raise ValueError(f"{entry.filename} is stored in another way")
    content = io.BytesIO(archive.read(entry))
    if npy.read_magic(content) != (1, 0):
        raise ValueError(f"{entry.filename} is of another version")
    stored, fortran, dtype = npy.read_array_header_1_0(content, max_header_size=HEADER_BYTES)
    if stored != shape or dtype != np.dtype(kind) or fortran:
        raise ValueError(f"{entry.filename} is {dtype}{stored}, and the network has {kind}{shape}")
    numbers = content.read()
    if len(numbers) != size:
        raise ValueError(f"{entry.filename} is cut")
    return np.frombuffer(numbers, dtype).reshape(shape).copy()
