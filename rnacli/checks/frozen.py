"""A network of which training changes nothing."""

from collections.abc import Sequence

from rnacli.errors import Problem
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan


def frozen_doubts(config: Config, layers: Sequence[LayerPlan]) -> list[Problem]:
    """What to doubt where each layer that has weights is frozen, and no phase unfreezes one."""
    parameters = sum(layer.parameters for layer in layers)
    if not parameters or config.phases or sum(layer.frozen for layer in layers) < parameters:
        return []
    message = "every layer is frozen: training changes no weight"
    return [Problem(message, str(config.place("layers")), "remove trainable: false from the layers that are to learn")]
