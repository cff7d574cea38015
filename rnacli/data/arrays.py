"""Values of examples, in memory or in a mapped file; what is made of such when it is asked for is in ``views``."""

import mmap
from dataclasses import dataclass
from typing import Protocol

import numpy as np

PAGED = 1024
"""The most examples that are read before their pages of the file are let go."""


class Array(Protocol):
    """Values of n examples.

    ``resident``: whether all of them may stay in memory. ``in_any_order``: whether those far from one another are read
    as fast as neighbours.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example."""

    @property
    def dtype(self) -> "np.dtype": ...
    @property
    def resident(self) -> bool: ...
    @property
    def in_any_order(self) -> bool: ...
    @property
    def nbytes(self) -> int: ...
    def __len__(self) -> int: ...
    def take(self, examples: np.ndarray) -> np.ndarray:
        """The values (m, *shape) of some examples (m,)."""

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        """Some values (m,) of one column of a table."""


@dataclass(frozen=True, eq=False)
class Resident:
    """Values (n, *shape) in memory."""

    values: np.ndarray
    resident = True
    in_any_order = True

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape[1:]

    @property
    def dtype(self) -> "np.dtype":
        return self.values.dtype

    @property
    def nbytes(self) -> int:
        return self.values.nbytes

    def __len__(self) -> int:
        return len(self.values)

    def take(self, examples: np.ndarray) -> np.ndarray:
        return np.asarray(self.values[examples])

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return np.asarray(self.values[examples, j])


class Mapped(Resident):
    """Values in a mapped file, read so that what was read does not stay in memory.

    Far from one another, an example's pages take the memory of hundreds of examples: they are let go often.
    """

    resident = False
    in_any_order = False

    def take(self, examples: np.ndarray) -> np.ndarray:
        return self.paged(self.values, examples)

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return self.paged(self.values[:, j], examples)

    def paged(self, values: np.ndarray, examples: np.ndarray) -> np.ndarray:
        taken = np.empty((len(examples), *values.shape[1:]), values.dtype)
        for start in range(0, len(examples), PAGED):
            taken[start : start + PAGED] = values[examples[start : start + PAGED]]
            self.forget_pages()
        return taken

    def forget_pages(self) -> None:
        """Let go of what was read: it would count as this process' memory until the end.

        Not where the map is a private copy, which would forget what was written to it.
        """
        pages = getattr(self.values, "_mmap", None)
        if pages is not None and getattr(self.values, "mode", "c") != "c" and hasattr(mmap, "MADV_DONTNEED"):
            pages.madvise(mmap.MADV_DONTNEED)


def as_array(values: "np.ndarray | Array") -> Array:
    """Values as they are handed on: those of a mapped file stay in it."""
    if isinstance(values, np.memmap):
        return Mapped(values)
    return Resident(values) if isinstance(values, np.ndarray) else values
