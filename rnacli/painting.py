"""Pictures by name: what is drawn of arrays and plain values, as the bytes of PNG files."""

from collections.abc import Callable, Sequence
from typing import Any

from rnacli import plots, score_plots

PICTURES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        plots.learning_curve,
        plots.confusion_matrix,
        plots.decision_boundary,
        plots.truth_against_prediction,
        plots.regression_line,
        plots.image_grid,
        score_plots.roc_curve,
        score_plots.precision_recall,
        score_plots.calibration,
        score_plots.label_scores,
        score_plots.residuals,
        score_plots.threshold_curve,
    )
}


def paint(wanted: Sequence[tuple[str, Sequence[Any]]]) -> list[bytes]:
    """The PNG of each wanted picture: the name of its function, and the arguments."""
    return [plots.png(PICTURES[name](*arguments)) for name, arguments in wanted]
