"""What of the layers follows from the data, and a file may leave out."""

import dataclasses
import logging
from collections.abc import Mapping

from rnacli.encoders.encoder import InputSpec
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.graph import trace_sources
from rnacli.networks.grey import add_channel
from rnacli.networks.vocabulary import fill_vocabulary_sizes
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.layer import FOLLOWING
from rnacli.tasks.task import Task

log = logging.getLogger("rnacli")


def complete_layers(config: Config, inputs: Mapping[str, InputSpec], tasks: Mapping[str, Task]) -> Config:
    """The config with the sizes that the vocabulary of a text decides, and the last axis of grey pictures.

    Raises ``RnaError`` for a size that the data do not decide.
    """
    config = fill_vocabulary_sizes(config, inputs)
    layers = list(config.layers)
    sources = trace_sources(layers)
    for i, spec in enumerate(layers):
        if spec.name == "embedding" and spec.arguments["input_dim"] is None:
            names = [name for name in sources[i] if isinstance(name, str) and name in inputs] or list(inputs)
            is_first = all(isinstance(source, str) for source in sources[i])
            layers[i] = with_size(spec, "input_dim", inputs[names[0]].tokens if is_first else 0)
    for name, i in config.outputs.items():
        if layers[i].name == "dense" and layers[i].arguments["units"] is None:
            layers[i] = with_size(layers[i], "units", tasks[name].units or 0)
    config = dataclasses.replace(config, layers=tuple(layers))
    every = [spec for each in (config.layers, *(config.networks or {}).values()) for spec in each]
    require_sizes([each for spec in every for each in (spec, *specs_within(spec))])
    return add_channel(config, inputs)


def with_size(spec: KerasSpec, argument: str, size: int) -> KerasSpec:
    """A layer with the size that the data decide; unchanged where they decide none."""
    if not size:
        return spec
    arguments = {**spec.arguments, argument: size}
    return dataclasses.replace(spec, arguments=arguments, given=spec.given | {argument})


def specs_within(spec: KerasSpec) -> list[KerasSpec]:
    """The layers that are arguments of another one."""
    values = [value if isinstance(value, tuple) else (value,) for value in spec.arguments.values()]
    inner = [each for some in values for each in some if isinstance(each, KerasSpec)]
    return [found for each in inner for found in (each, *specs_within(each))]


def require_sizes(specs: list[KerasSpec]) -> None:
    """Refuse layers whose size nobody says. Raises ``RnaError``."""
    problems = [
        Problem(
            "{entry} needs {name}",
            str(spec.place),
            "{entry}: {{name}: ...}",
            entry=spec.name,
            name=FOLLOWING[spec.name],
        )
        for spec in specs
        if spec.name in FOLLOWING and spec.arguments.get(FOLLOWING[spec.name], 0) is None
    ]
    if problems:
        raise RnaError.of(problems, CONFIG)
