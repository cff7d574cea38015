"""Which rows are for training, validation and test: drawn with the config's seed, by whole groups, or by time."""

import logging
import math
from collections.abc import Mapping, Sequence

import numpy as np

from rnacli.data.examples import Examples
from rnacli.data.section import PARTS, Part
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.divide import divide_rows
from rnacli.examples.folds import divide_fold, one_label_each
from rnacli.examples.groups import Parts, by_group, by_order, warn_of_groups
from rnacli.experiment.config import Config
from rnacli.helper import run_aside
from rnacli.tasks.choose import task_of
from rnacli.tasks.form import Form
from rnacli.words import count_things, fill_template, list_words

log = logging.getLogger("rnacli")


def split_rows(rows: Examples, config: Config, forms: Sequence[Form]) -> Parts:
    """The rows of each part that is not empty, as the config asks; the same seed gives the same rows.

    A fraction is of all the rows that the source leaves to divide, rounded up as scikit-learn does.
    ``first`` and ``last`` rows are taken before others are drawn, the others by scikit-learn's ``train_test_split``.
    Rows with ``groups`` are drawn by whole groups (``by_group``), and those with an ``order`` are not drawn at all
    (``by_order``); the sizes of both are as near to those asked for as groups and equal times allow.
    Raises ``RnaError``.
    """
    split = config.dataset.division(rows.fixed)
    is_stratified = split.stratify and bool(forms)
    if is_stratified and (refusal := task_of(forms[0]).refuse_stratify(rows.target, rows.y)):
        place = str(config.place("dataset", "split", "stratify"))
        raise RnaError(refusal, place=place, hint="stratify: false", exit_code=CONFIG)
    parts, pool = decided_parts(rows, config)
    if split.folds:
        pool, parts["test"] = divide_fold(rows, pool, config, forms)
    total = len(pool)
    sizes = {name: part for name in ("test", "validation", "train") if isinstance(part := getattr(split, name), Part)}
    counts = count_rows(sizes, total)
    check_counts(sizes, counts, total, config)
    labels = find_strata(rows, pool, config) if is_stratified else None
    if rows.groups is None and rows.order is None:
        parts |= at_random(pool, sizes, counts, config, labels)
    else:
        if sum(counts.values()) == total:
            counts.pop("train", None)  # it is all the rest, whatever the sizes of the others become
        if rows.groups is not None:
            parts |= by_group(rows.groups, pool, counts, config, labels)
            warn_of_groups(rows.groups, parts, rows.fixed)
        elif rows.order is not None:
            parts |= by_order(rows.order, pool, counts, config)
        say_sizes(parts, counts)
    if config.dataset.split.train_on_validation:
        parts = join_validation(parts, config)
    return {name: parts[name] for name in PARTS if name in parts}


def join_validation(parts: Parts, config: Config) -> Parts:
    """The parts where the validation rows are training rows, behind the others. Raises ``RnaError`` without any."""
    if "validation" not in parts:
        place = str(config.place("dataset", "split", "train_on_validation"))
        raise RnaError("the split has no validation part", place=place, hint="remove it", exit_code=CONFIG)
    others = {name: rows for name, rows in parts.items() if name != "validation"}
    return others | {"train": np.concatenate([parts["train"], parts["validation"]])}


def decided_parts(rows: Examples, config: Config) -> tuple[Parts, np.ndarray]:
    """The parts that the source itself decides, and the rows that are left to divide; usable rows alone."""
    parts = dict(rows.fixed)
    pool = parts.pop("train", None)
    if pool is None:
        free = np.ones(len(rows.y), bool)
        free[np.concatenate([*parts.values(), np.empty(0, int)])] = False
        pool = np.flatnonzero(free)
    if rows.usable is not None:
        pool = pool[rows.usable[pool]]
        parts = {part: each[rows.usable[each]] for part, each in parts.items()}
    for name, each in {"training": pool, **parts}.items():
        if not len(each):
            raise RnaError(
                "split: no rows are left for {name}",
                place=str(config.place("dataset")),
                hint="" if rows.usable is None else "fill: drop leaves out each row with a missing value: fill them",
                name=name,
            )
    return parts, pool


def count_rows(sizes: Mapping[str, Part], total: int) -> dict[str, int]:
    """The rows of each part; scikit-learn rounds what is held out up, and what is trained on down."""
    shares = {name: part.size * total for name, part in sizes.items() if isinstance(part.size, float)}
    counts = {name: math.ceil(shares[name]) if name in shares else int(part.size) for name, part in sizes.items()}
    if "train" in shares:
        train = math.floor(shares["train"])
        if len(shares) == len(sizes):  # two others that are rounded up may leave less
            train = min(train, total - sum(counts.values()) + counts["train"])
        counts["train"] = max(train, 1)
    return counts


