"""Labels: a row may have any number of them, in columns of 0 and 1 or with a separator in one cell."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.tables.cells import find_distinct, sort_words
from rnacli.tables.several import separate
from rnacli.tasks.find_labels import name_classes
from rnacli.tasks.form import Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import BINARY_LOSSES, CLASS_LOSSES, MARGIN_LOSSES, Head
from rnacli.tasks.metrics import metric_problem, wants_integers, wants_probabilities
from rnacli.tasks.probabilities import as_probabilities
from rnacli.tasks.scores import score_each_class, score_labels
from rnacli.tasks.task import Task, are_bits, dense_hint, unknown_label, wrong_units
from rnacli.words import clean, fill_template, first_of

LIKELIEST_METRICS = {
    "accuracy": "binary_accuracy",
    "categorical_accuracy": "binary_accuracy",
    "top_k_categorical_accuracy": "binary_accuracy",
    "categorical_crossentropy": "binary_crossentropy",
}
"""Metrics that expect one right class a row, and what to measure labels by instead."""


@dataclass(frozen=True)
class Labels(Task):
    """``separator`` stands between several labels in one cell; empty where each label is a column of 0 and 1."""

    kinds: ClassVar[tuple[str, ...]] = ("multilabel",)
    encodings: ClassVar[tuple[str, ...]] = ("multi_hot",)
    form: Form
    targets: tuple[str, ...]
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    separator: str = ""
    threshold: float = 0.5

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form | None:
        """The form of columns of 0 and 1, or of cells of several labels. Raises ``RnaError`` for another loss."""
        # Labels may be learnt by squared error too, as two classes may.
        loss, activation = head.loss.name, "none"
        suits = loss in BINARY_LOSSES or (loss not in CLASS_LOSSES and head.activation == "sigmoid")
        if suits and (separated or (target.ndim == 2 and target.dtype.kind in "iufb" and are_bits(target))):
            if loss in MARGIN_LOSSES:
                activation = "margin" if head.activation in ("tanh", "linear") else "none"
            elif loss in BINARY_LOSSES and head.from_logits:
                activation = "sigmoid"
            return Form("multilabel", "multi_hot", activation)
        if not separated:
            return None
        raise RnaError(
            "{loss} is not for several labels a row",
            place=str(head.loss.place),
            exit_code=CONFIG,
            hint="loss: binary_crossentropy, with a sigmoid layer of one unit for each label",
            loss=loss,
        )

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Labels":
        """The labels of all rows that are used. Raises ``RnaError``."""
        labels = targets.names
        if targets.separator:
            cells = find_distinct(targets.values)[0]
            labels = tuple(
                sort_words(list({label for cell in cells for label in separate(cell or "", targets.separator)}))
            )
        classes = name_classes(labels, targets) if labels else ()
        return cls(form, targets.names, labels, classes, targets.separator, targets.threshold)

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Labels":
        """The labels of a run. Raises ``ValueError``."""
        if not kept.labels:
            raise ValueError("its lengths do not fit together")
        return cls(form, kept.names, kept.labels, kept.classes, kept.separator, kept.threshold)

    def keep(self) -> Kept:
        return Kept(self.targets, self.labels, self.classes, self.separator, threshold=self.threshold)

    def with_threshold(self, threshold: float) -> "Labels":
        return dataclasses.replace(self, threshold=threshold)

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Which labels (n, labels) each row has, 0 or 1, float32."""
        if not self.separator:
            return np.asarray(y, "float32").reshape(len(y), -1)
        different, inverse = find_distinct(y)
        places = {label: i for i, label in enumerate(self.labels)}
        table = np.zeros((len(different), len(places)), "float32")
        for i, cell in enumerate(different):
            for label in separate(cell or "", self.separator):
                if label not in places:
                    raise unknown_label(label, int(np.argmax(inverse == i)), self.labels, self.targets)
                table[i, places[label]] = 1
        return np.asarray(table[inverse])

    def truth(self, y: np.ndarray) -> np.ndarray:
        return np.asarray(self.encode(y), "int64")

    def read(self, outputs: np.ndarray) -> Answer:
        probabilities = as_probabilities(outputs, self.form.activation)
        return Answer(np.asarray(probabilities > self.threshold, "int64"), probabilities)

    def score(self, truth: np.ndarray, answer: Answer, call: Callable[..., Any]) -> Scores:
        each = call(score_each_class, truth, answer.predicted, self.classes)
        return Scores(call(score_labels, truth, answer.predicted, answer.probabilities, each), each)

    # Predictions

    def names(self, bits: np.ndarray) -> list[str]:
        """The labels of each row of 0 and 1 (n, labels), with the separator between them."""
        separator = self.separator or "|"
        return [separator.join(self.classes[i] for i in np.flatnonzero(row)) for row in bits]

    # Checks

    def problems(self, head: Head, units: int) -> list[Problem]:
        count = len(self.classes)
        labels = fill_template(
            "the {count} labels" if count > 1 else "the label of {targets:and}", count=count, targets=self.targets
        )
        if head.activation == "softmax":
            message = "softmax shares a probability of 1 among {labels:.300}, and a row may have several or none"
            return [
                Problem(
                    message,
                    str(head.last.place),
                    "- dense: {units: {count}, activation: sigmoid}",
                    labels=labels,
                    count=count,
                )
            ]
        hint = dense_hint(head, count, "tanh" if self.form.activation == "margin" else "sigmoid")
        return wrong_units(head, units, count, labels, hint)

    def target_doubts(self, y: np.ndarray) -> list[Problem]:
        """Labels that all training rows have, or none."""
        shares = self.encode(y).mean(axis=0)
        doubts = []
        said = {
            0: (
                "no training row has the label {names:.300}: nothing can be learnt of it",
                "no training row has the labels {names:.300}: nothing can be learnt of them",
            ),
            1: (
                "every training row has the label {names:.300}: nothing can be learnt of it",
                "every training row has the labels {names:.300}: nothing can be learnt of them",
            ),
        }
        for share, (one, many) in said.items():
            names = [clean(self.classes[i], 40) for i in np.flatnonzero(shares == share)]
            if names:
                doubts.append(Problem(one if len(names) == 1 else many, names=first_of(names)))
        return doubts

    def metric_problems(self, metric: KerasSpec, loss: str) -> list[Problem]:
        return wants_integers(metric, loss, "metrics: [binary_accuracy]")

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        if instead := LIKELIEST_METRICS.get(metric.name):
            why = "it compares with one right class a row, and a row may have several labels or none"
            return [metric_problem(metric, why, f"metrics: [{instead}]")]
        return wants_probabilities(metric, self.form.activation == "none", "average: micro, ")

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        # Outputs that are no probabilities yet say yes above 0.
        threshold = {} if self.form.activation == "none" else {"threshold": 0}
        return (make_spec("metric", "binary_accuracy", **threshold),)

    def notes(self, y: np.ndarray) -> list[str]:
        never = self.encode(y).sum(axis=0) == 0
        sentence = "no training row has the label '{name}'"
        return [fill_template(sentence, name=name) for name in np.array(self.classes)[never]]

    def decisions(self, y: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One decision for each label of each row."""
        return self.encode(y).ravel(), as_probabilities(outputs, self.form.activation).ravel()

    @staticmethod
    def refuse_stratify(target: str, y: np.ndarray) -> str:
        return "stratify wants one class a row, and a row here may have several labels or none"

    def refuse_class_weight(self) -> str:
        return "a row has several labels"

    def check(self, y: np.ndarray, shown: str) -> None:
        """Columns of labels must hold 0 and 1."""
        if self.separator or are_bits(y):
            return
        row, column = np.argwhere((y != 0) & (y != 1))[0]
        name = clean(self.targets[column] if len(self.targets) > column else column, 40)
        message = "column '{name}': a label is 0 or 1, got {label:g} (row {row})"
        raise RnaError(message, place=shown, name=name, label=y[row, column], row=row + 1)
