"""A network that is to give back its input: what it gives, its loss and its data."""

import dataclasses
from typing import Any

import numpy as np

from rnacli.checks.indices import ROWS
from rnacli.encoders.encoder import InputSpec
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import MOVING, trace_numbers
from rnacli.pictures.augment import MIXING
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.heads import BINARY_LOSSES, CLASS_LOSSES, MARGIN_LOSSES, Head
from rnacli.tasks.numbers import RANGES
from rnacli.words import fill_template

LOSSES = BINARY_LOSSES - MARGIN_LOSSES
"""Losses for classes that compare numbers from 0 to 1 as well."""


def reconstruction_problems(config: Config, data: Data, head: Head, shape: tuple[int | None, ...]) -> list[Problem]:
    """Why a network whose outputs have rows of this ``shape`` cannot give back its input."""
    inputs = data.preprocessing.encoder.inputs
    place, last = str(config.place("dataset", "target")), str(head.last.place)
    values: dict[str, Any]
    if len(inputs) > 1 or not next(iter(inputs.values())).dtype.startswith("float"):
        message = "the target is the input, which has to be one array of numbers, and the network takes {names:and}"
        hint = "numbers only: no inputs, and no columns with encode: embedding"
        return [Problem(message, place, hint, names=list(inputs))]
    (spec,) = inputs.values()
    problems = [
        Problem("{name} mixes pictures, and each is to be given back", str(each.place), "leave it out", name=each.name)
        for each in config.dataset.augment
        if each.name in MIXING
    ]
    if head.loss.name in CLASS_LOSSES - LOSSES:
        message, hint = "{name} is for classes, and the target is the input", "loss: mse, or binary_crossentropy"
        problems.append(Problem(message, str(head.loss.place), hint, name=head.loss.name))
    if not are_alike(shape, spec):
        message = "the target is the input, of shape {wanted}, and the last layer ({name}) gives {shape}"
        size = int(np.prod(spec.shape))
        hint = "- reshape: {wanted} behind - dense: {size}" if len(spec.shape) > 1 else "- dense: {size}"
        values = {"wanted": [*spec.shape], "shape": [*shape], "size": size}
        problems.append(Problem(message, last, hint, name=head.last.name, **values))
    return problems


def are_alike(shape: tuple[int | None, ...], spec: InputSpec) -> bool:
    """Whether outputs have the input's shape; grey pictures may have a channel of their own."""
    return shape in (spec.shape, (*spec.shape, 1)) or (*shape, 1) == spec.shape


def active_head(config: Config, output: str) -> Head:
    """An output with the layer that its numbers come from, in place of one that only gives them a shape."""
    head = config.heads[output]
    before = trace_numbers(config.layers, config.outputs[output])[0]
    return (
        dataclasses.replace(head, last=before) if head.last.name in MOVING and isinstance(before, KerasSpec) else head
    )


def reconstruction_doubts(config: Config, data: Data, head: Head) -> list[Problem]:
    """Inputs that the last activation or the loss cannot reach, as the network gets them."""
    if head.activation == "softmax":
        message, hint = "softmax gives numbers that sum to 1, and the inputs do not", "activation: sigmoid"
        return [Problem(message, str(head.last.place), hint)]
    low, high = (0.0, 1.0) if head.loss.name in LOSSES else RANGES.get(head.activation, (-np.inf, np.inf))
    encoder, rows = data.preprocessing.encoder, data.parts["train"]
    if (low, high) == (-np.inf, np.inf):
        return []
    least, most = np.inf, -np.inf
    for start in range(0, len(rows), ROWS):
        (values,) = encoder.encode(data.rows.x.take(rows[start : start + ROWS])).values()
        least, most = min(least, float(values.min())), max(most, float(values.max()))
    if low <= least and most <= high:
        return []
    message = "{what} is for {low:g} to {high:g}, and the scaled inputs go from {least:g} to {most:g}"
    hint = "dataset: {scale: minmax} or {scale: {rescale: 255}}; or loss: mse with no activation in the last layer"
    by_loss = head.loss.name in LOSSES
    what, place = (head.loss.name, head.loss.place) if by_loss else (head.activation, head.last.place)
    return [Problem(message, str(place), hint, what=fill_template(what), low=low, high=high, least=least, most=most)]
