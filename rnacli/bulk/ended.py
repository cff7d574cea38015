"""Which files have been predicted: a second call goes on where the first one was ended.

A file of predictions takes its place at once and whole. Behind it goes a note of what they are of: the network, what
was asked for, and the size and time of the input. What has another input is predicted again; what is of another
network, or other columns, is refused: one folder would hold both.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.bulk.files import Job
from rnacli.errors import CONFIG, RnaError
from rnacli.files import write_file
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.folder import Run
from rnacli.runs.open import CHECKPOINTS, list_checkpoints
from rnacli.tables.find import written_at

NOTES = ".rna"
"""The folder of the notes, in that of the predictions."""
DECIDES = ("weights.npz", "preprocessing.json", "config.yaml")
"""The files of a run that decide its predictions."""


def describe_work(run: Run, options: PredictionOptions) -> str:
    """A checksum of the network and of what is written of its answers; bad rows are another matter."""
    files = run.record.get("files", {})
    facts: list[Any] = [files.get(name) for name in DECIDES]
    if "weights.npz" not in files:  # a training that was stopped: as far as it came
        facts += [path.name for path in list_checkpoints(run.path / CHECKPOINTS)[-1:]]
    facts += [list(options.columns), options.only, options.layer]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def note_of(job: Job) -> Path:
    return job.output.parent / NOTES / f"{job.output.name}.json"


def read_note(job: Job) -> dict[str, Any]:
    """What stands in a file's note; nothing where the file or the note is missing or damaged."""
    try:
        note = json.loads(note_of(job).read_bytes()) if job.output.is_file() else None
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write_note(job: Job, work: str, written: tuple[int, int], rejected: int) -> None:
    """Note that a file is predicted; ``written``: its size and time before it was read."""
    path = note_of(job)
    path.parent.mkdir(exist_ok=True)
    note = {"work": work, "input": list(written), "rejected": rejected}
    write_file(path, json.dumps(note).encode())


def list_unfinished(jobs: Sequence[Job], work: str, skips: bool) -> list[Job]:
    """The files that are still to be predicted; ``skips``: bad rows may be missing in what is there.

    Raises ``RnaError`` for predictions of another network, or with other columns.
    """
    unfinished = []
    for job in jobs:
        note = read_note(job)
        if note.get("work", work) != work:
            raise RnaError(
                "these are predictions of another run, or with other options",
                place=str(job.output),
                hint="name another folder, or remove this one",
                exit_code=CONFIG,
            )
        is_same = note.get("input") == list(written_at(job.source))
        if not is_same or (note.get("rejected") and not skips):
            unfinished.append(job)
    return unfinished
