"""Training, from a config to a finished run folder."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.experiment.config import Config
from rnacli.runs.checkpoint import State
from rnacli.runs.folder import Run, architecture_name, create_run, lock_run, remove_run
from rnacli.runs.open import CHECKPOINTS
from rnacli.signals import answered_by
from rnacli.training.better import note_better_files
from rnacli.training.ending import note_error, note_signal
from rnacli.training.finish import finish_run
from rnacli.training.fit import fit_network
from rnacli.training.history import History
from rnacli.training.job import Job, build_callbacks, prepare_job, write_first
from rnacli.training.keep import KeepCheckpoints
from rnacli.training.stopping import interruptible


def train_network(
    config: Config, folder: Path, cache: Path, listeners: Sequence[Any] = (), offline: bool = False
) -> Run:
    """Train the config's network and write its run folder below ``folder``.

    ``cache`` keeps downloads, and ``offline`` makes no new ones; ``listeners`` are Keras callbacks that watch. In the
    command, the first signal ends training after the step under way: the run is then complete but for its last epochs,
    and its status ``interrupted``. Raises ``RnaError`` for what the user can mend.
    """
    return begin_run(prepare_job(config, cache, offline), folder, listeners)


def begin_run(job: "Job", folder: Path, listeners: Sequence[Any] = (), name: str = "") -> Run:
    """Make a run folder for a job below ``folder``, called ``name`` or after its time and network; train it there."""
    run = create_run(folder, job.config, architecture_name(job.config, job.data.preprocessing.shape), name)
    with lock_run(run.path):

        def remove(number: int) -> str:
            remove_run(run)
            return ""

        try:
            with answered_by(remove):
                write_first(run, job)
        except BaseException:
            remove_run(run)
            raise
        return complete_run(run, job, listeners)


def complete_run(run: Run, job: Job, listeners: Sequence[Any], state: State | None = None) -> Run:
    """Train a job to its end, from ``state`` if there is one, and write what comes of it."""
    config, epochs = job.config, job.config.epochs
    history = History(run, state.history if state else ())
    try:
        with answered_by(lambda number: note_signal(run, history, epochs, number)):
            stopped = train_epochs(run, job, history, listeners, state)
            return finish_run(run, config, job.data, job.network, history, job.validated, stopped)
    except BaseException as error:
        told = note_error(run, history, epochs, error)
        if told is error:
            raise
        raise told from error


def train_epochs(
    run: Run, job: Job, history: History, listeners: Sequence[Any], state: State | None = None
) -> list[int]:
    """Train the epochs that are not behind ``state``; gives the number of the signal that has ended it, if one has."""
    config, network = job.config, job.network
    first = 0 if state is None else state.epoch
    # What a callback has ended stays so, unless more epochs are asked for than it knew of.
    over = state is not None and state.stopped and config.epochs == state.epochs
    with interruptible(network) as stopped:
        own = build_callbacks(config, run.path)
        keep = KeepCheckpoints(run.path / CHECKPOINTS, own, history, config.epochs, state, config.checkpoint, stopped)
        began = time.perf_counter()
        if config.epochs > 0:
            fit_network(
                network,
                config,
                job.data,
                job.chosen,
                job.validated,
                history,
                [*own, history, *listeners, keep],
                stopped,
                range(first, first if over else config.epochs),
            )
        note_better_files(config, own, history.rows)
        run.save(seconds={"training": round(time.perf_counter() - began, 3), "checkpoints": round(keep.spent, 3)})
    return stopped
