"""Classes that a step decides: a neuron of the first kind gives one of two labels, and no probability."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.classes import Classes
from rnacli.tasks.form import Answer, Form
from rnacli.tasks.heads import PERCEPTRON, STEPS, Head
from rnacli.tasks.metrics import metric_problem
from rnacli.tasks.probabilities import as_probabilities
from rnacli.tasks.task import wrong_units
from rnacli.words import clean, fill_template

OF_CHANCES = {
    "auc", "binary_crossentropy", "precision_at_recall", "recall_at_precision", "sensitivity_at_specificity",
    "specificity_at_sensitivity",
}  # fmt: skip
"""Metrics of probabilities."""


@dataclass(frozen=True)
class Steps(Classes):
    """Two classes; the network's output is what comes before the step."""

    kinds: ClassVar[tuple[str, ...]] = ("binary",)
    encodings: ClassVar[tuple[str, ...]] = ("binary",)
    activations: ClassVar[tuple[str, ...]] = STEPS

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form | None:
        """The form of what a perceptron learns. Raises ``RnaError`` for several targets."""
        if head.loss.name != PERCEPTRON:
            return None
        if target.ndim > 1 or separated:
            message, hint = "perceptron is for one target of two classes, got {name}", "target: one column"
            raise RnaError(message, place=str(head.loss.place), hint=hint, exit_code=CONFIG, name=name)
        return Form("binary", "binary", head.activation)

    @property
    def threshold(self) -> float | None:
        return None

    @property
    def has_probabilities(self) -> bool:
        return False

    def read(self, outputs: np.ndarray) -> Answer:
        return Answer(np.asarray(as_probabilities(outputs, self.form.activation)[:, -1] > 0.5, "int64"))

    def columns(self, only: str = "all") -> list[str]:
        return ["prediction"]

    def cells(self, answer: Answer, only: str = "all") -> tuple[list[list[str]], np.ndarray]:
        return [self.names(answer.predicted)], np.empty((len(answer.predicted), 0))

    def problems(self, head: Head, units: int) -> list[Problem]:
        what = fill_template(
            "{perceptron} with the two classes of {names:.300}",
            perceptron=PERCEPTRON,
            names=clean(", ".join(self.targets)),
        )
        return wrong_units(head, units, 1, what, f"- dense: {{units: 1, activation: {head.activation}}}")

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        if metric.name not in OF_CHANCES:
            return []
        return [metric_problem(metric, "it takes probabilities, and a step gives labels", "metrics: [accuracy]")]

    def accuracy_threshold(self, head: Head) -> float | None:
        return None

    def refuse_threshold(self) -> str:
        return fill_template("{activation} gives labels, and no probabilities", activation=self.form.activation)
