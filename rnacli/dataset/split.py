"""Which rows are for training, validation and test: scikit-learn's ``train_test_split`` with the config's seed."""

import math

import numpy as np

from rnacli.dataset.rows import Rows
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import PARTS, Config, Part
from rnacli.task import Task

Parts = dict[str, np.ndarray]
"""Part -> its row indices, in the order in which they are used."""


def split(rows: Rows, config: Config, task: Task) -> Parts:
    """The rows of each part that is not empty, as the config asks; the same seed gives the same rows.

    ``first`` and ``last`` rows are taken before others are drawn; a fraction is of all the rows that the source
    leaves to split, rounded up as scikit-learn does. Raises ``RnaError``.
    """
    asked = config.dataset.split
    parts = dict(rows.fixed)
    pool = parts.pop("train", None)
    if pool is None:
        taken = np.concatenate([*parts.values(), np.empty(0, int)])
        pool = np.setdiff1d(np.arange(len(rows.x)), taken)
    total = len(pool)
    sizes = {name: part for name in ("test", "validation", "train") if isinstance(part := getattr(asked, name), Part)}
    counts = {name: count(part, total) for name, part in sizes.items()}
    check_counts(sizes, counts, total, config)
    for name, part in sizes.items():
        if part.end:
            ends = (pool[: counts[name]], pool[counts[name] :])
            chosen, rest = ends if part.end == "first" else (pool[-counts[name] :], pool[: -counts[name]])
            parts[name], pool = chosen, rest
    labels = strata(rows, config, task) if asked.stratify else None
    for name, part in sizes.items():
        if not part.end:
            rest, chosen = draw(pool, counts[name], config, labels)
            parts[name], pool = chosen, rest
    if "train" not in sizes:
        parts["train"] = pool
    return {name: parts[name] for name in PARTS if name in parts}


def count(part: Part, total: int) -> int:
    return math.ceil(part.size * total) if isinstance(part.size, float) else part.size


def check_counts(sizes: dict[str, Part], counts: dict[str, int], total: int, config: Config) -> None:
    """The parts must fit into the rows there are, and leave some for training."""
    wanted = sum(counts.values())
    if wanted > total or (wanted == total and "train" not in sizes):
        name = max(counts, key=lambda part: counts[part])
        part = sizes[name]
        size = f"{{{part.end}: {part.size}}}" if part.end else f"{part.size}"
        took = f" takes {counts[name]} rows" if str(counts[name]) not in size else " asks for more"
        raise RnaError(
            f"split: {name}: {size}{took}, and there are {total} rows: none are left for training",
            place=str(config.place("dataset", "split", name)),
            hint="take fewer rows, or get more data",
        )


def draw(pool: np.ndarray, size: int, config: Config, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """``size`` rows drawn from ``pool``, and the others; both in the order that scikit-learn gives."""
    from sklearn.model_selection import train_test_split

    stratify = None if labels is None else labels[pool]
    try:
        rest, chosen = train_test_split(pool, test_size=size, random_state=config.seed, stratify=stratify)
    except ValueError as error:
        raise RnaError(
            f"split: {clean(error, 200)}",
            place=str(config.place("dataset", "split")),
            hint="stratify: false, larger parts, or more rows",
        ) from None
    return rest, chosen


def strata(rows: Rows, config: Config, task: Task) -> np.ndarray:
    """The class of each row; every class must have a row for each part."""
    place = str(config.place("dataset", "split", "stratify"))
    if task.kind == "regression":
        raise RnaError(
            f"stratify wants classes, and {clean(rows.target)} is predicted as a number",
            place=place,
            hint="stratify: false",
            exit_code=CONFIG,
        )
    values, labels, counts = np.unique(rows.y, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        lonely = clean(values[counts.argmin()])
        raise RnaError(
            f"stratify wants at least 2 rows of each class, and '{lonely}' has 1",
            place=place,
            hint="stratify: false, or more rows of that class",
        )
    return labels
