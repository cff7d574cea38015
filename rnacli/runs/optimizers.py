"""The optimizers of a network, which is one, or one for each of two networks that are trained together."""

from typing import Any


def list_optimizers(network: Any) -> list[tuple[Any, list[Any]]]:
    """Each optimizer of a compiled network, with the variables that it changes."""
    several = getattr(network, "trained_by", None)
    return several or [(network.optimizer, network.trainable_variables)]


def build_optimizers(network: Any) -> None:
    """Make what optimizers keep of each variable, where they have not yet."""
    for optimizer, variables in list_optimizers(network):
        if not optimizer.built:
            optimizer.build(variables)


def optimizer_variables(network: Any) -> list[Any]:
    """All that the optimizers keep, in order."""
    return [variable for optimizer, _ in list_optimizers(network) for variable in optimizer.variables]


def finalize_weights(network: Any) -> None:
    """Give the network the weights that its optimizers have it end with, such as averages."""
    for optimizer, variables in list_optimizers(network):
        optimizer.finalize_variable_values(variables)
