"""The inputs of a network: tensors of Keras by name, those that are indices embedded, and all of them joined."""

from collections.abc import Mapping, Sequence
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.graph import INPUT
from rnacli.words import ascii_name, distinct_names


def make_inputs(inputs: Mapping[str, InputSpec]) -> dict[str, Any]:
    """The inputs of a network, by name; the only one has Keras' own name."""
    if len(inputs) == 1:
        ((name, spec),) = inputs.items()
        return {name: keras.Input(spec.shape, dtype=spec.dtype)}
    names = distinct_names(map(ascii_name, inputs))
    return {
        name: keras.Input(spec.shape, dtype=spec.dtype, name=unique)
        for (name, spec), unique in zip(inputs.items(), names, strict=True)
    }


class Inputs:
    """What layers can take besides one another.

    ``layers``: the embeddings of inputs that are indices. ``taken``: the names of the inputs that layers have taken.
    """

    def __init__(self, tensors: Mapping[str, Any], inputs: Mapping[str, InputSpec], used: Sequence[str] = ()):
        """``used``: the names in Keras of the layers of the network."""
        embedded = {name: spec for name, spec in inputs.items() if spec.categories}
        names = distinct_names(f"embedding_{ascii_name(name)}" for name in embedded)
        self.layers = [
            keras.layers.Embedding(spec.categories, spec.dimensions, name=name)
            for spec, name in zip(embedded.values(), names, strict=True)
        ]
        vectors = {name: layer(tensors[name]) for layer, name in zip(self.layers, embedded, strict=True)}
        self.trained = dict(zip(embedded, names, strict=True))
        self.used = used
        self.words = [name for name, spec in inputs.items() if spec.tokens]
        self.parts: dict[str, dict[str, Any]] = {}
        for name, spec in sorted(inputs.items(), key=lambda item: item[0] in embedded):
            self.parts.setdefault(spec.group or name, {})[name] = vectors.get(name, tensors[name])

    @property
    def names(self) -> list[str]:
        """What layers can take them by."""
        return list(self.parts)

    def take(self, name: str) -> tuple[Any, str]:
        """An input, and the first layer on the way to it that training changes; empty where there is none."""
        parts = self.parts[next(iter(self.parts)) if name == INPUT and len(self.parts) == 1 else name]
        return self.join(parts, name), next((self.trained[each] for each in parts if each in self.trained), "")

    def take_all(self, place: str) -> tuple[Any, str]:
        """All inputs as one row of numbers; a network's only input as it is. Raises ``RnaError``."""
        parts = {name: tensor for each in self.parts.values() for name, tensor in each.items()}
        embedded = {name: tensor for name, tensor in parts.items() if name in self.trained}
        parts = {name: tensor for name, tensor in parts.items() if name not in embedded} | embedded
        if len(parts) > 1 and (self.words or len({tuple(tensor.shape[1:-1]) for tensor in parts.values()}) > 1):
            raise RnaError(
                "the first layer takes all inputs, and {names:and} are no rows of numbers that can be joined",
                place=place,
                hint="say which one it takes: from: {first}",
                exit_code=CONFIG,
                names=self.names,
                first=self.names[0],
            )
        return self.join(parts, ""), next(iter(self.trained.values()), "")

    def join(self, parts: Mapping[str, Any], what: str) -> Any:
        """Some inputs beside one another."""
        if len(parts) == 1:
            return next(iter(parts.values()))
        name = "_".join(filter(None, ["concatenate", ascii_name(what)]))
        return keras.layers.Concatenate(name=distinct_names([*self.used, name])[-1])(list(parts.values()))
