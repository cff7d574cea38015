"""What comes of a trial: its values, how each of its networks was trained, and what it is worth."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.experiment.tune import Tune

Row = Mapping[str, float]
"""What was measured after an epoch: loss, val_loss, ..."""
COMPLETE, PRUNED, DIVERGED, FAILED = "complete", "pruned", "diverged", "failed"


@dataclass(frozen=True)
class Trained:
    """One network: its ``rows``, one an epoch, and which epoch, counted from 1, its weights are of."""

    seed: int
    state: str
    rows: Sequence[Row]
    kept: int
    error: str = ""

    def value(self, goal: str) -> float:
        """The goal that the network reaches; no number where it has none."""
        if self.state in (DIVERGED, FAILED) or not self.rows:
            return math.nan
        return self.rows[self.kept - 1].get(goal, math.nan)


@dataclass(frozen=True)
class Outcome:
    """A trial that has ended. ``values``: of the keys of the search that it had; ``trained``: one network a seed."""

    number: int
    values: Mapping[str, Any]
    trained: Sequence[Trained]

    @property
    def state(self) -> str:
        """That of its networks: the worst of them."""
        states = {network.state for network in self.trained}
        return next((state for state in (FAILED, DIVERGED, PRUNED) if state in states), COMPLETE)

    @property
    def epochs(self) -> int:
        """The epochs of all its networks together."""
        return sum(len(network.rows) for network in self.trained)

    def value(self, goal: str) -> float:
        """The mean of its networks; no number where one of them has none."""
        return statistics.fmean(network.value(goal) for network in self.trained)

    def deviation(self, goal: str) -> float:
        """The standard deviation among its networks; 0 for one."""
        return statistics.stdev(network.value(goal) for network in self.trained) if len(self.trained) > 1 else 0.0


@dataclass(frozen=True)
class Goal:
    """What is good: the ``name`` of a measure, and whether it is to be large."""

    name: str
    large: bool

    def cost(self, value: float) -> float:
        """What a search makes small; the worst where there is no number."""
        return math.inf if math.isnan(value) else -value if self.large else value

    def rank(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The trials that ended with a value, the best first; of equal ones, the first."""
        whole = [each for each in outcomes if each.state == COMPLETE and math.isfinite(each.value(self.name))]
        return sorted(whole, key=lambda each: (self.cost(each.value(self.name)), each.number))


def make_goal(tune: Tune, direction: str | None) -> Goal:
    """The goal of a search, which is to be large where its ``direction`` is ``max``."""
    return Goal(tune.measure, direction == "max")
