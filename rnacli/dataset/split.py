"""Which rows are for training, validation and test: scikit-learn's ``train_test_split`` with the config's seed."""

import math

import numpy as np

from rnacli.dataset.rows import Rows
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import PARTS, Config, Part
from rnacli.schema import listed
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
    counts = {name: count(name, part, total) for name, part in sizes.items()}
    check_counts(sizes, counts, total, config)
    for name, part in sizes.items():
        if part.end:
            ends = (pool[: counts[name]], pool[counts[name] :])
            chosen, rest = ends if part.end == "first" else (pool[-counts[name] :], pool[: -counts[name]])
            parts[name], pool = chosen, rest
    labels = strata(rows, config, task) if asked.stratify else None
    for name, part in sizes.items():
        if not part.end:
            rest, chosen = draw(pool, name, counts[name], config, labels)
            parts[name], pool = chosen, rest
    if "train" not in sizes:
        parts["train"] = pool
    return {name: parts[name] for name in PARTS if name in parts}


def count(name: str, part: Part, total: int) -> int:
    """The rows of a part; scikit-learn rounds what is held out up, and what is trained on down."""
    if not isinstance(part.size, float):
        return part.size
    return math.floor(part.size * total) if name == "train" else math.ceil(part.size * total)


def check_counts(sizes: dict[str, Part], counts: dict[str, int], total: int, config: Config) -> None:
    """The parts must fit into the rows there are, and leave some for training."""
    wanted = sum(counts.values())
    if wanted > total or (wanted == total and "train" not in sizes):
        (first, *_), shares = counts.values(), [f"{rows:,} for {name}" for name, rows in counts.items()]
        shares[0] = shares[0].replace(" for", " row for" if first == 1 else " rows for")
        name = max(counts, key=lambda part: counts[part])
        raise RnaError(
            f"split: {listed(shares, 'and')}, and there are {total:,} rows: none are left for training",
            place=str(config.place("dataset", "split", name)),
            hint="take fewer rows, or get more data",
        )


def draw(
    pool: np.ndarray, part: str, size: int, config: Config, labels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """``size`` rows drawn from ``pool`` for a part, and the others; both in the order that scikit-learn gives."""
    from sklearn.model_selection import train_test_split

    if size == len(pool):
        return pool[:0], pool
    stratify = None if labels is None else labels[pool]
    if stratify is not None:
        check_strata(stratify, part, size, config)
    rest, chosen = train_test_split(pool, test_size=size, random_state=config.seed, stratify=stratify)
    return rest, chosen


def check_strata(labels: np.ndarray, part: str, size: int, config: Config) -> None:
    """Both sides of a draw must hold a row of each of the classes ``labels``."""
    counts = np.unique(labels, return_counts=True)[1]
    for rows, what in ((size, f"the {part} part"), (len(labels) - size, f"what is left beside the {part} part")):
        if rows < len(counts):
            raise RnaError(
                f"split: stratify wants a row of each of the {len(counts)} classes, and {what} has {rows} rows",
                place=str(config.place("dataset", "split", "stratify")),
                hint=f"stratify: false, or {part}: {len(counts)} or more" if rows == size else "stratify: false",
            )
    if counts.min() < 2:
        raise RnaError(
            f"split: stratify has only 1 row of a class left to divide for the {part} part",
            place=str(config.place("dataset", "split", "stratify")),
            hint="stratify: false, or more rows of each class",
        )


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
