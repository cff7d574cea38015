"""Layers that learn from data before training, by Keras' ``adapt``: from the training rows, and as arguments.

What they learn becomes what a file could have given them - ``mean`` and ``variance``, ``bin_boundaries``,
``vocabulary`` - so that it stands in the run's ``config.yaml``, and a resumed or evaluated run has it from there.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnacli.engine.feed import feed_part, ordered_batches, pack
from rnacli.engine.tensorflow import keras
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.build import Load, build_graph, load_applications
from rnacli.networks.instantiate import instantiate, refused_by_keras
from rnacli.networks.learners import adapts
from rnacli.schema.keras_object import KerasSpec

ROWS = 4096
"""Rows that are looked at at once."""


def adapt_layers(config: Config, data: Data, load: Load | None = None) -> Config:
    """The config with what the training rows teach its layers before training, in their order.

    ``load``: as for ``build_network``. Raises ``RnaError``.
    """
    for i, spec in enumerate(config.layers):
        if adapts(spec):
            batches = outputs_before(config, i, data, load)
            learnt = adapt_layer(spec, batches)
            config = dataclasses.replace(config, layers=(*config.layers[:i], learnt, *config.layers[i + 1 :]))
    return config


def outputs_before(config: Config, i: int, data: Data, load: Load | None = None) -> Iterator[np.ndarray]:
    """What the layers before layer ``i`` make of the training rows (m, ...), some rows at a time."""
    graph = build_graph(config, data.preprocessing.encoder.inputs, i + 1)
    load_applications(graph.nodes, load)
    network = keras.Model(pack(graph.tensors), graph.nodes[i].inputs[0])
    batches, steps = ordered_batches(feed_part(data, "train"), ROWS)
    for rows in batches.take(steps):
        yield np.asarray(network(rows[0], training=False))


def adapt_layer(spec: KerasSpec, batches: Iterator[np.ndarray]) -> KerasSpec:
    """The layer with what it learns from batches of its inputs. Raises ``RnaError`` for what Keras refuses."""
    layer = instantiate(spec)
    learnt: dict[str, Any]
    try:
        if spec.name == "normalization":
            layer.adapt(batches)
            learnt = {"mean": layer.adapt_mean, "variance": layer.adapt_variance}
        elif spec.name == "discretization":
            layer.adapt(batches)
            learnt = {"bin_boundaries": layer.bin_boundaries}
        else:
            layer.adapt(np.concatenate([*batches]).astype("int64"))
            learnt = {"vocabulary": layer.get_vocabulary(include_special_tokens=False)}
            if spec.arguments["output_mode"] == "tf_idf":
                learnt["idf_weights"] = np.asarray(layer.idf_weights)[-len(learnt["vocabulary"]) :]
    except (ValueError, TypeError) as error:
        raise refused_by_keras(spec, error) from None
    plain = {name: np.asarray(value).tolist() for name, value in learnt.items()}
    given = (spec.given | plain.keys()) - {"num_bins"}  # which is how many boundaries were to be learnt
    arguments = {**spec.arguments, **plain} | ({"num_bins": None} if spec.name == "discretization" else {})
    return dataclasses.replace(spec, arguments=arguments, given=given)
