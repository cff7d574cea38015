"""Files as bytes, whether they are compressed or not: gzip, bzip2, xz, zstd and zip, known by how they begin."""

import bz2
import gzip
import importlib
import io
import lzma
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from rnacli.errors import RnaError, clean

SIGNATURES = {
    "gzip": rb"\x1f\x8b",
    "bzip2": rb"BZh[1-9](1AY&SY|\x17rE8P\x90)",
    "xz": rb"\xfd7zXZ\x00",
    "zstd": rb"\x28\xb5\x2f\xfd",
    "zip": rb"PK(\x03\x04|\x05\x06|\x07\x08)",
}
"""How the files begin, as regular expressions."""
OPENERS: dict[str, Callable[[Path], Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
LISTED = 10
"""Files that are named; the others are counted."""
BLOCK = 1 << 17
"""Bytes that are decompressed at once."""


def open_bytes(path: Path, shown: str) -> BinaryIO:
    """The content of a file, decompressed as it is read, in little memory however large it is.

    A zip file must hold exactly one file. Raises ``OSError`` when the file cannot be opened, and ``RnaError``, now or
    while it is read, when it is damaged or is a zip file that is something else.
    """
    with path.open("rb") as file:
        head = file.read(16)
    kind = next((kind for kind, signature in SIGNATURES.items() if re.match(signature, head)), "")
    if not kind:
        return path.open("rb")
    try:
        source = decompressor(kind, path, shown)
    except RnaError:
        raise
    except Exception as error:  # the archives' modules raise many kinds on a damaged file
        raise damaged(kind, shown) from error
    return io.BufferedReader(Decompressed(source, kind, shown), BLOCK)


def decompressor(kind: str, path: Path, shown: str) -> Any:
    if kind == "zip":
        return open_zip(path, shown)
    if kind == "zstd":
        pyarrow = import_pyarrow("pyarrow", "a zstd file", shown)
        return pyarrow.input_stream(str(path), compression="zstd", buffer_size=BLOCK)
    return OPENERS[kind](path)


class Decompressed(io.RawIOBase):
    """The bytes of a decompressor, whose failures are those of the file ``shown``."""

    def __init__(self, source: Any, kind: str, shown: str):
        self.source, self.kind, self.shown = source, kind, shown

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self.source.read(len(buffer))
        except Exception as error:  # EOFError, BadZipFile, zlib.error, LZMAError, OSError and more
            raise damaged(self.kind, self.shown) from error
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self.source.close()
        super().close()


def damaged(kind: str, shown: str) -> RnaError:
    if kind == "zip":
        message = "this is a zip or Excel file that is damaged or cut short, not CSV"
        return RnaError(message, place=shown, hint="get it again, unpack it, or save it as CSV")
    hint = "get the file again, or unpack it first to see how far it goes"
    return RnaError(f"this is a {kind} file that is damaged or cut short", place=shown, hint=hint)


def open_zip(path: Path, shown: str) -> Any:
    """The one file in a zip file; what macOS adds is not counted."""
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not added_by_macos(info.filename)]
        names = [info.filename for info in members]
        if "[Content_Types].xml" in names or "mimetype" in names:
            message = "this is a zip or Excel file, not CSV"
            raise RnaError(message, place=shown, hint="unpack it, or save it as CSV")
        if len(names) != 1:
            holds = f"{len(names)} files: {some(names)}" if names else "no files"
            hint = "unpack it, and name one of them" if names else "get it again"
            raise RnaError(
                f"a zip file with one file in it is wanted, and this one holds {holds}", place=shown, hint=hint
            )
        if members[0].flag_bits & 1:
            raise RnaError("this zip file has a password", place=shown, hint="unpack it first")
        return archive.open(members[0])


def added_by_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def some(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(clean(name, 60) for name in names[:LISTED]) + more


def import_pyarrow(module: str, what: str, shown: str) -> Any:
    """A module of pyarrow, which is slow to import and need not be installed. Raises ``RnaError``."""
    try:
        return importlib.import_module(module)
    except ImportError:
        hint = "pip install 'rnacli[parquet]'"
        raise RnaError(f"{what} is read through pyarrow, which is not installed", place=shown, hint=hint) from None
