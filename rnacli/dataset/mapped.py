"""Rows of a mapped file, read so that what was read does not stay in memory."""

import mmap

import numpy as np

PAGED = 1024
"""The most rows that are read before their pages of the file are let go."""


def taken(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``x[rows]``; far from one another, a row's pages take the memory of hundreds of rows: they are let go often."""
    made = np.empty((len(rows), *x.shape[1:]), x.dtype)
    for start in range(0, len(rows), PAGED):
        made[start : start + PAGED] = x[rows[start : start + PAGED]]
        forget(x)
    return made


def forget(x: np.ndarray) -> None:
    """Let go of what was read of a mapped file: it would count as this process' memory until the end.

    Not where the map is a private copy, which would forget what was written to it.
    """
    pages = getattr(x, "_mmap", None)
    if pages is not None and getattr(x, "mode", "c") != "c" and hasattr(mmap, "MADV_DONTNEED"):
        pages.madvise(mmap.MADV_DONTNEED)
