"""The weights of some epochs of a run, and what the network said with them."""

import base64
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.numpy_forward import numpy_forward
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.weights import get_weights
from rnacli.strict_json import LARGEST_JSON, parse_json

FILE = "film.json"
MOST_FRAMES = 20

Frames = Mapping[int, np.ndarray]
"""Epoch -> all weights of the network after it, one after the other."""


def film_answers(
    kept: Frames, network: Any, config: Config, data: Data, plane: np.ndarray, epochs: int
) -> list[tuple[int, np.ndarray]]:
    """What the network of each kept epoch, and of the end after so many ``epochs``, says of places (m, 2)."""
    (task,) = data.tasks.values()
    encoded = data.preprocessing.encoder.encode(plane.astype(data.rows.x.dtype))
    frames = {epoch: weights for epoch, weights in kept.items() if epoch < epochs}
    frames[epochs] = flatten(network)
    told = []
    for epoch, flat in frames.items():
        outputs = numpy_forward(config, unflatten(network, flat), encoded)
        predicted, probabilities = task.read(outputs)
        told.append((epoch, predicted if probabilities is None else probabilities))
    return told


def flatten(network: Any) -> np.ndarray:
    """All weights of a network, one after the other, float32."""
    return np.concatenate([weight.ravel() for weight in get_weights(network).values()]).astype("float32")


def unflatten(network: Any, flat: np.ndarray) -> dict[str, np.ndarray]:
    """The weights by their names again."""
    weights, start = {}, 0
    for name, like in get_weights(network).items():
        weights[name] = flat[start : start + like.size].reshape(like.shape)
        start += like.size
    return weights


def read_frames(path: Path, epoch: int, count: int) -> dict[int, np.ndarray]:
    """The frames in a file that are of epochs up to ``epoch``, each of ``count`` weights; none where it is damaged."""
    frames: dict[int, np.ndarray] = {}
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        if path.is_symlink() or path.stat().st_size > LARGEST_JSON:
            return {}
        for number, text in parse_json(path.read_bytes()).items():
            weights = np.frombuffer(base64.b64decode(text, validate=True), "float32")
            if int(number) <= epoch and len(weights) == count and len(frames) <= MOST_FRAMES:
                frames[int(number)] = weights
    return frames
