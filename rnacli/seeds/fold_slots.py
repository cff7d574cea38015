"""The program that trains the networks of folds, from their jobs; and one of them as callbacks look at it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnacli.engine.feed import ResidentRows, feed_part
from rnacli.engine.initial import Initial, model_variables
from rnacli.engine.many_own import ManyOwn, Span, stack_rows
from rnacli.fitting.job import Job
from rnacli.networks.build import build_network, compile_network
from rnacli.seeds.folds import steps_of
from rnacli.seeds.many import uses_xla
from rnacli.seeds.slots import WatchedSlot


class Program:
    """The program of all folds, and what of it was fetched since its last epoch."""

    def __init__(self, jobs: Sequence[Job]):
        first = jobs[0]
        config, inputs = first.config, first.data.preprocessing.encoder.inputs
        network = build_network(config, inputs)
        compile_network(network, config, first.data.tasks)
        rows, spans = stack_rows([resident(job, "train") for job in jobs])
        initial = Initial(network, config.seed, lambda seed: build_network(config, inputs))
        self.many = ManyOwn(network, initial, rows, spans, steps_of(jobs), uses_xla(first))
        self.held_out: tuple[ResidentRows, list[Span]] | None = None
        if first.validated is not None:
            self.held_out = stack_rows([resident(job, first.validated) for job in jobs])
        self.fetched: list[np.ndarray] = []

    def train_epoch(self) -> dict[str, np.ndarray]:
        """An epoch of all networks; gives what each reaches, also on the rows that it is measured on."""
        logs = self.many.train_epoch()
        self.fetched = []
        if self.held_out is not None:
            logs |= {f"val_{name}": values for name, values in self.many.measure_spans(*self.held_out).items()}
        return logs

    def copy_into(self, variables: Sequence[Any], slot: int) -> None:
        """Give variables the values that a slot has: those of a network, then those of its optimizer."""
        self.fetched = self.fetched or self.many.fetch()
        for variable, stacked in zip(variables, self.fetched, strict=False):
            variable.assign(stacked[slot])


def resident(job: Job, part: str) -> ResidentRows:
    """A part of a job's data in memory."""
    rows = feed_part(job.data, part, job.data.weights("train") if part == "train" else None)
    if not isinstance(rows, ResidentRows):
        raise TypeError("its rows are no arrays")
    return rows


class FoldNetwork(WatchedSlot):
    """The network of a fold, a Keras network that is up to date where callbacks look at its weights."""

    def __init__(self, program: Program, slot: int, network: Any):
        super().__init__(program.many, slot, network.metrics)
        self.program, self.network = program, network

    def forget(self) -> None:
        self.program.fetched = []

    def get_weights(self) -> list[np.ndarray]:
        self.program.copy_into(model_variables(self.network), self.slot)
        return list(self.network.get_weights())

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.network.set_weights(weights)
