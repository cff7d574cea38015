"""Neurons that end in a step, and the loss by which such a one learns.

The step is no part of the network that is trained, since nothing can be learnt through it: the network gives what
comes before. What is measured, and the model that is saved, have the step behind it, made of Keras' own operations, so
that any Keras opens the model.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.networks.nodes import Node
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.heads import PERCEPTRON, STEPS, Head

ops = keras.ops


def without_step(spec: KerasSpec) -> dict[str, str]:
    """What an output layer is built with in the place of its step; nothing where it has none."""
    return {"activation": "linear"} if spec.arguments.get("activation") in STEPS else {}


def take_step(step: str, z: Any) -> Any:
    """``heaviside``: 1 from 0 on, else 0. ``sign``: -1, 0 or 1."""
    return ops.cast(ops.greater_equal(z, 0), "float32") if step == "heaviside" else ops.sign(z)


class Perceptron(keras.losses.Loss):  # type: ignore[misc]
    """``(y_hat - y) z``: z is what comes before the step, and ``y_hat`` is held constant.

    Its value is how far z is on the wrong side, and its gradient is ``y_hat - y``: a step of gradient descent on one
    row is the rule ``w += eta (y - y_hat) x``. Rosenblatt (1958), "The Perceptron: A Probabilistic Model for
    Information Storage and Organization in the Brain". Targets come as 0 and 1; beside ``sign`` they stand for -1 and
    1.
    """

    def __init__(self, step: str):
        super().__init__(name=PERCEPTRON)
        self.step = step

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y = ops.cast(y_true, y_pred.dtype)
        if self.step == "sign":
            y = 2 * y - 1
        wrong = ops.stop_gradient(ops.cast(take_step(self.step, y_pred), y_pred.dtype) - y)
        return ops.mean(wrong * y_pred, axis=-1)


def attach_steps(network: Any, heads: Mapping[str, Head]) -> None:
    """Let a compiled network be measured, and saved, with the steps of its ``heads`` behind it."""
    steps = steps_of(heads)
    if not steps:
        return
    plain = type(network).compute_metrics

    def measured(step: str, z: Any) -> Any:
        # A metric counts from a half, and knows no -1.
        return take_step(step, z) if step == "heaviside" else (ops.sign(z) + 1) / 2

    def compute_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        by_name = dict(y_pred) if len(heads) > 1 else dict.fromkeys(heads, y_pred)
        stepped = {name: measured(steps[name], z) if name in steps else z for name, z in by_name.items()}
        return plain(network, x, y, pack(stepped), sample_weight)

    def save(path: Any, overwrite: bool = True, **options: Any) -> None:
        add_steps(network, steps).save(path, overwrite=overwrite, **options)

    network.compute_metrics, network.save = compute_metrics, save


def add_steps(network: Any, steps: Mapping[str, str]) -> Any:
    """The model, not compiled, that gives labels: a network of ours with the ``steps`` of its outputs behind it."""
    outputs = network.output if len(network.outputs) > 1 else dict.fromkeys(steps, network.outputs[0])
    stepped = {name: take_step(steps[name], z) if name in steps else z for name, z in outputs.items()}
    inputs = network.inputs[0] if len(network.inputs) == 1 else network.input
    return keras.Model(inputs, pack(stepped), name=network.name)


def has_step(config: Config) -> bool:
    """Whether an output of a network ends in a step, which makes labels of the last digits of what comes before."""
    return bool(steps_of(config.heads))


def steps_of(heads: Mapping[str, Head]) -> dict[str, str]:
    """The steps that outputs end in, by the names of their layers."""
    return {name: head.activation for name, head in heads.items() if head.activation in STEPS}


def describe_steps(config: Config, nodes: Sequence[Node]) -> list[Node]:
    """The steps behind the outputs among ``nodes``, as nodes of their own."""
    shapes = {node.name: node.shape for node in nodes}
    return [Node(step, "Step", shapes[name], inputs=(name,)) for name, step in steps_of(config.heads).items()]
