"""How good a network is on rows it may not have seen: Keras' own measures, and scikit-learn's."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rnacli.errors import RnaError, describe_failure
from rnacli.examples.load import Data
from rnacli.helper import run_aside
from rnacli.networks.restore import restore_network
from rnacli.results.light import Forward
from rnacli.results.outputs import measure_part, part_outputs, run_answers
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run
from rnacli.runs.reload import reload_training_data
from rnacli.tasks.task import Scores

log = logging.getLogger("rnacli")
T = TypeVar("T")


@dataclass
class Evaluation:
    """``measures``: loss and metrics as Keras names them. ``scores``: scikit-learn's.

    ``truth`` (n,) class indices, (n, labels) of 0 and 1, or (n, targets) values; ``predicted`` likewise; ``outputs``
    (n, units) of the network; ``probabilities`` (n, classes) for classes and labels. ``per_class``: precision, recall,
    f1 and rows of each class or label. ``confusion``: rows are the true classes; labels have
    none, and very many classes an empty one.
    ``threshold``: the probability above which a row is of the second of two classes, or has a label. ``positive``: the
    second of two classes, which precision, recall, f1 and average precision are about.
    """

    part: str
    rows: int
    measures: dict[str, float]
    scores: dict[str, float]
    truth: np.ndarray
    predicted: np.ndarray
    outputs: np.ndarray
    probabilities: np.ndarray | None = None
    classes: Sequence[str] = ()
    per_class: list[dict[str, Any]] = field(default_factory=list)
    confusion: np.ndarray | None = None
    threshold: float | None = None
    positive: str | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        figures = {"measures": finite_figures(self.measures), "scores": finite_figures(self.scores)}
        plain: dict[str, Any] = {"part": self.part, "rows": self.rows, **figures}
        if self.threshold is not None:
            plain["threshold"] = self.threshold
        if self.positive is not None:
            plain["positive"] = self.positive
        if self.per_class:
            plain |= {"classes": list(self.classes), "per_class": self.per_class}
        if self.confusion is not None and len(self.confusion):
            plain["confusion_matrix"] = self.confusion.tolist()
        return plain


def evaluate_run(run: Run, cache: Path, part: str | None = None, file: Path | None = None) -> Evaluation:
    """Evaluate a run on one of its parts (default: the held-out one), or on a file with a target.

    The same figures as at the end of training. Raises ``RnaError``, also if the data have changed since.
    """
    opened = load_run(run)
    if file is not None:
        preprocessing, config = opened.preprocessing, opened.config
        rows = config.dataset.read_other(file, preprocessing.encoder, preprocessing.task, config.where(cache))
        opened.preprocessing.task.check(rows.y, str(file))
        if set(rows.files.values()) & set(run.record.get("data", {}).get("files", {}).values()):
            log.warning("%s is the file that the run was trained on: most of its rows are not new", file)
        used = np.arange(len(rows.y)) if rows.usable is None else np.flatnonzero(rows.usable)
        data = Data(rows, {"file": used}, opened.preprocessing)
        return evaluate_opened(opened, data, "file")
    data = reload_training_data(run, opened, cache)
    part = part or run.record.get("held_out") or data.held_out
    if part not in data.parts:
        raise RnaError(
            "the run has no {part} part",
            place=str(run.path),
            hint="it has {parts:or}",
            part=part,
            parts=list(data.parts),
        )
    return evaluate_opened(opened, data, part)


def evaluate_opened(opened: TrainedRun, data: Data, part: str) -> Evaluation:
    data.task.encode(data.targets(part))  # labels that no training row had are a mistake in the file
    network = restore_network(opened)
    return evaluate_network(network, data, part, run_answers(opened, network))


def evaluate_network(model: Any, data: Data, part: str, forward: Forward) -> Evaluation:
    """Everything there is to say of a compiled model on a part."""
    task = data.task
    outputs, measures = part_outputs(forward, data, part), try_to_measure(model, data, part)
    truth, answer = task.truth(data.targets(part)), task.read(outputs)
    scores = try_to_score("the scores", lambda: task.score(truth, answer, run_aside), Scores({}))
    return Evaluation(
        part,
        len(truth),
        measures,
        scores.overall,
        truth,
        answer.predicted,
        outputs,
        answer.probabilities,
        task.classes,
        scores.each,
        scores.confusion,
        task.threshold,
        task.positive,
    )


def try_to_measure(model: Any, data: Data, part: str) -> dict[str, float]:
    """Loss and metrics on a part; none where they cannot be had, which is said."""
    return try_to_score(f"loss and metrics of the {part} rows", lambda: measure_part(model, data, part), {})


def try_to_score(what: str, score: Callable[[], T], otherwise: T) -> T:
    """A score; where it fails that is said, and ``otherwise`` stands for it: no training is lost to a score."""
    try:
        return score()
    except Exception as error:
        log.warning("no figures for %s: %s; rna evaluate tries again", what, describe_failure(error))
        return otherwise


def finite_figures(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
