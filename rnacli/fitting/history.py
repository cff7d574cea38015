"""``history.csv``: what was measured after every epoch."""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rnacli.engine.fused import TrainFunction
from rnacli.engine.tensorflow import keras
from rnacli.errors import system_error
from rnacli.fitting.stopping import Diverged
from rnacli.results.outputs import flatten_metrics
from rnacli.runs.folder import Run
from rnacli.tables.write import csv_text
from rnacli.words import fill_template

log = logging.getLogger("rnacli")


def order_logs(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keras' logs, which come by the alphabet: the loss first, what is measured on other rows last."""
    logs = flatten_metrics(dict(logs))
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
        self.phase: dict[str, float] = {}
        """The column that says the phase, where there are any."""

    def counted(self, train_function: TrainFunction, calls: int, epochs: int) -> Any:
        """``train_function``, counted after the first ``epochs``: an epoch has ``calls``, unless it was interrupted.

        It raises ``Diverged``.
        """
        self.calls_an_epoch, self.calls = calls, calls * epochs

        def count(iterator: Any) -> Any:
            logs, before, finite = train_function(iterator)
            if not math.isfinite(float(logs["loss"])):
                raise Diverged(
                    fill_template("the loss is {loss}", loss=float(logs["loss"])),
                    self.epoch + 1,
                    before + int(finite) + 1,
                )
            self.calls += 1
            return logs

        return count

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.epoch, self.began = epoch, time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        values = order_logs(logs or {})
        if self.calls < (epoch + 1) * self.calls_an_epoch:
            self.cut_short = {"epoch": epoch + 1, **values}
            return
        self.rows.append(
            {"epoch": epoch + 1, **self.phase, **values, "seconds": round(time.perf_counter() - self.began, 4)}
        )
        if time.perf_counter() - self.written > 1:
            self.try_to_save()

    def save(self) -> None:
        """Write all rows so far."""
        names = list(dict.fromkeys(name for row in self.rows for name in row)) or ["epoch"]
        self.run.write("history.csv", csv_text([names, *([row.get(name) for name in names] for row in self.rows)]))
        self.written = time.perf_counter()

    def try_to_save(self) -> None:
        """Training goes on without this table, which is made of what the checkpoint holds too; it is said once."""
        try:
            self.save()
        except OSError as error:
            self.written = time.perf_counter()
            if not self.warned:
                log.warning("%s; training continues, and the table is written again at its end", system_error(error))
            self.warned = True

    def columns(self) -> dict[str, list[float]]:
        """Name -> one value an epoch."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name, math.nan) for row in self.rows] for name in names}
