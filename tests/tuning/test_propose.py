"""The values of trials: a function of the search, its seed, and what came of the trials before."""

import math
import random
from collections.abc import Mapping
from typing import Any

import pytest
from fixtures import TUNED, experiment

from rnacli.experiment.tune import Tune
from rnacli.tuning.outcome import COMPLETE, DIVERGED, FAILED, PRUNED, Goal, Outcome, Trained
from rnacli.tuning.propose import propose_values, walk_grid
from rnacli.tuning.prune import bracket_of, is_hopeless

GOAL = Goal("val_loss", large=False)


def tune(over: str, **more: Any) -> Tune:
    text = TUNED[: TUNED.index("  over:")] + f"  over:\n{over}"
    section = experiment(text).tune
    assert section is not None
    return section


def outcome(number: int, values: Mapping[str, Any], value: float, state: str = COMPLETE) -> Outcome:
    return Outcome(number, values, [Trained(0, state, [{"val_loss": value}], 1)])


LINE = tune("    optimizer.adam.learning_rate: {log: [1e-4, 0.1]}\n    layers.0.dense.units: [4, 64]\n")


def search(section: Tune, seed: int, count: int, kinds: bool = False) -> list[Outcome]:
    """Trials whose loss is least at a learning rate of 0.01."""
    ended: list[Outcome] = []
    for number in range(count):
        values = propose_values(section, seed, GOAL, number, ended, [])
        assert values is not None
        loss = abs(math.log10(values["optimizer.adam.learning_rate"]) + 2)
        state = random.Random(number).choice([COMPLETE, COMPLETE, PRUNED, DIVERGED, FAILED]) if kinds else COMPLETE
        ended.append(outcome(number, values, loss, state))
    return ended


def test_the_same_seed_gives_the_same_trials_and_another_one_others() -> None:
    first, again, other = (search(LINE, seed, 14, kinds=True) for seed in (0, 0, 1))
    assert [each.values for each in first] == [each.values for each in again]
    assert [each.values for each in first] != [each.values for each in other]


def test_tpe_comes_nearer_than_chance() -> None:
    ended = search(LINE, 0, 40)
    early, late = ([each.value("val_loss") for each in ended[part]] for part in (slice(0, 10), slice(25, 40)))
    assert sum(late) / len(late) < 0.5 * sum(early) / len(early)


def test_running_trials_are_kept_apart_from() -> None:
    ended = search(LINE, 0, 20)
    running: list[dict[str, Any]] = []
    for number in range(20, 24):
        values = propose_values(LINE, 0, GOAL, number, ended, running)
        assert values is not None
        running.append(values)
    assert len({each["optimizer.adam.learning_rate"] for each in running}) == 4


def test_a_key_that_leads_nowhere_is_not_asked_for() -> None:
    section = experiment(TUNED).tune
    assert section is not None
    for number in range(12):
        values = propose_values(section, 0, GOAL, number, [], [])
        assert values is not None
        assert ("optimizer.*.momentum" in values) == (values["optimizer"] == "sgd")


def test_a_grid_is_every_combination_once() -> None:
    section = tune("    optimizer: {choice: [adam, sgd]}\n    optimizer.*.momentum: {choice: [0.0, 0.9]}\n"
                   "    layers.1.repeat.times: [1, 2]\n")  # fmt: skip
    every = list(walk_grid(section))
    assert len(every) == 2 * (1 + 2)
    assert every[0] == {"optimizer": "adam", "layers.1.repeat.times": 1}
    assert every[-1] == {"optimizer": "sgd", "optimizer.*.momentum": 0.9, "layers.1.repeat.times": 2}
    assert len({str(each) for each in every}) == len(every)


def test_hyperband_ends_the_trials_that_are_behind_those_of_their_bracket() -> None:
    bracket = bracket_of(0, 27)
    same = [number for number in range(200) if bracket_of(number, 27) == bracket == 0][:9]
    rows = [{"val_loss": 0.65}]
    others = [
        outcome(number, {}, value) for number, value in zip(same[1:], (0.5, 0.6, 0.7, 2, 2, 2, 2, 2), strict=True)
    ]
    assert not is_hopeless(same[0], rows, 27, [], GOAL)
    assert not is_hopeless(same[0], rows, 27, others, GOAL)
    assert is_hopeless(same[0], [{"val_loss": 1.9}], 27, others, GOAL) is True
    assert is_hopeless(same[0], [{"val_loss": math.nan}], 27, others, GOAL)
    assert not is_hopeless(same[0], [*rows, {"val_loss": 9.0}], 27, others, GOAL)
    assert {bracket_of(number, 27) for number in range(200)} == {0, 1, 2, 3}


def test_the_direction_of_a_goal_decides_who_is_best() -> None:
    ended = [outcome(0, {}, 0.5), outcome(1, {}, 0.7), outcome(2, {}, 0.7), outcome(3, {}, 0.9, DIVERGED)]
    assert [each.number for each in Goal("val_loss", large=True).rank(ended)] == [1, 2, 0]
    assert [each.number for each in GOAL.rank(ended)] == [0, 1, 2]


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_values_lie_in_their_ranges(name: str) -> None:
    section = experiment(TUNED.replace("  trials: 5", f"  trials: 5\n  search: {name}")).tune
    assert section is not None
    for number in range(10):
        values = propose_values(section, 3, GOAL, number, [], []) or {}
        assert 1e-4 <= values["optimizer.*.learning_rate"] <= 0.1
        assert values["layers.0.dense.units"] in (8, 16, 24, 32)
        assert values["layers.1.repeat.times"] in (1, 2, 3, 4)
        assert values["batch_size"] in (8, 16)
