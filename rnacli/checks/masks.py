"""Masks that are lost on their way, and rows of which a mask leaves nothing."""

from collections.abc import Sequence

from rnacli.checks.indices import rows_of
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.plan import LayerPlan


def mask_doubts(config: Config, layers: Sequence[LayerPlan]) -> list[Problem]:
    """The layers that take padding for steps like the others; ``layers``: those of the file come last."""
    message = "{name} takes no mask: steps that are padding count there like the others"
    hint = "lstm, gru and global_average_pooling1d take it; else leave out masking, or mask_zero in embedding"
    own = zip(config.layers, layers[-len(config.layers) :], strict=True)
    dropped = [Problem(message, str(spec.place), hint, name=layer.name) for spec, layer in own if layer.drops_mask]
    return [*moved_padding(config), *dropped]


def moved_padding(config: Config) -> list[Problem]:
    """A ``masking`` of numbers that are others by then: a scale that subtracts has moved the padding."""
    first = config.layers[0]
    if first.name != "masking" or config.dataset.scale not in ("standard", "minmax", "robust"):
        return []
    message = "masking looks for steps of {value:g} alone, and scale: {scale} makes others of them"
    hint = "dataset: {scale: none}, or batch_normalization behind masking"
    value, scale = first.arguments["mask_value"], config.dataset.scale
    return [Problem(message, str(first.place), hint, value=value, scale=scale)]


def padding_problems(config: Config, data: Data, layers: Sequence[LayerPlan]) -> list[Problem]:
    """Rows of padding alone, of which a layer would take the mean: no number, and so would be the loss."""
    first, own = config.layers[0], zip(config.layers, layers[-len(config.layers) :], strict=True)
    mean = next((spec for spec, layer in own if layer.is_masked and spec.name == "global_average_pooling1d"), None)
    inputs = list(data.preprocessing.encoder.inputs)
    if mean is None or first.name not in ("embedding", "masking") or len(inputs) > 1:
        return []
    value = first.arguments.get("mask_value", 0)  # that of an embedding
    count = sum(int((encoded == value).all(axis=1).sum()) for encoded in rows_of(data, inputs))
    if not count:
        return []
    message = "{count:,} rows are padding from end to end, and {name} takes the mean of the other steps"
    hint = "leave such rows out, or lstm in its place"
    return [Problem(message, str(mean.place), hint, count=count, name=mean.name)]
