"""What a network answers, and what Keras measures."""

import contextlib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from rnacli.encoders.encoder import Encoder
from rnacli.engine.feed import feed_part, ordered_batches, pack
from rnacli.engine.tensorflow import keras, quiet, tf
from rnacli.errors import RnaError
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.measures import VALIDATION
from rnacli.networks.build import build_in_float64
from rnacli.networks.restore import restore_network
from rnacli.networks.step_activations import has_step
from rnacli.results.numpy_answers import Forward, compared_outputs, light_answers, no_answers
from rnacli.runs.open import TrainedRun
from rnacli.tasks.task import Task

CROSSENTROPY = "sparse_categorical_crossentropy"
LARGEST_LAYER, FEWEST = 1 << 24, 32
"""Of a step of evaluation: numbers that one layer may give, 64 MiB, and the fewest rows."""
LARGEST_EXACT, FEWEST_EXACT = 1 << 22, 8
"""As these, of a prediction in float64: 32 MiB, and as many rows as one register of any processor holds numbers."""
MOST = 4096
"""The most rows in a step of either."""


def evaluation_batch_size(model: Any) -> int:
    """Rows in a step of evaluation: figures depend on it in their last digits, so it follows from the network alone."""
    return rows_at_once(model, LARGEST_LAYER, FEWEST)


