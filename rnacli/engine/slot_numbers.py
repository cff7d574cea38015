"""The numbers in which networks of one program may differ, besides their seeds; and the networks made to have them.

A number is called ``learning_rate``, or ``<layer>.<attribute>``: the ``rate`` of a dropout, the ``stddev`` of a noise,
``kernel_regularizer.l2`` and the like; the layer by its name in Keras. While the step is traced, a layer's call or a
regularizer is another one for a moment, which takes the number as a tensor.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rnacli.engine.tensorflow import keras, tf

LEARNING_RATE = "learning_rate"
Undo = Callable[[], None]

layers = keras.layers
RATES = (layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D)


def number_of_network(network: Any, name: str) -> float:
    """A number as the compiled network has it. Raises ``ValueError`` where networks of one program share it."""
    if name == LEARNING_RATE:
        rate = network.optimizer.learning_rate
        if not isinstance(rate, keras.Variable):
            raise ValueError("the learning rate is a schedule")
        return float(rate.numpy())
    layer, place = find_layer(network, name)
    if kind_of_noise(layer) is not None and place == noise_attribute(layer):
        if not getattr(layer, place):
            raise ValueError(f"{name} is 0: the layer has no random numbers")
        return float(getattr(layer, place))
    weight, _, penalty = place.partition("_regularizer.")
    regularizer = getattr(layer, f"{weight}_regularizer", None)
    is_known = isinstance(regularizer, keras.regularizers.L1 | keras.regularizers.L2 | keras.regularizers.L1L2)
    if (
        is_known
        and penalty in ("l1", "l2")
        and hasattr(regularizer, penalty)
        and find_weight(layer, regularizer) is not None
    ):
        return float(getattr(regularizer, penalty))
    raise ValueError(f"{name} is the same in all networks of one program")


@contextlib.contextmanager
def with_numbers(network: Any, numbers: Mapping[str, Any]) -> Iterator[None]:
    """Let a network have these ``numbers``, float64 tensors (), while the block is traced; not its learning rate."""
    with contextlib.ExitStack() as stack:
        penalties: dict[tuple[Any, str], dict[str, Any]] = {}
        for name, value in numbers.items():
            layer, place = find_layer(network, name)
            if kind_of_noise(layer) is not None:
                stack.callback(replace_call(layer, noisy_call(layer, value)))
            else:
                weight, _, penalty = place.partition("_regularizer.")
                penalties.setdefault((layer, f"{weight}_regularizer"), {})[penalty] = value
        for (layer, regularizer), values in penalties.items():
            stack.callback(replace_regularizer(layer, getattr(layer, regularizer), values))
        yield


def find_layer(network: Any, name: str) -> tuple[Any, str]:
    """The layer of a number's name, and what of it. Raises ``ValueError``."""
    for layer in network.layers:
        if name.startswith(f"{layer.name}."):
            return layer, name.removeprefix(f"{layer.name}.")
    raise ValueError(f"{name}: the network has no such layer")


def kind_of_noise(layer: Any) -> str | None:
    """Whether a layer is random in training in a way that is written here."""
    if type(layer) in RATES:
        return "dropout"
    return {layers.GaussianNoise: "noise", layers.GaussianDropout: "factor"}.get(type(layer))


def noise_attribute(layer: Any) -> str:
    return "stddev" if isinstance(layer, layers.GaussianNoise) else "rate"


def replace_call(layer: Any, call: Callable[..., Any]) -> Undo:
    """Give a layer another ``call``; gives the way back."""
    layer.__dict__["call"] = call
    return lambda: layer.__dict__.pop("call", None)


def noisy_call(layer: Any, value: Any) -> Callable[..., Any]:
    """The call of a random layer with a tensor for its number: with the same random numbers as Keras' own."""
    kind = kind_of_noise(layer)

    def call(x: Any, training: bool = False) -> Any:
        if not training:
            return x
        # As Keras makes a seed for TensorFlow of what its generators give.
        seed = tf.cast(tf.math.floormod(layer.seed_generator.next(), tf.int32.max - 1), tf.int32)
        if kind == "dropout":
            spatial = getattr(layer, "_get_noise_shape", None)
            shape = spatial(x) if spatial else fill_shape(layer.noise_shape, x)
            kept = tf.random.stateless_uniform(shape, seed, dtype=x.dtype) >= tf.cast(value, x.dtype)
            return tf.where(kept, x * tf.cast(1 / (1 - value), x.dtype), tf.zeros((), x.dtype))
        deviation = tf.cast(value if kind == "noise" else tf.sqrt(value / (1 - value)), x.dtype)
        mean = 0.0 if kind == "noise" else 1.0
        noise = tf.random.stateless_normal(tf.shape(x), seed, mean=mean, stddev=deviation, dtype=x.dtype)
        return x + noise if kind == "noise" else x * noise

    return call


def fill_shape(shape: Any, x: Any) -> Any:
    sizes = tf.shape(x)
    return sizes if shape is None else [sizes[i] if size is None else size for i, size in enumerate(shape)]


def find_weight(layer: Any, regularizer: Any) -> Any:
    """The weight that a regularizer is of, or ``None``."""
    return next((weight for weight in layer.trainable_weights if weight.regularizer is regularizer), None)


def replace_regularizer(layer: Any, regularizer: Any, values: Mapping[str, Any]) -> Undo:
    """Let the weight of a ``regularizer`` have one with other numbers; gives the way back."""
    weight = find_weight(layer, regularizer)
    l1, l2 = (values.get(name, getattr(regularizer, name, None)) for name in ("l1", "l2"))

    def penalty(x: Any) -> Any:
        x = tf.convert_to_tensor(x)
        parts = [] if l1 is None else [tf.cast(l1, x.dtype) * tf.reduce_sum(tf.abs(x))]
        parts += [] if l2 is None else [tf.cast(l2, x.dtype) * tf.reduce_sum(tf.square(x))]
        return tf.add_n(parts)

    weight.regularizer = penalty

    def undo() -> None:
        weight.regularizer = regularizer

    return undo
