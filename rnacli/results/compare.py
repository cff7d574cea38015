"""Runs side by side: the settings in which they differ, what they reached, and whether that is more than chance."""

import csv
import functools
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from rnacli.errors import RnaError
from rnacli.runs.folder import Run
from rnacli.runs.record import figures_by_part, has_classes
from rnacli.runs.seeds import spread_figures
from rnacli.runs.settings import differing_settings

RESAMPLES = 10_000
SURE = 0.05
"""A difference that chance alone gives less often than this is more than chance."""
LARGEST = 500_000_000
"""Bytes that ``predictions.csv`` may have."""


@dataclass(frozen=True)
class Comparison:
    """Two runs or more: ``settings`` and ``results`` have a value for each run under every name."""

    runs: list[str]
    settings: dict[str, list[str]]
    results: dict[str, list[float | None]]
    differences: list["Difference"] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        differences = [difference._asdict() for difference in self.differences]
        return {"runs": self.runs, "settings": self.settings, "results": self.results, "differences": differences}


class Difference(NamedTuple):
    """How ``other`` differs from ``one`` on the same rows.

    ``one_better`` and ``other_better`` are the numbers of rows that only one of them has right or, of values, nearer to
    the truth. ``p``: how often chance alone gives so large a difference, of classes. ``low`` and ``high``: where the
    difference of the mean absolute errors, other less one, lies with 95 % confidence, of values.
    """

    one: str
    other: str
    column: str
    rows: int
    one_better: int
    other_better: int
    p: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_chance(self) -> bool:
        """Whether chance alone may have made the difference."""
        if self.p is not None:
            return self.p >= SURE
        return self.low is None or self.high is None or self.low <= 0 <= self.high


def compare_runs(runs: Sequence[Run]) -> Comparison:
    """What runs have asked for and reached, and each compared with the first on the test rows that they share."""
    names = [run.name for run in runs]
    columns: dict[str, list[float | None]] = {}
    for i, run in enumerate(runs):
        for name, value in reached_figures(run).items():
            columns.setdefault(name, [None] * len(runs))[i] = value
    first, *others = [read_predictions(run) for run in runs]
    are_classes = functools.partial(has_classes, runs[0].record)
    differences = [
        difference
        for name, other in zip(names[1:], others, strict=True)
        for difference in compare_predictions(names[0], first, name, other, are_classes)
    ]
    return Comparison(names, differing_settings(runs), columns, differences)


def reached_figures(run: Run) -> dict[str, float | None]:
    """What a run reached on its held-out rows: what Keras measured, the scores besides, the spread over its seeds."""
    part = str(run.record.get("held_out", ""))
    figures = figures_by_part(run.record).get(part, {}) | spread_figures(run.record)
    return {f"{part} {name}": value for name, value in figures.items()}


# The same rows


Predictions = Mapping[str, Sequence[str]]
"""The columns of ``predictions.csv``."""


def read_predictions(run: Run) -> Predictions:
    """What a run said of its held-out rows; empty where it has said nothing. Raises ``RnaError`` for a damaged file."""
    if "predictions.csv" not in run.record.get("files", {}):
        return {}
    text = run.read("predictions.csv", LARGEST).decode(errors="replace")
    try:
        names, *rows = csv.reader(io.StringIO(text), strict=True)
        return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    except (ValueError, csv.Error) as error:
        message = "the file is damaged: {error:.100}"
        raise RnaError(message, place=str(run.path / "predictions.csv"), error=error) from None


def compare_predictions(
    one: str, first: Predictions, other: str, second: Predictions, are_classes: Callable[[str], bool]
) -> list[Difference]:
    """How two runs differ on the rows that both were tested on, for each target that is the same there."""
    places = {row: i for i, row in enumerate(second.get("row", ()))}
    shared = [(i, places[row]) for i, row in enumerate(first.get("row", ())) if row in places]
    differences = []
    for truth in first:
        column = truth.removeprefix("truth").removeprefix("_")
        answers = next((name for name in (f"prediction_{column}", column) if column and name in first), "prediction")
        if not truth.startswith("truth") or answers not in first or answers not in second or truth not in second:
            continue
        pairs = [(first[truth][i], first[answers][i], second[answers][j]) for i, j in shared]
        if pairs and all(first[truth][i] == second[truth][j] for i, j in shared):
            differences.append(test_difference(one, other, column, pairs, are_classes=are_classes(column)))
    return differences


def test_difference(
    one: str, other: str, column: str, pairs: Sequence[tuple[str, str, str]], are_classes: bool
) -> Difference:
    """Whether two runs differ by more than chance; ``pairs`` (rows,) of the truth and the two answers.

    Of classes by McNemar's exact test (Psychometrika 12, 1947): of the rows that one of the runs alone has right, each
    is as likely to be either's if they are alike. Of values by resampling the rows (Efron's bootstrap, 1979): the
    interval that holds the mean difference of the absolute errors in 95 of 100 samples.
    """
    truth, first, second = (np.array(each) for each in zip(*pairs, strict=True))
    if not are_classes:
        numbers = [np.array(each, dtype=float) for each in (truth, first, second)]
        errors = np.abs(numbers[2] - numbers[0]) - np.abs(numbers[1] - numbers[0])
        low, high = bootstrap_mean(errors)
        return Difference(
            one, other, column, len(pairs), int((errors > 0).sum()), int((errors < 0).sum()), None, low, high
        )
    first_alone = int(((first == truth) & (second != truth)).sum())
    second_alone = int(((second == truth) & (first != truth)).sum())
    p = sign_test(first_alone, second_alone)
    return Difference(one, other, column, len(pairs), first_alone, second_alone, p)


def sign_test(first: int, second: int) -> float:
    """How likely a fair coin falls at least as unevenly as ``first`` heads and ``second`` tails.

    As ``scipy.stats.binomtest``, whose import takes longer than all else that comparing does.
    """
    fewer, tosses = min(first, second), first + second
    if 2 * fewer == tosses:
        return 1.0
    heads = np.arange(1, fewer + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((tosses - heads + 1) / heads))])  # logarithms of the binomials
    return min(1.0, 2 * float(np.exp(ways - tosses * math.log(2)).sum()))


def bootstrap_mean(values: np.ndarray) -> tuple[float, float]:
    """Where the mean of values (n,) lies with 95 % confidence; the same values give the same interval."""
    generator = np.random.default_rng(0)
    at_once = max(1, 10_000_000 // len(values))
    means = [
        values[generator.integers(0, len(values), (min(at_once, RESAMPLES - start), len(values)))].mean(axis=1)
        for start in range(0, RESAMPLES, at_once)
    ]
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)
