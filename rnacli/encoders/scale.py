"""Scales, by scikit-learn's scalers: of columns, and of whole arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.encoder import InputSpec, Linear
from rnacli.encoders.section import Rescale
from rnacli.helper import run_aside


def fit_power(values: np.ndarray, scale: str | Rescale) -> float | None:
    """The power by which a column (n,) is bent before it is scaled; ``None`` where it stays straight.

    Raises ``ValueError`` for a logarithm of numbers below 0.
    """
    present = values[~np.isnan(values)]
    if scale not in ("log", "power") or not len(present):
        return None
    if scale == "log":
        if present.min() < 0:
            raise ValueError(f"{present.min():.6g}")
        return 0.0
    return float(run_aside(fit_yeo_johnson, present[:, None]))


def fit_yeo_johnson(table: np.ndarray) -> float:
    """The likeliest power of Yeo and Johnson's for a column (n, 1)."""
    from sklearn.preprocessing import PowerTransformer

    return float(PowerTransformer(standardize=False).fit(table).lambdas_[0])


def bend(values: np.ndarray, power: float | None) -> np.ndarray:
    """Values by Yeo and Johnson's power ("A new family of power transformations", Biometrika 87, 2000).

    The power 0 is log(1 + x) of x from 0 on; ``None`` leaves values as they are.
    """
    if power is None:
        return values
    above, below = np.maximum(values, 0), -np.minimum(values, 0)
    up = np.log1p(above) if power == 0 else np.expm1(power * np.log1p(above)) / power
    down = np.log1p(below) if power == 2 else np.expm1((2 - power) * np.log1p(below)) / (2 - power)
    return np.asarray(np.where(values >= 0, up, np.where(np.isnan(values), values, -down)))


def straighten(values: np.ndarray, power: float | None) -> np.ndarray:
    """The values that ``bend`` makes these of; those beyond what it can make are taken as the last it can."""
    if power is None:
        return values
    above, below = np.maximum(values, 0), -np.minimum(values, 0)
    least = np.nextafter(-1, 0)
    up = np.expm1(above) if power == 0 else np.expm1(np.log1p(np.maximum(power * above, least)) / power)
    other = 2 - power
    down = np.expm1(below) if other == 0 else np.expm1(np.log1p(np.maximum(other * below, least)) / other)
    return np.asarray(np.where(values >= 0, up, -down))


def fit_column_scale(values: np.ndarray, scale: str | Rescale) -> tuple[float, float]:
    """Offset and divisor for the values (n,) of a column, by scikit-learn's scalers; for bent ones, ``standard``."""
    scale = "standard" if scale in ("log", "power") else scale
    if isinstance(scale, Rescale):
        return 0.0 - (scale.offset or 0.0) * scale.rescale, float(scale.rescale)
    if scale == "none" or not len(values):
        return 0.0, 1.0
    offset, divisor = fit_scale(values[:, None], scale)
    return float(offset[0]), float(divisor[0])


def fit_column_scales(columns: Sequence[np.ndarray], scales: Sequence[str | Rescale]) -> list[tuple[float, float]]:
    """As ``fit_column_scale`` for columns of as many rows, in one go: to begin takes longer than to fit."""
    fitted = {i: (0.0, 1.0) for i, scale in enumerate(scales) if scale == "standard"}
    if fitted and len(columns[0]):
        # Each column stays in one piece: as sums are made there, they have the digits of a column by itself.
        offsets, divisors = fit_scale(np.array([columns[i] for i in fitted]).T, "standard")
        fitted = dict(zip(fitted, zip(offsets.tolist(), divisors.tolist(), strict=True), strict=True))
    return [
        fitted[i] if i in fitted else fit_column_scale(values, scale)
        for i, (values, scale) in enumerate(zip(columns, scales, strict=True))
    ]


def is_learnt(scale: str | Rescale) -> bool:
    """Whether a scale depends on the training values."""
    return isinstance(scale, str) and scale != "none"


