"""Grey pictures (height, width) get the last axis that a layer for pictures wants: a ``reshape`` before all others."""

import dataclasses
import logging
import re
from collections.abc import Mapping

from rnacli.encoders.encoder import InputSpec
from rnacli.experiment.config import Config
from rnacli.networks.ranks import PICTURES
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.schema.layer import APPLICATION

log = logging.getLogger("rnacli")

SAME_SHAPE = (
    "activation", "activity_regularization", "alpha_dropout", "batch_normalization", "dropout", "elu",
    "gaussian_dropout", "gaussian_noise", "identity", "layer_normalization", "leaky_relu", "normalization", "prelu",
    "relu", "rescaling", "unit_normalization",
)  # fmt: skip
"""Layers that take rows of any shape and hand them on with the same one."""
PLANES = re.compile(r"(?!conv_lstm)\w+2d(_transpose)?")
"""The names of the layers that work on (height, width, channels), beside ``PICTURES``."""
OUTER = {"pipeline": "layers", "spectral_normalization": "layer"}
"""Layers that hand their input to the first of those within them."""


def add_channel(config: Config, inputs: Mapping[str, InputSpec]) -> Config:
    """The config with ``reshape: [height, width, 1]`` as its first layer, which is said, where pictures lack channels.

    Unchanged where the first layer with a form of its own is none for pictures.
    """
    first = next((spec for spec in config.layers if spec.name not in SAME_SHAPE), None)
    shapes = [spec.shape for spec in inputs.values()]
    if first is None or not takes_pictures(first) or [len(shape) for shape in shapes] != [2]:
        return config
    shape = [*shapes[0], 1]
    log.info("%s takes pictures with channels, and grey ones have none: reshape: %s is added", first.name, shape)
    added = dataclasses.replace(make_spec("layer", "reshape", target_shape=shape), place=first.place)
    return dataclasses.replace(config, layers=(added, *config.layers))


def takes_pictures(spec: KerasSpec) -> bool:
    """Whether a layer takes rows of (height, width, channels)."""
    if spec.name in OUTER:
        within = spec.arguments[OUTER[spec.name]]
        return takes_pictures(within[0] if isinstance(within, tuple) else within)
    return spec.entry.category == APPLICATION or spec.name in PICTURES or PLANES.fullmatch(spec.name) is not None
