"""A generator and its discriminator against the data, which both have to be like."""

from collections.abc import Iterator, Sequence

import numpy as np

from rnacli.checks.data import size_doubts
from rnacli.checks.metrics import monitor_problems
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.adversarial import SIDES
from rnacli.experiment.config import Config
from rnacli.networks.learners import adapts
from rnacli.networks.plan import LayerPlan
from rnacli.pictures.grid import are_pictures
from rnacli.tasks.heads import Head
from rnacli.tasks.numbers import RANGES

SOME = 4096
"""Training examples whose range is looked at."""
TOLERANCE = 1e-3
"""How far data may reach beyond what an activation gives, as a share of that."""
REACHED = 0.75
"""The share of an activation's range that data should make use of."""
TO_RANGE = {"tanh": "{rescale: 127.5, offset: -1}", "sigmoid": "{rescale: 255}", "relu": "{rescale: 255}"}
"""The scale of pixels that suits an activation."""


def side_problems(config: Config, data: Data, layers: Sequence[LayerPlan]) -> list[Problem]:
    """What is wrong with the two networks for these data; ``layers``: as they were planned."""
    problems = [
        *shape_problems(config, data, layers),
        *learner_problems(config),
        *monitor_problems(config, data, {}),
    ]
    if config.samples is not None and not are_pictures(data.rows.x.shape):
        message, hint = (
            "samples are pictures, and the data have rows of shape {shape}",
            "remove it; see plots/generated.png",
        )
        problems.append(Problem(message, str(config.place("samples")), hint, shape=data.rows.x.shape))
    if data.rows.weights is not None:
        message, hint = "a generator counts each example once", "remove sample_weight"
        problems.append(Problem(message, str(config.place("dataset", "sample_weight")), hint))
    return problems or range_problems(config, data)[0]


def side_doubts(config: Config, data: Data) -> list[Problem]:
    """What can be trained but is hardly meant."""
    doubts = [*range_problems(config, data)[1], *size_doubts(config, data)]
    for callback in config.callbacks:
        if callback.name == "early_stopping":
            message = "early_stopping ends a training that gets no better, and these losses go up and down all the time"
            doubts.append(Problem(message, str(callback.place), "remove it, and look at the samples"))
    return doubts


def shape_problems(config: Config, data: Data, layers: Sequence[LayerPlan]) -> Iterator[Problem]:
    """The generator makes examples of the data's shape, and the discriminator gives one number."""
    ends = {side: [layer for layer in layers if layer.name.startswith(f"{side}/")][-1] for side in SIDES}
    lasts = {side: str(own.layers[-1].place) for side, own in config.sides.items()}
    inputs = data.preprocessing.encoder.inputs
    if len(inputs) > 1 or any(spec.categories for spec in inputs.values()):
        message = "a generator makes examples of one array, and the data have the inputs {names:and}"
        hint = "columns: {town: {encode: one_hot}} in the place of an embedding"
        yield Problem(message, str(config.place("dataset")), hint, names=list(inputs))
        return
    columns = data.preprocessing.columns
    if columns is not None and not columns.are_plain:
        name = next(column.name for j, column in enumerate(columns) if j not in columns.plain)
        message, hint = "a generator makes numbers, and column {name} is of another kind", "columns: {{name}: ignore}"
        yield Problem(message, str(config.place("dataset")), hint, name=name)
        return
    (spec,) = inputs.values()
    made = ends["generator"].shape
    if made not in (spec.shape, (*spec.shape, 1)):
        message = "the generator makes examples of shape {made}, and the data have the shape {shape}"
        hint = "its last layers have to give {shape}: strides, filters or units, or reshape: [{numbers}]"
        numbers = ", ".join(map(str, spec.shape))
        yield Problem(message, lasts["generator"], hint, made=made, shape=spec.shape, numbers=numbers)
    told = ends["discriminator"].shape
    if told != (1,):
        message = "the discriminator gives one number for each example, real or fake, got rows of shape {told}"
        yield Problem(message, lasts["discriminator"], "write - flatten and - dense: 1 at its end", told=told)


def learner_problems(config: Config) -> Iterator[Problem]:
    """Layers that would learn from the data before training: here they get what is made as well."""
    for own in config.sides.values():
        for spec in filter(adapts, own.layers):
            message = "{name} learns from the training rows, and here it gets examples that are made as well"
            yield Problem(message, str(spec.place), "dataset: {scale: standard}, and remove it here", name=spec.name)


def range_problems(config: Config, data: Data) -> tuple[list[Problem], list[Problem]]:
    """What the last activation of the generator cannot give, and what of its range the data hardly use."""
    last = config.sides["generator"].layers[-1]
    activation = Head(last, config.only_loss).activation
    if activation not in RANGES:
        return [], []
    (low, high), (least, most) = RANGES[activation], encoded_range(data)
    place, size = str(last.place), high - low if np.isfinite(high) else 1.0
    is_pixels = data.rows.x.dtype == np.uint8
    hint = "another scale in dataset, or a last layer without activation"
    if is_pixels and activation in TO_RANGE:
        hint = "dataset: {scale: {scale}}"
    values = {"activation": activation, "least": least, "most": most, "scale": TO_RANGE.get(activation, "")}
    values |= {"low": low, "high": high}
    if least < low - TOLERANCE * size or most > high + TOLERANCE * size:
        message = "{activation} gives {low:g} to {high:g}, and the scaled data go from {least:.4g} to {most:.4g}"
        return [Problem(message, place, hint, **values)], []
    if np.isfinite(high) and most - least < REACHED * size:
        message = "{activation} gives {low:g} to {high:g}, and the scaled data only go from {least:.4g} to {most:.4g}"
        return [], [Problem(message, place, hint, **values)]
    return [], []


def encoded_range(data: Data) -> tuple[float, float]:
    """The least and the greatest number of the examples as the networks get them; of pixels, that they can have."""
    encoder, rows = data.preprocessing.encoder, data.parts["train"][:SOME]
    raw = data.rows.x.take(rows)
    if raw.dtype == np.uint8:
        raw = np.stack([np.full_like(raw[0], 0), np.full_like(raw[0], 255)])
    (encoded,) = encoder.encode(raw).values()
    return float(encoded.min()), float(encoded.max())
