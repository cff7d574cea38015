"""Several arrays that are an input each: raw examples are records, a field for each array."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.encoder import InputSpec, Linear
from rnacli.encoders.scale import Scale, load_scale
from rnacli.encoders.section import Rescale


@dataclass(frozen=True, eq=False)
class Arrays:
    """``scales``: of each input, by its name."""

    kind: ClassVar[str] = "arrays"
    scales: Mapping[str, Scale]
    features: tuple[str, ...] = ()
    raw_shape: tuple[int, ...] = ()

    @classmethod
    def learn(cls, x: np.ndarray, scale: str | Rescale) -> "Arrays":
        """The scales of training examples (n,), records of arrays."""
        return cls({name: Scale.learn(x[name], (), scale) for name in x.dtype.names or ()})

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {name: InputSpec(scale.raw_shape) for name, scale in self.scales.items()}

    @property
    def number_names(self) -> dict[str, tuple[str, ...]]:
        return {}

    @property
    def linear(self) -> dict[str, Linear]:
        return {name: scale.linear["x"] for name, scale in self.scales.items()}

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        return {name: scale.encode(raw[name])["x"] for name, scale in self.scales.items()}

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        stored = {name: scale.store(raw[name]) for name, scale in self.scales.items()}
        divisors = {divisor for values, divisor in stored.values() if values["x"].dtype == np.uint8} or {1.0}
        if len(divisors) > 1:
            return self.encode(raw), 1.0
        return {name: np.ascontiguousarray(values["x"]) for name, (values, _) in stored.items()}, divisors.pop()

    def dump(self) -> dict[str, Any]:
        return {"arrays": {name: scale.dump() for name, scale in self.scales.items()}}


def load_arrays(plain: Mapping[str, Any]) -> Arrays:
    """Arrays from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    scales = {str(name): load_scale(scale) for name, scale in plain["arrays"].items()}
    if not scales:
        raise ValueError("it has no inputs")
    return Arrays(scales)
