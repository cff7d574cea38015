"""Some rows of a table, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass
class Table:
    """Some rows of a table's input columns.

    ``values`` (n, columns) float64: numbers, dates in seconds since 1970, booleans as 0 and 1; categories as indices
    into the column's ``words``, column name -> its different words; NaN where a value is missing.
    ``texts``: column name -> (n,) str or ``None``, for columns that are no inputs. ``start`` is the first row's index.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    words: dict[str, Sequence[str]]
    texts: dict[str, np.ndarray]
    start: int = 0

    def __len__(self) -> int:
        return len(self.values)


def replace_indices(column: np.ndarray, numbers: np.ndarray) -> None:
    """Put, in place, in a column (n,) of indices the ``numbers`` that stand there; NaN stays."""
    has = ~np.isnan(column)
    column[has] = numbers[column[has].astype("int64")]


class Rows(Protocol):
    """What indices stand for where that is a row of ``width`` numbers each."""

    @property
    def width(self) -> int: ...
    def take(self, indices: np.ndarray) -> np.ndarray:
        """The rows (m, width) of some indices (m,) float64; NaN is a missing one."""


Lookups = Mapping[int, np.ndarray | Rows]
"""Column -> what its indices stand for: a number (words,) each, or a row of numbers."""


def look_up(values: np.ndarray, lookups: Lookups) -> np.ndarray:
    """``values`` (n, columns), changed in place: numbers where indices were, and behind all columns the rows."""
    behind = []
    for j, lookup in lookups.items():
        if isinstance(lookup, np.ndarray):
            replace_indices(values[..., j], lookup)
        else:
            behind.append(lookup.take(values[:, j]))
    return np.hstack([values, *behind]) if behind else values
