"""What is done to a batch within the step itself, after its rows were gathered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.engine.tensorflow import tf


@dataclass(frozen=True)
class Preparation:
    """How stored rows become those that a network takes: pixels, which are stored as one byte, become numbers.

    ``divisor``: what pixels are divided by.
    """

    divisor: float = 1.0

    def __call__(self, batch: Sequence[Any]) -> tuple[Any, ...]:
        """Inputs, targets and, if there are any, weights as ``fit`` takes them."""
        inputs, *others = batch
        return tf.nest.map_structure(self.scale_values, inputs), *others

    def scale_values(self, values: Any) -> Any:
        return tf.cast(values, tf.float32) / self.divisor if values.dtype == tf.uint8 else values
