"""Keras' ``fit`` over the training rows: fused or not, watched, ended by a signal or by a loss that is no number."""

import contextlib
import csv
import io
import itertools
import logging
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli import evaluation, feed, fused, signals
from rnacli.choice import Choice
from rnacli.dataset import Data
from rnacli.engine import keras, tf
from rnacli.errors import RnaError, of_system
from rnacli.language import Config
from rnacli.runs import Run

log = logging.getLogger("rnacli")


def batch_rows(config: Config, rows: int) -> int:
    """Rows in a training step."""
    return rows if config.batch_size == "full" else min(int(config.batch_size), rows)


def fit(
    network: Any,
    config: Config,
    data: Data,
    chosen: Choice,
    validated: str | None,
    history: "History",
    others: list[Any],
    stopped: list[int],
    epochs: range,
) -> None:
    """Train a compiled network for ``epochs``, counted from 0, or until a signal is in ``stopped``.

    Raises ``Diverged`` at the first step whose loss is no number, and ``RnaError`` where memory is not enough.
    """
    rows = feed.part(data, "train", data.weights("train"))
    size = batch_rows(config, len(rows))
    steps = math.ceil(len(rows) / size)
    network.make_test_function()
    if chosen.fuse:
        train_function, batches, calls = fused.fuse(network, rows, size, config.seed, epochs, chosen.steps, chosen.jit)
    else:
        network.jit_compile = chosen.jit
        network.make_train_function()
        network.jit_compile = False
        train_function, calls = counting(network.train_function, steps), steps
        batches = feed.shuffled(rows, size, config.seed, epochs)
    network.train_function = history.counted(train_function, calls, epochs.start)
    validation: dict[str, Any] = {}
    if validated:
        validation["validation_data"], validation["validation_steps"] = feed.in_order(
            feed.part(data, validated), evaluation.batch_size(network)
        )
    try:
        network.fit(
            batches,
            epochs=epochs.stop,
            initial_epoch=epochs.start,
            steps_per_epoch=calls,
            callbacks=[Steps(steps, stopped), *others],
            shuffle=False,  # the order is ours
            verbose=0,
            **validation,
        )
    except tf.errors.ResourceExhaustedError:
        raise RnaError("the memory is not enough for a step", hint=f"batch_size: {max(1, size // 2)}") from None
    finally:
        network.train_function = None
    if len(epochs) and not all(bool(tf.reduce_all(tf.math.is_finite(each))) for each in network.trainable_weights):
        raise Diverged("weights are no numbers", len(history.rows), steps)


def counting(train_function: Any, steps: int) -> fused.TrainFunction:
    """Keras' own ``train_function``, which makes one step, with the form of the fused one."""
    calls = itertools.count()
    return lambda iterator: (train_function(iterator), next(calls) % steps, 0)


class Diverged(RnaError):
    """The loss, or a weight, is no number any more, and would never be one again.

    ``epoch`` and ``step`` count from 1.
    """

    def __init__(self, what: str, epoch: int, step: int):
        self.epoch, self.step = epoch, step
        super().__init__(
            f"training has diverged: {what} at step {step:,} of epoch {epoch:,}",
            hint="a smaller learning_rate, inputs scaled to about 1 (dataset: {scale: standard}), "
            "or clipnorm: 1 in the optimizer",
        )


class Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells the other callbacks how many steps an epoch has, where Keras would tell them of executions.

    And tells ``fit``, which begins by forgetting it, of a signal that came before.
    """

    def __init__(self, steps: int, stopped: list[int]):
        super().__init__()
        self.steps, self.stopped = steps, stopped

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.params["steps"] = self.steps
        self.model.stop_training = bool(self.stopped)


@contextlib.contextmanager
def interruptible(network: Any) -> Iterator[list[int]]:
    """Let the first SIGINT, SIGTERM or SIGHUP end training after the step under way; a second one acts as ever.

    Gives a list that then holds the signal's number. A signal that is ignored, as ``nohup`` has it, stays so.
    """
    received: list[int] = []
    pressed = 0.0
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def stop(number: int, frame: object) -> None:
        nonlocal pressed
        if not received:
            pressed = time.monotonic()
            received.append(number)
            network.stop_training = True
        elif time.monotonic() - pressed > signals.ONE_PRESS:
            signal.signal(number, before[number])
            signal.raise_signal(number)

    before: dict[int, Any] = {each: signal.getsignal(each) for each in signals.answered()}
    for each in before:
        signal.signal(each, stop)
    try:
        yield received
    finally:
        for each, former in before.items():
            signal.signal(each, former)


def in_order(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keras' logs, which come by the alphabet: the loss first, what is measured on other rows last."""
    logs = evaluation.flat(dict(logs))
    names = sorted(logs, key=lambda name: (name.startswith("val_"), not name.endswith("loss")))
    return {name: float(logs[name]) for name in names}


class History(keras.callbacks.Callback):  # type: ignore[misc]
    """``history.csv``: one row a whole epoch; rewritten in one step, at most once a second."""

    def __init__(self, run: Run, rows: Sequence[dict[str, float]] = ()):
        super().__init__()
        self.run = run
        self.rows = list(rows)
        self.cut_short: dict[str, float] = {}
        """The measures of an epoch that something ended in its middle: no row of the history."""
        self.written, self.warned = 0.0, False
        self.calls = 0

    def counted(self, train_function: fused.TrainFunction, calls: int, epochs: int) -> Any:
        """``train_function``, counted after the first ``epochs``: an epoch has ``calls``, unless it was interrupted.

        It raises ``Diverged``.
        """
        self.calls_an_epoch, self.calls = calls, calls * epochs

        def count(iterator: Any) -> Any:
            logs, before, finite = train_function(iterator)
            if not math.isfinite(float(logs["loss"])):
                raise Diverged(f"the loss is {float(logs['loss'])}", self.epoch + 1, before + int(finite) + 1)
            self.calls += 1
            return logs

        return count

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.epoch, self.began = epoch, time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        values = in_order(logs or {})
        if self.calls < (epoch + 1) * self.calls_an_epoch:
            self.cut_short = {"epoch": epoch + 1, **values}
            return
        self.rows.append({"epoch": epoch + 1, **values, "seconds": round(time.perf_counter() - self.began, 4)})
        if time.perf_counter() - self.written > 1:
            self.try_to_save()

    def save(self) -> None:
        """Write all rows so far."""
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in self.rows for name in row)) or ["epoch"]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        self.run.write("history.csv", text.getvalue())
        self.written = time.perf_counter()

    def try_to_save(self) -> None:
        """Training goes on without this table, which is made of what the checkpoint holds too; it is said once."""
        try:
            self.save()
        except OSError as error:
            self.written = time.perf_counter()
            if not self.warned:
                log.warning("%s; training goes on, and the table is written again at its end", of_system(error))
            self.warned = True

    def columns(self) -> dict[str, list[float]]:
        """Name -> one value an epoch."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name, math.nan) for row in self.rows] for name in names}
