"""What an early stopping has done: when and why training ended, and of which epoch the weights are."""

import logging
from collections.abc import Sequence
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.words import count_things, fill_template

log = logging.getLogger("rnacli")


def note_early_stopping(callbacks: Sequence[Any], done: int, epochs: int) -> None:
    """Say what the early stoppings among ``callbacks`` did to a training that ended after ``done`` of ``epochs``."""
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.EarlyStopping) and (
            said := tell_early_stopping(callback, done, epochs)
        ):
            log.info("%s", said)


def tell_early_stopping(callback: Any, done: int, epochs: int) -> str:
    """``stopped after epoch 38 of 300: val_loss has not improved for 10 epochs; the weights of epoch 28 are kept``."""
    best, stopped = int(callback.best_epoch) + 1, callback.stopped_epoch > 0
    monitor, waited = callback.monitor, count_things(callback.patience, "epoch")
    restored = callback.restore_best_weights and callback.best_weights is not None
    if not stopped:
        kept = fill_template(
            "the weights of epoch {best} of {done} are kept: the best by {monitor}",
            best=best,
            done=done,
            monitor=monitor,
        )
        return kept if restored and best != done else ""
    why = fill_template(
        "stopped after epoch {done} of {epochs}: {monitor} has not improved for {waited}",
        done=done,
        epochs=epochs,
        monitor=monitor,
        waited=waited,
    )
    if restored:
        return fill_template("{why:.300}; the weights of epoch {best} are kept", why=why, best=best)
    return fill_template(
        "{why:.300} (restore_best_weights: true keeps the weights of epoch {best})", why=why, best=best
    )
