"""The cores and the memory of this machine."""

import contextlib
import math
import os
import platform
from pathlib import Path


def count_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def format_bytes(count: float) -> str:
    """Bytes in binary units."""
    power = min(int(math.log(max(count, 1), 1024)), 4)
    return f"{count / 1024**power:.3g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"


def installed_memory() -> float:
    """Bytes; infinitely many where the system does not say, as on Windows."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def processor_name() -> str:
    """The processor's name: another kind has other last digits, even with the same software."""
    with contextlib.suppress(OSError):  # Linux
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith(("model name", "CPU part")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
