"""Several processes train one network: each computes a share of every batch, and all add up what they have found.

A worker goes through the same steps as a training alone: the same rows in the same order, the same weights before and
after. In a step it takes its share of the batch, forward and backward; the gradients and the outputs of all shares are
then added up in one collective sum, and each worker makes the same step of the same optimizer. The loss and the metrics
are those of the whole batch. ``tf.distribute`` connects the processes; Keras' ``fit`` knows nothing of it, so that what
Keras cannot do with several machines (keras#20585) is not needed.
"""

import contextlib
import hashlib
import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import keras, quiet, tf
from rnacli.errors import CONFIG, RnaError
from rnacli.machine import count_cores
from rnacli.signals import SIGNALS

GROUP, BEGIN, END, FIRST_STEP = 1, 1, 2, 16
"""Numbers by which the workers know which sums belong together: a step's is ``FIRST_STEP`` and its rows."""


@dataclass(frozen=True)
class Workers:
    """``addresses``: host:port of each; this process is the one of this ``number``, from 0."""

    addresses: tuple[str, ...]
    number: int

    def __len__(self) -> int:
        return len(self.addresses)

    @property
    def is_first(self) -> bool:
        """Whether this one writes the run."""
        return self.number == 0


joined: list[Workers] = []
"""The workers that this process is one of, if it is: TensorFlow knows it for the whole process, too."""


class WorkerLost(RnaError):
    """Another worker has ended: nobody can go on."""


def join_workers(workers: Workers, threads: int | str = "auto") -> None:
    """Connect this process with the others; waits for them. To be called before anything is computed.

    Raises ``RnaError`` where the connection fails.
    """
    task = {"type": "worker", "index": workers.number}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": list(workers.addresses)}, "task": task})
    count = count_cores() if threads == "auto" else int(threads)
    try:
        with quiet(), kept_signals():
            tf.config.threading.set_intra_op_parallelism_threads(count)
            tf.config.threading.set_inter_op_parallelism_threads(max(2, count))  # one waits for the others
            tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError, ValueError) as error:
        message, hint = "the workers cannot be connected: {error:.300}", "is each address free, and can all reach it?"
        raise RnaError(message, place=workers.addresses[workers.number], hint=hint, error=error) from None
    joined.append(workers)


@contextlib.contextmanager
def kept_signals() -> Iterator[None]:
    """Answer signals after the block as before: TensorFlow would keep one for itself that ends a process."""
    former = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, answer in former.items():
            if answer is not None:
                signal.signal(number, answer)


def count_joined() -> int:
    """The workers that train together; 1 for a process alone."""
    return len(joined[0]) if joined else 1


def add_up(values: Any, number: Any) -> Any:
    """The sum of the ``values`` (k,) of all workers; each sum that another may overtake has a ``number`` of its own."""
    return tf.raw_ops.CollectiveReduceV2(
        input=values,
        group_size=count_joined(),
        group_key=GROUP,
        instance_key=number,
        ordering_token=[],
        merge_op="Add",
        final_op="Id",
        communication_hint="auto",
    )


def wait_for_all() -> None:
    """Wait until all workers have come here: one that left earlier would end the others. Raises ``WorkerLost``."""
    if joined:
        with told_if_lost():
            add_up(tf.zeros(1), END)


@contextlib.contextmanager
def told_if_lost() -> Iterator[None]:
    """What TensorFlow raises when another worker has ended is a ``WorkerLost``."""
    try:
        yield
    except tf.errors.OpError as error:
        if not joined or not LOST.search(str(error)):
            raise
        raise WorkerLost("another worker has ended, and all stop") from None


LOST = re.compile("[Cc]ollective|coordination|heartbeat|worker/")
"""What is said of a sum that cannot be made."""


def require_same_start(facts: bytes) -> None:
    """Refuse workers that do not begin alike: the ``facts`` of each must be the same bytes. Raises ``RnaError``."""
    own = np.frombuffer(hashlib.sha256(facts).digest()[:24], np.uint16).astype("float32")
    placed = np.zeros((count_joined(), len(own)), "float32")
    placed[joined[0].number] = own
    with told_if_lost():
        every = np.reshape(add_up(tf.constant(placed.ravel()), BEGIN), placed.shape)
    if (every != own).any():
        message, hint = "the workers begin with other data, configs, versions or epochs", "each needs the same files"
        raise RnaError(message, place="--workers", hint=hint, exit_code=CONFIG)


def share_step(network: Any) -> Any:
    """A ``train_step`` of a compiled network that computes this worker's share of a batch, and adds up all."""
    workers, trainable = joined[0], network.trainable_weights
    statistics = list(batch_statistics(network))

    def train_step(data: Any) -> dict[str, Any]:
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        rows = tf.shape(tf.nest.flatten(x)[0])[0]
        start, stop = rows * workers.number // len(workers), rows * (workers.number + 1) // len(workers)
        # Of fewer rows than workers, one has none: it computes the first one, and counts it as nothing.
        share, some = tf.cast(stop - start, tf.float32) / tf.cast(rows, tf.float32), tf.maximum(stop, start + 1)

        def mine(values: Any) -> Any:
            return tf.nest.map_structure(lambda each: None if each is None else each[start:some], values)

        with tf.GradientTape() as tape:
            outputs = network(mine(x), training=True)
            loss = network.compute_loss(mine(x), mine(y), outputs, mine(weights), training=True)
            scaled = network.optimizer.scale_loss(loss * tf.cast(share, loss.dtype))
        gradients = [
            tf.zeros_like(weight) if each is None else tf.convert_to_tensor(each)
            for each, weight in zip(tape.gradient(scaled, trainable), trainable, strict=True)
        ]
        around = [[start, rows - stop]]
        whole = [
            tf.pad(each[: stop - start], [*around, *[[0, 0]] * (len(each.shape) - 1)])
            for each in tf.nest.flatten(outputs)
        ]
        sums = add_up_all([*gradients, *whole, *(share * each for each in statistics)], FIRST_STEP + rows)
        outputs = tf.nest.pack_sequence_as(outputs, sums[len(gradients) : len(gradients) + len(whole)])
        loss = network.compute_loss(x, y, outputs, weights, training=True)  # with the penalties of the weights as yet
        next(metric for metric in network.metrics if metric.name == "loss").update_state(loss, sample_weight=rows)
        network.optimizer.apply_gradients(list(zip(sums[: len(gradients)], trainable, strict=True)))
        for variable, value in zip(statistics, sums[len(gradients) + len(whole) :], strict=True):
            variable.assign(value)
        measures: dict[str, Any] = network.compute_metrics(x, y, outputs, weights)
        return measures

    return train_step


def batch_statistics(network: Any) -> Iterator[Any]:
    """The variables that batch normalization learns of each batch: their mean over the workers is kept."""
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from batch_statistics(layer)
        elif isinstance(layer, keras.layers.BatchNormalization) and layer.trainable:
            yield from (layer.moving_mean, layer.moving_variance)


def add_up_all(tensors: Sequence[Any], number: Any) -> list[Any]:
    """Each tensor's sum over the workers, all in one message, in float32."""
    flat = tf.concat([tf.reshape(tf.cast(each, tf.float32), [-1]) for each in tensors], 0)
    pieces = tf.split(add_up(flat, number), [tf.size(each) for each in tensors])
    return [
        tf.cast(tf.ensure_shape(tf.reshape(piece, tf.shape(each)), each.shape), each.dtype)
        for piece, each in zip(pieces, tensors, strict=True)
    ]
