"""What every kind of data is read into, before anything is split or scaled."""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnacli.data.arrays import Array, as_array
from rnacli.data.section import INPUT
from rnacli.data.series import Series
from rnacli.data.views import recode_array
from rnacli.encoders.column import Content
from rnacli.errors import Problem
from rnacli.tables.numbers import Marks
from rnacli.tables.table import Lookups
from rnacli.words import fill_template


@dataclass
class Examples:
    """Examples as they were read.

    ``x``: inputs (n, ...), numbers; of a table, as in ``Table.values``. ``y``: targets (n,) or (n, targets), numbers or
    text; missing ones are NaN or ``None``. Several arrays of inputs, or outputs, are records, a field for each.
    ``fixed``: row indices of the parts that the source itself decides (a test set of its own).
    ``classes``: names of the integer labels 0, 1, ..., where the source knows them.
    ``words``: column -> its different words, for the columns of ``x`` that hold indices. ``kinds``: column -> what it
    holds.
    ``groups`` (n,) and ``order`` (n,): what rows are kept together, or ordered, by. ``weights`` (n,) float64.
    ``usable`` (n,): false for rows that no part may have; ``None``: all may. ``marks``: those in a table's numbers.
    ``line_of``: the place of a row, where rows have lines. ``are_numbered``: several targets have no names of their
    own. ``rejected``: what was left out of the source, and why. ``series``: what lies before each row, where that is
    its input. ``task``: the kind of task, where it does not follow from the targets: that of the input itself as the
    target has in ``y`` the classes (n,) of rows, or nothing (n, 0). ``tokens``: how many different numbers of words the
    source has, where inputs are those. ``steps_ahead``: targets are the windows of ``x`` so many steps later;
    0: they are no windows.
    """

    x: Array
    y: np.ndarray
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ("target",)
    classes: tuple[str, ...] | None = None
    fixed: dict[str, np.ndarray] = field(default_factory=dict)
    ids: np.ndarray | None = None
    files: dict[str, str] = field(default_factory=dict)
    """Path as shown -> SHA-256 of what was read; for data made in memory, of the arrays."""
    words: dict[str, Sequence[str]] = field(default_factory=dict)
    kinds: dict[str, Content] = field(default_factory=dict)
    groups: np.ndarray | None = None
    order: np.ndarray | None = None
    weights: np.ndarray | None = None
    usable: np.ndarray | None = None
    marks: Marks = field(default_factory=Marks)
    line_of: Callable[[int], str] | None = None
    are_numbered: bool = False
    rejected: Sequence[Problem] = ()
    series: Series | None = None
    task: str = ""
    tokens: int = 0
    steps_ahead: int = 0

    def __post_init__(self) -> None:
        self.x = as_array(self.x)
        if self.y.ndim == 2 and len(self.targets) == 1 < self.y.shape[1] and not self.steps_ahead:
            self.are_numbered = True
            self.targets = tuple(f"{self.targets[0]}_{i + 1}" for i in range(self.y.shape[1]))

    @property
    def target(self) -> str:
        return ", ".join(self.targets)

    @property
    def is_table(self) -> bool:
        """Whether ``x`` holds the columns of a table, of different kinds."""
        return bool(self.kinds)

    def targets_of(self, output: str) -> np.ndarray:
        """The targets (n,) or (n, targets) of an output of the network."""
        return np.asarray(self.y[output]) if self.y.dtype.names else self.y

    def for_target(self, target: str | None) -> "Examples":
        """The same examples, or those whose target is the ``input``: of their own targets, only classes stay."""
        if target != INPUT:
            return self
        has_classes = self.y.ndim == 1 and self.y.dtype.names is None and self.y.dtype.kind != "f"
        y = self.y if has_classes else np.empty((len(self.y), 0))
        return dataclasses.replace(self, y=y, targets=(INPUT,), are_numbered=False, task="reconstruction")

    def take_targets(self, output: str, rows: np.ndarray) -> np.ndarray:
        """The targets (m, ...) of some rows for an output; a view where these are neighbours in their order."""
        y = self.targets_of(output)
        if self.steps_ahead and len(rows) and (np.diff(rows) == 1).all():
            return np.asarray(y[rows[0] : rows[-1] + 1])
        return np.asarray(y[rows])

    def place_of(self, row: int) -> str:
        """Where a row (from 0) stands, for messages."""
        return (
            self.line_of(row)
            if self.line_of
            else fill_template("{file:.300}: row {row}", file=next(iter(self.files), ""), row=row + 1)
        )

    def column(self, j: int, rows: np.ndarray) -> np.ndarray:
        """Some rows (m,) of one column of a table, float64."""
        return np.asarray(self.x.column(j, rows), "float64")

    def name_label(self, label: Any) -> str:
        """What the class of a label is called."""
        return str(label if self.classes is None else self.classes[int(label)])

    def recoded(self, lookups: Lookups) -> "Examples":
        """The same examples, what the indices in some columns stand for in their place."""
        return dataclasses.replace(self, x=recode_array(self.x, lookups), words={})


def digest_arrays(*arrays: np.ndarray) -> str:
    """One SHA-256 over the arrays' types, shapes and contents."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
