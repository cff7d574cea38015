"""How good a network is on rows it may not have seen: Keras' own measures, and scikit-learn's."""

import csv
import io
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import dataset, feed, files, trained
from rnacli.dataset import Data, csv_file, csv_text, npz_file
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.dataset.rows import Rows
from rnacli.engine import tf
from rnacli.errors import RnaError, clean
from rnacli.language import PARTS, Csv, Split
from rnacli.model import restore
from rnacli.runs import Run
from rnacli.schema import listed
from rnacli.trained import Trained

log = logging.getLogger("rnacli")

LARGEST_LAYER = 1 << 24
"""Numbers that one layer may give in a step of evaluation: 64 MiB."""
BATCHES = (32, 4096)
"""The fewest and the most rows in a step of evaluation."""


@dataclass
class Evaluation:
    """``measures``: loss and metrics as Keras names them. ``scores``: scikit-learn's.

    ``truth`` (n,) class indices, or (n, targets) values; ``predicted`` likewise; ``outputs`` (n, units) of the network;
    ``probabilities`` (n, classes) for classes. ``per_class``: precision, recall, f1 and rows of each class.
    ``confusion``: rows are the true classes.
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

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        figures = {"measures": finite(self.measures), "scores": finite(self.scores)}
        plain: dict[str, Any] = {"part": self.part, "rows": self.rows, **figures}
        if self.confusion is not None:
            plain |= {
                "classes": list(self.classes),
                "per_class": self.per_class,
                "confusion_matrix": self.confusion.tolist(),
            }
        return plain


def evaluate(run: Run, cache: Path, part: str | None = None, file: Path | None = None) -> Evaluation:
    """Evaluate a run on one of its parts (default: the held-out one), or on a file with a target.

    The same figures as at the end of training. Raises ``RnaError``, also if the data have changed since.
    """
    opened = trained.load(run)
    if file is not None:
        rows = read_file(file, opened)
        if files.sha256(file) in run.record.get("data", {}).get("files", {}).values():
            log.warning("%s is the file that the run was trained on: most of its rows are not new", clean(file, 200))
        data = Data(rows, {"file": np.arange(len(rows.x))}, opened.preprocessing)
        return evaluate_network(restore(opened), data, "file")
    data = training_data(run, opened, cache)
    part = part or run.record.get("held_out") or data.held_out
    if part not in data.parts:
        raise RnaError(f"the run has no {part} part", place=str(run.path), hint=f"it has {listed(list(data.parts))}")
    return evaluate_network(restore(opened), data, part)


def training_data(run: Run, opened: Trained, cache: Path) -> Data:
    """The data that the run was trained on, split as it was. Raises ``RnaError`` if they have changed."""
    rows = dataset.read(opened.config, cache)
    known = list(run.record.get("data", {}).get("files", {}).values())
    for (name, digest), former in zip(rows.files.items(), known, strict=False):
        if digest != former:
            raise RnaError(
                "the data have changed since training: rows that were trained on cannot be told from others",
                place=clean(name, 200),
                hint="evaluate the file as it is now with --data FILE, or train again",
            )
    return Data(rows, read_split(run, len(rows.x)), opened.preprocessing)


def read_split(run: Run, rows: int) -> dict[str, np.ndarray]:
    """The rows of each part, in order, from ``split.csv``."""
    parts: dict[str, list[int]] = {}
    for line in run.read("split.csv").decode().splitlines()[1:]:
        row, _, part = line.partition(",")
        if part not in PARTS or not row.isdecimal() or int(row) >= rows:
            raise RnaError("the split is damaged", place=str(run.path / "split.csv"))
        parts.setdefault(part, []).append(int(row))
    return {part: np.array(indices) for part, indices in parts.items()}


def read_file(path: Path, opened: Trained) -> Rows:
    """Rows with targets from a CSV of the training file's form, or from ``x`` and ``y`` of an ``.npz``."""
    known, config = opened.preprocessing, opened.config
    if isinstance(config.dataset, Csv):
        data = replace(config.dataset, features=known.features, id=None, split=Split())
        return dataset.read_table(path, data, config, str(path))
    if path.suffix == ".csv":
        return read_columns(path, known)
    arrays = npz_file.read(path, str(path))
    names = ("x_test", "y_test") if "x" not in arrays and "x_test" in arrays else ("x", "y")
    x, y = npz_file.pair(arrays, *names, str(path))
    if x.shape[1:] != known.shape:
        raise RnaError(f"x has rows of shape {x.shape[1:]}, and the network takes {known.shape}", place=str(path))
    return Rows(x, y, known.features, known.targets, files={str(path): files.sha256(path)})


def read_columns(path: Path, known: Preprocessing) -> Rows:
    """Features and targets by their names from a CSV, for a network whose training data were no CSV."""
    labels = [] if known.task.kind == "regression" else list(known.targets)
    numbers = [*known.features, *([] if labels else known.targets)]
    [table] = csv_file.read(path, csv_text.Format(), numbers, labels, str(path))
    x, values = np.hsplit(table.numbers, [len(known.features)])
    y = dataset.numbers_if_all(table.texts[labels[0]]) if labels else values
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
    batches, steps = feed.in_order(feed.resident(*data.raw(part), data.preprocessing), batch_size(model))
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


