"""How rows get to the network: shuffled anew every epoch for training, in their order for everything else."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.data.views import TokenWindows
from rnacli.engine.prepare import Augmentation, Augmented, Preparation
from rnacli.engine.stream import Stream
from rnacli.engine.tensorflow import tf
from rnacli.examples.load import Data

as_it_is = tf.autograph.experimental.do_not_convert
"""Nothing here has Python conditions on tensors; looking for them takes a quarter of a second."""


def pack(inputs: Mapping[str, Any]) -> Any:
    """Inputs as Keras takes them: by name, or the only one as it is."""
    return dict(inputs) if len(inputs) != 1 else next(iter(inputs.values()))


@dataclass(frozen=True)
class ResidentRows:
    """Inputs (n, *shape) and targets of a part as tensors that stay where they are; pixels stay one byte each.

    ``inputs``, ``targets``: a tensor, or several by name; no targets where the inputs are those. ``weights`` (n,): how
    much each row counts in the loss, float32; ``None``: all alike.
    """

    inputs: Any
    targets: Any
    prepare: Preparation
    weights: Any = None

    def __len__(self) -> int:
        return int(tf.nest.flatten(self.inputs)[0].shape[0])

    def gather(self, chosen: Any) -> tuple[Any, ...]:
        """The rows of the indices ``chosen`` as they are stored: inputs, targets and, if there are any, weights."""
        inputs = tf.nest.map_structure(lambda tensor: tf.gather(tensor, chosen), self.inputs)
        weights = () if self.weights is None else (tf.gather(self.weights, chosen),)
        return inputs, tf.nest.map_structure(lambda tensor: tf.gather(tensor, chosen), self.targets), *weights


@dataclass(frozen=True)
class WindowRows:
    """Windows of a part: each of the ``starts`` (n,) is where one begins among all ``steps`` (t,), one tensor.

    A window has ``length`` steps, and its targets are the steps ``ahead`` of them.
    """

    steps: Any
    starts: Any
    length: int
    ahead: int
    prepare: Preparation
    weights: Any = None

    def __len__(self) -> int:
        return int(self.starts.shape[0])

    @property
    def targets(self) -> Any:
        """The targets (n, length) of all windows."""
        return self.gather(tf.range(len(self)))[1]

    def gather(self, chosen: Any) -> tuple[Any, ...]:
        """The windows of the indices ``chosen`` (m,): inputs and targets (m, length)."""
        places = tf.gather(self.starts, chosen)[:, None] + tf.range(self.length)
        return tf.gather(self.steps, places), tf.gather(self.steps, places + self.ahead)


Rows = ResidentRows | WindowRows | Stream


def feed_part(
    data: Data, name: str, weights: np.ndarray | None = None, augmentation: Augmentation | None = None
) -> Rows:
    """A part for the network: in memory, or from the disk where the data are larger than that.

    ``augmentation``: the layers that change the pictures of inputs, which are then stored as they were read.
    """
    encoder: Any = data.preprocessing.encoder
    targets = {} if data.rows.steps_ahead else data.encoded_targets(name)
    augmented = {}
    if augmentation:
        encoder, arithmetic = encoder.unscaled(augmentation)
        augmented = {each: Augmented(layers, *arithmetic[each]) for each, layers in augmentation.items()}
    divisor = encoder.store(data.rows.x.take(data.parts[name][:1]))[1]
    prepare = Preparation(divisor, augmented, data.compares_input)
    x = data.rows.x
    if isinstance(x, TokenWindows) and data.rows.steps_ahead:
        starts = tf.constant(data.parts[name] * x.stride, tf.int32)
        return WindowRows(tf.constant(x.steps), starts, x.length, x.ahead, prepare)
    if not x.resident:
        return Stream(data.rows.x, data.parts[name], targets, encoder, prepare, weights)
    stored, _ = encoder.store(data.raw(name))
    counts = None if weights is None else tf.constant(weights, tf.float32)
    inputs = pack({input_name: tf.constant(values) for input_name, values in stored.items()})
    return ResidentRows(inputs, pack({output: tf.constant(y) for output, y in targets.items()}), prepare, counts)


def rows_between(rows: Rows, start: Any, stop: Any) -> tuple[Any, ...]:
    """The rows from ``start`` to ``stop`` as the network takes them."""
    return rows.prepare(stored_between(rows, start, stop))


def stored_between(rows: Rows, start: Any, stop: Any) -> tuple[Any, ...]:
    """The rows from ``start`` to ``stop`` as they are stored."""
    if isinstance(rows, Stream):
        return compute_rows(rows, rows.read, start, stop)
    return rows.gather(tf.range(start, stop))


def compute_rows(stream: Stream, method: Callable[..., Any], *numbers: Any) -> tuple[Any, ...]:
    """What a method of the stream gives for some numbers, as tensors; a graph calls it when it is run."""
    arrays, names, outputs = stream.read(0, 1), list(stream.encoder.inputs), list(stream.targets)
    values = tf.numpy_function(method, numbers, [array.dtype for array in arrays], stateful=False)
    values = values if isinstance(values, list | tuple) else [values]  # as it is of one
    tensors = [tf.ensure_shape(tensor, (None, *array.shape[1:])) for tensor, array in zip(values, arrays, strict=True)]
    inputs, targets = dict(zip(names, tensors, strict=False)), dict(zip(outputs, tensors[len(names) :], strict=False))
    return pack(inputs), pack(targets), *tensors[len(names) + len(outputs) :]


# Shuffled


def epoch_order(seed: int, epoch: Any, rows: int) -> Any:
    """The order (rows,) of the training rows in an epoch, counted from 0: a function of seed and epoch alone.

    Keras' own ``shuffle=True`` gives every epoch the same order once a seed is set.
    """
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.experimental.stateless_shuffle(tf.range(rows, dtype=tf.int64), key, alg="philox")


def shuffled_batches(rows: Rows, size: int, seed: int, epochs: range) -> Any:
    """A ``tf.data.Dataset`` of the batches of ``epochs``, one after the other, to be prepared in the step.

    An epoch's last batch may be smaller.
    """
    if isinstance(rows, Stream):
        whole, rest = divmod(len(rows), size)
        return without_optimizations(
            streamed_pieces(rows, [size] * whole + [rest] * (rest > 0), seed, epochs).prefetch(2)
        )

    def epoch_of(epoch: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices(epoch_order(seed, epoch, len(rows))).batch(size)

    return (
        tf.data.Dataset.range(epochs.start, epochs.stop)
        .flat_map(as_it_is(epoch_of))
        .map(as_it_is(rows.gather))
        .prefetch(tf.data.AUTOTUNE)
    )


def streamed_pieces(stream: Stream, lengths: Sequence[int], seed: int, epochs: range) -> Any:
    """A ``tf.data.Dataset`` of every epoch's rows in pieces of ``lengths``, which make up an epoch together.

    The order is that of ``Stream.window``, whatever the lengths; where any order is read as fast, that of rows in
    memory. The next window is read while one is trained on.
    """
    if stream.x.in_any_order:
        return drawn_pieces(stream, lengths, seed, epochs)
    stream = stream.in_file_order()
    windows = stream.windows

    def window(number: Any) -> tuple[Any, ...]:
        return compute_rows(stream, stream.window, seed, number // windows, number % windows)

    numbers = tf.data.Dataset.range(epochs.start * windows, epochs.stop * windows)
    return without_optimizations(numbers.map(as_it_is(window)).prefetch(1).rebatch(tf.constant(lengths, tf.int64)))


def drawn_pieces(stream: Stream, lengths: Sequence[int], seed: int, epochs: range) -> Any:
    """As ``streamed_pieces``, in the order of ``epoch_order``: it does not show in the results where the rows are."""

    def rows_at(places: Any) -> tuple[Any, ...]:
        return compute_rows(stream, stream.read_at, places)

    orders = tf.data.Dataset.range(epochs.start, epochs.stop).map(
        as_it_is(lambda epoch: epoch_order(seed, epoch, len(stream)))
    )
    places = orders.rebatch(tf.constant(lengths, tf.int64))
    return without_optimizations(places.map(as_it_is(rows_at)).prefetch(1))


# In order


def ordered_batches(rows: Rows, size: int, known: bool = True) -> tuple[Any, int]:
    """A ``tf.data.Dataset`` of the batches in order, over and over, and how many make one pass.

    Endless, because Keras makes one more iterator at the end of a finite one; and a single batch is made only once:
    an iterator over it takes 1 ms instead of 10. Its length is then ``known`` to the program that takes it, whose
    last digits may follow from that.
    """
    count = len(rows)
    if known and count <= size:
        return without_optimizations(tf.data.Dataset.from_tensors(rows_between(rows, 0, count)).repeat()), 1
    starts = tf.data.Dataset.range(0, count, size)
    stored = starts.map(as_it_is(lambda start: stored_between(rows, start, tf.minimum(start + size, count))))
    # What waits is stored rows: of pictures, a quarter of the memory that they take when they are prepared.
    batches = stored.repeat().prefetch(2).map(as_it_is(lambda *batch: rows.prepare(batch)))
    return without_optimizations(batches), math.ceil(count / size)


def without_optimizations(dataset: Any) -> Any:
    """The dataset without optimizations that take longer, at each new iterator, than they save."""
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return dataset.with_options(options)
