"""Whether two runs differ by more than chance on the rows that both were tested on; one of many tests, too."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnacli.words import fill_each, fill_template

RESAMPLES = 10_000
SURE = 0.05
"""A difference that chance alone gives less often than this is more than chance."""


class Difference(NamedTuple):
    """How ``other`` differs from ``one`` on the same rows.

    ``one_better`` and ``other_better`` are the numbers of rows that only one of them has right or, of values, nearer to
    the truth. ``p``: how often chance alone gives so large a difference; ``corrected``: the same for one of so many
    tests. ``low`` and ``high``: where the difference of the mean absolute errors, other less one, lies with 95 %
    confidence, of values.
    """

    one: str
    other: str
    column: str
    rows: int
    one_better: int
    other_better: int
    p: float
    corrected: float
    low: float | None = None
    high: float | None = None

    @property
    def is_chance(self) -> bool:
        """Whether chance alone may have made the difference."""
        return self.corrected >= SURE


def test_difference(
    one: str, other: str, column: str, pairs: Sequence[tuple[str, str, str]], are_classes: bool
) -> Difference:
    """Whether two runs differ by more than chance; ``pairs`` (rows,) of the truth and the two answers.

    Of classes by McNemar's exact test (Psychometrika 12, 1947): of the rows that one of the runs alone has right, each
    is as likely to be either's if they are alike. Of values by resampling the rows (Efron's bootstrap, 1979): the
    interval that holds the mean difference of the absolute errors in 95 of 100 samples, and twice the share of the
    samples in which the other run is the better one.
    """
    truth, first, second = (np.array(each) for each in zip(*pairs, strict=True))
    if not are_classes:
        numbers = [np.array(each, dtype=float) for each in (truth, first, second)]
        errors = np.abs(numbers[2] - numbers[0]) - np.abs(numbers[1] - numbers[0])
        alone = int((errors > 0).sum()), int((errors < 0).sum())
        p, low, high = bootstrap_mean(errors)
        return Difference(one, other, column, len(pairs), *alone, p, p, low, high)
    first_alone = int(((first == truth) & (second != truth)).sum())
    second_alone = int(((second == truth) & (first != truth)).sum())
    p = sign_test(first_alone, second_alone)
    return Difference(one, other, column, len(pairs), first_alone, second_alone, p, p)


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


def bootstrap_mean(values: np.ndarray) -> tuple[float, float, float]:
    """How often chance alone sets the mean of values (n,) so far from 0, and where it lies with 95 % confidence.

    The same values give the same answer.
    """
    generator = np.random.default_rng(0)
    at_once = max(1, 10_000_000 // len(values))
    means = np.concatenate([
        values[generator.integers(0, len(values), (min(at_once, RESAMPLES - start), len(values)))].mean(axis=1)
        for start in range(0, RESAMPLES, at_once)
    ])  # fmt: skip
    low, high = np.quantile(means, [0.025, 0.975])
    beyond = min(int((means <= 0).sum()), int((means >= 0).sum()))
    return min(1.0, 2 * (beyond + 1) / (RESAMPLES + 1)), float(low), float(high)


def correct_many(differences: Sequence[Difference]) -> list[Difference]:
    """The same with their p-values corrected for so many tests."""
    corrected = correct_holm([each.p for each in differences])
    return [each._replace(corrected=p) for each, p in zip(differences, corrected, strict=True)]


def correct_holm(values: Sequence[float]) -> list[float]:
    """P-values of many tests, corrected so that one false alarm among all of them is as rare as in a single test.

    Holm's method (Scandinavian Journal of Statistics 6, 1979): the smallest times the number of tests, the next one
    times one less, and none smaller than the one before it.
    """
    corrected = [0.0] * len(values)
    most = 0.0
    for rank, i in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        most = max(most, min(1.0, (len(values) - rank) * values[i]))
        corrected[i] = most
    return corrected


# A table


def tabulate_differences(
    differences: Sequence[Difference], runs: Sequence[str]
) -> tuple[str, list[str], list[list[str]], list[int]]:
    """What is said of a table of differences between the first of ``runs`` and the others; its columns, its rows, and
    which columns are of numbers.
    """
    names = fill_each(
        "against 1", "target", "same rows", "1 better", "other better", "error less that of 1: from", "to", "p",
        "the difference",
    )  # fmt: skip
    cells = [
        [str(runs.index(each.other) + 1) for each in differences],
        [each.column for each in differences],
        [f"{each.rows:,}" for each in differences],
        [f"{each.one_better:,}" for each in differences],
        [f"{each.other_better:,}" for each in differences],
        [show_bound(each.low) for each in differences],
        [show_bound(each.high) for each in differences],
        [f"{each.corrected:.2g}" for each in differences],
        [tell_chance(each) for each in differences],
    ]
    shown = [i for i, column in enumerate(cells) if any(column)]
    rows = [list(row) for row in zip(*(cells[i] for i in shown), strict=True)]
    texts = (0, 1, len(cells) - 1)
    return explain(differences), [names[i] for i in shown], rows, [k for k, i in enumerate(shown) if i not in texts]


def show_bound(value: float | None) -> str:
    return "" if value is None else f"{value:+.4g}"


def tell_chance(difference: Difference) -> str:
    return fill_template("may be chance" if difference.is_chance else "more than chance")


ONE = "Each run against the first, on the test rows that both have. p by {tests}."
MANY = (
    "Each run against the first, on the test rows that both have. p by {tests}, corrected for {count} tests by Holm's "
    "method."
)


def explain(differences: Sequence[Difference]) -> str:
    """By which tests the differences are judged, and for how many their p-values are corrected."""
    names = ["McNemar's test" if each.low is None else "bootstrap of the mean absolute error" for each in differences]
    tests = ", ".join(fill_each(*dict.fromkeys(names)))
    return fill_template(MANY if len(differences) > 1 else ONE, tests=tests, count=len(differences))
