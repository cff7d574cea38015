"""Inputs that say a target by themselves: a code for it, or what was written down once it was known."""

import numpy as np

from rnacli.document.write import name_hint
from rnacli.tasks.classes import Classes
from rnacli.tasks.numbers import Numbers
from rnacli.tasks.task import Task
from rnacli.words import clean, fill_template

ENOUGH = 20
"""Rows from which that is hardly by chance."""
CHANCE = 1e-9
"""How likely it is at most that rows of the same value have the same class by chance."""
MANY = 10
"""Values above which a column may name whom rows are of."""
FIRST = 1000
"""Rows that are looked at before all of them are."""


def find_truth(task: Task, y: np.ndarray) -> np.ndarray:
    """The targets of training rows as they are compared with inputs: numbers, or places of classes (n,)."""
    return task.truth(y) if isinstance(task, Classes) else y


def find_answer(name: str, values: np.ndarray, task: Task, target: np.ndarray, are_numbers: bool) -> str:
    """What to warn of where the column (n,) alone says the target of each row; empty where it does not.

    ``are_numbers``: the column is of numbers, and not of words.
    """
    if len(values) < ENOUGH or target.ndim != 1:
        return ""
    if isinstance(task, Classes):
        says = is_code(values, target, are_numbers)
    else:
        says = isinstance(task, Numbers) and repeats(values, target)
    if not says:
        return ""
    text = fill_template(
        "{column:.40} by itself gives {target:.40} in each training row: if it is made from it, the figures mean "
        "nothing",
        column=clean(name),
        target=clean(task.targets[0]),
    )
    hint = name_hint(name, "columns: {{column}: ignore}")
    if len(np.unique(values)) > MANY:
        hint += "; " + name_hint(name, "where it names whom rows are of: split: {group: {column}}")
    return fill_template("{text}; {hint:.300}", text=text, hint=hint)


def repeats(values: np.ndarray, target: np.ndarray) -> bool:
    """Whether a column (n,) is the numbers (n,) to predict, which are not all alike."""
    return target.dtype.kind in "iuf" and bool((values == target).all() and (target != target[0]).any())


def is_code(values: np.ndarray, classes: np.ndarray, are_numbers: bool) -> bool:
    """Whether rows of a value of a column (n,), blank being one, are of one class (n,), and that not by chance."""
    if len(values) > FIRST and has_mixed(values[:FIRST], classes[:FIRST]):
        return False
    if has_mixed(values, classes) or (are_numbers and is_threshold(values, classes)):
        return False
    alike = float(((np.bincount(classes) / len(classes)) ** 2).sum())
    return alike < 1 and (len(values) - len(np.unique(values))) * np.log(alike) < np.log(CHANCE)


def is_threshold(values: np.ndarray, classes: np.ndarray) -> bool:
    """Whether each class is a stretch of more values than one: what is to be learnt, and no code."""
    changes = np.diff(classes[np.argsort(values, kind="stable")]) != 0
    count = len(np.unique(classes))
    return bool(changes.sum() == count - 1 and len(np.unique(values)) > count)


def has_mixed(values: np.ndarray, classes: np.ndarray) -> bool:
    """Whether two rows of the same value are of different classes."""
    values = np.where(np.isnan(values), np.inf, values) if values.dtype.kind == "f" else values
    order = np.argsort(values, kind="stable")
    same = values[order][1:] == values[order][:-1]
    return bool((same & (classes[order][1:] != classes[order][:-1])).any())
