"""Scales of columns, by scikit-learn's scalers."""

import numpy as np

from rnacli import second_process


def fit(table: np.ndarray, scale: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor (columns,) of a table (n, columns), for the scales ``standard`` and ``minmax``."""
    if scale == "standard":
        offset, divisor = second_process.call(standard, table)
        return offset, divisor
    offset = table.min(axis=0).astype("float64")
    span = table.max(axis=0) - offset
    return offset, np.where(span == 0, 1.0, span)


def standard(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (columns,) of a table (n, columns); a constant column has a deviation of 1."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(table)
    return scaler.mean_, scaler.scale_
