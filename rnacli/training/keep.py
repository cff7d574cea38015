"""The callback that writes checkpoints."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Checkpoint
from rnacli.runs.checkpoint import State, state_variables, take_state, write_state

SHARE = 0.03
"""The most of a training's time that checkpoints of their own accord may take."""


def give_back_state(state: State, network: Any, callbacks: Sequence[Any]) -> None:
    """Put a state into a network that is built and compiled as it was, and into its callbacks."""
    for name, variable in state_variables(network).items():
        variable.assign(state.arrays[name])
    for i, (callback, counters) in enumerate(zip(callbacks, state.counters, strict=True)):
        for name, value in counters.items():
            setattr(callback, name, value)
        best = [name for name in state.arrays if name.startswith(f"best/{i}/")]
        if best:
            callback.best_weights = [state.arrays[name] for name in best]


class KeepCheckpoints(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes a checkpoint at the end of an epoch, and puts a state back before the first one.

    ``interval``: how often, as the config says; ``auto``: as often as takes at most ``SHARE`` of the time. The last
    epoch always has one. ``signals``: will hold those that are to end training. ``before``: what is written with it,
    and first. ``share``: the most of the time that ``auto`` takes.
    """

    def __init__(
        self,
        folder: Path,
        callbacks: Sequence[Any],
        history: Any,
        epochs: int,
        state: State | None = None,
        interval: str | Checkpoint = "auto",
        signals: Sequence[int] = (),
        phase: int = 0,
        before: Sequence[Callable[[], None]] = (),
        share: float = SHARE,
    ):
        super().__init__()
        self.folder, self.callbacks, self.history, self.epochs = folder, callbacks, history, epochs
        self.state, self.interval, self.signals = state, interval, signals
        self.phase, self.before, self.share = phase, before, share
        self.cost, self.spent = 0.0, 0.0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.state is not None:
            give_back_state(self.state, self.model, self.callbacks)
        self.began = self.last = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        whole = len(self.history.rows) == epoch + 1
        if whole and (self.is_due(epoch) or epoch + 1 == self.epochs or self.model.stop_training):
            start = time.perf_counter()
            self.fetch()
            state = take_state(self.model, self.callbacks, self.history.rows, self.epochs, self.signals, self.phase)
            if all(np.isfinite(state.arrays[name]).all() for name in state.arrays if name.startswith("network/")):
                for write in self.before:
                    write()
                write_state(self.folder, state)
            self.last = time.perf_counter()
            self.cost = self.last - start
            self.spent += self.cost

    def fetch(self) -> None:
        """Bring the network up to date, where another program trains it."""

    def is_due(self, epoch: int) -> bool:
        now = time.perf_counter()
        if isinstance(self.interval, Checkpoint):
            late = self.interval.seconds is not None and now - self.last >= self.interval.seconds
            return late or (self.interval.every is not None and (epoch + 1) % self.interval.every == 0)
        return self.spent + self.cost <= self.share * (now - self.began)
