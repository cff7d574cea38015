"""The phases of a training, one after the other, from where a checkpoint has left it."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from rnacli.engine.features import Front, find_front
from rnacli.engine.workers import joined
from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.networks.build import enter_phase
from rnacli.runs.checkpoint import State


@dataclass(frozen=True)
class PhaseToTrain:
    """A phase, counted from 0; a training without phases is one.

    ``job``: with the config of the phase. ``end``: how many epochs are behind the network after it, as planned, and
    ``epochs``: those that are still to come. ``state``: the checkpoint that lies in it. ``front``: the frozen layers
    whose outputs are computed once.
    """

    number: int
    job: Job
    end: int
    epochs: range
    state: State | None
    front: Front | None


def enter_phases(job: Job, history: History, state: State | None = None) -> Iterator[PhaseToTrain]:
    """Each phase that is not behind ``state``, the network made ready for it: the one before is trained by then."""
    begun = 0 if state is None else state.phase
    for number, config in enumerate(job.config.phase_configs):
        if number < begun:
            continue
        if number > begun:  # for the first one, the network was compiled before
            enter_phase(job.network, job.config, job.data.tasks, number)
        if job.config.phases:
            history.phase = {"phase": number + 1}
        last, first = state if number == begun else None, len(history.rows)
        end = sum(row.get("phase", 1) <= number for row in history.rows) + config.epochs
        # What a callback has ended stays so, unless more epochs are asked for than it knew of.
        is_over = last is not None and last.stopped and last.epochs == end
        epochs = range(first, first if is_over else end)
        yield PhaseToTrain(number, dataclasses.replace(job, config=config), end, epochs, last, find_used_front(job))


def find_used_front(job: Job) -> Front | None:
    """The frozen layers, as the network is now, whose outputs are computed once; ``None`` where there are none."""
    if not job.config.engine.features or job.data.compares_input or joined:
        return None
    parts = ["train", *([job.validated] if job.validated else [])]
    return find_front(job.network, sum(len(job.data.parts[part]) for part in parts))
