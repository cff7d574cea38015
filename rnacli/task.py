"""What a network is for - two classes, several classes, labels, numbers - and how its outputs are read."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnacli.errors import CONFIG, RnaError, clean
from rnacli.keras_object import KerasSpec, named
from rnacli.language import Config, Csv
from rnacli.schema import listed

if TYPE_CHECKING:
    import numpy as np

BINARY_LOSSES = {"binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"}
INTEGER_LOSSES = {"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"}
ONE_HOT_LOSSES = {"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence"}
CLASS_LOSSES = BINARY_LOSSES | INTEGER_LOSSES | ONE_HOT_LOSSES
KINDS = ("binary", "multiclass", "multilabel", "regression")
ENCODINGS = ("binary", "integer", "one_hot", "multi_hot", "values")
ACTIVATIONS = ("none", "sigmoid", "softmax", "margin")
WITH_THRESHOLD = ("binary", "multilabel")
"""The kinds of task in which a probability is compared with a threshold."""
MARGIN_LOSSES = {"hinge", "squared_hinge", "categorical_hinge"}


@dataclass(frozen=True)
class Task:
    """How targets go in and how outputs come out.

    ``kind``: one of ``KINDS``.
    ``encoding`` of the targets: ``binary`` (n, 1) of 0 and 1, ``integer`` (n,), ``one_hot`` (n, classes),
    ``multi_hot`` (n, labels), where each row may have any number of labels, or ``values`` (n, targets).
    ``activation``: what still turns the outputs into probabilities: ``sigmoid`` or ``softmax`` for logits,
    ``margin`` for outputs from -1 to 1, ``none`` where they are probabilities or values already.
    """

    kind: str
    encoding: str
    activation: str

    def probabilities(self, outputs: "np.ndarray") -> "np.ndarray":
        """Probabilities (n, classes) from a network's outputs: (n, 1) for two classes, else (n, classes).

        Of labels, each column is for itself; of classes, a row's sum is 1.
        """
        import numpy as np

        outputs = np.asarray(outputs, dtype="float64").reshape(len(outputs), -1)
        if self.activation == "sigmoid":
            outputs = 0.5 * (1 + np.tanh(outputs / 2))
        elif self.activation == "margin":
            outputs = np.clip((outputs + 1) / 2, 0, 1)
        elif self.activation == "softmax":
            outputs = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            outputs = outputs / outputs.sum(axis=1, keepdims=True)
        return np.hstack([1 - outputs, outputs]) if self.kind == "binary" else outputs

    def labels(self, probabilities: "np.ndarray", threshold: float = 0.5) -> "np.ndarray":
        """Class indices (n,) from ``probabilities``: of two classes, the second above ``threshold``.

        Of several labels a row, 1 for each (n, labels) above it.
        """
        import numpy as np

        if self.kind == "multilabel":
            return np.asarray(probabilities > threshold, "int64")
        second = probabilities[:, -1] > threshold
        return np.asarray(second if self.kind == "binary" else probabilities.argmax(axis=1), "int64")


def head_activation(config: Config) -> str:
    """The activation that the last layer ends in; ``linear`` where there is none."""
    last = config.layers[-1]
    if last.name in ("softmax", "sigmoid", "relu"):
        return last.name
    return str(last.arguments.get("activation") or "linear")


def from_logits(loss: KerasSpec) -> bool:
    return bool(loss.arguments.get("from_logits"))


def of(config: Config, target: "np.ndarray", name: str) -> Task:
    """The task that the loss, the head and the target values ((n,) or (n, targets), numbers or text) make together.

    Raises ``RnaError`` where they do not go together. ``name`` is the target's, for messages.
    """
    loss, head = config.loss.name, head_activation(config)
    numeric = target.dtype.kind in "iufb"
    separated = isinstance(config.dataset, Csv) and config.dataset.label_separator
    # Labels may be learnt by squared error too, as two classes may.
    for_labels = loss in BINARY_LOSSES or (loss not in CLASS_LOSSES and head == "sigmoid")
    if for_labels and (separated or (target.ndim == 2 and numeric and is_bits(target))):
        return label_task(config)
    if separated:
        raise RnaError(
            f"{loss} is not for several labels a row",
            place=str(config.loss.place),
            exit_code=CONFIG,
            hint="loss: binary_crossentropy, with a sigmoid layer of one unit for each label",
        )
    if loss in CLASS_LOSSES and target.ndim == 1:
        return class_task(config)
    if target.ndim == 1 and (head == "softmax" or (head == "sigmoid" and is_zero_one(target))):
        # A perceptron that learns classes by squared error.
        kind = "multiclass" if head == "softmax" else "binary"
        return Task(kind, "one_hot" if head == "softmax" else "binary", "none")
    if not numeric:
        raise RnaError(
            f"{clean(name)} holds text such as '{clean(target[0])}', and {loss} predicts numbers",
            place=str(config.loss.place),
            exit_code=CONFIG,
            hint="for classes: loss: sparse_categorical_crossentropy and a softmax layer with one unit for each class",
        )
    if loss in INTEGER_LOSSES | ONE_HOT_LOSSES - {"kl_divergence"}:
        raise RnaError(
            f"{loss} wants one column of classes, and the target is {listed([clean(name)])}",
            place=str(config.loss.place),
            exit_code=CONFIG,
            hint="name one target column",
        )
    return Task("regression", "values", "none")


def complete(config: Config, task: Task) -> Config:
    """The config with the metrics that suit the task, where it names none."""
    if config.metrics is not None:
        return config
    if task.kind == "multilabel":
        # Outputs that are no probabilities yet say yes above 0.
        metric = named("metric", "binary_accuracy", **({} if task.activation == "none" else {"threshold": 0}))
    else:
        metric = named("metric", "mae" if task.kind == "regression" else "accuracy")
    return dataclasses.replace(config, metrics=(metric,))


def class_task(config: Config) -> Task:
    loss, head = config.loss.name, head_activation(config)
    kind = "binary" if loss in BINARY_LOSSES else "multiclass"
    encoding = "binary" if kind == "binary" else "integer" if loss in INTEGER_LOSSES else "one_hot"
    if loss in MARGIN_LOSSES:
        return Task(kind, encoding, "margin" if head in ("tanh", "linear") and kind == "binary" else "none")
    logits = from_logits(config.loss)
    return Task(kind, encoding, ("sigmoid" if kind == "binary" else "softmax") if logits else "none")


def label_task(config: Config) -> Task:
    """The task of rows that may have any number of labels, each of them two classes."""
    if config.dataset.split.stratify:
        raise RnaError(
            "stratify wants one class a row, and a row here may have several labels or none",
            place=str(config.place("dataset", "split", "stratify")),
            exit_code=CONFIG,
            hint="stratify: false",
        )
    activation = class_task(config).activation if config.loss.name in BINARY_LOSSES else "none"
    return Task("multilabel", "multi_hot", activation)


def is_bits(target: "np.ndarray") -> bool:
    """Whether targets are all 0 or 1; a missing one does not count."""
    import numpy as np

    return bool(((target == 0) | (target == 1) | np.isnan(target.astype("float64"))).all())


def is_zero_one(target: "np.ndarray") -> bool:
    """Whether a target has just two values, 0 and 1 or two words."""
    import numpy as np

    known = target[~np.isnan(target)] if target.dtype.kind == "f" else target
    values = np.array(list(set(known.tolist()) - {None}))
    return len(values) == 2 and (target.dtype.kind not in "iufb" or set(values.tolist()) == {0, 1})
