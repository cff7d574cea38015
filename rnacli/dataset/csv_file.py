"""CSV files: read by pandas, refused by row and column where pandas would guess."""

import collections
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from rnacli.dataset.csv_faults import COLUMNS, FLOAT32_MAX, NUMBER, Mend, diagnose
from rnacli.dataset.csv_text import Format, check_is_text, open_text, records
from rnacli.errors import DATA, Problem, RnaError, clean, did_you_mean
from rnacli.schema import listed


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
