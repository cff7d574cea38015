"""The pictures that there are, in the order in which they are drawn and written."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rnacli.errors import CONFIG, DATA, Problem, RnaError, describe_failure
from rnacli.files import path_inside, write_file
from rnacli.helper import begin_aside
from rnacli.plots import (
    augmented,
    boundary_film,
    calibration,
    confusion_matrix,
    contest,
    data,
    decision_boundary,
    error_distribution,
    explanation,
    filters,
    first_weights,
    generated,
    image_grid,
    importance,
    label_scores,
    learning_curve,
    network,
    precision_recall,
    reconstructions,
    regression_line,
    residuals,
    roc_curve,
    series,
    threshold_curve,
    truth_against_prediction,
    worst_errors,
)
from rnacli.plots.style import FORMATS, save_figure
from rnacli.runs.folder import Run
from rnacli.words import name_files, quote_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rnacli.plots.view import Drawings, View

WHOLE = {plot.__name__ for plot in (learning_curve, network, filters, first_weights, augmented)}
"""The pictures of a network as a whole, where there are several outputs."""
SHOWN_TARGETS = 5
"""Targets that have pictures of their own."""


class Picture(Protocol):
    """A module of this folder. ``values``: what is drawn of a run, if it says anything; ``draw`` takes it by name.

    One that has an ``ENDING`` draws no figure, but the bytes of such a file.
    """

    __name__: str

    def values(self, view: "View") -> "Drawings": ...
    @property
    def draw(self) -> "Callable[..., Figure | bytes]": ...


PLOTS: tuple[Picture, ...] = (
    data,
    learning_curve,
    contest,
    confusion_matrix,
    roc_curve,
    precision_recall,
    calibration,
    label_scores,
    threshold_curve,
    decision_boundary,
    boundary_film,
    image_grid,
    reconstructions,
    error_distribution,
    generated,
    augmented,
    filters,
    first_weights,
    importance,
    explanation,
    series,
    worst_errors,
    truth_against_prediction,
    residuals,
    regression_line,
    network,
)


def begin_pictures(
    views: "Sequence[View]", form: str = "png", drawn: Collection[str] = ()
) -> Callable[[Path], Iterator[str]]:
    """Begin to draw what suits a run; gives a function that writes it into a folder, and yields each file's name.

    ``form``: of the files, one of ``FORMATS``. ``drawn``: names of files that are there already, which
    are not computed again.

    One that fails does not keep the others: at the end the function raises ``RnaError``, a problem for each of them.
    """
    wanted: list[tuple[str, str, dict[str, Any]]] = []
    names: list[str] = []
    failures: dict[str, str] = {}
    for view in views:
        missing = [plot for plot in PLOTS if picture_path(view, plot.__name__, f"{stem_of(plot)}.{form}") not in drawn]
        of_view = choose_pictures(view, missing, failures)
        of_names = zip(of_view, name_pictures(of_view, form), strict=True)
        names += [picture_path(view, plot, name) for (_, plot, _), name in of_names]
        wanted += of_view
    return begin_writing(names, [(plot, values) for _, plot, values in wanted], failures, form)


def begin_writing(
    names: Sequence[str], wanted: Sequence[tuple[str, dict[str, Any]]], failures: dict[str, str], form: str = "png"
) -> Callable[[Path], Iterator[str]]:
    """As ``begin_pictures``, of files by their ``names``; ``failures``: why others cannot be drawn."""
    painted = begin_aside(paint_pictures, wanted, form)

    def write(folder: Path) -> Iterator[str]:
        for name, content in zip(names, painted(), strict=True):
            if isinstance(content, bytes):
                path = path_inside(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, content)
                yield name
            else:
                failures[name.rpartition(".")[0]] = content
        if failures:
            message, hint = "this picture cannot be drawn: {why:.200}", "rna plot {run:.300} draws them again"
            raise RnaError.of(
                [
                    Problem(message, str(folder / f"{stem}.png"), hint, why=why, run=quote_path(folder.parent))
                    for stem, why in failures.items()
                ],
                DATA,
            )

    return write


def picture_path(view: "View", plot: str, name: str) -> str:
    """Where a file of a module lies among the pictures: in the folder of its output, if there are several."""
    return f"{view.folder}/{name}" if view.folder and plot not in WHOLE else name


def stem_of(plot: Picture) -> str:
    return plot.__name__.rpartition(".")[2]


def name_pictures(drawn: Sequence[tuple[str, str, Any]], form: str) -> list[str]:
    """What the files of pictures (stem, module, values) are called, those of each ending by themselves."""
    endings = [ending_of(plot) or form for _, plot, _ in drawn]
    names = [""] * len(drawn)
    for ending in dict.fromkeys(endings):
        places = [i for i, each in enumerate(endings) if each == ending]
        for i, stem in zip(places, name_files([drawn[i][0] for i in places]), strict=True):
            names[i] = f"{stem}.{ending}"
    return names


def ending_of(name: str) -> str:
    """The ending of what a module draws, where it has one of its own."""
    return next((getattr(plot, "ENDING", "") for plot in PLOTS if plot.__name__ == name), "")


def choose_pictures(
    view: "View", plots: Iterable[Picture], failures: dict[str, str]
) -> list[tuple[str, str, dict[str, Any]]]:
    """The stem, the module and the values of each picture of a view; those that fail go to ``failures``."""
    every: list[tuple[str, str, list[dict[str, Any]]]] = []
    of_all = dataclasses.replace(view, is_whole=True)
    for plot in plots:
        try:
            values = plot.values(of_all if plot.__name__ in WHOLE else view)
            every += [(stem, plot.__name__, of_targets) for stem, of_targets in values.items()]
        except Exception as error:
            failures[stem_of(plot)] = describe_failure(error)
    # All of the first target, then all of the second.
    return [
        (f"{stem}_{i + 1}" if i else stem, plot, of_targets[i])
        for i in range(SHOWN_TARGETS)
        for stem, plot, of_targets in every
        if i < len(of_targets)
    ]


def paint_pictures(wanted: Sequence[tuple[str, Mapping[str, Any]]], form: str = "png") -> list[bytes | str]:
    """The file of each wanted picture (the name of its module, and the arguments of its ``draw``), or why it failed."""
    plots = {plot.__name__: plot for plot in PLOTS}
    painted: list[bytes | str] = []
    for name, values in wanted:
        try:
            drawn = plots[name].draw(**values)
            painted.append(drawn if isinstance(drawn, bytes) else save_figure(drawn, form))
        except Exception as error:
            painted.append(describe_failure(error))
    return painted


def write_data_pictures(folder: str, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Draw the data: pictures (name, arguments of ``draw``) into a folder; none of them counts if one fails."""
    try:
        for name, values in wanted:
            path = path_inside(Path(folder), name)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, save_figure(data.draw(**values), "png"))
    except Exception:
        return []
    return [name for name, _ in wanted]


def redraw_pictures(run: Run, cache: Path, explain: bool = False, form: str = "png") -> Iterator[Path]:
    """Draw a run's pictures again, all there are, from its folder and its data: yields each one when it is written.

    ``explain``: also which pixels decisions rest on. ``form``: of the files. Raises ``RnaError``, at once or for
    pictures at the end.
    """
    require_form(form)
    from rnacli.plots.make_views import load_views  # with TensorFlow, which the second process has no use for

    return write_pictures(run, begin_pictures(load_views(run, cache, explain), form))


def require_form(form: str) -> None:
    """Refuse files that no picture is written as. Raises ``RnaError``."""
    if form not in FORMATS:
        message = "expected {forms:or}, got '{form}'"
        raise RnaError(message, place="--format", exit_code=CONFIG, forms=list(FORMATS), form=form)


def write_pictures(run: Run, write: Callable[[Path], Iterator[str]]) -> Iterator[Path]:
    """Write pictures that were begun, and let the run know those that pages show."""
    folder = run.path / "plots"
    try:
        for name in write(folder):
            if run.record.get("status") == "finished":
                run.note(f"plots/{name}")
            yield folder / name
    finally:
        if run.record.get("status") == "finished":
            run.save()
