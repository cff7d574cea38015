"""What NumPy answers for a run, where training found that it gives the same outputs as Keras: without TensorFlow."""

from collections.abc import Callable, Mapping

import numpy as np

from rnacli.encoders.encoder import Encoder
from rnacli.engine.numpy_forward import numpy_forward, numpy_weights
from rnacli.runs.open import TrainedRun
from rnacli.tasks.task import Task

Forward = Callable[[np.ndarray], dict[str, np.ndarray]]
"""From raw inputs (n, *shape) to each output (n, units), float32: a row gets the same digits in any company."""


def no_answers(x: np.ndarray) -> dict[str, np.ndarray]:
    """Stands for the answers of a network that none are kept of."""
    raise TypeError("this run has no answer for each row")


def light_weights(opened: TrainedRun) -> dict[str, np.ndarray] | None:
    """The weights of a run that NumPy can use; ``None`` where Keras is needed. Raises ``RnaError``."""
    usable = opened.is_finished and opened.run.record.get("light") is True
    shapes = numpy_weights(opened.config, opened.preprocessing.encoder.inputs) if usable else None
    return None if shapes is None else opened.weights(shapes)


def light_answers(opened: TrainedRun) -> Forward | None:
    """NumPy's answers; ``None`` where Keras is needed. Raises ``RnaError``."""
    weights = light_weights(opened)
    if weights is None:
        return None
    (output,) = opened.config.outputs
    return lambda x: {output: numpy_forward(opened.config, weights, opened.preprocessing.encoder.encode(x))}


def compared_outputs(
    forward: Forward, tasks: Mapping[str, Task], encoder: Encoder, x: np.ndarray
) -> dict[str, np.ndarray]:
    """What each task reads of the answers to raw inputs (n, *shape)."""
    outputs = forward(x)
    return {output: task.compare(outputs[output], lambda: encoder.encode(x)) for output, task in tasks.items()}
