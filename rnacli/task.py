"""What a network is for - two classes, several classes, numbers - and how its outputs are read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnacli.errors import CONFIG, RnaError, clean
from rnacli.keras_object import KerasSpec
from rnacli.language import Config
from rnacli.schema import listed

if TYPE_CHECKING:
    import numpy as np

BINARY_LOSSES = {"binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"}
INTEGER_LOSSES = {"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"}
ONE_HOT_LOSSES = {"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence"}
CLASS_LOSSES = BINARY_LOSSES | INTEGER_LOSSES | ONE_HOT_LOSSES
KINDS = ("binary", "multiclass", "regression")
ENCODINGS = ("binary", "integer", "one_hot", "values")
ACTIVATIONS = ("none", "sigmoid", "softmax", "margin")
MARGIN_LOSSES = {"hinge", "squared_hinge", "categorical_hinge"}


@dataclass(frozen=True)
class Task:
    """How targets go in and how outputs come out.

    ``kind``: one of ``KINDS``.
    ``encoding`` of the targets: ``binary`` (n, 1) of 0 and 1, ``integer`` (n,), ``one_hot`` (n, classes) or
    ``values`` (n, targets).
    ``activation``: what still turns the outputs into probabilities: ``sigmoid`` or ``softmax`` for logits,
    ``margin`` for outputs from -1 to 1, ``none`` where they are probabilities or values already.
    """

    kind: str
    encoding: str
    activation: str

    def probabilities(self, outputs: "np.ndarray") -> "np.ndarray":
        """Probabilities (n, classes) from a network's outputs: (n, 1) for two classes, else (n, classes)."""
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

    def labels(self, probabilities: "np.ndarray") -> "np.ndarray":
        """Class indices (n,) from ``probabilities``: for two classes, the second above 0.5."""
        import numpy as np

        return np.asarray(probabilities[:, 1] > 0.5 if self.kind == "binary" else probabilities.argmax(axis=1), "int64")


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


def class_task(config: Config) -> Task:
    loss, head = config.loss.name, head_activation(config)
    kind = "binary" if loss in BINARY_LOSSES else "multiclass"
    encoding = "binary" if kind == "binary" else "integer" if loss in INTEGER_LOSSES else "one_hot"
    if loss in MARGIN_LOSSES:
        return Task(kind, encoding, "margin" if head in ("tanh", "linear") and kind == "binary" else "none")
    logits = from_logits(config.loss)
    return Task(kind, encoding, ("sigmoid" if kind == "binary" else "softmax") if logits else "none")


def is_zero_one(target: "np.ndarray") -> bool:
    """Whether a target has just two values, 0 and 1 or two words."""
    import numpy as np

    values = np.unique(target)
    return len(values) == 2 and (target.dtype.kind not in "iufb" or set(values.tolist()) == {0, 1})
