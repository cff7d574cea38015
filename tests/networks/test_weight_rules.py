"""What a file says of a layer's weights against the shape that they have."""

from typing import Any

import numpy as np
import pytest
from fixtures import problem_of
from test_keras_errors import plan

from rnacli.errors import CONFIG
from rnacli.networks.instantiate import instantiate
from rnacli.networks.weight_rules import FOR
from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.keras_object import make_spec


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        ({"dense": {"units": 3, "bias_regularizer": "orthogonal_regularizer"}}, (4,),
         "orthogonal_regularizer is for a matrix of weights, and bias has the shape (3,)"),
        ({"dense": {"units": 3, "activity_regularizer": "orthogonal_regularizer"}}, (4,),
         "orthogonal_regularizer is for a matrix of weights, and not for what a layer gives"),
        ({"dense": {"units": 3, "bias_constraint": {"min_max_norm": {"axis": [0, 2]}}}}, (4,),
         "min_max_norm has axis 2, and bias has the shape (3,)"),
        ({"conv2d": {"filters": 2, "kernel_size": 3, "kernel_initializer": "identity"}}, (8, 8, 1),
         "identity is for a matrix of weights, and kernel has the shape (3, 3, 1, 2)"),
        ({"bidirectional": {"layer": {"lstm": {"units": 2, "bias_initializer": "orthogonal"}}}}, (5, 2),
         "orthogonal is for weights of two dimensions or more, and bias has the shape (8,)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_weights_is_named(layer: Any, shape: tuple[int, ...], said: str) -> None:
    assert said in problem_of(plan, [layer], shape, exit_code=CONFIG).message


def test_all_others_are_for_weights_of_any_shape() -> None:
    """Each initializer, regularizer and constraint of the catalogue that the table does not name."""
    for category in ("initializer", "regularizer", "constraint"):
        for name in set(entry_names(category)) - {*FOR}:
            entry = find_entry(category, name)
            assert entry is not None
            made = instantiate(make_spec(category, name, **({"value": 1} if name == "constant" else {})))
            for shape in ((3,), (2, 3), (2, 2, 3, 4)):
                made(shape) if category == "initializer" else made(np.ones(shape, "float32"))
