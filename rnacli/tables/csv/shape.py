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
from rnacli.tables.cells import INVISIBLE
from rnacli.tables.csv.text import Format, Record, read_records
from rnacli.tables.numbers import NUMBER

SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.I)
"""The line that Excel writes, and reads, above a header."""
ROW_NUMBERS = re.compile(r"Unnamed: 0(\.\d+)*")
"""What pandas calls a first column without a name: the row numbers, where it has written the file. It is no input."""
FEWEST = 4
"""Rows below two lines of names from which these are surely such."""
MOST_TITLES, RECORDS = 20, 200
"""Records above a header that are looked for, and those that are looked at."""
YEAR = re.compile("(?:19|20)[0-9]{2}")
"""A number that is a column's name in many tables."""
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
    marks = [delimiter] if len(delimiter) == 1 else MARKS
    if comments := count_comments(text, marks if delimiter in ("", *marks) else [*marks, delimiter]):
        return comments
    # Of two marks, that which divides most: a comma may stand in the dates of a table of semicolons.
    divided = [trim_ends(first_records(text, mark)) for mark in marks]
    divided.sort(key=lambda records: -usual_length(records)[0])
    return next((lines for records in divided if (lines := count_titles(records)) is not None), 0)


def count_comments(text: str, marks: Sequence[str]) -> int:
    """How many lines above a header begin with #.

    The last of them is the header where there are numbers below it, or where it calls the first column so.
    """
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines[: MOST_TITLES + 1]) if not line.startswith("#")), 0)
    if not count:
        return 0
    cells = re.split("|".join(map(re.escape, marks)), lines[count])
    below = "\n".join(lines[count - 1 :])
    is_header = any(map(is_number, cells)) or any(calls_first_column(first_records(below, mark)) for mark in marks)
    return count - 1 if is_header else count


def calls_first_column(records: Sequence[Record]) -> bool:
    """Whether the first record is a header that calls the first column # or #x, above one with as many cells.

    A remark has a blank behind the sign.
    """
    lengths = [len(record.cells) for record in records[:2]]
    return len({*lengths}) == 1 and lengths[0] > 1 and not records[0].cells[0][1:2].isspace()


def first_records(text: str, delimiter: str) -> list[Record]:
    """The first records of a text with this delimiter; none where it is not valid with it."""
    try:
        return list(itertools.islice(read_records(io.StringIO(text, newline=""), Format(delimiter), ""), RECORDS))
    except RnaError:
        return []


def usual_length(records: Sequence[Record]) -> tuple[int, int]:
    """How many cells most of some records have, and how many records do."""
    lengths = Counter(len(record.cells) for record in records)
    return lengths.most_common(1)[0] if lengths else (0, 0)


def trim_ends(records: Sequence[Record]) -> list[Record]:
    """Records without the cells at their ends that are empty in all of those that have as many cells as most."""
    length, _ = usual_length(records)
    used = max((count_to_last(record.cells) for record in records if len(record.cells) == length), default=0)
    return [record._replace(cells=record.cells[: max(used, count_to_last(record.cells))]) for record in records]


def count_to_last(cells: Sequence[str]) -> int:
    """How many cells there are up to the last that holds something."""
    return max((i for i, cell in enumerate(cells, 1) if cell.strip()), default=0)


def count_titles(records: Sequence[Record]) -> int | None:
    """How many lines stand above the header of some records; ``None`` where they are no table with a header."""
    length, count = usual_length(records)
    whole = [i for i, record in enumerate(records) if len(record.cells) == length and all(map(str.strip, record.cells))]
    if length < 2:
        return None
    if not whole:
        return 0
    if len(whole) > FEWEST and whole[:2] == [0, 1] and repeats_groups([records[i].cells for i in whole]):
        return records[1].line - 1
    if whole[0] == 0 and len(records[0].cells) >= length:
        return 0
    names = [cell.strip() for cell in records[whole[0]].cells]
    are_values = any(is_number(name) and not YEAR.fullmatch(name) for name in names)
    most = max((sum(map(bool, map(str.strip, record.cells))) for record in records[: whole[0]]), default=0)
    are_titles = most <= max(1, length / 2)
    above = are_titles or spans_columns(records[0].cells, whole[0])
    if len(records[0].cells) >= length and not (above and len(set(names)) == len(names) and not are_values):
        return 0
    header, below = records[whole[0]], [record.cells for record in records[whole[0] + 1 :]]
    if are_values:
        return None
    named = any(is_number(cell) for row in below for cell in row)
    few = count < 3 or whole[0] > MOST_TITLES or (not are_titles and len(records[0].cells) != length)
    if few or not named or 10 * sum(len(row) == length for row in below) < 9 * len(below):
        return 0
    return header.line - 1


def spans_columns(cells: Sequence[str], header: int) -> bool:
    """Whether the first of two header lines names groups of columns: words with gaps, and none in the one below it."""
    return header == 1 and bool(cells[0].strip()) and not all(map(str.strip, cells))


def repeats_groups(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows names groups of columns, some more than once, and the second the columns."""
    groups, names, *others = ([cell.strip() for cell in row] for row in rows)
    numeric = [i for i in range(len(names)) if all(is_number(row[i]) for row in others)]
    return (
        len(set(groups)) < len(groups)
        and len(set(names)) == len(names)
        and bool(numeric)
        and not any(is_number(names[i]) for i in numeric)
    )


def unwrap(text: str) -> tuple[str, str]:
    """The text of a file whose every record, or every cell, is quoted once more: what is in the quotes, and the mark
    that stands between the quotes; else empty texts.
    """
    for mark in MARKS:
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True) if row]
        except csv.Error:
            continue
        if len(rows) > 1 and (are_records(text, rows) or are_quoted_cells(rows)):
            return "".join(mark.join(row) + "\n" for row in rows), mark
    return "", ""


def are_records(text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row is one cell in quotes that holds a record."""
    if any(len(row) != 1 for row in rows):
        return False
    quoted = all(line.startswith('"') and line.endswith('"') for line in map(str.strip, text.splitlines()) if line)
    counts = ({row[0].count(mark) for row in rows} for mark in MARKS)
    return quoted and any(len(each) == 1 and 0 not in each for each in counts)


def are_quoted_cells(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows have several cells, and each that holds something, but for the header's, is in quotes still."""
    cells = [cell for row in rows[1:] for cell in row if cell]
    return len(rows[0]) > 1 and len(cells) > 0 and all(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells)


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
    named = any(first[i].strip() for i in numeric)
    return 0 < len(header) <= 2 * len(numeric) and named and all(len(cell) <= 12 for cell in cells)


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
    names = [unicodedata.normalize("NFC", cell.strip(INVISIBLE)) for cell in header.cells]
    beyond = len(names) - len(row.cells) if row else 0
    if beyond <= 0 or any(names[-beyond:]):
        beyond = 0
    names = names[: len(names) - beyond]
    if len(names) > 1 and not names[0]:
        taken = [name for name in names if ROW_NUMBERS.fullmatch(name)]
        names[0] = max(taken, key=len) + ".1" if taken else "Unnamed: 0"
    unnamed = {i: f"column {i + 1} without a name" for i, name in enumerate(names) if not name}
    return Layout([unnamed.get(i, name) for i, name in enumerate(names)], tuple(unnamed.values()), beyond)
