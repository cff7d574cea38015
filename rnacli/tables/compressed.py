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

from rnacli.errors import RnaError
from rnacli.words import clean, fill_template

SIGNATURES = {
    "gzip": rb"\x1f\x8b",
    "bzip2": rb"BZh[1-9](1AY&SY|\x17rE8P\x90)",
    "xz": rb"\xfd7zXZ\x00",
    "zstd": rb"\x28\xb5\x2f\xfd",
    "zip": rb"PK(\x03\x04|\x05\x06|\x07\x08)",
}
"""How the files begin, as regular expressions."""
LISTED = 10
"""Files that are named; the others are counted."""
BLOCK = 1 << 17
"""Bytes that are decompressed at once."""


def open_bytes(path: Path, shown: str) -> BinaryIO:
    """The content of a file, decompressed as it is read, in little memory however large it is.

    Raises ``OSError`` when the file cannot be opened, else as ``unpack``.
    """
    return unpack(path.open("rb"), shown)


def unpacked_size(path: Path, shown: str, most: int) -> int:
    """The bytes of a packed file's content; of one that has more than ``most``, some more than those.

    A small file may unpack to very many, and what it says of them itself is not to be relied on. Raises ``RnaError``.
    """
    size = 0
    if path.stat().st_size > most:
        return path.stat().st_size
    with open_bytes(path, shown) as content:
        while size <= most and (block := content.read(1 << 20)):
            size += len(block)
    return size


def is_packed(file: BinaryIO) -> bool:
    """Whether an open file begins as packed ones do."""
    head = file.read(16)
    file.seek(0)
    return any(re.match(signature, head) for signature in SIGNATURES.values())


def unpack(file: BinaryIO, shown: str) -> BinaryIO:
    """The content of an open file, which is closed with it.

    A zip file must hold exactly one file. Raises ``RnaError``, now or while it is read, when it is damaged or is a zip
    file that is something else.
    """
    head = file.read(16)
    file.seek(0)
    kind = next((kind for kind, signature in SIGNATURES.items() if re.match(signature, head)), "")
    if not kind:
        return file
    try:
        content = UNPACKERS[kind](file, shown)
    except RnaError:
        file.close()
        raise
    except Exception as error:  # the archives' modules raise many kinds on a damaged file
        file.close()
        raise damaged(kind, shown) from error
    return io.BufferedReader(Decompressed(content, file, kind, shown), BLOCK)


def unpack_zstd(file: BinaryIO, shown: str) -> Any:
    pyarrow = import_pyarrow("pyarrow", "a zstd file", shown)
    return pyarrow.input_stream(file, compression="zstd", buffer_size=BLOCK)


class Decompressed(io.RawIOBase):
    """The bytes of a decompressor of a ``file``, whose failures are those of the file ``shown``."""

    def __init__(self, content: Any, file: BinaryIO, kind: str, shown: str):
        self.content, self.file, self.kind, self.shown = content, file, kind, shown

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self.content.read(len(buffer))
        except Exception as error:  # EOFError, BadZipFile, zlib.error, LZMAError, OSError and more
            raise damaged(self.kind, self.shown) from error
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self.content.close()
        self.file.close()
        super().close()


def damaged(kind: str, shown: str) -> RnaError:
    if kind == "zip":
        message = "this is a zip or Excel file that is damaged or cut short, not CSV"
        return RnaError(message, place=shown, hint="get it again, unpack it, or save it as CSV")
    hint = "get the file again, or unpack it first to see how far it goes"
    return RnaError("this is a {kind} file that is damaged or cut short", place=shown, hint=hint, kind=kind)


def unpack_zip(file: BinaryIO, shown: str) -> Any:
    """The one file in a zip file; what macOS adds is not counted."""
    with zipfile.ZipFile(file) as archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not added_by_macos(info.filename)]
        names = [info.filename for info in members]
        if "[Content_Types].xml" in names or "mimetype" in names:
            message = "this is a zip or Excel file, not CSV"
            raise RnaError(message, place=shown, hint="unpack it, or save it as CSV")
        if len(names) != 1:
            holds = fill_template("no files")
            if names:
                holds = fill_template("{count} files: {names:.300}", count=len(names), names=first_names(names))
            hint = "unpack it, and name one of them" if names else "get it again"
            raise RnaError(
                "expected a zip file with one file in it, got {holds:.300}", place=shown, hint=hint, holds=holds
            )
        if members[0].flag_bits & 1:
            raise RnaError("this zip file has a password", place=shown, hint="unpack it first")
        return archive.open(members[0])


UNPACKERS: dict[str, Callable[[BinaryIO, str], Any]] = {
    "gzip": lambda file, shown: gzip.GzipFile(fileobj=file),
    "bzip2": lambda file, shown: bz2.BZ2File(file),
    "xz": lambda file, shown: lzma.LZMAFile(file),  # noqa: SIM115
    "zstd": unpack_zstd,
    "zip": unpack_zip,
}


def added_by_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def first_names(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = fill_template(" and {count:,} more", count=len(names) - LISTED) if len(names) > LISTED else ""
    return ", ".join(clean(name, 60) for name in names[:LISTED]) + more


def import_pyarrow(module: str, what: str, shown: str) -> Any:
    """A module of pyarrow, which is slow to import and need not be installed. Raises ``RnaError``."""
    try:
        return importlib.import_module(module)
    except ImportError:
        hint = "pip install pyarrow"
        raise RnaError(
            "{what} is read through pyarrow, which is not installed", place=shown, hint=hint, what=fill_template(what)
        ) from None
