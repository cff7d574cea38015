"""Hyperband: after some epochs, a trial that is not among the best third of those that came as far ends.

L. Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18 (2018), in the
asynchronous form of Optuna's pruner. Here it is a function of the trials that a trial may know: no order in which
several at once come to their epochs decides anything.
"""

import math
import zlib
from collections.abc import Sequence

from rnacli.tuning.outcome import Goal, Outcome, Row

FACTOR = 3
"""Of so many trials, one goes on."""
FIRST = 27
"""The share of the epochs after which the first bracket looks."""


def first_look(epochs: int) -> int:
    """After how many epochs the strictest bracket looks first."""
    return max(1, math.ceil(epochs / FIRST))


def count_brackets(epochs: int) -> int:
    """How many brackets there are, each more patient than the one before."""
    return int(math.log(max(1, epochs / first_look(epochs)), FACTOR) + 1e-9) + 1


def bracket_of(number: int, epochs: int) -> int:
    """The bracket of a trial, by its number alone; strict ones have more trials."""
    count = count_brackets(epochs)
    shares = [math.ceil(count * FACTOR**s / (s + 1)) for s in reversed(range(count))]
    drawn = zlib.crc32(f"bracket {number}".encode()) % sum(shares)
    return next(i for i in range(count) if drawn < sum(shares[: i + 1]))


def is_hopeless(number: int, rows: Sequence[Row], epochs: int, ended: Sequence[Outcome], goal: Goal) -> bool:
    """Whether a trial ends after the epochs in ``rows``, beside those ``ended`` of its bracket."""
    done, bracket = len(rows), bracket_of(number, epochs)
    looks = [first_look(epochs) * FACTOR**rung for rung in range(bracket, count_brackets(epochs) + 1)]
    if done not in looks or done >= epochs:
        return False
    own = goal.cost(rows[-1].get(goal.name, math.nan))
    others = [
        goal.cost(network.rows[done - 1].get(goal.name, math.nan))
        for each in ended
        if bracket_of(each.number, epochs) == bracket
        for network in each.trained[:1]
        if len(network.rows) >= done
    ]
    costs = sorted([own, *others])
    return own > costs[max(0, len(costs) // FACTOR - 1)]
