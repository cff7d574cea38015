"""What scikit-learn divides: functions for the second process, which needs nothing else of this folder."""

import warnings

import numpy as np


def divide_rows(pool: np.ndarray, size: int, seed: int, stratify: np.ndarray | None) -> list[np.ndarray]:
    """All rows but ``size`` of ``pool``, and those."""
    from sklearn.model_selection import train_test_split

    return train_test_split(pool, test_size=size, random_state=seed, stratify=stratify)  # type: ignore[no-any-return]


def divide_folds(
    rows: int, folds: int, fold: int, seed: int, classes: np.ndarray | None, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that a fold, counted from 1, trains on and tests; ``classes`` (n,) and ``groups`` (n,) are numbers."""
    from sklearn import model_selection

    name = {
        (False, False): "KFold",
        (True, False): "StratifiedKFold",
        (False, True): "GroupKFold",
        (True, True): "StratifiedGroupKFold",
    }[classes is not None, groups is not None]
    splitter = getattr(model_selection, name)(n_splits=folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes: said by ``check_classes``
        pairs = list(splitter.split(np.zeros(rows), classes, groups))
    others, chosen = pairs[fold - 1]
    return others, chosen


def divide_by_time(units: np.ndarray, folds: int, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows that a fold, counted from 1, trains on and tests, by the numbers (n,) of their times."""
    from sklearn.model_selection import TimeSeriesSplit

    before, chosen = list(TimeSeriesSplit(folds).split(np.arange(int(units.max()) + 1)))[fold - 1]
    return np.flatnonzero(np.isin(units, before)), np.flatnonzero(np.isin(units, chosen))
