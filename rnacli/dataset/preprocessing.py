"""What is learnt from the training rows before the network sees them, kept as numbers and words."""

import json
from dataclasses import asdict, dataclass, field

import numpy as np

from rnacli import json_file, yaml_writer
from rnacli.dataset import columns, learning, scaling
from rnacli.dataset.cells import distinct, in_order, spell
from rnacli.dataset.columns import Columns
from rnacli.dataset.rows import Rows
from rnacli.errors import CONFIG, WHOLE_RUN, RnaError, clean, did_you_mean
from rnacli.language import Config, Csv, Rescale
from rnacli.schema import listed
from rnacli.task import ACTIVATIONS, ENCODINGS, KINDS, Task, head_activation

LARGEST = json_file.LARGEST
"""Bytes that a preprocessing file may have."""


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How rows become the network's inputs, targets what the loss compares, and outputs what the user reads.

    Inputs of a table go through ``columns``; those of arrays become ``(inputs - offset) / divisor``, where ``offset``
    and ``divisor`` have the shape of one row, of its last axis, or are single numbers. ``shape`` is that of one row as
    the network takes it; ``features`` are the names of the columns as the data have them.
    ``labels`` are the class labels as the data write them, in the order of the network's outputs; ``classes`` is
    what they are called; both are empty for regression. ``separator`` stands between several labels in one cell.
    Values to predict become ``(value - target_offset) / target_divisor`` (targets,).
    ``threshold``: the probability above which a row is of the second of two classes, or has a label.
    """

    shape: tuple[int, ...]
    features: tuple[str, ...]
    targets: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    task: Task
    offset: np.ndarray = field(default_factory=lambda: np.zeros(()))
    divisor: np.ndarray = field(default_factory=lambda: np.ones(()))
    columns: Columns | None = None
    separator: str = ""
    target_offset: np.ndarray = field(default_factory=lambda: np.zeros(()))
    target_divisor: np.ndarray = field(default_factory=lambda: np.ones(()))
    threshold: float = 0.5

    @property
    def is_division(self) -> bool:
        """Whether inputs are only divided by one number."""
        return self.columns is None and self.offset.size == 1 and not self.offset.any()

    @property
    def embeddings(self) -> tuple[tuple[str, int, int], ...]:
        """Name, number of categories and dimensions of each embedded column: the last inputs, one each."""
        return self.columns.embeddings if self.columns else ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """What each input of a table is called."""
        return tuple(self.columns.names) if self.columns else self.features

    @property
    def probability_columns(self) -> list[str]:
        """What the probability of each class is called in a CSV."""
        return [f"probability_{name}" for name in self.classes]

    def adopt(self, rows: Rows) -> None:
        """Make the categories in ``rows.x``, as they were read, those that were learnt."""
        if self.columns:
            rows.x = self.columns.raw(rows.x, rows.words)
            rows.words = {}

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs (n, *shape), or raw values (n, columns) of a table, as the network takes them, float32."""
        if self.columns is not None:
            return self.columns.encode(x)
        if self.is_division:
            # Pixels: a copy in float64 would take eight times their memory.
            return np.asarray(np.divide(x, np.float32(self.divisor.item()), dtype="float32"))
        return np.asarray((x - self.offset) / self.divisor, dtype="float32")

    def indices(self, y: np.ndarray) -> np.ndarray:
        """The class index (n,) of each raw label; -1 for a label that is not known."""
        different, inverse = distinct(y)
        known = {label: i for i, label in enumerate(self.labels)}
        return np.asarray(np.array([known.get(label, -1) for label in spell(different)], dtype="int64")[inverse])

    def multi_hot(self, y: np.ndarray) -> np.ndarray:
        """Which labels (n, labels) each row has, 0 or 1, from columns of 0 and 1 or from cells of several labels."""
        if not self.separator:
            return np.asarray(y, "float32").reshape(len(y), -1)
        different, inverse = distinct(y)
        known = {label: i for i, label in enumerate(self.labels)}
        table = np.zeros((len(different), len(known)), "float32")
        for i, cell in enumerate(different):
            for label in separated(cell, self.separator):
                if label not in known:
                    raise self.unknown(label, int(np.argmax(inverse == i)))
                table[i, known[label]] = 1
        return np.asarray(table[inverse])

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Raw targets as the loss wants them. Raises ``RnaError`` that names an unknown label."""
        if self.task.kind == "multilabel":
            return self.multi_hot(y)
        if self.task.kind == "regression":
            return np.asarray((y.reshape(len(y), -1) - self.target_offset) / self.target_divisor, dtype="float32")
        indices = self.indices(y)
        if (indices < 0).any():
            row = int(np.argmax(indices < 0))
            raise self.unknown(spell(y[row : row + 1])[0], row)
        if self.task.encoding == "integer":
            return indices.astype("int32")
        if self.task.encoding == "binary":
            return indices.astype("float32")[:, None]
        return np.asarray(np.eye(len(self.labels), dtype="float32")[indices])

    def unknown(self, label: str, row: int) -> RnaError:
        shown = clean(label)
        known = listed([clean(c) for c in self.labels[:20]], "and")
        more = f" and {len(self.labels) - 20} more" if len(self.labels) > 20 else ""
        return RnaError(
            f"'{shown}' (row {row + 1}) is not one of the classes of {clean(', '.join(self.targets))}",
            hint=strip_hint(label, self.labels, self.targets[0])
            or did_you_mean(shown, self.labels)
            or f"known: {known}{more}",
        )

    def predicted_labels(self, probabilities: np.ndarray) -> list[str]:
        """What each row (n,) is predicted as: its class, or its labels with the separator between them."""
        return self.named_labels(self.task.labels(probabilities, self.threshold))

    def named_labels(self, chosen: np.ndarray) -> list[str]:
        """What class indices (n,), or 0 and 1 for each label (n, labels), are called in a file."""
        if self.task.kind != "multilabel":
            return [self.classes[label] for label in chosen.tolist()]
        separator = self.separator or "|"
        return [separator.join(self.classes[i] for i in np.flatnonzero(row)) for row in chosen]

    def values(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs (n, targets) of a regression in the units of the data, float64."""
        outputs = np.asarray(outputs, "float64").reshape(len(outputs), -1)
        return np.asarray(outputs * self.target_divisor + self.target_offset)

    def dump(self) -> bytes:
        """As JSON; numbers keep every digit. Raises ``RnaError`` for more than ``load`` would take."""
        arrays = {"offset": self.offset.tolist(), "divisor": self.divisor.tolist()}
        plain = {
            "inputs": {
                "shape": self.shape,
                "features": self.features,
                **({"columns": self.columns.dump()} if self.columns else arrays),
            },
            "targets": {
                "names": self.targets,
                "labels": self.labels,
                "classes": self.classes,
                "separator": self.separator,
                "offset": self.target_offset.tolist(),
                "divisor": self.target_divisor.tolist(),
                "threshold": self.threshold,
            },
            "task": asdict(self.task),
        }
        content = (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
        try:
            json_file.check_size(content)
        except ValueError as error:
            message = f"what the columns teach is too much to be kept: {error}"
            hint = "columns: {name: {min_count: 10}} groups rare categories, {name: ignore} leaves a column out"
            raise RnaError(message, hint=hint) from None
        return content


def separated(cell: str, separator: str) -> list[str]:
    """The labels in one cell; none in an empty one."""
    return [label for part in str(cell or "").split(separator) if (label := part.strip())]


def known_separated(y: np.ndarray, separator: str) -> tuple[str, ...]:
    """Every label in cells (n,) of several, in order."""
    return tuple(in_order(list({label for cell in distinct(y)[0] for label in separated(cell, separator)})))


def strip_hint(label: str, labels: tuple[str, ...], target: str) -> str:
    """What to write where a label differs from a known one by signs at its end, as in ``yes.``."""
    near = next((known for known in labels if label.startswith(known) or label.endswith(known)), "")
    odd = label.replace(near, "", 1) if near else ""
    if not odd or any(c.isalnum() for c in odd):
        return ""
    return yaml_writer.hint(target, f"if it means '{clean(near)}': columns: {{%s: {{strip: '{clean(odd)}'}}}}")


def fit(rows: Rows, train: np.ndarray, config: Config, task: Task) -> Preprocessing:
    """Learn inputs and scales from the training rows (indices ``train``), and the classes from all that are used."""
    if rows.is_table:
        learnt = learning.learn(rows, train, config)
        shape: tuple[int, ...] = (learnt.width,)
        offset, divisor = np.zeros(()), np.ones(())
    else:
        learnt, shape = None, rows.x.shape[1:]
        offset, divisor = fit_scale(rows.x[train], config.dataset.scale)
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    target_offset, target_divisor = np.zeros(()), np.ones(())
    separator = config.dataset.label_separator or "" if isinstance(config.dataset, Csv) else ""
    used = rows.y if rows.usable is None else rows.y[rows.usable]
    if task.kind == "multilabel":
        labels = known_separated(used, separator) if separator else rows.targets
    elif task.kind != "regression":
        labels = known_labels(rows, used, config, task)
    else:
        target_offset, target_divisor = fit_targets(rows, train, config)
    if labels:
        named = config.dataset.class_names or rows.classes
        classes = class_names(labels, named, rows, config)
    threshold = config.threshold if isinstance(config.threshold, float) else 0.5
    return Preprocessing(
        shape,
        rows.features,
        rows.targets,
        labels,
        classes,
        task,
        offset,
        divisor,
        learnt,
        separator,
        target_offset,
        target_divisor,
        threshold,
    )


def fit_targets(rows: Rows, train: np.ndarray, config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor (targets,) of the values to predict, where ``columns`` gives a target a scale."""
    if not isinstance(config.dataset, Csv):
        return np.zeros(()), np.ones(())
    y = rows.y[train].reshape(len(train), -1)
    asked = [config.dataset.column(name).scale or "none" for name in rows.targets]
    scales = [learning.fit_scale(y[:, i].astype("float64"), scale) for i, scale in enumerate(asked)]
    offset, divisor = zip(*scales, strict=True)
    return np.array(offset), np.array(divisor)


def fit_scale(x: np.ndarray, scale: str | Rescale) -> tuple[np.ndarray, np.ndarray]:
    """Offset and divisor: for each column of a table; one for each channel of images, one in all for grey ones."""
    if isinstance(scale, Rescale):
        return np.zeros(()), np.asarray(float(scale.rescale))
    if scale == "none":
        return np.zeros(()), np.ones(())
    table = x if x.ndim == 2 else x.reshape(-1, x.shape[-1] if x.ndim > 3 else 1)
    offset, divisor = scaling.fit(table, scale)
    return (offset.reshape(()), divisor.reshape(())) if x.ndim == 3 else (offset, divisor)


def known_labels(rows: Rows, used: np.ndarray, config: Config, task: Task) -> tuple[str, ...]:
    """Every label of the targets ``used`` (n,), numbers in their order, words in theirs.

    Integer labels of a named source begin at 0.
    """
    if rows.classes is not None and rows.y.dtype.kind in "iu":
        return tuple(str(i) for i in range(len(rows.classes)))
    words = in_order(list(set(spell(distinct(used)[0]))))
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
            exit_code=CONFIG,
            hint="loss: sparse_categorical_crossentropy" + ("" if fits else f", with the last layer {head}"),
        )
    if len(words) > 1000 or (len(words) > 50 and len(words) > len(rows.y) / 2):
        raise RnaError(
            f"{target} has {len(words)} different values in {len(rows.y)} rows: {shown(words)}; these are not classes",
            place=str(config.loss.place),
            exit_code=CONFIG,
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
            exit_code=CONFIG,
            hint="one name for each class, in that order",
        )
    return named


def load(content: bytes, place: str) -> Preprocessing:
    """Preprocessing from a run's file, checked to the last number. Raises ``RnaError``."""
    try:
        plain = json_file.parse(content)
        inputs, targets = plain["inputs"], plain["targets"]
        shape = tuple(int(n) for n in inputs["shape"])
        learnt = columns.load(inputs["columns"]) if "columns" in inputs else None
        offset, divisor = np.asarray(inputs.get("offset", 0.0)), np.asarray(inputs.get("divisor", 1.0))
        moved, spread = (np.asarray(targets[name], "float64") for name in ("offset", "divisor"))
        threshold, separator = float(targets["threshold"]), str(targets["separator"])
        features, names, labels, classes = (
            tuple(str(word) for word in words)
            for words in (inputs["features"], targets["names"], targets["labels"], targets["classes"])
        )
        task = Task(**{field: str(word) for field, word in plain["task"].items()})
        kinds_fit = len(labels) == 2 if task.kind == "binary" else bool(labels) == (task.kind != "regression")
        scales = ((), shape[-1:]) if learnt is None else ((),)
        sizes_fit = bool(shape) and min(shape) > 0 and offset.shape == divisor.shape and offset.shape in scales
        if learnt is not None:
            sizes_fit &= shape == (learnt.width,) and features == tuple(column.name for column in learnt)
        else:
            sizes_fit &= not features or len(features) == shape[0]
        if task.kind not in KINDS or task.encoding not in ENCODINGS or task.activation not in ACTIVATIONS:
            raise ValueError("it names an unknown task")
        if not sizes_fit or not kinds_fit or len(labels) != len(classes) or not names:
            raise ValueError("its lengths do not fit together")
        if moved.shape != spread.shape or moved.shape not in ((), (len(names),)) or not 0 < threshold < 1:
            raise ValueError("what it says of the targets does not fit together")
        for numbers in (offset, divisor, moved, spread):
            if numbers.dtype.kind not in "fi" or not np.isfinite(numbers).all():
                raise ValueError("it holds numbers that are not finite")
        if not divisor.all() or not spread.all():
            raise ValueError("it holds a zero divisor")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise RnaError(f"the file is damaged: {clean(error, 100)}", place=place, hint=WHOLE_RUN) from None
    return Preprocessing(
        shape, features, names, labels, classes, task, offset, divisor, learnt, separator, moved, spread, threshold
    )
