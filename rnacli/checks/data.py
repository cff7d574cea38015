"""What network, loss, metrics and data say about one another, each contradiction with its mend."""

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config


def size_doubts(config: Config, data: Data) -> list[Problem]:
    doubts = []
    rows = len(data.parts["train"])
    if isinstance(config.batch_size, int) and config.batch_size > rows:
        doubts.append(
            Problem(
                "batch_size {batch_size} is more than the {rows} training rows",
                str(config.place("batch_size")),
                "batch_size: full says so",
                batch_size=config.batch_size,
                rows=rows,
            )
        )
    if isinstance(config.threshold, str) and data.held_out == "validation":
        doubts.append(
            Problem(
                "the threshold is chosen on the rows that the figures at the end are of, which flatters them",
                str(config.place("threshold")),
                "split: {test: 0.2, validation: 0.2}",
            )
        )
    if data.held_out == "train":
        doubts.append(
            Problem(
                "no rows are held out: the figures at the end are of the training rows themselves",
                str(config.place("dataset")),
                "split: {test: 0.2}",
            )
        )
    return doubts
