"""Some rows of a table, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

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
