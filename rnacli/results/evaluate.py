"""How good a network is on rows it may not have seen: Keras' own measures, and scikit-learn's."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rnacli.errors import CONFIG, RnaError, describe_failure
from rnacli.examples.load import Data, divide_targets
from rnacli.helper import run_aside
from rnacli.networks.restore import restore_network
from rnacli.results.numpy_answers import Forward
from rnacli.results.outputs import measure_part, part_outputs, run_answers
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run
from rnacli.runs.reload import reload_training_data
from rnacli.tasks.form import Answer, Scores
from rnacli.words import fill_template

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
    second of two classes, which precision, recall, f1 and average precision are about. ``output``: the name of the
    output, where there are several, and ``others`` the evaluations of these; ``measures`` are of all.
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
    output: str = ""
    others: Sequence["Evaluation"] = ()
    naive: dict[str, float] = field(default_factory=dict)
    """The scores of who says that each row of a series is as the last one that is known."""

    @property
    def every(self) -> list["Evaluation"]:
        """The evaluation of each output."""
        return [self, *self.others]

    @property
    def all_scores(self) -> dict[str, float]:
        """The scores of all outputs; of several, each with its output's name before it."""
        return self.join_outputs([each.scores for each in self.every])

    @property
    def all_naive(self) -> dict[str, float]:
        """As ``all_scores``, of who says that each row is as the last one that is known."""
        return self.join_outputs([each.naive for each in self.every])

    def join_outputs(self, each: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """Scores of each output, of several with its name before them."""
        prefixes = [f"{one.output}_" if one.output else "" for one in self.every]
        named = zip(prefixes, each, strict=True)
        return {f"{prefix}{name}": value for prefix, scores in named for name, value in scores.items()}

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        whole = {"part": self.part, "rows": self.rows, "measures": finite_figures(self.measures)}
        if self.output:
            return whole | {"outputs": {each.output: each.plain_scores() for each in self.every}}
        return whole | self.plain_scores()

    def plain_scores(self) -> dict[str, Any]:
        """What is known of this output, as JSON data."""
        plain: dict[str, Any] = {"scores": finite_figures(self.scores)}
        if self.naive:
            plain["as_the_row_before"] = finite_figures(self.naive)
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
        if config.sides and config.dataset.FOLDERS:
            message, hint = "a generator of pictures in folders is measured on its own parts", "--part train"
            raise RnaError(message, place="--data", hint=hint, exit_code=CONFIG)
        rows = config.dataset.read_other(file, preprocessing.encoder, preprocessing.read_for, config.where(cache))
        rows = divide_targets(rows, config)
        for output, task in preprocessing.tasks.items():
            task.check(rows.targets_of(output), str(file))
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
    data.encoded_targets(part)  # labels that no training row had are a mistake in the file
    network = restore_network(opened)
    return evaluate_network(network, data, part, run_answers(opened, network))


def evaluate_network(model: Any, data: Data, part: str, forward: Forward) -> Evaluation:
    """Everything there is to say of a compiled model on a part."""
    if not any(task.answers for task in data.tasks.values()):
        none = np.empty(0)
        return Evaluation(part, len(data.parts[part]), try_to_measure(model, data, part), {}, none, none, none)
    outputs, measures = part_outputs(forward, data, part), try_to_measure(model, data, part)
    first, *others = (evaluate_output(data, part, name, outputs[name], measures) for name in data.tasks)
    return replace(first, others=others)


def evaluate_output(data: Data, part: str, output: str, outputs: np.ndarray, measures: dict[str, float]) -> Evaluation:
    """What there is to say of one output, which has given these ``outputs`` (n, units)."""
    task = data.tasks[output]
    truth, answer = task.truth(data.targets(part, output)), task.read(outputs)
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
        output if len(data.tasks) > 1 else "",
        naive=try_to_score("the row before", lambda: score_row_before(data, part, output, truth), {}),
    )


def score_row_before(data: Data, part: str, output: str, truth: np.ndarray) -> dict[str, float]:
    """What a network must beat: the scores of the last values that are known; none of classes, or without a series."""
    task, series = data.tasks[output], data.rows.series
    if series is None or task.labels:
        return {}
    before = task.truth(data.rows.targets_of(output)[series.before(data.parts[part])])
    return task.score(truth, Answer(before), run_aside).overall


def try_to_measure(model: Any, data: Data, part: str) -> dict[str, float]:
    """Loss and metrics on a part; none where they cannot be had, which is said."""
    return try_to_score(
        fill_template("loss and metrics of the {part} rows", part=part), lambda: measure_part(model, data, part), {}
    )


def try_to_score(what: str, score: Callable[[], T], otherwise: T) -> T:
    """A score; where it fails that is said, and ``otherwise`` stands for it: no training is lost to a score."""
    try:
        return score()
    except Exception as error:
        log.warning("no figures for %s: %s; rna evaluate tries again", fill_template(what), describe_failure(error))
        return otherwise


def finite_figures(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
