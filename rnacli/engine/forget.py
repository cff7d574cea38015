"""What is kept of networks that are done with is forgotten: a long process stays as quick and as small.

Keras hands some gradients through functions with gradients of their own. TensorFlow keeps each one that is traced for
ever, in a registry, and with it the whole graph of its network.
"""

import contextlib
import gc
import sys
from collections.abc import Collection, Iterator
from typing import Any

from rnacli.engine.tensorflow import tf

KEPT = "CustomGradient-"
"""What their names in the registry begin with."""


def gradient_registry() -> dict[str, Any]:
    """Gradients by the names of their operations; empty where this TensorFlow has them elsewhere."""
    module: Any = sys.modules[tf.RegisterGradient.__module__]
    try:
        registry: dict[str, Any] = module.gradient_registry._registry  # a test says when this changes
    except AttributeError:
        return {}
    return registry


def kept_gradients() -> set[str]:
    """The names of the gradients that networks have brought."""
    return {name for name in gradient_registry() if name.startswith(KEPT)}


def forget_gradients(besides: Collection[str] = ()) -> None:
    """Forget the gradients that networks have brought, but those ``besides``."""
    for name in kept_gradients().difference(besides):
        gradient_registry().pop(name, None)


@contextlib.contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Forget, when the block ends, what the networks that were trained in it have brought; what was before stays.

    They can be trained again: their functions are then traced anew.
    """
    before = kept_gradients()
    try:
        yield
    finally:
        forget_gradients(before)


@contextlib.contextmanager
def only_new_searched() -> Iterator[None]:
    """Let Python look for garbage only among what is made in the block, as networks that are trained one by one.

    Keras has it look after each of them. The libraries that are loaded are most of what it then goes through: 0.1 to
    0.3 seconds, more than building a small network.
    """
    gc.collect()  # or what is garbage already would stay
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
