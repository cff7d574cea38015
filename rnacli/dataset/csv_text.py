"""CSV files as text: what they are written in, and their records with the line on which each begins."""

import csv
import io
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rnacli.errors import RnaError, clean, did_you_mean, plain
from rnacli.language import Csv
from rnacli.schema import listed

LONGEST = 1 << 30
"""Characters that a cell may have: a bad one is shown with its column, however long it is."""
SIGNATURES = {
    b"PK\x03\x04": ("a zip or Excel file", "unpack it, or save it as CSV"),
    b"\x1f\x8b": ("a gzip file", "unpack it first"),
    b"PAR1": ("a Parquet file", "save it as CSV"),
    b"\x89PNG": ("a picture", "name a CSV file"),
    b"%PDF": ("a PDF file", "name a CSV file"),
}


@dataclass(frozen=True)
class Format:
    """How a CSV file is written."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("",)
    header: bool = True

    @classmethod
    def of(cls, data: Csv) -> "Format":
        return cls(data.delimiter, data.decimal, data.encoding, data.missing, data.header)

    @property
    def codec(self) -> str:
        return "utf-8-sig" if plain(self.encoding) == "utf8" else self.encoding


class Record(NamedTuple):
    line: int
    cells: list[str]


def records(file: io.TextIOBase, form: Format, shown: str) -> Iterator[Record]:
    """The records with the line on which each begins; blank lines are passed over."""
    csv.field_size_limit(LONGEST)
    reader = csv.reader(file, delimiter=form.delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield Record(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            message = "a quote is opened here and never closed"
            hint = 'close it, or write "" for a quote inside a quoted value'
        elif "field larger" in str(error):
            message, hint = f"a value is longer than {LONGEST:,} characters", ""
        else:
            message, hint = (
                "not valid CSV: something follows a closing quote",
                'write "" for a quote inside a quoted value',
            )
        raise RnaError(message, place=f"{shown}:{line}", hint=hint) from None
    except UnicodeDecodeError as error:
        raise RnaError(
            f"not {form.encoding} text: byte 0x{error.object[error.start]:02x} after line {line}",
            place=shown,
            hint="save it as UTF-8, or name its encoding: encoding: latin-1",
        ) from None


def check_is_text(path: Path, form: Format, shown: str) -> None:
    """The path must be a regular file that looks like text in the stated encoding."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            inside = sorted(entry.name for entry in path.iterdir() if entry.suffix == ".csv")[:5]
            hint = f"it holds {listed([clean(name) for name in inside], 'and')}" if inside else "name a file in it"
            raise RnaError("this is a folder, and a CSV file is wanted", place=str(path), hint=hint)
        if not stat.S_ISREG(mode):
            message = "this is a device or a pipe, not a regular file"
            raise RnaError(message, place=shown, hint="save the data in a file first")
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise missing_file(path, shown) from None
    except OSError as error:
        raise RnaError(f"cannot be opened: {clean(error.strerror)}", place=shown) from None
    for signature, (what, hint) in SIGNATURES.items():
        if head.startswith(signature):
            raise RnaError(f"this is {what}, not CSV", place=shown, hint=hint)
    if re.match(rb"\s*<(!doctype\s+html|html)", head, re.I):
        raise RnaError("this is a web page (HTML), not CSV", place=shown, hint="download the file itself")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and not plain(form.encoding).startswith("utf16"):
        hint = "save it as UTF-8, or set encoding: utf-16"
        raise RnaError("the file is UTF-16, and UTF-8 is wanted", place=shown, hint=hint)
    if b"\0" in head and not plain(form.encoding).startswith(("utf16", "utf32")):
        hint = "name a CSV file, or its encoding: encoding: utf-16"
        raise RnaError("the file holds NUL bytes: it is not text", place=shown, hint=hint)


def missing_file(path: Path, shown: str) -> RnaError:
    """The error for a file that is not there, with the nearest name in its folder."""
    folder = path.parent
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    if not folder.is_dir():
        hint = f"there is no folder {clean(folder, 300)}"
    else:
        elsewhere = "" if shown == str(path) else "a relative path starts from the folder of the config"
        hint = did_you_mean(path.name, names) or elsewhere
    looked = "" if shown == str(path) else f" (looked for {clean(path, 300)})"
    return RnaError(f"no such file{looked}", place=shown, hint=hint)


def open_text(path: Path, form: Format, shown: str) -> io.TextIOWrapper:
    try:
        return path.open("r", encoding=form.codec, newline="", errors="strict")
    except LookupError:
        raise RnaError(f"there is no encoding called '{clean(form.encoding)}'", place=shown, exit_code=2) from None


def line_of(path: Path, form: Format, row: int, shown: str) -> int:
    """The line on which data row ``row`` (from 0) begins."""
    with open_text(path, form, shown) as file:
        for i, record in enumerate(records(file, form, shown)):
            if i == row + form.header:
                return record.line
    return 0
