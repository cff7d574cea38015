"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import collections
import csv
import io
import re
import stat
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnacli.errors import DATA, Problem, RnaError, clean, did_you_mean, plain
from rnacli.language import Csv
from rnacli.schema import listed

FLOAT32_MAX = float(np.finfo("float32").max)
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
LONGEST = 1 << 30
"""Characters that a cell may have: a bad one is shown with its column, however long it is."""
LINES = 4
"""Lines named that have the same mistake; the others are counted."""
COLUMNS = 10
"""Columns named at once that are not there, or that have mistakes; the others are counted."""
FILL = "fill it, or remove the row"
MEND = "mend the value, or remove the row"

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


class Mend(NamedTuple):
    """What a user can do about a whole column that holds ``words``, or that is ``empty``."""

    words: str
    empty: str


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
            hint = header_hint(names) or "rename one of them"
            raise RnaError(f"column '{clean(name, 40)}' is there twice", place=f"{shown}:1", hint=hint)
        if not name:
            hint = "name it, or remove the column"
            raise RnaError(f"column {i + 1} has no name", place=f"{shown}:1", hint=hint)
    return names


def require(wanted: Mapping[str, str], known: Sequence[str], form: Format, shown: str) -> None:
    """Every wanted column must be known; the error names the nearest one.

    ``wanted``: column -> the place in a config that asks for it, or nothing.
    """
    absent = [name for name in wanted if name not in known]
    separator = separator_hint(known, form, from_config=any(wanted.values())) if absent else ""
    problems = []
    for name in absent[: 1 if separator else COLUMNS]:
        free = [other for other in known if other not in wanted]
        hint = separator or did_you_mean(name, free) or header_hint(known) or columns_hint(known)
        by = f", which {wanted[name]} names" if wanted[name] else ""
        problems.append(Problem(f"there is no column '{clean(name, 40)}'{by}", f"{shown}:1", hint))
    if problems:
        raise RnaError.of(problems, DATA)


def separator_hint(known: Sequence[str], form: Format, from_config: bool) -> str:
    """What to write when the one column of a header looks like several with another delimiter."""
    for other in ";\t|,":
        if other != form.delimiter and any(other in name for name in known) and len(known) <= 2:
            written = '"\\t"' if other == "\t" else f"'{other}'"
            looks = f"the file looks separated by {written}"
            return f"{looks}: delimiter: {written}" if from_config else f"{looks}, and '{form.delimiter}' is wanted"
    return ""


def header_hint(names: Sequence[str]) -> str:
    """What to write when the names in a header look like data."""
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    return (
        "the first line looks like data: header: false calls the columns 0, 1, 2, ..."
        if 2 * len(numbers) > len(names)
        else ""
    )


def columns_hint(known: Sequence[str]) -> str:
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return f"columns: {listed([clean(name, 40) for name in known[:20]], ',' if more else 'and')}{more}"


def read(
    path: Path,
    form: Format,
    numbers: Sequence[str],
    texts: Sequence[str],
    shown: str,
    chunk: int | None = None,
    mends: Mapping[str, Mend] | None = None,
) -> Iterator[Table]:
    """The rows, ``chunk`` at a time (all at once by default), with ``numbers`` and ``texts`` columns only.

    Raises ``RnaError`` that names line, column and value of what is not a finite float32 number, is missing,
    or of a row with too few or too many fields; ``mends`` says what can be done about whole columns.
    """
    names = columns(path, form, shown)
    require(dict.fromkeys([*numbers, *texts], ""), names, form, shown)
    start, checked = 0, False
    try:
        check_first_row(path, form, names, shown)
        check_quotes(path, form, shown)
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
                # In a column that nobody reads, pandas shows a cut row as an empty cell.
                if not checked and names[-1] not in (*numbers, *texts) and frame[names[-1]].isna().any():
                    diagnose(path, form, numbers, texts, names, shown, mends or {})
                    checked = True
                if len(frame):
                    yield table(frame, numbers, texts, form, start)
                start += len(frame)
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError, OverflowError) as error:
        diagnose(path, form, numbers, texts, names, shown, mends or {})
        raise RnaError(f"cannot be read: {clean(error, 200)}", place=shown) from error
    if start == 0:
        raise RnaError("there are no rows below the header", place=shown)


def check_first_row(path: Path, form: Format, names: Sequence[str], shown: str) -> None:
    """``ValueError`` where the first row's length is wrong: pandas takes it for the length of all."""
    with open_text(path, form, shown) as file:
        for i, record in enumerate(records(file, form, shown)):
            if i == form.header:
                if len(record.cells) != len(names):
                    raise ValueError("the first row has another length than the header")
                return


def check_quotes(path: Path, form: Format, shown: str) -> None:
    """What follows a closing quote is refused, where there are quotes at all: to pandas ``"5"1`` is 51."""
    with path.open("rb") as file:
        quoted = any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))
    if quoted:
        with open_text(path, form, shown) as text:
            collections.deque(records(text, form, shown), maxlen=0)


def table(frame: pd.DataFrame, numbers: Sequence[str], texts: Sequence[str], form: Format, start: int) -> Table:
    """A frame's columns as arrays; ``ValueError`` where a cell needs a closer look."""
    values = np.empty((len(frame), len(numbers)))
    for i, name in enumerate(numbers):
        values[:, i] = frame[name] if frame[name].dtype.kind in "iuf" else from_words(frame[name], form)
    if not (np.abs(values) <= FLOAT32_MAX).all():
        raise ValueError("missing or infinite numbers")
    words = {name: frame[name].str.strip().to_numpy(dtype=object) for name in texts}
    if any(pd.isna(column).any() or np.isin(column, form.missing).any() for column in words.values()):
        raise ValueError("missing text")
    return Table(values, words, start)


