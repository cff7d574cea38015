"""What a file says of a layer's weights - first numbers, penalties, limits - against the shape that they have."""

import itertools
from typing import Any

from rnacli.errors import CONFIG, RnaError
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.number_array import shape_of
from rnacli.words import fill_template

MATRIX = "a matrix of weights"
FOR = {
    "identity": (2, 2, MATRIX),
    "orthogonal": (2, 9, "weights of two dimensions or more"),
    "stft": (3, 3, "weights of three dimensions"),
    "orthogonal_regularizer": (2, 2, MATRIX),
}
"""Objects that are not for weights of any shape: the fewest and the most dimensions, and what they are for."""
WITHIN = ("forward_layer", "layer", "cell")
"""Where a layer of Keras holds the one that it wraps."""


def require_weight_rules(spec: KerasSpec, layer: Any) -> None:
    """Refuse what does not fit the weights of a layer that is built. Raises ``RnaError``.

    Where weights are only planned, Keras itself does not look; and some of it no sooner than in the first step.
    """
    for argument, value in spec.arguments.items():
        if not isinstance(value, KerasSpec):
            continue
        if value.entry.category == "layer":
            inner = next((each for name in WITHIN if (each := getattr(layer, name, None)) is not None), None)
            require_weight_rules(value, inner)
            continue
        weight, _, rule = argument.rpartition("_")
        if rule not in ("initializer", "regularizer", "constraint"):
            continue
        found = getattr(layer, weight, None)
        found = getattr(getattr(layer, "cell", None), weight, None) if found is None else found
        shape = getattr(found, "shape", None)
        if shape is not None or weight == "activity":
            require_fit(value, argument, weight, None if shape is None else tuple(shape))


def require_fit(spec: KerasSpec, argument: str, weight: str, shape: tuple[int, ...] | None) -> None:
    """Refuse an object that is not for weights of a ``shape``; ``None``: it is for what a layer gives."""
    if spec.name == "constant" and shape is not None:
        require_constants(spec, argument, shape)
    least, most, what = FOR.get(spec.name, (0, 9, ""))
    if what and not (shape is not None and least <= len(shape) <= most):
        message = "{name} is for {what}, and {weight} has the shape {shape}"
        if shape is None:
            message = "{name} is for {what}, and not for what a layer gives"
        raise RnaError(
            message,
            place=str(spec.place),
            hint="leave it out",
            exit_code=CONFIG,
            name=spec.name,
            what=fill_template(what),
            weight=weight,
            shape=shape,
        )
    axes = spec.arguments.get("axis")
    for axis in axes if isinstance(axes, tuple) else () if axes is None else (axes,):
        if shape is not None and not -len(shape) <= axis < len(shape):
            raise RnaError(
                "{name} has axis {axis}, and {weight} has the shape {shape}",
                place=str(spec.place),
                hint="axis: 0",
                exit_code=CONFIG,
                name=spec.name,
                axis=axis,
                weight=weight,
                shape=shape,
            )


def require_constants(spec: KerasSpec, argument: str, wanted: tuple[int, ...]) -> None:
    """Refuse an array of constants that weights of a shape cannot be made of. Raises ``RnaError``."""
    given = shape_of(spec.arguments["value"]) or ()
    if not fits(given, wanted):
        raise RnaError(
            "constant: expected numbers of shape {wanted} for {argument}, got shape {given}",
            place=str(spec.place),
            hint="a list for each input, with a number for each unit; or one number for all",
            exit_code=CONFIG,
            wanted=wanted,
            argument=argument,
            given=given,
        )


def fits(given: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether an array can be repeated to a shape."""
    pairs = itertools.zip_longest(reversed(given), reversed(wanted), fillvalue=1)
    return len(given) <= len(wanted) and all(one in (1, other) for one, other in pairs)
