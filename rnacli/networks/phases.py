"""What of a network is trained in each phase."""

import math
from collections.abc import Mapping
from typing import Any

from rnacli.engine.features import layers_within
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.graph import keras_names, layer_names
from rnacli.experiment.phase import Phase
from rnacli.words import ascii_name, did_you_mean


def named_layers(network: Any, config: Config) -> dict[str, Any]:
    """The layers of a built network by the names that the file has for them; of its networks, ``network/layer``."""
    names = dict(zip(config.layer_names, config.keras_names, strict=True))
    layers = {name: network.get_layer(plain) for name, plain in names.items() if has_layer(network, plain)}
    for name, inner in (config.networks or {}).items():
        shared = next((each for each in layers_within(network) if each.name == ascii_name(name)), None)
        if shared is not None:
            pairs = zip(layer_names(inner), keras_names(inner), strict=True)
            layers |= {f"{name}/{own}": shared.get_layer(plain) for own, plain in pairs if has_layer(shared, plain)}
            layers.setdefault(name, shared)
    return layers


def has_layer(network: Any, plain: str) -> bool:
    return any(layer.name == plain for layer in network.layers)


def set_trainable(network: Any, config: Config, number: int) -> None:
    """Freeze and unfreeze the layers of a network as the phases up to ``number``, counted from 0, say.

    Raises ``RnaError`` for a layer that is not within another one.
    """
    begun = network.__dict__.setdefault(
        "trainable_at_first", [(each, each.trainable) for each in layers_within(network)]
    )
    for layer, trainable in begun:
        layer.trainable = trainable
    layers = named_layers(network, config)
    for i, phase in enumerate((config.phases or ())[: number + 1]):
        change_trainable(layers, phase, str(config.place("phases", i, "unfreeze")))


def change_trainable(layers: Mapping[str, Any], phase: Phase, place: str) -> None:
    """Freeze and unfreeze what a phase says. Raises ``RnaError``."""
    for name in phase.frozen:
        layers[name].trainable = False
    for name, start in phase.unfrozen.items():
        unfreeze_layer(layers[name], name, start, phase.batch_normalization, place)


def unfreeze_layer(layer: Any, name: str, start: int | str | None, normalization: bool, place: str) -> None:
    """Unfreeze a layer, or the layers within it from one called ``start`` on, or that many at its end.

    Batch normalization within it stays frozen unless ``normalization`` is true: what it has learnt of its inputs is of
    other pictures, and a few new ones would spoil it. Raises ``RnaError``.
    """
    inner = list(getattr(layer, "layers", ()))
    if start is not None and not inner:
        raise RnaError(
            "{name} has no layers within it", place=place, hint="unfreeze: {name}", exit_code=CONFIG, name=name
        )
    if isinstance(start, str):
        names = [each.name for each in inner]
        if start not in names:
            hint = (
                did_you_mean(start, names, "the last ones are {names:and}")
                if len(names) < 9
                else did_you_mean(start, names)
            )
            message = "{name} has no layer called '{start}'"
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name, start=start)
        first = names.index(start)
    else:
        first = 0 if start is None else max(0, len(inner) - start)
    layer.trainable = True
    for i, each in enumerate(inner):
        each.trainable = i >= first
        for within in layers_within(each):
            if isinstance(within, keras.layers.BatchNormalization) and not normalization:
                within.trainable = False


def count_by_phase(network: Any, config: Config) -> list[tuple[int, int]]:
    """As ``count_parameters``, for each phase; the network is then as in the first one."""
    counts = []
    for number in range(len(config.phases or ())):
        set_trainable(network, config, number)
        counts.append(count_parameters(network))
    if counts:
        set_trainable(network, config, 0)
    return counts


def count_parameters(network: Any) -> tuple[int, int]:
    """The parameters of a network that training changes, and the others."""
    trainable = sum(math.prod(weight.shape) for weight in network.trainable_weights)
    return trainable, int(network.count_params()) - trainable
