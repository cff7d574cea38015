"""A generator and a discriminator that are trained against one another, as one Keras model.

Ian Goodfellow et al., "Generative Adversarial Nets" (2014), with the loss that they call non-saturating: the generator
is trained to have its examples taken for real.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras, tf
from rnacli.experiment.adversarial import LABEL, MEASURES, NOISE, REAL
from rnacli.experiment.config import Config
from rnacli.networks.instantiate import instantiate
from rnacli.schema.keras_object import KerasSpec
from rnacli.tasks.heads import MARGIN_LOSSES


class Adversarial(keras.Model):  # type: ignore[misc]
    """Both networks in one: ``fit`` trains them in turn, ``evaluate`` measures them, ``save`` saves the generator.

    ``noise``: how many numbers the generator takes. ``seed``: all noise follows from it, that of an evaluation also
    from how many rows came before. ``steps``: of the discriminator, for each of the generator.
    """

    def __init__(self, generator: Any, discriminator: Any, noise: int, seed: int, steps: int, name: str):
        super().__init__(name=name)
        self.generator, self.discriminator = generator, discriminator
        self.noise, self.seed, self.steps = noise, seed, steps
        self.noise_seeds = keras.random.SeedGenerator(seed)
        self.means = {measure: keras.metrics.Mean(name=measure) for measure in ("loss", *MEASURES)}
        self.built = True

    @property
    def sides(self) -> dict[str, Any]:
        """The two networks."""
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def inputs(self) -> list[Any]:
        return [*self.generator.inputs, *self.discriminator.inputs]

    @property
    def metrics(self) -> list[Any]:
        return list(self.means.values())

    @property
    def trained_by(self) -> list[tuple[Any, list[Any]]]:
        """Each optimizer, with the variables that it changes."""
        return [(self.optimizers[side], network.trainable_weights) for side, network in self.sides.items()]

    def compile(self, optimizers: Mapping[str, Any], loss: KerasSpec) -> None:
        """``optimizers``: of each side. ``loss``: of two classes, 1 for real."""
        super().compile(optimizer=optimizers["generator"], jit_compile=False)
        self.optimizers = dict(optimizers)
        self.entropy = instantiate(loss)
        self.probability = probability_of(loss)

    def save(self, *arguments: Any, **options: Any) -> None:
        """Save the generator: a plain Keras model."""
        self.generator.save(*arguments, **options)

    def summary(self, **options: Any) -> None:
        for network in self.sides.values():
            network.summary(**options)

    def _symbolic_build(self, data_batch: Any = None, **options: Any) -> None:
        """Nothing is left to be built."""

    def shape_real(self, batch: Any) -> Any:
        """The real examples of a batch in the shape of those that are made: grey pictures get their channel."""
        return tf.reshape(batch[0], (-1, *self.generator.output_shape[1:]))

    def make(self, noise: Any, labels: Any, training: bool) -> Any:
        """Examples (n, ...) of noise (n, numbers); ``labels`` (n, classes) of the class of each, where it is told."""
        return self.generator(with_label(NOISE, noise, labels), training=training)

    def judge(self, real: Any, noise: Any, labels: Any, training: bool) -> dict[str, Any]:
        """The losses of both networks, and what the discriminator takes each kind for, on average.

        ``real``: (n, ...); ``noise``: (n, numbers), of which the generator makes as many examples, of the same
        ``labels``.
        """
        fake = self.make(noise, labels, training)
        on_real, on_fake = (
            tf.cast(self.discriminator(with_label(REAL, each, labels), training=training), tf.float32)
            for each in (real, fake)
        )
        told_apart = self.entropy(tf.ones_like(on_real), on_real) + self.entropy(tf.zeros_like(on_fake), on_fake)
        generator_loss = add_penalties(self.entropy(tf.ones_like(on_fake), on_fake), self.generator)
        discriminator_loss = add_penalties(told_apart, self.discriminator)
        return {
            "loss": generator_loss + discriminator_loss,
            "generator_loss": generator_loss,
            "discriminator_loss": discriminator_loss,
            "real": tf.reduce_mean(self.probability(on_real)),
            "fake": tf.reduce_mean(self.probability(on_fake)),
        }

    def train_step(self, data: Any) -> dict[str, Any]:
        """Both losses from one pass, then both networks a step; before that, the discriminator alone if it has more."""
        real, labels = self.shape_real(data), labels_of(data)
        rows = tf.shape(real)[0]
        for step in reversed(range(self.steps)):
            noise = keras.random.normal((rows, self.noise), seed=self.noise_seeds)
            with tf.GradientTape(persistent=True) as tape:
                measured = self.judge(real, noise, labels, training=True)
                losses = {
                    side: self.optimizers[side].scale_loss(measured[f"{side}_loss"])
                    for side in (self.sides if step == 0 else ["discriminator"])
                }
            for side, loss in losses.items():
                weights = self.sides[side].trainable_weights
                self.optimizers[side].apply(tape.gradient(loss, weights), weights)
        self.count(measured, rows)
        return {measure: mean.result() for measure, mean in self.means.items()}

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure both networks as they are; the noise is the same in every evaluation."""
        real, labels = self.shape_real(data), labels_of(data)
        rows = tf.shape(real)[0]
        before = tf.cast(self.means["loss"].count, tf.int64)
        noise = tf.random.stateless_normal((rows, self.noise), tf.stack([tf.cast(self.seed, tf.int64), before]))
        self.count(self.judge(real, noise, labels, training=False), rows)
        return {measure: mean.result() for measure, mean in self.means.items()}

    def count(self, measured: Mapping[str, Any], rows: Any) -> None:
        """Add what was measured on so many rows to the means."""
        for measure, mean in self.means.items():
            mean.update_state(measured[measure], sample_weight=tf.cast(rows, tf.float32))


def labels_of(batch: Any) -> Any:
    """The labels (n, classes) of a batch, which are its targets; ``None`` where there are none."""
    return batch[1] if len(batch) > 1 and tf.is_tensor(batch[1]) else None


def with_label(name: str, examples: Any, labels: Any) -> Any:
    """What a side takes: its own input, and beside it the labels where it is told some."""
    return examples if labels is None else {name: examples, LABEL: labels}


def add_penalties(loss: Any, network: Any) -> Any:
    """A loss with those of the network's regularizers."""
    return tf.add_n([loss, *network.losses]) if network.losses else loss


def probability_of(loss: KerasSpec) -> Callable[[Any], Any]:
    """How outputs for this loss become the probability of being real."""
    if loss.arguments.get("from_logits"):
        return lambda outputs: tf.sigmoid(outputs)
    if loss.name in MARGIN_LOSSES:
        return lambda outputs: tf.clip_by_value((outputs + 1) / 2, 0.0, 1.0)
    return lambda outputs: outputs


def side_inputs(
    config: Config, made: tuple[int, ...], inputs: Mapping[str, InputSpec]
) -> dict[str, dict[str, InputSpec]]:
    """The inputs of each side; ``made``: the shape of what the generator makes; ``inputs``: with the label, if any."""
    label = {LABEL: inputs[LABEL]} if config.is_conditional and LABEL in inputs else {}
    return {
        "generator": {NOISE: InputSpec((int(config.noise or 1),)), **label},
        "discriminator": {REAL: InputSpec(made), **label},
    }
