"""How good a network is on rows it may not have seen: Keras' own measures, and scikit-learn's."""

import contextlib
import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import csv_cells, dataset, drift, feed, files, light, model, runs, scores, task, trained
from rnacli.dataset import Data, csv_file, csv_text, npz_file, table
from rnacli.dataset.cells import Want
from rnacli.dataset.mapped import taken
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.dataset.rows import Rows
from rnacli.engine import quiet, tf
from rnacli.errors import WHOLE_RUN, RnaError, clean
from rnacli.language import Config
from rnacli.runs import Run
from rnacli.schema import listed
from rnacli.second_process import call
from rnacli.trained import Trained

log = logging.getLogger("rnacli")

ROWS_AT_ONCE = 65_536
"""Rows that become text at a time: as numbers of Python's they take ten times their memory."""
Forward = Callable[[np.ndarray], np.ndarray]
"""From raw inputs (n, *shape) to a network's outputs (n, units), float32: a row gets the same digits in any company."""
LARGEST_LAYER = 1 << 24
"""Numbers that one layer may give in a step of evaluation: 64 MiB."""
BATCHES = (32, 4096)
"""The fewest and the most rows in a step of evaluation."""


@dataclass
class Evaluation:
    """``measures``: loss and metrics as Keras names them. ``scores``: scikit-learn's.

    ``truth`` (n,) class indices, (n, labels) of 0 and 1, or (n, targets) values; ``predicted`` likewise; ``outputs``
    (n, units) of the network; ``probabilities`` (n, classes) for classes and labels. ``per_class``: precision, recall,
    f1 and rows of each class or label. ``confusion``: rows are the true classes; labels have none.
    ``threshold``: the probability above which a row is of the second of two classes, or has a label.
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

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        figures = {"measures": finite(self.measures), "scores": finite(self.scores)}
        plain: dict[str, Any] = {"part": self.part, "rows": self.rows, **figures}
        if self.threshold is not None:
            plain["threshold"] = self.threshold
        if self.per_class:
            plain |= {"classes": list(self.classes), "per_class": self.per_class}
        if self.confusion is not None:
            plain["confusion_matrix"] = self.confusion.tolist()
        return plain


def evaluate(run: Run, cache: Path, part: str | None = None, file: Path | None = None) -> Evaluation:
    """Evaluate a run on one of its parts (default: the held-out one), or on a file with a target.

    The same figures as at the end of training. Raises ``RnaError``, also if the data have changed since.
    """
    opened = trained.load(run)
    if file is not None:
        rows = read_file(file, opened)
        check_labels(rows.y, opened.preprocessing, str(file))
        if files.sha256(file) in run.record.get("data", {}).get("files", {}).values():
            log.warning("%s is the file that the run was trained on: most of its rows are not new", clean(file, 200))
        used = np.arange(len(rows.y)) if rows.usable is None else np.flatnonzero(rows.usable)
        data = Data(rows, {"file": used}, opened.preprocessing)
        return evaluate_opened(opened, data, "file")
    data = training_data(run, opened, cache)
    part = part or run.record.get("held_out") or data.held_out
    if part not in data.parts:
        raise RnaError(f"the run has no {part} part", place=str(run.path), hint=f"it has {listed(list(data.parts))}")
    return evaluate_opened(opened, data, part)


def evaluate_opened(opened: Trained, data: Data, part: str) -> Evaluation:
    network = model.restore(opened)
    return evaluate_network(network, data, part, answers(opened, network))


def training_data(run: Run, opened: Trained, cache: Path, offline: bool = False) -> Data:
    """The data that the run was trained on, split as it was. Raises ``RnaError`` if they have changed."""
    require_known(run, opened.config)
    rows = dataset.read(opened.config, cache, offline)
    recorded = list(run.record.get("data", {}).get("files", {}).values())
    for (name, digest), former in zip(rows.files.items(), recorded, strict=False):
        if digest != former:
            raise changed(name)
    known = opened.preprocessing
    learnt = [(column.name, column.kind) for column in known.columns or ()]
    if learnt != [(name, kind) for name, (kind, _) in rows.kinds.items()] or (
        not learnt and rows.x.shape[1:] != known.shape
    ):
        raise RnaError("it is of other data", place=str(run.path / "preprocessing.json"), hint=WHOLE_RUN)
    known.adopt(rows)
    return Data(rows, read_split(run, len(rows.x)), known)


def require_known(run: Run, config: Config) -> None:
    """The files that a config names must be those of the training before anything in them is looked at.

    A stranger's config may name any file of this machine, and messages would quote it. Raises ``RnaError``.
    """
    known = run.record.get("data", {}).get("files", {}).values()
    for name in runs.data_names(config):
        try:
            for path in csv_text.matching(table.locate(name, config, ("dataset",)), name):
                if not path.is_file():
                    raise csv_text.missing_file(path, name)
                if files.sha256(path) not in known:
                    raise changed(name)
        except OSError as error:
            raise RnaError(f"cannot be opened: {clean(error.strerror)}", place=clean(name, 200)) from None


def changed(name: str) -> RnaError:
    return RnaError(
        "the data have changed since training: rows that were trained on cannot be told from others",
        place=clean(name, 200),
        hint="evaluate the file as it is now with --data FILE, or train again",
    )


SPLIT = re.compile(rb"row,part\n(?:[0-9]{1,18}+,(?:train|validation|test)\n)++")


def read_split(run: Run, rows: int) -> dict[str, np.ndarray]:
    """The rows of each part, in order, from ``split.csv``. Raises ``RnaError``, also where a row is there twice."""
    counts = run.record.get("data", {}).get("rows", {})
    content = run.read("split.csv", (rows + 1) * len(f"{rows},validation\n"))
    found = {part: re.findall(rb"([0-9]+),%s\n" % re.escape(part.encode()), content) for part in counts}
    parts = {part: np.array(numbers, "S18").astype("int64") for part, numbers in found.items()}
    each = np.sort(np.concatenate([np.empty(0, "int64"), *parts.values()]))
    is_whole = SPLIT.fullmatch(content) is not None and content.count(b"\n") == len(each) + 1
    is_same = counts == {part: len(numbers) for part, numbers in parts.items()} and 0 not in counts.values()
    if not is_whole or not is_same or each[-1] >= rows or not np.diff(each).all():
        raise RnaError("the split is damaged", place=str(run.path / "split.csv"), hint=WHOLE_RUN)
    if not {"train", run.record.get("held_out", "train")} <= set(parts):
        raise RnaError("the split has other parts than run.json says", place=str(run.path), hint=WHOLE_RUN)
    return parts


def read_file(path: Path, opened: Trained) -> Rows:
    """Rows with targets from a CSV of the training file's form, or from ``x`` and ``y`` of an ``.npz``."""
    known, config = opened.preprocessing, opened.config
    if known.columns:
        like = Rows(np.empty((0, 0)), np.empty(0), known.features, known.targets)
        like.kinds = {column.name: (column.kind, "") for column in known.columns}
        rows = table.read_like(path, str(path), config, like)
        drift.note(known.columns, rows)
        known.adopt(rows)
        return rows
    if path.suffix == ".csv":
        return read_columns(path, known)
    arrays = npz_file.read(path, str(path))
    names = ("x_test", "y_test") if "x" not in arrays and "x_test" in arrays else ("x", "y")
    x, y = npz_file.pair(arrays, *names, str(path))
    if x.shape[1:] != known.shape:
        raise RnaError(f"x has rows of shape {x.shape[1:]}, and the network takes {known.shape}", place=str(path))
    return Rows(x, y, known.features, known.targets, files={str(path): files.sha256(path)})


