"""Many steps in one execution under Keras' unchanged ``fit``: small networks train at the speed of their arithmetic.

Keras spends a millisecond or more between steps. Here one call of its ``train_function`` runs a chunk of steps in a
``tf.while_loop``; the network stays the plain network, and every callback, metric and validation works as ever.
"""

from collections.abc import Callable
from typing import Any

from rnacli import feed
from rnacli.engine import tf
from rnacli.feed import Rows, order


def fuse(network: Any, rows: Rows, size: int, seed: int, longest: int, jit: bool) -> tuple[Callable[[Any], Any], int]:
    """A ``train_function`` for a compiled network that runs up to ``longest`` steps of ``size`` rows in one call.

    The batch that is left over at the end of an epoch is a step of its own, and never compiled by XLA: that would
    cost more than it saves. Returns the function, whose iterator must count 0, 1, 2, ..., and the calls in an epoch.
    """
    count = len(rows)
    whole = count // size
    calls = max(1, -(-whole // longest))
    build(network, rows, size)

    def step(chosen: Any) -> None:
        network.train_step(rows.take(chosen))

    def run(chosen: Any, start: Any, stop: Any) -> Any:
        def body(i: Any) -> tuple[Any]:
            step(chosen[i])
            return (i + 1,)

        tf.while_loop(lambda i: i < stop, body, [start])
        return network.get_metrics_result()

    def run_rest(chosen: Any) -> Any:
        step(chosen)
        return network.get_metrics_result()

    def shuffle(epoch: Any) -> Any:
        drawn = order(seed, epoch, count)
        return tf.reshape(drawn[: whole * size], (whole, size)), drawn[whole * size :]

    run_compiled = tf.function(run, jit_compile=jit, autograph=False)
    run_rest_compiled, shuffle_compiled = (tf.function(each, autograph=False) for each in (run_rest, shuffle))
    chosen: Any = None
    rest: Any = None

    def train_function(iterator: Any) -> Any:
        nonlocal chosen, rest
        epoch, call = divmod(int(next(iterator)), calls)
        if call == 0:
            chosen, rest = shuffle_compiled(tf.constant(epoch, tf.int64))
        start, stop = call * whole // calls, (call + 1) * whole // calls
        logs = None
        if stop > start:
            logs = run_compiled(chosen, tf.constant(start), tf.constant(stop))
        if call == calls - 1 and whole * size < count:
            logs = run_rest_compiled(rest)
        return logs

    return train_function, calls


def build(network: Any, rows: Rows, size: int) -> None:
    """Make the optimizer's variables, the loss and the metrics: inside a loop it would be too late."""
    network.optimizer.build(network.trainable_variables)
    network._symbolic_build(data_batch=rows.take(tf.range(min(size, len(rows)))))


def counting() -> Any:
    """What ``fit`` iterates over: 0, 1, 2, ... without end."""
    return feed.lean(tf.data.Dataset.range(1 << 62))
