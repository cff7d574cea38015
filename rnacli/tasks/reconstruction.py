"""The input itself: what an autoencoder gives back, and how far off each row of it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.errors import Problem
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.tables.cells import find_distinct, find_places, sort_words, spell_labels
from rnacli.tasks.find_labels import name_classes
from rnacli.tasks.form import Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import Head
from rnacli.tasks.metrics import metric_problem, wants_integers
from rnacli.tasks.probabilities import as_probabilities
from rnacli.tasks.scores import score_errors
from rnacli.tasks.task import Task


@dataclass(frozen=True)
class Reconstruction(Task):
    """The target is the input as the network takes it.

    Of the data's own targets only the classes of rows are kept, to be told beside them: ``row_labels`` as the data
    write them, ``row_classes`` as they are called; none where a row has not one class.
    """

    kinds: ClassVar[tuple[str, ...]] = ("reconstruction",)
    encodings: ClassVar[tuple[str, ...]] = ("input",)
    compares_input: ClassVar[bool] = True
    form: Form
    targets: tuple[str, ...]
    row_labels: tuple[str, ...] = ()
    row_classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form:
        """The form of this task, which the data set alone asks for."""
        return Form("reconstruction", "input", "sigmoid" if head.from_logits else "none")

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Reconstruction":
        """The classes of rows, where there are such. Raises ``RnaError``."""
        labels = find_row_labels(targets)
        return cls(form, targets.names, labels, name_classes(labels, targets) if labels else ())

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Reconstruction":
        return cls(form, kept.names, kept.labels, kept.classes)

    def keep(self) -> Kept:
        return Kept(self.targets, self.row_labels, self.row_classes)

    @property
    def target_columns(self) -> tuple[str, ...]:
        return ()

    def with_threshold(self, threshold: float) -> "Reconstruction":
        return self

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The class indices (n,) of rows; -1 for one that no training row had, or where there are none."""
        if y.ndim > 1 or not self.row_labels:
            return np.full(len(y), -1)
        different, inverse = find_distinct(y)
        return np.asarray(find_places(spell_labels(different), self.row_labels, -1)[inverse])

    def compare(self, outputs: np.ndarray, inputs: Callable[[], Mapping[str, np.ndarray]]) -> np.ndarray:
        """The mean squared difference (n, 1) of each row of outputs from its input, float64."""
        (wanted,) = inputs().values()
        given = self.reconstruct(outputs).reshape(len(outputs), -1)
        return np.asarray(np.square(given - wanted.reshape(len(wanted), -1)).mean(axis=1, keepdims=True))

    def reconstruct(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs (n, ...) as what is compared with the input, float64: logits are turned into what they stand for."""
        if self.form.activation == "none":
            return np.asarray(outputs, "float64")
        return as_probabilities(outputs, self.form.activation).reshape(outputs.shape)

    def reconstruction(
        self, run: Callable[[np.ndarray], tuple[Mapping[str, np.ndarray], np.ndarray]]
    ) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
        def give_back(raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            inputs, outputs = run(raw)
            (wanted,) = inputs.values()
            return wanted, self.reconstruct(outputs)

        return give_back

    def read(self, outputs: np.ndarray) -> Answer:
        return Answer(outputs)

    def score(self, truth: np.ndarray, answer: Answer, call: Callable[..., Any]) -> Scores:
        return Scores(call(score_errors, answer.predicted[:, 0]))

    # Predictions

    def columns(self, only: str = "all") -> list[str]:
        return ["error"]

    def cells(self, answer: Answer, only: str = "all") -> tuple[list[list[str]], np.ndarray]:
        return [], answer.predicted

    def compared_columns(self) -> list[str]:
        return [*(["class"] if self.row_classes else []), "error"]

    def compared_cells(self, truth: np.ndarray, answer: Answer) -> tuple[list[list[str]], np.ndarray]:
        names = ("", *self.row_classes)
        return [[names[i + 1] for i in truth.tolist()]] if self.row_classes else [], answer.predicted

    # Checks

    def problems(self, head: Head, units: int) -> list[Problem]:
        """None here: what does not fit is a matter of the whole shape."""
        return []

    def metric_problems(self, metric: KerasSpec, loss: str) -> list[Problem]:
        return wants_integers(metric, loss, "metrics: [mean_absolute_error]")

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        if metric.name != "accuracy":
            return []
        return [metric_problem(metric, "the target is the input, which has no classes", "metrics: [mae]")]

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        return (make_spec("metric", "mae"),)

    def refuse_threshold(self) -> str:
        return "the target is the input (the task is reconstruction)"

    @staticmethod
    def refuse_stratify(target: str, y: np.ndarray) -> str:
        return "stratify wants classes, and the target is the input" if y.ndim > 1 else ""

    def refuse_class_weight(self) -> str:
        return "the target is the input"


MOST_CLASSES = 1000
"""Different labels of rows that are still taken for classes."""


def find_row_labels(targets: Targets) -> tuple[str, ...]:
    """The labels of rows as the data write them, in their order; none where a row has not one class.

    A single class will do: what is unlike it shows by its error.
    """
    if targets.values.ndim > 1:
        return ()
    if targets.classes is not None and targets.values.dtype.kind in "iu":
        return tuple(map(str, range(len(targets.classes))))
    labels = sort_words(spell_labels(find_distinct(targets.values)[0]))
    return tuple(labels) if len(labels) <= MOST_CLASSES else ()
