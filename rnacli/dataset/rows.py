"""What every kind of data is read into, before anything is split or scaled."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Rows:
    """Examples as they were read.

    ``x``: inputs (n, ...), numbers. ``y``: targets (n,) or (n, targets), numbers or text.
    ``fixed``: row indices of the parts that the source itself decides (a test set of its own).
    ``classes``: names of the integer labels 0, 1, ..., where the source knows them.
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

    def __post_init__(self) -> None:
        if self.y.ndim == 2 and len(self.targets) == 1 < self.y.shape[1]:
            self.targets = tuple(f"{self.targets[0]}_{i + 1}" for i in range(self.y.shape[1]))

    @property
    def target(self) -> str:
        return ", ".join(self.targets)
