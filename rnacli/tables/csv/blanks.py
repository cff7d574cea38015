"""Values between runs of blanks and tabs: what ``csv.reader`` is for one delimiter, for any amount of white space."""

import csv
import re
from collections.abc import Iterable, Iterator

SPACE = re.compile(r"[ \t\r\n]*")
WORD = re.compile(r"[^ \t\r\n]*")
QUOTED = re.compile(r'(?:[^"]+|"")*+')


class BlankReader:
    """The records in lines of text: a cell is a run of other characters, or quoted (``""`` is a quote in it).

    Blanks at both ends of a line mean nothing. ``line_num`` lines have been read so far, as in ``csv.reader``,
    whose ``csv.Error`` and limit of a cell's size are used too.
    """

    def __init__(self, lines: Iterable[str]):
        self.lines = lines
        self.line_num = 0

    def __iter__(self) -> Iterator[list[str]]:
        cells: list[str] = []
        quoted: list[str] = []  # what was read of a quoted cell that goes on in the next line
        size, limit = 0, csv.field_size_limit()
        for line in self.lines:
            self.line_num += 1
            at = 0 if quoted else end_of(SPACE, line, 0)
            while at < len(line):
                start = at
                if not quoted and line[at] != '"':
                    at = end_of(WORD, line, start)
                    cells.append(line[start:at])
                else:
                    start += not quoted
                    at = end_of(QUOTED, line, start)
                    quoted.append(line[start:at])
                    size += at - start
                    if size > limit:
                        raise csv.Error(f"field larger than field limit ({limit})")
                    if at == len(line):
                        break
                    cells.append("".join(quoted).replace('""', '"'))
                    quoted, size, at = [], 0, at + 1
                    if at < len(line) and line[at] not in " \t\r\n":
                        raise csv.Error("a blank is expected after a closing quote")
                at = end_of(SPACE, line, at)
            if not quoted:
                yield cells
                cells = []
        if quoted:
            raise csv.Error("unexpected end of data")


def end_of(pattern: re.Pattern[str], line: str, start: int) -> int:
    """Where a run that begins at ``start``, and that may be empty, ends."""
    match = pattern.match(line, start)
    return match.end() if match else start
