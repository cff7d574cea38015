"""Masks: which steps of a row are padding, as ``embedding: {mask_zero: true}`` and ``masking`` hand it on."""

from collections.abc import Sequence
from typing import Any

from rnacli.errors import CONFIG, RnaError
from rnacli.schema.keras_object import KerasSpec

REFUSED = ("softmax", "conv_lstm1d", "conv_lstm2d", "conv_lstm3d")
"""Layers that take a mask of other shapes alone, and would end the first step."""


def is_masked(tensor: Any) -> bool:
    """Whether a mask comes with a symbolic tensor."""
    return getattr(tensor, "_keras_mask", None) is not None


def require_mask_fits(spec: KerasSpec, tensors: Sequence[Any]) -> None:
    """Refuse a layer that cannot use the mask which comes with its inputs. Raises ``RnaError``."""
    if spec.name in REFUSED and any(map(is_masked, tensors)):
        raise RnaError(
            "{name} cannot use the mask that the layers before it hand on",
            place=str(spec.place),
            hint="leave out masking, or mask_zero in embedding",
            exit_code=CONFIG,
            name=spec.name,
        )
