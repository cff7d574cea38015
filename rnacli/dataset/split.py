"""Which rows are for training, validation and test: drawn with the config's seed, by whole groups, or by time."""

import logging
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnacli import second_process
from rnacli.dataset.rows import Rows
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import PARTS, Config, Part
from rnacli.schema import listed
from rnacli.task import Task

log = logging.getLogger("rnacli")

Parts = dict[str, np.ndarray]
"""Part -> its row indices, in the order in which they are used."""


def split(rows: Rows, config: Config, task: Task) -> Parts:
    """The rows of each part that is not empty, as the config asks; the same seed gives the same rows.

    A fraction is of all the rows that the source leaves to divide, rounded up as scikit-learn does.
    ``first`` and ``last`` rows are taken before others are drawn, the others by scikit-learn's ``train_test_split``.
    Rows with ``groups`` are drawn by whole groups (``by_group``), and those with an ``order`` are not drawn at all
    (``by_order``); the sizes of both are as near to those asked for as groups and equal times allow.
    Raises ``RnaError``.
    """
    asked = config.dataset.split
    parts, pool = decided(rows, config)
    total = len(pool)
    sizes = {name: part for name in ("test", "validation", "train") if isinstance(part := getattr(asked, name), Part)}
    counts = counted(sizes, total)
    check_counts(sizes, counts, total, config)
    labels = strata(rows, pool, config, task) if asked.stratify else None
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
    return {name: parts[name] for name in PARTS if name in parts}


def decided(rows: Rows, config: Config) -> tuple[Parts, np.ndarray]:
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
                f"split: no rows are left for {name}",
                place=str(config.place("dataset")),
                hint="" if rows.usable is None else "fill: drop leaves out each row with a missing value: fill them",
            )
    return parts, pool


