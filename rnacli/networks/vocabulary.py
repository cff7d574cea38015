"""Layers that look up the numbers of words: how many they know follows from the vocabulary."""

import dataclasses
from collections.abc import Mapping, Sequence

from rnacli.encoders.encoder import InputSpec
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.graph import INPUT, trace_numbers
from rnacli.schema.keras_object import KerasSpec

LOOK_UP = {"embedding": "input_dim", "reversible_embedding": "input_dim", "category_encoding": "num_tokens"}
"""The layers that look numbers up, and the argument that says how many different ones they know."""
OF_ANY = ("integer_lookup", "hashing")
"""Layers that look up any whole number."""


def fill_vocabulary_sizes(config: Config, inputs: Mapping[str, InputSpec]) -> Config:
    """The config in which each layer that looks words up has their number. Raises ``RnaError`` where none follows."""
    layers = list(config.layers)
    for i, spec in enumerate(layers):
        argument = LOOK_UP.get(spec.name, "")
        if not argument or spec.arguments[argument] is not None:
            continue
        source = trace_numbers(config.layers, i)[0]
        sizes = [inputs[name].tokens for name in taken_inputs(inputs, source)] if isinstance(source, str) else []
        if min(sizes, default=0) < 1:
            raise size_missing(spec, argument, [name for name, each in inputs.items() if each.tokens])
        layers[i] = spec.with_argument(argument, max(sizes))
    return dataclasses.replace(config, layers=tuple(layers))


def size_missing(spec: KerasSpec, argument: str, texts: Sequence[str]) -> RnaError:
    """The error for a layer that does not take words alone; ``texts``: the inputs that are words."""
    return RnaError(
        "{name} needs {argument}, which follows from the data where {name} takes the words of a text and nothing else",
        place=str(spec.place),
        hint="{name}: {from: {text}, ...}" if texts else "{name}: {{argument}: ...}",
        exit_code=CONFIG,
        name=spec.name,
        argument=argument,
        text=next(iter(texts), ""),
    )


def taken_inputs(inputs: Mapping[str, InputSpec], source: str) -> list[str]:
    """The inputs that a name in a file means; an empty name: all of them."""
    return [name for name, spec in inputs.items() if source in (spec.group or name, "", INPUT)]
