"""Arrays that are made of others when they are asked for: looked up, chosen, beside one another, in windows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnacli.data.arrays import Array
from rnacli.data.series import Series
from rnacli.tables.table import Lookups, look_up, replace_indices

LARGEST_WINDOWS = 1 << 30
"""Bytes of windows that may stay in memory, each row as often as it is in one; a number of its own, so that no machine
decides it."""
MOST_RESIDENT = 1 << 29
"""Bytes of texts as numbers that may be in memory at once; a number of its own, so that no machine decides it."""


@dataclass(frozen=True, eq=False)
class Recoded:
    """A table of which some columns hold indices, and what those stand for: ``lookups`` by column.

    Rows of numbers, such as texts are, are put behind all columns. They are made when they are taken; those of a large
    table stay unmade till then.
    """

    array: Array
    lookups: Lookups

    @property
    def shape(self) -> tuple[int, ...]:
        rows = [lookup for lookup in self.lookups.values() if not isinstance(lookup, np.ndarray)]
        return (*self.array.shape[:-1], self.array.shape[-1] + sum(each.width for each in rows))

    @property
    def dtype(self) -> "np.dtype":
        return self.array.dtype

    @property
    def resident(self) -> bool:
        return self.array.resident and (self.shape == self.array.shape or self.nbytes <= MOST_RESIDENT)

    @property
    def in_any_order(self) -> bool:
        return self.array.in_any_order

    @property
    def nbytes(self) -> int:
        if self.shape == self.array.shape:
            return self.array.nbytes
        return len(self) * math.prod(self.shape) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.array)

    def take(self, examples: np.ndarray) -> np.ndarray:
        return look_up(self.array.take(examples), self.lookups)

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        taken = self.array.column(j, examples)
        if isinstance(numbers := self.lookups.get(j), np.ndarray):
            replace_indices(taken, numbers)
        return taken


@dataclass(frozen=True, eq=False)
class Windows:
    """The rows before each row of a table, gathered when they are asked for; ``column`` is of the rows themselves."""

    array: Array
    series: Series

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.series.window, *self.array.shape)

    @property
    def dtype(self) -> "np.dtype":
        return self.array.dtype

    @property
    def resident(self) -> bool:
        return self.array.resident and self.nbytes <= LARGEST_WINDOWS

    @property
    def in_any_order(self) -> bool:
        return self.array.in_any_order

    @property
    def nbytes(self) -> int:
        return self.series.window * self.array.nbytes

    def __len__(self) -> int:
        return len(self.array)

    def take(self, examples: np.ndarray) -> np.ndarray:
        past = self.series.past(examples)
        return self.array.take(past.ravel()).reshape(*past.shape, *self.array.shape)

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return self.array.column(j, examples)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Examples that are some of those of an ``array``, by their ``places`` (n,) there; one may come several times."""

    array: Array
    places: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> "np.dtype":
        return self.array.dtype

    @property
    def resident(self) -> bool:
        return self.array.resident

    @property
    def in_any_order(self) -> bool:
        return self.array.in_any_order

    @property
    def nbytes(self) -> int:
        return len(self.places) * self.array.nbytes // max(1, len(self.array))

    def __len__(self) -> int:
        return len(self.places)

    def take(self, examples: np.ndarray) -> np.ndarray:
        return self.array.take(self.places[examples])

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return self.array.column(j, self.places[examples])


@dataclass(frozen=True, eq=False)
class Beside:
    """Arrays of the same examples beside one another: records, a field for each, by their names.

    ``table``: the name of the one that holds the columns of a table.
    """

    arrays: Mapping[str, Array]
    table: str

    @property
    def shape(self) -> tuple[int, ...]:
        return ()

    @property
    def dtype(self) -> "np.dtype":
        return np.dtype([(name, array.dtype, array.shape) for name, array in self.arrays.items()])

    @property
    def resident(self) -> bool:
        return all(array.resident for array in self.arrays.values())

    @property
    def in_any_order(self) -> bool:
        return all(array.in_any_order for array in self.arrays.values())

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def take(self, examples: np.ndarray) -> np.ndarray:
        """The values (m,) of some examples, records."""
        records = np.empty(len(examples), self.dtype)
        for name, array in self.arrays.items():
            records[name] = array.take(examples)
        return records

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return self.arrays[self.table].column(j, examples)


def recode_array(array: Array, lookups: Lookups) -> Array:
    """The array, or the table that is beside others in it, as ``Recoded``."""
    if isinstance(array, Beside):
        return Beside({**array.arrays, array.table: Recoded(array.arrays[array.table], lookups)}, array.table)
    return Recoded(array, lookups) if lookups else array


def array_named(array: Array, name: str) -> Array:
    """One of several arrays, or the only one."""
    return array.arrays[name] if isinstance(array, Beside) else array


@dataclass(frozen=True, eq=False)
class TokenWindows:
    """Windows (n, length) of one row of ``steps`` (t,), each ``stride`` steps behind the one before it.

    They are views: only those that are taken are copied. ``ahead``: so many steps behind each are its target's.
    """

    steps: np.ndarray
    length: int
    stride: int = 1
    ahead: int = 1
    resident = True
    in_any_order = True

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.length,)

    @property
    def dtype(self) -> "np.dtype":
        return self.steps.dtype

    @property
    def nbytes(self) -> int:
        return len(self) * self.length * self.dtype.itemsize

    def __len__(self) -> int:
        return max(0, (len(self.steps) - self.length - self.ahead) // self.stride + 1)

    @property
    def views(self) -> np.ndarray:
        """The windows (n, length), and nothing copied."""
        return self.views_from(0)

    @property
    def targets(self) -> np.ndarray:
        """The windows (n, length) that lie ``ahead``, and nothing copied."""
        return self.views_from(self.ahead)

    def views_from(self, start: int) -> np.ndarray:
        every = np.lib.stride_tricks.sliding_window_view(self.steps[start:], self.length)
        return every[:: self.stride][: len(self)]

    def take(self, examples: np.ndarray) -> np.ndarray:
        return np.asarray(self.views[examples])

    def column(self, j: int, examples: np.ndarray) -> np.ndarray:
        return np.asarray(self.steps[examples * self.stride + j])
