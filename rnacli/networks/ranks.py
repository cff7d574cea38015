"""Layers that look away while a network is planned, on rows of no number, and refuse them, or take the batch for a
picture, in the first step: what rows they want."""

from collections.abc import Sequence
from typing import Any

from rnacli.errors import CONFIG, RnaError
from rnacli.networks.keras_errors import Shape, wrong_rank
from rnacli.schema.keras_object import KerasSpec

PICTURES = (
    "aug_mix", "auto_contrast", "center_crop", "contrast_limited_adaptive_histogram_equalization", "cut_mix",
    "equalization", "max_num_bounding_boxes", "mix_up", "rand_augment", "random_brightness",
    "random_color_degeneration", "random_color_jitter", "random_contrast", "random_crop",
    "random_elastic_transform", "random_erasing",
    "random_flip", "random_gaussian_blur", "random_grayscale", "random_hue", "random_invert", "random_perspective",
    "random_posterization", "random_rotation", "random_saturation", "random_sharpness", "random_shear",
    "random_translation", "random_zoom", "resizing", "solarization",
)  # fmt: skip
RANKS = {
    **dict.fromkeys(PICTURES, 3),
    **{f"adaptive_{kind}_pooling{n}d": n + 1 for kind in ("average", "max") for n in (1, 2, 3)},
    "category_encoding": 1,
    "mel_spectrogram": 1,
    **dict.fromkeys(("rnn", "lstm", "gru", "simple_rnn"), 2),
    **dict.fromkeys(("additive_attention", "attention", "group_query_attention", "multi_head_attention"), 2),
}
"""How many dimensions a row has that a layer takes."""
CHANNELS = {
    "random_hue": (3,),
    "random_saturation": (3,),
    "aug_mix": (1, 3),
    "rand_augment": (1, 3),
    "random_grayscale": (1, 3),
}
"""How many channels pictures may have; any number where nothing is said."""


def is_no_axis(axis: Any, rank: int) -> bool:
    """Whether a number is not that of an axis of rows with ``rank`` dimensions: 0 is that of the batch."""
    return isinstance(axis, int) and not (0 < axis <= rank or -rank <= axis < 0)


def require_rows(spec: KerasSpec, shape: Shape, before: str, after: Sequence[str] = ()) -> None:
    """Refuse a layer, and those within it, that do not take rows of ``shape``, from the layer ``before``.

    ``after``: the layers behind it.

    Raises ``RnaError``.
    """
    wanted, channels = RANKS.get(spec.name, len(shape)), CHANNELS.get(spec.name, ())
    inputs = str(spec.arguments.get("equation", "...")).partition(",")[0]
    if "..." not in inputs:
        wanted = len(inputs) - 1
    message, hint = wrong_rank(spec.name, wanted, shape, before) if wanted != len(shape) else ("", "")
    axes = spec.arguments.get("axis")
    wrong = [axis for axis in (axes if isinstance(axes, list | tuple) else [axes]) if is_no_axis(axis, len(shape))]
    if not message and wrong:
        message = "{name}: axis {axis} is not one of rows of shape {shape}"
        hint = "axis: -1 is the last one, and 1 to {rank} are all of them"
    if not message and channels and shape[-1] not in channels:
        message = "{name} expects pictures of {channels:or} channels, got rows of shape {shape}"
        hint = "leave it out" if 1 in channels else "colours are red, green and blue: leave it out for others"
    if not message and spec.name == "mel_spectrogram" and (shape[0] or 0) <= spec.arguments["fft_length"] // 2:
        message = "{name} expects rows of more than {least} numbers, half its fft_length, got rows of shape {shape}"
        hint = "a smaller fft_length"
    if message:
        raise RnaError(
            message,
            place=str(spec.place),
            hint=hint,
            exit_code=CONFIG,
            name=spec.name,
            channels=[str(channel) for channel in channels],
            shape=shape,
            axis=wrong[0] if wrong else None,
            rank=len(shape),
            least=int(spec.arguments.get("fft_length") or 0) // 2,
        )
    if spec.name == "random_crop" and not any(name.startswith("global_") for name in after):
        size = (spec.arguments["height"], spec.arguments["width"], shape[-1])
        if size != shape:  # evaluation does not crop
            raise RnaError(
                "{name} crops in training only, and rows of shape {shape} would not fit the layers behind it then",
                place=str(spec.place),
                hint="center_crop, or global_average_pooling2d in place of flatten",
                exit_code=CONFIG,
                name=spec.name,
                shape=shape,
            )
    if spec.name == "pipeline":
        for inner in spec.arguments["layers"]:
            require_rows(inner, shape, before, after)
            if inner.name not in PICTURES:
                break
    elif spec.name == "time_distributed" and len(shape) > 1:
        require_rows(spec.arguments["layer"], shape[1:], "")
