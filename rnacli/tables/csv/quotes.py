"""Quick looks at the text of a CSV file, a block at a time: doubt is always for ``read_records`` to settle."""

import io
import re
from collections.abc import Callable
from typing import IO

from rnacli.tables.csv.text import WHITESPACE, Format

BLOCK = 1 << 18
"""Characters that are looked at together."""
LONGEST_HELD = 1 << 22
"""Characters between two quotes that are looked at quickly."""
ALL_BYTES = bytes(range(256))
IN_QUOTES = re.compile(b'"[^"]*"')


class Watched(io.TextIOBase):
    """A file's text whose quotes are looked at as it is read.

    Where each opens at the start of a cell and closes at its end, what they enclose is sure. A quote anywhere else, be
    it right or wrong, makes the text ``doubtful``: then ``settle`` is called once.
    """

    def __init__(self, file: IO[str], form: Format, settle: Callable[[], None]):
        ends = r" \t\r\n" if form.delimiter == WHITESPACE else rf"{re.escape(form.delimiter)}\r\n"
        opened = rf'[^"]*+(?:(?<=[{ends}])|(?<=[{ends}] ))"[^"]*+(?:""[^"]*+)*+'
        self.complete = re.compile(rf'(?:{opened}"(?=[{ends}]))*+')
        self.incomplete = re.compile(rf'{opened}"?+')
        self.file, self.settle = file, settle
        self.before = "\n"  # at most two characters that were looked at
        self.held = ""  # others, up to the last quote, which is still open
        self.doubtful = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        text = self.file.read(-1 if size is None else size)
        if not self.doubtful:
            self.look(text)
            if self.doubtful:
                self.settle()
        return text

    def look(self, text: str) -> None:
        """Look at the quotes in a block; an empty one ends the text."""
        if text and '"' not in text and not self.held:
            self.before = (self.before + text)[-2:]
            return
        whole = self.before + self.held + (text or "\n")
        found = self.complete.match(whole, len(self.before))
        end = found.end() if found else 0
        if '"' not in whole[end:]:
            end = len(whole)
        elif not text or not self.incomplete.fullmatch(whole, end) or len(whole) - end > LONGEST_HELD:
            self.doubtful = True
        self.before, self.held = whole[max(end - 2, 0) : end], whole[end:]


def all_have_cells(file: IO[str], form: Format, cells: int) -> bool:
    """Whether all records have so many cells, if no quote is doubtful; false where only reading them can tell."""
    mark = form.delimiter
    if mark in (" ", WHITESPACE) or not mark.isascii():
        return False
    others = ALL_BYTES.translate(None, f'"{mark}\n'.encode())
    line = f"{mark * (cells - 1)}\n".encode()
    before, begun = "\n", b""
    while True:
        text = file.read(BLOCK)
        block = text or "\n"
        if "\r" in block:
            block = block.replace("\r\n", "\n").replace("\r", "\n")
        rest = after_lines(begun + block.encode().translate(None, others), line)
        if rest is None:  # perhaps there are blank lines
            block = re.sub("\n+", "\n", block.lstrip("\n") if before == "\n" else block)
            rest = after_lines(begun + block.encode().translate(None, others), line)
        if not text or rest is None:
            return rest == b""
        before, begun = block[-1:] or before, rest


def after_lines(marks: bytes, line: bytes) -> bytes | None:
    """The beginning of a ``line`` that follows nothing but whole ones; ``None`` where something else does.

    What is in quotes does not count; of a quote that is not closed, it alone is in what is given back.
    """
    if b'"' in marks:
        marks = IN_QUOTES.sub(b"", marks.replace(b'""', b""))
    marks, quote, _ = marks.partition(b'"')
    whole = len(marks) // len(line)
    rest = marks[whole * len(line) :]
    return rest + quote if line.startswith(rest) and marks.startswith(line * whole) else None
