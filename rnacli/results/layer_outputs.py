"""What one layer of a trained network gives: the codes of an autoencoder, the features of a base."""

from collections.abc import Callable

import numpy as np

from rnacli.errors import CONFIG, RnaError
from rnacli.networks.restore import restore_network
from rnacli.results.numpy_answers import Forward
from rnacli.results.outputs import keras_answers
from rnacli.results.prediction_csv import Block
from rnacli.runs.open import TrainedRun
from rnacli.words import did_you_mean

MOST_COLUMNS = 16_384
"""Numbers for each row that are written, a column each: more than a spreadsheet takes."""


def layer_forward(opened: TrainedRun, layer: str) -> tuple[tuple[int, ...], Forward]:
    """The shape of what a layer gives for a row, and what it gives for raw inputs. Raises ``RnaError``."""
    names = dict(zip(opened.config.layer_names, opened.config.keras_names, strict=True))
    if layer not in names:
        hint = did_you_mean(layer, names, "layers: {names:and}")
        message = "the network has no layer called '{layer:.100}'"
        raise RnaError(message, place="--layer", hint=hint, exit_code=CONFIG, layer=layer)
    network = restore_network(opened)
    forward = keras_answers(opened.config, network, opened.preprocessing.encoder, layer)
    return tuple(network.get_layer(names[layer]).output.shape[1:]), forward


def layer_answers(opened: TrainedRun, layer: str) -> tuple[list[str], Callable[[np.ndarray], list[Block]]]:
    """The columns of a layer's outputs, and the outputs (m, columns) for raw inputs. Raises ``RnaError``."""
    shape, forward = layer_forward(opened, layer)
    count = int(np.prod(shape))
    if count > MOST_COLUMNS:
        message = "{layer:.100} gives {count:,} numbers for each row, {shape}: more than {most:,} columns"
        hint = "-o layer.npz, or name a layer behind it, such as a pooling or a dense one"
        values = {"layer": layer, "count": count, "shape": shape, "most": MOST_COLUMNS}
        raise RnaError(message, place="--layer", hint=hint, exit_code=CONFIG, **values)
    columns = [f"{layer}_{i}" for i in range(count)] if count > 1 else [layer]
    return columns, lambda x: [Block([], forward(x)[layer].reshape(len(x), count))]
