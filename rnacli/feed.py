"""How rows get to the network: shuffled anew every epoch for training, in their order for everything else."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.dataset.preprocessing import Preprocessing
from rnacli.engine import tf

as_it_is = tf.autograph.experimental.do_not_convert
"""Nothing here has Python conditions on tensors; looking for them takes a quarter of a second."""


@dataclass(frozen=True)
class Rows:
    """Inputs (n, *shape) and targets of a part as tensors that stay where they are; pixels stay one byte each."""

    inputs: Any
    targets: Any
    divisor: float

    def __len__(self) -> int:
        return int(self.inputs.shape[0])

    def take(self, chosen: Any) -> tuple[Any, Any]:
        """The rows of the indices ``chosen`` as the network takes them."""
        inputs = tf.gather(self.inputs, chosen)
        if inputs.dtype != tf.float32:
            inputs = tf.cast(inputs, tf.float32) / self.divisor
        return inputs, tf.gather(self.targets, chosen)


def resident(x: np.ndarray, y: np.ndarray, preprocessing: Preprocessing) -> Rows:
    """Raw inputs and encoded targets of a part, put into the device's memory once.

    Integers that are only divided are divided when they are used: MNIST takes a quarter of its memory.
    """
    if x.dtype == np.uint8 and preprocessing.is_division:
        return Rows(tf.constant(x), tf.constant(y), preprocessing.divisor.item())
    return Rows(tf.constant(preprocessing.inputs(x)), tf.constant(y), 1.0)


def order(seed: int, epoch: Any, rows: int) -> Any:
    """The order (rows,) of the training rows in an epoch, counted from 0: a function of seed and epoch alone.

    Keras' own ``shuffle=True`` gives every epoch the same order once a seed is set.
    """
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.experimental.stateless_shuffle(tf.range(rows, dtype=tf.int64), key, alg="philox")


def shuffled(rows: Rows, size: int, seed: int, epochs: int) -> Any:
    """A ``tf.data.Dataset`` of every epoch's batches, one epoch after the other; the last batch may be smaller."""

    def epoch_of(epoch: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices(order(seed, epoch, len(rows))).batch(size)

    return (
        tf.data.Dataset.range(epochs).flat_map(as_it_is(epoch_of)).map(as_it_is(rows.take)).prefetch(tf.data.AUTOTUNE)
    )


def in_order(rows: Rows, size: int) -> tuple[Any, int]:
    """A ``tf.data.Dataset`` of the batches in order, over and over, and how many make one pass.

    Endless, because Keras makes one more iterator at the end of a finite one; and a single batch is made only once:
    an iterator over it takes 1 ms instead of 10.
    """
    count = len(rows)
    if count <= size:
        return lean(tf.data.Dataset.from_tensors(rows.take(tf.range(count))).repeat()), 1
    starts = tf.data.Dataset.range(0, count, size)
    batches = starts.map(as_it_is(lambda start: rows.take(tf.range(start, tf.minimum(start + size, count)))))
    return lean(batches.repeat().prefetch(2)), math.ceil(count / size)


def lean(dataset: Any) -> Any:
    """The dataset without optimizations that take longer, at each new iterator, than they save."""
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return dataset.with_options(options)
