"""What is done to a batch within the step itself, after its rows were gathered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.engine.tensorflow import keras, tf

MIXING = (keras.layers.MixUp, keras.layers.CutMix)


@dataclass(frozen=True)
class Preparation:
    """How stored rows become those that a network takes.

    ``augmentation``: Keras' layers that change pictures in training. ``offset``, ``divisor``: what is stored as it was
    read becomes ``(x - offset) / divisor``; where nothing is augmented, that is pixels of one byte, without an offset.
    ``repeats_input``: the inputs are the targets, too.
    """

    divisor: Any = 1.0
    offset: Any = None
    augmentation: Sequence[Any] = ()
    repeats_input: bool = False

    def __call__(self, batch: Sequence[Any], training: bool = False) -> tuple[Any, ...]:
        """Inputs, targets and, if there are any, weights as ``fit`` takes them."""
        inputs, targets, *weights = batch
        if training and self.augmentation:
            inputs, targets = augment_batch(self.augmentation, inputs, targets)
        scaled = tf.nest.map_structure(self.scale_values, inputs)
        return scaled, scaled if self.repeats_input else targets, *weights

    def scale_values(self, values: Any) -> Any:
        """As ``Scale.encode`` does it, to the bit."""
        if self.offset is not None:
            return tf.cast((tf.cast(values, tf.float64) - self.offset) / self.divisor, tf.float32)
        if values.dtype == tf.uint8 or self.augmentation:
            return tf.cast(values, tf.float32) / self.divisor
        return values


def augment_batch(augmentation: Sequence[Any], pictures: Any, targets: Any) -> tuple[Any, Any]:
    """Pictures (n, height, width[, channels]) of 0 to 255, changed at random as float32, and their targets."""
    changed = tf.cast(pictures, tf.float32)
    if grey := changed.shape.rank == 3:
        changed = changed[..., None]
    for layer in augmentation:
        if isinstance(layer, MIXING):
            mixed = layer({"images": changed, "labels": targets}, training=True)
            changed, targets = mixed["images"], mixed["labels"]
        else:
            changed = layer(changed, training=True)
    return changed[..., 0] if grey else changed, targets
