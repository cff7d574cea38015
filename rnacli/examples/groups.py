"""Parts of whole groups of rows, or in the order of time."""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnacli.data.section import PARTS
from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.words import clean, count_things

log = logging.getLogger("rnacli")

Parts = dict[str, np.ndarray]
"""Part -> its row indices, in the order in which they are used."""


# By whole groups


def by_group(
    groups: np.ndarray, pool: np.ndarray, counts: Mapping[str, int], config: Config, labels: np.ndarray | None
) -> Parts:
    """About ``counts`` rows for each part; rows of ``pool`` whose ``groups`` (n,) are equal come into the same part.

    The others are for training or, where ``counts`` has a size for training too, for nothing. With ``labels`` (n,)
    each part is to have the same share of each class. The rows of a part are in a random order, which the seed gives.
    Rows without a group (``None``) are groups of their own. Raises ``RnaError`` where a part gets no group.
    """
    pool = np.random.default_rng(config.split_seed).permutation(pool)
    codes = group_numbers(groups[pool], config)
    sizes = np.bincount(codes)
    wanted = {**counts, "nothing" if "train" in counts else "train": len(pool) - sum(counts.values())}
    names = [name for name in wanted if name in PARTS]
    place = str(config.place("dataset", "split", "group"))
    if len(sizes) < len(names):
        raise RnaError(
            "split: {groups} cannot be divided among {names:and}",
            place=place,
            hint="a group is never divided: group by a column with more different values, or ask for fewer parts",
            groups=count_things(len(sizes), "group"),
            names=names,
        )
    shares = sizes[:, None] / len(pool)
    if labels is not None:
        shares = np.hstack([shares, class_shares(codes, labels[pool])])
    chosen = assign_groups(shares, sizes, np.array([*wanted.values()]) / len(pool))[codes]
    parts = {name: pool[chosen == i] for i, name in enumerate(wanted) if name in PARTS}
    for name, rows in parts.items():
        if not len(rows):
            raise RnaError(
                "split: no group fits into the {wanted} for {name}: the {count:,} groups have {least:,} to {most}",
                place=place,
                hint="a group is never divided: ask for other sizes, or group by a column with more different values",
                wanted=count_things(wanted[name], "row"),
                name=name,
                count=len(sizes),
                least=sizes.min(),
                most=count_things(int(sizes.max()), "row"),
            )
        if labels is not None and (missing := len(np.unique(labels[pool])) - len(np.unique(labels[rows]))):
            raise RnaError(
                "split: stratify wants rows of each class, and {name} got no group with {missing} of them",
                place=str(config.place("dataset", "split", "stratify")),
                hint="stratify: false, another seed, or more groups of each class",
                name=name,
                missing=missing,
            )
    return parts


def group_numbers(groups: np.ndarray, config: Config, by_name: bool = False) -> np.ndarray:
    """The number (n,) of each row's group, counted from 0 in the order in which they come, or of their names."""
    codes, different = pd.factorize(groups, sort=by_name)
    missing = codes < 0
    if missing.any():
        codes[missing] = len(different) + np.arange(missing.sum())
        column = clean(config.dataset.split.group, 40)
        log.info("%s without a value in '%s' are groups of their own", count_things(int(missing.sum()), "row"), column)
    return codes


def class_shares(codes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much (groups, classes) of the rows of each class each group has, from the two numbers (n,) of each row."""
    classes = np.unique(labels, return_inverse=True)[1]
    width = int(classes.max()) + 1
    counts = np.bincount(codes * width + classes, minlength=(int(codes.max()) + 1) * width).reshape(-1, width)
    return np.asarray(counts / counts.sum(axis=0))


def assign_groups(shares: np.ndarray, sizes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
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
    trained = set(groups[parts["train"]].tolist()) - {None} if others else set()
    for name in others:
        if both := len(trained & set(groups[parts[name]].tolist())):
            log.warning("%s of the %s rows also have training rows", count_things(both, "group"), name)


# By time


def by_order(times: np.ndarray, pool: np.ndarray, counts: Mapping[str, int], config: Config) -> Parts:
    """The last rows of ``pool`` by their ``times`` (n,) for test, those before for validation, the first for training.

    All rows of one time come into one part, the later of the two that they might be in, unless that would leave a
    part empty; where there are fewer different times than parts, rows of one time are divided in the order of the
    file, with a warning. Rows of equal times keep the order of the file. With a size for training in ``counts``
    too, rows between it and the others belong to no part. Raises ``RnaError`` for a row without a time.
    """
    column = clean(config.dataset.split.order_by, 40)
    pool = sort_by_time(times, pool, config)
    times = times[pool]
    held_out = [name for name in ("test", "validation") if name in counts]
    cuts = np.flatnonzero(np.append(True, times[1:] != times[:-1]))
    if len(cuts) <= len(held_out):
        few = count_things(len(cuts), "different value")
        log.warning("'%s' has %s: rows with the same one are in several parts", column, few)
        cuts = np.arange(len(pool))
    cuts = np.append(cuts, len(pool))
    parts: Parts = {}
    last, start = len(cuts) - 1, len(pool)
    for earlier, name in zip(range(len(held_out), 0, -1), held_out, strict=True):
        start -= counts[name]
        cut = min(max(cut_before(cuts, start), earlier), last - 1)
        parts[name], last = pool[cuts[cut] : cuts[last]], cut
    if "train" in counts:
        last = min(max(cut_before(cuts, counts["train"]), 1), last)
    return parts | {"train": pool[: cuts[last]]}


def sort_by_time(times: np.ndarray, pool: np.ndarray, config: Config) -> np.ndarray:
    """The rows of ``pool`` by their ``times`` (n,). Raises ``RnaError`` for a row without a time."""
    without = int(np.isnan(times[pool]).sum())
    if without:
        raise RnaError(
            "split: {without} without a value in '{column:.40}' cannot be ordered",
            place=str(config.place("dataset", "split", "order_by")),
            hint="remove them, or fill the column in",
            without=count_things(without, "row"),
            column=config.dataset.split.order_by,
        )
    return pool[np.argsort(times[pool], kind="stable")]


def cut_before(cuts: np.ndarray, row: int) -> int:
    """The last of ``cuts`` that is not after a row."""
    return int(np.searchsorted(cuts, row, side="right")) - 1
