"""Networks of one program, each with rows of its own, as the folds of a cross-validation have.

The rows of all networks are one stack, in which each slot has a span. What differs in size is done by groups: the steps
that all have go through one compiled loop, and the last rows of an epoch, of which some have one more, are a step for
each size.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnacli.engine.feed import ResidentRows, epoch_order
from rnacli.engine.initial import Initial
from rnacli.engine.many import Logs, Many, as_logs
from rnacli.engine.tensorflow import tf

Span = tuple[int, int]
"""The first row of a network's own in a stack, and how many there are."""


def stack_rows(each: Sequence[ResidentRows]) -> tuple[ResidentRows, list[Span]]:
    """Parts as one, and the span that each of them is there."""
    counts = [len(rows) for rows in each]
    spans = [(sum(counts[:i]), count) for i, count in enumerate(counts)]

    def join(*tensors: Any) -> Any:
        return tf.concat(tensors, 0)

    inputs = tf.nest.map_structure(join, *[rows.inputs for rows in each])
    targets = tf.nest.map_structure(join, *[rows.targets for rows in each])
    weights = None if each[0].weights is None else join(*[rows.weights for rows in each])
    return ResidentRows(inputs, targets, each[0].prepare, weights), spans


def share_steps(counts: Sequence[int], size: int) -> bool:
    """Whether networks of so many rows each can have their epochs together: none has two steps more than another."""
    return max(counts) - min(counts) // size * size <= size


class ManyOwn(Many):
    """As ``Many``, with ``rows`` in which each slot has its own ``spans``; ``share_steps`` is true of them.

    Leftover rows are never compiled by XLA, as they are not where a network is trained alone.
    """

    def __init__(
        self, network: Any, initial: Initial, rows: ResidentRows, spans: Sequence[Span], size: int, jit: bool = True
    ):
        super().__init__(network, initial, rows, size, len(spans), jit=jit)
        self.spans, counts = spans, [count for _, count in spans]
        self.whole = min(counts) // size
        self.rest = max(counts) - self.whole * size
        self.longest = max(1, min(64, self.whole))
        self.rests = group_equal([count - self.whole * size for count in counts])
        self.run_some = tf.function(self.run_some_last, autograph=False)
        self.measure_some = tf.function(self.measure_own, autograph=False)
        self.measured: ResidentRows | None = None

    # Slots

    def put(self, slot: int, variables: Sequence[Any], epoch: int) -> None:
        """Put a network into a slot: the values of its variables and its optimizer's, after so many epochs."""
        metrics = self.step.divide(self.fresh)[2]
        self.waiting[slot] = [*(np.asarray(variable) for variable in variables), *metrics]
        self.epochs[slot] = epoch

    def fetch(self) -> list[np.ndarray]:
        """The values (slots, ...) of the networks' variables and their optimizers'."""
        self.fill()
        own, optimizer, _ = self.step.divide(self.state)
        return [np.array(variable) for variable in (*own, *optimizer)]

    # Training

    def shuffle_rows(self, seeds: Any, epochs: Any) -> Any:
        """The order of each network's rows: of whole batches (slots, steps, size), and of the rest, a tensor each."""
        orders = [
            start + tf.cast(epoch_order(seeds[slot], epochs[slot], count), tf.int32)
            for slot, (start, count) in enumerate(self.spans)
        ]
        whole = self.whole * self.size
        chosen = tf.stack([order[:whole] for order in orders])
        return tf.reshape(chosen, (self.slots, self.whole, self.size)), [order[whole:] for order in orders]

    def train_rest(self, rest: Any, numbers: Any) -> None:
        for count, slots in self.rests.items():
            if count:
                self.run_some(tf.constant(slots), tf.stack([rest[slot] for slot in slots]), numbers)

    def run_some_last(self, slots: Any, chosen: Any, numbers: Any) -> None:
        """In a graph: a step of the networks in ``slots`` (m,) on the rows ``chosen`` (m, size)."""
        state = [tf.gather(variable, slots) for variable in self.state]
        changed = self.train_all(state, chosen, tf.nest.map_structure(lambda each: tf.gather(each, slots), numbers))
        for variable, value in zip(self.state, changed, strict=True):
            variable.scatter_nd_update(slots[:, None], value)

    # Measuring

    def measure_spans(self, rows: ResidentRows, spans: Sequence[Span]) -> Logs:
        """Loss and metrics of each network on its own span of some ``rows``, always the same ones."""
        self.fill()
        self.measured = rows
        own, _, _ = self.step.divide(self.state)
        metrics, size = self.zeros(), self.measured_rows
        for count, slots in group_equal([count for _, count in spans]).items():
            firsts, places = tf.constant([[spans[slot][0]] for slot in slots]), tf.constant(slots)
            values = [tf.gather(variable, places) for variable in own]
            some = [tf.gather(each, places) for each in metrics]
            for start in range(0, count, size):
                some = self.measure_some(values, some, firsts + tf.range(start, min(start + size, count)))
            for each, value in zip(metrics, some, strict=True):
                each[slots] = np.asarray(value)
        return as_logs(self.results([tf.constant(each) for each in metrics]))

    def measure_own(self, own: Any, metrics: Any, chosen: Any) -> Any:
        """In a graph: the metrics (m, ...) taken on to the rows ``chosen`` (m, size), those of each network."""

        def measure_one(of_one: Any) -> Any:
            own, metrics, rows = of_one
            batch = self.measured.prepare(self.measured.gather(rows))  # type: ignore[union-attr]
            return self.step.measure(own, metrics, batch, {})

        return tf.vectorized_map(measure_one, (own, metrics, chosen), warn=False)


def group_equal(counts: Sequence[int]) -> Mapping[int, list[int]]:
    """A count -> the slots that have it."""
    return {count: [i for i, each in enumerate(counts) if each == count] for count in dict.fromkeys(counts)}
