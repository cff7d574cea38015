"""Folds: the rows divided so that each is in the test part of one fold, by scikit-learn's own splitters."""

import logging
from collections.abc import Sequence

import numpy as np

from rnacli.data.examples import Examples
from rnacli.errors import RnaError
from rnacli.examples.divide import divide_by_time, divide_folds
from rnacli.examples.groups import group_numbers, sort_by_time
from rnacli.experiment.config import Config
from rnacli.helper import run_aside
from rnacli.tasks.choose import task_of
from rnacli.tasks.form import Form
from rnacli.tasks.one_hot import find_columns
from rnacli.words import fill_template

log = logging.getLogger("rnacli")


def divide_fold(
    rows: Examples, pool: np.ndarray, config: Config, forms: Sequence[Form]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of ``pool`` that the config's fold (the first, where it names none) trains on, and those it tests.

    Classes have the same share in each fold, groups are never divided, and with an order the rows of a fold are tested
    by a network that was trained on all rows before them. Raises ``RnaError``.
    """
    split = config.dataset.split
    folds, fold = int(split.folds or 2), (int(split.fold or 1) - 1) % int(split.folds or 2) + 1
    if "test" in rows.fixed:
        message = "the data have their own test set: there are no folds to test on"
        place = str(config.place("dataset", "split", "folds"))
        raise RnaError(message, place=place, hint="remove folds", exit_code=2)
    if rows.order is not None:
        pool = sort_by_time(rows.order, pool, config)
        units = np.unique(rows.order[pool], return_inverse=True)[1]  # rows of one time stay together
        require_units(int(units.max()) + 1, folds + 1, "different values", "order_by", config)
        before, chosen = run_aside(divide_by_time, units, folds, fold)
        return pool[before], pool[chosen]
    groups = None if rows.groups is None else group_numbers(rows.groups[pool], config, by_name=True)
    if groups is not None:
        require_units(int(groups.max()) + 1, folds, "groups", "group", config)
    are_classes = len(forms) == 1 and not task_of(forms[0]).refuse_stratify(rows.target, rows.y)
    classes = one_label_each(rows, pool) if are_classes else None
    if classes is not None:
        classes = check_classes(rows, classes, folds, config)
    require_units(len(pool), folds, "rows", "folds", config)
    seed = (config.split_seed + split.repeat) % 2**32
    others, chosen = run_aside(divide_folds, len(pool), folds, fold, seed, classes, groups)
    return pool[others], pool[chosen]


def one_label_each(rows: Examples, pool: np.ndarray) -> np.ndarray:
    """The label (m,) of each row of ``pool``, where each has one; of columns of classes, the column's name."""
    y = rows.y[pool]
    return np.asarray(y if y.ndim == 1 else np.array(rows.targets)[find_columns(y)])


def check_classes(rows: Examples, labels: np.ndarray, folds: int, config: Config) -> np.ndarray:
    """The number (n,) of each label's class; says which class is in too few rows for as many folds."""
    different, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    require_units(int(counts.max()), folds, "rows of one class", "folds", config)
    rarest = counts.argmin()
    if counts[rarest] < folds:
        text = "class '%s' has fewer rows (%d) than there are folds: it is missing in some test parts"
        log.warning(text, rows.name_label(different[rarest]), counts[rarest])
    return np.asarray(classes)


def require_units(count: int, fewest: int, what: str, key: str, config: Config) -> None:
    """Refuse more folds than can be made."""
    if count >= fewest:
        return
    folds = int(config.dataset.split.folds or 2)
    raise RnaError(
        "split: {folds} folds need at least {fewest} {what}, got {count}",
        place=str(config.place("dataset", "split", key)),
        hint="folds: {fewer} or fewer" if count - (fewest - folds) >= 2 else "remove folds",
        folds=folds,
        fewest=fewest,
        what=fill_template(what),
        count=count,
        fewer=count - (fewest - folds),
    )
