"""Rows that follow one another: which ones lie before each of them, as its input."""

import itertools
from dataclasses import dataclass

import numpy as np

from rnacli.words import fill_template

NAMED = 3
"""Stretches of rows that are named."""


@dataclass(frozen=True, eq=False)
class Series:
    """The rows of a table one after the other, series after series.

    ``window``: how many rows are an input. ``horizon``: how far the row that is predicted lies ahead of the last of
    them. ``order`` (n,): the rows in their sequence. ``place`` (n,): where each row is in it. ``begin`` (n,): where the
    series of each row begins.
    """

    window: int
    horizon: int
    order: np.ndarray
    place: np.ndarray
    begin: np.ndarray

    @classmethod
    def arrange(
        cls, window: int, horizon: int, count: int, times: np.ndarray | None, groups: np.ndarray | None
    ) -> "Series":
        """The sequence of ``count`` rows by ``times`` (n,), or as they come; rows of other ``groups`` (n,) apart."""
        codes = np.zeros(count, "int64") if groups is None else np.unique(groups.astype("U"), return_inverse=True)[1]
        order = np.lexsort((np.arange(count), np.zeros(count) if times is None else times, codes))
        place = np.empty(count, "int64")
        place[order] = np.arange(count)
        sizes = np.bincount(codes, minlength=1)
        return cls(window, horizon, order, place, (np.cumsum(sizes) - sizes)[codes])

    def __len__(self) -> int:
        return len(self.order)

    @property
    def has_past(self) -> np.ndarray:
        """Which rows (n,) have the whole of a window before them."""
        return np.asarray(self.place - self.begin >= self.window + self.horizon - 1)

    def past(self, rows: np.ndarray) -> np.ndarray:
        """The rows (m, window) that are the input of some rows (m,), which all have them."""
        last = self.place[rows] - self.horizon
        return np.asarray(self.order[last[:, None] + np.arange(1 - self.window, 1)])

    def before(self, rows: np.ndarray) -> np.ndarray:
        """The last row (m,) that is known when some rows (m,) are predicted."""
        return np.asarray(self.order[self.place[rows] - self.horizon])

    def count_past(self, flags: np.ndarray) -> np.ndarray:
        """How many rows (n,) of each row's input have a flag (n,); of rows without a past, as many as if none had."""
        sums = np.append(0, np.cumsum(flags[self.order]))
        stop = np.maximum(self.place - self.horizon + 1, 0)
        return np.asarray(np.where(self.has_past, sums[stop] - sums[np.maximum(stop - self.window, 0)], 0))

    @property
    def ahead(self) -> list[tuple[int, np.ndarray]]:
        """What can be predicted beyond the last row of each series: how many rows on, and the rows of its input."""
        begins = np.unique(self.begin)
        return [
            (step, self.order[stop - self.window : stop])
            for begin, end in itertools.pairwise([*begins.tolist(), len(self)])
            for step in range(1, self.horizon + 1)
            if (stop := end + step - self.horizon) - begin >= self.window
        ]


def name_rows(rows: np.ndarray) -> str:
    """Rows (m,), counted from 0, for a message: ``rows 1 to 24 and 101 to 124``."""
    ends = np.flatnonzero(np.diff(rows) != 1)
    starts, stops = rows[np.append(0, ends + 1)] + 1, rows[np.append(ends, len(rows) - 1)] + 1
    spans = [
        fill_template("{a:,} to {b:,}", a=a, b=b) if a < b else f"{a:,}"
        for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
    ]
    more = (
        [fill_template("{count:,} more stretches", count=len(spans) - NAMED)]
        if len(spans) > NAMED + 1
        else spans[NAMED:]
    )
    named = [*spans[:NAMED], *more]
    return fill_template("rows {spans:and}" if len(rows) > 1 else "row {spans:and}", spans=named)
