"""What stands around a table in its file: lines above the header, columns without a name, lines without a value."""

import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rnacli.errors import RnaError
from rnacli.tables.csv.text import Format, Record, read_records
from rnacli.tables.numbers import NUMBER

SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.I)
"""The line that Excel writes, and reads, above a header."""
ROW_NUMBERS = re.compile(r"Unnamed: 0(\.\d+)*")
"""What pandas calls a first column without a name: the row numbers, where it has written the file. It is no input."""
MOST_TITLES, RECORDS = 20, 200
"""Records above a header that are looked for, and those that are looked at."""
BRACKETS = re.compile(r"[(\[].{1,20}[)\]]")
MARKS = ",;\t|"


def find_separator(text: str) -> str:
    """The delimiter that the first line of a text names, as Excel's ``sep=;`` does; empty where it is another line."""
    match = SEPARATOR.fullmatch(text.partition("\n")[0].removeprefix("\ufeff"))
    return match[1] if match else ""


def count_title_lines(text: str, delimiter: str) -> int:
    """How many lines stand above the header: few cells each, above records of one length that begin with names.

    ``delimiter``: the mark between values, if it is known.
    """
    above = [titles_above(text, mark) for mark in ([delimiter] if len(delimiter) == 1 else MARKS)]
    return max((lines for lines in above if lines is not None), default=0) if 0 not in above else 0


def titles_above(text: str, delimiter: str) -> int | None:
    """How many lines stand above a header with this delimiter; 0 where the first is one, ``None`` where none is."""
    try:
        records = list(itertools.islice(read_records(io.StringIO(text, newline=""), Format(delimiter), ""), RECORDS))
    except RnaError:
        return None
    lengths = Counter(len(record.cells) for record in records)
    length, count = lengths.most_common(1)[0] if lengths else (0, 0)
    whole = [i for i, record in enumerate(records) if len(record.cells) == length and all(map(str.strip, record.cells))]
    if length < 2 or not whole:
        return None
    if records and len(records[0].cells) == length and not spans_columns(records[0].cells, whole[0]):
        return 0
    header, below = records[whole[0]], [record.cells for record in records[whole[0] + 1 :]]
    filled = [sum(bool(cell.strip()) for cell in record.cells) for record in records[: whole[0]]]
    named = not any(map(is_number, header.cells)) and any(is_number(cell) for row in below for cell in row)
    few = count < 3 or whole[0] > MOST_TITLES or (max(filled) > max(1, length / 3) and len(records[0].cells) != length)
    if few or not named or 10 * sum(len(row) == length for row in below) < 9 * len(below):
        return None
    return header.line - 1


def spans_columns(cells: Sequence[str], header: int) -> bool:
    """Whether the first of two header lines names groups of columns: words with gaps, and none in the one below it."""
    return header == 1 and bool(cells[0].strip()) and not all(map(str.strip, cells)) and not any(map(is_number, cells))


def unwrap(text: str) -> str:
    """The text of a file whose every record is quoted as a whole: what is in the quotes; else an empty text."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return ""
    quoted = all(line.startswith('"') and line.endswith('"') for line in map(str.strip, text.splitlines()) if line)
    wrapped = quoted and len(rows) > 1 and all(len(row) == 1 for row in rows if row)
    marks = {mark: {row[0].count(mark) for row in rows if row} for mark in MARKS} if wrapped else {}
    alike = any(len(counts) == 1 and 0 not in counts for counts in marks.values())
    return "".join(row[0] + "\n" for row in rows if row) if alike else ""


def has_units(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows holds units such as (kg) where all others hold numbers."""
    first, *others = rows or [[]]
    others = [row for row in others if len(row) == len(header)]
    if len(others) < 3 or len(first) != len(header) or any(is_number(cell) for cell in first):
        return False
    numeric = [i for i in range(len(header)) if all(is_number(row[i]) for row in others)]
    cells = [cell.strip() for cell in first if cell.strip()]
    if cells and all(BRACKETS.fullmatch(cell) for cell in cells):
        return bool(numeric)
    return 0 < len(header) <= 2 * len(numeric) and any(cells) and all(len(cell) <= 12 for cell in cells)


def is_number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell.strip().replace(",", ".")))


class Layout(NamedTuple):
    """The columns of a file, in their order; ``unnamed``: those that have no name, and are to have no values.

    ``beyond``: how many cells the header has more than the rows, all of them empty.
    """

    columns: list[str]
    unnamed: tuple[str, ...] = ()
    beyond: int = 0

    @property
    def names(self) -> list[str]:
        return [name for name in self.columns if name not in self.unnamed]


def lay_out(header: Record, row: Record | None) -> Layout:
    """The columns that a header names, above a first row."""
    names = [unicodedata.normalize("NFC", cell.strip()) for cell in header.cells]
    beyond = len(names) - len(row.cells) if row else 0
    if beyond <= 0 or any(names[-beyond:]):
        beyond = 0
    names = names[: len(names) - beyond]
    if len(names) > 1 and not names[0]:
        taken = [name for name in names if ROW_NUMBERS.fullmatch(name)]
        names[0] = max(taken, key=len) + ".1" if taken else "Unnamed: 0"
    unnamed = {i: f"column {i + 1} without a name" for i, name in enumerate(names) if not name}
    return Layout([unnamed.get(i, name) for i, name in enumerate(names)], tuple(unnamed.values()), beyond)
