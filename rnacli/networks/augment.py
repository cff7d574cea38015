"""Keras' layers that change pictures in training only: built beside a network, and no part of it."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnacli.engine.prepare import augment_batch
from rnacli.engine.tensorflow import tf
from rnacli.errors import CONFIG, RnaError
from rnacli.networks.instantiate import instantiate, refused_by_keras
from rnacli.pictures.augment import MIXING
from rnacli.schema.keras_object import KerasSpec


def attach_augmentation(network: Any, specs: Mapping[str, Sequence[KerasSpec]], seed: int) -> None:
    """Give a network the layers that the training pictures of its inputs go through: ``network.augmentation``.

    As an attribute that Keras does not know of, they are not saved with it; their random state is in the checkpoint.
    """
    places = itertools.count()
    network.__dict__["augmentation"] = {
        name: [build_augmentation(spec, seed, next(places)) for spec in each] for name, each in specs.items()
    }


def build_augmentation(spec: KerasSpec, seed: int, place: int) -> Any:
    """The layer at a ``place`` of ``augment``: its numbers follow from the config's seed and the place alone."""
    own = np.random.SeedSequence([seed, place]).generate_state(1)[0]
    more = {"seed": int(own)} if "seed" in spec.entry.arguments and "seed" not in spec.given else {}
    layer = instantiate(spec, **more)
    layer.build((None, None, None, None))
    return layer


def try_augmentation(specs: Sequence[KerasSpec], shape: tuple[int, ...]) -> None:
    """Refuse what Keras cannot do to pictures (height, width[, channels]). Raises ``RnaError``."""
    pictures = tf.zeros((2, *shape, *([1] if len(shape) == 2 else [])))
    for spec in specs:
        try:
            changed = augment_batch([build_augmentation(spec, 0, 0)], pictures, tf.zeros((2, 1)))[0]
        except RnaError:
            raise
        except Exception as error:
            raise refused_by_keras(spec, error, tuple(pictures.shape[1:])) from None
        if changed.shape != pictures.shape:
            message = "{name} gives pictures of shape {changed}, and they had {shape}"
            raise RnaError(
                message,
                place=str(spec.place),
                hint="leave it out: a picture keeps its size",
                exit_code=CONFIG,
                name=spec.name,
                changed=tuple(changed.shape[1:]),
                shape=tuple(pictures.shape[1:]),
            )


def show_augmentation(specs: Sequence[KerasSpec], seed: int, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What augmentation is shown on, and what it makes of it: the first of ``pictures`` many times.

    All of them, where it mixes several.
    """
    if not any(spec.name in MIXING for spec in specs):
        pictures = np.repeat(pictures[:1], len(pictures), axis=0)
    layers = [build_augmentation(spec, seed, i) for i, spec in enumerate(specs)]
    after, _ = augment_batch(layers, tf.constant(pictures), tf.zeros((len(pictures), 1)))
    return (pictures if any(spec.name in MIXING for spec in specs) else pictures[:1]), np.asarray(after)
