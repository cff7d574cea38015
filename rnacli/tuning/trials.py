"""The trials of a search: their values, the networks that are trained for each, and what has come of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import read_trial
from rnacli.tuning.outcome import FAILED, PRUNED, Goal, Outcome, Row, Trained
from rnacli.tuning.prune import is_hopeless
from rnacli.tuning.trainer import MissingGoal, Work, seeded

Listener = Callable[[Outcome], None]
"""Is told of each trial that has ended."""


class Trials(ABC):
    """A ``Source`` of work for a trainer. Which trial is next, and where its end is written, a kind of search says."""

    def __init__(self, config: Config, goal: Goal, prunes: bool, listeners: Sequence[Listener] = ()):
        if config.tune is None:
            raise TypeError("this experiment has no search")
        self.config, self.tune, self.goal, self.prunes, self.listeners = config, config.tune, goal, prunes, listeners
        self.outcomes: dict[int, Outcome] = {}
        self.values: dict[int, dict[str, Any]] = {}
        self.parts: dict[int, dict[int, Trained]] = {}
        self.waiting: list[Work] = []

    @property
    @abstractmethod
    def seconds(self) -> float:
        """Seconds that the search has taken."""

    @abstractmethod
    def begin_next(self) -> bool:
        """Begin the next trial, by ``begin``, if one may be begun now."""

    @abstractmethod
    def known_to(self, number: int) -> list[Outcome]:
        """The trials that a trial may know."""

    @abstractmethod
    def write(self, number: int, part: int, trained: Trained) -> None:
        """Write what came of a network where it lasts."""

    @property
    def ended(self) -> list[Outcome]:
        """The trials that have ended, in their order."""
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    # For the trainer

    def take(self) -> Work | None:
        while not self.waiting:
            if not self.begin_next():
                return None
        return self.waiting.pop(0)

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        self.require_goal(rows)
        if work.number in self.outcomes:  # the first of its networks was hopeless
            return False
        if not self.prunes or work.part:
            return True
        return not is_hopeless(work.number, rows, work.config.epochs, self.known_to(work.number), self.goal)

    def end(self, work: Work, trained: Trained) -> None:
        self.record(work.number, work.part, trained)

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

    # Begun and ended

    def begin(self, number: int, values: Mapping[str, Any], folder: Path | None = None) -> None:
        """Let the networks of a trial wait to be trained; what of it is trained is not trained again.

        ``folder``: where they keep checkpoints, if they do.
        """
        self.values[number] = dict(values)
        try:
            config = read_trial(self.config, values)
        except RnaError as error:
            if number in self.parts:
                self.conclude(number, is_new=False)
            else:
                self.record(number, 0, Trained(self.config.seed, FAILED, [], 0, str(error)))
            return
        parts, seeds = self.parts.setdefault(number, {}), self.tune.seeds
        for part in range(seeds):
            own, place = seeded(config, config.seed + part), number * seeds + part
            checkpoints = folder and folder / f"{part}"
            if part not in parts:
                self.waiting.append(Work(number, part, own, values, place, checkpoints))
        self.conclude(number, is_new=False)

    def is_spent(self, number: int) -> bool:
        """Whether there are as many trials, or minutes, as there may be."""
        most, minutes = self.tune.most, self.tune.minutes
        return (most is not None and number >= most) or (minutes is not None and self.seconds >= 60 * minutes)

    def record(self, number: int, part: int, trained: Trained) -> None:
        """Write what came of a network, and of its trial, if that was the last of it."""
        self.write(number, part, trained)
        self.keep(number, part, trained)
        self.conclude(number, is_new=True)

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
