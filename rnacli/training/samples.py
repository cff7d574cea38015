"""What is kept of what a network makes on the way: pictures of a generator, texts of a network of a text."""

from typing import Any

from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.results.maker import describe_numbers, make_maker
from rnacli.runs.folder import Run
from rnacli.training.picture_samples import PictureSamples
from rnacli.training.text_samples import TextSamples


def make_samples(run: Run, job: Job, history: History) -> list[Any]:
    """The callbacks that keep samples, where the config asks for some."""
    config, data = job.config, job.data
    if config.samples is None:
        return []
    if config.sides:
        maker = make_maker(job.network, data.preprocessing, describe_numbers(data))
        return [PictureSamples(run, maker, config.samples, config.seed, history)]
    return [TextSamples(run, config, config.samples, data.preprocessing, history)]
