"""Keras' objects from the specs of a file, refusals at their places."""

import re
from collections.abc import Sequence
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.networks.keras_errors import Shape, explain_merge, explain_refusal
from rnacli.schema.keras_object import KerasSpec
from rnacli.words import ascii_name

MODULES = {
    "layer": keras.layers,
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "loss": keras.losses,
    "metric": keras.metrics,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "callback": keras.callbacks,
}


def root_name(name: str) -> str:
    """A name as Keras takes it for what is within nothing else, as a model or an optimizer: no sign begins it."""
    plain = ascii_name(name)
    return plain if re.match(r"[A-Za-z0-9.]", plain) else f"x{plain}"


def instantiate(spec: KerasSpec, **more: Any) -> Any:
    """The Keras object that a spec describes, defaults left to Keras; ``RnaError`` with its place if Keras refuses."""
    given = [name for name in spec.arguments if name in spec.given and not is_of_call(spec, name)]
    arguments = {name: instantiate_nested(spec.arguments[name]) for name in given} | more
    # To TensorFlow a name is a scope, but a metric's, which the history has as it is.
    if spec.entry.category != "metric" and isinstance(arguments.get("name"), str):
        arguments["name"] = (root_name if spec.entry.category == "optimizer" else ascii_name)(arguments["name"])
    if "ngrams" in arguments and isinstance(arguments["ngrams"], list):
        arguments["ngrams"] = tuple(arguments["ngrams"])  # the one list that Keras takes only as a tuple
    try:
        return getattr(MODULES[spec.entry.category], spec.entry.target)(**arguments)
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise refused_by_keras(spec, error) from None


def is_of_call(spec: KerasSpec, name: str) -> bool:
    """Whether an argument is given where a layer is called."""
    return name in spec.entry.arguments and spec.entry.arguments[name].call


def instantiate_nested(value: Any) -> Any:
    if isinstance(value, KerasSpec):
        return instantiate(value)
    return list(map(instantiate_nested, value)) if isinstance(value, tuple) else value


def refused_by_keras(spec: KerasSpec, error: Exception, shape: Shape | None = None, before: str = "") -> RnaError:
    """Keras' own refusal of an object, in one line, at the object's place."""
    message, hint = explain_refusal(spec.name, error, shape, before)
    return RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG)


def refused_merge(spec: KerasSpec, shapes: Sequence[Shape], names: Sequence[str]) -> RnaError:
    """As ``refused_by_keras``, of a layer that takes rows of several ``shapes``, from what has these ``names``."""
    message, hint = explain_merge(spec.name, shapes, names)
    return RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG)
