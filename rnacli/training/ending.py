"""How a training ends before its end: what ``run.json`` says of it, and what its user is told."""

import contextlib
import errno
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnacli.engine.workers import WorkerLost, joined
from rnacli.errors import RnaError, system_error
from rnacli.fitting.history import History
from rnacli.fitting.stopping import Diverged
from rnacli.runs.find import is_fold
from rnacli.runs.folder import Run
from rnacli.runs.open import CHECKPOINTS, list_checkpoints
from rnacli.words import fill_template, quote_path


def note_signal(run: Run, history: History, epochs: int, number: int) -> str:
    """Note that a signal ends a training of ``epochs``; gives what is saved, and how to go on."""
    note_end(run, history, status="interrupted", signal=number)
    return saved_hint(run, epochs)


def note_error(run: Run, history: History, epochs: int, error: BaseException) -> BaseException:
    """Note that an error ends a training of ``epochs``; gives what is to be raised: itself, or one that says more."""
    if isinstance(error, KeyboardInterrupt):  # in a library
        note_end(run, history, status="interrupted", signal=int(signal.SIGINT))
        return error
    told = explain_error(run, epochs, error)
    note_end(run, history, status="failed", error=str(told) or type(told).__name__)
    return told


def note_end(run: Run, history: History, **facts: Any) -> None:
    """Put ``facts`` into ``run.json``, and write ``history.csv``, if they can still be written."""
    with contextlib.suppress(OSError):
        history.save()
    with contextlib.suppress(OSError):
        run.save(**facts)


def explain_error(run: Run, epochs: int, error: BaseException) -> BaseException:
    """The error, with what is saved and how to go on."""
    if isinstance(error, Diverged):
        return with_hint(error, finite_hint(run))
    if isinstance(error, WorkerLost):
        return with_hint(
            error, saved_hint(run, epochs) if joined[0].is_first else "the first worker says how to continue"
        )
    if isinstance(error, OSError) and error.errno != errno.EPIPE:
        if not run.path.is_dir():
            return RnaError("the run's folder was removed meanwhile", place=str(run.path), hint="train again")
        return with_hint(system_error(error), saved_hint(run, epochs))
    return error


def with_hint(error: RnaError, more: str) -> RnaError:
    problem = error.problems[0]
    error.problems = (replace(problem, hint="; ".join(filter(None, [problem.hint, more]))),)
    return error


def saved_hint(run: Run, epochs: int) -> str:
    """How many epochs are saved, and how to go on from there."""
    count = newest_epoch(run)
    return fill_template(
        "{count} of {epochs} epochs are saved; continue with rna train --resume {path:.300}",
        count=count or fill_template("none"),
        epochs=epochs,
        path=quote_path(run.path.parent if is_fold(run) else run.path),  # all folds go on
    )


def resume_hint(folder: Path) -> str:
    """How to go on with what a folder holds, wherever it was stopped."""
    return fill_template("continue with rna train --resume {path:.300}", path=quote_path(folder))


def finite_hint(run: Run) -> str:
    """What is left of a training that has diverged."""
    count = newest_epoch(run)
    if not count:
        return fill_template("no epoch of it is saved")
    return fill_template(
        "{count} epochs are saved: rna train --resume {path:.300} --set epochs={count} makes a whole run of them",
        count=count,
        path=quote_path(run.path),
    )


def newest_epoch(run: Run) -> int:
    """The epochs behind the newest checkpoint."""
    checkpoints = list_checkpoints(run.path / CHECKPOINTS)
    return int(checkpoints[-1].name.partition("-")[2]) if checkpoints else 0
