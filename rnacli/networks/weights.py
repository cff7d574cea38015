"""The weights of a network by name, and the network in another precision."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnacli.runs.weights import ExpectedArrays

if TYPE_CHECKING:
    import numpy as np


def get_weights(model: Any) -> dict[str, "np.ndarray"]:
    """The weights by name, in the model's order: ``0/dense/kernel``. The number keeps names apart."""
    import numpy as np

    return {name: np.asarray(variable) for name, variable in name_variables(model).items()}


def name_variables(model: Any) -> Mapping[str, Any]:
    networks = getattr(model, "sides", {"": model})
    named = [
        (f"{side}/" * bool(side) + variable.path.removeprefix(f"{network.name}/"), variable)
        for side, network in networks.items()
        for variable in network.weights
    ]
    return {f"{i}/{path}": variable for i, (path, variable) in enumerate(named)}


def expected_weights(model: Any) -> ExpectedArrays:
    """Shape and type of each weight, to read them by."""
    return {name: (tuple(weight.shape), str(weight.dtype)) for name, weight in name_variables(model).items()}


def set_weights(model: Any, arrays: Mapping[str, "np.ndarray"]) -> None:
    """Assign weights read for exactly this model."""
    for name, variable in name_variables(model).items():
        variable.assign(arrays[name])
