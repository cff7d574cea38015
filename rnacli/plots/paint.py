"""The pictures that there are, in the order in which they are drawn and written."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rnacli.files import write_file
from rnacli.helper import begin_aside
from rnacli.plots import (
    calibration,
    confusion_matrix,
    decision_boundary,
    image_grid,
    label_scores,
    learning_curve,
    precision_recall,
    regression_line,
    residuals,
    roc_curve,
    threshold_curve,
    truth_against_prediction,
)
from rnacli.plots.style import png
from rnacli.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

SHOWN_TARGETS = 5
"""Targets that have pictures of their own."""


class Picture(Protocol):
    """A module of this folder. ``values``: what is drawn of a run, if it says anything; ``draw`` takes it by name."""

    __name__: str

    def values(self, view: "View") -> "Drawings": ...
    @property
    def draw(self) -> "Callable[..., Figure]": ...


PLOTS: tuple[Picture, ...] = (
    learning_curve,
    confusion_matrix,
    roc_curve,
    precision_recall,
    calibration,
    label_scores,
    threshold_curve,
    decision_boundary,
    image_grid,
    truth_against_prediction,
    residuals,
    regression_line,
)


def begin_pictures(view: "View") -> Callable[[Path], list[str]]:
    """Begin to draw what suits a run; gives a function that writes it into a folder and returns the files' names."""
    every = [(stem, plot.__name__, of_targets) for plot in PLOTS for stem, of_targets in plot.values(view).items()]
    # All of the first target, then all of the second.
    wanted = {
        f"{stem}_{i + 1}.png" if i else f"{stem}.png": (plot, of_targets[i])
        for i in range(SHOWN_TARGETS)
        for stem, plot, of_targets in every
        if i < len(of_targets)
    }
    painted = begin_aside(paint_pictures, list(wanted.values()))

    def write(folder: Path) -> list[str]:
        folder.mkdir(exist_ok=True)
        for name, content in zip(wanted, painted(), strict=True):
            write_file(folder / name, content)
        return list(wanted)

    return write


def paint_pictures(wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[bytes]:
    """The PNG of each wanted picture: the name of its module, and the arguments of its ``draw``."""
    plots = {plot.__name__: plot for plot in PLOTS}
    return [png(plots[name].draw(**values)) for name, values in wanted]


def redraw_pictures(run: Run, cache: Path) -> list[Path]:
    """Draw a run's pictures again, all there are, from its folder and its data. Raises ``RnaError``."""
    from rnacli.plots.view import load_view  # with TensorFlow, which the second process has no use for

    folder = run.path / "plots"
    return [folder / name for name in begin_pictures(load_view(run, cache))(folder)]
