"""What windows may look back on: earlier rows, also of another part, but never what a later part is measured by."""

import logging
from collections.abc import Sequence

import numpy as np

from rnacli.data.series import Series
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.groups import Parts
from rnacli.experiment.config import Config
from rnacli.words import fill_template, list_words

log = logging.getLogger("rnacli")

HIDDEN: dict[str, Sequence[str]] = {"train": ("validation", "test"), "validation": ("test",)}
"""The parts whose rows a part's windows may not hold."""


def keep_windows_apart(series: Series, parts: Parts, config: Config) -> Parts:
    """The parts without the rows whose windows hold rows that they may not. Raises ``RnaError`` if none is left."""
    kept: Parts = {}
    for part, rows in parts.items():
        others = [other for other in HIDDEN.get(part, ()) if other in parts]
        flags = np.zeros(len(series), bool)
        flags[np.concatenate([np.empty(0, "int64"), *(parts[other] for other in others)])] = True
        kept[part] = rows[series.count_past(flags)[rows] == 0]
        lost = len(rows) - len(kept[part])
        if not len(kept[part]):
            message = "split: each window of the {part} part looks into {others:or}"
            hint = "split: {test: {last: 0.2}}: earlier rows for training, later ones for the other parts"
            place = str(config.place("dataset", "split"))
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, part=part, others=others)
        if lost:
            what = list_words(others, "or")
            said = fill_template("{rows:,} {part} row" if lost == 1 else "{rows:,} {part} rows", rows=lost, part=part)
            log.info("split: %s left out, whose windows look into %s", said, what)
    return kept