def check_counts(sizes: dict[str, Part], counts: dict[str, int], total: int, config: Config) -> None:
    """The parts must fit into the rows there are, and leave some for training."""
    wanted = sum(counts.values())
    if wanted > total or (wanted == total and "train" not in sizes):
        shares = [
            fill_template("{rows} for {name}", rows=f"{rows:,}" if i else count_things(rows, "row"), name=name)
            for i, (name, rows) in enumerate(counts.items())
        ]
        name = max(counts, key=lambda part: counts[part])
        raise RnaError(
            "split: {shares:and}, and there are {total:,} rows: none are left for training",
            place=str(config.place("dataset", "split", name)),
            hint="take fewer rows, or get more data",
            shares=shares,
            total=total,
        )


# At random


def at_random(
    pool: np.ndarray, sizes: Mapping[str, Part], counts: Mapping[str, int], config: Config, labels: np.ndarray | None
) -> Parts:
    """Each part's rows from an end of ``pool`` or drawn from it; with ``labels`` (n,), in equal shares of each."""
    parts: Parts = {}
    for name, part in sizes.items():
        if part.end:
            ends = (pool[: counts[name]], pool[counts[name] :])
            chosen, rest = ends if part.end == "first" else (pool[-counts[name] :], pool[: -counts[name]])
            parts[name], pool = chosen, rest
    for name, part in sizes.items():
        if not part.end:
            pool, parts[name] = draw_rows(pool, name, counts[name], config, labels)
    return {"train": pool} | parts


def draw_rows(
    pool: np.ndarray, part: str, size: int, config: Config, labels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """``size`` rows drawn from ``pool`` for a part, and the others; both in the order that scikit-learn gives."""
    if size == len(pool):
        return pool[:0], pool
    stratify = None if labels is None else labels[pool]
    if stratify is not None:
        check_strata(stratify, part, size, config)
    rest, chosen = run_aside(divide_rows, pool, size, config.split_seed, stratify)
    return rest, chosen


def check_strata(labels: np.ndarray, part: str, size: int, config: Config) -> None:
    """Both sides of a draw must hold a row of each of the classes ``labels``."""
    counts = np.unique(labels, return_counts=True)[1]
    sides = ("the {part} part", "what is left beside the {part} part")
    for rows, what in zip((size, len(labels) - size), (fill_template(side, part=part) for side in sides), strict=True):
        if rows < len(counts):
            raise RnaError(
                "split: stratify wants a row of each of the {count} classes, and {what} has {rows} rows",
                place=str(config.place("dataset", "split", "stratify")),
                hint="stratify: false, or {part}: {count} or more" if rows == size else "stratify: false",
                count=len(counts),
                what=what,
                rows=rows,
                part=part,
            )
    if counts.min() < 2:
        raise RnaError(
            "split: stratify has only 1 row of a class left to divide for the {part} part",
            place=str(config.place("dataset", "split", "stratify")),
            hint="stratify: false, or more rows of each class",
            part=part,
        )


def find_strata(rows: Examples, pool: np.ndarray, config: Config) -> np.ndarray:
    """The class (n,) of each row of ``pool``, of which there must be two rows or more; -1 for the other rows."""
    place = str(config.place("dataset", "split", "stratify"))
    values, of_pool, counts = np.unique(one_label_each(rows, pool), return_inverse=True, return_counts=True)
    if counts.min() < 2:
        lonely = rows.name_label(values[counts.argmin()])
        raise RnaError(
            "stratify wants at least 2 rows of each class, and '{lonely}' has 1",
            place=place,
            hint="stratify: false, or more rows of that class",
            lonely=lonely,
        )
    labels = np.full(len(rows.y), -1)
    labels[pool] = of_pool
    return labels


# What is said


def say_sizes(parts: Parts, counts: Mapping[str, int]) -> None:
    """How many rows the parts have, where that is not what was asked for."""
    others = [
        fill_template(
            "{given} for {name} instead of {rows:,}", given=count_things(len(parts[name]), "row"), name=name, rows=rows
        )
        for name, rows in counts.items()
        if len(parts[name]) != rows
    ]
    if others:
        log.info("split: %s, since rows that belong together are not divided", list_words(others, "and"))
