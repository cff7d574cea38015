"""The rows of many files are predicted: here, by several processes, or by a Dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rnacli.bulk.ended import describe_work, list_unfinished
from rnacli.bulk.files import Job, list_jobs, take_shard
from rnacli.bulk.one_file import Outcome, predict_one
from rnacli.errors import CONFIG, RnaError
from rnacli.results.prediction_options import DEFAULT_OPTIONS, PredictionOptions
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run

HERE = "processes"
"""The engine that is this machine."""
DASK = "dask://"
"""How the address of a Dask scheduler begins."""


class Batch(NamedTuple):
    """The files of a call: those that are still to be predicted, and how many there are with the others."""

    jobs: Sequence[Job]
    total: int
    work: str


def plan_batch(
    run: Run, arguments: Sequence[str], folder: Path, options: PredictionOptions = DEFAULT_OPTIONS, shard: str = ""
) -> Batch:
    """What is to be done with the files that names, patterns and folders mean. Raises ``RnaError``.

    ``folder``: where the predictions of each go. ``shard``: ``2/8`` takes the second of every eight files.
    """
    opened = load_run(run)
    if opened.config.dataset.list_pictures([]) is not None:
        message, hint = "pictures are predicted into one file", "-o predictions.csv"
        raise RnaError(message, place=str(folder), hint=hint, exit_code=CONFIG)
    if folder.exists() and not folder.is_dir():
        raise RnaError("expected a folder, got a file", place=str(folder), exit_code=CONFIG)
    skips = options.on_error == "skip"
    jobs, work = take_shard(list_jobs(arguments, folder, skips), shard), describe_work(run, options)
    return Batch(list_unfinished(jobs, work, skips), len(jobs), work)


def predict_batch(
    run: Run,
    batch: Batch,
    options: PredictionOptions = DEFAULT_OPTIONS,
    workers: int = 1,
    engine: str = HERE,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Outcome]:
    """Predict the files of a batch; gives what came of each as soon as it ends. A file that fails stops no other.

    ``workers``: processes of this machine, each of which does ``prepare`` first. ``engine``: ``processes``, or
    ``dask://host:port``. Raises ``RnaError``.
    """
    if engine != HERE and not engine.startswith(DASK):
        message, hint = "expected processes or dask://host:port, got '{engine:.60}'", "--engine dask://localhost:8786"
        raise RnaError(message, place="--engine", hint=hint, exit_code=CONFIG, engine=engine)
    if not batch.jobs:
        return
    if engine != HERE:
        from rnacli.bulk.dask_workers import predict_by_dask

        yield from predict_by_dask(run, batch.jobs, options, batch.work, engine.removeprefix(DASK))
    elif workers > 1:
        from rnacli.bulk.processes import predict_in_processes

        yield from predict_in_processes(run, batch.jobs, options, batch.work, workers, prepare)
    else:
        from rnacli.results.predict import Predictor

        predictor = Predictor(run, options)
        for job in batch.jobs:
            yield predict_one(predictor, job, batch.work)
