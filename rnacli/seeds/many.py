"""The networks of one experiment that one program trains: made from a job; and where that cannot be."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from rnacli.engine.feed import feed_part
from rnacli.engine.initial import Initial
from rnacli.engine.many import Many
from rnacli.engine.slot_numbers import LEARNING_RATE
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.choose_engine import XLA_LAYERS
from rnacli.fitting.job import Job
from rnacli.networks.build import build_network, compile_network
from rnacli.results.outputs import single_layers
from rnacli.words import fill_template

CALLBACKS = ("early_stopping", "reduce_lr_on_plateau", "terminate_on_nan", "model_checkpoint", "tensorboard")
"""The callbacks that are written for many networks, or only write files of one."""


def make_many(job: Job, slots: int, numbers: Sequence[str] = ()) -> Many:
    """A program of so many networks of a job, in each slot the one of the config's seed.

    ``numbers``: what may differ by network, as ``slot_number`` names it. Raises ``ValueError`` for one that may not,
    and where ``why_not`` has a reason.
    """
    if reason := why_not(job.config, job.data):
        raise ValueError(reason)
    config, inputs = job.config, job.data.preprocessing.encoder.inputs

    def build(seed: int) -> Any:
        return build_network(dataclasses.replace(config, seed=seed), inputs)

    network = build_network(config, inputs)
    compile_network(network, config, job.data.tasks)
    rows: Any = feed_part(job.data, "train", job.data.weights("train"))
    size = config.rows_per_step(len(rows))
    return Many(network, Initial(network, config.seed, build), rows, size, slots, numbers, uses_xla(job))


def uses_xla(job: Job) -> bool:
    """Whether XLA compiles the steps: unless the config says no, wherever its layers are not slow with it."""
    if job.config.engine.jit is not True:
        suits = all(type(layer).__name__ in XLA_LAYERS for layer in single_layers(job.network))
        return job.config.engine.jit == "auto" and suits
    return True


def why_not(config: Config, data: Data) -> str:
    """Why one program cannot train several networks of a config; empty where it can."""
    if config.sides:
        return "a generator and its discriminator take turns"
    if config.phases:
        return "it is trained in phases"
    if not (data.rows.x.resident or data.rows.steps_ahead):
        return "its rows are read from the disk, and each network wants other ones"
    if any(config.dataset.augmentation.values()):
        return "its pictures are changed at random"
    if config.precision != "float32":
        return fill_template("precision: {precision}", precision=config.precision)
    if config.is_pretrained:
        return "its first weights come from a file"
    (optimizer,) = config.optimizers.values()
    for name in ("use_ema", "gradient_accumulation_steps"):
        if optimizer.arguments.get(name):
            return fill_template("{optimizer} with {name}", optimizer=optimizer.name, name=name)
    if optimizer.name == "schedule_free_adamw":
        return "schedule_free_adamw ends with other weights than it trains"
    other = next((spec.name for spec in config.callbacks if spec.name not in CALLBACKS), "")
    return fill_template("{callback} is written for one network", callback=other) if other else ""


def slot_number(config: Config, key: str) -> str:
    """What ``make_many`` calls a number of the config, such as ``layers.1.dropout.rate``; empty where it is none.

    ``key``: dotted, as ``--set`` has it.
    """
    first, *rest = key.split(".")
    if first == "optimizer" and rest[-1:] == [LEARNING_RATE]:
        return LEARNING_RATE
    if first == "layers" and len(rest) >= 3 and rest[0].isdecimal() and int(rest[0]) < len(config.layers):
        place, _, *path = rest
        if path[0].endswith("_regularizer") and len(path) == 3:  # kernel_regularizer.l1_l2.l2
            path = [path[0], path[2]]
        return ".".join([config.keras_names[int(place)], *path])
    return ""
