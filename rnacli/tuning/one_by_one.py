"""A trainer for any network: one after the other, as ``rna train`` would, without run folders and pictures."""

import contextlib
import dataclasses
import logging
import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnacli.engine.forget import forgotten_afterwards, only_new_searched
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job, prepare_job
from rnacli.fitting.phases import enter_phases
from rnacli.fitting.stopping import Diverged
from rnacli.networks.build import phase_entry
from rnacli.networks.callbacks import build_callbacks
from rnacli.runs.checkpoint import State, callback_kinds, newest_state
from rnacli.runs.optimizers import build_optimizers
from rnacli.schema.keras_object import KerasSpec
from rnacli.training.better import network_epoch
from rnacli.training.keep import KeepCheckpoints
from rnacli.tuning.outcome import COMPLETE, DIVERGED, FAILED, PRUNED, Row, Trained
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.trainer import MissingGoal, Source, Work

log = logging.getLogger("rnacli")

WRITING = ("model_checkpoint", "tensorboard", "csv_logger", "backup_and_restore")
"""Callbacks that write files: a trial has no folder."""


class OneByOne:
    """``base``: the experiment of the search; it decides the rows where a trial has another seed."""

    room, shares = 1, False

    def __init__(self, base: Config, cache: Path, offline: bool = False, data: SharedData | None = None):
        self.data = data or SharedData(base, cache, offline)
        self.cache, self.offline = cache, offline

    def train(self, source: Source) -> None:
        with said_once(), only_new_searched():
            while (work := source.take()) is not None:
                source.end(work, self.train_one(work, source))

    def train_one(self, work: Work, source: Source) -> Trained:
        """Train a network to its end, or until the source has seen enough."""

        def watch(rows: Sequence[Row]) -> bool:
            return source.goes_on(work, rows)

        return train_alone(work.config, self.data, self.cache, self.offline, watch, work.checkpoints)


def train_alone(
    config: Config, shared: SharedData, cache: Path, offline: bool, goes_on: Callable[[Sequence[Row]], bool],
    checkpoints: Path | None = None,
) -> Trained:  # fmt: skip
    """Train the network of a config, with the data that it shares with others.

    ``checkpoints``: the folder that it keeps them in, and goes on from where there are some.
    """
    config = without_files(config)
    history = Rows()
    asking = Asking(goes_on, history)
    try:
        with forgotten_afterwards():
            job = prepare_job(config, cache, offline, data=shared.of(config))
            state = find_state(job, checkpoints) if checkpoints else None
            if state is not None:
                log.info("continuing after epoch %d of %d", state.epoch, config.epochs)
                history.rows = list(state.history)
            callbacks = fit_phases(job, history, asking, state, checkpoints)
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
    if asking.is_stopped:
        return Trained(config.seed, PRUNED, rows, len(rows))
    if any(math.isnan(value) for value in rows[kept - 1].values()) if rows else False:
        return Trained(config.seed, DIVERGED, rows, kept, "a measure is not a number")
    return Trained(config.seed, COMPLETE, rows, kept)


def find_state(job: Job, folder: Path) -> State | None:
    """The newest checkpoint of a job in a folder, which is made where it is not there; a damaged one is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    build_optimizers(job.network)
    enter = phase_entry(job.network, job.config, job.data.tasks)
    try:
        return newest_state(folder, job.network, callback_kinds(job.config.callbacks), enter)
    except RnaError as error:
        log.warning("%s; that trial begins anew", error)
        shutil.rmtree(folder)
        folder.mkdir()
        return None


def fit_phases(
    job: Job, history: "Rows", asking: "Asking", state: State | None = None, checkpoints: Path | None = None
) -> list[Any]:
    """Train the epochs of a job that are not behind ``state``, phase by phase; gives the callbacks of the last one,
    which know what they kept."""
    callbacks: list[Any] = []
    asking.ask()
    if asking.is_stopped:
        return callbacks
    for phase in enter_phases(job, history, state):
        config = phase.job.config
        callbacks = build_callbacks(config, Path())
        watchers = [*callbacks, history, asking]
        if checkpoints is not None:  # before it is asked: a trial that is pruned was not ended by a callback
            keep = KeepCheckpoints(
                checkpoints, callbacks, history, phase.end, phase.state, config.checkpoint, (), phase.number
            )
            watchers.insert(-1, keep)
        fit_network(phase.job, history, watchers, [], phase.epochs, phase.front)
        if asking.is_stopped:
            break
    return callbacks


class Rows(History):
    """The measures after each epoch, kept in memory."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # no run: nothing is written
        self.written = math.inf  # never long ago

    @property
    def plain(self) -> list[dict[str, float]]:
        """The rows without what a clock says."""
        return [
            {name: value for name, value in row.items() if name not in ("epoch", "phase", "seconds")}
            for row in self.rows
        ]

    def save(self) -> None:
        """A trial has no ``history.csv``."""


class Asking(keras.callbacks.Callback):  # type: ignore[misc]
    """Asks after each whole epoch whether training goes on."""

    def __init__(self, goes_on: Callable[[Sequence[Row]], bool], rows: Rows):
        super().__init__()
        self.goes_on, self.of, self.asked, self.is_stopped = goes_on, rows, 0, False

    def ask(self) -> None:
        """Ask, unless no epoch has come since."""
        if len(self.of.rows) > self.asked:
            self.asked = len(self.of.rows)
            self.is_stopped = not self.goes_on(self.of.plain)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.ask()
        if self.is_stopped:
            self.model.stop_training = True


def without_files(config: Config) -> Config:
    """The same without callbacks that write files."""

    def kept(callbacks: Sequence[KerasSpec]) -> tuple[KerasSpec, ...]:
        return tuple(each for each in callbacks if each.name not in WRITING)

    phases = config.phases and tuple(
        dataclasses.replace(phase, callbacks=phase.callbacks and kept(phase.callbacks)) for phase in config.phases
    )
    return dataclasses.replace(config, callbacks=kept(config.callbacks), phases=phases)


@contextlib.contextmanager
def said_once() -> Iterator[None]:
    """Let the library say each thing once in the block, though every trial finds it."""
    said = set[str]()

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
