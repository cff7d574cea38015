"""Many steps in one execution under Keras' unchanged ``fit``: small networks train at the speed of their arithmetic.

Keras spends a millisecond or more between steps. Here one call of its ``train_function`` runs a chunk of steps in a
``tf.while_loop``; the network stays the plain network, and every callback, metric and validation works as ever.
"""

import itertools
from collections.abc import Callable
from typing import Any

from rnacli.engine.feed import (
    ResidentRows,
    Rows,
    WindowRows,
    epoch_order,
    rows_between,
    streamed_pieces,
    without_optimizations,
)
from rnacli.engine.stream import Stream
from rnacli.engine.tensorflow import tf

TrainFunction = Callable[[Any], tuple[Any, int, Any]]
"""From an iterator, as ``fit`` calls it, to the logs so far, the epoch's steps before this call, and how many of the
call's steps went by until the loss was no number."""


def fuse_steps(
    network: Any, rows: Rows, size: int, seed: int, epochs: range, longest: int, jit: bool
) -> tuple[TrainFunction, Any, int]:
    """A ``train_function`` for a compiled network that runs up to ``longest`` steps of ``size`` rows in one call.

    The network's optimizer is built.

    The batch that is left over at the end of an epoch is a step of its own, and never compiled by XLA: that would
    cost more than it saves. Returns the function, the ``tf.data.Dataset`` that it is to be called with, and the calls
    in an epoch.
    """
    network._symbolic_build(data_batch=rows_between(rows, 0, min(size, len(rows))))
    if isinstance(rows, Stream):
        return from_disk(network, rows, size, seed, epochs, longest, jit)
    return from_memory(network, rows, size, seed, epochs, longest, jit)


def from_memory(
    network: Any, rows: ResidentRows | WindowRows, size: int, seed: int, epochs: range, longest: int, jit: bool
) -> tuple[TrainFunction, Any, int]:
    """The steps choose their rows themselves; what they are called with is the number of the call: 0, 1, 2, ..."""
    count = len(rows)
    whole = count // size
    calls = max(1, -(-whole // longest))

    def run(chosen: Any, start: Any, stop: Any) -> Any:
        return run_steps(network, lambda i: rows.prepare(rows.gather(chosen[i]), training=True), start, stop)

    def run_rest(chosen: Any) -> Any:
        network.train_step(rows.prepare(rows.gather(chosen), training=True))
        return network.get_metrics_result()

    run_compiled = tf.function(run, jit_compile=jit, autograph=False)
    run_rest_compiled = tf.function(run_rest, autograph=False)
    chosen: Any = None
    rest: Any = None

    def train_function(iterator: Any) -> tuple[Any, int, Any]:
        nonlocal chosen, rest
        epoch, call = divmod(int(next(iterator)), calls)
        if call == 0:
            chosen, rest = order_steps(tf.constant(seed, tf.int64), tf.constant(epoch, tf.int64), count, size)
        start, stop = call * whole // calls, (call + 1) * whole // calls
        logs, finite = None, 0
        if stop > start:
            logs, finite = run_compiled(chosen, tf.constant(start), tf.constant(stop))
        if call == calls - 1 and whole * size < count:
            logs = run_rest_compiled(rest)
        return logs, start, finite

    return train_function, without_optimizations(tf.data.Dataset.range(epochs.start * calls, 1 << 62)), calls


@tf.function(autograph=False)  # type: ignore[untyped-decorator]
def order_steps(seed: Any, epoch: Any, count: int, size: int) -> Any:
    """The rows of an epoch's whole steps (steps, size), and of what is left over; one graph for all networks."""
    whole, drawn = count // size, epoch_order(seed, epoch, count)
    return tf.reshape(drawn[: whole * size], (whole, size)), drawn[whole * size :]


def from_disk(
    network: Any, rows: Stream, size: int, seed: int, epochs: range, longest: int, jit: bool
) -> tuple[TrainFunction, Any, int]:
    """The steps are called with their rows: those of several steps, no more than a window; or those of the rest."""
    whole, rest = divmod(len(rows), size)
    most = max(1, min(longest, rows.window_rows // size))
    chunk = -(-whole // -(-whole // most))
    lengths = [min(chunk, whole - done) * size for done in range(0, whole, chunk)] + [rest] * (rest > 0)

    def run(data: tuple[Any, ...], stop: Any) -> Any:
        batches = tf.nest.map_structure(lambda tensor: tf.reshape(tensor, (chunk, size, *tensor.shape[1:])), data)

        def batch(i: Any) -> tuple[Any, ...]:
            return rows.prepare(tf.nest.map_structure(lambda tensor: tensor[i], batches), training=True)

        return run_steps(network, batch, tf.constant(0), stop)

    def run_rest(data: tuple[Any, ...]) -> Any:
        network.train_step(rows.prepare(data, training=True))
        return network.get_metrics_result()

    run_compiled = tf.function(run, jit_compile=jit, autograph=False)
    run_rest_compiled = tf.function(run_rest, autograph=False)

    calls = itertools.count()

    def train_function(iterator: Any) -> tuple[Any, int, Any]:
        data = next(iterator)
        count = int(tf.nest.flatten(data[0])[0].shape[0])
        before = next(calls) % len(lengths) * chunk
        if count < size:
            return run_rest_compiled(data), whole, 0
        filled = tf.nest.map_structure(lambda tensor: padded(tensor, chunk * size), data)
        logs, finite = run_compiled(filled, tf.constant(count // size))
        return logs, before, finite

    return train_function, streamed_pieces(rows, lengths, seed, epochs), len(lengths)


def run_steps(network: Any, batch: Callable[[Any], tuple[Any, ...]], start: Any, stop: Any) -> Any:
    """In a graph: train on the batches from ``start`` to ``stop``, or to the first one whose loss is no number.

    Gives the metrics so far, and how many steps there were with a loss that is one.
    """
    loss = next(metric for metric in network.metrics if metric.name == "loss")

    def body(i: Any) -> tuple[Any]:
        network.train_step(batch(i))
        # The loss' sum over the epoch is no number from then on. It costs least to say so in the counter itself.
        return (tf.where(tf.math.is_finite(loss.total), i + 1, i + PAST_ALL),)

    (reached,) = tf.while_loop(lambda i: i < stop, body, [start])
    return network.get_metrics_result(), tf.where(reached < PAST_ALL, reached, reached - PAST_ALL) - start


PAST_ALL = 1 << 30
"""More than an epoch has steps."""


def padded(tensor: Any, count: int) -> Any:
    """With rows of zeros, so that all chunks have one shape and are compiled once; no step takes them."""
    missing = count - int(tensor.shape[0])
    return tf.pad(tensor, [[0, missing]] + [[0, 0]] * (tensor.ndim - 1)) if missing else tensor
