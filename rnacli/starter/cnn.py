"""Layers for pictures, in the file's own words: a small network that a processor trains in minutes."""

from typing import Any

FILTERS = (16, 32, 64, 64)
"""Filters of the convolutions, one after the other."""
SMALLEST = 4
"""Pixels of the shorter side that are left at the end."""


def convolutions(size: tuple[int, int], source: str = "", name: str = "") -> list[Any]:
    """Convolutions that halve pictures of this ``size`` until little is left of them, and the flattened rest.

    ``source``: the input that they take, and ``name`` what the rest is called, where there are other inputs.
    """
    layers: list[Any] = []
    height, width = size
    for filters in FILTERS:
        if min(height, width) < 2 * SMALLEST:
            break
        taken = {} if layers or not source else {"from": source}
        convolution = {"filters": filters, "kernel_size": 3, "padding": "same", "activation": "relu", **taken}
        layers += [{"conv2d": convolution}, "max_pooling2d"]
        height, width = height // 2, width // 2
    flatten = {"name": name} if name else {}
    if not layers and source:
        flatten["from"] = source
    return [*layers, {"flatten": flatten} if flatten else "flatten"]
