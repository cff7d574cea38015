"""What is learnt from the training rows before the network sees them, kept as numbers and words."""

import json
import math
from dataclasses import asdict, dataclass

import numpy as np

from rnacli.dataset.rows import Rows
from rnacli.errors import RnaError, clean, did_you_mean
from rnacli.language import Config, Rescale
from rnacli.schema import listed
from rnacli.task import ACTIVATIONS, ENCODINGS, KINDS, Task, head_activation

LARGEST = 16 << 20
"""Bytes that a preprocessing file may have."""


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """``(inputs - offset) / divisor`` and the coding of the targets.

    ``offset`` and ``divisor`` have the shape of one row, of its last axis, or are single numbers.
    ``labels`` are the class labels as the data write them, in the order of the network's outputs; ``classes`` is
    what they are called; both are empty for regression.
    """

    shape: tuple[int, ...]
    features: tuple[str, ...]
    targets: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    task: Task
    offset: np.ndarray
    divisor: np.ndarray

    @property
    def is_division(self) -> bool:
        """Whether inputs are only divided by one number."""
        return self.offset.size == 1 and not self.offset.any()

    @property
    def probability_columns(self) -> list[str]:
        """What the probability of each class is called in a CSV."""
        return [f"probability_{name}" for name in self.classes]

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs (n, *shape) as the network takes them, float32."""
        if self.is_division:
            # Pixels: a copy in float64 would take eight times their memory.
            return np.asarray(np.divide(x, np.float32(self.divisor.item()), dtype="float32"))
        return np.asarray((x - self.offset) / self.divisor, dtype="float32")

    def indices(self, y: np.ndarray) -> np.ndarray:
        """The class index (n,) of each raw label; -1 for a label that is not known."""
        values, inverse = np.unique(y, return_inverse=True)
        known = {label: i for i, label in enumerate(self.labels)}
        return np.array([known.get(label, -1) for label in spell(values)], dtype="int64")[inverse]

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Raw targets as the loss wants them. Raises ``RnaError`` that names an unknown label."""
        if self.task.kind == "regression":
            return np.asarray(y, dtype="float32").reshape(len(y), -1)
        indices = self.indices(y)
        if (indices < 0).any():
            row = int(np.argmax(indices < 0))
            label = clean(spell(y[row : row + 1])[0])
            raise RnaError(
                f"'{label}' (row {row + 1}) is not one of the classes of {clean(', '.join(self.targets))}",
                hint=did_you_mean(label, self.labels) or f"known: {listed([clean(c) for c in self.labels], 'and')}",
            )
        if self.task.encoding == "integer":
            return indices.astype("int32")
        if self.task.encoding == "binary":
            return indices.astype("float32")[:, None]
        return np.asarray(np.eye(len(self.labels), dtype="float32")[indices])

    def dump(self) -> bytes:
        """As JSON; numbers keep every digit."""
        plain = {
            "inputs": {
                "shape": self.shape,
                "features": self.features,
                "offset": self.offset.tolist(),
                "divisor": self.divisor.tolist(),
            },
            "targets": {"names": self.targets, "labels": self.labels, "classes": self.classes},
            "task": asdict(self.task),
        }
        return (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def fit(rows: Rows, train: np.ndarray, config: Config, task: Task) -> Preprocessing:
    """Learn scale from the training rows (indices ``train``), and the classes from all of them."""
    offset, divisor = fit_scale(rows.x[train], config.dataset.scale)
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    if task.kind != "regression":
        labels = known_labels(rows, config, task)
        named = config.dataset.class_names or rows.classes
        classes = class_names(labels, named, rows, config)
    return Preprocessing(rows.x.shape[1:], rows.features, rows.targets, labels, classes, task, offset, divisor)


def fit_scale(x: np.ndarray, scale: str | Rescale) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor: for each column of a table; one for each channel of images, one in all for grey ones."""
    if isinstance(scale, Rescale):
        return np.zeros(()), np.asarray(float(scale.rescale))
    if scale == "none":
        return np.zeros(()), np.ones(())
    table = x if x.ndim == 2 else x.reshape(-1, x.shape[-1] if x.ndim > 3 else 1)
    if scale == "standard":
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler().fit(table)
        offset, divisor = scaler.mean_, scaler.scale_
    else:
        offset = table.min(axis=0).astype("float64")
        span = table.max(axis=0) - offset
        divisor = np.where(span == 0, 1.0, span)
    return (offset.reshape(()), divisor.reshape(())) if x.ndim == 3 else (offset, divisor)


def spell(labels: np.ndarray) -> list[str]:
    """Labels as text: whole numbers without a fraction (1.0 is 1), words without blanks around them."""
    if labels.dtype.kind in "iub":
        return [str(int(label)) for label in labels]
    if labels.dtype.kind == "f":
        return [str(int(label)) if label.is_integer() else repr(label) for label in labels.tolist()]
    return [spell_text(str(label).strip()) for label in labels]


def spell_text(label: str) -> str:
    try:
        number = float(label)
    except ValueError:
        return label
    if not math.isfinite(number) or "_" in label:
        return label
    return str(int(number)) if number.is_integer() else repr(number)


def known_labels(rows: Rows, config: Config, task: Task) -> tuple[str, ...]:
    """Every label, numbers in their order, words in theirs. Integer labels of a named source begin at 0."""
    if rows.classes is not None and rows.y.dtype.kind in "iu":
        return tuple(str(i) for i in range(len(rows.classes)))
    words = sorted(set(spell(np.unique(rows.y))))
    try:
        words.sort(key=float)
    except ValueError:
        words.sort()
    target = clean(rows.target)
    if len(words) == 1:
        message = f"{target} has only one class, '{clean(words[0])}': nothing can be learnt"
        raise RnaError(message, place=next(iter(rows.files), ""), hint="add rows of another class")
    if task.kind == "binary" and len(words) != 2:
        head = f"- dense: {{units: {len(words)}, activation: softmax}}"
        fits = config.layers[-1].arguments.get("units") == len(words) and head_activation(config) == "softmax"
        raise RnaError(
            f"{config.loss.name} is for 2 classes, and {target} has {len(words)}: {shown(words)}",
            place=str(config.loss.place),
            exit_code=2,
            hint="loss: sparse_categorical_crossentropy" + ("" if fits else f", with the last layer {head}"),
        )
    if len(words) > 1000 or (len(words) > 50 and len(words) > len(rows.y) / 2):
        raise RnaError(
            f"{target} has {len(words)} different values in {len(rows.y)} rows: {shown(words)}; these are not classes",
            place=str(config.loss.place),
            exit_code=2,
            hint="to predict a number: loss: mean_squared_error",
        )
    return tuple(words)


def shown(words: list[str]) -> str:
    some = [clean(word, 30) for word in words[:5]]
    return listed(some, "and") if len(words) <= 5 else ", ".join(some) + ", ..."


def class_names(labels: tuple[str, ...], named: tuple[str, ...] | None, rows: Rows, config: Config) -> tuple[str, ...]:
    if named is None:
        return labels
    if len(named) != len(labels):
        raise RnaError(
            f"class_names has {len(named)} names, and {clean(rows.target)} has {len(labels)} classes: "
            f"{shown(list(labels))}",
            place=str(config.place("dataset", "class_names")),
            exit_code=2,
            hint="one name for each class, in that order",
        )
    return named


def load(content: bytes, place: str) -> Preprocessing:
    """Preprocessing from a run's file, checked to the last number. Raises ``RnaError``."""
    try:
        plain = json.loads(content, parse_constant=lambda word: float("nan"))
        inputs, targets = plain["inputs"], plain["targets"]
        shape = tuple(int(n) for n in inputs["shape"])
        offset, divisor = np.asarray(inputs["offset"], "float64"), np.asarray(inputs["divisor"], "float64")
        features, names, labels, classes = (
            tuple(str(word) for word in words)
            for words in (inputs["features"], targets["names"], targets["labels"], targets["classes"])
        )
        task = Task(**{field: str(word) for field, word in plain["task"].items()})
        kinds_fit = len(labels) == 2 if task.kind == "binary" else bool(labels) == (task.kind != "regression")
        sizes_fit = (
            bool(shape)
            and min(shape) > 0
            and kinds_fit
            and offset.shape == divisor.shape
            and offset.shape in ((), shape[-1:])
        )
        if task.kind not in KINDS or task.encoding not in ENCODINGS or task.activation not in ACTIVATIONS:
            raise ValueError("it names an unknown task")
        if not sizes_fit or len(labels) != len(classes) or (features and len(features) != shape[0]):
            raise ValueError("its lengths do not fit together")
        if not (np.isfinite(offset).all() and np.isfinite(divisor).all() and (divisor != 0).all()):
            raise ValueError("it holds numbers that are not finite, or a zero divisor")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise RnaError(f"the file is damaged: {clean(error, 100)}", place=place, hint=WHOLE_RUN) from None
    return Preprocessing(shape, features, names, labels, classes, task, offset, divisor)


WHOLE_RUN = "copy the whole run folder again, or train again"
