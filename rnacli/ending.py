"""How a training ends before its end: what ``run.json`` says of it, and what its user is told."""

import contextlib
import errno
import signal
from dataclasses import replace

from rnacli import signals, trained
from rnacli.errors import RnaError, of_system
from rnacli.fitting import Diverged, History
from rnacli.runs import Run
from rnacli.signals import Interrupted


def tell(run: Run, history: History, epochs: int, error: BaseException) -> BaseException:
    """Note in ``run.json``, if it can still be written, why a training of ``epochs`` ended early.

    Gives what is to be raised: the error itself, or one that says what is saved and how to go on.
    """
    with contextlib.suppress(OSError):
        history.save()
    error = signals.behind(error) or error
    told = explained(run, epochs, error)
    with contextlib.suppress(OSError):
        if isinstance(error, Interrupted | KeyboardInterrupt):
            run.save(status="interrupted", signal=int(getattr(error, "number", signal.SIGINT)))
        else:
            run.save(status="failed", error=str(told) or type(told).__name__)
    return told


def explained(run: Run, epochs: int, error: BaseException) -> BaseException:
    """The error, with what is saved and how to go on."""
    if isinstance(error, Interrupted):
        return Interrupted(error.number, saved(run, epochs))
    if isinstance(error, Diverged):
        return with_hint(error, finite(run))
    if isinstance(error, OSError) and error.errno != errno.EPIPE:
        if not run.path.is_dir():
            return RnaError("the run's folder was removed meanwhile", place=str(run.path), hint="train again")
        return with_hint(of_system(error), saved(run, epochs))
    return error


def with_hint(error: RnaError, more: str) -> RnaError:
    problem = error.problems[0]
    error.problems = (replace(problem, hint="; ".join(filter(None, [problem.hint, more]))),)
    return error


def saved(run: Run, epochs: int) -> str:
    """How many epochs are saved, and how to go on from there."""
    count = newest(run)
    return f"{count or 'none'} of {epochs} epochs are saved; rna train --resume {run.path} goes on"


def finite(run: Run) -> str:
    """What is left of a training that has diverged."""
    count = newest(run)
    if not count:
        return "no epoch of it is saved"
    return f"{count} epochs are saved: rna train --resume {run.path} --set epochs={count} makes a whole run of them"


def newest(run: Run) -> int:
    """The epochs behind the newest checkpoint."""
    known = trained.checkpoints(run.path / trained.CHECKPOINTS)
    return int(known[-1].name.partition("-")[2]) if known else 0
