"""NumPy's outputs against Keras', for every layer and activation that it knows."""

from typing import Any

import numpy as np
import pytest

from rnacli import config as configs
from rnacli import light, model, yaml_writer, yamlfile
from rnacli.language import Config

BASE = {"dataset": {"sklearn": "load_iris"}, "loss": "mse"}


def experiment(layers: list[Any], **more: Any) -> Config:
    from pathlib import Path

    return configs.read(yamlfile.parse(yaml_writer.dump({**BASE, "layers": layers, **more}), "test.yaml"), Path())


def both(config: Config, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NumPy's and Keras' outputs of the network, its weights made odd so that none is at its default."""
    network = model.build(config, x.shape[1:])
    random = np.random.default_rng(0)
    for variable in network.weights:
        variable.assign(random.uniform(0.1, 1.0, variable.shape))
    shapes = light.shapes(config, x.shape[1:])
    assert shapes == model.expected(network)
    return light.forward(config, model.weights(network), x), network(x, training=False).numpy()


@pytest.mark.parametrize("activation", sorted(light.ACTIVATIONS))
def test_activations(activation: str) -> None:
    x = np.random.default_rng(1).normal(0, 3, (50, 4)).astype("float32")
    ours, theirs = both(experiment([{"dense": {"units": 5, "activation": activation}}]), x)
    assert ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, atol=light.TOLERANCE)


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
    assert np.allclose(ours, theirs, atol=light.TOLERANCE)


def test_images_are_flattened() -> None:
    x = np.random.default_rng(3).random((10, 4, 3)).astype("float32")
    ours, theirs = both(experiment(["flatten", {"dense": 3}]), x)
    assert np.allclose(ours, theirs, atol=light.TOLERANCE)


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
    assert light.shapes(experiment(layers, **more), (4,)) is None


def test_a_complete_config_is_known_too() -> None:
    """A run's config.yaml has every default written out."""
    from pathlib import Path

    config = experiment([{"dense": {"units": 3, "activation": "relu"}}, "batch_normalization", "relu", "softmax"])
    again = configs.read(yamlfile.parse(configs.dump(config), "run.yaml"), Path())
    assert light.shapes(again, (4,)) == light.shapes(config, (4,)) is not None
