"""Numbers: one or several values a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.document.write import name_hint, yaml_scalar
from rnacli.encoders.columns.common import power_of
from rnacli.encoders.encoder import Linear
from rnacli.encoders.scale import bend, fit_column_scale, straighten
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.schema.keras_object import KerasSpec, make_spec
from rnacli.tasks.form import Answer, Form, Kept, Scores, Targets
from rnacli.tasks.heads import BINARY_LOSSES, Head
from rnacli.tasks.metrics import metric_problem
from rnacli.tasks.scores import score_values
from rnacli.tasks.task import Task, wrong_units
from rnacli.words import fill_template

RANGES = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
"""What activations give."""

OF_POSITIVE = ("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson")
"""Losses and metrics that only mean something where targets are above 0."""


@dataclass(frozen=True, eq=False)
class Numbers(Task):
    """The network learns ``(value - offset) / divisor`` (targets,)."""

    kinds: ClassVar[tuple[str, ...]] = ("regression",)
    encodings: ClassVar[tuple[str, ...]] = ("values",)
    form: Form
    targets: tuple[str, ...]
    offset: np.ndarray
    divisor: np.ndarray
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    limit: float = 0.5
    """What the config says of a threshold, kept."""
    power: tuple[float | None, ...] = ()
    """What bends each target before it is scaled; empty where none is bent."""

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form:
        """The form of what is no class and no label. Raises ``RnaError`` where it is no number."""
        loss, place = head.loss.name, str(head.loss.place)
        if target.dtype.kind not in "iufb":
            raise RnaError(
                "{name} holds text such as '{text}', and {loss} predicts numbers",
                place=place,
                hint="for classes: loss: sparse_categorical_crossentropy and a softmax layer with one unit for each "
                "class",
                exit_code=CONFIG,
                name=name,
                text=target[0],
                loss=loss,
            )
        return Form("regression", "values", "none")

    @classmethod
    def learn(cls, form: Form, targets: Targets, head: Head) -> "Numbers":
        """Offset and divisor of the values to predict, where a scale is asked for each target."""
        if not targets.scales:
            return cls(form, targets.names, np.zeros(()), np.ones(()), limit=targets.threshold)
        y = targets.training.reshape(len(targets.training), -1).astype("float64")
        powers = tuple(
            power_of(name, y[:, i], targets.scales[i], str(targets.place("dataset", "columns", name)))
            for i, name in enumerate(targets.names)
        )
        bent = [bend(y[:, i], power) for i, power in enumerate(powers)]
        scales = [fit_column_scale(values, scale) for values, scale in zip(bent, targets.scales, strict=True)]
        offset, divisor = zip(*scales, strict=True)
        power = powers if any(each is not None for each in powers) else ()
        return cls(form, targets.names, np.array(offset), np.array(divisor), limit=targets.threshold, power=power)

    @classmethod
    def load(cls, form: Form, kept: Kept) -> "Numbers":
        """The numbers of a run. Raises ``ValueError``."""
        if kept.labels:
            raise ValueError("its lengths do not fit together")
        return cls(form, kept.names, kept.offset, kept.divisor, limit=kept.threshold, power=kept.power or ())

    def keep(self) -> Kept:
        offset, divisor = self.offset.tolist(), self.divisor.tolist()
        return Kept(self.targets, offset=offset, divisor=divisor, threshold=self.limit, power=self.power or None)

    def with_threshold(self, threshold: float) -> "Numbers":
        return self

    @property
    def linear(self) -> Linear | None:
        return None if self.power else (self.offset, self.divisor)

    def encode(self, y: np.ndarray) -> np.ndarray:
        return np.asarray((self.by_power(bend, y.reshape(len(y), -1)) - self.offset) / self.divisor, dtype="float32")

    def by_power(self, change: Callable[[np.ndarray, float | None], np.ndarray], values: np.ndarray) -> np.ndarray:
        """Values (n, targets), each target's changed by its power where there are such."""
        if not self.power:
            return values
        return np.stack([change(values[:, i], power) for i, power in enumerate(self.power)], axis=1)

    def truth(self, y: np.ndarray) -> np.ndarray:
        return np.asarray(y, "float64").reshape(len(y), -1)

    def read(self, outputs: np.ndarray) -> Answer:
        """Values in the units of the data, float64."""
        outputs = np.asarray(outputs, "float64").reshape(len(outputs), -1)
        return Answer(np.asarray(self.by_power(straighten, outputs * self.divisor + self.offset)))

    def score(self, truth: np.ndarray, answer: Answer, call: Callable[..., Any]) -> Scores:
        return Scores(call(score_values, truth, answer.predicted, self.targets))

    # Predictions

    def columns(self, only: str = "all") -> list[str]:
        return ["prediction"] if len(self.targets) == 1 else [f"prediction_{target}" for target in self.targets]

    def cells(self, answer: Answer, only: str = "all") -> tuple[list[list[str]], np.ndarray]:
        return [], answer.predicted

    def compared_columns(self) -> list[str]:
        if len(self.targets) == 1:
            return ["truth", "prediction"]
        return [f"{word}_{target}" for target in self.targets for word in ("truth", "prediction")]

    def compared_cells(self, truth: np.ndarray, answer: Answer) -> tuple[list[list[str]], np.ndarray]:
        return [], np.stack([truth, answer.predicted], axis=2).reshape(len(truth), -1)

    # Checks

    def problems(self, head: Head, units: int) -> list[Problem]:
        count = len(self.targets)
        what = fill_template(
            "the target {name}" if count == 1 else "the {count} target columns", name=self.targets[0], count=count
        )
        return wrong_units(head, units, count, what, f"- dense: {count}")

    def loss_doubts(self, head: Head, y: np.ndarray, is_table: bool) -> list[Problem]:
        """Values that the loss or the last activation cannot reach, as the network gets them."""
        encoded = self.encode(y)
        if head.loss.name in BINARY_LOSSES and (encoded.min() < 0 or encoded.max() > 1):
            low, high = encoded.min(), encoded.max()
            message = "{loss} compares with 0 and 1, and the targets go from {low:g} to {high:g}"
            hint = "labels are 0 or 1 in each column; for numbers: loss: mean_squared_error"
            return [Problem(message, str(head.loss.place), hint, loss=head.loss.name, low=low, high=high)]
        if doubts := self.zero_doubts(head.loss, is_table):
            return doubts
        if head.loss.name in OF_POSITIVE[1:] and encoded.min() < 0:
            name, low = self.targets[int(encoded.min(axis=0).argmin())], encoded.min()
            message, hint = (
                "{loss} is of targets from 0 on, and {name} goes down to {low:g}",
                "loss: mean_squared_error",
            )
            return [Problem(message, str(head.loss.place), hint, loss=head.loss.name, name=name, low=low)]
        if head.loss.name == "poisson" and head.activation in ("linear", "tanh"):
            message = "poisson expects outputs above 0, and {activation} gives others too"
            hint = "activation: exponential in the last layer"
            return [Problem(message, str(head.last.place), hint, activation=head.activation)]
        low, high = RANGES.get(head.activation, (-np.inf, np.inf))
        outside = np.flatnonzero((encoded.min(axis=0) < low) | (encoded.max(axis=0) > high))
        if not len(outside):
            return []
        names, values = [self.targets[i] for i in outside], encoded[:, outside]
        message = "{activation} gives {low:g} to {high:g}, and the target {name} goes from {least:g} to {most:g}"
        if len(names) > 1:
            message = "{activation} gives {low:g} to {high:g}, and {count} targets go from {least:g} to {most:g}"
        hint = "no activation in the last layer"
        if is_table:
            hint = "columns: {{scales:.300}} for a target from 0 to 1, or no activation in the last layer"
        return [
            Problem(
                message,
                str(head.last.place),
                hint,
                activation=head.activation,
                low=low,
                high=high,
                name=names[0],
                count=len(names),
                least=values.min(),
                most=values.max(),
                scales=", ".join(
                    fill_template("{name:.60}: {scale: minmax}", name=yaml_scalar(name)) for name in names[:3]
                ),
            )
        ]

    def zero_doubts(self, measure: KerasSpec, is_table: bool) -> list[Problem]:
        """A loss or a metric that divides by the target, or takes its logarithm, where its scale has moved it to 0."""
        moved = np.flatnonzero(np.broadcast_to(self.offset, len(self.targets)))
        if measure.name not in OF_POSITIVE or not len(moved):
            return []
        name = self.targets[moved[0]]
        hint = name_hint(name, "columns: {{column}: {scale: {rescale: 100}}}, or {scale: none}") if is_table else ""
        message = "{measure} is of targets above 0, and the scale of {name} moves it to about 0"
        return [Problem(message, str(measure.place), hint, measure=measure.name, name=name)]

    def metric_doubts(self, metric: KerasSpec) -> list[Problem]:
        if metric.name != "accuracy":
            return self.zero_doubts(metric, True)
        return [metric_problem(metric, "the target is a number", "metrics: [mean_absolute_error]")]

    def default_metrics(self) -> tuple[KerasSpec, ...]:
        return (make_spec("metric", "mae"),)

    def refuse_threshold(self) -> str:
        return fill_template(
            "{targets} is predicted as a number (the task is regression)", targets=", ".join(self.targets)
        )

    @staticmethod
    def refuse_stratify(target: str, y: np.ndarray) -> str:
        return fill_template("stratify wants classes, and {target} is predicted as a number", target=target)

    def refuse_class_weight(self) -> str:
        return "the target is a number"

    @property
    def numbers(self) -> tuple[str, ...]:
        return self.targets

    @property
    def scaled(self) -> list[str]:
        """The targets that are scaled for the network, with what 1 stands for."""
        divisors = np.broadcast_to(self.divisor, len(self.targets)).tolist()
        offsets = np.broadcast_to(self.offset, len(self.targets)).tolist()
        return [
            fill_template("{name:.40} (1 stands for {unit:.6g})", name=name, unit=unit)
            for name, unit, offset in zip(self.targets, divisors, offsets, strict=True)
            if (unit, offset) != (1, 0)
        ]
