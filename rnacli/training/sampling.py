"""When samples are made, and where they go: what is the same for pictures and for texts."""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from rnacli.engine.tensorflow import keras
from rnacli.errors import system_error
from rnacli.experiment.samples import Samples
from rnacli.fitting.history import History
from rnacli.runs.folder import Run

log = logging.getLogger("rnacli")


class Sampling(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes ``samples/epoch-005.<ending>`` at the end of every so many whole epochs.

    It comes before the checkpoint: an epoch that has one has its sample. One that cannot be written is said, and ends
    nothing.
    """

    ending: ClassVar[str]

    def __init__(self, run: Run, samples: Samples, history: History):
        super().__init__()
        self.run, self.samples, self.history = run, samples, history

    def make_sample(self, epoch: int) -> bytes | str:
        """What is made after an epoch, counted from 1."""
        raise NotImplementedError

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        for row in self.history.rows:  # the samples of a process that was killed
            name = self.name_sample(int(row["epoch"]))
            if int(row["epoch"]) % self.samples.every == 0 and (self.run.path / name).is_file():
                self.run.note(name)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        is_whole = len(self.history.rows) == epoch + 1
        if is_whole and (epoch + 1) % self.samples.every == 0:
            sample = self.make_sample(epoch + 1)
            try:
                self.run.write(self.name_sample(epoch + 1), sample)
            except OSError as error:
                log.warning("%s; the sample of epoch %d is missing", system_error(error), epoch + 1)

    def name_sample(self, epoch: int) -> str:
        return f"samples/epoch-{epoch:03d}.{self.ending}"
