"""The last layer and the loss against the target."""

from rnacli.checks.reconstruction import active_head, reconstruction_doubts
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import MOVING, trace_numbers
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.layer import INPUTS
from rnacli.tasks.heads import CLASS_LOSSES, MARGIN_LOSSES, PERCEPTRON, Head
from rnacli.tasks.task import Task

NOISE = ("dropout", "spatial_dropout1d", "spatial_dropout2d", "gaussian_dropout", "gaussian_noise", "alpha_dropout")
"""Layers that only disturb what they are given."""


def head_problems(head: Head, task: Task, outputs: tuple[int | None, ...]) -> list[Problem]:
    """The last layer against the target; ``outputs`` is the shape of one row of what it gives."""
    place = str(head.last.place)
    if head.last.name in NOISE:
        message = "{layer} is the last layer: in training it would spoil the answers themselves"
        return [Problem(message, place, "put it before the layer that gives the answers", layer=head.last.name)]
    if wrong := task.shape_problems(head, outputs):
        return wrong
    units = outputs[-1] or 0
    if units == 1 and head.activation == "softmax":
        return [
            Problem(
                "softmax over 1 unit is always 1: nothing can be learnt",
                place,
                "activation: sigmoid for two classes, or one unit for each class",
            )
        ]
    return task.problems(head, units)


def loss_doubts(config: Config, data: Data, output: str) -> list[Problem]:
    """The loss of an output against its last activation: what Keras trains, and nobody means."""
    task = data.tasks[output]
    whole = active_head(config, output) if task.compares_input else config.heads[output]
    loss, head = whole.loss, whole.activation
    place = str(loss.place)
    if loss.name in CLASS_LOSSES - MARGIN_LOSSES - {PERCEPTRON}:
        squashed = head in ("sigmoid", "softmax", "log_softmax")
        if whole.from_logits and squashed:
            return [
                Problem(
                    "{name} with from_logits expects raw outputs, and the last layer already has {head:.300}",
                    place,
                    "remove from_logits, or remove {head:.300}",
                    name=loss.name,
                    head=head,
                )
            ]
        if not whole.from_logits and not squashed:
            return [
                Problem(
                    "{name} expects probabilities, and the last layer's activation is {head:.300}",
                    place,
                    "activation: {head_activation}, or loss: {{name}: {from_logits: true}}",
                    name=loss.name,
                    head=head,
                    head_activation=task.head_activation,
                )
            ]
        if task.head_activation == "softmax" and head == "sigmoid":
            return [
                Problem(
                    "{name} expects probabilities that sum to 1, and sigmoid units do not",
                    place,
                    "activation: softmax",
                    name=loss.name,
                )
            ]
    if loss.name in MARGIN_LOSSES and head in ("sigmoid", "softmax"):
        message = "{name} expects outputs from -1 to 1, and {head:.300} gives 0 to 1"
        hint = "activation: tanh, or loss: {other}"
        other = "binary_crossentropy" if head == "sigmoid" else "categorical_crossentropy"
        return [Problem(message, place, hint, name=loss.name, head=head, other=other)]
    if task.compares_input:
        return reconstruction_doubts(config, data, whole)
    return task.loss_doubts(whole, data.targets("train", output), config.dataset.HAS_COLUMNS)


def softmax_doubts(config: Config) -> list[Problem]:
    """A layer behind a softmax, which is for the outputs: what follows makes other numbers of the probabilities."""
    for i, after in enumerate(config.layers):
        spec = trace_numbers(config.layers, i)[0]
        if not isinstance(spec, KerasSpec) or after.name in (*MOVING, *INPUTS):  # which may weigh by them
            continue
        if "softmax" in (spec.name, spec.arguments.get("activation")):
            message = "{after} follows softmax, whose probabilities are for the outputs of the network"
            hint = "softmax only in the last layer; activation: relu in {name}"
            if i in config.outputs.values() and "units" not in after.arguments:
                hint = "write {after} before {name}, or leave it out"
            return [Problem(message, str(after.place), hint, name=spec.name, after=after.name)]
    return []
