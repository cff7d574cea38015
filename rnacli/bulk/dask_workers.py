"""The workers of a Dask cluster predict files: they see the same folders, and have ``rnacli``.

Dask gives the file of a worker that has ended to another one; a file that ends several of them is told.
"""

import importlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rnacli.bulk.files import Job
from rnacli.bulk.one_file import Outcome, predict_one
from rnacli.errors import CONFIG, Problem, RnaError, describe_failure
from rnacli.results.predict import Predictor
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run

PATIENCE = 30
"""Seconds to wait for the scheduler."""

busy = threading.Lock()
"""A worker may have several threads: one of them predicts."""
opened: dict[str, Predictor] = {}
"""The run that a worker has opened, by the checksum of what it gives."""


def predict_by_dask(
    run: Run, jobs: Sequence[Job], options: PredictionOptions, work: str, address: str
) -> Iterator[Outcome]:
    """Predict files on the workers of the scheduler at ``address``, ``host:port``; what came of each, as they end.

    Raises ``RnaError`` where there is no such scheduler, or no Dask here.
    """
    distributed = import_distributed()
    try:
        client = distributed.Client(f"tcp://{address}", timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        message, hint = "no Dask scheduler answers there: {error:.200}", "dask scheduler starts one"
        raise RnaError(message, place=address, hint=hint, error=describe_failure(error)) from None
    with client:
        futures = {}
        for job in jobs:
            absolute = Job(job.source.absolute(), job.output.absolute())
            arguments = (str(run.path.absolute()), options, work, absolute)
            futures[client.submit(predict_there, *arguments, pure=False)] = job
        for future in distributed.as_completed(futures, loop=client.loop):
            yield outcome_of(future, futures.pop(future))


def outcome_of(future: Any, job: Job) -> Outcome:
    """What came of a file; what failed on the way is told of it."""
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        outcome.job = job
        return outcome
    hint = "the workers need the same rnacli, and the same folders as this machine"
    if type(error).__name__ == "KilledWorker":
        hint = "several workers have ended while they had it: is their memory enough?"
    return Outcome(job, problems=[Problem("{failure:.300}", str(job.source), hint, failure=describe_failure(error))])


def predict_there(run: str, options: PredictionOptions, work: str, job: Job) -> Outcome:
    """Predict a file in a worker's process, which opens the run once."""
    with busy:
        if work not in opened:
            opened.clear()
            try:
                opened[work] = Predictor(open_run(Path(run)), options)
            except RnaError as error:
                return Outcome(job, problems=error.problems)
        return predict_one(opened[work], job, work)


def import_distributed() -> Any:
    """The package ``distributed``. Raises ``RnaError`` where it is not installed."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        hint = "pip install distributed"
        raise RnaError("Dask is not installed", place="--engine", hint=hint, exit_code=CONFIG) from None
