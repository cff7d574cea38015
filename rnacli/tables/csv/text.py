"""CSV files as text: what they are written in, and their records with the line on which each begins."""

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from rnacli.errors import RnaError
from rnacli.tables.compressed import BLOCK, open_bytes
from rnacli.tables.csv.blanks import BlankReader
from rnacli.tables.csv.no_text import find_no_text
from rnacli.tables.numbers import Marks, Written
from rnacli.words import fill_template, plain_name

AT_ONCE = 1000
"""Records that are unwrapped together."""
LONGEST = 1 << 26
"""Characters that a cell may have, and bytes that a line may have: what is longer would fill the memory."""
WHITESPACE = "whitespace"
"""The delimiter that is any run of blanks and tabs."""
AUTO = "auto"
"""A delimiter or decimal mark that the file itself shows."""
SIGNATURES = {
    b"PK\x03\x04": ("a zip or Excel file", "unpack it, or save it as CSV"),
    b"\x1f\x8b": ("a gzip file", "unpack it first"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it first"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "save it as CSV"),
    b"PAR1": ("a Parquet file", "save it as CSV"),
    b"\x89PNG": ("a picture", "name a CSV file"),
    b"\x93NUMPY": ("a NumPy array", "numpy.savez writes what dataset: {npz: data.npz} reads"),
    b"%PDF": ("a PDF file", "name a CSV file"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"$FL2": ("an SPSS file", "save it as CSV: pandas.read_spss reads it"),
    b"<stata_dta>": ("a Stata file", "save it as CSV: pandas.read_stata reads it"),
    b"\x89HDF": ("an HDF5 file", "save it as CSV"),
    b"{\\rtf": ("a text of a word processor", "save it as CSV"),
    b"version https://git-lfs": ("a pointer of Git LFS", "get the file itself: git lfs pull"),
}
MARKUP = {
    re.compile(rb"\s*<(!doctype\s+html|html)", re.I): ("a web page (HTML)", "download the file itself"),
    re.compile(rb"\s*<(\?xml|table|!--)", re.I): ("a page of HTML or XML", "save it as CSV"),
    re.compile(rb'\s*(\{\s*"[^"]*"\s*:|\[\s*[{\[])'): (
        "JSON", "in Python, pandas.read_json(...).to_csv('data.csv', index=False) writes CSV; for a record a line, "
        "read_json has lines=True"
    ),
    re.compile(rb"\s*(%[^\n]*\n\s*)*@relation\b", re.I): (
        "an ARFF file of Weka", "scipy.io.arff.loadarff reads it in Python, and to_csv of a data frame writes CSV"
    ),
    re.compile(rb"[-+]?[0-9.]+( [0-9]+:[-+]?[0-9][0-9.eE+-]*)+ ?\r?\n"): (
        "a file of LIBSVM", "sklearn.datasets.load_svmlight_file reads it, and numpy.savez writes what npz: reads"
    ),
}  # fmt: skip
"""What files in the languages of pages and programs begin with."""


@dataclass(frozen=True)
class Format:
    """How a CSV file is written.

    ``delimiter`` is one character or ``whitespace``; it, ``decimal`` and ``thousands`` (what stands between groups of
    three digits) may be ``auto`` until ``settle_format``.
    ``names``: what the columns are called, instead of the names in the header. ``kept``: the marks in numbers of a
    file read before, which hold unless this one shows others. ``skip``: how many lines stand above the header, ``None``
    until ``settle_format``; ``units``: whether a line of units stands below it. ``wrapped``: where
    each record, or each cell, is quoted once more, the mark between these quotes.
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("",)
    header: bool = True
    names: tuple[str, ...] | None = None
    kept: Marks | None = None
    skip: int | None = None
    units: bool = False
    wrapped: str = ""

    @property
    def mark(self) -> str:
        """The delimiter as a message names it."""
        return {WHITESPACE: "blank", "\t": "tab"}.get(self.delimiter, f"'{self.delimiter}'")

    @property
    def codec(self) -> str:
        return "utf-8-sig" if plain_name(self.encoding) == "utf8" else self.encoding

    @property
    def has_nul(self) -> bool:
        """Whether NUL bytes are parts of its characters."""
        return plain_name(self.encoding).startswith(("utf16", "utf32"))

    @property
    def pandas_separator(self) -> str:
        """What ``pandas.read_csv`` calls the delimiter."""
        return r"\s+" if self.delimiter == WHITESPACE else self.delimiter

    @property
    def written(self) -> Written:
        return Written(self.decimal, self.missing, self.thousands)


class Record(NamedTuple):
    line: int
    cells: list[str]


def read_records(file: io.TextIOBase, form: Format, shown: str) -> Iterator[Record]:
    """The records with the line on which each begins; blank lines, and those of empty cells, are passed over.

    ``file`` begins where ``open_text`` lets it.
    """
    csv.field_size_limit(LONGEST)
    text = ""

    def seen(line: str) -> str:
        nonlocal text
        text = line
        return line

    reader = (
        BlankReader(file)
        if form.delimiter == WHITESPACE
        else csv.reader(map(seen, file), delimiter=form.delimiter, skipinitialspace=True, strict=True)
    )
    line = above = 1 + (form.skip or 0)
    try:
        for cells in reader:
            # As pandas has it: a line of "" is a gap in the only column, and one of other blanks is no blank line.
            if any(cells) if len(cells) > 1 else cells and (text.strip(" \t\r\n") or form.delimiter == WHITESPACE):
                yield Record(line, cells)
                above = 1 + (form.skip or 0) + form.units
            line = reader.line_num + above
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            message = "a quote is opened here and never closed"
            hint = 'close it, or write "" for a quote inside a quoted value'
        elif "field larger" in str(error):
            message, hint = "a value is longer than {most:,} characters", ""
        else:
            message, hint = (
                "not valid CSV: something follows a closing quote",
                'write "" for a quote inside a quoted value',
            )
        raise RnaError(message, place=f"{shown}:{line}", hint=hint, most=LONGEST) from None


def check_is_text(head: bytes, form: Format, shown: str) -> None:
    """The first bytes of a file, decompressed, must look like text in the stated encoding."""
    for signature, (what, hint) in SIGNATURES.items():
        if head.startswith(signature):
            raise RnaError("this is {what}, not CSV", place=shown, hint=hint, what=fill_template(what))
    if head[257:262] == b"ustar":
        raise RnaError("this is a tar archive, not CSV", place=shown, hint="unpack it first")
    for pattern, (what, hint) in MARKUP.items():
        if pattern.match(head.removeprefix(codecs.BOM_UTF8)):
            raise RnaError("this is {what}, not CSV", place=shown, hint=hint, what=fill_template(what))
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and plain_name(form.encoding) != "utf32":
        hint = "save it as UTF-8, or set encoding: utf-32"
        raise RnaError("expected UTF-8, got UTF-32", place=shown, hint=hint)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and not plain_name(form.encoding).startswith("utf16"):
        hint = "save it as UTF-8, or set encoding: utf-16"
        raise RnaError("expected UTF-8, got UTF-16", place=shown, hint=hint)
    if b"\0" in head[:16] and 4 * head.count(0) > len(head) and not form.has_nul:
        hint = "name a CSV file, or its encoding: encoding: utf-16"
        raise RnaError("the file holds NUL bytes: it is not text", place=shown, hint=hint)


class Lines(io.RawIOBase):
    """Bytes as they are read from a file, refused when a line is so long that it would fill the memory.

    ``UnicodeError`` where there is a NUL byte that is no part of a character.
    """

    def __init__(self, source: BinaryIO, form: Format, shown: str):
        self.source, self.form, self.shown, self.length = source, form, shown, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self.source.read(len(buffer))
        except OSError as error:
            raise RnaError("cannot be read: {strerror}", place=self.shown, strerror=error.strerror) from None
        last = block.rfind(b"\n")
        last = block.rfind(b"\r") if last < 0 else last
        self.length = len(block) - last - 1 if last >= 0 else self.length + len(block)
        if self.length > LONGEST:
            raise RnaError(
                "a line is longer than {most:,} bytes", place=self.shown, hint="is this a CSV file?", most=LONGEST
            )
        if b"\0" in block and not self.form.has_nul:
            raise UnicodeError("a NUL byte")
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self.source.close()
        super().close()


@contextlib.contextmanager
def open_text(path: Path, form: Format, shown: str) -> Iterator[io.TextIOBase]:
    """The text of a file, compressed or not, from its header on, without a line of units below that.

    Raises ``RnaError``, also while it is read, where there is something that is no text.
    """
    try:
        with begin_text(path, form, shown) as file:
            yield file
    except UnicodeError:
        raise find_no_text(path, form.codec, form.encoding, shown) from None


def begin_text(path: Path, form: Format, shown: str) -> io.TextIOBase:
    """As ``open_text``; ``UnicodeError`` where there is something that is no text."""
    file = decode_text(io.BufferedReader(Lines(open_bytes(path, shown), form, shown), BLOCK), form, shown)
    if form.wrapped:
        return Unwrapped(file, form.wrapped)
    for _ in range(form.skip or 0):
        file.readline()
    if not form.units:
        return file
    header = file.readline()
    file.readline()
    return Continued(header, file)


class Continued(io.TextIOBase):
    """A first text, and a file that goes on behind it."""

    def __init__(self, first: str, file: io.TextIOBase):
        self.first, self.file = first, file

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        first, self.first = self.first, ""
        return first or self.file.read(-1 if size is None else size)

    def __next__(self) -> str:  # type: ignore[override]
        first, self.first = self.first, ""
        return first or next(self.file)

    def close(self) -> None:
        self.file.close()
        super().close()


class Unwrapped(io.TextIOBase):
    """The records of a file in which each, or each cell, is quoted once more, without these quotes."""

    def __init__(self, file: io.TextIOBase, mark: str):
        self.file = file
        self.lines = (mark.join(row) + "\n" for row in csv.reader(file, delimiter=mark) if row)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        return "".join(self.lines if size is None or size < 0 else itertools.islice(self.lines, AT_ONCE))

    def __next__(self) -> str:  # type: ignore[override]
        return next(self.lines)

    def close(self) -> None:
        self.file.close()
        super().close()


def decode_text(file: BinaryIO, form: Format, shown: str, errors: str = "strict") -> io.TextIOWrapper:
    """Bytes as text; ``errors`` says what becomes of those that are none in its encoding."""
    try:
        return io.TextIOWrapper(file, encoding=form.codec, newline="", errors=errors)
    except LookupError:
        file.close()
        raise RnaError(
            "there is no encoding called '{encoding}'", place=shown, exit_code=2, encoding=form.encoding
        ) from None


def line_of_row(path: Path, form: Format, row: int, shown: str) -> int:
    """The line on which data row ``row`` (from 0) begins."""
    with open_text(path, form, shown) as file:
        for i, record in enumerate(read_records(file, form, shown)):
            if i == row + form.header:
                return record.line
    return 0
