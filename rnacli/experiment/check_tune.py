"""What is wrong with a search, before any trial: keys that lead nowhere, values that Keras refuses, a leaky goal."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.document.read import Document
from rnacli.errors import RnaError
from rnacli.experiment.callbacks import (
    COUNTS,
    HIGHER,
    HIGHER_IS_BETTER,
    meant_monitor,
    watched_metrics,
)
from rnacli.experiment.config import Config
from rnacli.experiment.measures import VALIDATION
from rnacli.experiment.trial import changed_document, of_file
from rnacli.experiment.tune import Range, Tune
from rnacli.experiment.tuned_keys import follow_key, value_at
from rnacli.schema.catalog import entry_names
from rnacli.schema.reader import Fault, Reader, fault
from rnacli.words import did_you_mean, fill_template

MEND = "dataset: {split: {validation: 0.2}}"
Read = Callable[[Document], Config]
"""Makes a config of a document. Raises ``RnaError``."""


def check_tune(config: Config, reader: Reader, read: Read) -> None:
    """Look at the search of a file that is right without it."""
    tune = config.tune
    if tune is None:
        return
    reader.report_faults(
        [*data_faults(config), *goal_faults(config, tune), *order_faults(tune), *retrain_faults(config, tune)]
    )
    if tune.search == "grid":
        reader.report_faults(grid_faults(tune))
    for key, each in tune.over.items():
        if not reader.problems:  # keys below another one lead where that leads
            check_key(tune, key, each, reader, read)


def data_faults(config: Config) -> Iterator[Fault]:
    """A search chooses by rows that the network did not learn from, and that no final score is of."""
    split = config.dataset.split
    if config.sides:
        yield fault(("tune",), "a generator and its discriminator have no goal to search by", "remove tune")
    elif split.folds:
        message = "a search is by the validation part, and with folds there is none"
        yield fault(("dataset", "split", "folds"), message, "{mend} instead of folds", mend=MEND)
    elif config.validation_data in ("test", "none"):
        message = "a search must not see the test rows: it is by the validation part"
        if config.validation_data == "none":
            message = "a search is by the validation part, and validation_data is none"
        yield fault(("validation_data",), message, "remove validation_data; {mend}", mend=MEND)
    elif not config.dataset.may_validate:
        yield fault(("tune",), "a search is by the validation part, and the split has none", MEND)


def goal_faults(config: Config, tune: Tune) -> Iterator[Fault]:
    """The goal must be logged, be of the validation rows, and have a direction."""
    at: KeyPath = ("tune", "goal")
    if isinstance(tune.goal, dict) and len(tune.goal) != 1:
        yield fault(at, "expected one goal, got {count}", "goal: {val_accuracy: max}", count=len(tune.goal))
        return
    goal, watched = tune.measure, watched_metrics(config.metrics, [*config.outputs])
    logged = [f"{VALIDATION}{name}" for name in ("loss", *watched, *(["perplexity"] if config.dataset.TASK else []))]
    if goal in logged:
        if goal_direction(config) is None:
            message, hint = "nobody can know whether more of {goal} is better", "goal: {{goal}: max}, or min"
            yield fault(at, message, hint, goal=goal)
    elif f"{VALIDATION}{goal}" in logged:
        message = "{goal} is of the rows that the network learns from"
        yield fault(at, message, "goal: val_{goal}", goal=goal)
    else:
        hint = meant_monitor(goal, watched, logged) or did_you_mean(goal, logged, "logged: {names:and}")
        yield fault(at, "nothing called '{goal}' is logged", hint, goal=goal)


def goal_direction(config: Config) -> str | None:
    """Whether the goal is to be small (min) or large (max); ``None`` where nobody can know."""
    tune = config.tune
    if tune is None or (isinstance(tune.goal, dict) and not tune.goal):
        return None
    if isinstance(tune.goal, dict):
        return next(iter(tune.goal.values()))
    name = tune.measure.removeprefix(VALIDATION)
    kind = watched_metrics(config.metrics, [*config.outputs]).get(name, name)
    if name.endswith("loss") or (kind in entry_names("loss") and not HIGHER_IS_BETTER.search(kind)):
        return "min"
    if kind in COUNTS:
        return COUNTS[kind]
    if kind in HIGHER or HIGHER_IS_BETTER.search(kind):
        return "max"
    small = ("error", "perplexity", "crossentropy", "divergence", "hinge", "poisson", "cosh")
    return "min" if any(word in kind for word in small) else None


def order_faults(tune: Tune) -> Iterator[Fault]:
    """A key that is below another one stands behind it: its value would be written over."""
    for first, second in itertools.combinations(tune.over, 2):
        if first.startswith(f"{second}."):
            message = "{second} stands below {first}, and would write over what that has chosen"
            yield fault(("tune", "over", second), message, "write {second} above {first}", first=first, second=second)


def retrain_faults(config: Config, tune: Tune) -> Iterator[Fault]:
    """What follows from the validation rows cannot be had where they are trained on."""
    at: KeyPath = ("tune", "retrain")
    if tune.trains_on_all and isinstance(config.threshold, str):
        message = "threshold: {threshold} is chosen on the validation rows, and retrain: all trains on them"
        yield fault(at, message, "remove retrain, or threshold: 0.5", threshold=config.threshold)
    if tune.trains_on_all and config.phases:
        message = "retrain: all trains for as many epochs as the best network had, and phases have their own"
        yield fault(at, message, "remove retrain")


def grid_faults(tune: Tune) -> Iterator[Fault]:
    """A grid needs finitely many values."""
    for key, each in tune.over.items():
        if each.all_values is None:
            message = "a grid tries all values, and this range has infinitely many"
            yield fault(("tune", "over", key), message, "{from: 0.1, to: 0.5, step: 0.1}, or {choice: [0.1, 0.5]}")


def check_key(tune: Tune, key: str, each: Range, reader: Reader, read: Read) -> None:
    """A key must lead somewhere, for some choice of those before it at least, and Keras take both ends of its range."""
    at: KeyPath = ("tune", "over", key)
    before = next(contexts_of(tune, key), None)
    if before is None:
        message = "this leads nowhere: there is no {lost} in the file"
        lost = lost_part(of_file(tune).value, key)
        reader.wrong(at, message, lost_hint(tune, lost), key=True, lost=lost)
        return
    raw = of_file(tune).value
    name = follow_key(raw, key)
    if name is not None and "${" in str(value_at(raw, name)):
        message = "the file says {value!r} here, which follows another key, and a search would change it alone"
        reader.wrong(at, message, "remove it from over: it follows by itself", key=True, value=value_at(raw, name))
        return
    for inner, value in each.ends:
        place = reader.place((*at, *inner), False)
        try:
            read(changed_document(tune, before | {key: value}, {key: place}))
        except RnaError as error:
            own = [problem for problem in error.problems if problem.place == str(place)]
            reader.adopt(place, (own or error.problems)[0])


def contexts_of(tune: Tune, key: str) -> Iterator[dict[str, Any]]:
    """Choices of the keys before ``key`` after which it leads somewhere; each changes one, besides the file as it is.

    Where several keys before it must be chosen so, the last ones of these.
    """
    names = list(tune.over)
    choosing = [name for name in names[: names.index(key)] if tune.over[name].choices]
    contexts: list[dict[str, Any]] = [{}]
    for name in choosing:
        contexts += [before | {name: value} for before in contexts for value in tune.over[name].choices][:MOST_CONTEXTS]
    for context in contexts:
        if follow_key(changed_document(tune, context).value, key) is not None:
            yield context


MOST_CONTEXTS = 200
"""Combinations of choices in which a key is looked for."""


def lost_part(plain: Any, key: str) -> str:
    """The first part of a key that is not there, with what leads to it."""
    parts = key.split(".")
    for i in range(1, len(parts) + 1):
        if follow_key(plain, ".".join(parts[:i])) is None:
            return ".".join(parts[:i])
    return key


def lost_hint(tune: Tune, lost: str) -> str:
    """What is there instead of a part of a key that is not there."""
    plain = of_file(tune).value
    above, _, part = lost.rpartition(".")
    there = value_at(plain, follow_key(plain, above) or "") if above else plain
    if isinstance(there, list):
        return fill_template("{above} has the entries 0 to {last}", above=above, last=len(there) - 1)
    if isinstance(there, str):
        return fill_template("there is {there}; {above}.* stands for whichever it is", there=there, above=above)
    names = [str(name) for name in there if name != "tune"] if isinstance(there, Mapping) else []
    return did_you_mean(part, names, "there: {names:and}" if names else "")