def counted(sizes: Mapping[str, Part], total: int) -> dict[str, int]:
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
        (first, *_), shares = counts.values(), [f"{rows:,} for {name}" for name, rows in counts.items()]
        shares[0] = shares[0].replace(" for", " row for" if first == 1 else " rows for")
        name = max(counts, key=lambda part: counts[part])
        raise RnaError(
            f"split: {listed(shares, 'and')}, and there are {total:,} rows: none are left for training",
            place=str(config.place("dataset", "split", name)),
            hint="take fewer rows, or get more data",
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
            pool, parts[name] = draw(pool, name, counts[name], config, labels)
    return {"train": pool} | parts


def draw(
    pool: np.ndarray, part: str, size: int, config: Config, labels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """``size`` rows drawn from ``pool`` for a part, and the others; both in the order that scikit-learn gives."""
    if size == len(pool):
        return pool[:0], pool
    stratify = None if labels is None else labels[pool]
    if stratify is not None:
        check_strata(stratify, part, size, config)
    rest, chosen = second_process.call(divide, pool, size, config.seed, stratify)
    return rest, chosen


def divide(pool: np.ndarray, size: int, seed: int, stratify: np.ndarray | None) -> list[np.ndarray]:
    """All rows but ``size`` of ``pool``, and those."""
    from sklearn.model_selection import train_test_split

    return train_test_split(pool, test_size=size, random_state=seed, stratify=stratify)  # type: ignore[no-any-return]


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


def strata(rows: Rows, pool: np.ndarray, config: Config, task: Task) -> np.ndarray:
    """The class (n,) of each row of ``pool``, of which there must be two rows or more; -1 for the other rows."""
    place = str(config.place("dataset", "split", "stratify"))
    if task.kind == "regression":
        raise RnaError(
            f"stratify wants classes, and {clean(rows.target)} is predicted as a number",
            place=place,
            hint="stratify: false",
            exit_code=CONFIG,
        )
    axis = 0 if rows.y.ndim > 1 else None
    values, of_pool, counts = np.unique(rows.y[pool], return_inverse=True, return_counts=True, axis=axis)
    if counts.min() < 2:
        lonely = clean(values[counts.argmin()])
        raise RnaError(
            f"stratify wants at least 2 rows of each class, and '{lonely}' has 1",
            place=place,
            hint="stratify: false, or more rows of that class",
        )
    labels = np.full(len(rows.y), -1)
    labels[pool] = of_pool.reshape(len(pool))
    return labels


# By whole groups


def by_group(
    groups: np.ndarray, pool: np.ndarray, counts: Mapping[str, int], config: Config, labels: np.ndarray | None
) -> Parts:
    """About ``counts`` rows for each part; rows of ``pool`` whose ``groups`` (n,) are equal come into the same part.

    The others are for training or, where ``counts`` has a size for training too, for nothing. With ``labels`` (n,)
    each part is to have the same share of each class. The rows of a part are in a random order, which the seed gives.
    Rows without a group (``None``) are groups of their own. Raises ``RnaError`` where a part gets no group.
    """
    pool = np.random.default_rng(config.seed).permutation(pool)
    codes = group_numbers(groups[pool], config)
    sizes = np.bincount(codes)
    wanted = {**counts, "nothing" if "train" in counts else "train": len(pool) - sum(counts.values())}
    names = [name for name in wanted if name in PARTS]
    place = str(config.place("dataset", "split", "group"))
    if len(sizes) < len(names):
        raise RnaError(
            f"split: {number(len(sizes), 'group')} cannot be divided among {listed(names, 'and')}",
            place=place,
            hint="a group is never divided: group by a column with more different values, or ask for fewer parts",
        )
    shares = sizes[:, None] / len(pool)
    if labels is not None:
        shares = np.hstack([shares, class_shares(codes, labels[pool])])
    chosen = assigned(shares, sizes, np.array([*wanted.values()]) / len(pool))[codes]
    parts = {name: pool[chosen == i] for i, name in enumerate(wanted) if name in PARTS}
    for name, rows in parts.items():
        if not len(rows):
            raise RnaError(
                f"split: no group fits into the {number(wanted[name], 'row')} for {name}: "
                f"the {len(sizes):,} groups have {sizes.min():,} to {number(int(sizes.max()), 'row')}",
                place=place,
                hint="a group is never divided: ask for other sizes, or group by a column with more different values",
            )
        if labels is not None and (missing := len(np.unique(labels[pool])) - len(np.unique(labels[rows]))):
            raise RnaError(
                f"split: stratify wants rows of each class, and {name} got no group with {missing} of them",
                place=str(config.place("dataset", "split", "stratify")),
                hint="stratify: false, another seed, or more groups of each class",
            )
    return parts


def group_numbers(groups: np.ndarray, config: Config) -> np.ndarray:
    """The number (n,) of each row's group, counted from 0 in the order in which they come."""
    codes, different = pd.factorize(groups)
    missing = codes < 0
    if missing.any():
        codes[missing] = len(different) + np.arange(missing.sum())
        column = clean(config.dataset.split.group, 40)
        log.info("%s without a value in '%s' are groups of their own", number(int(missing.sum()), "row"), column)
    return codes


def class_shares(codes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much (groups, classes) of the rows of each class each group has, from the two numbers (n,) of each row."""
    classes = np.unique(labels, return_inverse=True)[1]
    width = int(classes.max()) + 1
    counts = np.bincount(codes * width + classes, minlength=(int(codes.max()) + 1) * width).reshape(-1, width)
    return np.asarray(counts / counts.sum(axis=0))


def assigned(shares: np.ndarray, sizes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The part (groups,) of each group, such that each part has about the share ``wanted`` (parts,) of everything.

    ``shares`` (groups, k): how much of all there is of k things each group has. What a part lacks is k numbers;
    a group goes where it makes the sum of their squares, relative to what is wanted, most less. Groups come as they
    are, but large ones first, by powers of two of their ``sizes``: small ones can still mend what is uneven.
    """
    lacking = np.outer(wanted, np.ones(shares.shape[1]))
    chosen = np.empty(len(sizes), int)
    for group in np.argsort(-np.floor(np.log2(sizes)), kind="stable").tolist():
        share = shares[group]
        part = int(((2 * (lacking @ share) - share @ share) / wanted).argmax())
        lacking[part] -= share
        chosen[group] = part
    return chosen


def warn_of_groups(groups: np.ndarray, parts: Parts, fixed: Mapping[str, np.ndarray]) -> None:
    """Say which parts that the source decides have groups of the training rows too."""
    others = [name for name in fixed if name != "train"]
    known = set(groups[parts["train"]].tolist()) - {None} if others else set()
    for name in others:
        if both := len(known & set(groups[parts[name]].tolist())):
            log.warning("%s of the %s rows also have training rows", number(both, "group"), name)


# By time


def by_order(times: np.ndarray, pool: np.ndarray, counts: Mapping[str, int], config: Config) -> Parts:
    """The last rows of ``pool`` by their ``times`` (n,) for test, those before for validation, the first for training.

    All rows of one time come into one part, the later of the two that they might be in, unless that would leave a
    part empty; where there are fewer different times than parts, rows of one time are divided in the order of the
    file, with a warning. Rows of equal times keep the order of the file. With a size for training in ``counts``
    too, rows between it and the others belong to no part. Raises ``RnaError`` for a row without a time.
    """
    column = clean(config.dataset.split.order_by, 40)
    without = int(np.isnan(times[pool]).sum())
    if without:
        raise RnaError(
            f"split: {number(without, 'row')} without a value in '{column}' cannot be ordered",
            place=str(config.place("dataset", "split", "order_by")),
            hint="remove them, or fill the column in",
        )
    pool = pool[np.argsort(times[pool], kind="stable")]
    times = times[pool]
    held_out = [name for name in ("test", "validation") if name in counts]
    cuts = np.flatnonzero(np.append(True, times[1:] != times[:-1]))
    if len(cuts) <= len(held_out):
        few = number(len(cuts), "different value")
        log.warning("'%s' has %s: rows with the same one are in several parts", column, few)
        cuts = np.arange(len(pool))
    cuts = np.append(cuts, len(pool))
    parts: Parts = {}
    last, start = len(cuts) - 1, len(pool)
    for earlier, name in zip(range(len(held_out), 0, -1), held_out, strict=True):
        start -= counts[name]
        cut = min(max(at(cuts, start), earlier), last - 1)
        parts[name], last = pool[cuts[cut] : cuts[last]], cut
    if "train" in counts:
        last = min(max(at(cuts, counts["train"]), 1), last)
    return parts | {"train": pool[: cuts[last]]}


def at(cuts: np.ndarray, row: int) -> int:
    """The last of ``cuts`` that is not after a row."""
    return int(np.searchsorted(cuts, row, side="right")) - 1


# What is said


def say_sizes(parts: Parts, counts: Mapping[str, int]) -> None:
    """How many rows the parts have, where that is not what was asked for."""
    others = [
        f"{number(len(parts[name]), 'row')} for {name} instead of {rows:,}"
        for name, rows in counts.items()
        if len(parts[name]) != rows
    ]
    if others:
        log.info("split: %s, since rows that belong together are not divided", listed(others, "and"))


def number(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)
