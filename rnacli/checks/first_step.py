"""Losses and metrics that Keras refuses for what the network gives, tried on shapes alone before there is a run."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnacli.engine.tensorflow import keras, tf
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.build import build_loss, build_metric
from rnacli.networks.keras_errors import Shape
from rnacli.networks.plan import LayerPlan
from rnacli.schema.keras_object import KerasSpec

ROWS = 7
"""No number of classes or targets that is common: what only fits by chance would not be seen."""


def first_step_problems(config: Config, data: Data, layers: Sequence[LayerPlan]) -> list[Problem]:
    """Each loss and metric that would end the first step. ``layers``: as they were planned.

    TensorFlow has to be started: its threads are fixed here.
    """
    shapes = {layer.name: layer.shape for layer in layers}
    found = [
        problem
        for phase in config.phase_configs
        for output in data.tasks
        for problem in output_problems(phase, data, output, shapes[output])
    ]
    keras.utils.clear_session(free_memory=False)  # the names of what is built next do not count what was tried
    return list({str(problem): problem for problem in found}.values())


def output_problems(config: Config, data: Data, output: str, shape: Shape) -> Iterator[Problem]:
    """What the loss and the metrics of an output do not take."""
    head, task = config.heads[output], data.tasks[output]
    rows = min(ROWS, len(data.parts["train"]))
    outputs = keras.KerasTensor((rows, *shape))
    targets = outputs
    if not task.compares_input:
        encoded = task.encode(data.rows.take_targets(output, data.parts["train"][:rows]))
        targets = keras.KerasTensor(encoded.shape, str(encoded.dtype))
    for spec in (head.loss, *config.measured[output]):
        if may_refuse(spec, targets, outputs):
            call = build_loss(head) if spec is head.loss else build_metric(spec, head, task)
            if callable(call) and is_refused(call, targets, outputs):
                yield refused(spec, targets, outputs)


FUSSY = ("categorical_generalized_cross_entropy", "circle", "ctc")
"""Losses that do not take one-hot targets."""


def may_refuse(spec: KerasSpec, targets: Any, outputs: Any) -> bool:
    """Whether an object could do so: as it is, none does where each output has a target, or sparse ones a class."""
    usual = outputs.ndim == 2 and spec.name.startswith("sparse_") == (targets.ndim == 1)
    return bool(spec.given - {"name"}) or spec.name in FUSSY or not usual


def is_refused(call: Callable[..., Any], targets: Any, outputs: Any) -> bool:
    """Whether Keras does not take rows of such targets and outputs."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            keras.src.backend.compute_output_spec(call, targets, outputs)
    except (ValueError, TypeError, IndexError, tf.errors.OpError):
        return True
    return False


def refused(spec: KerasSpec, targets: Any, outputs: Any) -> Problem:
    """The problem of a loss or metric: an axis that there is not, or shapes that do not belong together."""
    place, given = str(spec.place), ("batch", *outputs.shape[1:])
    if "axis" in spec.given:
        message = "{name} is computed along axis {axis}, and the outputs have the shape {given}"
        hint = "leave axis out: it is the last one then"
        return Problem(message, place, hint, name=spec.name, axis=spec.arguments["axis"], given=given)
    message = "{name} does not take targets of the shape {wanted} and outputs of the shape {given}"
    hint = "another loss" if spec.entry.category == "loss" else "leave it out"
    if spec.entry.category == "metric" and targets.ndim < outputs.ndim:
        hint = "loss: categorical_crossentropy makes the targets one-hot"
    return Problem(message, place, hint, name=spec.name, wanted=("batch", *targets.shape[1:]), given=given)
