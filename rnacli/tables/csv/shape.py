"""What stands around a table in its file: lines above the header, columns without a name, lines without a value."""

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
MARKS = ",;\t|"


def find_separator(text: str) -> str:
    """The delimiter that the first line of a text names, as Excel's ``sep=;`` does; empty where it is another line."""
    match = SEPARATOR.fullmatch(text.partition("\n")[0].removeprefix("\ufeff"))
    return match[1] if match else ""


def count_title_lines(text: str, delimiter: str) -> int:
    """How many lines stand above the header: few cells each, above records of one length that begin with names.

    ``delimiter``: the mark between values, if it is known.
    """
    return max(titles_above(text, mark) for mark in ([delimiter] if len(delimiter) == 1 else MARKS))


def titles_above(text: str, delimiter: str) -> int:
    try:
        records = list(itertools.islice(read_records(io.StringIO(text, newline=""), Format(delimiter), ""), RECORDS))
    except RnaError:
        return 0
    lengths = Counter(len(record.cells) for record in records)
    length, count = lengths.most_common(1)[0] if lengths else (0, 0)
    whole = [i for i, record in enumerate(records) if len(record.cells) == length and all(map(str.strip, record.cells))]
    if length < 2 or count < 3 or not whole or not 0 < (at := whole[0]) <= MOST_TITLES:
        return 0
    below = [record.cells for record in records[at + 1 :]]
    filled = [sum(bool(cell.strip()) for cell in record.cells) for record in records[:at]]
    named = not any(map(is_number, records[at].cells)) and any(is_number(cell) for row in below for cell in row)
    if max(filled) > max(1, length / 3) or not named or 10 * sum(len(row) == length for row in below) < 9 * len(below):
        return 0
    return records[at].line - 1


def has_units(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows holds units such as (kg) where all others hold numbers."""
    first, *others = rows or [[]]
    others = [row for row in others if len(row) == len(header)]
    if len(others) < 3 or len(first) != len(header) or any(is_number(cell) for cell in first):
        return False
    numeric = [i for i in range(len(header)) if all(is_number(row[i]) for row in others)]
    return bool(numeric) and 2 * len(numeric) >= len(header) and all(len(cell.strip()) <= 12 for cell in first)


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
