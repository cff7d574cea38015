"""Scales of columns, by scikit-learn's scalers."""

import numpy as np


def standard(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (columns,) of a table (n, columns); a constant column has a deviation of 1."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(table)
    return scaler.mean_, scaler.scale_
