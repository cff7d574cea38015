"""A network that takes the data as they are: with layers of Keras that scale inputs, and values back to their units."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnacli.encoders.encoder import Encoder, Linear
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.networks.build import compile_arguments
from rnacli.networks.steps import add_steps, steps_of
from rnacli.tasks.task import Task


def include_scales(network: Any, encoder: Encoder, config: Config, tasks: Mapping[str, Task]) -> Any:
    """A chain behind a layer that scales its input, and before one that gives values in the data's units.

    It shares the layers of ``network``, which stays as it is and comes back itself where there is nothing to scale, or
    where no plain layer does it: categories, dates, fills, powers, and what is no chain. It is compiled as ``network``
    is, unless values are scaled: their loss is one of scaled values.
    """
    if not isinstance(network, keras.Sequential) or len(tasks) != 1:
        return network
    (task,) = tasks.values()
    inputs, outputs = encoder.linear, task.linear
    if inputs is None or outputs is None or not (suits_float32(inputs) and suits_float32(outputs)):
        return network
    first, last = scaling_layer(inputs, "scale"), scaling_layer(outputs, "units", back=True)
    if first is None and last is None:
        return network
    (given,) = network.inputs
    start = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    layers = [start, *([first] if first else []), *network.layers, *([last] if last else [])]
    model = keras.Sequential(layers, name=network.name)
    if steps := steps_of(config.heads):
        return add_steps(model, steps)
    if last is None:
        model.compile(**compile_arguments(config.phase_configs[-1], tasks) | {"optimizer": network.optimizer})
    return model


def suits_float32(linear: Linear) -> bool:
    """Whether Keras' layer, which keeps the square of a divisor and takes none below its epsilon, can hold a scale."""
    offset, divisor = (np.asarray(each, "float64") for each in linear)
    return bool((np.abs(offset) < LARGEST).all() and (divisor > SMALLEST).all() and (divisor < LARGEST).all())


SMALLEST, LARGEST = 1e-6, 1e18


def scaling_layer(linear: Linear, name: str, back: bool = False) -> Any:
    """Keras' layer for ``(x - offset) / divisor``, or for the way ``back``; ``None`` where that changes nothing."""
    offset, divisor = (np.asarray(each, "float64") for each in linear)
    if not offset.any() and (divisor == 1).all():
        return None
    # It subtracts before it divides, as the encoder does: years would lose digits the other way round.
    axis = None if offset.size == divisor.size == 1 else -1
    mean, variance = np.broadcast_arrays(offset, divisor**2)
    if axis is None:
        mean, variance = mean.reshape(()), variance.reshape(())
    return keras.layers.Normalization(
        axis, mean=mean.tolist(), variance=variance.tolist(), invert=back, dtype="float32", name=f"{name}_of_data"
    )
