"""The folds of a cross-validation trained by one program, each into a run folder of its own, as it would be alone."""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnacli.engine.initial import model_variables
from rnacli.fitting.divergence import with_mends
from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.fitting.stopping import Diverged, interruptible
from rnacli.networks.callbacks import build_callbacks
from rnacli.results.outputs import with_derived
from rnacli.runs.checkpoint import State
from rnacli.runs.folder import Run, lock_run
from rnacli.runs.open import CHECKPOINTS
from rnacli.runs.optimizers import build_optimizers, optimizer_variables
from rnacli.seeds.fold_slots import FoldNetwork, Program
from rnacli.signals import answered_by
from rnacli.training.better import note_better_files
from rnacli.training.early_stopping import note_early_stopping
from rnacli.training.ending import note_end, note_error, note_signal
from rnacli.training.film import make_film
from rnacli.training.finish import finish_run
from rnacli.training.keep import SHARE, KeepCheckpoints
from rnacli.words import fill_template

Begun = tuple[Run, Job, State | None]
"""A fold that is to be trained, from a state if there is one."""


class KeepFold(KeepCheckpoints):
    """Writes the checkpoints of a fold; ``fetch``: brings its network up to date."""

    def __init__(self, fetch: Callable[[], None], *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.fetch = fetch  # type: ignore[method-assign]


class Fold:
    """A fold in training: its run, its callbacks, its history.

    All folds have one Keras network, which in turn is each one's where it is looked at, so that what measures it is
    made once; ``final``: the weights with which this one ends.
    """

    def __init__(self, begun: Begun, network: Any, program: Program, slot: int, folds: int, signals: list[int]):
        self.run, job, self.state = begun
        self.job = dataclasses.replace(job, network=network)
        self.program, self.slot, self.signals = program, slot, signals
        config, state = job.config, self.state
        build_optimizers(network)
        self.variables = [*model_variables(network), *optimizer_variables(network)]
        self.first = [np.asarray(variable) for variable in self.variables]
        self.final: list[np.ndarray] = []
        self.history = History(self.run, state.history if state else ())
        self.history.calls_an_epoch = 0  # each epoch is whole
        self.film = make_film(self.run, self.job, state.epoch if state else 0)
        self.callbacks = build_callbacks(config, self.run.path)
        self.watched = FoldNetwork(program, slot, network)
        before = [self.film.save] if self.film else []
        self.keep = KeepFold(
            self.fetch, self.run.path / CHECKPOINTS, self.callbacks, self.history, config.epochs, state,
            config.checkpoint, signals, before=before, share=SHARE / folds,
        )  # fmt: skip
        self.diverged: Diverged | None = None
        self.over = config.epochs <= self.epoch or bool(state and state.stopped)
        self.early = not self.over
        """Whether the end is still to come."""

    @property
    def epoch(self) -> int:
        """How many epochs are behind it."""
        return len(self.history.rows)

    def begin(self) -> None:
        """Put the network, and what a former process knew of it, where they are trained."""
        self.keep.set_model(self.job.network)
        for callback in self.callbacks:
            callback.set_model(self.watched)
            callback.on_train_begin()
        self.keep.on_train_begin()
        self.program.many.put(self.slot, self.variables if self.state else self.first, self.epoch)
        if self.over:
            self.end()

    def fetch(self) -> None:
        """Give the network the values of its slot."""
        self.program.copy_into(self.variables, self.slot)

    def note(self, logs: Mapping[str, float]) -> dict[str, float]:
        """An epoch has ended with such measures: what the callbacks of a network alone do then. Gives the measures."""
        own = with_derived(self.job.network, self.job.data.tasks, dict(logs))
        if not math.isfinite(own["loss"]):
            self.fail("the loss is {loss}", loss=own["loss"])
            return own
        epoch = self.epoch
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, own)
        self.history.on_epoch_end(epoch, own)
        if self.film is not None and (epoch + 1) % self.film.stride == 0:
            self.fetch()
            self.film.on_epoch_end(epoch)
        self.over = self.watched.stop_training or self.epoch >= self.job.config.epochs
        self.job.network.stop_training = self.watched.stop_training or bool(self.signals)
        self.keep.on_epoch_end(epoch)
        if self.over:
            self.end()
        return own

    def end(self) -> None:
        """Give the network the weights with which it ends."""
        self.fetch()
        if not all(np.isfinite(np.asarray(weight)).all() for weight in self.job.network.trainable_weights):
            self.fail("weights are not numbers")
            return
        for callback in self.callbacks:
            callback.on_train_end()
        self.final = self.job.network.get_weights()
        if self.early:
            note_early_stopping(self.callbacks, self.epoch, self.job.config.epochs)
        note_better_files(self.job.config, self.callbacks, self.history.rows)

    def fail(self, what: str, **values: Any) -> None:
        self.over = True
        self.diverged = Diverged(fill_template(what, **values), self.epoch + ("loss" in values))


