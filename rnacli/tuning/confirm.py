"""The best trials once more, with fresh seeds: the best of many trials by one network each is also the luckiest."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnacli.experiment.config import Config
from rnacli.experiment.load import read_trial
from rnacli.experiment.tune import Confirmation
from rnacli.tuning.journal import Journal, dump_trained, read_trained
from rnacli.tuning.outcome import Goal, Outcome, Row, Trained
from rnacli.tuning.trainer import Work, seeded


@dataclass(frozen=True)
class Confirmed:
    """A trial, and what its networks of fresh seeds reach: the goal, and after which of their epochs."""

    outcome: Outcome
    values: Sequence[float]
    epochs: Sequence[int]

    @property
    def mean(self) -> float:
        """Their mean; no number where one of them has none."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """Their standard deviation; 0 for one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0


class Confirming:
    """A ``Source`` of the networks of fresh seeds of the ``best`` trials."""

    def __init__(
        self,
        config: Config,
        best: Sequence[Outcome],
        confirmation: Confirmation,
        goal: Goal,
        tell: Callable[[int, int], None] = lambda done, of: None,
    ):
        self.config, self.goal, self.tell = config, goal, tell
        self.best, self.seeds = best[: confirmation.best], confirmation.seeds
        self.trained: dict[tuple[int, int], Trained] = {}
        self.every = [(each, part) for each in self.best for part in range(self.seeds)]

    def work_of(self, outcome: Outcome, part: int) -> Work:
        """One of the networks of a trial."""
        config = read_trial(self.config, outcome.values)
        config = seeded(config, config.seed + len(outcome.trained) + part)
        return Work(outcome.number, part, config, outcome.values, self.best.index(outcome) * self.seeds + part)

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        return True

    def keep(self, number: int, part: int, trained: Trained) -> None:
        """One more is trained."""
        self.trained[number, part] = trained
        self.tell(len(self.trained), len(self.every))

    @property
    def confirmed(self) -> list[Confirmed]:
        """The trials, the best by their mean first; of equal ones, the one that the search liked more."""
        every = []
        for each in self.best:
            trained = [self.trained[each.number, i] for i in range(self.seeds)]
            values = [network.value(self.goal.name) for network in trained]
            every.append(Confirmed(each, values, [network.kept for network in trained]))
        return sorted(every, key=lambda each: self.goal.cost(each.mean))


class OwnConfirming(Confirming):
    """Those of a search by one process; what its journal has is not trained again."""

    def __init__(
        self, config: Config, best: Sequence[Outcome], confirmation: Confirmation, goal: Goal, journal: Journal,
        tell: Callable[[int, int], None] = lambda done, of: None,
    ):  # fmt: skip
        super().__init__(config, best, confirmation, goal, tell)
        self.journal = journal
        for line in journal.read():
            if "confirmed" in line:
                self.trained[int(line["confirmed"]), int(line["part"])] = read_trained(line)
        self.waiting = [(each, part) for each, part in self.every if (each.number, part) not in self.trained]

    def take(self) -> Work | None:
        return self.work_of(*self.waiting.pop(0)) if self.waiting else None

    def end(self, work: Work, trained: Trained) -> None:
        self.journal.add({"confirmed": work.number, "part": work.part, **dump_trained(trained)})
        self.keep(work.number, work.part, trained)
