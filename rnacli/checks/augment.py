"""What does not fit where pictures are changed in training."""

from collections.abc import Sequence

from rnacli.encoders.encoder import Encoder
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.augment import try_augmentation
from rnacli.pictures.augment import MIXING, PIXELS
from rnacli.schema.keras_object import KerasSpec


def require_augmentation(config: Config, data: Data) -> None:
    """Raise ``RnaError`` for what ``augment`` cannot do to these examples."""
    for name, specs in config.dataset.augmentation.items():
        require_augmentations(specs, data.preprocessing.encoder, name, config, data)


def require_augmentations(specs: Sequence[KerasSpec], encoder: Encoder, name: str, config: Config, data: Data) -> None:
    """As ``require_augmentation``, for the layers of one input."""
    shape = encoder.inputs[name].shape if name in encoder.inputs else encoder.raw_shape
    if len(shape) not in (2, 3):
        message = "augment changes pictures, and these are rows of shape {shape}"
        raise RnaError(message, place=str(specs[0].place), hint="leave it out", exit_code=CONFIG, shape=shape)
    for spec in specs:
        if spec.name in MIXING and len(encoder.inputs) > 1:
            message = "{name} mixes the pictures of several rows, and the other inputs would stay as they are"
            place, hint = str(spec.place), "leave it out"
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=spec.name)
        if spec.name in MIXING and any(task.form.encoding == "integer" for task in data.tasks.values()):
            message = "{name} mixes labels as well as pictures, and these are integers"
            hint = "loss: categorical_crossentropy, which takes them as probabilities"
            raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=spec.name)
    for spec in specs:
        given = spec.arguments.get("value_range")
        if given is not None and [*given] != [*PIXELS]:
            message, hint = "augment gets pixels as they are, from 0 to 255, before scale", "leave value_range out"
            raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG)
    if config.engine.jit is True:
        message, place = "XLA cannot compile what augment does", str(config.place("engine", "jit"))
        raise RnaError(message, place=place, hint="jit: auto", exit_code=CONFIG)
    try_augmentation(specs, shape)


def misplaced_augmentation(config: Config) -> list[Problem]:
    """Layers of the network that would train on nonsense: those that mix pictures."""
    message, hint = "{name} would mix pictures and not their labels", "dataset: {augment: [{name}]}, in place of layers"
    return [Problem(message, str(spec.place), hint, name=spec.name) for spec in config.layers if spec.name in MIXING]
