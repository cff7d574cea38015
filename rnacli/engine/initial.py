"""The weights that a network begins with, for any seed, without building it again.

Keras draws one number from Python's generator for each initializer and each generator of random numbers, in order. So
the numbers of another seed are known, and only the initializers have to be called with them: some ten milliseconds a
seed instead of the hundred and more that building takes.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import keras

GENERATOR = "seed_generator_state"
"""The end of the path of a variable that a layer's random numbers follow from."""
MOST = 4096
"""More numbers than the layers of one network draw."""


def model_variables(network: Any) -> list[Any]:
    """What training changes of a network, in the order that is used here: the trainable variables, then the others."""
    return [*network.trainable_variables, *network.non_trainable_variables]


def draw_numbers(seed: int) -> list[int]:
    """The numbers that Keras draws after ``keras.utils.set_random_seed(seed)``, in order."""
    generator = random.Random(seed)
    return [generator.randint(1, int(1e9)) for _ in range(MOST)]


class Initial:
    """The first values of the variables of a network, which is as it was built with ``seed``, and of other seeds.

    ``build``: builds it with a seed. It is called once, to compare; and for each seed where a layer has another way
    to its first values than the usual one.
    """

    def __init__(self, network: Any, seed: int, build: Callable[[int], Any]):
        self.seed, self.build = seed, build
        variables = model_variables(network)
        self.first = [np.asarray(variable) for variable in variables]
        self.shapes = [(tuple(variable.shape), variable.dtype) for variable in variables]
        self.places = {number: i for i, number in reversed([*enumerate(draw_numbers(seed))])}
        self.makers = find_makers(network, variables, self.places)
        self.generators = [
            i
            for i, (variable, value) in enumerate(zip(variables, self.first, strict=True))
            if variable.path.endswith(GENERATOR) and int(value[0]) in self.places
        ]
        self.suits: bool | None = None

    def values(self, seed: int) -> list[np.ndarray]:
        """The values that the variables have where the network is built with ``seed``."""
        if seed == self.seed:
            return list(self.first)
        if self.suits is None:
            built, drawn = self.built(seed), self.drawn(seed)
            self.suits = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(built, drawn, strict=True))
            return built
        return self.drawn(seed) if self.suits else self.built(seed)

    def built(self, seed: int) -> list[np.ndarray]:
        """By building the network."""
        return [np.asarray(variable) for variable in model_variables(self.build(seed))]

    def drawn(self, seed: int) -> list[np.ndarray]:
        """By calling the initializers with the numbers of the seed."""
        numbers, values = draw_numbers(seed), list(self.first)
        for i, maker in self.makers.items():
            shape, dtype = self.shapes[i]
            config = maker.get_config() | {"seed": numbers[self.places[maker.seed]]}
            values[i] = np.asarray(type(maker).from_config(config)(shape, dtype=dtype))
        for i in self.generators:
            values[i] = np.array([numbers[self.places[int(self.first[i][0])]], 0], self.first[i].dtype)
        return values


def find_makers(network: Any, variables: Sequence[Any], places: dict[int, int]) -> dict[int, Any]:
    """The variables' places -> the initializers that drew their values by a number of the network's seed."""
    indices = {id(variable): i for i, variable in enumerate(variables)}
    makers: dict[int, Any] = {}
    for layer in network._flatten_layers():
        for name, value in vars(layer).items():
            stem = name.removesuffix("_initializer")
            if stem == name or not isinstance(value, keras.initializers.Initializer):
                continue
            for attribute in (stem, f"{stem}_kernel"):
                i = indices.get(id(getattr(layer, attribute, None)))
                if i is not None and getattr(value, "seed", None) in places:
                    makers[i] = value
    return makers
