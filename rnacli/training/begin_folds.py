"""The folds of a cross-validation before they are trained: prepared, and begun together where that pays."""

import dataclasses
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from rnacli.experiment.config import Config
from rnacli.fitting.job import Job, prepare_job, write_first
from rnacli.fitting.phases import find_used_front
from rnacli.networks.plan import plan_network
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run, create_run, remove_run
from rnacli.seeds.folds import choose_folds, why_apart
from rnacli.seeds.many import uses_xla
from rnacli.signals import answered_by, ask_around
from rnacli.training.fold_program import Begun
from rnacli.training.resume import prepare_resumed, reopen_run
from rnacli.words import count_things

log = logging.getLogger("rnacli")


def prepare_fold(config: Config, fold: int, cache: Path, offline: bool) -> Job:
    """A fold's network and data. Raises ``RnaError``."""
    split = dataclasses.replace(config.dataset.split, fold=fold)
    return prepare_job(config.with_dataset(split=split), cache, offline)


def begin_together(first: Job, config: Config, folder: Path, cache: Path, offline: bool) -> list[Begun] | None:
    """Begin all folds, where one program is to train them; ``None`` where it is not. ``first``: of fold 1."""
    layers = plan_network(first.config, first.data.preprocessing.encoder.inputs)
    choice = choose_folds(first.config, first.data, layers)
    count = config.dataset.split.trainings
    log.info("%s, %s", count_things(count, "fold"), choice.why)
    if not choice.together:
        return None
    # What is positive in the first fold is so in all of them, though another class may be rarer there.
    config = config.with_dataset(positive=first.config.dataset.positive)
    jobs = [first, *(prepare_fold(config, fold, cache, offline) for fold in range(2, count + 1))]
    reason = "frozen layers go over the rows once" if find_used_front(first) else why_apart(jobs)
    if reason:
        log.info("one after the other: %s", reason)
        return None
    chosen = dataclasses.replace(first.chosen, jit=uses_xla(first), together=count, why=choice.why)
    jobs = [dataclasses.replace(job, chosen=chosen) for job in jobs]
    runs: list[Run] = []

    def remove() -> None:
        for run in runs:
            remove_run(run)

    def leave(number: int) -> str:
        remove()
        return ask_around(leave, number)

    try:
        with answered_by(leave):
            for fold, job in enumerate(jobs, 1):
                runs.append(create_run(folder, job.config, "", fold_path(folder, fold).name))
                write_first(runs[-1], job)
    except BaseException:
        remove()
        raise
    return [(run, job, None) for run, job in zip(runs, jobs, strict=True)]


def resume_together(config: Config, folder: Path, cache: Path, offline: bool, force: bool) -> list[Begun] | None:
    """The folds that one program trains, as they were left; ``None`` where there are none such, or some are finished.

    Where a process was killed before all were begun, nothing is left of them.
    """
    runs = [open_run(path) for path in fold_folders(folder) if (path / "run.json").is_file()]
    if not runs or not all(is_together(run) and run.record.get("status") != "finished" for run in runs):
        return None
    count = config.dataset.split.trainings
    if len(runs) < count:
        for path in fold_folders(folder):
            shutil.rmtree(path)
        return None
    begun: list[Begun] = []
    for run in (open_run(fold_path(folder, fold)) for fold in range(1, count + 1)):
        job, state = prepare_resumed(run, cache, None, offline, force)
        begun.append((run, job, state))
    for run, _, state in begun:
        reopen_run(run, 0 if state is None else state.epoch)
    log.info("continuing after epoch %d of %d", min(len(s.history) if s else 0 for _, _, s in begun), config.epochs)
    return begun


def is_together(run: Run) -> bool:
    """Whether a run is of a fold that one program trains with the others."""
    engine = run.record.get("engine")
    return isinstance(engine, dict) and bool(engine.get("together"))


def fold_path(folder: Path, fold: int) -> Path:
    return folder / f"fold_{fold}"


def fold_folders(folder: Path) -> Sequence[Path]:
    """The run folders of a cross-validation."""
    return sorted(folder.glob("fold_*"))
