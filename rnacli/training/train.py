"""Training, from a config to a finished run folder."""

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.document.read import parse_document
from rnacli.engine.features import Front
from rnacli.engine.forget import forgotten_afterwards
from rnacli.engine.workers import joined, require_same_start
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job, prepare_job, write_first
from rnacli.fitting.phases import PhaseToTrain, enter_phases, find_used_front
from rnacli.fitting.stopping import interruptible
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.phases import count_parameters, set_trainable
from rnacli.plots.before import begin_data_pictures
from rnacli.runs.checkpoint import State
from rnacli.runs.find import is_fold
from rnacli.runs.folder import Run, architecture_name, create_run, lock_run, remove_run
from rnacli.runs.open import CHECKPOINTS
from rnacli.seeds.train import train_seeds
from rnacli.signals import answered_by, ask_around
from rnacli.training.better import note_better_files
from rnacli.training.early_stopping import note_early_stopping
from rnacli.training.ending import note_error, note_signal
from rnacli.training.film import Film, make_film
from rnacli.training.finish import finish_run
from rnacli.training.keep import KeepCheckpoints
from rnacli.training.samples import make_samples

log = logging.getLogger("rnacli")


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
            return ask_around(remove, number)

        try:
            with answered_by(remove):
                write_first(run, job)
        except BaseException:
            remove_run(run)
            raise
        return complete_run(run, job, listeners)


def complete_run(run: Run, job: Job, listeners: Sequence[Any], state: State | None = None) -> Run:
    """Train a job to its end, from ``state`` if there is one, and write what comes of it."""
    epochs = job.config.epochs
    history = History(run, state.history if state else ())
    try:
        if joined:
            require_same_start(describe_start(job, state))
        with forgotten_afterwards(), answered_by(lambda number: note_signal(run, history, epochs, number)):
            early = list if is_fold(run) else begin_data_pictures(job.config, job.data, job.network, run.path / "plots")
            film = make_film(run, job, state.epoch if state else 0)
            stopped = train_epochs(run, job, history, listeners, state, film)
            seeds = None if stopped else train_seeds(run, job)
            return finish_run(run, job, history, stopped, film, seeds, early())
    except BaseException as error:
        told = note_error(run, history, epochs, error)
        if told is error:
            raise
        raise told from error


def describe_start(job: Job, state: State | None) -> bytes:
    """What workers that share a training must have in common: the config, the data, the weights, the epoch."""
    begun = 0 if state is None else state.epoch
    weights = b"".join(np.ascontiguousarray(each).tobytes() for each in job.network.get_weights())
    plain = parse_document(dump_config(job.config), "config").value
    plain.pop("dataset")  # its files may lie elsewhere; they are the same by their checksums
    facts = [plain, sorted(job.data.rows.files.values()), begun, job.machine.versions["tensorflow"]]
    return repr(facts).encode() + weights


def train_epochs(
    run: Run,
    job: Job,
    history: History,
    listeners: Sequence[Any],
    state: State | None = None,
    film: Film | None = None,
) -> list[int]:
    """Train the epochs that are not behind ``state``; gives the number of the signal that has ended it, if one has."""
    with interruptible(job.network) as stopped:
        began, spent = time.perf_counter(), 0.0
        fronts: dict[int, str] = {}
        for phase in enter_phases(job, history, state):
            fronts[phase.number] = name_front(phase.front)
            spent += train_phase(run, phase, history, listeners, stopped, film)
            if stopped:
                break
        if job.config.phases:
            run.save(phases=describe_phases(job, history, fronts))
        elif fronts[0]:
            run.save(features=fronts[0])
        run.save(seconds={"training": round(time.perf_counter() - began, 3), "checkpoints": round(spent, 3)})
    return stopped


def describe_phases(job: Job, history: History, fronts: Mapping[int, str]) -> list[dict[str, Any]]:
    """What ``run.json`` says of each phase; the network is then as in the last one that was trained.

    ``fronts``: the frozen layers, by name, whose outputs were computed once in a phase; those of others are looked for.
    """
    described: list[dict[str, Any]] = []
    for number in range(len(job.config.phase_configs)):
        set_trainable(job.network, job.config, number)
        trainable, frozen = count_parameters(job.network)
        # Of a phase that was trained before this process, or not yet, nobody has looked.
        name = fronts[number] if number in fronts else name_front(find_used_front(job))
        epochs = sum(row["phase"] == number + 1 for row in history.rows)
        facts = {"epochs": epochs, "trainable": trainable, "frozen": frozen}
        described.append(facts | ({"features": name} if name else {}))
    set_trainable(job.network, job.config, max(0, len([each for each in described if each["epochs"]]) - 1))
    return described


def name_front(front: Front | None) -> str:
    return front.name if front else ""


def train_phase(
    run: Run, phase: PhaseToTrain, history: History, listeners: Sequence[Any], stopped: list[int], film: Film | None
) -> float:
    """Train the epochs of a phase that are still to come; gives the seconds of checkpoints."""
    job, config = phase.job, phase.job.config
    own, samples = build_callbacks(config, run.path), make_samples(run, job, history)
    films, before = ([film], [film.save]) if film else ([], [])
    folder = run.path / CHECKPOINTS
    keep = KeepCheckpoints(
        folder, own, history, phase.end, phase.state, config.checkpoint, stopped, phase.number, before
    )
    if phase.front is not None and phase.epochs:
        log.info("%s is frozen: what it gives is computed once", phase.front.name)
    if phase.end > 0:
        callbacks = [*own, history, *samples, *films, *listeners, keep]
        fit_network(job, history, callbacks, stopped, phase.epochs, phase.front)
    if phase.epochs and not stopped:
        note_early_stopping(own, len(history.rows), phase.end)
    note_better_files(config, own, history.rows)
    return keep.spent
