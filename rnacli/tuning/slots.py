"""A trainer of many small networks in one program: a slot whose network ends gets the next, and nothing is compiled.

Networks share a program where they differ only in their seeds and in numbers that a program can hold for each:
learning rate, dropout rate, l1 and l2. Others are of another group, with a program of its own.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnacli.engine.feed import feed_part
from rnacli.engine.forget import forgotten_afterwards
from rnacli.engine.many import Logs, Many
from rnacli.experiment.config import Config
from rnacli.experiment.load import read_trial
from rnacli.experiment.repeat import is_repeat
from rnacli.experiment.trial import changed_document
from rnacli.experiment.tune import TRIALS, Range, Tune
from rnacli.experiment.tuned_keys import follow_key
from rnacli.fitting.job import prepare_job
from rnacli.networks.callbacks import build_callbacks
from rnacli.results.outputs import with_derived
from rnacli.seeds.many import make_many, slot_number
from rnacli.seeds.slots import Ends, SlotNetwork, measured_epoch
from rnacli.tasks.task import Task
from rnacli.training.better import network_epoch
from rnacli.tuning.one_by_one import OneByOne, said_once, without_files
from rnacli.tuning.outcome import COMPLETE, DIVERGED, PRUNED, Trained
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.trainer import Source, Work

MOST_SLOTS = 32
"""Networks of one program: of more, the trials learn less from one another."""
GENERATIONS = 4
"""A search has so many times the trials that are trained at once: the later ones are chosen by the earlier."""
DIFFERING = ("rate", "stddev", "l1", "l2")
"""The arguments of layers in which networks of one program may differ."""


@dataclass
class Program:
    """A program, and the networks that are in its slots. ``numbers``: in which they may differ."""

    many: Many
    validation: Any
    tasks: Mapping[str, Task]
    running: dict[int, Work] = field(default_factory=dict)
    rows: dict[int, list[dict[str, float]]] = field(default_factory=dict)
    callbacks: dict[int, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = Ends(self.many)

    def begin(self, work: Work, numbers: Mapping[str, float]) -> bool:
        """Put a network into the slot that is its own, unless that is taken.

        The slot is a function of the network's place: in another one, its last digits could be others.
        """
        slot = work.place % self.many.slots
        if slot in self.running:
            return False
        self.many.load(slot, work.config.seed, numbers)
        self.running[slot], self.rows[slot] = work, []
        self.callbacks[slot] = build_callbacks(without_files(work.config), Path())
        for callback in self.callbacks[slot]:
            callback.set_model(SlotNetwork(self.many, slot, self.ends))
            callback.on_train_begin()
        return True

    def train_epoch(self, source: Source) -> None:
        """Train every network for an epoch; the source is told of those that end with it."""
        logs = measured_epoch(self.many, self.validation)
        self.ends.now = []
        for slot, work in list(self.running.items()):
            if (trained := self.judge(slot, work, logs, source)) is not None:
                del self.running[slot]
                self.ends.kept.pop(slot, None)  # nobody asks for its weights
                source.end(work, trained)

    def judge(self, slot: int, work: Work, logs: Logs, source: Source) -> Trained | None:
        """What came of the network in a slot, if it has come to its end."""
        rows, seed, callbacks = self.rows[slot], work.config.seed, self.callbacks[slot]
        row = with_derived(self.many.network, self.tasks, {name: float(values[slot]) for name, values in logs.items()})
        if not math.isfinite(row["loss"]):
            return Trained(seed, DIVERGED, rows, len(rows), f"the loss is {row['loss']}")
        for callback in callbacks:
            callback.on_epoch_end(len(rows), row)
        rows.append(row)
        is_over = len(rows) >= work.config.epochs or any(callback.model.stop_training for callback in callbacks)
        goes_on = source.goes_on(work, rows)
        if not is_over:
            return None if goes_on else Trained(seed, PRUNED, rows, len(rows))
        for callback in callbacks:
            callback.on_train_end()
        kept = network_epoch(callbacks, len(rows))
        if any(map(math.isnan, rows[kept - 1].values())):
            return Trained(seed, DIVERGED, rows, kept, "a measure is not a number")
        return Trained(seed, COMPLETE, rows, kept)


class Slots:
    """``config``: of the search; ``groups``: how many programs its trials may need."""

    shares = True

    def __init__(self, config: Config, cache: Path, offline: bool, groups: int, data: SharedData | None = None):
        if config.tune is None:
            raise TypeError("this experiment has no search")
        self.config, self.tune = config, config.tune
        self.cache, self.offline = cache, offline
        self.alone = OneByOne(config, cache, offline, data)
        self.data = self.alone.data
        self.room = slots_of(self.tune)
        self.each = min(self.room, max(4, math.ceil(2 * self.room / groups)))
        self.programs: list[tuple[Config, Program | None]] = []
        """The programs by what their networks have in common; ``None``: no program can train them."""

    def train(self, source: Source) -> None:
        waiting: list[Work] = []
        with said_once(), forgotten_afterwards():
            while True:
                while self.count_running() + len(waiting) < self.room and (work := source.take()) is not None:
                    waiting.append(work)
                waiting = [work for work in waiting if not self.begin(work, source)]
                busy = [program for _, program in self.programs if program is not None and program.running]
                if not busy and not waiting:
                    return
                for program in busy:
                    program.train_epoch(source)

    def count_running(self) -> int:
        return sum(len(program.running) for _, program in self.programs if program is not None)

    def begin(self, work: Work, source: Source) -> bool:
        """Put a network into its slot, if that is free; one that no program can train is trained alone."""
        config, numbers = share(self.config, work)
        program = self.find_program(config, list(numbers))
        if program is not None:
            return program.begin(work, numbers)
        source.end(work, self.alone.train_one(work, source))
        return True

    def find_program(self, config: Config, numbers: Sequence[str]) -> Program | None:
        """The program of networks that have this in common, made where there is none yet. Raises ``RnaError``."""
        for own, program in self.programs:
            if own == config and (program is None or set(program.many.numbers) == set(numbers)):
                return program
        program = None
        with contextlib.suppress(ValueError):
            program = make_program(config, self.data, self.cache, self.offline, self.each, numbers)
        self.programs.append((config, program))
        return program


def make_program(
    config: Config, shared: SharedData, cache: Path, offline: bool, slots: int, numbers: Sequence[str]
) -> Program:
    """A program of so many networks of a config. Raises ``ValueError`` where one cannot train them."""
    job = prepare_job(config, cache, offline, data=shared.of(config))
    if job.validated is None:
        raise ValueError("there is nothing to judge them by")
    many = make_many(job, slots, numbers)
    return Program(many, feed_part(job.data, job.validated), job.data.tasks)


def slots_of(tune: Tune) -> int:
    """How many networks are trained at once: those of whole trials."""
    trials = min(MOST_SLOTS // tune.seeds, math.ceil((tune.most or TRIALS) / GENERATIONS))
    return max(1, trials) * tune.seeds


# What networks of one program may differ in


def may_differ(key: str) -> bool:
    """Whether networks of one program may have different values of a key, as far as its name says."""
    first, last = key.partition(".")[0], key.rpartition(".")[2]
    return (first == "optimizer" and last == "learning_rate") or (first == "layers" and last in DIFFERING)


def count_groups(tune: Tune) -> int | None:
    """How many programs the trials of a search may need; ``None``: any number."""
    sizes = [each.all_values for key, each in tune.over.items() if not may_differ(key)]
    return None if None in sizes else math.prod(len(each or ()) for each in sizes)


def neutral(each: Range) -> Any:
    """A value for a number that all networks of a program have in common in its config: never 0."""
    return max(each.choices) if each.choices else each.high


def share(config: Config, work: Work) -> tuple[Config, dict[str, float]]:
    """What the networks of a trial's program have in common, and the numbers of this one, by their names there."""
    if config.tune is None:
        raise TypeError("this experiment has no search")
    plain = changed_document(config.tune, work.values).value
    repeats = any(is_repeat(layer) for layer in plain.get("layers", ()))
    common, numbers = dict(work.values), dict[str, float]()
    for key, value in work.values.items():
        name = follow_key(plain, key) or key
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not may_differ(key) or not is_number or value == 0 or (repeats and name.startswith("layers")):
            continue
        if slot := slot_number(work.config, name):
            numbers[slot], common[key] = float(value), neutral(config.tune.over[key])
    return without_files(read_trial(config, common)), numbers
