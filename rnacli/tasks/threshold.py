"""Which probability is enough: every threshold that decides differently, its scores, and the best by one of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


THRESHOLDS = ("accuracy", "balanced_accuracy", "f1", "matthews_corrcoef")


USUAL = 0.5
"""The threshold where no other is chosen."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """``thresholds`` (m,), ascending, and what each of ``THRESHOLDS`` is at them; none where nothing can be told."""

    thresholds: "np.ndarray"
    scores: dict[str, "np.ndarray"]

    def best(self, score: str) -> float:
        """The threshold with the highest ``score``; of those that are as good, the nearest to 0.5."""
        import numpy as np

        if not len(self.thresholds):
            return USUAL
        values = self.scores[score]
        good = self.thresholds[np.isclose(values, values.max(), rtol=0, atol=1e-12)]
        return float(good[np.abs(good - USUAL).argmin()])


def sweep_thresholds(truth: "np.ndarray", probabilities: "np.ndarray") -> Sweep:
    """Each split that ``probability > threshold`` can make of rows: ``truth`` (n,) of 0 and 1, ``probabilities`` (n,).

    The thresholds lie halfway between neighbouring probabilities, and below the lowest and above the highest. There
    are none where all the truth is 0, or 1, or a probability is not finite.
    """
    import numpy as np

    truth, probabilities = np.asarray(truth, bool), np.asarray(probabilities, "float64")
    if truth.all() or not truth.any() or not np.isfinite(probabilities).all():
        return Sweep(np.empty(0), {name: np.empty(0) for name in THRESHOLDS})
    ends, place, rows = np.unique(probabilities, return_inverse=True, return_counts=True)
    # Row i + 1 of ``below`` counts what is not above ``ends[i]``; nothing is below the lowest.
    positives = np.bincount(place, weights=truth)
    below = np.vstack([[0, 0], np.cumsum(np.stack([positives, rows - positives], axis=1), axis=0)])
    low, high = np.append(0.0, ends), np.append(ends, 1.0)
    middle = (low + high) / 2
    # Halfway between two numbers with none between is one of the two, and ``>`` needs the lower.
    middle = np.where(middle < high, middle, low)
    possible = (middle > 0) & (middle < 1)
    missed, spared = below[possible].T
    return Sweep(
        middle[possible], score_counts(truth.sum() - missed, len(truth) - truth.sum() - spared, missed, spared)
    )


def score_counts(
    hits: "np.ndarray", alarms: "np.ndarray", missed: "np.ndarray", spared: "np.ndarray"
) -> dict[str, "np.ndarray"]:
    """The scores of ``THRESHOLDS`` from true and false positives, false and true negatives, (m,) each.

    The correlation is 0 where all rows are decided alike. Matthews (1975), "Comparison of the Predicted and Observed
    Secondary Structure of T4 Phage Lysozyme".
    """
    import numpy as np

    positives, negatives, taken, left = hits + missed, alarms + spared, hits + alarms, missed + spared
    product = np.sqrt(positives) * np.sqrt(negatives) * np.sqrt(taken) * np.sqrt(left)
    scores = (
        (hits + spared) / (positives + negatives),
        (hits / positives + spared / negatives) / 2,
        2 * hits / (positives + taken),
        (hits * spared - alarms * missed) / np.where(product > 0, product, 1),
    )
    return dict(zip(THRESHOLDS, scores, strict=True))
