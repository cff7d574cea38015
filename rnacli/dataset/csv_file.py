"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import collections
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pandas as pd

from rnacli.dataset.cells import NUMBER, Want
from rnacli.dataset.compressed import open_bytes
from rnacli.dataset.csv_faults import COLUMNS, Mend, diagnose
from rnacli.dataset.csv_text import Format, check_is_text, open_text, records
from rnacli.dataset.frames import table
from rnacli.dataset.rows import Table
from rnacli.errors import DATA, Problem, RnaError, clean, did_you_mean
from rnacli.schema import listed

UNNAMED = "Unnamed: 0"
"""What pandas calls a first column without a name: the row numbers, where it has written the file. It is no input."""


def columns(path: Path, form: Format, shown: str) -> list[str]:
    """The columns' names, checked: no name twice, no empty file, nothing but text. Raises ``RnaError``."""
    check_is_text(path, form, shown)
    with open_text(path, form, shown) as file:
        first = next(records(file, form, shown), None)
    if first is None:
        raise RnaError("the file is empty: no rows, no columns", place=shown)
    if form.names is not None and len(form.names) != len(first.cells):
        raise RnaError(
            f"column_names has {len(form.names)} names, and the file has {len(first.cells)} columns",
            place=f"{shown}:{first.line}",
            hint="one name for each column, in their order",
        )
    if form.names is not None or not form.header:
        return list(form.names or map(str, range(len(first.cells))))
    names = [cell.strip() for cell in first.cells]
    if len(names) > 1 and not names[0]:
        names[0] = UNNAMED
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
        near = did_you_mean(name, free) or did_you_mean(name, known)
        hint = separator or near or header_hint(known) or columns_hint(known)
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
            return f"{looks}: delimiter: {written}" if from_config else f"{looks}, and {form.mark} is wanted"
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
    wants: Mapping[str, Want],
    shown: str,
    chunk: int | None = None,
    mends: Mapping[str, Mend] | None = None,
    kept: Sequence[str] = (),
) -> Iterator[Table]:
    """The rows of the columns in ``wants``, ``chunk`` rows at a time (all at once by default).

    Those of the columns in ``kept``, which may be among them, are also texts of the table, as they stand in the file.
    Raises ``RnaError`` that names line, column and value of a cell that is not what is wanted there or does not fit
    float32, or of a row with too few or too many fields; ``mends`` says what can be done about whole columns.
    """
    names = columns(path, form, shown)
    require(dict.fromkeys([*wants, *kept], ""), names, form, shown)
    try:
        yield from pieces(path, form, names, wants, shown, chunk, kept)
    except UNREADABLE as error:
        diagnose(path, form, wants, names, shown, mends or {})
        raise RnaError(f"cannot be read: {clean(error, 200)}", place=shown) from error


UNREADABLE = (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, ValueError, OverflowError)
"""What ``pieces`` raises where rows need a closer look."""


def pieces(
    path: Path,
    form: Format,
    names: Sequence[str],
    wants: Mapping[str, Want],
    shown: str,
    chunk: int | None,
    kept: Sequence[str] = (),
) -> Iterator[Table]:
    """As ``read``, for a file with the columns ``names``; one of ``UNREADABLE`` where a row is not what is wanted."""
    start, checked = 0, False
    check_first_row(path, form, names, shown)
    check_quotes(path, form, shown)
    with warnings.catch_warnings(), open_text(path, form, shown) as file:
        warnings.simplefilter("error", pd.errors.ParserWarning)
        for frame in parsed(file, form, names, wants, chunk, kept):
            # pandas shows a row that is cut short as one with empty cells.
            if not checked and frame[names[-1]].isna().any():
                check_lengths(path, form, names, shown)
                checked = True
            if len(frame):
                yield table(frame, wants, form.written, start, kept)
            start += len(frame)
    if start == 0:
        raise RnaError("there are no rows below the header", place=shown)


def parsed(
    file: IO[str],
    form: Format,
    names: Sequence[str],
    wants: Mapping[str, Want],
    chunk: int | None,
    kept: Sequence[str] = (),
) -> Iterator[pd.DataFrame]:
    """The rows of an open file as pandas reads them: numbers, and words of which the empty ones are missing."""
    numeric = {name for name in names if name in wants and wants[name].kind in NUMERIC and name not in kept}
    # pandas would take a number among them for missing in columns of numbers alone.
    missing = ["", *(word for word in form.missing if not NUMBER.fullmatch(word))]
    return pd.read_csv(
        file,
        sep=form.pandas_separator,
        decimal=form.decimal,
        header=0 if form.header else None,
        names=list(names),
        index_col=False,
        keep_default_na=False,
        skipinitialspace=True,
        low_memory=False,
        chunksize=chunk or 1 << 62,
        dtype={name: str for name in names if name not in numeric},
        na_values={name: missing if name in numeric else [""] for name in names},
    )


NUMERIC = ("number", "any")
"""The kinds of cells that pandas reads as numbers where it can."""


def check_first_row(path: Path, form: Format, names: Sequence[str], shown: str) -> None:
    """``ValueError`` where the first row's length is wrong: pandas takes it for the length of all."""
    with open_text(path, form, shown) as file:
        for i, record in enumerate(records(file, form, shown)):
            if i == form.header:
                if len(record.cells) != len(names):
                    raise ValueError("the first row has another length than the header")
                return


def check_lengths(path: Path, form: Format, names: Sequence[str], shown: str) -> None:
    """``ValueError`` where a row has too few or too many fields."""
    with open_text(path, form, shown) as file:
        if any(len(record.cells) != len(names) for record in records(file, form, shown)):
            raise ValueError("a row has another length than the header")


def check_quotes(path: Path, form: Format, shown: str) -> None:
    """What follows a closing quote is refused, where there are quotes at all: to pandas ``"5"1`` is 51."""
    with open_bytes(path, shown) as file:
        quoted = any(b'"' in block for block in iter(lambda: file.read(1 << 20), b""))
    if quoted:
        with open_text(path, form, shown) as text:
            collections.deque(records(text, form, shown), maxlen=0)
