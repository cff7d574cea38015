"""Every optimizer takes the steps that eager Keras takes, fused and unfused."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, EXHAUSTIVE, SLOW, arrays_of, experiment, without_pictures

from rnacli.engine.tensorflow import keras, tf
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.networks.build import build_network, compile_network
from rnacli.schema.catalog import entry_names
from rnacli.training.train import train_network

STEPS = 10


def eager_steps(config: Config, folder: Path) -> list[np.ndarray]:
    """The weights after steps by hand, over all training rows each time."""
    data = load_data(config, folder)
    x, y = arrays_of(data, "train")
    network = build_network(config, data.preprocessing.encoder.inputs)
    compile_network(network, config, data.tasks)
    network.optimizer.build(network.trainable_variables)
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, network(x, training=True)))
        network.optimizer.apply(tape.gradient(loss, network.trainable_weights), network.trainable_weights)
    network.optimizer.finalize_variable_values(network.trainable_weights)
    return [np.asarray(weight) for weight in network.weights]


SOON = ("schedule_free_adamw",)
EVERY = [pytest.param(name, {}, marks=() if name in SOON else EXHAUSTIVE) for name in entry_names("optimizer")]
AVERAGED = [pytest.param(name, {"use_ema": True}, marks=SLOW) for name in entry_names("optimizer")]
"""The average of the weights after each step: it is right only if they all are."""


@pytest.mark.parametrize(("name", "more"), [*EVERY, *AVERAGED])
def test_an_optimizer_fused_unfused_and_eager(name: str, more: dict[str, Any], tmp_path: Path) -> None:
    config = experiment(
        CIRCLES, tmp_path, optimizer={name: {"learning_rate": 0.05, **more}}, batch_size="full", epochs=STEPS
    )
    found = [eager_steps(config, tmp_path)]
    for fuse in (True, False):
        engine = dataclasses.replace(config.engine, fuse=fuse, jit=False)
        with without_pictures():
            run = train_network(dataclasses.replace(config, engine=engine), tmp_path / "runs", tmp_path)
        with np.load(run.path / "weights.npz") as arrays:
            found.append([arrays[name] for name in arrays.files])
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