def rows_at_once(model: Any, largest: int, fewest: int) -> int:
    """The most rows with which no layer gives more than ``largest`` numbers, but ``fewest``; a power of 2."""
    outputs = [layer.output for layer in single_layers(model)]
    widest = max(math.prod(n or 1 for n in tensor.shape[1:]) for tensor in (*model.inputs, *outputs))
    return max(fewest, min(MOST, 1 << int(math.log2(max(1, largest // widest)))))


def single_layers(model: Any) -> Iterator[Any]:
    """The layers of a network, and those of networks in it in the place of these."""
    for layer in model.layers:
        yield from single_layers(layer) if isinstance(layer, keras.Model) else (layer,)


def measure_part(model: Any, data: Data, part: str) -> dict[str, float]:
    """Loss and metrics of a compiled model on a part: the same figures, whatever it has measured before.

    TensorFlow makes a program for the first length that it meets, and another one for all others.
    """
    batches, steps = ordered_batches(feed_part(data, part), evaluation_batch_size(model), known=False)
    results = model.evaluate(batches, steps=steps, verbose=0, return_dict=True)
    measures = {
        name: float(value)
        for name, value in sorted(flatten_metrics(results).items(), key=lambda item: item[0] != "loss")
    }
    return with_derived(model, data.tasks, measures)


def with_derived(model: Any, tasks: Mapping[str, Task], measures: Mapping[str, float]) -> dict[str, float]:
    """Measures, and what a task derives from their crossentropy: the loss, where that is no more than it."""
    derived = dict(measures)
    for task in tasks.values() if len(tasks) == 1 else ():
        for part in ("", VALIDATION):
            names = [
                f"{part}{CROSSENTROPY}",
                *([] if model.losses else [f"{part}loss"]),
            ]  # of which penalties are a part
            entropy = next((measures[name] for name in names if name in measures), None)
            if entropy is not None:
                derived |= {f"{part}{name}": value for name, value in task.derive(entropy).items()}
    return derived


def flatten_metrics(results: dict[str, Any]) -> dict[str, Any]:
    """Metrics that give one value a class or a target, a column each; of only one, it has the metric's name."""
    flattened = {}
    for name, value in results.items():
        values = np.asarray(value)
        if values.size == 1:
            flattened[name] = values.reshape(())
        else:
            flattened |= {f"{name}_{i}": item for i, item in enumerate(values.ravel())}
    return flattened


def keras_answers(config: Config, network: Any, encoder: Encoder, layer: str = "") -> Forward:
    """The network's answers, some rows at a time; of one ``layer``, by its name in the file, what it gives.

    It computes in float64. How the sums of a row are rounded depends on the rows beside it, the threads and the
    processor; that is far behind the digits of float32, which are what is given. Functions of single numbers are less
    exact in the last numbers of a tensor, which fill no register of the processor: zeros are put there. A layer that
    has no float64, and a GPU, which is slow at it, compute as in training; so does what ends in a step, which would
    make other labels of other last digits.
    """

    def compiled(model: Any) -> Any:
        if layer:
            plain = dict(zip(config.layer_names, config.keras_names, strict=True))[layer]
            model = keras.Model(
                model.inputs[0] if len(model.inputs) == 1 else model.input, model.get_layer(plain).output
            )
        specs = {name: tf.TensorSpec((None, *each.shape), each.dtype) for name, each in encoder.inputs.items()}
        return tf.function(lambda x: model(x, training=False), input_signature=[pack(specs)], autograph=False)

    def filled(arrays: Mapping[str, np.ndarray], rows: int) -> Any:
        return pack({name: np.pad(a, [(0, rows - len(a)), *[(0, 0)] * (a.ndim - 1)]) for name, a in arrays.items()})

    forward, size, fewest = compiled(network), evaluation_batch_size(network), FEWEST
    if not tf.config.get_visible_devices("GPU") and not has_step(config):
        with contextlib.suppress(tf.errors.OpError, TypeError, ValueError):
            exact = compiled(build_in_float64(config, encoder.inputs, network))
            empty = {name: np.zeros((0, *each.shape), each.dtype) for name, each in encoder.inputs.items()}
            with quiet():
                exact(filled(empty, FEWEST_EXACT))
            forward, size, fewest = exact, rows_at_once(network, LARGEST_EXACT, FEWEST_EXACT), FEWEST_EXACT
    names = [layer] if layer else list(config.outputs)

    def predict(x: np.ndarray) -> dict[str, np.ndarray]:
        outputs: dict[str, list[np.ndarray]] = {name: [] for name in names}
        for start in range(0, len(x), size):
            step = x[start : start + size]
            rows = -(-len(step) // fewest) * fewest
            with known_indices():
                answered = forward(filled(encoder.encode(step), rows))
            for name, values in (answered if len(names) > 1 else {names[0]: answered}).items():
                outputs[name].append(np.asarray(values, "float32")[: len(step)])
        return {name: np.concatenate(each) for name, each in outputs.items()}

    return predict


@contextlib.contextmanager
def known_indices() -> Iterator[None]:
    """Say which number of new rows a layer cannot look up. Raises ``RnaError``."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        match = re.search(r"= (-?[0-9]+) is not in \[0, ([0-9]+)\)", str(error))
        if not match:
            raise
        message = "a row holds {value}, and the network knows the whole numbers 0 to {most}"
        hint = "correct or leave out the rows that hold it"
        raise RnaError(message, hint=hint, value=match[1], most=int(match[2]) - 1) from None


def run_answers(opened: TrainedRun, network: Any = None) -> Forward:
    """A run's answers: NumPy's where training found them to be the same, or those of Keras' ``network``."""
    if not any(task.answers for task in opened.preprocessing.tasks.values()):
        return no_answers
    return light_answers(opened) or keras_answers(
        opened.config, network or restore_network(opened), opened.preprocessing.encoder
    )


def part_outputs(forward: Forward, data: Data, part: str) -> dict[str, np.ndarray]:
    """Each output (n, units) of the network for a part, of whose inputs only some are in memory at a time.

    Of an output that is compared with the input, what its task makes of it.
    """
    rows, some = data.parts[part], max(FEWEST, LARGEST_LAYER // math.prod(data.preprocessing.shape))
    encoder = data.preprocessing.encoder
    pieces = [
        compared_outputs(forward, data.tasks, encoder, data.rows.x.take(rows[start : start + some]))
        for start in range(0, len(rows), some)
    ]
    return {output: np.concatenate([piece[output] for piece in pieces]) for output in data.tasks}


def threshold_decisions(forward: Forward, data: Data, part: str, output: str) -> tuple[np.ndarray, np.ndarray]:
    """What a threshold decides of an output in a part: 0 or 1 (m,), and the probability of 1 (m,).

    There is one for each row of two classes, and one for each label of each row.
    """
    outputs = part_outputs(forward, data, part)[output]
    return data.tasks[output].decisions(data.targets(part, output), outputs)
