"""The threshold that is best by a score: against scikit-learn at every threshold there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from rnacli.tasks.threshold import THRESHOLDS, sweep_thresholds

SCIKIT = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1": lambda truth, guess: metrics.f1_score(truth, guess, zero_division=0),
    "matthews_corrcoef": metrics.matthews_corrcoef,
}
ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12).map(lambda n: n / 12)), min_size=2, max_size=40)


def test_every_score_of_the_language_is_there() -> None:
    assert set(SCIKIT) == set(THRESHOLDS)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.sampled_from(THRESHOLDS))
def test_the_scores_are_those_of_scikit_learn_and_none_is_better(rows: list[tuple[int, float]], score: str) -> None:
    truth, chances = np.array([y for y, _ in rows]), np.array([p for _, p in rows])
    sweep = sweep_thresholds(truth, chances)
    if len(set(truth.tolist())) < 2:
        assert not len(sweep.thresholds)
        assert sweep.best(score) == 0.5
        return
    for threshold, value in zip(sweep.thresholds, sweep.scores[score], strict=True):
        assert value == pytest.approx(SCIKIT[score](truth, (chances > threshold).astype(int)))
    best = sweep.best(score)
    assert 0 < best < 1
    reached = SCIKIT[score](truth, (chances > best).astype(int))
    others = [SCIKIT[score](truth, (chances > other).astype(int)) for other in np.arange(0.5, 12) / 12]
    assert reached >= max(others) - 1e-9


def test_thresholds_lie_between_neighbours_and_beyond_the_ends() -> None:
    sweep = sweep_thresholds(np.array([0, 1, 1, 0]), np.array([0.2, 0.4, 0.4, 0.8]))
    np.testing.assert_allclose(sweep.thresholds, [0.1, 0.3, 0.6, 0.9])
    np.testing.assert_allclose(sweep.scores["accuracy"], [0.5, 0.75, 0.25, 0.5])
    assert sweep.best("accuracy") == pytest.approx(0.3)


def test_of_thresholds_that_are_as_good_the_nearest_to_the_middle_is_taken() -> None:
    truth, chances = np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.7, 0.9])
    sweep = sweep_thresholds(truth, chances)
    np.testing.assert_allclose(sweep.thresholds, [0.05, 0.2, 0.5, 0.8, 0.95])
    np.testing.assert_allclose(sweep.scores["accuracy"], [0.5, 0.75, 0.5, 0.75, 0.5])
    assert sweep.best("accuracy") == pytest.approx(0.2)
    assert sweep_thresholds(truth, chances - 0.05).best("accuracy") == pytest.approx(0.75)


def test_probabilities_with_no_number_between_them_are_still_told_apart() -> None:
    for low in (0.7, np.nextafter(0.7, 1)):  # halfway is rounded down for one of them, and up for the other
        chances = np.array([low, np.nextafter(low, 1)])
        best = sweep_thresholds(np.array([0, 1]), chances).best("f1")
        assert (chances > best).tolist() == [False, True]


@pytest.mark.parametrize("chances", [[0.0, 1.0], [0.0, 0.0, 1.0, 1.0], [5e-324, 1.0]])
def test_a_threshold_is_never_0_or_1(chances: list[float]) -> None:
    truth = np.array(chances) > 0.5
    sweep = sweep_thresholds(truth, np.array(chances))
    assert ((sweep.thresholds > 0) & (sweep.thresholds < 1)).all()
    assert ((np.array(chances) > sweep.best("accuracy")) == truth).all()


@pytest.mark.parametrize("chances", [[0.2, np.nan], [np.inf, 0.1]])
def test_what_is_not_finite_chooses_nothing(chances: list[float]) -> None:
    sweep = sweep_thresholds(np.array([0, 1]), np.array(chances))
    assert not len(sweep.thresholds)
    assert sweep.best("f1") == 0.5
    assert set(sweep.scores) == set(THRESHOLDS)
