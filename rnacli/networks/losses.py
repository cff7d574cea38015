"""The losses of several outputs, measured over rows as the loss of them all is."""

from typing import Any

from rnacli.engine.tensorflow import keras, tf


def weigh_losses(network: Any) -> None:
    """Let a compiled network measure the loss of each of several outputs as the mean over rows.

    Where Keras does not know the size of a batch before it runs, it takes the mean over batches, and the few rows of
    a last one count as much as thousands before them.
    """
    whole, losses = network.compute_loss, network._compile_loss

    def compute_loss(
        x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: Any = True
    ) -> Any:
        if not losses.built:
            losses.build(y, y_pred)
        rows = tf.shape(tf.nest.flatten(y_pred)[0])[0]
        for metric in losses.metrics:
            metric.update_state = weigh_by(metric, rows)
        return whole(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)

    network.compute_loss = compute_loss


def weigh_by(metric: Any, rows: Any) -> Any:
    """``update_state`` of a mean, each value of which counts as so many ``rows``."""
    return lambda values, sample_weight=None: keras.metrics.Mean.update_state(metric, values, sample_weight=rows)
