"""What is done to a batch within the step itself, after its rows were gathered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnacli.engine.tensorflow import keras, tf

MIXING = (keras.layers.MixUp, keras.layers.CutMix)


Augmentation = Mapping[str, Sequence[Any]]
"""Input -> Keras' layers that change its pictures in training."""


@dataclass(frozen=True)
class Augmented:
    """An input whose pictures are changed in training, and then become ``(x - offset) / divisor``."""

    layers: Sequence[Any]
    divisor: Any = 1.0
    offset: Any = None

    def scale_values(self, values: Any) -> Any:
        """As ``Scale.encode`` does it, to the bit."""
        if self.offset is not None:
            return tf.cast((tf.cast(values, tf.float64) - self.offset) / self.divisor, tf.float32)
        return tf.cast(values, tf.float32) / self.divisor


@dataclass(frozen=True)
class Preparation:
    """How stored rows become those that a network takes.

    ``divisor``: of pixels of one byte. ``augmented``: inputs by their names, which are stored as they were read.
    ``repeats_input``: the inputs are the targets, too.
    """

    divisor: Any = 1.0
    augmented: Mapping[str, Augmented] = field(default_factory=dict)
    repeats_input: bool = False

    def __call__(self, batch: Sequence[Any], training: bool = False) -> tuple[Any, ...]:
        """Inputs, targets and, if there are any, weights as ``fit`` takes them."""
        inputs, targets, *weights = batch
        # The only input of a network comes without its name.
        by_name = inputs if isinstance(inputs, dict) else dict.fromkeys(self.augmented or ("",), inputs)
        prepared = {}
        for name, values in by_name.items():
            if (each := self.augmented.get(name)) is None:
                prepared[name] = tf.nest.map_structure(self.scale_values, values)
                continue
            if training:
                values, targets = augment_batch(each.layers, values, targets)
            prepared[name] = each.scale_values(values)
        given = prepared if isinstance(inputs, dict) else next(iter(prepared.values()))
        return given, given if self.repeats_input else targets, *weights

    def scale_values(self, values: Any) -> Any:
        """As ``Scale.encode`` does it, to the bit."""
        return tf.cast(values, tf.float32) / self.divisor if values.dtype == tf.uint8 else values


def augment_batch(augmentation: Sequence[Any], pictures: Any, targets: Any) -> tuple[Any, Any]:
    """Pictures (n, height, width[, channels]) of 0 to 255, changed at random as float32, and their targets."""
    changed = tf.cast(pictures, tf.float32)
    if grey := changed.shape.rank == 3:
        changed = changed[..., None]
    for layer in augmentation:
        if isinstance(layer, MIXING):
            changed, targets = mix_batch(layer, changed, targets)
        else:
            changed = layer(changed, training=True)
    return changed[..., 0] if grey else changed, targets


def mix_batch(layer: Any, pictures: Any, targets: Any) -> tuple[Any, Any]:
    """Pictures that are mixed with others of the batch, and their targets; those of several outputs as one array."""
    if not isinstance(targets, dict):
        mixed = layer({"images": pictures, "labels": targets}, training=True)
        return mixed["images"], mixed["labels"]
    flat = [tf.reshape(tf.cast(each, tf.float32), (tf.shape(each)[0], -1)) for each in targets.values()]
    mixed = layer({"images": pictures, "labels": tf.concat(flat, axis=1)}, training=True)
    parts = tf.split(mixed["labels"], [tf.shape(each)[1] for each in flat], axis=1)
    shaped = {name: tf.reshape(part, tf.shape(targets[name])) for name, part in zip(targets, parts, strict=True)}
    return mixed["images"], shaped
