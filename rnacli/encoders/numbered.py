"""Rows of the numbers of words, padded, as a source has numbered them: the network takes them as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.errors import RnaError


@dataclass(frozen=True)
class Numbered:
    """Rows of ``length`` whole numbers from 0, padding, to below ``tokens``."""

    kind: ClassVar[str] = "numbered"
    length: int
    tokens: int
    features: tuple[str, ...] = ()

    @property
    def raw_shape(self) -> tuple[int, ...]:
        return (self.length,)

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {"x": InputSpec(self.raw_shape, "int32", tokens=self.tokens)}

    @property
    def number_names(self) -> dict[str, tuple[str, ...]]:
        return {}

    @property
    def linear(self) -> None:
        return None

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        if raw.dtype.kind == "f" and (raw != np.floor(raw)).any():
            raise RnaError("expected whole numbers, those of words", hint="pad lists of whole numbers with 0")
        return {"x": raw.astype("int32")}

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return self.encode(raw), 1.0

    def dump(self) -> dict[str, Any]:
        return {"length": self.length, "tokens": self.tokens}


def load_numbered(plain: Mapping[str, Any]) -> Numbered:
    """As it was, from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    length, tokens = int(plain["length"]), int(plain["tokens"])
    if length < 1 or tokens < 1:
        raise ValueError("its lengths do not fit together")
    return Numbered(length, tokens)
