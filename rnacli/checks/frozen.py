"""What is frozen and never learns, and what is unfrozen that was not frozen."""

from collections.abc import Iterator, Sequence

from rnacli.errors import Problem
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.layer import APPLICATION


def frozen_doubts(config: Config, layers: Sequence[LayerPlan]) -> list[Problem]:
    """What to doubt of layers that training does not change."""
    parameters = sum(layer.parameters for layer in layers)
    if parameters and not config.phases and sum(layer.frozen for layer in layers) == parameters:
        message = "every layer is frozen: training changes no weight"
        hint = "remove trainable: false from the layers that are to learn"
        return [Problem(message, str(config.place("layers")), hint)]
    return [*random_bases(config), *phase_doubts(config, [layer.name for layer in layers if layer.parameters])]


def random_bases(config: Config) -> Iterator[Problem]:
    """Applications that keep the random weights that they begin with."""
    unfrozen = {name for phase in config.phases or () for name in phase.unfrozen}
    for spec, name in zip(config.layers, config.layer_names, strict=True):
        is_random = spec.entry.category == APPLICATION and spec.arguments["weights"] is None
        if is_random and is_frozen(spec) and name not in unfrozen:
            message = "{name} is frozen with random weights: it has learnt nothing, and never will"
            yield Problem(message, str(spec.place), "weights: imagenet, or remove trainable: false", name=name)


def phase_doubts(config: Config, learning: Sequence[str]) -> Iterator[Problem]:
    """Phases that unfreeze what is not frozen, and those in which no layer learns.

    ``learning``: the names of the layers that have weights.
    """
    frozen = {name for spec, name in zip(config.layers, config.layer_names, strict=True) if is_frozen(spec)}
    for i, phase in enumerate(config.phases or ()):
        for name in phase.unfrozen:
            if name in config.layer_names and name not in frozen:
                message, hint = "{name} is not frozen before: it learns from the start", "{name}: {trainable: false}"
                yield Problem(message, str(config.place("phases", i, "unfreeze")), hint, name=name)
        frozen = (frozen | {*phase.frozen}) - {*phase.unfrozen}
        if learning and frozen.issuperset(learning):
            message, hint = "every layer is frozen in this phase: it changes no weight", "unfreeze some, or remove it"
            yield Problem(message, str(config.place("phases", i)), hint)


def is_frozen(spec: KerasSpec) -> bool:
    return spec.arguments.get("trainable") is False
