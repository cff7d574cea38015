"""What the pictures of a search are drawn from: plain arrays of its trials."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnacli.document.write import yaml_flow
from rnacli.experiment.tune import Range, Tune
from rnacli.tuning.outcome import COMPLETE, PRUNED, Goal, Outcome
from rnacli.words import clean


@dataclass(frozen=True)
class Axis:
    """A key of the search: its ``values`` (n,) in each trial, as numbers; NaN where a trial does not have it.

    ``labels``: of choices, whose numbers are their places; ``log``: it is to be drawn so.
    """

    name: str
    values: np.ndarray
    labels: tuple[str, ...] = ()
    log: bool = False

    @property
    def scaled(self) -> np.ndarray:
        """The values as they are drawn: the logarithm of those of a logarithmic range."""
        return np.log10(self.values) if self.log else self.values


@dataclass(frozen=True)
class TrialsView:
    """The trials that reached something. ``goal`` (n,): what; ``whole`` (n,): those that were not pruned."""

    title: str
    goal_name: str
    large: bool
    numbers: np.ndarray
    goal: np.ndarray
    whole: np.ndarray
    axes: tuple[Axis, ...]

    @property
    def cost(self) -> np.ndarray:
        """The goal (n,) so that less is better."""
        return -self.goal if self.large else self.goal

    @property
    def order(self) -> np.ndarray:
        """The trials from the worst to the best, pruned ones first: the best is drawn last, above the others.

        Of equal ones, the first trial is the best.
        """
        return np.lexsort((-self.numbers, -self.cost, self.whole))


def view_trials(name: str, tune: Tune, goal: Goal, outcomes: Sequence[Outcome]) -> TrialsView:
    """The view of a search's trials; those that failed or diverged are not in it."""
    shown = [(each, reached(each, goal)) for each in outcomes if each.state in (COMPLETE, PRUNED)]
    shown = [(each, value) for each, value in shown if math.isfinite(value)]
    trials = [each for each, _ in shown]
    return TrialsView(
        name,
        goal.name,
        goal.large,
        np.array([each.number + 1 for each in trials], float),
        np.array([value for _, value in shown], float),
        np.array([each.state == COMPLETE for each in trials], bool),
        tuple(axis_of(key, each, trials) for key, each in tune.over.items()),
    )


def reached(outcome: Outcome, goal: Goal) -> float:
    """The goal of a trial; of one that was pruned, what it had reached."""
    return outcome.trained[0].value(goal.name) if outcome.state == PRUNED else outcome.value(goal.name)


def axis_of(key: str, each: Range, trials: Sequence[Outcome]) -> Axis:
    """A key's values in some trials."""
    if each.choices and not are_numbers(each):
        labels = [yaml_flow(value) for value in each.choices]
        values = [labels.index(yaml_flow(t.values[key])) if key in t.values else math.nan for t in trials]
        return Axis(key, np.array(values, float), tuple(clean(label, 24) for label in labels))
    values = [float(t.values[key]) if key in t.values else math.nan for t in trials]
    wide = bool(each.choices) and min(each.choices) > 0 and max(each.choices) / min(each.choices) >= 100
    return Axis(key, np.array(values, float), log=each.log or wide)


def are_numbers(each: Range) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in each.choices)
