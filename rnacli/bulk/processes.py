"""Several processes of this machine predict files, one file at a time each; one that is killed takes no other along."""

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from rnacli.bulk.files import Job
from rnacli.bulk.one_file import Outcome, predict_one, remove_parts
from rnacli.errors import Problem, RnaError
from rnacli.results.predict import Predictor
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.folder import Run
from rnacli.signals import SIGNALS, answered_by

Plan = tuple[Run, PredictionOptions, str, Callable[[], None] | None]
"""The run, what is written, its checksum, and what a process does first."""


@dataclass
class Worker:
    """A process, the connection to it, and the file that it has."""

    process: Any
    connection: "Connection[Any, Any]"
    job: Job

    def end(self) -> None:
        """End it at once, with what it has written of its file."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        remove_parts(self.job)


def predict_in_processes(
    run: Run,
    jobs: Sequence[Job],
    options: PredictionOptions,
    work: str,
    count: int,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Outcome]:
    """Predict files in at most ``count`` processes; what came of each, in the order in which they end.

    ``prepare``: what each process does first.
    """
    waiting, workers, plan = list(reversed(jobs)), dict[int, Worker](), (run, options, work, prepare)

    def end_all(number: int = 0) -> str:
        for worker in workers.values():
            worker.end()
        return "the files that are ended stay; the same command continues"

    with answered_by(end_all):
        try:
            for _ in range(min(count, len(jobs))):
                start_worker(workers, plan, waiting.pop())
            while workers:
                for number in ready(workers):
                    worker = workers[number]
                    outcome = receive(worker)
                    if outcome is not None and waiting:
                        worker.job = waiting.pop()
                        with contextlib.suppress(OSError):  # it has ended since: the next look finds it so
                            worker.connection.send(worker.job)
                        yield outcome
                        continue
                    worker.end()
                    del workers[number]
                    if waiting:
                        start_worker(workers, plan, waiting.pop())
                    yield outcome or Outcome(worker.job, problems=[describe_end(worker)])
        finally:
            end_all()


def start_worker(workers: dict[int, Worker], plan: "Plan", job: Job) -> None:
    """Start a process that predicts ``job`` first. The signals are for the first process to answer."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_files, args=(theirs, *plan), daemon=True)
    with blocked_signals():
        process.start()
    theirs.close()
    workers[int(process.sentinel)] = Worker(process, ours, job)
    with contextlib.suppress(OSError):  # it has ended already: the next look finds it so
        ours.send(job)


@contextlib.contextmanager
def blocked_signals() -> Iterator[None]:
    """Block what asks a process to end: one that is started meanwhile never gets it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let them through again
    former = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def ready(workers: dict[int, Worker]) -> list[int]:
    """The processes that have something to say, or have ended."""
    of: dict[Any, int] = {worker.connection: number for number, worker in workers.items()}
    of |= {number: number for number in workers}
    return list(dict.fromkeys(of[each] for each in wait(list(of))))


def receive(worker: Worker) -> Outcome | None:
    """What came of a process' file; ``None`` if it has ended."""
    try:
        outcome: Outcome = worker.connection.recv()
    except (EOFError, OSError):
        return None
    return outcome


def describe_end(worker: Worker) -> Problem:
    """Why a process has ended before its file."""
    code = worker.process.exitcode or 0
    message = "the process that predicted it was ended by signal {code}" if code < 0 else (
        "the process that predicted it ended with exit code {code}"
    )  # fmt: skip
    hint = "if the memory was not enough: fewer --workers; the same command predicts it again"
    return Problem(message, str(worker.job.source), hint, code=abs(code))


def serve_files(
    connection: "Connection[Any, Any]",
    run: Run,
    options: PredictionOptions,
    work: str,
    prepare: Callable[[], None] | None,
) -> None:
    """Predict the files that come, until none does."""
    if prepare is not None:
        prepare()
    predictor: Predictor | None = None
    with contextlib.suppress(EOFError, OSError):  # the first process has ended
        while True:
            job: Job = connection.recv()
            if predictor is None:
                try:
                    predictor = Predictor(run, options)
                except RnaError as error:
                    connection.send(Outcome(job, problems=error.problems))
                    continue
            connection.send(predict_one(predictor, job, work))
