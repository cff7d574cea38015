"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import functools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, ClassVar

import pandas as pd

from rnacli.errors import DATA, Problem, RnaError
from rnacli.files import file_sha256
from rnacli.tables.cells import NUMBER, Want
from rnacli.tables.compressed import is_packed, unpacked_size
from rnacli.tables.convert import convert_frame
from rnacli.tables.csv.faults import MOST_COLUMNS, Mend, diagnose_file
from rnacli.tables.csv.quotes import Watched, all_have_cells
from rnacli.tables.csv.sniff import Sample, first_records, read_sample, settle_format
from rnacli.tables.csv.text import Format, open_text, read_records
from rnacli.tables.find import open_file, written_at
from rnacli.tables.table import Table
from rnacli.words import clean, did_you_mean, list_words

UNNAMED = "Unnamed: 0"
"""What pandas calls a first column without a name: the row numbers, where it has written the file. It is no input."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV file that was opened once: how it begins and was ``written`` then, and what it is read as."""

    path: Path
    shown: str
    form: Format
    sample: Sample
    written: tuple[int, int]
    packed: bool
    is_parquet: ClassVar = False

    @functools.cached_property
    def columns(self) -> list[str]:
        return read_columns(self)

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return file_sha256(self.path)

    def size(self, most: int) -> int:
        """The bytes of the file when it is unpacked; of one that has more than ``most``, some more than those."""
        return unpacked_size(self.path, self.shown, most) if self.packed else self.written[0]

    def names(self) -> list[str]:
        """The columns' names. Raises ``RnaError``."""
        return self.columns

    def read(
        self,
        wants: Mapping[str, Want],
        chunk: int | None = None,
        mends: Mapping[str, Mend] | None = None,
        kept: Sequence[str] = (),
    ) -> Iterator[Table]:
        """The rows of some columns: see ``read_csv``."""
        return read_csv(self, wants, chunk, mends, kept)


def open_csv(path: Path, shown: str, form: Format) -> CsvFile:
    """A file, which must look like text; it shows what the form leaves open. Raises ``RnaError``."""
    with open_file(path, shown) as file:
        return begin_csv(file, path, shown, form)


def begin_csv(file: BinaryIO, path: Path, shown: str, form: Format) -> CsvFile:
    """As ``open_csv``, for a file that is open at its beginning."""
    written, packed = written_at(path), is_packed(file)
    sample = read_sample(file, form, shown)
    return CsvFile(path, shown, settle_format(sample.text, form, shown), sample, written, packed)


def read_columns(file: CsvFile) -> list[str]:
    """The columns' names, checked: no name twice, no empty file. Raises ``RnaError``."""
    form, shown = file.form, file.shown
    first = next(iter(first_records(file.path, form, shown, file.sample, 1)), None)
    if first is None:
        raise RnaError("the file is empty: no rows, no columns", place=shown)
    if form.names is not None and len(form.names) != len(first.cells):
        raise RnaError(
            "column_names has {names} names, and the file has {columns} columns",
            place=f"{shown}:{first.line}",
            hint="one name for each column, in their order",
            names=len(form.names),
            columns=len(first.cells),
        )
    if form.names is not None or not form.header:
        return list(form.names or map(str, range(len(first.cells))))
    names = [cell.strip() for cell in first.cells]
    if len(names) > 1 and not names[0]:
        names[0] = UNNAMED
    before: set[str] = set()
    for i, name in enumerate(names):
        if name in before:
            hint = header_hint(names) or "rename one of them"
            raise RnaError("column '{name:.40}' is there twice", place=f"{shown}:1", hint=hint, name=name)
        if not name:
            hint = "name it, or remove the column"
            raise RnaError("column {number} has no name", place=f"{shown}:1", hint=hint, number=i + 1)
        before.add(name)
    return names


def require_columns(wanted: Mapping[str, str], known: Sequence[str], form: Format, shown: str) -> None:
    """Every wanted column must be known; the error names the nearest one.

    ``wanted``: column -> the place in a config that asks for it, or nothing.
    """
    every = set(known)
    absent = [name for name in wanted if name not in every]
    separator = separator_hint(known, form, from_config=any(wanted.values())) if absent else ""
    problems = []
    for name in absent[: 1 if separator else MOST_COLUMNS]:
        free = [other for other in known if other not in wanted]
        near = did_you_mean(name, free) or did_you_mean(name, known)
        hint = separator or near or header_hint(known) or columns_hint(known)
        by = f", which {wanted[name]} names" if wanted[name] else ""
        problems.append(Problem("there is no column '{name:.40}'{by:.300}", f"{shown}:1", hint, name=name, by=by))
    if problems:
        raise RnaError.of(problems, DATA)


def separator_hint(known: Sequence[str], form: Format, from_config: bool) -> str:
    """What to write when the one column of a header looks like several with another delimiter."""
    for other in ";\t|,":
        if other != form.delimiter and any(other in name for name in known) and len(known) <= 2:
            written = '"\\t"' if other == "\t" else f"'{other}'"
            looks = f"the file looks separated by {written}"
            return f"{looks}: delimiter: {written}" if from_config else f"{looks}: expected {form.mark}"
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
    return f"columns: {list_words([clean(name, 40) for name in known[:20]], ',' if more else 'and')}{more}"


