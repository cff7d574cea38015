"""What is wrong in a CSV file, by line and column, and how to mend it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rnacli.dataset.csv_text import Format, open_text, records
from rnacli.errors import DATA, Problem, RnaError, clean
from rnacli.schema import listed

FLOAT32_MAX = 3.4028234663852886e38
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
LINES = 4
"""Lines named that have the same mistake; the others are counted."""
COLUMNS = 10
"""Columns named at once that are not there, or that have mistakes; the others are counted."""
FILL = "fill it, or remove the row"
MEND = "mend the value, or remove the row"


class Mend(NamedTuple):
    """What a user can do about a whole column that holds ``words``, or that is ``empty``."""

    words: str
    empty: str


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
