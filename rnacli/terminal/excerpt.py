"""The line of a config that a message is about, with a caret under the place."""

import re
from pathlib import Path

from rnacli.words import printable

PLACE = re.compile(r"(.+\.ya?ml):(\d{1,7}):(\d{1,7})")
LARGEST = 1_000_000
"""Bytes of a config that are looked at."""
WIDTH = 100
"""Characters of a line that are shown."""


def show_line(place: str) -> str:
    """Two lines of text for the place ``file:line:column`` of a config; empty for any other place."""
    match = PLACE.fullmatch(place)
    if match is None:
        return ""
    number, column = int(match[2]), int(match[3]) - 1
    try:
        with Path(match[1]).open("rb") as file:
            lines = file.read(LARGEST).decode("utf-8-sig").splitlines()
        line = lines[number - 1]
    except (OSError, ValueError, IndexError):  # it is gone, or is no such text
        return ""
    if column > len(line):
        return ""
    start = max(0, column - WIDTH // 2) if len(line) > WIDTH else 0
    before, behind = (printable(part.replace("\t", " ")) for part in (line[start:column], line[column : start + WIDTH]))
    return f"  {number} | {before}{behind}\n  {' ' * len(match[2])} | {' ' * len(before)}^"
