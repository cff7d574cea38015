"""What of the layers follows from the data, and a file may leave out."""

import dataclasses
from collections.abc import Mapping

from rnacli.encoders.encoder import InputSpec
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.experiment.config import Config
from rnacli.networks.grey import add_channel
from rnacli.networks.vocabulary import fill_vocabulary_sizes
from rnacli.schema.layer import FOLLOWING
from rnacli.tasks.task import Task


def complete_layers(config: Config, inputs: Mapping[str, InputSpec], tasks: Mapping[str, Task]) -> Config:
    """The config with the sizes that the vocabulary of a text decides, and the last axis of grey pictures.

    Raises ``RnaError`` for a size that the data do not decide.
    """
    config = fill_vocabulary_sizes(config, inputs)
    layers = list(config.layers)
    for name, i in config.outputs.items():
        argument, size = FOLLOWING.get(layers[i].name), tasks[name].units
        if argument and size and layers[i].arguments[argument] is None:
            layers[i] = layers[i].with_argument(argument, size)
    config = dataclasses.replace(config, layers=tuple(layers))
    require_sizes(config)
    return add_channel(config, inputs)


def require_sizes(config: Config) -> None:
    """Refuse layers whose size nobody says. Raises ``RnaError``."""
    problems = [
        Problem("{entry} needs {name}", str(spec.place), "{entry}: {{name}: ...}", entry=spec.name, name=argument)
        for layer in config.every_layer
        for spec in layer.every_layer
        if (argument := FOLLOWING.get(spec.name)) and spec.arguments[argument] is None
    ]
    if problems:
        raise RnaError.of(problems, CONFIG)
