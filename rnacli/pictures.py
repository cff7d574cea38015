"""Which pictures suit a run, drawn from its history, its data and its network."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import evaluation, files, painting, plots, second_process, thresholds, trained
from rnacli.dataset import Data
from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.evaluation import Evaluation, Forward
from rnacli.language import Config
from rnacli.model import restore
from rnacli.runs import Run

Drawing = tuple[str, tuple[Any, ...]]
"""The name of a picture's function, and its arguments."""
SHOWN_IMAGES = 25
SHOWN_POINTS = 2000
"""Points in a scatter: more would hide one another."""
SHOWN_TARGETS = 5
"""Targets that have pictures of their own."""
READABLE_CLASSES = 20
"""Classes up to which a confusion matrix says how good each of them is."""
SMALL_PART = 500
"""Rows below which what is drawn of probabilities is mostly chance, and would take longer than many a training."""


def begin(
    config: Config,
    data: Data,
    forward: Forward,
    history: Mapping[str, Sequence[float]],
    validated: str | None,
    final: Evaluation,
    every: bool = False,
) -> Callable[[Path], list[str]]:
    """Begin to draw what suits the task; gives a function that writes it into a folder and returns the files' names.

    ``every``: also what says little about as few rows as these.
    """
    name, known = config.name, data.preprocessing
    wanted: dict[str, Drawing] = {}
    for metric in measured(history):
        wanted[metric] = "learning_curve", (history, metric, name, validated or "validation")
    if final.confusion is not None:
        wanted["confusion_matrix"] = "confusion_matrix", (final.confusion, final.classes, heading(name, final))
    if data.task.kind == "binary":
        wanted |= chances(name, final, every or final.rows >= SMALL_PART)
    if data.task.kind == "multilabel" or len(final.classes) > READABLE_CLASSES:
        wanted["labels"] = each_class(name, final)
    if isinstance(config.threshold, str) and "validation" in data.parts:
        wanted["threshold"] = swept(name, data, forward)
    if known.shape == (2,) and final.confusion is not None:
        wanted["decision_boundary"] = boundary(name, data, forward)
    if is_image(known.shape) and final.confusion is not None:
        wanted["images"] = images(name, data, final)
    if data.task.kind == "regression":
        for i in range(min(len(known.targets), SHOWN_TARGETS)):
            wanted |= values(name, known.targets[i], final, i)
        if known.shape == (1,) and len(known.targets) == 1:
            wanted["curve"] = curve(name, data, forward)
    painted = second_process.begin(painting.paint, list(wanted.values()))

    def write(folder: Path) -> list[str]:
        folder.mkdir(exist_ok=True)
        for picture, content in zip(wanted, painted.result(), strict=True):
            files.write(folder / f"{picture}.png", content)
        return [f"{picture}.png" for picture in wanted]

    return write


def redraw(run: Run, cache: Path) -> list[Path]:
    """Draw a run's pictures again, all there are, from its folder and its data. Raises ``RnaError``."""
    opened = trained.load(run)
    data, network = evaluation.training_data(run, opened, cache), restore(opened)
    forward = evaluation.answers(opened, network)
    final = evaluation.evaluate_network(network, data, run.record.get("held_out", data.held_out), forward)
    folder, history = run.path / "plots", read_history(run)
    drawn = begin(opened.config, data, forward, history, run.record.get("validated_on"), final, True)
    return [folder / name for name in drawn(folder)]


def read_history(run: Run) -> dict[str, list[float]]:
    """``history.csv`` as columns. Raises ``RnaError``."""
    lines = csv.reader(io.StringIO(run.read("history.csv").decode(errors="replace")), strict=True)
    try:
        columns: dict[str, list[float]] = {name: [] for name in next(lines)}
        for row in lines:
            for values, cell in zip(columns.values(), row, strict=True):
                values.append(float(cell or "nan"))
        if columns["epoch"] != list(range(1, len(columns["epoch"]) + 1)):
            raise ValueError("epochs are missing")
        return columns
    except (ValueError, KeyError, StopIteration, csv.Error):
        raise RnaError("the history is damaged", place=str(run.path / "history.csv"), hint=WHOLE_RUN) from None


