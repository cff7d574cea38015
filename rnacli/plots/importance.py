"""How much worse the answers get where a column says nothing more: its values dealt anew to the held-out rows.

Permutation importance: Breiman, "Random forests", Machine Learning 45 (2001), section 10.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnacli.plots.style import BLUE, INK, NOTE, RED, axes_figure, finish, fit_text
from rnacli.words import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

REPEATS = 3
MOST_ANSWERS = 30_000
"""Rows that go through the network for the picture."""
MOST_COLUMNS = 40
FEWEST_ROWS = 20


def values(view: "View") -> "Drawings":
    """Each column of a table, where answers are classes or numbers."""
    final, names = view.final, view.features
    rows = view.parts.get(final.part, np.empty(0, int))
    if view.series is not None or view.inputs.dtype.names or view.inputs.shape != (len(names),):
        return {}
    if (
        not 3 <= len(names) <= MOST_COLUMNS
        or len(rows) < FEWEST_ROWS
        or not (view.targets or final.confusion is not None)
    ):
        return {}
    most = max(FEWEST_ROWS, MOST_ANSWERS // (REPEATS * len(names) + 1))
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
    truth = view.class_indices(rows)
    losses = permute_columns(view.inputs.take(rows), view.answer, lambda answer: mean_error(answer, truth))
    if losses is None:
        return {}
    measure = "mean absolute error" if view.targets else "share of wrong answers"
    title = view.entitle("What each column is worth", True)
    return {"importance": [{"losses": losses, "names": names, "measure": measure, "rows": len(rows), "title": title}]}


def mean_error(answers: np.ndarray, truth: np.ndarray) -> float:
    """The share of wrong classes of probabilities (n, k), or the mean absolute error of values (n, targets)."""
    if truth.ndim == 1 and answers.ndim == 2 and truth.dtype.kind in "iu":
        chosen = answers.argmax(axis=1) if answers.shape[1] > 1 else (answers[:, 0] > 0.5).astype(int)
        return float((chosen != truth).mean())
    if truth.dtype.kind in "iu" and answers.ndim == 1:  # labels, where there are no probabilities
        return float((answers != truth).mean())
    return float(np.abs(answers.reshape(len(answers), -1) - truth.reshape(len(truth), -1)).mean())


def permute_columns(
    x: np.ndarray, answer: Callable[[np.ndarray], np.ndarray], error: Callable[[np.ndarray], float]
) -> np.ndarray | None:
    """How much the error grows (columns, repeats) as each column of ``x`` (n, columns) is permuted."""
    n, columns = x.shape
    dealt = np.random.default_rng(0)
    blocks = [x]
    for j in range(columns):
        for _ in range(REPEATS):
            block = x.copy()
            block[:, j] = block[dealt.permutation(n), j]
            blocks.append(block)
    answers = answer(np.concatenate(blocks))
    if not np.isfinite(answers).all():
        return None
    errors = [error(answers[i * n : (i + 1) * n]) for i in range(len(blocks))]
    return np.array(errors[1:]).reshape(columns, REPEATS) - errors[0]


def draw(losses: np.ndarray, names: Sequence[str], measure: str, rows: int, title: str) -> "Figure":
    """Bars of the mean growth of the error for each column, the largest above, and each repeat as a point."""
    order = np.argsort(losses.mean(axis=1))
    height = min(max(0.3 * len(names) + 1.9, 3.2), 12)
    grows = fill_template("Growth of the {measure}", measure=fill_template(measure))
    figure, axes = axes_figure(title, grows, "", (7.2, height))
    places, means = np.arange(len(order)), losses.mean(axis=1)[order]
    axes.barh(places, means, color=BLUE, height=0.65)
    for repeat in losses.T:
        axes.plot(repeat[order], places, linestyle="", marker="|", markersize=7, color=INK)
    axes.axvline(0, color=RED, linewidth=1)
    axes.set_yticks(places, [fit_text(names[i], 1.7, NOTE) for i in order], fontsize=NOTE)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.grid(False, axis="y")
    note = "Each column's values dealt anew, {times} times (marks), to {rows:,} held-out rows"
    note = fill_template(note, times=losses.shape[1], rows=rows)
    return finish(figure, [note, fill_template("Columns that say the same hide one another")])
