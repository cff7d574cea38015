"""A training that several processes share: who writes, what cannot be shared, and how it is connected."""

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rnacli.engine.workers import WorkerLost, Workers, count_joined, joined, wait_for_all
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.runs.folder import Run
from rnacli.words import fill_template


def read_workers(addresses: str, number: int | None) -> Workers:
    """Workers from ``host:port,host:port``, and which of them this one is. Raises ``RnaError``."""
    each = tuple(word.strip() for word in addresses.split(","))
    for word in each:
        if not re.fullmatch(r"[^\s,:/]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", word):
            message, hint = "expected host:port,host:port, got '{word:.60}'", "--workers 10.0.0.1:2222,10.0.0.2:2222"
            raise RnaError(message, place="--workers", hint=hint, exit_code=CONFIG, word=word)
    if len(each) < 2 or len(set(each)) < len(each):
        message = "expected the addresses of two workers or more, each another one"
        raise RnaError(message, place="--workers", exit_code=CONFIG)
    if number is None or not 0 <= number < len(each):
        message, hint = (
            "expected the number of this worker, from 0 to {last}",
            "--worker 0 is the first, and writes the run",
        )
        raise RnaError(message, place="--worker", hint=hint, exit_code=CONFIG, last=len(each) - 1)
    return Workers(each, number)


def require_shareable(config: Config, count: int) -> None:
    """Refuse a training that ``count`` workers cannot share. Raises ``RnaError``."""
    what = "a network of two sides" if config.sides else "a cross-validation" if config.dataset.split.folds else ""
    if what:
        raise RnaError("workers cannot share {what}", place="--workers", exit_code=CONFIG, what=fill_template(what))
    if config.batch_size != "full" and int(config.batch_size) < count:
        message, hint = "a batch has fewer rows than there are workers", "a larger batch_size, or fewer workers"
        raise RnaError(message, place=str(config.place("batch_size")), hint=hint, exit_code=CONFIG)


@contextlib.contextmanager
def folder_of_runs(folder: Path) -> Iterator[Path]:
    """Where this process writes its run: the first worker, or one alone, in ``folder``; another where it is lost."""
    if not joined or joined[0].is_first:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="rna-worker-") as own:
        yield Path(own)


def resume_shared(run: Run, resume: Callable[[Run], Run]) -> Run:
    """Resume a run; another worker than the first reads it, and writes to a copy that is lost. Raises ``RnaError``."""
    before = run.record.get("workers", 1)
    if before != count_joined():
        message = "this run was begun by {before} workers, and now there are {now}"
        hint = "the same number of --workers gives the same last digits"
        raise RnaError(message, place=str(run.path), hint=hint, exit_code=CONFIG, before=before, now=count_joined())
    if not joined or joined[0].is_first:
        resumed = resume(run)
        end_together(resumed)
        return resumed
    with tempfile.TemporaryDirectory(prefix="rna-worker-") as own:
        copy = Path(own) / run.path.name
        shutil.copytree(run.path, copy, ignore=shutil.ignore_patterns(".*.part.*"))
        resumed = resume(Run(copy, run.record))
        end_together(resumed)
        return resumed


def end_together(run: Run) -> None:
    """Wait for the others once a run is finished: it is written, whatever becomes of them."""
    if run.record.get("status") == "finished":
        with contextlib.suppress(WorkerLost):
            wait_for_all()