def train_folds_together(begun: Sequence[Begun], listeners: Sequence[Any]) -> list[Run]:
    """Train folds to their ends and finish their runs; after a signal each is saved as it is. Raises ``RnaError``.

    One that diverges keeps no other from its end.
    """
    folds: list[Fold] = []
    with contextlib.ExitStack() as locked:
        for run, _, _ in begun:
            locked.enter_context(lock_run(run.path))
        try:
            with answered_by(lambda number: leave(folds, number)), interruptible(SimpleNamespace()) as signals:
                began = time.perf_counter()
                program = Program([job for _, job, _ in begun])
                folds += [
                    Fold(each, begun[0][1].network, program, slot, len(begun), signals)
                    for slot, each in enumerate(begun)
                ]
                train_program(folds, program, listeners, signals)
                seconds = time.perf_counter() - began
                for fold in folds:
                    spent = {"training": round(seconds / len(folds), 3), "checkpoints": round(fold.keep.spent, 3)}
                    fold.run.save(seconds=spent)
        except BaseException as error:
            told = note_errors(folds, error)
            if told is error:
                raise
            raise told from error
        if signals:
            for fold in folds:
                note_end(fold.run, fold.history, status="interrupted", signal=signals[0], epochs=fold.epoch)
            return [fold.run for fold in folds]
        return finish_folds(folds)


def train_program(folds: Sequence[Fold], program: Program, listeners: Sequence[Any], signals: Sequence[int]) -> None:
    """Train until each fold is over or a signal has come."""
    for fold in folds:
        fold.begin()
    running = [fold for fold in folds if not fold.over]
    if not running:
        return
    with watched(listeners, program, folds):
        while running and not signals:
            epoch = max(fold.epoch for fold in running)
            for listener in listeners:
                listener.on_epoch_begin(epoch)
            for fold in running:
                fold.history.on_epoch_begin(fold.epoch)
            logs = program.train_epoch()
            noted = [fold.note({name: float(logs[name][fold.slot]) for name in sorted(logs)}) for fold in running]
            counter = program.many.network.optimizer.iterations
            counter.assign((epoch + 1) * steps_an_epoch(program))
            for listener in listeners:
                listener.on_epoch_end(epoch, {name: float(np.mean([own[name] for own in noted])) for name in noted[0]})
            running = [fold for fold in running if not fold.over]


def steps_an_epoch(program: Program) -> int:
    return program.many.whole + (program.many.rest > 0)


@contextlib.contextmanager
def watched(listeners: Sequence[Any], program: Program, folds: Sequence[Fold]) -> Iterator[None]:
    """Tell those that watch of the program as of one network, whose measures are the means."""
    for listener in listeners:
        listener.set_model(program.many.network)
        listener.set_params({"steps": steps_an_epoch(program), "epochs": folds[0].job.config.epochs})
        listener.on_train_begin()
    yield
    for listener in listeners:
        listener.on_train_end()


def finish_folds(folds: Sequence[Fold]) -> list[Run]:
    """Write what has come of each fold; of those that have diverged it is said at the end. Raises ``Diverged``."""
    for fold in folds:
        if fold.diverged is None:
            finish_fold(fold)
    lost = [fold for fold in folds if fold.diverged is not None]
    told = [note_error(each.run, each.history, each.job.config.epochs, mended(each)) for each in lost]
    if told:
        raise told[0]
    return [fold.run for fold in folds]


def finish_fold(fold: Fold) -> None:
    """Write what has come of a fold."""
    fold.job.network.set_weights(fold.final)
    try:
        with answered_by(lambda number: leave([fold], number)):
            finish_run(fold.run, fold.job, fold.history, [], fold.film)
    except BaseException as error:
        told = note_errors([fold], error)
        if told is error:
            raise
        raise told from error


def mended(fold: Fold) -> BaseException:
    """Why a fold has diverged, with what may help."""
    if fold.diverged is None:
        raise TypeError("it has not diverged")
    return with_mends(fold.diverged, fold.job.config, fold.job.data)


def leave(folds: Sequence[Fold], number: int) -> str:
    """Note a signal that ends all at once; gives how to go on."""
    hints = [note_signal(fold.run, fold.history, fold.job.config.epochs, number) for fold in folds]
    return hints[0] if hints else ""


def note_errors(folds: Sequence[Fold], error: BaseException) -> BaseException:
    """Note an error with each fold that it ends; gives what is to be raised."""
    told = [note_error(fold.run, fold.history, fold.job.config.epochs, error) for fold in folds]
    return told[0] if told else error
