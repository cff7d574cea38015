"""How much memory this machine has."""

import math
import os


def installed() -> float:
    """Bytes; infinitely many where the system does not say, as on Windows."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf
