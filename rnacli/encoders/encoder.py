"""What training teaches about the inputs of a network: raw values in, arrays by the names of the inputs out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np


class InputSpec(NamedTuple):
    """An input of a network: the ``shape`` of one example and the type of its values.

    ``categories``: how many different indices an embedded column has, and ``dimensions`` the length of their vectors;
    0 for other inputs. ``group``: what layers take it by, together with others of that group; empty: by its own name.
    ``tokens``: where the values are numbers of words, from 0 on, how many different ones there are.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    categories: int = 0
    dimensions: int = 0
    group: str = ""
    tokens: int = 0


Linear = tuple[np.ndarray, np.ndarray]
"""Offset and divisor of ``(x - offset) / divisor``, each of one number or of the last axis of x."""


class Encoder(Protocol):
    """How raw examples (n, *raw_shape) become what a network takes. ``kind`` stands in ``preprocessing.json``."""

    kind: ClassVar[str]

    @property
    def features(self) -> tuple[str, ...]:
        """What the columns of a table are called; empty where there are none."""

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """The shape of one raw example."""

    @property
    def inputs(self) -> Mapping[str, InputSpec]:
        """The inputs of the network, by name."""

    @property
    def number_names(self) -> Mapping[str, Sequence[str]]:
        """What the numbers of inputs are called, where they have names."""

    @property
    def linear(self) -> Mapping[str, Linear] | None:
        """How raw examples become each input of a network, where that is all that is done with all of them."""

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        """Raw examples (n, *raw_shape) as the network takes them: (n, *shape) for each input."""

    def store(self, raw: np.ndarray) -> "tuple[dict[str, np.ndarray], float]":
        """As ``encode``, but values that are only divided may come undivided, in less memory; and the divisor."""

    def dump(self) -> dict[str, Any]:
        """As JSON data."""


Load = Callable[[Mapping[str, Any]], Encoder]
"""An encoder from the JSON data that it gave. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""


def plain_shape(inputs: Mapping[str, InputSpec]) -> tuple[int, ...]:
    """The shape of one example of all inputs beside one another: what a network of one input takes."""
    if len(inputs) == 1:
        return next(iter(inputs.values())).shape or (1,)
    return (sum(int(np.prod(each.shape)) for each in inputs.values()),)
