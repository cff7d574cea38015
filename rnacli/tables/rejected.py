"""Rows that cannot be predicted: left out, and written with the reasons to a file of their own."""

import contextlib
import csv
import dataclasses
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pandas as pd

from rnacli.errors import RnaError
from rnacli.files import written_beside
from rnacli.tables.cells import Want
from rnacli.tables.convert import NO_ROWS, convert_frame, original_texts
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.csv.faults import cell_problem, length_problem
from rnacli.tables.csv.read import UNREADABLE, parse_rows, read_pieces
from rnacli.tables.csv.text import open_text, read_records
from rnacli.tables.parquet import ParquetFile, read_parquet
from rnacli.tables.safe_cells import safe_row
from rnacli.tables.source import Source
from rnacli.tables.table import Table

AT_ONCE = 8_192
"""Rows of cells that are in memory at a time."""


class Rejected:
    """A CSV that is begun with the first rejected row.

    Its columns: ``line`` in the input, ``reason``, ``text`` (the row as it stands, where its cells fit no columns), and
    the cells under the ``names`` of the input's columns.
    """

    def __init__(self, path: Path):
        self.path = path
        self.count = 0
        self.names: Sequence[str] = ()
        self.place = "line"
        self.stack = contextlib.ExitStack()
        self.file: IO[str] | None = None

    def __enter__(self) -> "Rejected":
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self.stack.__exit__(*error)  # type: ignore[arg-type]

    def add(self, line: int, reason: str, text: str, cells: Sequence[str]) -> None:
        """Write a row: its ``text``, or its ``cells``."""
        if self.file is None:
            part = self.stack.enter_context(written_beside(self.path))
            self.file = self.stack.enter_context(part.open("w", encoding="utf-8", newline=""))
            own = [self.free_name(name) for name in (self.place, "reason", "text")]
            self.file.write(safe_row([*own, *self.names]))
        self.file.write(safe_row([str(line), reason, text, *(cells or [""] * len(self.names))]))
        self.count += 1

    def free_name(self, name: str) -> str:
        """A name that no column of the input has."""
        while name in self.names:
            name = f"rejected_{name}"
        return name


def read_good_rows(
    source: Source, wants: Mapping[str, Want], kept: Sequence[str], chunk: int, rejected: Rejected
) -> Iterator[Table]:
    """As ``read_csv``, of a CSV or Parquet file, without the rows that go to ``rejected``.

    Fast as long as every row is good; then row by row. Raises ``RnaError`` for what is wrong with the file as a whole.
    """
    require_columns(dict.fromkeys([*wants, *kept], ""), source.names(), source.form, source.shown)
    if isinstance(source, ParquetFile):
        yield from parquet_rows(source, wants, kept, chunk, rejected)
        return
    rejected.names = source.layout.columns
    done = 0
    try:
        for piece in read_pieces(source, wants, chunk, kept):
            done += len(piece)
            yield piece
    except UNREADABLE:
        yield from csv_rows(source, wants, kept, rejected, done, min(chunk, AT_ONCE))


# CSV


class Row(NamedTuple):
    """A record: the line on which it begins, its cells, and the text that it stands in."""

    line: int
    cells: list[str]
    text: str


class Tape(io.TextIOBase):
    """Lines of text; those since the last cut are remembered."""

    def __init__(self, lines: io.TextIOBase):
        self.lines = lines
        self.heard: list[str] = []

    def __next__(self) -> str:  # type: ignore[override]
        line = next(self.lines)
        self.heard.append(line)
        return line

    def cut(self) -> str:
        text = "".join(self.heard).strip("\r\n")
        self.heard.clear()
        return text


