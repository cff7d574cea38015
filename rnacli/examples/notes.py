"""What the user should know of data that can be trained on."""

import logging

import numpy as np

from rnacli.data.examples import Examples
from rnacli.errors import RnaError
from rnacli.examples.groups import Parts
from rnacli.examples.learnt import Preprocessing
from rnacli.words import clean, first_of

log = logging.getLogger("rnacli")


# Notes


def warn_of_data(rows: Examples, parts: Parts, learnt: Preprocessing) -> None:
    """Say what the user should know of data that can be trained on."""
    train = parts["train"]
    names = rows.features if len(rows.x.shape) == 1 and len(train) > 1 else ()
    constant = [clean(name) for j, name in enumerate(names) if is_constant(rows.column(j, train))]
    if constant:
        log.warning("in the training rows, these columns are constant and teach nothing: %s", first_of(constant))
    first = learnt.encoder.encode(rows.x.take(train[:1]))
    if not all(np.isfinite(values).all() for values in first.values()):
        raise RnaError("scaled inputs do not fit float32", place=next(iter(rows.files), ""))
    stored, divisor = learnt.encoder.store(rows.x.take(train[:1]))
    if divisor == 1 and any(values.dtype == np.uint8 for values in stored.values()):
        log.warning("the inputs are pixels from 0 to 255 and are not scaled: scale: {rescale: 255} learns better")
    for note in learnt.task.notes(rows.y[train]):
        log.warning("%s", note)


def is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())
