"""What a trained generator makes, in the data's own units."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import keras
from rnacli.examples.learnt import Preprocessing
from rnacli.examples.load import Data
from rnacli.pictures.grid import to_pixels
from rnacli.results.outputs import evaluation_batch_size
from rnacli.tasks.task import Task

SOME = 4096
"""Training examples whose range is looked at."""
TYPES = ("uint8", "float32")
"""The types of numbers that are made: whole ones of pixels, and all others."""


@dataclass(frozen=True)
class Maker:
    """Makes examples. ``encoder``: of the data. ``low`` and ``high``: the range of the data's numbers, for pictures.

    ``dtype``: ``uint8`` where the data are pixels. ``condition``: the classes that the network is told, if any.
    """

    network: Any
    encoder: Any
    dtype: str
    low: float
    high: float
    condition: Task | None = None

    def take_turns(self, count: int) -> np.ndarray | None:
        """The classes (count,) of examples where nothing is said, as indices: each in its turn; or there are none."""
        return None if self.condition is None else np.arange(count) % len(self.condition.labels)

    def make(self, count: int, seed: int, classes: np.ndarray | None = None) -> np.ndarray:
        """Examples (count, *shape), which follow from the seed and the indices (count,) of their classes alone."""
        noise = keras.random.normal((count, self.network.noise), seed=seed)
        size, labels = evaluation_batch_size(self.network), None
        if self.condition is not None:
            classes = self.take_turns(count) if classes is None else classes
            labels = keras.ops.one_hot(classes, len(self.condition.labels), dtype="float32")

        def make_some(i: int) -> np.ndarray:
            some = slice(i, i + size)
            told = None if labels is None else labels[some]
            return np.asarray(self.network.make(noise[some], told, training=False))

        made = np.concatenate([make_some(i) for i in range(0, count, size)])
        (spec,) = self.encoder.inputs.values()
        numbers = self.encoder.decode(made.reshape(count, *spec.shape))
        if self.dtype == "uint8":
            return np.asarray(np.rint(np.clip(numbers, 0, 255)), "uint8")
        return np.asarray(numbers, "float32")

    def make_grid(self, rows: int, columns: int, seed: int) -> np.ndarray:
        """As ``make``, as pixels from 0 to 255: a picture for each place of a grid, each row of one class."""
        turns = self.take_turns(rows)
        classes = None if turns is None else np.repeat(turns, columns)
        return self.as_pixels(self.make(rows * columns, seed, classes))

    def as_pixels(self, made: np.ndarray) -> np.ndarray:
        """Examples in the data's units as pixels."""
        return to_pixels(made, self.low, self.high)


def describe_numbers(data: Data) -> dict[str, Any]:
    """What kind of numbers the training examples are, as ``run.json`` has it: their type and range."""
    raw = data.rows.x.take(data.parts["train"][:SOME])
    if raw.dtype == np.uint8:
        return {"dtype": "uint8", "range": [0.0, 255.0]}
    return {"dtype": "float32", "range": [float(np.nanmin(raw)), float(np.nanmax(raw))]}


def make_maker(network: Any, learnt: Preprocessing, numbers: Any) -> Maker:
    """The maker of a network for what was ``learnt`` of data. ``numbers``: as ``describe_numbers`` gives them.

    Raises ``ValueError``, ``TypeError`` or ``KeyError`` where they are none.
    """
    low, high = (float(number) for number in numbers["range"])
    if numbers["dtype"] not in TYPES or not np.isfinite([low, high]).all():
        raise ValueError("it does not say which numbers the data have")
    return Maker(network, learnt.encoder, numbers["dtype"], low, high, learnt.condition)
