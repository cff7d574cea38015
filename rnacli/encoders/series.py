"""Windows of a table's rows: what the rows teach is that of the table, and each is encoded as it would be alone."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.table import Columns, load_table


class WindowedColumns(Columns):
    """The learnt columns of a ``table``, whose examples are so many rows each."""

    kind: ClassVar[str] = "series"

    def __init__(self, table: Columns, window: int):
        super().__init__(table.learnt, table.marks, table.groups)
        self.table, self.window = table, window
        self.raw_shape = (window, len(self.learnt))

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {name: spec._replace(shape=(self.window, *spec.shape)) for name, spec in super().inputs.items()}

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        """Raw windows (m, window, columns) as (m, window, ...) for each input."""
        flat = super().encode(raw.reshape(-1, raw.shape[-1]))
        return {name: values.reshape(*raw.shape[:2], *values.shape[1:]) for name, values in flat.items()}

    def dump(self) -> dict[str, Any]:
        return {**self.table.dump(), "window": self.window}


def load_series(plain: Mapping[str, Any]) -> WindowedColumns:
    """Windows of columns from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    window = plain["window"]
    if type(window) is not int or not 1 <= window <= 1 << 20:
        raise ValueError("its window is no number of rows")
    return WindowedColumns(load_table(plain), window)
