"""Text as cells of a CSV that is safe to open: no cell is a formula to a spreadsheet."""

import re
from collections.abc import Iterable

PLAIN = re.compile(r'[\w.](?:[^",;\t\r\n]*[^",;\t\r\n\s])?')
"""Most cells: written as they are."""
SPECIAL = re.compile('[",;\t\r\n]')
"""What a cell must be quoted for; where the comma stands in numbers, spreadsheets divide a line at ``;``."""
NUMBER = r"[-+](?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
"""A number with a sign, which is no formula."""
HIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
"""What nobody sees before the sign."""
QUOTED = HIDDEN.replace("[", '["', 1)
"""The same, and quotes: a line that is divided elsewhere loses them."""
SIGN = "[=+\\-@＝＋－＠]"
FORMULA = re.compile(
    rf"^(?=[\t\r\n].|{HIDDEN}{SIGN}.)(?!{NUMBER}\Z)|(?<=[;\t\r\n])(?={QUOTED}{SIGN})(?!{NUMBER}(?:[;\t\r\n]|\Z))",
    re.DOTALL,
)
"""Where a cell begins that a spreadsheet would run: at the start of a text, and at each place where a line may be
divided, since quotes within a line do not count to one that divides it elsewhere. A text of one sign is none."""


def safe_cell(text: str) -> str:
    """A text as a cell, with an apostrophe before what a spreadsheet would run, as OWASP advises ("CSV Injection")."""
    if PLAIN.fullmatch(text):
        return text
    text = FORMULA.sub("'", text)
    return '"' + text.replace('"', '""') + '"' if SPECIAL.search(text) or text != text.strip() else text


def safe_row(texts: Iterable[str]) -> str:
    """A line of a CSV."""
    return ",".join(map(safe_cell, texts)) + "\n"
