"""What may help a training that has diverged: what the data and the config already have is not named."""

import dataclasses
from typing import Any

import numpy as np

from rnacli.document.write import name_hint
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.stopping import Diverged
from rnacli.words import fill_template

FAR = 10.0
"""The size of numbers, as the network gets them, from which steps of the usual learning rates go too far."""
SOME = 4096
"""Training rows that are looked at."""
CLIPPED = ("clipnorm", "clipvalue", "global_clipnorm")


def with_mends(error: Diverged, config: Config, data: Data) -> Diverged:
    """The error with a hint for this config and these data."""
    mends = [*target_mends(config, data), *input_mends(config, data), *optimizer_mends(config)]
    error.problems = (dataclasses.replace(error.problems[0], hint="; ".join(mends)),)
    return error


def target_mends(config: Config, data: Data) -> list[str]:
    """Targets that are numbers far from 1."""
    far: list[tuple[str, float]] = []
    for output, task in data.tasks.items():
        if task.form.encoding == "values":
            sizes = np.abs(task.encode(data.targets("train", output)[:SOME])).max(axis=0).tolist()
            far += [(name, size) for name, size in zip(task.targets, sizes, strict=True) if size > FAR]
    if not far:
        return []
    name, size = far[0]
    scaled = fill_template("a target divided to about 1")
    if config.dataset.HAS_COLUMNS:
        scaled = name_hint(name, "columns: {{column}: {scale: standard}}")
    return [fill_template("{name} goes to {size:.3g}: {scaled:.300}", name=name, size=size, scaled=scaled)]


def input_mends(config: Config, data: Data) -> list[str]:
    """Inputs that are far from 1; those that are looked up are none."""
    rows = data.rows.x.take(data.parts["train"][:SOME])
    arrays = [a for a in data.preprocessing.encoder.encode(rows).values() if a.dtype.kind == "f"]
    learns = any(spec.name in ("normalization", "embedding") for spec in config.layers[:1])
    far = not learns and any(np.abs(array).max(initial=0) > FAR for array in arrays)
    return [fill_template("inputs scaled to about 1: dataset: {scale: standard}")] if far else []


def optimizer_mends(config: Config) -> list[str]:
    """Smaller steps, and bounded ones where they are not."""
    arguments: Any = next(iter(config.optimizers.values())).arguments
    rate = arguments.get("learning_rate")
    smaller = fill_template("a smaller learning_rate")
    if isinstance(rate, int | float):
        smaller = fill_template("a smaller learning_rate, such as {rate:.3g}", rate=rate / 10)
    bounded = any(arguments.get(name) for name in CLIPPED)
    return [smaller] if bounded else [smaller, fill_template("clipnorm: 1 in the optimizer")]
