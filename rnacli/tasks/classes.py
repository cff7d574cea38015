"""Classes: each row has one, of two or of several."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.errors import Problem
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.tables.alike import find_alike, tell_alike
from rnacli.tables.cells import find_distinct, find_places, spell_labels
from rnacli.tables.several import find_separator
from rnacli.tasks.find_labels import find_labels, name_classes
from rnacli.tasks.form import Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import BINARY_LOSSES, CLASS_LOSSES, COLUMN_LOSSES, INTEGER_LOSSES, MARGIN_LOSSES, Head
from rnacli.tasks.metrics import (
    ONE_HOT_METRICS,
    each_output_doubts,
    metric_problem,
    wants_integers,
    wants_probabilities,
)
from rnacli.tasks.one_hot import find_columns, require_one_hot
from rnacli.tasks.positive import put_positive_last
from rnacli.tasks.probabilities import as_probabilities
from rnacli.tasks.scores import count_confusion, score_classes, score_each_class
from rnacli.tasks.task import Task, dense_hint, unknown_label, wrong_units
from rnacli.words import clean, fill_template

ONE_RIGHT_CLASS = {
    "categorical_accuracy": "accuracy",
    "top_k_categorical_accuracy": "accuracy",
    "categorical_crossentropy": "binary_crossentropy",
}
"""Metrics that are always the same over a single output, and what to measure instead."""


@dataclass(frozen=True)
class Classes(Task):
    """``labels``: as the data write them, in the order of the outputs; ``classes``: what they are called.

    Of two classes the second is the positive one. ``limit``: the probability above which a row is of it.
    """

    kinds: ClassVar[tuple[str, ...]] = ("binary", "multiclass")
    encodings: ClassVar[tuple[str, ...]] = ("binary", "integer", "one_hot")
    form: Form
    targets: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    limit: float = 0.5

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form | None:
        """The form of one column, where loss or last layer are for classes; of several, where the loss is for them."""
        loss, activation = head.loss.name, head.activation
        if target.ndim > 1 and not (loss in COLUMN_LOSSES and target.dtype.kind in "iufb"):
            return None
        if loss not in CLASS_LOSSES:  # a perceptron that learns classes by squared error
            if activation == "softmax":
                return Form("multiclass", "one_hot", "none")
            return Form("binary", "binary", "none") if activation == "sigmoid" and are_two_classes(target) else None
        kind = "binary" if loss in BINARY_LOSSES else "multiclass"
        encoding = "binary" if kind == "binary" else "integer" if loss in INTEGER_LOSSES else "one_hot"
        if loss in MARGIN_LOSSES:
            return Form(kind, encoding, "margin" if activation in ("tanh", "linear") and kind == "binary" else "none")
        return Form(kind, encoding, ("sigmoid" if kind == "binary" else "softmax") if head.from_logits else "none")

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Classes":
        """The classes of all rows that are used. Raises ``RnaError``."""
        labels = find_labels(form, targets, head)
        classes = name_classes(labels, targets)
        if len(labels) == 2:
            order = put_positive_last(labels, classes, targets)
            labels, classes = (tuple(names[i] for i in order) for names in (labels, classes))
        return cls(form, targets.names, labels, classes, targets.threshold)

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Classes":
        """The classes of a run. Raises ``ValueError``."""
        if not kept.labels or (form.encoding == "binary" and len(kept.labels) != 2):
            raise ValueError("its lengths do not fit together")
        return cls(form, kept.names, kept.labels, kept.classes, kept.threshold)

    def keep(self) -> Kept:
        return Kept(self.targets, self.labels, self.classes, threshold=self.limit)

    def with_threshold(self, threshold: float) -> "Classes":
        return dataclasses.replace(self, limit=threshold)

    @property
    def is_pair(self) -> bool:
        """Whether one output says the probability of the second of two classes."""
        return self.form.encoding == "binary"

    @property
    def threshold(self) -> float | None:
        return self.limit if self.is_pair else None

    @property
    def positive(self) -> str | None:
        return self.classes[1] if len(self.classes) == 2 else None

    @property
    def head_activation(self) -> str:
        return "sigmoid" if self.is_pair else "softmax"

    def encode(self, y: np.ndarray) -> np.ndarray:
        indices = self.truth(y)
        if y.ndim == 2:
            require_one_hot(y, self.targets, lambda row: fill_template("row {row}", row=row + 1))
        elif (indices < 0).any():
            row = int(np.argmax(indices < 0))
            raise unknown_label(spell_labels(y[row : row + 1])[0], row, self.labels, self.targets)
        if self.form.encoding == "integer":
            return indices.astype("int32")
        if self.is_pair:
            return indices.astype("float32")[:, None]
        return np.asarray(np.eye(len(self.labels), dtype="float32")[indices])

    def truth(self, y: np.ndarray) -> np.ndarray:
        if y.ndim == 2:
            places = {label: i for i, label in enumerate(self.labels)}
            names = self.targets if set(self.targets) == set(self.labels) else map(str, range(y.shape[1]))
            return np.asarray(np.array([*(places[name] for name in names), -1])[find_columns(y)])
        different, inverse = find_distinct(y)
        return np.asarray(find_places(spell_labels(different), self.labels, -1)[inverse])

    def read(self, outputs: np.ndarray) -> Answer:
        probabilities = as_probabilities(outputs, self.form.activation)
        if self.is_pair:
            probabilities = np.hstack([1 - probabilities, probabilities])
            return Answer(np.asarray(probabilities[:, -1] > self.limit, "int64"), probabilities)
        return Answer(np.asarray(probabilities.argmax(axis=1), "int64"), probabilities)

    def score(self, truth: np.ndarray, answer: Answer, call: Callable[..., Any]) -> Scores:
        each = call(score_each_class, truth, answer.predicted, self.classes)
        overall = call(score_classes, truth, answer.predicted, answer.probabilities)
        return Scores(overall, each, call(count_confusion, truth, answer.predicted, len(self.classes)))

    # Predictions

    def names(self, indices: np.ndarray) -> list[str]:
        """What class indices (n,) are called."""
        return [self.classes[index] for index in indices.tolist()]

    # Checks

    def problems(self, head: Head, units: int) -> list[Problem]:
        classes, target = len(self.classes), clean(", ".join(self.targets))
        if self.is_pair:
            what = fill_template(
                "{name} with the {classes} classes of {target:.300}",
                name=head.loss.name,
                classes=classes,
                target=target,
            )
            other = "- dense: {units: 1, activation: sigmoid}"
            hint = fill_template(
                "loss: sparse_categorical_crossentropy for one unit a class, or {other:.300}", other=other
            )
            return wrong_units(head, units, 1, what, hint)
        hint = dense_hint(head, classes, "tanh" if self.form.activation == "margin" else "softmax")
        if classes == 2 and units == 1:
            hint = fill_template("loss: binary_crossentropy for one sigmoid unit, or {hint:.300}", hint=hint)
        return wrong_units(
            head,
            units,
            classes,
            fill_template("the {classes} classes of {target:.300}", classes=classes, target=target),
            hint,
        )

    def metric_problems(self, metric: KerasSpec, loss: str) -> list[Problem]:
        if self.form.encoding != "integer":
            return wants_integers(metric, loss)
        if metric.name not in ONE_HOT_METRICS:
            return []
        hint = "loss: categorical_crossentropy makes the targets one-hot"
        return [metric_problem(metric, fill_template("with {loss} the targets are integers", loss=loss), hint)]

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        if self.is_pair:
            if metric.name in ONE_RIGHT_CLASS:
                why = "it compares the outputs of a row with one another, and there is one"
                return [metric_problem(metric, why, f"metrics: [{ONE_RIGHT_CLASS[metric.name]}]")]
            return wants_probabilities(metric, self.form.activation == "none", "")
        return each_output_doubts(metric, len(self.classes))

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        return (make_spec("metric", "accuracy"),)

    def accuracy_threshold(self, head: Head) -> float | None:
        if not self.is_pair or head.activation in ("sigmoid", "softmax"):
            return None
        return 0.0 if head.from_logits or self.form.activation == "margin" else 0.5

    def notes(self, y: np.ndarray) -> list[str]:
        missing = set(range(len(self.labels))) - set(self.truth(y).tolist())
        sentence = "class '{name}' has no training rows"
        return [
            *(fill_template(sentence, name=self.classes[i]) for i in sorted(missing)),
            *(tell_alike(one, other) for one, other in find_alike(self.labels)),
            *self.tell_several(),
        ]

    def tell_several(self) -> list[str]:
        """What to say of classes that may be several labels each."""
        separator = find_separator(self.labels)
        if not separator:
            return []
        message = "'{name:.40}' is one class; if it is several labels: label_separator: '{separator}'"
        name = next(label for label in self.labels if separator in label)
        return [fill_template(message, name=name, separator=separator)]

    def count_classes(self, y: np.ndarray) -> list[int]:
        return [int(count) for count in np.bincount(self.truth(y), minlength=len(self.labels))]

    def decisions(self, y: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.truth(y), as_probabilities(outputs, self.form.activation)[:, -1]

    @staticmethod
    def check_rows(y: np.ndarray, names: Sequence[str], place_of: Callable[[int], str]) -> None:
        """Columns of classes must have one 1 in each row."""
        if y.ndim == 2:
            require_one_hot(y, names, place_of)

    def check(self, y: np.ndarray, shown: str) -> None:
        self.check_rows(y, self.targets, lambda row: fill_template("{shown:.300}: row {row}", shown=shown, row=row + 1))

    def refuse_threshold(self) -> str:
        target = clean(", ".join(self.targets))
        return fill_template(
            "of the classes of {target:.300} the likeliest is predicted (the task is multiclass)", target=target
        )


def are_two_classes(target: np.ndarray) -> bool:
    """Whether a target has just two values, 0 and 1 or two words."""
    present = target[~np.isnan(target)] if target.dtype.kind == "f" else target
    values = set(present.tolist()) - {None}
    return len(values) == 2 and (target.dtype.kind not in "iufb" or values == {0, 1})
