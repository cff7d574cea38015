"""Data frames that hold values of their own types, as tables: a cell that does not fit is named with its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rnacli.errors import DATA, RnaError, RowProblem
from rnacli.tables.cells import Want
from rnacli.tables.convert import NO_ROWS, convert_frame, original_texts
from rnacli.tables.csv.faults import cell_problem
from rnacli.tables.csv.text import Format
from rnacli.tables.table import Table
from rnacli.words import fill_template


def convert_frames(
    frames: Iterable[pd.DataFrame], wants: Mapping[str, Want], form: Format, shown: str, kept: Sequence[str] = ()
) -> Iterator[Table]:
    """Frames as tables, those columns in ``kept`` also as texts. Raises ``RnaError``."""
    start = 0
    for frame in frames:
        try:
            if len(frame):
                yield convert_frame(frame, wants, form.written, start, kept)
        except (ValueError, OverflowError):
            raise RnaError.of([find_fault(frame, wants, form, start, shown)], DATA) from None
        start += len(frame)
    if start == 0:
        raise RnaError("there are no rows", place=shown, hint=NO_ROWS)


def find_fault(frame: pd.DataFrame, wants: Mapping[str, Want], form: Format, start: int, shown: str) -> RowProblem:
    """The first cell that is not what is wanted there, of a frame whose first row is number ``start`` of all."""
    faults: list[tuple[int, tuple[str, str]]] = []
    for name, want in wants.items():
        codes, different = pd.factorize(original_texts(frame[name]))
        spelled = replace(form, decimal=".", thousands="") if frame[name].dtype.kind in "iuf" else form
        problems = [cell_problem(cell, name, want, spelled) for cell in different]
        wrong = np.array([problem is not None for problem in problems])[codes]
        if wrong.any():
            row = int(wrong.argmax())
            faults.append((row, problems[codes[row]] or ("", "")))
    row, (what, hint) = min(faults, default=(0, ("cannot be read", "")))
    place = fill_template("{shown:.300}: row {start}", shown=shown, start=start + row + 1)
    return RowProblem("{what:.1000}", place, hint, what=fill_template(what))
