"""What the columns of a history may be called: those that every training has, and those of the config's metrics."""

import re
from collections.abc import Iterable
from typing import Any

from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import INVALID, Reader

OWN = ("epoch", "phase", "loss", "learning_rate", "seconds")
"""What is logged of every training."""
VALIDATION = "val_"
"""How what is measured on the validation rows begins."""


def check_metric_names(values: dict[str, Any], reader: Reader) -> None:
    """No metric may be called as something that is logged already."""
    metrics = values.get("metrics") or ()
    for i, metric in enumerate(() if metrics is INVALID else metrics):
        name, path = metric.logged, ("metrics", i, metric.alias or metric.name, "name")
        if name in OWN:
            message = "a metric cannot be called '{name}': that is a column of the history already"
            reader.wrong(path, message, "give it another name", name=name)
        elif name.startswith(VALIDATION):
            message = "a metric cannot be called '{name}': val_ stands before what is measured on the validation rows"
            reader.wrong(path, message, "give it another name", name=name)


def unknown_columns(columns: Iterable[str], metrics: Iterable[KerasSpec]) -> list[str]:
    """The columns of a history that no training with these ``metrics`` logs.

    A metric that gives one value a class has a column for each, with its number: so has one that is there twice.
    """
    names = "|".join(re.escape(name) for name in ("loss", *(metric.logged for metric in metrics)))
    pattern = re.compile(rf"({VALIDATION})?({names})(_\d+)*|{'|'.join(OWN)}", re.DOTALL)
    return [column for column in columns if not pattern.fullmatch(column)]
