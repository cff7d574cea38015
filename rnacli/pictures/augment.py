"""What may be done to pictures in training alone."""

from typing import Any

from rnacli.document.place import KeyPath
from rnacli.schema.catalog import find_entry
from rnacli.schema.keras_object import KerasObject
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import ListOf
from rnacli.words import nearest_words

MIXING = ("cut_mix", "mix_up")
"""Layers that mix the pictures of a batch, and so their labels."""
AUGMENTATIONS = (
    "aug_mix", "auto_contrast", "equalization", *MIXING, "rand_augment", "random_brightness",
    "random_color_degeneration", "random_color_jitter", "random_contrast", "random_elastic_transform", "random_erasing",
    "random_flip", "random_gaussian_blur", "random_grayscale", "random_hue", "random_invert", "random_perspective",
    "random_posterization", "random_rotation", "random_saturation", "random_sharpness", "random_shear",
    "random_translation", "random_zoom", "solarization",
)  # fmt: skip
"""Layers of Keras that give a picture of the same size.

Not ``gaussian_noise``: its deviation is 1 at most, and pixels go to 255.
"""
PIXELS = (0, 255)
"""From where to where pixels go."""


class AugmentationKind(KerasObject):
    """A layer that changes pictures."""

    wanted = "a layer that changes pictures such as random_flip: horizontal"

    def __init__(self) -> None:
        super().__init__("layer")

    def read_named(self, name: str, inner: Any, path: KeyPath, reader: Reader) -> Any:
        entry = find_entry(self.category, name)
        if entry is None or entry.name in AUGMENTATIONS:
            return super().read_named(name, inner, path, reader)
        near = nearest_words(entry.name, AUGMENTATIONS)
        message = "{name} is not a layer that augments pictures: expected one such as random_flip or random_rotation"
        hint = "did you mean {near:or}?" if near else "layers belong to layers:, at the top level"
        return reader.wrong(path, message, hint, key=True, name=entry.name, near=near)


AUGMENT_DOC = (
    "layers of Keras that change pictures in training only, such as `random_flip: horizontal`; they get the pixels as "
    "they are, from 0 to 255, before `scale`"
)


def augment_key() -> Any:
    return key(ListOf(AugmentationKind(), 0, "augment: [random_flip: horizontal]"), AUGMENT_DOC, default=())
