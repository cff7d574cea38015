"""What every kind of data is read into, before anything is split or scaled."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rnacli.dataset.mapped import taken


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


@dataclass
class Rows:
    """Examples as they were read.

    ``x``: inputs (n, ...), numbers; of a table, as in ``Table.values``. ``y``: targets (n,) or (n, targets), numbers or
    text; missing ones are NaN or ``None``.
    ``fixed``: row indices of the parts that the source itself decides (a test set of its own).
    ``classes``: names of the integer labels 0, 1, ..., where the source knows them.
    ``words``: column -> its different words, for the columns of ``x`` that hold indices. ``kinds``: column -> what it
    holds, and why it is taken so.
    ``groups`` (n,) and ``order`` (n,): what rows are kept together, or ordered, by. ``weights`` (n,) float64.
    ``usable`` (n,): false for rows that no part may have; ``None``: all may.
    """

    x: np.ndarray
    y: np.ndarray
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ("target",)
    classes: tuple[str, ...] | None = None
    fixed: dict[str, np.ndarray] = field(default_factory=dict)
    ids: np.ndarray | None = None
    files: dict[str, str] = field(default_factory=dict)
    """Path as shown -> SHA-256 of what was read; for data made in memory, of the arrays."""
    words: dict[str, Sequence[str]] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    groups: np.ndarray | None = None
    order: np.ndarray | None = None
    weights: np.ndarray | None = None
    usable: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.y.ndim == 2 and len(self.targets) == 1 < self.y.shape[1]:
            self.targets = tuple(f"{self.targets[0]}_{i + 1}" for i in range(self.y.shape[1]))

    @property
    def target(self) -> str:
        return ", ".join(self.targets)

    @property
    def is_table(self) -> bool:
        """Whether ``x`` holds the columns of a table, of different kinds."""
        return bool(self.kinds)

    def column(self, j: int, rows: np.ndarray) -> np.ndarray:
        """Some rows (m,) of one column of a table, float64."""
        values = taken(self.x[:, j], rows) if isinstance(self.x, np.memmap) else self.x[rows, j]
        return np.asarray(values, "float64")


def look_up(column: np.ndarray, numbers: np.ndarray) -> None:
    """Put, in place, in a column (n,) of indices the ``numbers`` that stand there; NaN stays."""
    has = ~np.isnan(column)
    column[has] = numbers[column[has].astype("int64")]
