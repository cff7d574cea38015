"""Weights that a file writes out, against the shape that a layer's weights have."""

import itertools
from typing import Any

from rnacli.errors import CONFIG, RnaError
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.number_array import shape_of


def require_constants(spec: KerasSpec, layer: Any) -> None:
    """Refuse arrays of constants that do not fit the weights of a layer that is built. Raises ``RnaError``.

    Where weights are only planned, Keras itself does not look.
    """
    for argument, value in spec.arguments.items():
        if not isinstance(value, KerasSpec) or value.name != "constant":
            continue
        given = shape_of(value.arguments["value"]) or ()
        wanted = getattr(getattr(layer, argument.removesuffix("_initializer"), None), "shape", None)
        if wanted is None or fits(given, tuple(wanted)):
            continue
        raise RnaError(
            "constant: expected numbers of shape {wanted} for {argument}, got shape {given}",
            place=str(value.place),
            hint="a list for each input, with a number for each unit; or one number for all",
            exit_code=CONFIG,
            wanted=tuple(wanted),
            argument=argument,
            given=given,
        )


def fits(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether an array can be repeated to a shape."""
    pairs = itertools.zip_longest(reversed(given), reversed(wanted), fillvalue=1)
    return len(given) <= len(wanted) and all(one in (1, other) for one, other in pairs)
