"""Batch normalization whose moving averages too few steps leave near their start: evaluation takes those."""

import math
from collections.abc import Sequence

from rnacli.checks.frozen import is_frozen
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan

BATCH_NORMALIZATION = "BatchNormalization"
MOST_LEFT = 0.1
"""The share of its start that a moving average may still hold."""
DEFAULT_MOMENTUM = 0.99
"""Keras', which the networks of ``keras.applications`` have too."""


def average_doubts(config: Config, data: Data, layers: Sequence[LayerPlan]) -> list[Problem]:
    """The first layer whose moving averages are not reached; ``layers``: those of the file come last.

    After n steps an average holds momentum ** n of its start, a mean of 0 and a variance of 1.
    """
    rows = len(data.parts["train"])
    steps = sum(phase.epochs * math.ceil(rows / phase.rows_per_step(rows)) for phase in config.phase_configs)
    for spec, layer in zip(config.layers, layers[-len(config.layers) :], strict=True):
        begins_anew = not is_frozen(spec) and not spec.arguments.get("weights")
        left = spec.arguments.get("momentum", DEFAULT_MOMENTUM) ** steps
        if BATCH_NORMALIZATION not in layer.kinds or not begins_anew or left <= MOST_LEFT:
            continue
        message = (
            "after {steps:,} steps the moving averages of {name} still hold {left:.0%} of their start (mean 0, "
            "variance 1), and predictions use them"
        )
        hint = "momentum: 0.9, more epochs or a smaller batch_size"
        if layer.kind != BATCH_NORMALIZATION:
            hint = "weights: imagenet, more epochs or a smaller batch_size"
        return [Problem(message, str(spec.place), hint, name=spec.name, steps=steps, left=left)]
    return []
