"""What frozen layers at the front of a network give, computed once: in every epoch it would be the same."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.feed import ResidentRows, Rows, ordered_batches, pack
from rnacli.engine.prepare import Preparation
from rnacli.engine.stream import Stream
from rnacli.engine.tensorflow import keras, tf

MOST_BYTES = 1 << 30
"""Bytes that the features of all rows may take; a number of its own, so that no machine decides it."""


@dataclass(frozen=True)
class Front:
    """The frozen layers of a network, up to the one called ``name``, and the ``rest``; both are Keras models."""

    name: str
    layers: Any
    rest: Any

    def features_of(self, rows: Rows, size: int) -> ResidentRows:
        """Rows with what the front gives for them in the place of their inputs, computed ``size`` at a time."""
        forward = tf.function(lambda inputs: self.layers(inputs, training=False), autograph=False)
        batches, steps = ordered_batches(rows, size)
        features = np.concatenate([forward(batch[0]).numpy() for batch in batches.take(steps)])
        weights = None if rows.weights is None else tf.constant(rows.weights, tf.float32)
        targets = pack(rows.targets) if isinstance(rows, Stream) else rows.targets
        return ResidentRows(tf.constant(features), tf.nest.map_structure(tf.constant, targets), Preparation(), weights)


class OnFeatures:
    """A network that takes features: Keras' own steps, with the rest of its layers in the place of all."""

    def __init__(self, network: Any, rest: Any):
        self.network, self.rest = network, rest

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        return self.rest(inputs, training=training)


def find_front(network: Any, rows: int) -> Front | None:
    """The longest frozen front of a network, if its outputs for ``rows`` rows are not too large.

    Only one with a whole network in it: less arithmetic is not worth other last digits.
    """
    still: list[Any] = []
    for layer in network.layers:
        if not gives_the_same(layer):
            break
        still.append(layer)
    while still and not isinstance(still[-1], keras.Model):
        still.pop()
    if not still or len(still) == len(network.layers) or network.augmentation or len(network.inputs) > 1:
        return None
    try:
        layers, rest = cut_network(network, still)
    except ValueError:  # something goes past that layer
        return None
    (output,) = layers.outputs
    size = rows * math.prod(output.shape[1:]) * tf.as_dtype(output.dtype).size
    if size > MOST_BYTES or getattr(output, "_keras_mask", None) is not None:
        return None
    return Front(still[-1].name, layers, rest)


def cut_network(network: Any, front: list[Any]) -> tuple[Any, Any]:
    """The models of the layers at the front, and of the others. Raises ``ValueError`` where they hang together more."""
    (start,) = network.inputs
    if isinstance(network, keras.Sequential):
        layers = keras.Sequential([keras.Input(start.shape[1:], dtype=start.dtype), *front])
        (end,) = layers.outputs
        between = keras.Input(end.shape[1:], dtype=end.dtype)
        return layers, keras.Sequential([between, *network.layers[len(front) :]])
    calls = {id(node) for depth in network._nodes_by_depth.values() for node in depth}
    # A network within has outputs of its own; this is what it gives where it is called.
    (end,) = next(node for node in front[-1]._inbound_nodes if id(node) in calls).output_tensors
    return keras.Model(start, end), keras.Model(end, network.output)


def gives_the_same(layer: Any) -> bool:
    """Whether a layer gives the same for the same inputs in every epoch: nothing is trained, random or counted."""
    is_random = any("seed_generator_state" in variable.path for variable in layer.variables)
    return not is_random and not any(
        each.trainable_weights
        or (each.trainable and isinstance(each, keras.layers.BatchNormalization | keras.layers.SpectralNormalization))
        or getattr(each, "activity_regularizer", None) is not None
        for each in layers_within(layer)
    )


def layers_within(layer: Any) -> Iterator[Any]:
    """A layer, and all within it, outer ones first."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from layers_within(inner)
