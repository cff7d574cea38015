"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import csv
import io
import re
import stat
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnacli.errors import DATA, Problem, RnaError, clean, did_you_mean, plain
from rnacli.language import Csv
from rnacli.schema import listed

FLOAT32_MAX = float(np.finfo("float32").max)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
REPORTED = 5
"""Bad cells named at once; the others are counted."""

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


class Table(NamedTuple):
    """Some rows: ``numbers`` (n, columns) float64, ``texts`` name -> (n,) str; ``start`` is the first row's index."""

    numbers: np.ndarray
    texts: dict[str, np.ndarray]
    start: int


def columns(path: Path, form: Format, shown: str) -> list[str]:
    """The columns' names, checked: no name twice, no empty file, nothing but text. Raises ``RnaError``."""
    check_is_text(path, form, shown)
    with open_text(path, form, shown) as file:
        first = next(records(file, form, shown), None)
    if first is None:
        raise RnaError("the file is empty: no rows, no columns", place=shown)
    if not form.header:
        return [str(i) for i in range(len(first.cells))]
    names = [cell.strip() for cell in first.cells]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise RnaError(f"column '{clean(name)}' is there twice", place=f"{shown}:1", hint="rename one of them")
        if not name:
            raise RnaError(f"column {i + 1} has no name", place=f"{shown}:1", hint="name it, or remove the column")
    return names


def require(wanted: Sequence[str], known: Sequence[str], form: Format, shown: str, asked_by: str = "") -> None:
    """Every wanted column must be known; the error names the nearest one. ``asked_by``: the place that wants it."""
    problems = []
    for name in wanted:
        if name in known:
            continue
        hint = did_you_mean(name, known) or separator_hint(known, form) or columns_hint(known, form)
        by = f" (wanted in {asked_by})" if asked_by else ""
        problems.append(Problem(f"there is no column '{clean(name)}'{by}", f"{shown}:1", hint))
    if problems:
        raise RnaError.of(problems, DATA)


def separator_hint(known: Sequence[str], form: Format) -> str:
    """What to write when the one column of a header looks like several with another delimiter."""
    for other in ";\t|,":
        if other != form.delimiter and any(name.count(other) >= 1 for name in known) and len(known) <= 2:
            return f"the file looks separated by '{clean(other)}': delimiter: '{clean(other)}'"
    return ""


def columns_hint(known: Sequence[str], form: Format) -> str:
    if form.header and all(NUMBER.fullmatch(name) for name in known):
        return "the first line looks like data: header: false, then the columns are 0, 1, 2, ..."
    return f"columns: {listed([clean(name, 40) for name in known[:20]], 'and')}"


def read(
    path: Path, form: Format, numbers: Sequence[str], texts: Sequence[str], shown: str, chunk: int | None = None
) -> Iterator[Table]:
    """The rows, ``chunk`` at a time (all at once by default), with ``numbers`` and ``texts`` columns only.

    Raises ``RnaError`` that names line, column and value of what is not a finite float32 number, is missing,
    or of a row with too few or too many fields.
    """
    names = columns(path, form, shown)
    require([*numbers, *texts], names, form, shown)
    start = 0
    try:
        with warnings.catch_warnings(), open_text(path, form, shown) as file:
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frames = pd.read_csv(
                file,
                sep=form.delimiter,
                decimal=form.decimal,
                header=0 if form.header else None,
                names=names,
                index_col=False,
                keep_default_na=False,
                skipinitialspace=True,
                low_memory=False,
                chunksize=chunk or 1 << 62,
                dtype={name: str for name in names if name not in numbers},
                na_values={name: list(form.missing) if name in numbers else [""] for name in names},
            )
            for frame in frames:
                yield table(frame, names, numbers, texts, form, start)
                start += len(frame)
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError, OverflowError) as error:
        diagnose(path, form, numbers, texts, names, shown)
        raise RnaError(f"cannot be read: {clean(error, 200)}", place=shown) from error
    if start == 0:
        raise RnaError("there are no rows below the header", place=shown)


def table(
    frame: pd.DataFrame, names: Sequence[str], numbers: Sequence[str], texts: Sequence[str], form: Format, start: int
) -> Table:
    """A frame's columns as arrays; ``ValueError`` where a cell needs a closer look."""
    values = np.empty((len(frame), len(numbers)))
    for i, name in enumerate(numbers):
        if frame[name].dtype.kind not in "iufb":
            raise ValueError(f"column {name} is not all numbers")
        values[:, i] = frame[name]
    if not (np.abs(values) <= FLOAT32_MAX).all():
        raise ValueError("missing or infinite numbers")
    words = {name: frame[name].str.strip().to_numpy(dtype=object) for name in texts}
    last_is_short = names[-1] not in texts and frame[names[-1]].isna().any()
    if last_is_short or any(pd.isna(column).any() or np.isin(column, form.missing).any() for column in words.values()):
        raise ValueError("missing text")
    return Table(values, words, start)


