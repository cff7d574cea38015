"""The pictures of a cross-validation: the curves of all folds, and what was said of rows that were in no training."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.errors import describe_failure
from rnacli.plots import confusion_matrix, learning_curve, truth_against_prediction
from rnacli.plots.learning_curve import bands_of, name_metric
from rnacli.plots.make_views import tell_network
from rnacli.plots.paint import SHOWN_TARGETS, begin_writing, name_pictures, require_form
from rnacli.plots.style import HUGE, MOST_POINTS
from rnacli.results.compare import Predictions, read_predictions
from rnacli.results.prediction_csv import name_column
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import TrainedRun, load_unfinished_run
from rnacli.tables.safe_cells import safe_cell
from rnacli.words import count_things, fill_template

Wanted = tuple[str, str, dict[str, Any]]
"""The stem of a file, the name of the module that draws it, and the arguments of its ``draw``."""


def draw_folds(folder: Path, runs: Sequence[Run], form: str = "png") -> Iterator[Path]:
    """Draw what the runs of all folds in a folder have come to: yields each picture when it is written.

    Those of a fold by itself are drawn when they are asked for. Raises ``RnaError``.
    """
    require_form(form)
    first = load_unfinished_run(runs[0])
    told = f"{first.config.name} {tell_network(first.config, first.preprocessing.shape)}"
    wanted: list[Wanted] = []
    failures: dict[str, str] = {}
    for stem, draw in (("loss", draw_curves), ("predictions", draw_answers)):
        try:
            wanted += draw(first, runs, told)
        except Exception as error:
            failures[stem] = describe_failure(error)
    write = begin_writing(name_pictures(wanted, form), [(plot, values) for _, plot, values in wanted], failures, form)
    for name in write(folder / "plots"):
        yield folder / "plots" / name


def draw_curves(first: TrainedRun, runs: Sequence[Run], told: str) -> Iterator[Wanted]:
    """The loss and each metric: the mean of the folds, and the band in which they are."""
    histories = [read_history(run, run.config()) for run in runs]
    longest = max(histories, key=lambda history: len(history["epoch"]))
    measured = [name for name in longest if name not in ("epoch", "phase", "seconds")]
    curves = {name: [history[name] for history in histories if name in history] for name in measured}
    shown = {name: values for name, values in longest.items() if name in ("epoch", "phase")}
    shown |= {name: mean_curve(each) for name, each in curves.items()}
    task, folds = next(iter(first.preprocessing.tasks.values())), count_things(len(runs), "fold")
    for metric in measured:
        if not metric.startswith("val_"):
            title = fill_template("{metric} after each epoch, mean of {folds}", metric=name_metric(metric), folds=folds)
            yield metric, learning_curve.__name__, {
                "history": shown,
                "metric": metric,
                "title": f"{title}\n{told}",
                "reference": first.run.record.get("validated_on") or "validation",
                "positive": task.positive,
                "are_values": bool(task.numbers),
                "bands": bands_of(metric, curves),
                "of": folds,
            }  # fmt: skip


def mean_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """The mean after each epoch, of the curves that come as far and are numbers there."""
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    columns = [column[np.abs(column) < HUGE] for column in table.T]
    return [float(column.mean()) if len(column) else float("nan") for column in columns]


def draw_answers(first: TrainedRun, runs: Sequence[Run], told: str) -> Iterator[Wanted]:
    """Of each output of classes or numbers, what is true of all rows, and what was said of them."""
    tasks, every = first.preprocessing.tasks, [read_predictions(run) for run in runs]
    for output, task in tasks.items():
        names = [name_column(name, output) if len(tasks) > 1 else name for name in task.compared_columns()]
        about, behind = (f"{told} {output}", f"_{output}") if len(tasks) > 1 else (told, "")
        if task.form.has_classes:
            truth, answers = (join_column(name, every) for name in names[:2])
            title = entitle("Confusion matrix", about, len(truth), runs)
            counts = count_pairs(truth, answers, task.classes)
            if 0 < len(counts) <= confusion_matrix.MOST_CLASSES:
                values: dict[str, Any] = {"counts": counts, "classes": task.classes, "title": title}
                yield f"confusion_matrix{behind}", confusion_matrix.__name__, values
        for i, target in enumerate(task.numbers[:SHOWN_TARGETS]):
            truth, answers = (join_column(name, every) for name in names[2 * i : 2 * i + 2])
            title = entitle("Truth and prediction", about, len(truth), runs)
            values = {"truth": as_numbers(truth), "prediction": as_numbers(answers), "target": target, "title": title}
            yield f"prediction{behind}{f'_{i + 1}' * (i > 0)}", truth_against_prediction.__name__, values


def entitle(what: str, told: str, rows: int, runs: Sequence[Run]) -> str:
    """A title in two lines: what is drawn, and of which network and rows."""
    about = fill_template("{rows:,} test rows of {folds}", rows=rows, folds=count_things(len(runs), "fold"))
    return f"{fill_template(what)}\n{told}, {about}"


def join_column(name: str, every: Sequence[Predictions]) -> list[str]:
    """A column of the predictions of all folds."""
    return [cell for predictions in every for cell in predictions.get(name, ())]


def as_numbers(cells: Sequence[str]) -> np.ndarray:
    """Cells as numbers (n,); of very many, as many as a picture shows, from all folds."""
    some = np.linspace(0, len(cells) - 1, min(len(cells), MOST_POINTS)).astype(int)
    return np.array([float(cells[i] or "nan") for i in some])


def count_pairs(truth: Sequence[str], answers: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """How many rows of each class (k, k) are taken for which, from cells of a table."""
    places = {next(csv.reader(io.StringIO(safe_cell(name))))[0]: i for i, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), int)
    for (true, answer), count in Counter(zip(truth, answers, strict=True)).items():
        if true in places and answer in places:
            counts[places[true], places[answer]] = count
    return counts
