"""Dense networks in NumPy: a table is predicted before TensorFlow would have started.

Only what is written here is done here; for any other layer there is Keras. A run uses it if training found both to
give the same outputs (``run.json``: ``light``).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.experiment.config import Config
from rnacli.experiment.graph import is_chain
from rnacli.runs.weights import ExpectedArrays
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.probabilities import sigmoid, softmax

TOLERANCE = 1e-5
"""The largest difference from Keras' outputs at which a run may be predicted here."""
KNOWN = {
    "dense": {"units", "activation", "use_bias"},
    "activation": {"activation"},
    "batch_normalization": {"axis", "epsilon", "center", "scale", "momentum"},
    "relu": set(),
    "softmax": set(),
    "flatten": set(),
    "dropout": {"rate", "seed"},
    "gaussian_noise": {"stddev", "seed"},
    "gaussian_dropout": {"rate", "seed"},
    "alpha_dropout": {"rate", "seed"},
}
"""The layers, and those of their arguments that may have any value; the others must have their defaults."""
BLOCK = 4096
"""Rows that go through the network at once: what is made of them stays in the processor's cache."""
BITS = 53
"""The bits of a whole number that float64 holds exactly."""
TRAINING_ONLY = ("initializer", "regularizer", "constraint", "name", "trainable")
"""Arguments that end so do not matter to outputs."""


def exact_product(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``x @ weights`` (n, m) of (n, k) and (k, m), float64: a row gets the same digits in any company.

    BLAS adds in an order that depends on the number of rows, the threads and the processor, and rounds after each
    addition. Here it has nothing to round: each number is two whole numbers of so few bits that every sum of products
    is a whole number below 2^53. The error is about 2^-40 of the largest terms. Ozaki, Ogita, Oishi and Rump (2012),
    "Error-free transformations of matrix multiplication by using fast routines of matrix multiplication".
    """
    bits = (BITS - max(1, x.shape[1]).bit_length() - 1) // 2
    x_high, x_low, x_exponents = split_exactly(x, bits, axis=1)
    high, low, exponents = split_exactly(weights, bits, axis=0)
    small = x_high @ low + x_low @ high
    return np.asarray(np.ldexp(x_high @ high + np.ldexp(small, -bits), x_exponents + exponents - 2 * bits))


def split_exactly(x: np.ndarray, bits: int, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``x`` as ``(high + low / 2^bits) 2^(exponents - bits)``, whole numbers of at most ``bits`` bits.

    ``exponents`` are those of the largest numbers along ``axis``, and keep it.
    """
    exponents = np.frexp(np.abs(x).max(axis=axis, keepdims=True, initial=0))[1]
    scaled = np.ldexp(np.asarray(x, "float64"), bits - exponents)
    high = np.rint(scaled)
    return high, np.rint(np.ldexp(scaled - high, bits)), exponents


NUMPY_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softmax": softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "silu": lambda x: x * sigmoid(x),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
}


def numpy_weights(config: Config, inputs: Mapping[str, InputSpec]) -> ExpectedArrays | None:
    """The weights that the network has for its ``inputs``, as ``name_variables`` names them.

    ``None`` where a layer, or more than one input, is not known here, and where layers are no chain.
    """
    is_simple = config.precision == "float32" and len(inputs) == 1 and is_chain(config.layers)
    if not is_simple or not all(map(is_known_layer, config.layers)):
        return None
    (only,) = inputs.values()
    if only.categories:
        return None
    shape = only.shape
    weights: ExpectedArrays = {}
    for spec, name in zip(config.layers, config.keras_names, strict=True):
        for weight, size in layer_weights(spec, shape):
            weights[f"{len(weights)}/{name}/{weight}"] = (size, "float32")
        shape = (*shape[:-1], spec.arguments["units"]) if spec.name == "dense" else shape
        shape = (int(np.prod(shape)),) if spec.name == "flatten" else shape
    return weights


def is_known_layer(spec: KerasSpec) -> bool:
    """Whether a layer with these arguments is done here."""
    if spec.name not in KNOWN or spec.arguments.get("activation", "linear") not in (None, *NUMPY_ACTIVATIONS):
        return False
    fixed = spec.given - KNOWN[spec.name]
    return all(
        name.endswith(TRAINING_ONLY) or plain_argument(spec.arguments[name]) == spec.entry.arguments[name].default
        for name in fixed
    ) and spec.arguments.get("axis", -1) == -1  # fmt: skip


def plain_argument(value: Any) -> Any:
    return value.name if isinstance(value, KerasSpec) else value


def layer_weights(spec: KerasSpec, shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """A layer's weights in Keras' order, for inputs of ``shape``."""
    if spec.name == "dense":
        units = spec.arguments["units"]
        bias = [("bias", (units,))] if spec.arguments["use_bias"] else []
        return [("kernel", (shape[-1], units)), *bias]
    if spec.name == "batch_normalization":
        learnt = [("gamma", "scale"), ("beta", "center")]
        names = [name for name, argument in learnt if spec.arguments[argument]]
        return [(name, (shape[-1],)) for name in (*names, "moving_mean", "moving_variance")]
    return []


def numpy_forward(config: Config, weights: Mapping[str, np.ndarray], inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """The network's outputs (n, units) for inputs (n, *shape) float32 that ``numpy_weights`` knew."""
    (x,) = inputs.values()
    arrays = {name.partition("/")[2]: np.asarray(array, "float64") for name, array in weights.items()}
    blocks = [x[start : start + BLOCK] for start in range(0, max(len(x), 1), BLOCK)]
    with np.errstate(over="ignore", invalid="ignore"):  # Keras gives inf and nan without a word, too
        return np.concatenate([block_outputs(config, arrays, block) for block in blocks])


def block_outputs(config: Config, arrays: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """As ``numpy_forward``, for a block of rows; the weights are called ``layer/weight``."""
    for spec, name in zip(config.layers, config.keras_names, strict=True):
        if spec.name == "dense":
            rows = exact_product(x.reshape(-1, x.shape[-1]), arrays[f"{name}/kernel"])
            x = rows.reshape(*x.shape[:-1], rows.shape[-1])
            x = x + arrays[f"{name}/bias"] if spec.arguments["use_bias"] else x
        elif spec.name == "batch_normalization":
            spread = np.sqrt(arrays[f"{name}/moving_variance"] + spec.arguments["epsilon"])
            x = (x - arrays[f"{name}/moving_mean"]) / spread
            x = x * arrays[f"{name}/gamma"] if spec.arguments["scale"] else x
            x = x + arrays[f"{name}/beta"] if spec.arguments["center"] else x
        elif spec.name == "flatten":
            x = x.reshape(len(x), -1)
        if spec.name in NUMPY_ACTIVATIONS:
            x = NUMPY_ACTIVATIONS[spec.name](x)
        x = NUMPY_ACTIVATIONS[spec.arguments.get("activation") or "linear"](x)
    return np.asarray(x, "float32")
