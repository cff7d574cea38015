"""The callback that lets a network write on the way."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnacli.encoders.vocabulary import plain_text
from rnacli.engine.tensorflow import keras
from rnacli.errors import system_error
from rnacli.examples.learnt import Preprocessing
from rnacli.experiment.config import Config
from rnacli.experiment.samples import Samples
from rnacli.networks.writer import Wish, Writer
from rnacli.results.texts import make_writer, tokens_of, write_text
from rnacli.runs.folder import Run
from rnacli.training.history import History

log = logging.getLogger("rnacli")


class WriteSamples(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes ``samples/epoch-005.txt`` at the end of every so many whole epochs: a function of weights, seed and epoch.

    It comes before the checkpoint: an epoch that has one has its sample.
    """

    def __init__(self, run: Run, config: Config, samples: Samples, preprocessing: Preprocessing, history: History):
        super().__init__()
        self.run, self.config, self.samples, self.preprocessing = run, config, samples, preprocessing
        self.history = history
        self.writer: Writer | None = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        for row in self.history.rows:  # the samples of a process that was killed
            name = sample_name(int(row["epoch"]))
            if int(row["epoch"]) % self.samples.every == 0 and (self.run.path / name).is_file():
                self.run.note(name)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        is_whole = len(self.history.rows) == epoch + 1
        if is_whole and (epoch + 1) % self.samples.every == 0:
            text = self.make_sample(epoch + 1)
            try:
                self.run.write(sample_name(epoch + 1), text)
            except OSError as error:  # training goes on without it
                log.warning("%s; the sample of epoch %d is missing", system_error(error), epoch + 1)

    def make_sample(self, epoch: int) -> str:
        """A text for each temperature, under a line that says it."""
        tokens, prompt = tokens_of(self.preprocessing), plain_text(self.samples.prompt)
        self.writer = self.writer or make_writer(self.model, self.config, self.preprocessing)
        texts = []
        for temperature in self.samples.temperatures:
            wish = Wish(temperature, self.config.seed, epoch)
            text = "".join(write_text(self.writer, tokens, prompt, self.samples.length, wish))
            texts.append(f"temperature {temperature:g}\n\n{text}\n")
        return "\n\n".join(texts)


def sample_name(epoch: int) -> str:
    """The file of an epoch, counted from 1."""
    return (Path("samples") / f"epoch-{epoch:03d}.txt").as_posix()
