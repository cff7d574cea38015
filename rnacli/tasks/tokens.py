"""Tokens: at every place of a window, the one that comes next in the text."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.tasks.form import Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import Head
from rnacli.tasks.metrics import ONE_HOT_METRICS, metric_problem
from rnacli.tasks.task import Task, dense_hint, wrong_units

LOSS = "sparse_categorical_crossentropy"


@dataclass(frozen=True)
class Tokens(Task):
    """Targets (n, window) are whole numbers of a vocabulary. ``count``: how many it has; 0 of a run, which knows it."""

    kinds: ClassVar[tuple[str, ...]] = ("tokens",)
    encodings: ClassVar[tuple[str, ...]] = ("tokens",)
    answers: ClassVar[bool] = False
    form: Form
    targets: tuple[str, ...]
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    count: int = 0

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form:
        """The form of a text. Raises ``RnaError`` for a loss that does not compare with whole numbers."""
        if head.loss.name != LOSS:
            raise RnaError(
                "the next token of a text is a whole number, and {loss} compares with others",
                place=str(head.loss.place),
                hint="loss: {sparse_categorical_crossentropy: {from_logits: true}}, with no activation behind it",
                exit_code=CONFIG,
                loss=head.loss.name,
            )
        return Form("tokens", "tokens", "softmax" if head.from_logits else "none")

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Tokens":
        return cls(form, targets.names, count=len(targets.classes or ()))

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Tokens":
        """The tokens of a run. Raises ``ValueError``."""
        if kept.labels:
            raise ValueError("its lengths do not fit together")
        return cls(form, kept.names)

    def keep(self) -> Kept:
        return Kept(self.targets)

    @property
    def head_activation(self) -> str:
        return "softmax"

    @property
    def units(self) -> int | None:
        return self.count or None

    def encode(self, y: np.ndarray) -> np.ndarray:
        return np.asarray(y, "int32")

    def truth(self, y: np.ndarray) -> np.ndarray:
        return self.encode(y)

    def read(self, outputs: np.ndarray) -> Answer:
        """The likeliest token at each place."""
        return Answer(outputs.argmax(axis=-1))

    def score(self, truth: np.ndarray, answer: Answer, call: Callable[..., Any]) -> Scores:
        return Scores({})

    def derive(self, crossentropy: float) -> dict[str, float]:
        """The perplexity: among how many equally likely tokens one would be as unsure."""
        return {"perplexity": math.exp(min(crossentropy, 700.0))}

    # Checks

    def shape_problems(self, head: Head, outputs: tuple[int | None, ...]) -> list[Problem]:
        if len(outputs) == 2:
            return []
        message = (
            "expected a number for each token at each place of the window, got rows of shape {outputs:.300} from {name}"
        )
        hint = "return_sequences: true in each recurrent layer hands on every place; no flatten, no pooling"
        return [Problem(message, str(head.last.place), hint, outputs=outputs, name=head.last.name)]

    def problems(self, head: Head, units: int) -> list[Problem]:
        return wrong_units(head, units, self.count, "the vocabulary", dense_hint(head, self.count, "softmax"))

    def metric_problems(self, metric: KerasSpec, loss: str) -> list[Problem]:
        if metric.name not in ONE_HOT_METRICS:
            return []
        return [metric_problem(metric, "the targets are whole numbers", "metrics: [accuracy]")]

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        return (make_spec("metric", "accuracy"),)

    def refuse_threshold(self) -> str:
        return "the next token is predicted"

    @staticmethod
    def refuse_stratify(target: str, y: np.ndarray) -> str:
        return "a text is divided into stretches, which have the tokens that they have"

    def refuse_class_weight(self) -> str:
        return "the next token is predicted"
