"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import csv
import functools
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, ClassVar

import numpy as np
import pandas as pd

from rnacli.errors import RnaError
from rnacli.files import file_sha256
from rnacli.tables.cells import Want
from rnacli.tables.compressed import is_packed, unpacked_size
from rnacli.tables.convert import convert_frame
from rnacli.tables.csv.columns import header_hint, require_columns
from rnacli.tables.csv.faults import Mend, diagnose_file
from rnacli.tables.csv.quotes import Watched, all_have_cells
from rnacli.tables.csv.shape import Layout, lay_out
from rnacli.tables.csv.sniff import Sample, first_records, read_sample, settle_format
from rnacli.tables.csv.text import Format, open_text, read_records
from rnacli.tables.find import open_file, written_at
from rnacli.tables.numbers import NUMBER
from rnacli.tables.table import Table
from rnacli.words import count_things

log = logging.getLogger("rnacli")


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
    def layout(self) -> Layout:
        return read_layout(self)

    @functools.cached_property
    def blank_records(self) -> frozenset[int]:
        """The rows whose cells are all empty, counted from 0 among all below the header."""
        return find_blank_records(self)

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return file_sha256(self.path)

    def size(self, most: int) -> int:
        """The bytes of the file when it is unpacked; of one that has more than ``most``, some more than those."""
        if not self.packed:
            return self.written[0]
        return len(self.sample.text) if self.sample.all else unpacked_size(self.path, self.shown, most)

    def names(self) -> list[str]:
        """The columns' names, but of those that have none. Raises ``RnaError``."""
        return self.layout.names

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
    settled, sample = settle_format(read_sample(file, form, shown), form, shown)
    return CsvFile(path, shown, settled, sample, written, packed)


def read_layout(file: CsvFile) -> Layout:
    """The columns, checked: no name twice, no empty file. Raises ``RnaError``."""
    form, shown = file.form, file.shown
    records = first_records(file.path, form, shown, file.sample, 2)
    if not records:
        hint = "is it the right file? It should begin with the names of the columns"
        raise RnaError("the file is empty: no rows, no columns", place=shown, hint=hint)
    first = records[0]
    place = f"{shown}:{first.line}"
    if form.names is not None and len(form.names) != len(first.cells):
        raise RnaError(
            "column_names has {names} names, and the file has {columns} columns",
            place=place,
            hint="one name for each column, in their order",
            names=len(form.names),
            columns=len(first.cells),
        )
    if form.names is not None or not form.header:
        return Layout(list(form.names or map(str, range(len(first.cells)))))
    layout = lay_out(first, records[1] if len(records) > 1 else None)
    before: set[str] = set()
    for name in layout.columns:
        if name in before:
            hint = header_hint(layout.columns) or "rename one of them"
            raise RnaError("column '{name:.40}' appears twice", place=place, hint=hint, name=name)
        before.add(name)
    if layout.unnamed or layout.beyond:
        log.info("%s: columns without a name, and without values, are left out", shown)
    return layout


def find_blank_records(file: CsvFile) -> frozenset[int]:
    with open_text(file.path, file.form, file.shown) as lines:
        cells = csv.reader(lines, delimiter=file.form.delimiter, skipinitialspace=True)
        records = (row for row in cells if len(row) > 1 or any(map(str.strip, row)))
        blank = frozenset(i - file.form.header for i, row in enumerate(records) if not any(row))
    log.info("%s: %s of empty cells, passed over", file.shown, count_things(len(blank), "line"))
    return blank


def drop_blank_records(file: CsvFile, frame: pd.DataFrame, start: int) -> pd.DataFrame:
    """A frame, whose first row is number ``start`` of the file, without the rows whose cells are all empty."""
    if not frame.isna().all(axis=1).any():
        return frame
    blank = np.isin(np.arange(start, start + len(frame)), list(file.blank_records))
    return frame[~blank] if blank.any() else frame


def check_unnamed(file: CsvFile, frame: pd.DataFrame) -> None:
    """A column without a name is none only if it is empty."""
    for name in file.layout.unnamed:
        if frame[name].notna().any():
            number = file.layout.columns.index(name) + 1
            place, hint = f"{file.shown}:{(file.form.skip or 0) + 1}", "name it, or remove the column"
            raise RnaError("column {number} has no name", place=place, hint=hint, number=number)


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
        diagnose_file(file.path, file.form, wants, file.layout.columns, file.shown, mends or {})
        raise RnaError("cannot be read: {error:.200}", place=file.shown, error=error) from error


UNREADABLE = (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError, OverflowError)
"""What ``pieces`` raises where rows need a closer look."""


