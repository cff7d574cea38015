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


def available_memory(root: Path = Path("/")) -> float:
    """Bytes that this process may still have: what is free, within the limits of its control groups (a container's).

    What is installed where the system does not say what is free. ``root``: where its files are.
    """
    free = installed_memory()
    with contextlib.suppress(OSError, ValueError, IndexError):  # Linux
        said = (root / "proc/meminfo").read_text("utf-8")
        free = min(free, 1024.0 * int(said.partition("MemAvailable:")[2].split()[0]))
    return min(free, group_memory(root))


def give_back_memory() -> None:
    """Give the system what was freed, where the C library keeps it for later, as on Linux."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


GROUP_FILES = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""Of the second and the first version of control groups: folder, limit, use, and what of the use is given back."""


def group_memory(root: Path) -> float:
    """Bytes that the control groups of this process, each within the one before, leave it; infinitely many for none."""
    least = math.inf
    with contextlib.suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
            _, controllers, name = line.split(":", 2)
            kind = "memory" if "memory" in controllers.split(",") else controllers
            if kind in GROUP_FILES:
                base, *files = GROUP_FILES[kind]
                own = Path(name.lstrip("/"))
                # In a container the name may be that of the host, which is not there.
                least = min([least, *(group_rest(root / base / group, *files) for group in (own, *own.parents))])
    return least


def group_rest(folder: Path, limit: str, used: str, idle: str) -> float:
    """Bytes that one control group leaves; infinitely many where it has no limit."""
    try:
        most, taken = (int((folder / name).read_text("utf-8")) for name in (limit, used))
        pages = (folder / "memory.stat").read_text("utf-8").split()
        back = int(pages[pages.index(idle) + 1]) if idle in pages else 0
    except (OSError, ValueError):  # "max" is no number
        return math.inf
    return max(0.0, most - taken + back)


def processor_name() -> str:
    """The processor's name: another kind has other last digits, even with the same software."""
    with contextlib.suppress(OSError):  # Linux
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith(("model name", "CPU part")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
