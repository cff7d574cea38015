"""What a trained generator makes, in the data's own units."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.encoders.encoder import Encoder
from rnacli.engine.tensorflow import keras
from rnacli.examples.load import Data
from rnacli.pictures.grid import to_pixels
from rnacli.results.outputs import evaluation_batch_size

SOME = 4096
"""Training examples whose range is looked at."""
TYPES = ("uint8", "float32")
"""The types of numbers that are made: whole ones of pixels, and all others."""


@dataclass(frozen=True)
class Maker:
    """Makes examples. ``encoder``: of the data. ``low`` and ``high``: the range of the data's numbers, for pictures.

    ``dtype``: ``uint8`` where the data are pixels.
    """

    network: Any
    encoder: Any
    dtype: str
    low: float
    high: float

    def make(self, count: int, seed: int) -> np.ndarray:
        """Examples (count, *shape), which follow from the seed alone."""
        noise = keras.random.normal((count, self.network.noise), seed=seed)
        size, generator = evaluation_batch_size(self.network), self.network.generator
        made = np.concatenate(
            [np.asarray(generator(noise[i : i + size], training=False)) for i in range(0, count, size)]
        )
        (spec,) = self.encoder.inputs.values()
        numbers = self.encoder.decode(made.reshape(count, *spec.shape))
        if self.dtype == "uint8":
            return np.asarray(np.rint(np.clip(numbers, 0, 255)), "uint8")
        return np.asarray(numbers, "float32")

    def make_pixels(self, count: int, seed: int) -> np.ndarray:
        """As ``make``, as pixels from 0 to 255."""
        return self.as_pixels(self.make(count, seed))

    def as_pixels(self, made: np.ndarray) -> np.ndarray:
        """Examples in the data's units as pixels."""
        return to_pixels(made, self.low, self.high)


def describe_numbers(data: Data) -> dict[str, Any]:
    """What kind of numbers the training examples are, as ``run.json`` has it: their type and range."""
    raw = data.rows.x.take(data.parts["train"][:SOME])
    if raw.dtype == np.uint8:
        return {"dtype": "uint8", "range": [0.0, 255.0]}
    return {"dtype": "float32", "range": [float(np.nanmin(raw)), float(np.nanmax(raw))]}


def make_maker(network: Any, encoder: Encoder, numbers: Any) -> Maker:
    """The maker of a network. ``numbers``: as ``describe_numbers`` gives them.

    Raises ``ValueError``, ``TypeError`` or ``KeyError`` where they are none.
    """
    low, high = (float(number) for number in numbers["range"])
    if numbers["dtype"] not in TYPES or not np.isfinite([low, high]).all():
        raise ValueError("it does not say which numbers the data have")
    return Maker(network, encoder, numbers["dtype"], low, high)
