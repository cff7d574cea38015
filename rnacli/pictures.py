"""Which pictures suit a run, drawn from its history, its data and its network."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import evaluation, plots, trained
from rnacli.dataset import Data
from rnacli.errors import RnaError
from rnacli.evaluation import Evaluation
from rnacli.model import restore
from rnacli.runs import Run

SHOWN_IMAGES = 25
SHOWN_POINTS = 2000
"""Points in a scatter: more would hide one another."""


def draw(
    folder: Path,
    name: str,
    data: Data,
    network: Any,
    history: Mapping[str, Sequence[float]],
    validated: str | None,
    final: Evaluation,
) -> list[str]:
    """Draw what suits the task into ``folder``; returns the files' names."""
    folder.mkdir(exist_ok=True)
    figures: dict[str, Any] = {}
    for metric in measured(history):
        figures[metric] = plots.learning_curve(history, metric, name, validated or "validation")
    if final.confusion is not None:
        figures["confusion_matrix"] = plots.confusion_matrix(final.confusion, final.classes, heading(name, final))
    shape = data.preprocessing.shape
    if shape == (2,) and final.probabilities is not None:
        figures["decision_boundary"] = boundary(name, data, network)
    if is_image(shape) and final.probabilities is not None:
        figures["images"] = images(name, data, final)
    if data.task.kind == "regression":
        for i, target in enumerate(data.preprocessing.targets):
            picture = "prediction" if i == 0 else f"prediction_{i + 1}"
            figures[picture] = plots.truth_against_prediction(
                final.truth[:SHOWN_POINTS, i], final.predicted[:SHOWN_POINTS, i], target, heading(name, final)
            )
        if shape == (1,) and len(data.preprocessing.targets) == 1:
            figures["curve"] = curve(name, data, network)
    for picture, figure in figures.items():
        plots.save(figure, folder / f"{picture}.png")
    return [f"{picture}.png" for picture in figures]


def redraw(run: Run, cache: Path) -> list[Path]:
    """Draw a run's pictures again, from its folder and its data. Raises ``RnaError``."""
    opened = trained.load(run)
    data, network = evaluation.training_data(run, opened, cache), restore(opened)
    final = evaluation.evaluate_network(network, data, run.record.get("held_out", data.held_out))
    folder, history = run.path / "plots", read_history(run)
    names = draw(folder, opened.config.name, data, network, history, run.record.get("validated_on"), final)
    return [folder / name for name in names]


def read_history(run: Run) -> dict[str, list[float]]:
    """``history.csv`` as columns."""
    lines = list(csv.reader(io.StringIO(run.read("history.csv").decode())))
    try:
        return {name: [float(row[i] or "nan") for row in lines[1:]] for i, name in enumerate(lines[0])}
    except (ValueError, IndexError):
        raise RnaError("the history is damaged", place=str(run.path / "history.csv")) from None


def measured(history: Mapping[str, Sequence[float]]) -> list[str]:
    """The loss and the metrics in a history: what has a curve."""
    return [name for name in history if not name.startswith("val_") and name not in ("epoch", "seconds")]


def heading(name: str, final: Evaluation) -> str:
    return f"{name}: {final.rows:,} {final.part} rows"


def is_image(shape: tuple[int, ...]) -> bool:
    """Grey (height, width) or (height, width, 1), or colour (height, width, 3), and not a tiny table."""
    return (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))) and min(shape[:2]) >= 8


def boundary(name: str, data: Data, network: Any) -> Any:
    rows = np.concatenate([data.parts[part] for part in data.parts])
    held_out = np.isin(rows, data.parts[data.held_out]) if data.held_out != "train" else np.zeros(len(rows), bool)
    some = np.linspace(0, len(rows) - 1, min(len(rows), SHOWN_POINTS)).astype(int)
    rows, held_out = rows[some], held_out[some]
    predict = evaluation.predictor(network, data.preprocessing)
    known = data.preprocessing
    first, second = known.features or ("x1", "x2")
    return plots.decision_boundary(
        lambda x: known.task.probabilities(predict(x)),
        data.rows.x[rows],
        known.indices(data.rows.y[rows]),
        known.classes,
        (first, second),
        name,
        held_out,
    )


def curve(name: str, data: Data, network: Any) -> Any:
    rows = data.parts[data.held_out][:SHOWN_POINTS]
    known = data.preprocessing
    return plots.regression_line(
        evaluation.predictor(network, data.preprocessing),
        data.rows.x[rows],
        np.asarray(data.rows.y[rows], "float64").ravel(),
        (known.features or ("x1",))[0],
        known.targets[0],
        name,
    )


def images(name: str, data: Data, final: Evaluation) -> Any:
    """The first held-out images, as the tutorials show them."""
    rows = data.parts[final.part][:SHOWN_IMAGES]
    if final.probabilities is None:
        raise ValueError("images are drawn for classes")
    side = math.ceil(math.sqrt(len(rows)))
    return plots.image_grid(
        data.rows.x[rows],
        final.truth[: len(rows)].tolist(),
        final.probabilities[: len(rows)],
        final.classes,
        f"{name}: the first {len(rows)} of {final.rows:,} {final.part} images",
        min(5, side),
        min(5, side),
    )