def read_csv(
    file: CsvFile,
    wants: Mapping[str, Want],
    chunk: int | None = None,
    mends: Mapping[str, Mend] | None = None,
    kept: Sequence[str] = (),
) -> Iterator[Table]:
    """The rows of the columns in ``wants``, ``chunk`` rows at a time (all at once by default).

    Those of the columns in ``kept``, which may be among them, are also texts of the table, as they stand in the file.
    Raises ``RnaError`` that names line, column and value of a cell that is not what is wanted there or does not fit
    float32, or of a row with too few or too many fields; ``mends`` says what can be done about whole columns.
    """
    require_columns(dict.fromkeys([*wants, *kept], ""), file.names(), file.form, file.shown)
    try:
        yield from read_pieces(file, wants, chunk, kept)
    except UNREADABLE as error:
        diagnose_file(file.path, file.form, wants, file.names(), file.shown, mends or {})
        raise RnaError("cannot be read: {error:.200}", place=file.shown, error=error) from error


UNREADABLE = (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError, OverflowError)
"""What ``pieces`` raises where rows need a closer look."""


def read_pieces(
    file: CsvFile, wants: Mapping[str, Want], chunk: int | None, kept: Sequence[str] = ()
) -> Iterator[Table]:
    """As ``read_csv``; one of ``UNREADABLE`` where a row is not what is wanted."""
    start, checked, names = 0, False, file.names()
    carried = set(kept)
    used = [name for name in names[:-1] if name in wants or name in carried] + names[-1:]
    is_wide = len(names) > WIDE * len(used)
    check_first_row(file)
    with warnings.catch_warnings(), open_text(file.path, file.form, file.shown) as lines:
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # To pandas "5"1 is 51.
        watched = Watched(lines, file.form, lambda: check_records(file, len(names) if checked else None))
        for frame in parse_rows(watched, file.form, names, wants, chunk, kept, used if is_wide else names):
            # pandas shows a row that is cut short as one with empty cells, and of some columns alone any row as whole.
            if not checked and (is_wide or frame[names[-1]].isna().any()):
                check_lengths(file, watched, len(frame) if chunk is None and not is_wide else None)
                checked = True
            if len(frame):
                yield convert_frame(frame, wants, file.form.written, start, kept)
            start += len(frame)
    if start == 0:
        raise RnaError("there are no rows below the header", place=file.shown)


def parse_rows(
    file: IO[str] | Watched,
    form: Format,
    names: Sequence[str],
    wants: Mapping[str, Want],
    chunk: int | None,
    kept: Sequence[str],
    used: Sequence[str],
) -> Iterator[pd.DataFrame]:
    """The rows of an open file as pandas reads them: numbers, and words of which the empty ones are missing."""
    numeric = {name for name in used if name in wants and wants[name].kind in NUMERIC and name not in kept}
    # pandas would take a number among them for missing in columns of numbers alone.
    missing = ["", *(word for word in form.missing if not NUMBER.fullmatch(word))]
    return pd.read_csv(
        file,
        sep=form.pandas_separator,
        decimal=form.decimal,
        header=0 if form.header else None,
        names=list(names),
        usecols=None if used is names else list(used),
        index_col=False,
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
        chunksize=chunk or 1 << 62,
        dtype={name: str for name in used if name not in numeric},
        na_values={name: missing if name in numeric else [""] for name in used},
    )


WIDE = 20
"""Columns for each one that is used, from which on to read these alone is worth a second look at the lengths."""
NUMERIC = ("number", "any")
"""The kinds of cells that pandas reads as numbers where it can."""


def check_first_row(file: CsvFile) -> None:
    """``ValueError`` where the first row's length is wrong: pandas takes it for the length of all."""
    first = first_records(file.path, file.form, file.shown, file.sample, 1 + file.form.header)
    if len(first) > file.form.header and len(first[-1].cells) != len(file.names()):
        raise ValueError("the first row has another length than the header")


def check_lengths(file: CsvFile, watched: Watched, rows: int | None) -> None:
    """``ValueError`` where a row has too few fields, or too many; ``rows``: how many there are if all were read.

    pandas has refused those with too many among them.
    """
    cells = len(file.names())
    if rows is not None and watched.has_cells(rows + file.form.header, cells):
        return
    if rows is None and not watched.doubtful:
        with open_text(file.path, file.form, file.shown) as lines:
            if all_have_cells(lines, file.form, cells):
                return
    check_records(file, cells)


def check_records(file: CsvFile, cells: int | None = None) -> None:
    """Read every record: ``RnaError`` where a quote is wrong, ``ValueError`` where one has not so many ``cells``."""
    with open_text(file.path, file.form, file.shown) as lines:
        for record in read_records(lines, file.form, file.shown):
            if cells not in (None, len(record.cells)):
                raise ValueError("a row has another length than the header")