class Record(NamedTuple):
    line: int
    cells: list[str]


def records(file: io.TextIOBase, form: Format, shown: str) -> Iterator[Record]:
    """The records with the line on which each begins; blank lines are passed over."""
    reader = csv.reader(file, delimiter=form.delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield Record(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            message, hint = (
                "a quote is opened here and never closed",
                'close it, or write "" for a quote inside a value',
            )
        elif "field larger" in str(error):
            message, hint = "a value is longer than 131,072 characters", ""
        else:
            message, hint = f"not valid CSV: {clean(error)}", 'write "" for a quote inside a quoted value'
        raise RnaError(message, place=f"{shown}:{line}", hint=hint) from None
    except UnicodeDecodeError as error:
        raise RnaError(
            f"not {form.encoding} text: byte 0x{error.object[error.start]:02x} after line {line}",
            place=shown,
            hint="save it as UTF-8, or name its encoding: encoding: latin-1",
        ) from None


def diagnose(
    path: Path, form: Format, numbers: Sequence[str], texts: Sequence[str], names: Sequence[str], shown: str
) -> None:
    """Read slowly and raise ``RnaError`` for the first bad cells; return if every one of them is good."""
    problems: list[Problem] = []
    bad = 0
    at = {name: names.index(name) for name in (*numbers, *texts)}
    with open_text(path, form, shown) as file:
        rows = records(file, form, shown)
        if form.header:
            next(rows)
        for line, cells in rows:
            found: list[Problem] = []
            if len(cells) != len(names):
                message = f"{len(cells)} fields, and {len(names)} columns"
                hint = "a comma too many, or a value with a comma that needs quotes" if len(cells) > len(names) else ""
                found.append(Problem(message, f"{shown}:{line}", hint))
            else:
                for name, column in at.items():
                    problem = cell_problem(cells[column].strip(), name, name in numbers, form)
                    if problem:
                        found.append(Problem(problem[0], f"{shown}:{line}", problem[1]))
            bad += len(found)
            problems.extend(found[: REPORTED - len(problems)])
    if problems:
        if bad > len(problems):
            problems.append(Problem(f"and {bad - len(problems)} more like these", shown))
        raise RnaError.of(problems, DATA)


def cell_problem(cell: str, name: str, is_number: bool, form: Format) -> tuple[str, str] | None:
    """What is wrong with a cell, and a hint; ``None`` if nothing is."""
    column = f"column '{clean(name, 40)}'"
    if cell in form.missing:
        got = f"'{clean(cell)}' stands for a missing value" if cell else "the value is missing"
        hint = "fill it, remove the row, or leave the column out of features"
        return f"{column}: {got}", hint if is_number else "fill it, remove the row, or set missing: to other words"
    if not is_number:
        return None
    text = cell if form.decimal == "." else cell.replace(".", "_").replace(form.decimal, ".")
    if NUMBER.fullmatch(text):
        if abs(float(text)) <= FLOAT32_MAX:
            return None
        return f"{column}: {clean(cell, 40)} does not fit float32 (at most 3.4e38)", "scale the column down"
    shown = f"{column}: a number is wanted, got '{clean(cell, 40)}'"
    odd = next((c for c in cell if ord(c) > 127 and not c.isalnum()), "")
    if odd:
        return shown, f"write a plain '-' or '.' for the character U+{ord(odd):04X}"
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", cell):
        return shown, f"write it without thousands separators: {cell.replace(',', '')}"
    if cell.lower().strip("+-") in ("inf", "infinity", "nan"):
        return shown, "only finite numbers can be learnt from"
    return shown, "text columns are not inputs yet: turn it into numbers, or leave it out with features: [...]"


def check_is_text(path: Path, form: Format, shown: str) -> None:
    """The path must be a regular file that looks like text in the stated encoding."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise RnaError("this is a folder, and a CSV file is wanted", place=shown)
        if not stat.S_ISREG(mode):
            raise RnaError("this is not a regular file", place=shown, hint="save the data in a file first")
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
        raise RnaError("the file is UTF-16, and UTF-8 is wanted", place=shown, hint="set encoding: utf-16")
    if b"\0" in head and not plain(form.encoding).startswith(("utf16", "utf32")):
        raise RnaError("the file holds NUL bytes: it is not text", place=shown)


def missing_file(path: Path, shown: str) -> RnaError:
    """The error for a file that is not there, with the nearest name in its folder."""
    folder = path.parent
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    hint = did_you_mean(path.name, names) or ("" if names else f"there is no folder {clean(folder)}")
    return RnaError(f"no such file (looked for {clean(path, 300)})", place=shown, hint=hint)


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