def from_words(column: pd.Series, form: Format) -> pd.Series:
    """The numbers of a column that pandas did not see them in, such as integers of more than 64 bits."""
    words = column.astype(str).str.replace(form.decimal, ".")
    if not words.str.fullmatch(NUMBER.pattern).all():
        raise ValueError(f"column {column.name} is not all numbers")
    return words.astype("float64")


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


def diagnose(
    path: Path,
    form: Format,
    numbers: Sequence[str],
    texts: Sequence[str],
    names: Sequence[str],
    shown: str,
    mends: Mapping[str, Mend],
) -> None:
    """Read slowly and raise ``RnaError`` for the bad cells, those of one kind together; return if all are good."""
    faults: dict[tuple[str, str], Fault] = {}
    at = {name: names.index(name) for name in (*numbers, *texts)}
    rows = 0
    with open_text(path, form, shown) as file:
        for i, (line, cells) in enumerate(records(file, form, shown)):
            if i < form.header:
                continue
            rows += 1
            found: dict[str, tuple[str, str] | None]
            if len(cells) != len(names):
                found = {"": length_problem(cells, names, form)}
            else:
                found = {name: cell_problem(cells[at[name]].strip(), name, name in numbers, form) for name in at}
            for name, problem in found.items():
                if problem:
                    faults.setdefault((name, problem[1]), Fault(problem[0], [])).lines.append(line)
    if not faults:
        return
    problems = []
    for (name, hint), fault in list(faults.items())[:COLUMNS]:
        mend = mends.get(name)
        if mend and 2 * len(fault.lines) > rows > 1:
            hint = {MEND: mend.words, FILL: mend.empty}.get(hint, hint)
        problems.append(Problem(fault.message + likewise(fault.lines[1:]), f"{shown}:{fault.lines[0]}", hint))
    if len(faults) > COLUMNS:
        problems.append(Problem(f"{len(faults) - COLUMNS} more kinds of mistakes like these", shown))
    raise RnaError.of(problems, DATA)


class Fault(NamedTuple):
    """What is wrong in a first line, and ``lines``: it and all others with the same mistake."""

    message: str
    lines: list[int]


def likewise(lines: Sequence[int]) -> str:
    """``(also in lines 3, 4, 5, 6 and 55 more)``."""
    if not lines:
        return ""
    named = [*map(str, lines[:LINES]), *([f"{len(lines) - LINES:,} more"] if len(lines) > LINES else [])]
    return f" (also in line{'s' if len(lines) > 1 else ''} {listed(named, 'and')})"


def length_problem(cells: Sequence[str], names: Sequence[str], form: Format) -> tuple[str, str]:
    """What is wrong with a row that has too few or too many fields, and a hint."""
    by = "the header names" if form.header else "the first row has"
    values = f"{len(cells)} value{'s' if len(cells) > 1 else ''}"
    mark = "tab" if form.delimiter == "\t" else f"'{form.delimiter}'"
    if len(cells) < len(names):
        hint = "values are missing, or the row is broken in two"
    elif not cells[-1].strip():
        hint = f"remove the {mark} at the end of the row"
    else:
        hint = f"there is a {mark} too many, or a value with a {mark} needs quotes"
    return f"{values}, and {by} {len(names)}", hint


def cell_problem(cell: str, name: str, is_number: bool, form: Format) -> tuple[str, str] | None:
    """What is wrong with a cell, and a hint; ``None`` if nothing is."""
    column = f"column '{clean(name, 40)}'"
    if cell in form.missing and cell:
        hint = FILL if is_number else "fill it, or, if it is a name, say what else is missing: missing: ['']"
        return f"{column}: '{clean(cell)}' stands for a missing value", hint
    if cell in form.missing or (not cell and not is_number):
        return f"{column}: the value is missing", FILL
    if not is_number:
        return None
    text = cell if form.decimal == "." else cell.replace(".", "_").replace(form.decimal, ".")
    if NUMBER.fullmatch(text):
        if abs(float(text)) <= FLOAT32_MAX:
            return None
        return f"{column}: {clean(cell, 40)} is too large: it does not fit float32 (at most 3.4e38)", MEND
    return f"{column}: a number is wanted, got '{clean(cell, 40)}'", number_hint(cell, form)


def number_hint(cell: str, form: Format) -> str:
    """How to write what should be a number."""
    odd = next((c for c in cell if ord(c) > 127 and not c.isalnum()), "")
    if odd:
        name = unicodedata.name(odd, "character").lower()
        plain_one = "a plain - for" if unicodedata.category(odd) == "Pd" or "minus" in name else "a number without"
        return f"write {plain_one} the {name} (U+{ord(odd):04X})"
    if form.decimal == "." and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", cell):
        return f"write it without a comma between thousands: {cell.replace(',', '')}"
    if form.decimal == "." and re.fullmatch(r"[-+]?\d+,\d+", cell):
        return "if the file has decimal commas: decimal: ','"
    if cell.lower().strip("+-") in ("inf", "infinity", "nan"):
        return "write a finite number, or remove the row"
    return MEND


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
