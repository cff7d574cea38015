"""Several networks as one: the mean of their outputs."""

from collections.abc import Mapping, Sequence
from typing import Any

from rnacli.encoders.encoder import Encoder
from rnacli.engine.tensorflow import keras
from rnacli.networks.scales import scaling_layer, suits_float32
from rnacli.tasks.task import Task


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


def with_scales(model: Any, encoder: Encoder, tasks: Mapping[str, Task]) -> Any:
    """The model behind a layer that scales its only input, and before one that gives values in the data's units.

    It comes back itself where plain layers cannot do that, as ``include_scales`` says, or nothing is scaled.
    """
    inputs, outputs = encoder.linear, next(iter(tasks.values())).linear
    if len(tasks) != 1 or len(model.inputs) != 1 or inputs is None or outputs is None:
        return model
    if not (suits_float32(inputs) and suits_float32(outputs)):
        return model
    first, last = scaling_layer(inputs, "scale"), scaling_layer(outputs, "units", back=True)
    if first is None and last is None:
        return model
    given = model.inputs[0]
    start = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    middle = model(first(start) if first else start)
    return keras.Model(start, last(middle) if last else middle, name=f"{model.name}_of_data")