def check_labels(y: np.ndarray, known: Preprocessing, shown: str) -> None:
    """Columns of labels must hold 0 and 1. Raises ``RnaError``."""
    if known.task.kind != "multilabel" or known.separator or task.is_bits(y):
        return
    row, column = np.argwhere((y != 0) & (y != 1))[0]
    name = clean(known.targets[column] if len(known.targets) > column else column, 40)
    message = f"column '{name}': a label is 0 or 1, got {y[row, column]:g} (row {row + 1})"
    raise RnaError(message, place=shown)


def read_columns(path: Path, known: Preprocessing) -> Rows:
    """Features and targets by their names from a CSV, for a network whose training data were no CSV."""
    labels = [] if known.task.kind == "regression" else list(known.targets)
    numbers = [*known.features, *([] if labels else known.targets)]
    wants = dict.fromkeys(numbers, Want("number", False)) | dict.fromkeys(labels, Want("text", False))
    [read] = csv_file.read(path, csv_text.Format(), wants, str(path))
    x, values = np.hsplit(read.values, [len(known.features)])
    y = table.numbers_if_all(read.texts[labels[0]]) if labels else values
    return Rows(x, y, known.features, known.targets)


def batch_size(model: Any) -> int:
    """Rows a step in evaluation and prediction: the most that memory allows, a power of 2.

    The figures depend on it in their last digits, so it follows from the network alone.
    """
    widest = max(math.prod(n or 1 for n in layer.output.shape[1:]) for layer in model.layers)
    fewest, most = BATCHES
    return max(fewest, min(most, 1 << int(math.log2(max(1, LARGEST_LAYER // widest)))))


def measure(model: Any, data: Data, part: str) -> dict[str, float]:
    """Loss and metrics of a compiled model on a part."""
    batches, steps = feed.in_order(feed.part(data, part), batch_size(model))
    results = model.evaluate(batches, steps=steps, verbose=0, return_dict=True)
    return {name: float(value) for name, value in sorted(flat(results).items(), key=lambda item: item[0] != "loss")}


def flat(results: dict[str, Any]) -> dict[str, Any]:
    """Metrics that give one value a class or a target, a column each."""
    flattened = {}
    for name, value in results.items():
        values = np.asarray(value)
        if values.ndim == 0:
            flattened[name] = values
        else:
            flattened |= {f"{name}_{i}": item for i, item in enumerate(values.ravel())}
    return flattened


def predictor(config: Config, network: Any, preprocessing: Preprocessing) -> Forward:
    """The network's answers, in steps of ``batch_size``.

    It computes in float64. How the sums of a row are rounded depends on the rows beside it, the threads and the
    processor; that is far behind the digits of float32, which are what is given. Functions of single numbers are less
    exact in the last numbers of a tensor, which fill no register of the processor: zeros are put there. A layer that
    has no float64, and a GPU, which is slow at it, compute as in training.
    """
    signature = [tf.TensorSpec((None, *preprocessing.shape), "float32")]

    def compiled(forward: Any) -> Any:
        return tf.function(lambda x: forward(x, training=False), input_signature=signature, autograph=False)

    forward = compiled(network)
    if not tf.config.get_visible_devices("GPU"):
        with contextlib.suppress(tf.errors.OpError, TypeError, ValueError):
            double = model.build_in_float64(config, preprocessing.shape, preprocessing.embeddings, network)
            exact = compiled(double)
            with quiet():
                exact(np.zeros((BATCHES[0], *preprocessing.shape), "float32"))
            forward = exact
    size = batch_size(network)

    def predict(x: np.ndarray) -> np.ndarray:
        made = []
        for start in range(0, len(x), size):
            step = preprocessing.inputs(x[start : start + size])
            rows = len(step)
            filled = np.pad(step, [(0, -rows % BATCHES[0]), *[(0, 0)] * (step.ndim - 1)])
            made.append(np.asarray(forward(filled), "float32")[:rows])
        return np.concatenate(made)

    return predict


def answers(opened: Trained, network: Any = None) -> Forward:
    """A run's answers: NumPy's where training found them to be the same, or those of Keras' ``network``."""
    shapes, known = opened.light_shapes(), opened.preprocessing
    if shapes is None:
        return predictor(opened.config, network or model.restore(opened), known)
    weights = opened.weights(shapes)
    return lambda x: light.forward(opened.config, weights, known.inputs(x))


def outputs_of(forward: Forward, data: Data, part: str) -> np.ndarray:
    """The network's outputs (n, units) for a part, of whose inputs only some are in memory at a time."""
    rows, some = data.parts[part], max(BATCHES[0], LARGEST_LAYER // math.prod(data.preprocessing.shape))
    return np.concatenate(
        [forward(taken(data.rows.x, rows[start : start + some])) for start in range(0, len(rows), some)]
    )


def evaluate_network(model: Any, data: Data, part: str, forward: Forward) -> Evaluation:
    """Everything there is to say of a compiled model on a part."""
    known, raw = data.preprocessing, data.rows.y[data.parts[part]]
    outputs, measures = outputs_of(forward, data, part), measure(model, data, part)
    if data.task.kind == "regression":
        truth, predicted = np.asarray(raw, "float64").reshape(len(raw), -1), known.values(outputs)
        rated = call(scores.of_values, truth, predicted, known.targets)
        return Evaluation(part, len(raw), measures, rated, truth, predicted, outputs)
    probabilities = data.task.probabilities(outputs)
    predicted = data.task.labels(probabilities, known.threshold)
    several = data.task.kind == "multilabel"
    truth = np.asarray(known.multi_hot(raw), "int64") if several else known.indices(raw)
    each = call(scores.per_class, truth, predicted, known.classes)
    judged = truth, predicted, probabilities
    return Evaluation(
        part,
        len(raw),
        measures,
        call(scores.of_labels, *judged, each) if several else call(scores.of_classes, *judged),
        truth,
        predicted,
        outputs,
        probabilities,
        known.classes,
        each,
        None if several else call(scores.confusion, truth, predicted, len(known.classes)),
        known.threshold if data.task.kind in task.WITH_THRESHOLD else None,
    )


def decisions(forward: Forward, data: Data, part: str) -> tuple[np.ndarray, np.ndarray]:
    """What a threshold decides in a part: 0 or 1 (m,), and the probability of 1 (m,).

    There is one for each row of two classes, and one for each label of each row.
    """
    raw, probabilities = data.rows.y[data.parts[part]], data.task.probabilities(outputs_of(forward, data, part))
    if data.task.kind == "multilabel":
        return data.preprocessing.multi_hot(raw).ravel(), probabilities.ravel()
    return data.preprocessing.indices(raw), probabilities[:, 1]


def predictions_table(evaluation: Evaluation, data: Data) -> str:
    """``predictions.csv``: row (from 0), id if there is one, truth, prediction and the probabilities."""
    rows, known, ids = data.parts[evaluation.part], data.preprocessing, data.rows.ids
    names = ["truth", "prediction"]
    if evaluation.probabilities is None and len(known.targets) > 1:
        names = [f"{word}_{target}" for target in known.targets for word in names]
    elif evaluation.probabilities is not None:
        names += known.probability_columns
    pieces = [csv_cells.row(["row", *(["id"] if ids is not None else []), *names])]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        columns: list[Iterable[Any]] = [rows[some].tolist()]
        if ids is not None:
            columns.append(csv_cells.cells(str(name or "") for name in ids[rows[some]]))
        truth, predicted = evaluation.truth[some], evaluation.predicted[some]
        if evaluation.probabilities is None:
            columns += np.stack([truth, predicted], axis=2).reshape(len(truth), -1).T.tolist()
        else:
            columns += [csv_cells.cells(known.named_labels(labels)) for labels in (truth, predicted)]
            columns += evaluation.probabilities[some].astype("float32").T.tolist()
        pieces += [",".join(map(str, line)) + "\n" for line in zip(*columns, strict=True)]
    return "".join(pieces)


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
