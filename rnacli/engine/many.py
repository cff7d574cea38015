"""Many networks of one architecture, trained by one program: each as it would be trained alone.

Small networks leave a processor idle between their steps. Here a step is mapped over all of them
(``tf.vectorized_map``), and a loop over the steps is compiled by XLA. The data are in memory once; each network has a
slot: its own seed, which decides its first weights, the order of its rows and its random numbers, and numbers of its
own. A slot can be filled anew, and nothing is compiled again.
"""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnacli.engine.feed import ResidentRows, WindowRows, epoch_order
from rnacli.engine.initial import GENERATOR, Initial
from rnacli.engine.pure_step import PureStep
from rnacli.engine.slot_numbers import LEARNING_RATE, number_of_network
from rnacli.engine.tensorflow import tf

Resident = ResidentRows | WindowRows
Logs = dict[str, np.ndarray]
"""A measure's name -> its value (slots,) in each network."""

LONGEST = 0.25
"""Seconds that one execution should take: Ctrl-C waits for its end."""
MEASURED_AT_ONCE = 1 << 23
"""Numbers that one layer of all networks may give in a step of measuring: 32 MiB."""


class Many:
    """Networks of one program, each in a slot: ``slots`` of them.

    ``network``: compiled, its metrics not necessarily built; it stays as it is. ``initial``: gives first weights by
    the seed. ``rows``: those of training, in batches of ``size``. ``numbers``: what may differ by network, as
    ``slot_numbers`` names it. ``jit``: by XLA.

    All slots are trained at once, also those in which nobody is interested; a network whose loss is no number touches
    no other.
    """

    def __init__(
        self,
        network: Any,
        initial: Initial,
        rows: Resident,
        size: int,
        slots: int,
        numbers: Sequence[str] = (),
        jit: bool = True,
    ):
        self.network, self.initial, self.rows, self.size, self.slots = network, initial, rows, size, slots
        network._symbolic_build(data_batch=rows.prepare(rows.gather(tf.range(min(size, len(rows))))))
        network.reset_metrics()
        self.step = PureStep(network, jit)
        first = [*self.step.variables, *self.step.optimizer.variables, *self.step.metrics]
        self.fresh = [np.asarray(variable) for variable in first]
        self.copied = copied_weights(self.fresh, len(self.step.trainable), len(self.step.variables))
        self.state = [tf.Variable(np.stack([value] * slots)) for value in self.fresh]
        self.numbers = {name: np.full(slots, number_of_network(network, name)) for name in numbers}
        self.seeds, self.epochs = np.full(slots, initial.seed, np.int64), np.zeros(slots, np.int64)
        self.waiting: dict[int, list[np.ndarray]] = {}
        self.whole, self.rest = divmod(len(rows), size)
        self.longest, self.warm = max(1, min(64, self.whole)), False
        self.run = tf.function(self.run_steps, jit_compile=jit, autograph=False)
        # By XLA its last bits do not depend on the slots; but random numbers are others by XLA, and those of a network
        # that is trained alone, whose rest is never compiled, are not.
        is_random = any(variable.path.endswith(GENERATOR) for variable in self.step.variables)
        self.run_rest = tf.function(self.run_last_step, jit_compile=jit and not is_random, autograph=False)
        self.shuffle = tf.function(self.shuffle_rows, autograph=False)
        self.results = tf.function(self.measured_results, autograph=False)
        self.measurers: dict[int, Any] = {}

    # Slots

    def load(self, slot: int, seed: int, numbers: Mapping[str, float] | None = None) -> None:
        """Put a new network into a slot: as built with ``seed``, and with ``numbers`` of its own; nothing compiles."""
        values = [*self.initial.values(seed), *self.fresh[len(self.step.variables) :]]
        for i, source in self.copied.items():
            values[i] = values[source]
        self.seeds[slot], self.epochs[slot] = seed, 0
        for name in self.numbers:
            self.numbers[name][slot] = (numbers or {}).get(name, number_of_network(self.network, name))
        if LEARNING_RATE in self.numbers and self.step.learning_rate is not None:
            values[self.step.learning_rate] = np.asarray(self.numbers[LEARNING_RATE][slot], np.float32)
        self.waiting[slot] = values

    def fill(self) -> None:
        """Put what ``load`` was called with into the program's state."""
        if not self.waiting:
            return
        slots = list(self.waiting)
        for variable, values in zip(self.state, zip(*self.waiting.values(), strict=True), strict=True):
            stacked = np.array(variable) if len(slots) < self.slots else np.empty(variable.shape, values[0].dtype)
            stacked[slots] = np.stack(values)
            variable.assign(stacked)
        self.waiting.clear()

    def weights(self) -> list[np.ndarray]:
        """The values (slots, ...) of all networks' variables: the trainable ones, then the others."""
        self.fill()
        return [np.array(variable) for variable in self.state[: len(self.step.variables)]]

    def assign(self, weights: Sequence[np.ndarray]) -> None:
        """Give the networks weights, as ``weights`` has them."""
        self.fill()
        for variable, value in zip(self.state[: len(self.step.variables)], weights, strict=True):
            variable.assign(value)

    @property
    def rates(self) -> np.ndarray:
        """The learning rates (slots,). Raises ``ValueError`` where they follow a schedule."""
        self.fill()
        if self.step.learning_rate is None:
            raise ValueError("the learning rate is a schedule")
        return np.array(self.state[self.step.learning_rate])

    @rates.setter
    def rates(self, rates: np.ndarray) -> None:
        if self.step.learning_rate is None:
            raise ValueError("the learning rate is a schedule")
        self.fill()
        self.state[self.step.learning_rate].assign(rates)

    # Training

    def train_epoch(self) -> Logs:
        """Train each network for the next epoch of its own; gives loss and metrics on its training rows."""
        self.fill()
        metrics = self.step.divide(self.state)[2]
        for variable, value in zip(metrics, self.zeros(), strict=True):
            variable.assign(value)
        chosen, rest = self.shuffle(tf.constant(self.seeds), tf.constant(self.epochs))
        numbers = self.number_tensors()
        start = 0
        while start < self.whole:
            stop = min(self.whole, start + self.longest)
            began = time.perf_counter()
            self.run(chosen, tf.constant(start), tf.constant(stop), numbers)
            np.asarray(self.state[-1])  # which waits for it
            self.adapt_longest(stop - start, time.perf_counter() - began)
            start = stop
        self.train_rest(rest, numbers)
        self.epochs += 1
        return as_logs(self.results([variable.read_value() for variable in metrics]))

    def train_rest(self, rest: Any, numbers: Any) -> None:
        """Train on the rows that are left over at the end of an epoch, as ``shuffle_rows`` gives them."""
        if self.rest:
            self.run_rest(rest, numbers)

    def adapt_longest(self, steps: int, seconds: float) -> None:
        """Choose how many steps one execution has: their number changes nothing else."""
        if self.warm and steps == self.longest:  # the first one compiles
            share = LONGEST / max(seconds, 1e-6)
            self.longest = max(1, min(self.whole, int(steps * min(4.0, share))))
        self.warm = True

    def zeros(self) -> list[np.ndarray]:
        """The metrics' state (slots, ...) before the first row."""
        return [np.stack([value] * self.slots) for value in self.step.divide(self.fresh)[2]]

    def number_tensors(self) -> dict[str, Any]:
        return {name: tf.constant(values, tf.float64) for name, values in self.numbers.items()}

    # In graphs

    def shuffle_rows(self, seeds: Any, epochs: Any) -> Any:
        """The order of each network's rows: of whole batches (slots, steps, size), and of the rest (slots, rest)."""

        def order(slot: Any) -> Any:
            return tf.cast(epoch_order(seeds[slot], epochs[slot], len(self.rows)), tf.int32)

        drawn = tf.map_fn(order, tf.range(self.slots), fn_output_signature=tf.int32)
        whole = self.whole * self.size
        return tf.reshape(drawn[:, :whole], (self.slots, self.whole, self.size)), drawn[:, whole:]

    def run_steps(self, chosen: Any, start: Any, stop: Any, numbers: Any) -> None:
        begin = [start, *(variable.read_value() for variable in self.state)]
        end = tf.while_loop(
            lambda i, *_: i < stop, lambda i, *state: (i + 1, *self.train_all(state, chosen[:, i], numbers)), begin
        )
        for variable, value in zip(self.state, end[1:], strict=True):
            variable.assign(value)

    def run_last_step(self, chosen: Any, numbers: Any) -> None:
        state = [variable.read_value() for variable in self.state]
        for variable, value in zip(self.state, self.train_all(state, chosen, numbers), strict=True):
            variable.assign(value)

    def train_all(self, state: Sequence[Any], chosen: Any, numbers: Any) -> Any:
        """The state (slots, ...) after a step on the rows ``chosen`` (slots, size)."""

        def train_one(of_one: Any) -> Any:
            state, rows, numbers = of_one
            return self.step.train(state, self.rows.prepare(self.rows.gather(rows), training=True), numbers)

        return tf.vectorized_map(train_one, (list(state), chosen, numbers), warn=False)

    def measured_results(self, metrics: Any) -> Any:
        return tf.vectorized_map(self.step.results, metrics, warn=False)

    # Measuring

    def measure(self, rows: Resident) -> Logs:
        """Loss and metrics of each network on some rows, as Keras' ``evaluate`` measures them."""
        self.fill()
        if id(rows) not in self.measurers:
            self.measurers[id(rows)] = rows, tf.function(self.measurer(rows), autograph=False)
        measure = self.measurers[id(rows)][1]
        own = [variable.read_value() for variable in self.state[: len(self.step.variables)]]
        metrics, size, numbers = [tf.constant(zero) for zero in self.zeros()], self.measured_rows, self.number_tensors()
        for start in range(0, len(rows), size):
            metrics = measure(own, metrics, tf.range(start, min(start + size, len(rows))), numbers)
        return as_logs(self.results(metrics))

    def measurer(self, rows: Resident) -> Any:
        """A function that takes the networks' metrics on to some more rows."""

        def measure(own: Any, metrics: Any, chosen: Any, numbers: Any) -> Any:
            batch = rows.prepare(rows.gather(chosen))

            def measure_one(of_one: Any) -> Any:
                own, metrics, numbers = of_one
                return self.step.measure(own, metrics, batch, numbers)

            return tf.vectorized_map(measure_one, (own, metrics, numbers), warn=False)

        return measure

    @property
    def measured_rows(self) -> int:
        """Rows in a step of measuring: a power of 2 that memory allows."""
        shapes = [layer.output.shape for layer in self.network.layers] + [each.shape for each in self.network.inputs]
        widest = max(math.prod(n or 1 for n in shape[1:]) for shape in shapes)
        return max(32, min(4096, 1 << int(math.log2(max(1, MEASURED_AT_ONCE // widest // self.slots)))))

    # Afterwards

    def copy_into(self, network: Any, slot: int) -> None:
        """Give a network of the same layers the weights that are in a slot."""
        self.fill()
        variables = [*network.trainable_variables, *network.non_trainable_variables]
        for variable, stacked in zip(variables, self.state, strict=False):
            variable.assign(stacked[slot])


def copied_weights(fresh: Sequence[np.ndarray], trainable: int, own: int) -> dict[int, int]:
    """What an optimizer keeps that begins as a copy of a weight: its place, and the place of the weight."""
    copied: dict[int, int] = {}
    for i, value in enumerate(fresh[own:], own):
        for j, weight in enumerate(fresh[:trainable]):
            if value.shape == weight.shape and value.any() and np.array_equal(value, weight):
                copied[i] = j
    return copied


def as_logs(results: Mapping[str, Any]) -> Logs:
    """Measures by name, a column for each value where a metric gives one for each class."""
    logs: Logs = {}
    for name, values in results.items():
        array = np.asarray(values, np.float64)
        flat = array.reshape(len(array), -1)
        if flat.shape[1] == 1:
            logs[name] = flat[:, 0]
        else:
            logs |= {f"{name}_{i}": flat[:, i] for i in range(flat.shape[1])}
    return logs
