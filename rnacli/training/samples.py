"""What is kept of what a network makes on the way: pictures of a generator, texts of a network of a text."""

from typing import Any

from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.history import History
from rnacli.results.made import describe_numbers, make_maker
from rnacli.runs.folder import Run
from rnacli.training.picture_samples import PictureSamples
from rnacli.training.text_samples import TextSamples


def make_samples(run: Run, config: Config, network: Any, data: Data, history: History) -> list[Any]:
    """The callbacks that keep samples, where the config asks for some."""
    if config.samples is None:
        return []
    if config.sides:
        maker = make_maker(network, data.preprocessing, describe_numbers(data))
        return [PictureSamples(run, maker, config.samples, config.seed, history)]
    return [TextSamples(run, config, config.samples, data.preprocessing, history)]
