"""Classes in several columns: each row has one 1, in the column of its class, and else 0."""

from collections.abc import Callable, Sequence

import numpy as np

from rnacli.errors import RnaError
from rnacli.words import fill_template


def find_columns(y: np.ndarray) -> np.ndarray:
    """The column (n,) that has the 1 of each row of ``y`` (n, classes), -1 where a row has not one 1 and else 0."""
    is_one = ((y == 1).sum(axis=1) == 1) & ((y == 0).sum(axis=1) == y.shape[1] - 1)
    return np.where(is_one, (y == 1).argmax(axis=1), -1)


def require_one_hot(y: np.ndarray, names: Sequence[str], place_of: Callable[[int], str]) -> None:
    """Refuse targets (n, classes) of which a row has no 1 or two; ``place_of`` gives the place of a row."""
    wrong = find_columns(y) < 0
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    ones = int((y[row] == 1).sum())
    odd = [value for value in y[row].tolist() if value not in (0, 1)]
    raise RnaError(
        "expected one 1 among {names:and}, and else 0, got {odd:g}" if odd
        else "expected one 1 among {names:and}, got {ones}",
        place=place_of(row),
        hint="each row is of one class; for several labels a row: loss: binary_crossentropy and a sigmoid layer; for "
        "numbers: loss: mean_squared_error",
        names=list(names) if len(names) <= 5 else [*names[:4], fill_template("{count} more", count=len(names) - 4)],
        odd=odd[0] if odd else 0,
        ones=ones,
    )  # fmt: skip
