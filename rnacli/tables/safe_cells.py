"""Text as cells of a CSV that is safe to open: no cell is a formula to a spreadsheet."""

import re
from collections.abc import Iterable

PLAIN = re.compile(r'[\w.](?:[^",\r\n]*[^",\r\n\s])?')
"""Most cells: written as they are."""
SPECIAL = re.compile('[",\r\n]')
"""What a cell must be quoted for."""
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠].", re.DOTALL)
"""How a cell begins that a spreadsheet would run; one sign alone is none."""
NUMBER = re.compile(r"[-+](?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?")
"""A number with a sign, which is none either."""


def safe_cell(text: str) -> str:
    """A text as a cell, with an apostrophe before what a spreadsheet would run, as OWASP advises ("CSV Injection")."""
    if PLAIN.fullmatch(text):
        return text
    if FORMULA.match(text) and not NUMBER.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if SPECIAL.search(text) or text != text.strip() else text


def safe_cells(texts: Iterable[str]) -> list[str]:
    """Many texts as cells."""
    fits = PLAIN.fullmatch
    return [text if fits(text) else safe_cell(text) for text in texts]


def safe_row(texts: Iterable[str]) -> str:
    """A line of a CSV."""
    return ",".join(map(safe_cell, texts)) + "\n"