def measured(history: Mapping[str, Sequence[float]]) -> list[str]:
    """The loss and the metrics in a history: what has a curve."""
    return [name for name in history if not name.startswith("val_") and name not in ("epoch", "seconds")]


def heading(name: str, final: Evaluation) -> str:
    return f"{name}: {final.rows:,} {final.part} rows"


def is_image(shape: tuple[int, ...]) -> bool:
    """Grey (height, width) or (height, width, 1), or colour (height, width, 3), and not a tiny table."""
    return (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))) and min(shape[:2]) >= 8


def chances(name: str, final: Evaluation, every: bool) -> "dict[str, Drawing]":
    """How good the probabilities of two classes are, where the part has rows of both; ``every``: not the ROC alone."""
    if final.probabilities is None or final.threshold is None or len(np.unique(final.truth)) < 2:
        return {}
    judged = final.truth, final.probabilities[:, 1], heading(name, final), final.classes[1]
    drawn: dict[str, Drawing] = {"roc": ("roc_curve", (*judged, final.threshold))}
    if every:
        drawn["precision_recall"] = "precision_recall", (*judged, final.threshold)
        drawn["calibration"] = "calibration", judged
    return drawn


def each_class(name: str, final: Evaluation) -> Drawing:
    precision, recall, f1, rows = (
        np.array([row[key] for row in final.per_class]) for key in ("precision", "recall", "f1", "rows")
    )
    return "label_scores", (final.classes, precision, recall, f1, rows, heading(name, final))


def swept(name: str, data: Data, forward: Forward) -> Drawing:
    """The scores at every threshold, on the rows that it was chosen by."""
    sweep = thresholds.sweep(*evaluation.decisions(forward, data, "validation"))
    rows, chosen = len(data.parts["validation"]), data.preprocessing.threshold
    return "threshold_curve", (sweep.thresholds, sweep.scores, chosen, f"{name}: {rows:,} validation rows")


def values(name: str, target: str, final: Evaluation, i: int) -> dict[str, Drawing]:
    """The target numbered ``i``: its predictions over the truth, and what they leave."""
    number = f"_{i + 1}" if i else ""
    truth, predicted, title = final.truth[:, i], final.predicted[:, i], heading(name, final)
    some = truth[:SHOWN_POINTS], predicted[:SHOWN_POINTS]
    return {
        f"prediction{number}": ("truth_against_prediction", (*some, target, title)),
        f"residuals{number}": ("residuals", (truth, predicted, target, title)),
    }


def boundary(name: str, data: Data, forward: Forward) -> Drawing:
    rows = np.concatenate([data.parts[part] for part in data.parts])
    held_out = np.isin(rows, data.parts[data.held_out]) if data.held_out != "train" else np.zeros(len(rows), bool)
    some = np.linspace(0, len(rows) - 1, min(len(rows), SHOWN_POINTS)).astype(int)
    rows, held_out = rows[some], held_out[some]
    known = data.preprocessing
    first, second = known.features or ("x1", "x2")
    x = data.rows.x[rows]
    answer = known.task.probabilities(forward(plots.plane(x)))
    labels = known.indices(data.rows.y[rows])
    return "decision_boundary", (answer, x, labels, known.classes, (first, second), name, held_out)


def curve(name: str, data: Data, forward: Forward) -> Drawing:
    rows = data.parts[data.held_out][:SHOWN_POINTS]
    known = data.preprocessing
    x, y = data.rows.x[rows], np.asarray(data.rows.y[rows], "float64").ravel()
    answer = known.values(forward(plots.line(x)))
    return "regression_line", (answer, x, y, (known.features or ("x1",))[0], known.targets[0], name)


def images(name: str, data: Data, final: Evaluation) -> Drawing:
    """The first held-out images, as the tutorials show them."""
    rows = data.parts[final.part][:SHOWN_IMAGES]
    if final.probabilities is None:
        raise ValueError("images are drawn for classes")
    side = math.ceil(math.sqrt(len(rows)))
    truth, chances = final.truth[: len(rows)].tolist(), final.probabilities[: len(rows)]
    title = f"{name}: the first {len(rows)} of {final.rows:,} {final.part} images"
    return "image_grid", (data.rows.x[rows], truth, chances, final.classes, title, min(5, side), min(5, side))