def predictor(model: Any, preprocessing: Preprocessing) -> Callable[[np.ndarray], np.ndarray]:
    """A function from raw inputs (n, *shape) to the network's outputs (n, units), in steps of ``batch_size``."""
    signature = [tf.TensorSpec((None, *preprocessing.shape), "float32")]
    forward = tf.function(lambda x: model(x, training=False), input_signature=signature, autograph=False)
    size = batch_size(model)

    def predict(x: np.ndarray) -> np.ndarray:
        steps = (x[start : start + size] for start in range(0, len(x), size))
        return np.concatenate([forward(preprocessing.inputs(step)).numpy() for step in steps])

    return predict


def evaluate_network(model: Any, data: Data, part: str) -> Evaluation:
    """Everything there is to say of a compiled model on a part."""
    known = data.preprocessing
    outputs = predictor(model, known)(data.rows.x[data.parts[part]])
    measures, raw = measure(model, data, part), data.rows.y[data.parts[part]]
    if data.task.kind == "regression":
        truth = np.asarray(raw, "float64").reshape(len(raw), -1)
        predicted = np.asarray(outputs, "float64").reshape(len(raw), -1)
        return Evaluation(part, len(raw), measures, regression_scores(truth, predicted), truth, predicted, outputs)
    truth, probabilities = known.indices(raw), data.task.probabilities(outputs)
    predicted = data.task.labels(probabilities)
    return Evaluation(
        part,
        len(raw),
        measures,
        class_scores(truth, predicted, probabilities),
        truth,
        predicted,
        outputs,
        probabilities,
        known.classes,
        per_class(truth, predicted, known.classes),
        confusion(truth, predicted, len(known.classes)),
    )


def regression_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """MAE, MSE, RMSE and R2 over (n, targets), targets counted alike."""
    from sklearn import metrics

    if not np.isfinite(predicted).all():
        return dict.fromkeys(("mae", "mse", "rmse", "r2"), math.nan)
    return {
        "mae": float(metrics.mean_absolute_error(truth, predicted)),
        "mse": float(metrics.mean_squared_error(truth, predicted)),
        "rmse": float(metrics.root_mean_squared_error(truth, predicted)),
        "r2": float(metrics.r2_score(truth, predicted)) if len(truth) > 1 else math.nan,
    }


def class_scores(truth: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, F1 and, where every class has rows, the area under the ROC curve (one class against the others)."""
    from sklearn import metrics

    classes = probabilities.shape[1]
    scores = {"accuracy": float(metrics.accuracy_score(truth, predicted))}
    if classes == 2:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, predicted, average="binary", zero_division=0
        )
        scores |= {"precision": float(precision), "recall": float(recall), "f1": float(f1)}
    else:
        every = range(classes)
        scores["f1_macro"] = float(metrics.f1_score(truth, predicted, labels=every, average="macro", zero_division=0))
    if len(np.unique(truth)) == classes and np.isfinite(probabilities).all():
        sums = probabilities.sum(axis=1, keepdims=True)
        shares = probabilities[:, 1] if classes == 2 else probabilities / np.where(sums == 0, 1, sums)
        scores["roc_auc"] = float(metrics.roc_auc_score(truth, shares, multi_class="ovr"))
    return scores


def per_class(truth: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    from sklearn import metrics

    figures = metrics.precision_recall_fscore_support(truth, predicted, labels=range(len(classes)), zero_division=0)
    return [
        {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "rows": int(n)}
        for name, p, r, f, n in zip(classes, *figures, strict=True)
    ]


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    from sklearn import metrics

    return metrics.confusion_matrix(truth, predicted, labels=range(classes))  # type: ignore[no-any-return]


def predictions_table(evaluation: Evaluation, data: Data) -> str:
    """``predictions.csv``: row (from 0), id if there is one, truth, prediction and the probabilities."""
    rows, known = data.parts[evaluation.part], data.preprocessing
    ids = [] if data.rows.ids is None else ["id"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if evaluation.probabilities is None:
        names = [f"{word}_{target}" for target in known.targets for word in ("truth", "prediction")]
        single = len(known.targets) == 1
        writer.writerow(["row", *ids, *(["truth", "prediction"] if single else names)])
        values = np.stack([evaluation.truth, evaluation.predicted], axis=2).reshape(len(rows), -1).tolist()
    else:
        writer.writerow(["row", *ids, "truth", "prediction", *known.probability_columns])
        values = [
            [known.classes[true], known.classes[guess], *shares]
            for true, guess, shares in zip(
                evaluation.truth, evaluation.predicted, evaluation.probabilities.astype("float32").tolist(), strict=True
            )
        ]
    for row, line in zip(rows.tolist(), values, strict=True):
        writer.writerow([row, *([data.rows.ids[row]] if data.rows.ids is not None else []), *line])
    return text.getvalue()


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
