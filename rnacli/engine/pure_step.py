"""A network's training step as a pure function of its state, so that it can be mapped over many networks.

Keras' ``StatelessScope`` lets plain layers, losses and metrics take their variables' values from tensors. Keras'
optimizers for TensorFlow refuse that, for the sake of ``tf.distribute``; without the methods that are about it they do
the same (``pure_optimizer``). These are names that Keras does not promise: a test says when they change.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rnacli.engine.initial import model_variables
from rnacli.engine.slot_numbers import LEARNING_RATE, replace_call, with_numbers
from rnacli.engine.tensorflow import keras, tf

OF_TENSORFLOW, BASE = (
    next(kind for kind in keras.optimizers.Optimizer.__mro__ if kind.__name__ == name)
    for name in ("TFOptimizer", "BaseOptimizer")
)
"""What Keras' optimizers are for TensorFlow, and what they are for any backend."""
DISTRIBUTED = (
    "assign", "assign_add", "assign_sub", "_backend_update_step", "_apply_weight_decay", "_var_key",
    "add_variable_from_reference", "stateless_apply",
)  # fmt: skip
"""The methods of Keras' optimizers that TensorFlow's have in another way."""
UNDISTRIBUTED: Any = type("Undistributed", (OF_TENSORFLOW,), {name: BASE.__dict__[name] for name in DISTRIBUTED})
"""Goes between an optimizer, which may have its own way with one of these methods, and TensorFlow's."""
SMALL = 4096
"""Weights of a dense layer up to which XLA is given sums of products: of many tiny matrices it makes a call each."""

Tensors = Sequence[Any]
Numbers = Mapping[str, Any]


def pure_optimizer(optimizer: Any, variables: Sequence[Any]) -> Any:
    """An optimizer like this one, built for ``variables``, that can update tensors."""
    kind = type(optimizer)
    plain: Any = type(kind.__name__, (kind, UNDISTRIBUTED), {})
    pure = plain.from_config(optimizer.get_config())
    pure.build(variables)
    return pure


class PureStep:
    """The steps of a compiled network, whose metrics are built, as functions of its state.

    The state is a list of tensors: ``variables`` (trainable, then others), then the optimizer's, then the metrics'.
    ``jit``: the functions are for XLA.
    """

    def __init__(self, network: Any, jit: bool):
        self.network, self.jit = network, jit
        self.trainable = list(network.trainable_variables)
        self.variables = model_variables(network)
        self.optimizer = pure_optimizer(network.optimizer, self.trainable)
        self.metrics = list(network.metrics_variables)
        self.loss = next(metric for metric in network.metrics if metric.name == "loss")

    @property
    def learning_rate(self) -> int | None:
        """Where in the state the learning rate is; ``None`` where it is a schedule."""
        rate = self.optimizer.learning_rate
        found = [i for i, variable in enumerate(self.optimizer.variables) if variable is rate]
        return len(self.variables) + found[0] if found else None

    def train(self, state: Tensors, batch: Tensors, numbers: Numbers) -> list[Any]:
        """The state after a step on a batch: inputs, targets and, if there are any, weights of rows."""
        network, trainable = self.network, len(self.trainable)
        own, optimizer, metrics = self.divide(state)
        with self.as_network(own, metrics, numbers) as scope:
            x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(own[:trainable])
                outputs = network(x, training=True)
                loss = network.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weights, training=True)
            self.loss.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])
            network.compute_metrics(x, y, outputs, sample_weight=weights)
            gradients = tape.gradient(loss, own[:trainable])
        changed, optimizer = self.optimizer.stateless_apply(optimizer, gradients, own[:trainable])
        others = [scope.get_current_value(variable) for variable in self.variables[trainable:]]
        return [*changed, *others, *optimizer, *(scope.get_current_value(variable) for variable in self.metrics)]

    def measure(self, own: Tensors, metrics: Tensors, batch: Tensors, numbers: Numbers) -> list[Any]:
        """The metrics' state after a batch that is measured; ``own``: the values of ``variables``."""
        network = self.network
        with self.as_network(own, metrics, numbers) as scope:
            x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
            outputs = network(x, training=False)
            loss = network.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weights, training=False)
            self.loss.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])
            network.compute_metrics(x, y, outputs, sample_weight=weights)
        return [scope.get_current_value(variable) for variable in self.metrics]

    def answer(self, own: Tensors, inputs: Any) -> Any:
        """The network's outputs for some inputs."""
        with self.as_network(own, [], {}):
            return self.network(inputs, training=False)

    def results(self, metrics: Tensors) -> dict[str, Any]:
        """What the metrics say."""
        with keras.StatelessScope(state_mapping=[*zip(self.metrics, metrics, strict=True)]):
            return dict(self.network.get_metrics_result())

    def divide(self, state: Tensors) -> tuple[list[Any], list[Any], list[Any]]:
        """The values of the variables, of the optimizer's, and of the metrics'."""
        first, second = len(self.variables), len(self.variables) + len(self.optimizer.variables)
        return list(state[:first]), list(state[first:second]), list(state[second:])

    @contextlib.contextmanager
    def as_network(self, own: Tensors, metrics: Tensors, numbers: Numbers) -> Iterator[Any]:
        """Let the network be one with these values and ``numbers`` while the block is traced."""
        values = [*zip(self.variables, own, strict=True), *zip(self.metrics, metrics, strict=False)]
        inner = {name: number for name, number in numbers.items() if name != LEARNING_RATE}
        with contextlib.ExitStack() as stack:
            for layer in self.network.layers if self.jit else ():
                if is_small(layer):
                    stack.callback(replace_call(layer, product_sum(layer)))
            stack.enter_context(with_numbers(self.network, inner))
            yield stack.enter_context(keras.StatelessScope(state_mapping=values, collect_losses=True))


def is_small(layer: Any) -> bool:
    """Whether a layer is a plain dense one of few weights."""
    is_plain = type(layer) is keras.layers.Dense and layer.dtype_policy.name == "float32"
    return is_plain and layer.kernel.shape[0] * layer.kernel.shape[1] <= SMALL


def product_sum(layer: Any) -> Callable[..., Any]:
    """A dense layer's call, of which XLA makes plain loops where rows are vectors."""
    plain = layer.call

    def call(x: Any, training: Any = None) -> Any:
        if len(x.shape) != 2:
            return plain(x, training=training)
        y = tf.reduce_sum(x[:, :, None] * tf.convert_to_tensor(layer.kernel)[None], axis=1)
        y = y + tf.convert_to_tensor(layer.bias) if layer.use_bias else y
        return y if layer.activation is None else layer.activation(y)

    return call