def fit_array_scale(x: np.ndarray, scale: str | Rescale) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor: for each column of a table; one for each channel of images, one in all for grey ones."""
    if isinstance(scale, Rescale):
        return np.asarray(0.0 - (scale.offset or 0.0) * scale.rescale), np.asarray(float(scale.rescale))
    if scale == "none":
        return np.zeros(()), np.ones(())
    table = x if x.ndim == 2 else x.reshape(-1, x.shape[-1] if x.ndim > 3 else 1)
    offset, divisor = fit_scale(table, scale)
    return (offset.reshape(()), divisor.reshape(())) if x.ndim == 3 else (offset, divisor)


def fit_scale(table: np.ndarray, scale: str) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor (columns,) of a table (n, columns): ``standard``, ``minmax`` or ``robust``."""
    if scale == "standard":
        offset, divisor = run_aside(fit_standard, table)
        return offset, divisor
    if scale == "robust":
        low, offset, high = np.percentile(table.astype("float64"), [25, 50, 75], axis=0)
        span = high - low
        return offset, np.where(span == 0, 1.0, span)
    offset = table.min(axis=0).astype("float64")
    span = table.max(axis=0) - offset
    return offset, np.where(span == 0, 1.0, span)


def fit_standard(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (columns,) of a table (n, columns); a constant column has a deviation of 1."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(table)
    return scaler.mean_, scaler.scale_


@dataclass(frozen=True, eq=False)
class Scale:
    """Arrays that become ``(x - offset) / divisor``: both have the shape of an example, of its last axis, or none."""

    kind: ClassVar[str] = "scale"
    raw_shape: tuple[int, ...]
    features: tuple[str, ...] = ()
    offset: np.ndarray = field(default_factory=lambda: np.zeros(()))
    divisor: np.ndarray = field(default_factory=lambda: np.ones(()))

    @classmethod
    def learn(cls, x: np.ndarray, features: tuple[str, ...], scale: str | Rescale) -> "Scale":
        """The scale of training examples (n, *shape)."""
        return cls(x.shape[1:], features, *fit_array_scale(x, scale))

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {"x": InputSpec(self.raw_shape)}

    @property
    def number_names(self) -> dict[str, tuple[str, ...]]:
        return {"x": self.features}

    @property
    def is_division(self) -> bool:
        """Whether inputs are only divided by one number."""
        return self.offset.size == 1 and not self.offset.any()

    @property
    def linear(self) -> dict[str, Linear]:
        return {"x": (self.offset, self.divisor)}

    @property
    def arithmetic(self) -> tuple[Any, Any]:
        """The divisor and, where there is one, the offset."""
        return (float(self.divisor.item()), None) if self.is_division else (self.divisor, self.offset)

    def unscaled(self, names: Iterable[str]) -> "tuple[AsRead, dict[str, tuple[Any, Any]]]":
        """Examples as they were read, and the divisor and the offset of each of the inputs ``names``."""
        return AsRead(self), dict.fromkeys(names, self.arithmetic)

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        if self.is_division:
            # Pixels: a copy in float64 would take eight times their memory.
            return {"x": np.asarray(np.divide(raw, np.float32(self.divisor.item()), dtype="float32"))}
        return {"x": np.asarray((raw - self.offset) / self.divisor, dtype="float32")}

    def decode(self, encoded: np.ndarray) -> np.ndarray:
        """What was, or could have been, encoded so: float64."""
        return np.asarray(encoded.astype("float64") * self.divisor + self.offset)

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        if raw.dtype == np.uint8 and self.is_division:
            return {"x": raw}, float(self.divisor)
        return self.encode(raw), 1.0

    def dump(self) -> dict[str, Any]:
        return {
            "shape": self.raw_shape,
            "features": self.features,
            "offset": self.offset.tolist(),
            "divisor": self.divisor.tolist(),
        }


@dataclass(frozen=True, eq=False)
class AsRead:
    """Arrays that are stored as they were read, to be scaled later."""

    scale: Scale

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return self.scale.inputs

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return dict.fromkeys(self.inputs, raw), 1.0


def load_scale(plain: Mapping[str, Any]) -> Scale:
    """A scale from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    shape = tuple(int(n) for n in plain["shape"])
    features = tuple(str(name) for name in plain["features"])
    offset, divisor = np.asarray(plain.get("offset", 0.0)), np.asarray(plain.get("divisor", 1.0))
    if not shape or min(shape) < 1 or offset.shape != divisor.shape or offset.shape not in ((), shape[-1:]):
        raise ValueError("its lengths do not fit together")
    if features and len(features) != shape[0]:
        raise ValueError("its lengths do not fit together")
    require_finite(offset, divisor)
    return Scale(shape, features, offset, divisor)


def require_finite(offset: np.ndarray, divisor: np.ndarray) -> None:
    """Refuse a scale that is none. Raises ``ValueError``."""
    for numbers in (offset, divisor):
        if numbers.dtype.kind not in "fi" or not np.isfinite(numbers).all():
            raise ValueError("it holds numbers that are not finite")
    if not divisor.all():
        raise ValueError("it holds a zero divisor")
