"""What the user should know of data that can be trained on."""

import logging

import numpy as np

from rnacli.data.examples import Examples
from rnacli.document.write import name_hint
from rnacli.errors import RnaError
from rnacli.examples.answers import find_answer, find_truth
from rnacli.examples.groups import Parts
from rnacli.examples.learnt import Preprocessing
from rnacli.words import clean, first_of

log = logging.getLogger("rnacli")

INDICATOR = "columns: {{column}: {indicator: true}} says where they are missing"
MOST_TOLD = 5
"""Notes of single columns that are printed."""


def warn_of_data(rows: Examples, parts: Parts, learnt: Preprocessing, takes_pixels: bool = False) -> None:
    """Say what the user should know of data that can be trained on.

    ``takes_pixels``: the network wants pixels from 0 to 255.
    """
    train = parts["train"]
    names = rows.features if (len(rows.x.shape) == 1 or rows.is_table) and len(train) > 1 else ()
    learnt_columns = list(learnt.columns or ())
    targets = {}
    if names and rows.series is None:  # whose inputs are of rows before
        targets = {name: find_truth(task, rows.take_targets(name, train)) for name, task in learnt.tasks.items()}
    constant, filled, told = [], [], []
    for j, name in enumerate(names):
        values = rows.column(j, train)
        if learnt_columns:
            told += learnt_columns[j].notes(values)
        told += [
            note
            for output, truth in targets.items()
            if (not learnt_columns or learnt_columns[j].are_names)
            and (note := find_answer(name, values, learnt.tasks[output], truth, name not in rows.words))
        ]
        if is_constant(values):
            constant.append(clean(name, 40))
        elif learnt_columns and not learnt_columns[j].indicator and is_constant(learnt_columns[j].fill_missing(values)):
            filled.append(name)
    if constant:
        log.warning(
            "in the training rows, these columns have only one value and are useless as inputs: %s", first_of(constant)
        )
    for name in filled:
        text = "%s is constant once its missing values are filled, and teaches nothing: %s"
        log.warning(text, clean(name, 40), name_hint(name, INDICATOR))
    for note in told[:MOST_TOLD]:
        log.warning("%s", note)
    if len(told) > MOST_TOLD:
        log.warning("... and %s columns more like these", f"{len(told) - MOST_TOLD:,}")
    first = learnt.encoder.encode(rows.x.take(train[:1]))
    if not all(np.isfinite(values).all() for values in first.values()):
        raise RnaError("scaled inputs do not fit float32", place=next(iter(rows.files), ""))
    stored, divisor = learnt.encoder.store(rows.x.take(train[:1]))
    if divisor == 1 and not takes_pixels and any(values.dtype == np.uint8 for values in stored.values()):
        mend = "scale: {rescale: 255}"
        if learnt.apart:
            mend = name_hint(learnt.apart[0].name, "columns: {{column}: {scale: {rescale: 255}}}")
        log.warning("the inputs are pixels from 0 to 255 and are not scaled: training works better with %s", mend)
    for name, task in learnt.tasks.items():
        for note in task.notes(rows.take_targets(name, train)):
            log.warning("%s", note)


def is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())
