"""Texts that a network writes on the way."""

from typing import ClassVar

from rnacli.encoders.vocabulary import plain_text
from rnacli.examples.learnt import Preprocessing
from rnacli.experiment.config import Config
from rnacli.experiment.samples import Samples
from rnacli.fitting.history import History
from rnacli.networks.writer import Wish, Writer
from rnacli.results.texts import make_writer, tokens_of, write_text
from rnacli.runs.folder import Run
from rnacli.training.sampling import Sampling


class TextSamples(Sampling):
    """A text for each temperature, under a line that says it: a function of weights, seed and epoch."""

    ending: ClassVar[str] = "txt"

    def __init__(self, run: Run, config: Config, samples: Samples, preprocessing: Preprocessing, history: History):
        super().__init__(run, samples, history)
        self.config, self.preprocessing = config, preprocessing
        self.writer: Writer | None = None

    def make_sample(self, epoch: int) -> str:
        tokens, prompt = tokens_of(self.preprocessing), plain_text(self.samples.prompt)
        self.writer = self.writer or make_writer(self.model, self.config, self.preprocessing)
        texts = []
        for temperature in self.samples.temperatures:
            wish = Wish(temperature, self.config.seed, epoch)
            text = "".join(write_text(self.writer, tokens, prompt, self.samples.length, wish))
            texts.append(f"temperature {temperature:g}\n\n{text}\n")
        return "\n\n".join(texts)
