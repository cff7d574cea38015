"""One file of many is predicted: what came of it is told, not raised, so that the others go on."""

import contextlib
import glob
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rnacli.bulk.ended import write_note
from rnacli.bulk.files import Job
from rnacli.errors import Problem, RnaError, describe_failure, system_error
from rnacli.results.predict import Predictor
from rnacli.results.prediction_csv import check_output, rejected_path
from rnacli.tables.find import missing_file_error, written_at

log = logging.getLogger("rnacli")


class Note(NamedTuple):
    """What the library said: the level, the text, and the template that it was made of."""

    level: int
    text: str
    template: str


@dataclass
class Outcome:
    """What came of a file: its rows, or what was wrong; and what was said meanwhile."""

    job: Job
    rows: int = 0
    problems: Sequence[Problem] = ()
    notes: list[Note] = field(default_factory=list)


def predict_one(predictor: Predictor, job: Job, work: str) -> Outcome:
    """Predict a file, and note that it is done; ``work``: as ``describe_work`` has it."""
    outcome = Outcome(job)
    listener = NoteTaker(outcome.notes)
    propagates, log.propagate = log.propagate, False
    handlers, log.handlers = log.handlers, [listener]
    level = log.level
    log.setLevel(logging.INFO)
    try:
        outcome.rows = predict_into(predictor, job, work)
    except RnaError as error:
        outcome.problems = error.problems
    except OSError as error:
        outcome.problems = system_error(error).problems
    except MemoryError:
        outcome.problems = (Problem("the memory is not enough", str(job.source), "fewer --workers"),)
    except Exception as error:
        outcome.problems = (Problem("{failure:.300}", str(job.source), failure=describe_failure(error)),)
    finally:
        log.handlers, log.propagate = handlers, propagates
        log.setLevel(level)
    return outcome


def predict_into(predictor: Predictor, job: Job, work: str) -> int:
    """Write the predictions of a file in their folder; returns the rows."""
    source, output = job
    if not source.exists():
        raise missing_file_error(source, str(source))
    written = written_at(source)
    output.parent.mkdir(parents=True, exist_ok=True)
    remove_parts(job)
    check_output(source, output, predictor.options.on_error == "skip")
    rows, rejected = predictor.predict([source], str(source), output)
    if not rejected:
        rejected_path(source, output).unlink(missing_ok=True)  # of a former call
    write_note(job, work, written, rejected)
    return rows


def remove_parts(job: Job) -> None:
    """Remove what a process that was killed has left of a file of predictions."""
    for part in job.output.parent.glob(f".*.part.{glob.escape(job.output.name)}"):
        with contextlib.suppress(OSError):
            part.unlink()


class NoteTaker(logging.Handler):
    """Keeps what the library says."""

    def __init__(self, notes: list[Note]):
        super().__init__(logging.INFO)
        self.notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        self.notes.append(Note(record.levelno, record.getMessage(), str(record.msg)))