def read_pieces(
    file: CsvFile, wants: Mapping[str, Want], chunk: int | None, kept: Sequence[str] = ()
) -> Iterator[Table]:
    """As ``read_csv``; one of ``UNREADABLE`` where a row is not what is wanted."""
    start, row, checked, names = 0, 0, False, file.layout.columns
    carried = {*kept, *file.layout.unnamed}
    used = [name for name in names[:-1] if name in wants or name in carried] + names[-1:]
    is_wide = len(names) > WIDE * len(used)
    check_first_row(file)
    with warnings.catch_warnings(), open_text(file.path, file.form, file.shown) as lines:
        warnings.simplefilter("error", pd.errors.ParserWarning)
        # To pandas "5"1 is 51.
        watched = Watched(lines, file.form, lambda: check_records(file, len(names) if checked else None))
        used = used if is_wide else names
        for frame in parse_rows(watched, file.form, names, wants, chunk, kept, used, beyond=file.layout.beyond > 0):
            # pandas shows a row that is cut short as one with empty cells, and of some columns alone any row as whole.
            gaps = frame[names[-1]].isna().any()
            if not checked and (is_wide or gaps):
                check_lengths(file, watched, len(frame) if chunk is None and not is_wide else None)
                checked = True
            check_unnamed(file, frame)
            rows, frame = len(frame), drop_blank_records(file, frame, row) if gaps and len(names) > 1 else frame
            if len(frame):
                if watched.has_codes:
                    frame = with_codes(file, frame, wants, row, rows)
                yield convert_frame(frame, wants, file.form.written, start, kept)
            start, row = start + len(frame), row + rows
    if start == 0:
        hint = "add rows below the header; a program may have written it before it was done"
        raise RnaError("there are no rows below the header", place=file.shown, hint=hint)


def with_codes(file: CsvFile, frame: pd.DataFrame, wants: Mapping[str, Want], start: int, rows: int) -> pd.DataFrame:
    """A frame of some of ``rows`` rows from ``start`` on, its whole numbers as the file has them: 01001 is none.

    Columns that the config says are numbers stay as they are.
    """
    whole = [
        name
        for name, want in wants.items()
        if want.kind == "any" and frame[name].dtype.kind in "iuf" and not (frame[name] % 1 > 0).any()
    ]
    if not whole:
        return frame
    texts = {name: Want("words") for name in whole}
    with open_text(file.path, file.form, file.shown) as lines:
        parsed = parse_rows(
            lines, file.form, file.layout.columns, texts, rows, (), whole, start, file.layout.beyond > 0
        )
        texts_of = next(iter(parsed))
        return frame.assign(**{name: texts_of[name].array[frame.index - start] for name in whole})


def parse_rows(
    file: IO[str] | io.TextIOBase,
    form: Format,
    names: Sequence[str],
    wants: Mapping[str, Want],
    chunk: int | None,
    kept: Sequence[str],
    used: Sequence[str],
    skipped: int = 0,
    beyond: bool = False,
) -> Iterator[pd.DataFrame]:
    """The rows of an open file as pandas reads them: numbers, and words of which the empty ones are missing.

    Of the columns ``names``, those that are ``used``, without the first rows that are ``skipped``. ``beyond``: whether
    the header has more cells than the rows.
    """
    # pandas takes marks between thousands wherever they stand.
    pandas_reads = [] if form.thousands else [name for name in used if name in wants and name not in kept]
    numeric = {name for name in pandas_reads if wants[name].kind in NUMERIC and not wants[name].unit}
    # pandas would take a number among them for missing in columns of numbers alone.
    missing = {
        name: ["", *(word for word in (*form.missing, *wants[name].gone) if not NUMBER.fullmatch(word))]
        for name in numeric
    }
    return pd.read_csv(
        file,
        sep=form.pandas_separator,
        decimal=form.decimal,
        header=0 if form.header and not beyond else None,
        names=list(names),
        usecols=None if used is names else list(used),
        index_col=False,
        skiprows=range(0 if beyond else form.header, skipped + form.header) if skipped or beyond else None,
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
        chunksize=chunk or 1 << 62,
        dtype={name: str for name in used if name not in numeric},
        na_values={name: missing.get(name, [""]) for name in used},
    )


WIDE = 20
"""Columns for each one that is used, from which on to read these alone is worth a second look at the lengths."""
NUMERIC = ("number", "any")
"""The kinds of cells that pandas reads as numbers where it can."""


def check_first_row(file: CsvFile) -> None:
    """``ValueError`` where the first row's length is wrong: pandas takes it for the length of all."""
    first = first_records(file.path, file.form, file.shown, file.sample, 1 + file.form.header)
    if len(first) > file.form.header and len(first[-1].cells) != len(file.layout.columns):
        raise ValueError("the first row has another length than the header")


def check_lengths(file: CsvFile, watched: Watched, rows: int | None) -> None:
    """``ValueError`` where a row has too few fields, or too many; ``rows``: how many there are if all were read.

    pandas has refused those with too many among them.
    """
    cells = len(file.layout.columns)
    if rows is not None and watched.has_cells(rows + file.form.header, cells, file.layout.beyond):
        return
    if rows is None and not watched.doubtful:
        with open_text(file.path, file.form, file.shown) as lines:
            if all_have_cells(lines, file.form, cells):
                return
    check_records(file, cells)


def check_records(file: CsvFile, cells: int | None = None) -> None:
    """Read every record: ``RnaError`` where a quote is wrong, ``ValueError`` where one has not so many ``cells``."""
    with open_text(file.path, file.form, file.shown) as lines:
        for i, record in enumerate(read_records(lines, file.form, file.shown)):
            beyond = file.layout.beyond if i == 0 and file.form.header else 0
            if cells not in (None, len(record.cells) - beyond):
                raise ValueError("a row has another length than the header")
