"""A trainer for any network: one after the other, as ``rna train`` would, without run folders and pictures."""

import contextlib
import dataclasses
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnacli.engine.forget import forgotten_afterwards
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job, build_callbacks, prepare_job
from rnacli.fitting.stopping import Diverged
from rnacli.networks.build import enter_phase
from rnacli.schema.keras_object import KerasSpec
from rnacli.training.better import network_epoch
from rnacli.training.train import find_used_front
from rnacli.tuning.outcome import COMPLETE, DIVERGED, FAILED, PRUNED, Row, Trained
from rnacli.tuning.trainer import MissingGoal, Source, Work

WRITING = ("model_checkpoint", "tensorboard", "csv_logger", "backup_and_restore")
"""Callbacks that write files: a trial has no folder."""


class OneByOne:
    """``base``: the experiment of the search; it decides the rows where a trial has another seed."""

    room, shares = 1, False

    def __init__(self, base: Config, cache: Path, offline: bool = False):
        self.data = SharedData(base, cache, offline)
        self.cache, self.offline = cache, offline

    def train(self, source: Source) -> None:
        with said_once():
            while (work := source.take()) is not None:
                source.end(work, self.train_one(work, source))

    def train_one(self, work: Work, source: Source) -> Trained:
        """Train a network to its end, or until the source has seen enough."""

        def watch(rows: Sequence[Row]) -> bool:
            return source.goes_on(work, rows)

        return train_alone(work.config, self.data, self.cache, self.offline, watch)


def train_alone(
    config: Config, shared: "SharedData", cache: Path, offline: bool, goes_on: Callable[[Sequence[Row]], bool]
) -> Trained:
    """Train the network of a config, with the data that it shares with others."""
    config = without_files(config)
    history = Rows(goes_on)
    try:
        with forgotten_afterwards():
            callbacks = fit_phases(prepare_job(config, cache, offline, data=shared.of(config)), history)
    except Diverged as error:
        return Trained(config.seed, DIVERGED, history.plain, len(history.plain), str(error))
    except MissingGoal:
        raise
    except RnaError as error:
        if shared.is_unread or error.exit_code != CONFIG:
            raise
        return Trained(config.seed, FAILED, history.plain, 0, str(error))
    finally:
        keras.utils.clear_session()
    rows, kept = history.plain, network_epoch(callbacks, len(history.plain))
    if history.is_stopped:
        return Trained(config.seed, PRUNED, rows, len(rows))
    if any(math.isnan(value) for value in rows[kept - 1].values()) if rows else False:
        return Trained(config.seed, DIVERGED, rows, kept, "a measure is no number")
    return Trained(config.seed, COMPLETE, rows, kept)


def fit_phases(job: Job, history: "Rows") -> list[Any]:
    """Train all epochs of a job, phase by phase; gives the callbacks of the last one, which know what they kept."""
    callbacks: list[Any] = []
    for number, config in enumerate(job.config.phase_configs):
        if history.is_stopped:
            break
        if number:
            enter_phase(job.network, job.config, job.data.tasks, number)
        begun = len(history.rows)
        callbacks = build_callbacks(config, Path())
        epochs = range(begun, begun + config.epochs)
        front = find_used_front(job) if len(epochs) else None
        watchers = [*callbacks, history]
        fit_network(job.network, config, job.data, job.chosen, job.validated, history, watchers, [], epochs, front)
    return callbacks


class Rows(History):
    """The measures after each epoch, kept in memory; asks after each whether training goes on."""

    def __init__(self, goes_on: Callable[[Sequence[Row]], bool]):
        super().__init__(None)  # type: ignore[arg-type]  # no run: nothing is written
        self.goes_on, self.is_stopped = goes_on, False
        self.written = math.inf  # never long ago

    @property
    def plain(self) -> list[dict[str, float]]:
        """The rows without what a clock says."""
        return [
            {name: value for name, value in row.items() if name not in ("epoch", "phase", "seconds")}
            for row in self.rows
        ]

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        before = len(self.rows)
        super().on_epoch_end(epoch, logs)
        if len(self.rows) > before and not self.goes_on(self.plain):
            self.is_stopped = self.model.stop_training = True

    def save(self) -> None:
        """A trial has no ``history.csv``."""


def without_files(config: Config) -> Config:
    """The same without callbacks that write files."""

    def kept(callbacks: Sequence[KerasSpec]) -> tuple[KerasSpec, ...]:
        return tuple(each for each in callbacks if each.name not in WRITING)

    phases = config.phases and tuple(
        dataclasses.replace(phase, callbacks=phase.callbacks and kept(phase.callbacks)) for phase in config.phases
    )
    return dataclasses.replace(config, callbacks=kept(config.callbacks), phases=phases)


class SharedData:
    """The data of a search: read anew only for a trial that changes what they follow from."""

    def __init__(self, base: Config, cache: Path, offline: bool):
        self.base, self.cache, self.offline = base, cache, offline
        self.kept: list[tuple[tuple[Any, ...], Data]] = []

    @property
    def is_unread(self) -> bool:
        return not self.kept

    def of(self, config: Config) -> Data:
        """The data of a trial. Raises ``RnaError``."""
        # What is drawn for the base's seed is so for all seeds of a trial.
        config = dataclasses.replace(config, seed=self.base.seed)
        own = (config.dataset, config.split_seed, list(config.heads.items()), config.class_weight, config.takes_pixels)
        for key, data in self.kept:
            if key == own:
                return dataclasses.replace(data)
        data = load_data(config, self.cache, self.offline)
        self.kept = [(own, data), *self.kept][:2]
        return dataclasses.replace(data)


@contextlib.contextmanager
def said_once() -> Iterator[None]:
    """Let the library say each thing once in the block, though every trial finds it."""
    log, said = logging.getLogger("rnacli"), set[str]()

    def is_new(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        fresh = message not in said
        said.add(message)
        return fresh

    log.addFilter(is_new)
    try:
        yield
    finally:
        log.removeFilter(is_new)
