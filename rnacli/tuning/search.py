"""The search itself: which trial is next, what it may know, and what has come of all."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import read_trial
from rnacli.tuning.journal import Journal, dump_trained, read_trained
from rnacli.tuning.outcome import FAILED, PRUNED, Goal, Outcome, Row, Trained
from rnacli.tuning.propose import propose_values
from rnacli.tuning.prune import is_hopeless
from rnacli.tuning.trainer import MissingGoal, Work, seeded

Listener = Callable[[Outcome], None]
"""Is told of each trial that has ended."""


class Search:
    """The trials of a search; a ``Source`` of work for a trainer.

    Trial n is chosen, and judged, by the trials up to n - ``lag`` alone, in their order: so that it does not depend on
    which of those at once ends first, nor on whether the search was killed and resumed meanwhile.
    """

    def __init__(
        self, config: Config, goal: Goal, journal: Journal, lag: int, prunes: bool, listeners: Sequence[Listener] = ()
    ):
        if config.tune is None:
            raise TypeError("this experiment has no search")
        self.config, self.tune, self.goal, self.journal, self.lag = config, config.tune, goal, journal, lag
        self.prunes, self.listeners = prunes, listeners
        self.outcomes: dict[int, Outcome] = {}
        self.values: dict[int, dict[str, Any]] = {}
        self.configs: dict[int, Config] = {}
        self.parts: dict[int, dict[int, Trained]] = {}
        self.waiting: list[Work] = []
        self.next = 0
        self.began, self.spent = time.monotonic(), 0.0
        self.is_over = False
        for line in journal.read():
            if "trial" in line:
                self.spent = max(self.spent, float(line["spent"]))
                self.keep(int(line["trial"]), int(line["part"]), read_trained(line))

    @property
    def seconds(self) -> float:
        """Seconds that the search has taken, in all processes that went on with it."""
        return self.spent + time.monotonic() - self.began

    @property
    def ended(self) -> list[Outcome]:
        """The trials that have ended, in their order."""
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    def known_to(self, number: int) -> list[Outcome]:
        """The trials that a trial may know."""
        return [self.outcomes[n] for n in range(max(0, number - self.lag + 1))]

    # For the trainer

    def take(self) -> Work | None:
        while not self.waiting:
            if not self.begin_next():
                return None
        return self.waiting.pop(0)

    def begin_next(self) -> bool:
        """Choose the values of the next trial, if it may be begun now; what of it is trained is not trained again."""
        number = self.next
        is_known = self.parts.get(number) is not None  # of before a kill: time is over for new ones alone
        if self.is_over or (self.is_spent(number) and not is_known):
            return False
        if any(n not in self.outcomes for n in range(max(0, number - self.lag + 1))):
            return False
        running = [self.values[n] for n in range(max(0, number - self.lag + 1), number)]
        values = propose_values(self.tune, self.config.seed, self.goal, number, self.known_to(number), running)
        if values is None:
            self.is_over = True
            return False
        self.next, self.values[number] = number + 1, values
        try:
            config = self.configs[number] = read_trial(self.config, values)
        except RnaError as error:
            if not is_known:
                self.record(Work(number, 0, self.config), Trained(self.config.seed, FAILED, [], 0, str(error)))
            self.conclude(number, is_new=False)
            return True
        parts = self.parts.setdefault(number, {})
        seeds = self.tune.seeds
        every = [Work(number, i, seeded(config, config.seed + i), values, number * seeds + i) for i in range(seeds)]
        self.waiting += [work for work in every if work.part not in parts]
        self.conclude(number, is_new=False)
        return True

    def is_spent(self, number: int) -> bool:
        """Whether there are as many trials, or minutes, as there may be."""
        most, minutes = self.tune.most, self.tune.minutes
        return (most is not None and number >= most) or (minutes is not None and self.seconds >= 60 * minutes)

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        self.require_goal(rows)
        if work.number in self.outcomes:  # the first of its networks was hopeless
            return False
        if not self.prunes or work.part:
            return True
        return not is_hopeless(work.number, rows, work.config.epochs, self.known_to(work.number), self.goal)

    def require_goal(self, rows: Sequence[Row]) -> None:
        """Refuse a goal that is not logged after all: which metrics there are may be known with the data alone."""
        if self.goal.name not in rows[-1]:
            raise MissingGoal(
                "nothing called '{goal}' is logged",
                place=str(self.config.place("tune", "goal")),
                hint="goal: {names:or}",
                exit_code=2,
                goal=self.goal.name,
                names=[name for name in rows[-1] if name.startswith("val_")],
            )

    def end(self, work: Work, trained: Trained) -> None:
        self.record(work, trained)

    # What has come

    def record(self, work: Work, trained: Trained) -> None:
        """Write what came of a network, and of its trial, if that was the last of it."""
        line = {"trial": work.number, "part": work.part, "spent": round(self.seconds, 3), **dump_trained(trained)}
        self.journal.add(line)
        self.keep(work.number, work.part, trained)
        self.conclude(work.number, is_new=True)

    def keep(self, number: int, part: int, trained: Trained) -> None:
        self.parts.setdefault(number, {})[part] = trained

    def conclude(self, number: int, is_new: bool) -> None:
        """Let a trial end whose networks are all trained; one that is hopeless, or failed, needs no others."""
        parts = self.parts.get(number, {})
        first = parts.get(0)
        short = first is not None and first.state in (PRUNED, FAILED)
        if number in self.outcomes or number not in self.values or (len(parts) < self.tune.seeds and not short):
            return
        if short:
            self.waiting = [work for work in self.waiting if work.number != number]
            parts = {0: parts[0]}
        outcome = Outcome(number, self.values[number], [parts[i] for i in sorted(parts)])
        self.outcomes[number] = outcome
        if is_new:
            for listener in self.listeners:
                listener(outcome)


def make_goal(config: Config, direction: str | None) -> Goal:
    """The goal of a config's search."""
    if config.tune is None:
        raise TypeError("this experiment has no search")
    return Goal(config.tune.measure, direction == "max")
