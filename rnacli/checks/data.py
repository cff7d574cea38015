"""Parts whose rows are too few, or not held out, for what is to be said of them."""

import itertools

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.words import first_of


def size_doubts(config: Config, data: Data) -> list[Problem]:
    """A batch larger than the training part, and figures of rows that were looked at before."""
    doubts = []
    rows = len(data.parts["train"])
    if isinstance(config.batch_size, int) and config.batch_size > rows:
        doubts.append(
            Problem(
                "batch_size {batch_size} is more than the {rows} training rows",
                str(config.place("batch_size")),
                "batch_size: full takes all rows in one step",
                batch_size=config.batch_size,
                rows=rows,
            )
        )
    if isinstance(config.threshold, str) and data.held_out == "validation":
        doubts.append(
            Problem(
                "the threshold is chosen on the rows of the final scores, so these will be too good",
                str(config.place("threshold")),
                "split: {test: 0.2, validation: 0.2}",
            )
        )
    if data.held_out == "train" and not config.dataset.IS_WHOLE:
        doubts.append(
            Problem(
                "no rows are held out: the figures at the end are of the training rows themselves",
                str(config.place("dataset")),
                "split: {test: 0.2}",
            )
        )
    return doubts


def class_doubts(config: Config, data: Data) -> list[Problem]:
    """Classes that a part has no row of: what is measured there says nothing of them."""
    doubts = []
    for part, (output, task) in itertools.product(data.parts, data.tasks.items()):
        counts = task.count_classes(data.targets(part, output)) if part != "train" else []
        missing = [name for name, count in zip(task.classes, counts, strict=False) if not count]
        if missing:
            message = "no {part} row is of class {names:.300}: the {part} figures say nothing of it"
            if len(missing) > 1:
                message = "no {part} row is of the classes {names:.300}: the {part} figures say nothing of them"
            place = str(config.place("dataset", "split"))
            names = first_of(missing)
            doubts.append(Problem(message, place, "split: {stratify: true}, or more rows", part=part, names=names))
    return doubts
