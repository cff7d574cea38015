"""Numbers as a line of small bars."""

import math
import sys
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
ASCII = "_.-=*#"
WIDTH = 30


def draw_sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """A bar for each value, or for each stretch of them where there are more than ``width``; a blank for no number."""
    bars = BARS if can_encode(BARS) else ASCII
    size = max(1, math.ceil(len(values) / width))
    stretches = [values[start : start + size] for start in range(0, len(values), size)]
    means = [mean_of([value for value in stretch if math.isfinite(value)]) for stretch in stretches]
    finite = [value for value in means if value is not None]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    step = (high - low) / (len(bars) - 1) or 1.0
    return "".join(" " if value is None else bars[round((value - low) / step)] for value in means)


def mean_of(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def can_encode(text: str) -> bool:
    """Whether standard output can show a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
