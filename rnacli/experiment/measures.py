"""What the columns of a history may be called: those that every training has, and those of the config's metrics."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rnacli.experiment.adversarial import MEASURES
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import INVALID, Reader

OWN = ("epoch", "phase", "loss", "learning_rate", "seconds")
"""What is logged of every training."""
DERIVED = ("perplexity",)
"""What is told of some tasks beside what is measured."""
VALIDATION = "val_"
"""How what is measured on the validation rows begins."""


def check_metric_names(values: dict[str, Any], reader: Reader) -> None:
    """No metric may be called as something that is logged already."""
    metrics = values.get("metrics") or ()
    if metrics is INVALID:
        return
    by_output = metrics.items() if isinstance(metrics, dict) else [("", metrics)]
    placed = [(output, i, metric) for output, each in by_output for i, metric in enumerate(each)]
    for output, i, metric in placed:
        at = (output, i) if output else (i,)
        name, path = metric.logged, ("metrics", *at, metric.alias or metric.name, "name")
        if name in OWN:
            message = "a metric cannot be called '{name}': that is a column of the history already"
            reader.wrong(path, message, "give it another name", name=name)
        elif name.startswith(VALIDATION):
            message = "a metric cannot be called '{name}': val_ stands before what is measured on the validation rows"
            reader.wrong(path, message, "give it another name", name=name)


def logged_metrics(metrics: Mapping[str, Sequence[KerasSpec]]) -> dict[str, KerasSpec]:
    """The metrics of each output by what they are called in the history: of several outputs, with the output's name."""
    several = len(metrics) > 1
    return {
        f"{output}_{spec.logged}" if several else spec.logged: spec for output in metrics for spec in metrics[output]
    }


def logged_losses(outputs: Collection[str]) -> list[str]:
    """What the losses are called in the history: that of all outputs, and of several each."""
    return ["loss", *(f"{output}_loss" for output in outputs if len(outputs) > 1)]


def unknown_columns(columns: Iterable[str], metrics: Mapping[str, Sequence[KerasSpec]]) -> list[str]:
    """The columns of a history that no training with these ``metrics`` of each output logs.

    A metric that gives one value a class has a column for each, with its number: so has one that is there twice.
    """
    several = (*logged_losses(metrics), *logged_metrics(metrics), *(DERIVED if metrics else MEASURES))
    names = "|".join(re.escape(name) for name in several)
    pattern = re.compile(rf"({VALIDATION})?({names})(_\d+)*|{'|'.join(OWN)}", re.DOTALL)
    return [column for column in columns if not pattern.fullmatch(column)]
