"""The pixels that layers get, against those that they are made for."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import INPUT, MOVING, Layers, trace_sources
from rnacli.pictures.augment import AUGMENTATIONS, MIXING
from rnacli.pictures.decode import CHANNELS
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.layer import APPLICATION, NETWORK

LOOKED_AT = 32
"""Training rows whose values are looked at."""
SCALED = 20.0
"""Pixels that go no further than this from 0 are scaled: those of 0 to 255 do, even in dark pictures."""
FADED = 0.05
"""Pixels that go no further than this are scaled twice."""
NORMALIZED = 3.0
"""How far most values go that a normalization gives."""
PASSING = (
    *MOVING, *AUGMENTATIONS, "average_pooling2d", "center_crop", "cropping2d", "dropout", "max_pooling2d",
    "random_crop", "resizing", "spatial_dropout2d", "up_sampling2d", "zero_padding2d",
)  # fmt: skip
"""Layers that give values as large as those that they get."""


class Range(NamedTuple):
    """From where to where values go; ``is_pixel``: they come from whole numbers of 0 to 255.

    ``is_last``: the last axis is that of the channels.
    """

    low: float
    high: float
    is_pixel: bool
    is_last: bool

    @property
    def largest(self) -> float:
        return max(-self.low, self.high)


def pixel_problems(config: Config, data: Data) -> tuple[list[Problem], list[Problem]]:
    """Layers that get pixels of another range than they are made for, and those where that is to be doubted."""
    found = list(follow_pixels(config.layers, find_ranges(data), config))
    # Pixels that nothing scales were said when they were read.
    stored, divisor = data.preprocessing.encoder.store(data.rows.x.take(data.parts["train"][:1]))
    is_said = divisor == 1 and not config.takes_pixels and any(each.dtype == np.uint8 for each in stored.values())
    doubts = [] if is_said else [doubt for doubt, is_wrong in found if not is_wrong]
    return [problem for problem, is_wrong in found if is_wrong], doubts


def find_ranges(data: Data) -> dict[str, Range]:
    """From where to where the values of each input go, as the network gets them."""
    encoder, raw = data.preprocessing.encoder, data.rows.x.take(data.parts["train"][:LOOKED_AT])
    types = {name: raw[name].dtype for name in raw.dtype.names or ()}
    stored, divisor = encoder.store(raw[:1])
    ranges = {}
    for name, values in encoder.encode(raw).items():
        if values.size and np.issubdtype(values.dtype, np.floating):
            is_pixel = np.uint8 in (raw.dtype, types.get(name), stored[name].dtype)
            is_last = is_pixel and values.ndim == 4 and values.shape[-1] in CHANNELS.values()
            # Of bytes that are divided, the range is known, however dark the pictures are.
            ends = (0, 255 / divisor) if stored[name].dtype == np.uint8 else (values.min(), values.max())
            ranges[name] = Range(float(ends[0]), float(ends[1]), is_pixel, is_last)
    return ranges


def follow_pixels(layers: Layers, inputs: Mapping[str, Range], config: Config) -> Iterator[tuple[Problem, bool]]:
    """What is said of each layer that gets values as large as those of an input, and whether it is wrong."""
    given: list[Range | None] = []
    only = next(iter(inputs.values())) if len(inputs) == 1 else None
    for spec, sources in zip(layers, trace_sources(layers), strict=True):
        ranges = [given[each] if isinstance(each, int) else inputs.get(each, only) for each in sources] or [only]
        gets = ranges[0] if len(ranges) == 1 else None
        given.append(None if gets is None else pass_on(spec, gets))
        if gets is None:
            continue
        if spec.entry.category == NETWORK:
            yield from follow_pixels((config.networks or {})[spec.name], {INPUT: gets}, config)
        elif problem := misfit(spec, gets):
            yield problem, True
        elif given[-1] is None and (doubt := range_doubt(spec, gets)):
            yield doubt, False


def pass_on(spec: KerasSpec, gets: Range) -> Range | None:
    """How large the values are that a layer gives; ``None``: that is for its weights to say."""
    if spec.name in PASSING:
        return gets._replace(is_last=gets.is_last and spec.name not in MOVING)
    if spec.name == "rescaling":
        scale, offset = (np.ravel(np.asarray(spec.arguments[name], float)) for name in ("scale", "offset"))
        ends = [end * scale + offset for end in gets[:2]]
        return Range(float(np.min(ends)), float(np.max(ends)), gets.is_pixel, gets.is_last)
    if "normalization" in spec.name:
        return Range(-NORMALIZED, NORMALIZED, False, gets.is_last)
    return None


def misfit(spec: KerasSpec, gets: Range) -> Problem | None:
    """Pixels that a layer is not made for: it would train on nonsense."""
    place, values = str(spec.place), {"name": spec.name, "low": gets.low, "high": gets.high}
    if spec.entry.category == APPLICATION and gets.largest <= SCALED:
        message = "{name} expects pixels from 0 to 255, and these are scaled"
        hint = "dataset: {scale: none}, and no rescaling before it; what {name} does to pixels is within it"
        return Problem(message, place, hint, **values)
    if gets.is_last and spec.arguments.get("data_format") == "channels_first":
        message = "{name} takes the first axis for the channels, and these pictures have them last"
        return Problem(message, place, "leave data_format out", **values)
    if spec.name not in AUGMENTATIONS or spec.name in MIXING or "value_range" not in spec.arguments:
        return None
    top = float(spec.arguments["value_range"][-1])
    if gets.largest <= SCALED < top:
        hint = "dataset: {augment: [{name}]}, in place of layers"
        return Problem("{name} expects pixels from 0 to {top:g}, and these are scaled", place, hint, top=top, **values)
    if top <= SCALED < gets.largest:
        message = "{name} expects pixels from 0 to {top:g}, and these go to {high:g}"
        return Problem(message, place, "value_range: [0, 255]", top=top, **values)
    return None


def range_doubt(spec: KerasSpec, gets: Range) -> Problem | None:
    """Pixels that are scaled twice, or made larger instead of smaller."""
    if not gets.is_pixel or spec.entry.category == APPLICATION:
        return None
    message = "{name} gets pixels from {low:.3g} to {high:.3g}: training works better from 0 to 1"
    values = {"name": spec.name, "low": gets.low, "high": gets.high}
    if gets.largest <= FADED:
        return Problem(message, str(spec.place), "scale them once, by the data set's scale or by rescaling", **values)
    if gets.largest > SCALED:
        hint = "scale: {rescale: 255} divides by 255; - rescaling multiplies: by 0.00392157"
        return Problem(message, str(spec.place), hint, **values)
    return None
