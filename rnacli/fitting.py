"""Keras' ``fit`` over the training rows: fused or not, watched, and interruptible."""

import contextlib
import csv
import io
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from rnacli import evaluation, feed, fused
from rnacli.choice import Choice
from rnacli.dataset import Data
from rnacli.engine import keras, tf
from rnacli.errors import RnaError
from rnacli.language import Config
from rnacli.runs import Run


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
) -> None:
    """Train a compiled network for the config's epochs, or until a signal is in ``stopped``.

    Raises ``RnaError`` where memory is not enough.
    """
    rows = feed.resident(*data.raw("train"), data.preprocessing)
    size = batch_rows(config, len(rows))
    steps = math.ceil(len(rows) / size)
    network.make_test_function()
    if chosen.fuse:
        train_function, calls = fused.fuse(network, rows, size, config.seed, chosen.steps, chosen.jit)
        batches = fused.counting()
    else:
        network.jit_compile = chosen.jit
        network.make_train_function()
        network.jit_compile = False
        train_function, calls = network.train_function, steps
        batches = feed.shuffled(rows, size, config.seed, config.epochs)
    network.train_function = history.counted(train_function, calls)
    validation: dict[str, Any] = {}
    if validated:
        held = feed.resident(*data.raw(validated), data.preprocessing)
        validation["validation_data"], validation["validation_steps"] = feed.in_order(
            held, evaluation.batch_size(network)
        )
    try:
        network.fit(
            batches,
            epochs=config.epochs,
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
    """Let the first SIGINT or SIGTERM end training after the step under way; a second one acts as ever.

    Gives a list that then holds the signal's number.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def stop(number: int, frame: object) -> None:
        received.append(number)
        network.stop_training = True
        for each, former in before.items():
            signal.signal(each, former)

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    for each in before:
        signal.signal(each, stop)
    try:
        yield received
    finally:
        for each, former in before.items():
            signal.signal(each, former)


def in_order(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keras' logs, which come by the alphabet: the loss first, what is measured on other rows last."""
    names = sorted(logs, key=lambda name: (name.startswith("val_"), not name.endswith("loss")))
    return {name: float(logs[name]) for name in names}


class History(keras.callbacks.Callback):  # type: ignore[misc]
    """``history.csv``: one row a whole epoch; rewritten in one step, at most once a second."""

    def __init__(self, run: Run):
        super().__init__()
        self.run = run
        self.rows: list[dict[str, float]] = []
        self.cut_short: dict[str, float] = {}
        """The measures of an epoch that something ended in its middle: no row of the history."""
        self.written = 0.0
        self.calls = 0

    def counted(self, train_function: Any, calls: int) -> Any:
        """``train_function``, counted: an epoch has ``calls`` of it, unless it was interrupted."""
        self.calls_an_epoch = calls

        def count(iterator: Any) -> Any:
            self.calls += 1
            return train_function(iterator)

        return count

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        values = in_order(logs or {})
        if self.calls < (epoch + 1) * self.calls_an_epoch:
            self.cut_short = {"epoch": epoch + 1, **values}
            return
        self.rows.append({"epoch": epoch + 1, **values, "seconds": round(time.perf_counter() - self.began, 4)})
        if time.perf_counter() - self.written > 1:
            self.save()

    def save(self) -> None:
        """Write all rows so far."""
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in self.rows for name in row)) or ["epoch"]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        self.run.write("history.csv", text.getvalue())
        self.written = time.perf_counter()

    def columns(self) -> dict[str, list[float]]:
        """Name -> one value an epoch."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name, math.nan) for row in self.rows] for name in names}
