"""The values of a trial, chosen by Optuna: a function of the search, of its seed, and of the trials before.

Nothing of Optuna's is kept between two trials: its samplers begin anew with a seed of the trial's own. So a search that
was killed goes on as if it had never been.
"""

import importlib.util
import math
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.document.write import yaml_flow
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.trial import choose_values
from rnacli.experiment.tune import Range, Tune
from rnacli.tuning.outcome import COMPLETE, DIVERGED, FAILED, Goal, Outcome

STARTUP = 10
"""Trials that are drawn at random before any is chosen by those that ended."""


def require_optuna(tune: Tune) -> None:
    """Refuse a search whose package is not installed here. Raises ``RnaError``."""
    if tune.search != "grid" and importlib.util.find_spec("optuna") is None:
        message, hint = (
            "optuna is not installed, and search: {search} is its work",
            "pip install optuna; or search: grid",
        )
        raise RnaError(message, place="rna tune", hint=hint, exit_code=CONFIG, search=tune.search)


def propose_values(
    tune: Tune,
    seed: int,
    goal: Goal,
    number: int,
    ended: Sequence[Outcome],
    running: Sequence[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """The values of trial ``number``, counted from 0; ``None`` where a grid has no more.

    ``ended``: the trials that it may learn from; ``running``: the values of those that it does not know the end of.
    """
    if tune.search == "grid":
        return pick_of_grid(tune, number)
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    drawn = zlib.crc32(f"{seed} {number}".encode())
    samplers = optuna.samplers
    informed = tune.search == "tpe" and sum(each.state != FAILED for each in ended) >= STARTUP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of options that are called experimental
        sampler: Any = (
            samplers.TPESampler(seed=drawn, n_startup_trials=1, constant_liar=True)
            if informed
            else samplers.RandomSampler(seed=drawn)
        )
        study = optuna.create_study(sampler=sampler, study_name="rna")
        if informed:
            study.add_trials([*(frozen(tune, each, goal) for each in ended), *(begun(tune, each) for each in running)])
        trial = study.ask()
        return choose_values(tune, lambda key, each: suggest(trial, key, each))


def suggest(trial: Any, key: str, each: Range) -> Any:
    """A value of a range by an Optuna trial."""
    if each.choices:
        labels = [yaml_flow(value) for value in each.choices]
        return each.choices[labels.index(trial.suggest_categorical(key, labels))]
    if each.is_whole:
        return trial.suggest_int(key, each.low, each.high, step=int(each.step or 1), log=each.log)
    return trial.suggest_float(key, each.low, each.high, step=each.step, log=each.log)


def distribution(each: Range) -> Any:
    """A range in Optuna's words."""
    from optuna import distributions

    if each.choices:
        return distributions.CategoricalDistribution([yaml_flow(value) for value in each.choices])
    if each.is_whole:
        return distributions.IntDistribution(int(each.low), int(each.high), each.log, int(each.step or 1))
    step = each.step
    high = each.high if step is None else each.low + math.floor((each.high - each.low) / step + 1e-9) * step
    return distributions.FloatDistribution(each.low, high, each.log, step)


def parameters(tune: Tune, values: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's values and their ranges, as Optuna has them."""
    params = {key: yaml_flow(value) if tune.over[key].choices else value for key, value in values.items()}
    return {"params": params, "distributions": {key: distribution(tune.over[key]) for key in values}}


def frozen(tune: Tune, outcome: Outcome, goal: Goal) -> Any:
    """A trial that has ended, as Optuna has it; of one that was pruned, what it had reached; a diverged one is bad."""
    from optuna.trial import TrialState, create_trial

    own = parameters(tune, outcome.values)
    if outcome.state == COMPLETE and math.isfinite(value := outcome.value(goal.name)):
        return create_trial(state=TrialState.COMPLETE, value=goal.cost(value), **own)
    if outcome.state == FAILED:
        return create_trial(state=TrialState.FAIL, **own)
    rows = [] if outcome.state in (COMPLETE, DIVERGED) else outcome.trained[0].rows
    reached = {i: goal.cost(row[goal.name]) for i, row in enumerate(rows, 1) if math.isfinite(row[goal.name])}
    return create_trial(state=TrialState.PRUNED, intermediate_values=reached, **own)


def begun(tune: Tune, values: Mapping[str, Any]) -> Any:
    """A trial that is being trained, as Optuna has it."""
    from optuna.trial import TrialState, create_trial

    return create_trial(state=TrialState.RUNNING, **parameters(tune, values))


# Grids


def pick_of_grid(tune: Tune, number: int) -> dict[str, Any] | None:
    """The combination of that number, the last key changing fastest; ``None`` behind the last one."""
    return next((values for i, values in enumerate(walk_grid(tune)) if i == number), None)


def walk_grid(tune: Tune) -> Iterator[dict[str, Any]]:
    """Every combination; keys that lead nowhere after the choices before them are not among its values."""
    digits: list[int] = []
    while True:
        sizes: list[int] = []

        def pick(key: str, each: Range, sizes: list[int] = sizes) -> Any:
            place, every = len(sizes), each.all_values or []
            if place == len(digits):
                digits.append(0)
            sizes.append(len(every))
            return every[digits[place]]

        yield choose_values(tune, pick)
        del digits[len(sizes) :]
        while digits and digits[-1] + 1 == sizes[len(digits) - 1]:
            digits.pop()
        if not digits:
            return
        digits[-1] += 1
