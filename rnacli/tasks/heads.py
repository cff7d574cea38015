"""One output of a network as the file has it: its loss and its last layer."""

from dataclasses import dataclass

from rnacli.schema.keras_object import KerasSpec

BINARY_LOSSES = {"binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"}
INTEGER_LOSSES = {"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"}
ONE_HOT_LOSSES = {"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence"}
PERCEPTRON = "perceptron"
"""The loss of a neuron that ends in a step."""
STEPS = ("heaviside", "sign")
"""Activations that jump: they have no gradient."""
CLASS_LOSSES = BINARY_LOSSES | INTEGER_LOSSES | ONE_HOT_LOSSES | {PERCEPTRON}
COLUMN_LOSSES = INTEGER_LOSSES | ONE_HOT_LOSSES - {"kl_divergence"}
"""Losses with which several target columns are classes, one 1 in each row; divergence compares shares as well."""
MARGIN_LOSSES = {"hinge", "squared_hinge", "categorical_hinge"}


@dataclass(frozen=True)
class Head:
    """``last``: the layer that gives the output; ``loss``: what compares it with the target."""

    last: KerasSpec
    loss: KerasSpec

    @property
    def activation(self) -> str:
        """The activation that the last layer ends in; ``linear`` where there is none."""
        if self.last.name in ("softmax", "sigmoid", "relu"):
            return self.last.name
        arguments = self.last.arguments
        is_top = arguments.get("include_top", False)
        return str(arguments.get("classifier_activation" if is_top else "activation") or "linear")

    @property
    def units(self) -> int | None:
        """The numbers that the last layer gives, where it says so."""
        units = self.last.arguments.get("units")
        return int(units) if isinstance(units, int) else None

    @property
    def from_logits(self) -> bool:
        """Whether the loss takes outputs that are no probabilities yet."""
        return bool(self.loss.arguments.get("from_logits"))

    @property
    def predicts_classes(self) -> bool:
        """Whether the target is for sure a class, or labels."""
        return self.loss.name in CLASS_LOSSES or self.activation == "softmax"

    @property
    def predicts_numbers(self) -> bool:
        """Whether the target is read as numbers from the start: text in it is then an error with its line."""
        return self.loss.name not in CLASS_LOSSES and self.activation not in ("softmax", "sigmoid")
