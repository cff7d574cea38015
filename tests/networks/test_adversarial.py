"""A generator and its discriminator learn as in a script of plain Keras, fused or not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gan import GAN, gan

from rnacli.engine.tensorflow import keras, tf
from rnacli.networks.build import build_network, compile_network
from rnacli.runs.checkpoint import newest_state
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.optimizers import build_optimizers, list_optimizers
from rnacli.training.keep import give_back_state
from rnacli.training.train import train_network


def trained(tmp_path: Path, **changes: Any) -> Run:
    return train_network(gan(tmp_path, **changes), tmp_path / "runs", tmp_path / "cache")


def history_of(run: Run) -> dict[str, list[float]]:
    return read_history(run, run.config())


class Script(keras.Model):  # type: ignore[misc]
    """The step as Keras' own examples have it."""

    def __init__(self, generator: Any, discriminator: Any):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        self.seeds = keras.random.SeedGenerator(3)
        self.g_optimizer, self.d_optimizer = keras.optimizers.Adam(1e-3), keras.optimizers.RMSprop(5e-4)

    def train_step(self, real: Any) -> dict[str, Any]:
        z = keras.random.normal((tf.shape(real)[0], 6), seed=self.seeds)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.generator(z, training=True)
            on_real, on_fake = self.discriminator(real, training=True), self.discriminator(fake, training=True)
            g_loss = self.entropy(tf.ones_like(on_fake), on_fake)
            d_loss = self.entropy(tf.ones_like(on_real), on_real) + self.entropy(tf.zeros_like(on_fake), on_fake)
        g_weights, d_weights = self.generator.trainable_weights, self.discriminator.trainable_weights
        self.g_optimizer.apply_gradients(zip(g_tape.gradient(g_loss, g_weights), g_weights, strict=True))
        self.d_optimizer.apply_gradients(zip(d_tape.gradient(d_loss, d_weights), d_weights, strict=True))
        real_mean, fake_mean = (tf.reduce_mean(tf.sigmoid(each)) for each in (on_real, on_fake))
        return {"generator_loss": g_loss, "discriminator_loss": d_loss, "real": real_mean, "fake": fake_mean}


def plain_networks() -> tuple[Any, Any]:
    """The networks of ``GAN``, but for its dropout."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(32, use_bias=False),
            layers.Reshape((4, 4, 2)),
            layers.BatchNormalization(momentum=0.8),
            layers.LeakyReLU(0.1),
            layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="tanh"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.BatchNormalization(momentum=0.8),
            layers.LeakyReLU(0.1),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


@pytest.mark.usefixtures("plain")
def test_the_first_twenty_steps_are_those_of_a_script(tmp_path: Path) -> None:
    text = GAN.replace("  - dropout: 0.2\n", "")
    config = gan(tmp_path, text, epochs=20, batch_size="full", samples=None)
    run = train_network(config, tmp_path / "runs", tmp_path / "cache")
    rows = [int(row.split(",")[0]) for row in (run.path / "split.csv").read_text().split() if row.endswith(",train")]
    real = (np.load(tmp_path / "digits.npz")["x"][rows, ..., None] / 127.5 - 1).astype("float32")
    script = Script(*plain_networks())
    step = tf.function(script.train_step)
    steps = [{name: float(value) for name, value in step(tf.constant(real)).items()} for _ in range(20)]
    history = history_of(run)
    for name in steps[0]:
        np.testing.assert_allclose(history[name], [each[name] for each in steps], atol=1e-4, err_msg=name)
    sums = np.add(history["generator_loss"], history["discriminator_loss"])
    np.testing.assert_allclose(history["loss"], sums, rtol=1e-6)
    assert history["generator_loss"][0] != pytest.approx(history["generator_loss"][-1], abs=1e-3)
    # What is saved is what the script has.
    saved = keras.saving.load_model(run.path / "model.keras")
    z = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    np.testing.assert_allclose(saved(z), script.generator(z, training=False), atol=1e-4)


@pytest.mark.usefixtures("plain")
def test_fused_steps_are_the_same_as_single_ones(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"discriminator_steps": 2, "validation_data": "test", "epochs": 2, "samples": None}
    fused, single = (trained(tmp_path, engine={"fuse": fuse, "jit": False}, **changes) for fuse in (True, False))
    assert [run.record["engine"]["fuse"] for run in (fused, single)] == [True, False]
    one, other = history_of(fused), history_of(single)
    for name in one.keys() - {"seconds"}:
        np.testing.assert_allclose(one[name], other[name], atol=1e-5, err_msg=name)
    for name, weights in np.load(fused.path / "weights.npz").items():
        np.testing.assert_allclose(weights, np.load(single.path / "weights.npz")[name], atol=1e-5, err_msg=name)


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_more_steps_of_the_discriminator_are_its_own(tmp_path: Path) -> None:
    def steps_of(count: int) -> tuple[int, int]:
        run = trained(tmp_path, discriminator_steps=count, epochs=1, samples=None)
        config = run.config()
        network = build_network(config, {})
        compile_network(network, config, {})
        build_optimizers(network)
        state = newest_state(run.path / "checkpoint", network, [])
        assert state is not None
        give_back_state(state, network, [])
        one, other = (int(optimizer.iterations) for optimizer, _ in list_optimizers(network))
        return one, other

    assert steps_of(1) == (8, 8)
    assert steps_of(3) == (8, 24)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "last"),
    [
        ("hinge", {"dense": {"units": 1, "activation": "tanh"}}),
        ("binary_crossentropy", {"dense": {"units": 1, "activation": "sigmoid"}}),
        ({"binary_focal_crossentropy": {"from_logits": True}}, {"dense": 1}),
    ],
)
@pytest.mark.usefixtures("plain")
def test_each_loss_of_two_classes_gives_probabilities(tmp_path: Path, loss: Any, last: Any) -> None:
    config = gan(tmp_path)
    layers = [*config.document.value["discriminator"][:-1], last]
    run = trained(tmp_path, loss=loss, discriminator=layers, epochs=2, optimizer="adam", samples=None)
    history = history_of(run)
    assert all(0 <= value <= 1 for name in ("real", "fake") for value in history[name])
    assert np.isfinite(history["loss"]).all()


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_penalties_of_regularizers_are_in_the_losses(tmp_path: Path) -> None:
    plainly = history_of(trained(tmp_path, epochs=1, samples=None))
    config = gan(tmp_path).document.value
    config["generator"][0] = {"dense": {"units": 32, "use_bias": False, "kernel_regularizer": {"l2": 10.0}}}
    run = trained(tmp_path, epochs=1, samples=None, generator=config["generator"])
    assert history_of(run)["generator_loss"][0] > plainly["generator_loss"][0] + 1
