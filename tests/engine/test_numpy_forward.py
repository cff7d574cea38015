"""NumPy's outputs against Keras', for every layer and activation that it knows."""

from typing import Any

import numpy as np
import pytest
from fixtures import one_input

from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.engine.numpy_forward import NUMPY_ACTIVATIONS, TOLERANCE, numpy_forward, numpy_weights
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, read_config
from rnacli.networks.build import build_network
from rnacli.networks.weights import expected_weights, get_weights

BASE = {"dataset": {"sklearn": "load_iris"}, "loss": "mse"}


def experiment(layers: list[Any], **more: Any) -> Config:
    from pathlib import Path

    return read_config(parse_document(dump_yaml({**BASE, "layers": layers, **more}), "test.yaml"), Path())


def both(config: Config, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NumPy's and Keras' outputs of the network, its weights made odd so that none is at its default."""
    network = build_network(config, one_input(*x.shape[1:]))
    random = np.random.default_rng(0)
    for variable in network.weights:
        variable.assign(random.uniform(0.1, 1.0, variable.shape))
    shapes = numpy_weights(config, one_input(*x.shape[1:]))
    assert shapes == expected_weights(network)
    return numpy_forward(config, get_weights(network), {"x": x}), network(x, training=False).numpy()


@pytest.mark.parametrize("activation", sorted(NUMPY_ACTIVATIONS))
def test_activations(activation: str) -> None:
    x = np.random.default_rng(1).normal(0, 3, (50, 4)).astype("float32")
    ours, theirs = both(experiment([{"dense": {"units": 5, "activation": activation}}]), x)
    assert ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, atol=TOLERANCE)


@pytest.mark.parametrize(
    "layers",
    [
        ["flatten", {"dense": 3}],
        [{"dense": {"units": 3, "use_bias": False}}, "softmax"],
        [{"dense": 3}, "batch_normalization", "relu", {"dropout": 0.5}, {"dense": 2}],
        [{"batch_normalization": {"center": False, "epsilon": 0.1}}, {"dense": 3}, {"activation": "tanh"}],
        [{"batch_normalization": {"scale": False}}, {"gaussian_noise": 0.1}, {"dense": {"units": 1, "name": "out"}}],
        [{"dense": {"units": 2, "kernel_regularizer": {"l2": 0.1}, "kernel_initializer": "he_normal"}}],
    ],
)
def test_networks(layers: list[Any]) -> None:
    x = np.random.default_rng(2).normal(size=(20, 4)).astype("float32")
    ours, theirs = both(experiment(layers), x)
    assert np.allclose(ours, theirs, atol=TOLERANCE)


@pytest.mark.parametrize(
    "layers",
    [
        ["flatten", {"dense": 3}],
        [{"dense": {"units": 5, "activation": "softmax"}}, "batch_normalization", "flatten", {"dense": 3}],
    ],
)
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4, 5)])
def test_rows_of_several_dimensions(layers: list[Any], shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).random((10, *shape)).astype("float32")
    ours, theirs = both(experiment(layers), x)
    assert np.allclose(ours, theirs, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("layers", "more"),
    [
        ([{"reshape": {"target_shape": [2, 2]}}, "flatten", {"dense": 1}], {}),
        ([{"dense": {"units": 1, "activation": "gelu"}}], {}),
        ([{"dense": {"units": 1, "lora_rank": 2}}], {}),
        ([{"relu": {"max_value": 6}}, {"dense": 1}], {}),
        ([{"batch_normalization": {"axis": 1}}, {"dense": 1}], {}),
        ([{"dense": 1}], {"precision": "mixed_bfloat16"}),
    ],
)
def test_what_is_not_known_is_left_to_keras(layers: list[Any], more: dict[str, Any]) -> None:
    assert numpy_weights(experiment(layers, **more), one_input(4)) is None


def test_a_complete_config_is_known_too() -> None:
    """A run's config.yaml has every default written out."""
    from pathlib import Path

    config = experiment([{"dense": {"units": 3, "activation": "relu"}}, "batch_normalization", "relu", "softmax"])
    again = read_config(parse_document(dump_config(config), "run.yaml"), Path())
    assert numpy_weights(again, one_input(4)) == numpy_weights(config, one_input(4)) is not None
