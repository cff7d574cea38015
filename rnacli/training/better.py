"""What a model checkpoint has kept, where it is another epoch than the run's own."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Config
from rnacli.words import fill_template

log = logging.getLogger("rnacli")


def note_better_files(config: Config, callbacks: Sequence[Any], rows: Sequence[Mapping[str, float]]) -> None:
    """Say which epoch each best-only file is of, where the run's network, figures and predictions are of another.

    ``callbacks``: those of the config, at the end of training. ``rows``: the history.
    """
    own = network_epoch(callbacks, len(rows))
    for spec, callback in zip(config.callbacks, callbacks, strict=True):
        if not (isinstance(callback, keras.callbacks.ModelCheckpoint) and callback.save_best_only):
            continue
        kept = next((row for row in rows if row.get(callback.monitor) == callback.best), None)
        if kept is None or int(kept["epoch"]) == own:
            continue
        said = fill_template(
            "{file} is of epoch {best}, the best by {monitor}; the run itself, with its figures and predictions, is of "
            "epoch {own} (to use the best: early_stopping: {monitor: {monitor}, patience: {patience}, "
            "restore_best_weights: true})",
            file=str(spec.arguments["filepath"]).format(**kept),
            best=int(kept["epoch"]),
            monitor=callback.monitor,
            own=own,
            patience=max(5, config.epochs // 10),
        )
        log.warning("%s", said)


def network_epoch(callbacks: Sequence[Any], epochs: int) -> int:
    """The epoch whose weights the network has after so many: the last, or the best that an early stopping kept."""
    for callback in callbacks:
        if getattr(callback, "restore_best_weights", False) and callback.best_weights is not None:
            epochs = int(callback.best_epoch) + 1
    return epochs
