"""Several networks as one: the mean of their outputs."""

from collections.abc import Sequence
from typing import Any

from rnacli.engine.tensorflow import keras


def join_networks(members: Sequence[Any], name: str) -> Any:
    """A Keras model, not compiled, that gives the mean of what its ``members`` give, which have names of their own."""
    first = members[0]
    inputs = first.inputs[0] if len(first.inputs) == 1 else first.input
    start = keras.tree.map_structure(lambda each: keras.Input(each.shape[1:], dtype=each.dtype, name=each.name), inputs)
    outputs = [member(start) for member in members]
    if isinstance(outputs[0], dict):
        mean = {key: average([each[key] for each in outputs], f"mean_of_{key}") for key in outputs[0]}
        return keras.Model(start, mean, name=name)
    return keras.Model(start, average(outputs, "mean_of_outputs"), name=name)


def average(tensors: Sequence[Any], name: str) -> Any:
    return keras.layers.Average(name=name)(tensors) if len(tensors) > 1 else tensors[0]
