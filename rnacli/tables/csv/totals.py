"""Rows that sum up the others, as spreadsheets write them at the end of a table."""

import csv

from rnacli.tables.cells import clean_word
from rnacli.tables.csv.read import CsvFile
from rnacli.tables.csv.text import WHITESPACE

TOTALS = frozenset((
    "total", "totals", "totales", "total general", "suma total", "grand total", "total result", "total resultado",
    "subtotal", "sum", "suma", "summe", "gesamt", "gesamtsumme", "gesamtergebnis", "insgesamt",
    "somme", "total général", "totale", "totale generale", "total geral", "mean", "average", "media", "promedio",
    "moyenne", "mittelwert", "durchschnitt",
))  # fmt: skip
TAIL = 1 << 14
"""Bytes at the end of a file in which its last line is looked for."""


def is_total(word: str) -> bool:
    """Whether a word is what spreadsheets write before a row that sums up the others."""
    return word.lower().rstrip(" :.") in TOTALS


def find_total(file: CsvFile) -> str:
    """The word with which the last line begins, if that sums up others; else an empty text."""
    lines = last_lines(file).rstrip().splitlines()
    if not lines:
        return ""
    delimiter = file.form.delimiter
    cells = lines[-1].split() if delimiter == WHITESPACE else next(csv.reader(lines[-1:], delimiter=delimiter), [])
    word = next((word for cell in cells if (word := clean_word(cell, ""))), "")
    return word if is_total(word) else ""


def last_lines(file: CsvFile) -> str:
    """The end of a file; nothing of one that would have to be unpacked for it."""
    if file.sample.all or file.packed:
        return file.sample.text if file.sample.all else ""
    with file.path.open("rb") as content:
        content.seek(max(0, file.written[0] - TAIL))
        return content.read(TAIL).decode(file.form.codec, "replace")
