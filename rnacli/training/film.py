"""The weights of some epochs, kept for a moving picture of how the network has learnt.

Only of networks of a plane and few weights. They are in memory, and in the checkpoint folder as often as there is a
checkpoint, so that a run that is resumed has the same film as one that was never stopped.
"""

import base64
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from rnacli.engine.numpy_forward import numpy_weights
from rnacli.engine.tensorflow import keras
from rnacli.files import write_file
from rnacli.fitting.job import Job
from rnacli.networks.weights import expected_weights
from rnacli.results.film import FILE, MOST_FRAMES, flatten, read_frames
from rnacli.runs.folder import Run
from rnacli.runs.open import CHECKPOINTS

MOST_WEIGHTS = 500


class Film(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights of each ``stride``-th epoch, and of twice as few where there are too many.

    Which epochs are kept is a function of how many there have been.
    """

    def __init__(self, run: Run, network: Any, epoch: int = 0):
        super().__init__()
        self.path, self.network = run.path / CHECKPOINTS / FILE, network
        self.frames = read_frames(self.path, epoch, network.count_params()) if epoch else {}
        if not epoch:
            self.frames[0] = flatten(network)

    @property
    def stride(self) -> int:
        """From one kept epoch to the next."""
        return max(1, min((epoch for epoch in self.frames if epoch), default=1))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if (epoch + 1) % self.stride == 0:
            self.frames[epoch + 1] = flatten(self.network)
            while len(self.frames) > MOST_FRAMES:
                stride = 2 * self.stride
                self.frames = {kept: weights for kept, weights in self.frames.items() if kept % stride == 0}

    def save(self) -> None:
        """Write all frames so far, before the checkpoint of the same epoch."""
        kept = {str(epoch): base64.b64encode(weights.tobytes()).decode() for epoch, weights in self.frames.items()}
        with contextlib.suppress(OSError):  # of the checkpoint itself it is said
            write_file(self.path, f"{json.dumps(kept)}\n".encode())


def make_film(run: Run, job: Job, epoch: int = 0) -> Film | None:
    """A film where there is one to see: two numbers, one output of classes, few weights, and NumPy's arithmetic.

    ``epoch``: how many are behind the network.
    """
    config, network, data, encoder = job.config, job.network, job.data, job.data.preprocessing.encoder
    is_plane = data.rows.x.shape == (2,) == data.preprocessing.shape and all(
        content.kind == "numeric" for content in data.rows.kinds.values()
    )
    if config.sides or not is_plane or len(data.tasks) != 1 or network.count_params() > MOST_WEIGHTS:
        return None
    (task,) = data.tasks.values()
    shapes = numpy_weights(config, encoder.inputs)
    if not task.classes or shapes is None or shapes != expected_weights(network):
        return None
    return Film(run, network, epoch)
