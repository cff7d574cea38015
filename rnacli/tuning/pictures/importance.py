"""How much each key decides: by a forest that foretells the goal, each key's values shuffled in turn."""

from typing import TYPE_CHECKING

import numpy as np

from rnacli.helper import run_aside
from rnacli.plots.style import BLUE, axes_figure, finish
from rnacli.tuning.pictures.view import TrialsView
from rnacli.words import clean, fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 10
"""Trials from which on something can be said."""
TREES, REPEATS = 100, 10


def values(view: TrialsView) -> "dict[str, float] | None":
    """The share of each key, together 1; ``None`` where there are too few trials, or nothing is decided by any."""
    chosen = view.whole
    if chosen.sum() < FEWEST or len(view.axes) < 2:
        return None
    inputs = np.stack([columns(axis.scaled[chosen]) for axis in view.axes], axis=1)
    costs = view.cost[chosen].argsort().argsort().astype(float)  # ranks: one bad trial is not the whole story
    found = run_aside(shuffled_losses, inputs, costs)
    total = found.sum()
    return {axis.name: float(f / total) for axis, f in zip(view.axes, found, strict=True)} if total > 0 else None


def columns(numbers: np.ndarray) -> np.ndarray:
    """A key's values, with one of its own for the trials that do not have it."""
    low = np.nanmin(numbers) if np.isfinite(numbers).any() else 0.0
    return np.where(np.isfinite(numbers), numbers, low - 1.0)


def shuffled_losses(inputs: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """How much worse a forest's fit is without each column (k,): L. Breiman, "Random forests" (2001)."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    forest = RandomForestRegressor(TREES, random_state=0, min_samples_leaf=2).fit(inputs, costs)
    losses = permutation_importance(forest, inputs, costs, n_repeats=REPEATS, random_state=0).importances_mean
    return np.asarray(np.maximum(losses, 0.0))


def draw(view: TrialsView) -> "Figure | None":
    """A bar a key, the one that decides most above; ``None`` where nothing can be said."""
    shares = values(view)
    if shares is None:
        return None
    ordered = sorted(shares.items(), key=lambda item: item[1])
    title = fill_template("{name:.200}: what decides {goal}", name=view.title, goal=view.goal_name)
    figure, axes = axes_figure(title, fill_template("Share"), "")
    axes.barh([clean(name, 40) for name, _ in ordered], [share for _, share in ordered], color=BLUE, height=0.6)
    axes.set_xlim(0, 1)
    axes.grid(False, axis="y")
    said = "Of {count} trials: how much worse a random forest foretells their order"
    notes = [fill_template(said, count=int(view.whole.sum())), fill_template("with the values of a key shuffled.")]
    return finish(figure, notes)
