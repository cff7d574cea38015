"""A network that takes the data as they are: with layers of Keras that scale inputs, and values back to their units."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnacli.encoders.encoder import Encoder, Linear
from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.networks.build import compile_arguments
from rnacli.networks.step_activations import add_steps, steps_of
from rnacli.tasks.task import Task
from rnacli.words import ascii_name, distinct_names


def include_scales(network: Any, encoder: Encoder, config: Config, tasks: Mapping[str, Task]) -> Any:
    """A network behind layers that scale its inputs, and before some that give values in the data's units.

    It shares the layers of ``network``, which stays as it is and comes back itself where there is nothing to scale, or
    where no plain layer does it: categories, dates, fills and powers. It is compiled as ``network`` is, unless values
    are scaled, or the scaled input is given back: their loss is one of scaled values.
    """
    inputs, outputs = find_scales(encoder, tasks)
    if not inputs or not outputs:
        return network
    firsts = {name: scaling_layer(each, f"scale{name_of(name, inputs)}") for name, each in inputs.items()}
    lasts = {name: scaling_layer(each, f"units{name_of(name, outputs)}", back=True) for name, each in outputs.items()}
    if not any(firsts.values()) and not any(lasts.values()):
        return network
    if not isinstance(network, keras.Sequential):
        return include_in_graph(network, config, tasks, firsts, lasts)
    (first,), (last,) = firsts.values(), lasts.values()
    (given,) = network.inputs
    start = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    layers = [start, *([first] if first else []), *network.layers, *([last] if last else [])]
    model = keras.Sequential(layers, name=network.name)
    if steps := steps_of(config.heads):
        return add_steps(model, steps)
    if last is None and not gives_back(tasks):
        model.compile(**compile_arguments(config.phase_configs[-1], tasks) | {"optimizer": network.optimizer})
    return model


def gives_back(tasks: Mapping[str, Task]) -> bool:
    """Whether what the network gives is compared with its scaled input."""
    return any(task.compares_input for task in tasks.values())


def takes_raw_data(encoder: Encoder, tasks: Mapping[str, Task]) -> bool:
    """Whether plain layers can do all that is done with the data, so that a saved network takes them as they are."""
    inputs, outputs = find_scales(encoder, tasks)
    return bool(inputs and outputs)


def find_scales(encoder: Encoder, tasks: Mapping[str, Task]) -> tuple[dict[str, Linear], dict[str, Linear]]:
    """The scales of all inputs, and of all outputs, by name; nothing where layers cannot hold one of these."""
    inputs = {name: each for name, each in (encoder.linear or {}).items() if suits_float32(each)}
    units = {name: task.linear for name, task in tasks.items()}
    outputs = {name: each for name, each in units.items() if each is not None and suits_float32(each)}
    return (inputs if len(inputs) == len(encoder.inputs) else {}), (outputs if len(outputs) == len(tasks) else {})


def name_of(name: str, names: Mapping[str, Any]) -> str:
    """What tells layers of several inputs apart."""
    return f"_{ascii_name(name)}" if len(names) > 1 else ""


def include_in_graph(
    network: Any, config: Config, tasks: Mapping[str, Task], firsts: Mapping[str, Any], lasts: Mapping[str, Any]
) -> Any:
    """As ``include_scales``, of a network with branches: it is one layer of the new one.

    ``firsts``, ``lasts``: the layer of each input and of each output, ``None`` where that changes nothing.
    """
    if steps_of(config.heads):
        return network
    given = network.input if isinstance(network.input, dict) else dict.fromkeys(firsts, network.input)
    starts = {name: keras.Input(each.shape[1:], dtype=each.dtype, name=each.name) for name, each in given.items()}
    scaled = {name: first(starts[name]) if first else starts[name] for name, first in firsts.items()}
    # Not itself: it is compiled, and the optimizer of both would be saved in one place and looked for in the other.
    inner = keras.Model(network.input, network.output, name=distinct_names([*starts, "network"])[-1])
    whole = inner(pack(scaled))
    ends = whole if isinstance(whole, dict) else dict.fromkeys(lasts, whole)
    ends = {name: lasts[name](end) if lasts[name] else end for name, end in ends.items()}
    model = keras.Model(pack({name: starts[name] for name in firsts}), pack(ends), name=network.name)
    if not any(lasts.values()) and not gives_back(tasks):
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
