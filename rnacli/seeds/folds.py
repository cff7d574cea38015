"""Whether the networks of folds are trained by one program, and why not."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from rnacli.engine.feed import ResidentRows, feed_part
from rnacli.engine.many_own import share_steps
from rnacli.engine.prepare import Preparation
from rnacli.engine.workers import joined
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.choose_engine import STEP
from rnacli.fitting.job import Job
from rnacli.machine import available_memory
from rnacli.networks.plan import LayerPlan
from rnacli.seeds.choose import COPIES, LOOP, ONE_MORE, SHARE, SeedsChoice, choose_seeds, size_of_rows
from rnacli.seeds.slots import WATCHING
from rnacli.words import fill_template

CALLBACKS = (*WATCHING, "terminate_on_nan")
"""Those that need no network of their own."""
ALONE, TOGETHER = 0.8, 4.0
"""Seconds of making and compiling the steps of one network, and of the program of all."""


def choose_folds(config: Config, data: Data, layers: Sequence[LayerPlan]) -> SeedsChoice:
    """Decide for all folds of a split, by the data of one."""
    count = config.dataset.split.trainings
    choice = choose_seeds(config, data, layers, count)
    rows = len(data.parts["train"])
    steps = config.epochs * -(-rows // config.rows_per_step(rows))
    alone, together = count * (ALONE + steps * STEP), TOGETHER + steps * (LOOP + count * ONE_MORE)
    reason = why_not_folds(config)
    if not reason and (choice.together < count or count * COPIES * size_of_rows(data) > SHARE * available_memory()):
        reason = "the memory is not enough for all of them"
    if not reason and alone < together:
        reason = "to compile a program takes longer"
    if not choice.together:
        return dataclasses.replace(choice, seconds=alone, processes=1)
    if reason:
        return SeedsChoice(0, alone, fill_template("one after the other: {why}", why=fill_template(reason)))
    return dataclasses.replace(choice, seconds=together)


def why_not_folds(config: Config) -> str:
    """Why one program cannot train the folds of a config, besides what ``choose_seeds`` knows; empty where it can."""
    split = config.dataset.split
    if split.group or split.order_by:
        return "folds by groups or by time differ in size"
    if config.samples is not None:
        return "samples are made on the way"
    if joined:
        return "workers share its steps"
    if config.engine.fuse is False:
        return "fuse: false"
    other = next((spec.name for spec in config.callbacks if spec.name not in CALLBACKS), "")
    return fill_template("{callback} is written for one network", callback=other) if other else ""


def why_apart(jobs: Sequence[Job]) -> str:
    """Why the networks of these folds cannot be of one program, as their data are; empty where they can."""
    first = jobs[0]
    counts = [len(job.data.parts["train"]) for job in jobs]
    if not share_steps(counts, steps_of(jobs)):
        return "their training rows differ in number"
    if any(job.validated != first.validated for job in jobs):
        return "some have nothing to be measured on"
    if any(dataclasses.replace(job.config, dataset=first.config.dataset) != first.config for job in jobs):
        return "a layer, or the learning rate, is learnt from each one's rows"
    shapes = [[tuple(variable.shape) for variable in job.network.variables] for job in jobs]
    if any(each != shapes[0] for each in shapes):
        return "some columns have other categories in some folds"
    fed = [feed_part(job.data, "train") for job in jobs]
    if not all(isinstance(rows, ResidentRows) for rows in fed):
        return "their rows are no arrays"
    divisors = [rows.prepare.divisor for rows in fed if isinstance(rows.prepare, Preparation)]
    if not all(np.array_equal(each, divisors[0]) for each in divisors):
        return "their pixels are scaled in different ways"
    return ""


def steps_of(jobs: Sequence[Job]) -> int:
    """Rows in a step of networks of one program."""
    return max(job.config.rows_per_step(len(job.data.parts["train"])) for job in jobs)
