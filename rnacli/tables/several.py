"""Several values in one cell: ``Action|Comedy``, ``red;blue``, ``['a', 'b']``."""

import re
from collections import Counter
from collections.abc import Sequence

SEPARATORS = ("|", ";", ",")
"""What stands between several values in one cell."""
LIST = re.compile(r"\s*(?:\[([^\[\]]*)\]|\{([^{}]*)\})\s*")
"""A list or a set as programs write it."""
FEWEST = 3
"""Different cells with several values from which they are no accident."""
MOST_VALUES = 1000
"""Different values from which they are hardly labels."""


def separate(cell: str, separator: str) -> list[str]:
    """The values in one cell, of a list without its brackets and quotes; none in an empty one."""
    match = LIST.fullmatch(cell)
    inside, around = (match[1] or match[2] or "", " '\"") if match else (cell, "")
    return [value for part in inside.split(separator) if (value := part.strip().strip(around or None))]


def find_separator(cells: Sequence[str]) -> str:
    """What stands between several values in some of these different cells; empty where each cell is one value.

    The values come again in other cells, and some stand alone: ``Paris, France`` is one value.
    """
    for separator in SEPARATORS:
        if sum(separator in cell for cell in cells) < FEWEST:
            continue
        each = [set(separate(cell, separator)) for cell in cells]
        counts = Counter(value for values in each for value in values)
        rare = sum(count == 1 for count in counts.values())
        if 2 * rare <= len(counts) < min(len(cells), MOST_VALUES) and any(len(values) == 1 for values in each):
            return separator
    return ""
