"""Quick looks at the text of a CSV file, a block at a time: doubt is always for ``read_records`` to settle."""

import io
import re
from collections.abc import Callable

import numpy as np

from rnacli.tables.csv.text import WHITESPACE, Format

BLOCK = 1 << 18
"""Characters that are looked at together."""
LONGEST_HELD = 1 << 22
"""Characters between two quotes that are looked at quickly."""
QUOTE, BLANK, ZERO = b'" 0'
CODE = re.compile(rb"0[0-9]+(?=[^0-9A-Za-z./:_-]|$)")
NO_QUOTES = np.array([], "int64")
ALL_BYTES = bytes(range(256))
IN_QUOTES = re.compile(b'"[^"]*"')


class Watched(io.TextIOBase):
    """A file's text whose quotes are looked at, and whose delimiters are counted, as it is read.

    Where each quote opens at the start of a cell and closes at its end, what they enclose is sure. A quote anywhere
    else, be it right or wrong, makes the text ``doubtful``: then ``settle`` is called once.
    """

    def __init__(self, file: io.TextIOBase, form: Format, settle: Callable[[], None]):
        ends = " \t" if form.delimiter == WHITESPACE else form.delimiter
        self.is_counted = is_countable(form.delimiter)
        self.delimiter = ord(ends[0])
        self.is_end = np.zeros(256, bool)
        self.is_end[[ord(end) for end in f"{ends}\r\n" if end.isascii()]] = True
        self.file, self.settle = file, settle
        self.before = b"\n"  # at most two bytes that were looked at
        self.held = b""  # others, from the last quote on that opens a cell: it is still open
        self.doubtful = False
        self.delimiters = 0  # between cells, so far
        self.has_codes = False  # whether a cell of digits begins with a zero

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        text = self.file.read(-1 if size is None else size)
        if not self.doubtful:
            self.look(text)
            if self.doubtful:
                self.settle()
        elif not self.has_codes:  # which are sought in all of the text
            whole = self.before + self.held + text.encode()
            self.has_codes = self.find_code(whole, np.frombuffer(whole, "uint8"), 1, len(whole))
            self.before, self.held = whole[-2:], b""
        return text

    def has_cells(self, records: int, cells: int, beyond: int = 0) -> bool:
        """Whether all ``records`` have so many cells, if none has more, but for those ``beyond`` in the header.

        False where only reading them can tell.
        """
        return self.is_counted and not self.doubtful and self.delimiters == records * (cells - 1) + beyond

    def look(self, text: str) -> None:
        """Look at the quotes in a block; an empty one ends the text."""
        whole = self.before + self.held + (text.encode() or b"\n")
        start, end = len(self.before), len(whole)
        signs = np.frombuffer(whole, "uint8")
        quotes = np.flatnonzero(signs[start:] == QUOTE) + start if b'"' in whole else NO_QUOTES
        # A quote that closes what the next block goes on with, or that is doubled there, is looked at with it.
        if len(quotes) % 2 or (len(quotes) and quotes[-1] == end - 1):
            end = int(quotes[-1 - (len(quotes) % 2 == 0)])
            quotes = quotes[quotes < end]
            if not text or len(whole) - end > LONGEST_HELD:
                self.doubtful = True
        if not self.has_codes:
            self.has_codes = self.find_code(whole, signs, max(start - 1, 1), end)
        count = int(np.count_nonzero(signs[start:end] == self.delimiter))
        if len(quotes):
            opens, closes = quotes[0::2], quotes[1::2]
            ahead, behind = signs[opens - 1], signs[closes + 1]
            fine = self.is_end[ahead] | (ahead == QUOTE) | ((ahead == BLANK) & self.is_end[signs[opens - 2]])
            if not (fine.all() and (self.is_end[behind] | (behind == QUOTE)).all()):
                self.doubtful = True
            places = np.searchsorted(np.flatnonzero(signs[start:end] == self.delimiter) + start, quotes)
            count -= int((places[1::2] - places[0::2]).sum())
        self.delimiters += count
        self.before, self.held = whole[max(end - 2, 0) : end], whole[end:]

    def find_code(self, whole: bytes, signs: np.ndarray, start: int, end: int) -> bool:
        """Whether a cell that begins between two places is a code such as 01001."""
        ahead, signs = signs[start - 1 : end - 1], signs[start:end]
        begun = ahead == self.delimiter
        for sign in b'\n\r\t "':
            if sign != self.delimiter and sign in whole:
                begun |= ahead == sign
        begun &= signs == ZERO
        begun[:-1] &= signs[1:] - ZERO < 10
        begun[-1:] = False
        return bool(begun.any()) and any(CODE.match(whole, start + at) for at in np.flatnonzero(begun).tolist())


def is_countable(delimiter: str) -> bool:
    """Whether every delimiter outside quotes begins a cell, and is one byte."""
    return delimiter not in (" ", WHITESPACE) and delimiter.isascii()


def all_have_cells(file: io.TextIOBase, form: Format, cells: int) -> bool:
    """Whether all records have so many cells, if no quote is doubtful; false where only reading them can tell."""
    mark = form.delimiter
    if not is_countable(mark):
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
