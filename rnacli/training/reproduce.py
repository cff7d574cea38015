"""A run is trained again from its folder alone, and compared with what it was."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.errors import RnaError
from rnacli.examples.load import complete_config
from rnacli.fitting.job import prepare_job
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import load_run
from rnacli.runs.reload import changed_data_error, require_known_files, with_data_folder
from rnacli.training.resume import find_changes, recorded_engine
from rnacli.training.train import begin_run
from rnacli.words import quote_path

TOLERANCE = 1e-3
"""The largest relative difference of two histories that other last digits, summed up by training, may explain."""


@dataclass(frozen=True)
class Parted:
    """The first ``epoch``, counted from 1, and the ``measure`` in which two histories differ, and its two values."""

    epoch: int
    measure: str
    before: float
    again: float


@dataclass(frozen=True)
class Reproduction:
    """``run``: the new one. ``exact``: weights and history are the same to the last bit, but for the seconds.

    ``difference``: the largest relative one of the histories. ``parted``: where they first differ by more than the
    tolerance. ``changed``: what decides the last digits and is another than it was.
    """

    run: Run
    exact: bool
    difference: float
    parted: Parted | None
    changed: Sequence[str]

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        plain = dataclasses.asdict(self) | {"run": str(self.run.path), "changed": list(self.changed)}
        return plain | {"difference": self.difference if math.isfinite(self.difference) else None}


def reproduce_run(
    run: Run,
    folder: Path,
    cache: Path,
    listeners: Sequence[Any] = (),
    tolerance: float = TOLERANCE,
    offline: bool = False,
) -> Reproduction:
    """Train a finished run again, as it was trained, into a new run below ``folder``, and compare the two.

    Raises ``RnaError``, also where the data are not those that it was trained on.
    """
    if run.record.get("status") != "finished":
        raise RnaError(
            "only a run that was trained to its end can be trained again to the same end",
            place=str(run.path),
            hint="rna train --resume {run:.300}",
            run=quote_path(run.path),
        )
    opened = load_run(run)
    opened.config = with_data_folder(run, opened.config)
    history = read_history(run, opened.config)
    require_known_files(run, opened.config)
    job = prepare_job(complete_config(opened.config, opened.preprocessing.tasks), cache, offline, recorded_engine(run))
    former = run.record.get("data", {}).get("files", {})
    for (name, digest), former_digest in zip(job.data.rows.files.items(), former.values(), strict=False):
        if digest != former_digest:
            raise changed_data_error(name)
    if job.pretrained != run.record.get("network", {}).get("pretrained", {}):
        raise changed_weights_error(run)
    changed = find_changes(run, job.machine)
    again = begin_run(job, folder, listeners)
    difference, parted = compare_histories(history, read_history(again, job.config), tolerance)
    same_weights = run.record["files"].get("weights.npz") == again.record["files"]["weights.npz"]
    return Reproduction(again, same_weights and difference == 0, difference, parted, changed)


def changed_weights_error(run: Run) -> RnaError:
    message = "the files of weights that this run began with have changed since"
    return RnaError(message, place=str(run.path), hint="put them back: run.json has their names and SHA-256")


def compare_histories(
    before: Mapping[str, Sequence[float]], again: Mapping[str, Sequence[float]], tolerance: float
) -> tuple[float, Parted | None]:
    """The largest relative difference of two histories, and where they first differ by more than ``tolerance``.

    A measure, or an epoch, that only one of them has is an infinite difference.
    """
    names = [name for name in dict.fromkeys([*before, *again]) if name not in ("epoch", "seconds")]
    longest = max((len(values) for values in (*before.values(), *again.values())), default=0)
    largest, parted = 0.0, None
    for epoch in range(longest):
        for name in names:
            pair = epoch_value(before, name, epoch), epoch_value(again, name, epoch)
            largest = max(largest, relative_difference(*pair))
            if parted is None and relative_difference(*pair) > tolerance:
                parted = Parted(epoch + 1, name, *pair)
    return largest, parted


def epoch_value(history: Mapping[str, Sequence[float]], name: str, epoch: int) -> float:
    values = history.get(name, ())
    return values[epoch] if epoch < len(values) else math.nan


def relative_difference(a: float, b: float) -> float:
    """The difference of two numbers as a share of the larger one."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    return abs(a - b) / max(abs(a), abs(b)) if math.isfinite(a) and math.isfinite(b) else math.inf