def csv_rows(
    source: Source, wants: Mapping[str, Want], kept: Sequence[str], rejected: Rejected, done: int, chunk: int
) -> Iterator[Table]:
    """The rows after the first ``done``, which were all good; some at a time, and cell by cell where one is not."""
    with open_text(source.path, source.form, source.shown) as file:
        rows, names = itertools.islice(rows_of(file, source), done, None), rejected.names
        while some := list(itertools.islice(rows, chunk)):
            table = parsed([row.cells for row in some if len(row.cells) == len(names)], source, names, wants, kept)
            good = sift(some, source, {} if table else wants, rejected)
            table = table or parsed(good, source, names, wants, kept)
            if good and table is None:
                raise RnaError("cannot be read", place=f"{source.shown}:{some[0].line}")
            if table:
                yield table


def rows_of(file: io.TextIOBase, source: Source) -> Iterator[Row]:
    """The records below the header; lines of nothing but blanks are passed over, as pandas does."""
    tape = Tape(file)
    for i, (line, cells) in enumerate(read_records(tape, source.form, source.shown)):
        text = tape.cut()
        if i >= source.form.header:
            yield Row(line, cells, text)


def sift(rows: Sequence[Row], source: Source, wants: Mapping[str, Want], rejected: Rejected) -> list[list[str]]:
    """The cells of the good rows; those of another length, or with a cell that is not wanted, are rejected."""
    names, form = rejected.names, source.form
    at = {name: names.index(name) for name in wants}
    good = []
    for row in rows:
        if len(row.cells) != len(names):
            rejected.add(row.line, length_problem(row.cells, names, form)[0], row.text, ())
        elif reason := faults({name: row.cells[i] for name, i in at.items()}, source, wants):
            rejected.add(row.line, reason, "", row.cells)
        else:
            good.append(row.cells)
    return good


def faults(cells: Mapping[str, str], source: Source, wants: Mapping[str, Want]) -> str:
    """What is wrong with the wanted cells of a row; an empty text if nothing is."""
    problems = (cell_problem(cell, name, wants[name], source.form) for name, cell in cells.items())
    return "; ".join(problem[0] for problem in problems if problem)


def parsed(
    rows: Sequence[Sequence[str]], source: Source, names: Sequence[str], wants: Mapping[str, Want], kept: Sequence[str]
) -> Table | None:
    """Rows of cells, as pandas reads them from a file; ``None`` where there are none, or where one is not wanted."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(rows)
    text.seek(0)
    form = dataclasses.replace(source.form, delimiter="\t", header=False)
    try:
        (frame,) = parse_rows(text, form, names, wants, None, kept, names)
        return convert_frame(frame, wants, form.written, 0, kept)
    except UNREADABLE:
        return None


# Parquet


def parquet_rows(
    source: Source, wants: Mapping[str, Want], kept: Sequence[str], chunk: int, rejected: Rejected
) -> Iterator[Table]:
    """The rows of the columns that are needed, some at a time."""
    rejected.names, rejected.place = list(dict.fromkeys([*wants, *kept])), "row"
    start, written = 0, source.form.written
    for frame in read_parquet(source.path, rejected.names, source.shown, chunk):
        try:
            table = convert_frame(frame, wants, written, start, kept)
        except (ValueError, OverflowError):
            table = convert_frame(frame[fitting(frame, start, source, wants, rejected)], wants, written, start, kept)
        start += len(frame)
        if table:
            yield table
    if start == 0:
        raise RnaError("there are no rows", place=source.shown, hint=NO_ROWS)


def fitting(
    frame: pd.DataFrame, start: int, source: Source, wants: Mapping[str, Want], rejected: Rejected
) -> np.ndarray:
    """Which rows (n,) are good; the others are rejected."""
    texts = [original_texts(frame[name]).tolist() for name in rejected.names]
    good = np.ones(len(frame), bool)
    for i, cells in enumerate(zip(*texts, strict=True)):
        named = dict(zip(rejected.names, cells, strict=True))
        if reason := faults({name: named[name] for name in wants}, source, wants):
            rejected.add(start + i + 1, reason, "", cells)
            good[i] = False
    return good
