"""Masks that are lost on their way."""

from collections.abc import Sequence

from rnacli.errors import Problem
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan


def mask_doubts(config: Config, layers: Sequence[LayerPlan]) -> list[Problem]:
    """The layers that take padding for steps like the others; ``layers``: those of the file come last."""
    message = "{name} takes no mask: steps that are padding count there like the others"
    hint = "lstm, gru and global_average_pooling1d take it; else leave out masking, or mask_zero in embedding"
    own = zip(config.layers, layers[-len(config.layers) :], strict=True)
    return [Problem(message, str(spec.place), hint, name=layer.name) for spec, layer in own if layer.drops_mask]
