"""Keras' ``fit`` over the training rows: fused or not, watched, ended by a signal or by a loss that is no number."""

import contextlib
import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnacli.engine.features import Front, OnFeatures
from rnacli.engine.feed import Rows, feed_part, ordered_batches, rows_between, shuffled_batches
from rnacli.engine.fused import TrainFunction, fuse_steps
from rnacli.engine.tensorflow import keras, tf
from rnacli.engine.workers import joined, share_step, told_if_lost
from rnacli.errors import RnaError
from rnacli.fitting.choose_engine import longest_chunk
from rnacli.fitting.divergence import with_mends
from rnacli.fitting.history import History
from rnacli.fitting.stopping import Diverged
from rnacli.results.outputs import evaluation_batch_size, flatten_metrics, with_derived
from rnacli.runs.optimizers import build_optimizers
from rnacli.tasks.task import Task

if TYPE_CHECKING:
    from rnacli.fitting.job import Job


def fit_network(
    job: "Job",
    history: History,
    callbacks: Sequence[Any],
    stopped: Sequence[int],
    epochs: range,
    front: Front | None = None,
) -> None:
    """Train a job's compiled network for ``epochs``, counted from 0, or until a signal is in ``stopped``.

    ``history`` counts its steps, and is among the ``callbacks`` where it is to note the epochs. ``front``: layers that
    are frozen, and go over the rows once.

    Raises ``Diverged`` at the first step whose loss is no number, and ``RnaError`` where memory is not enough.
    """
    network, config, data, chosen = job.network, job.config, job.data, job.chosen
    rows = feed_part(data, "train", data.weights("train"), network.augmentation)
    size = config.rows_per_step(len(rows))
    steps = math.ceil(len(rows) / size)
    held_out = feed_part(data, job.validated) if job.validated else None
    if front is not None:
        rows, held_out = use_features(network, front, rows, held_out)
        chosen = dataclasses.replace(chosen, steps=longest_chunk(6.0 * size * front.rest.count_params(), chosen))
    network.make_test_function()
    # In a graph it would be too late: what starts as a copy of the weights would start as zeros.
    build_optimizers(network)
    if chosen.fuse:
        train_function, batches, calls = fuse_steps(network, rows, size, config.seed, epochs, chosen.steps, chosen.jit)
    else:
        if data.compares_input:  # rows as they are stored have no targets, and ``fit`` would look at those
            network._symbolic_build(data_batch=rows_between(rows, 0, 1))
        train_function, calls = count_calls(make_train_function(network, rows, chosen.jit), steps), steps
        batches = shuffled_batches(rows, size, config.seed, epochs)
    network.train_function = history.counted(train_function, calls, epochs.start)
    validation: dict[str, Any] = {}
    if held_out is not None:
        validation["validation_data"], validation["validation_steps"] = ordered_batches(
            held_out, evaluation_batch_size(network)
        )
    try:
        with told_if_lost(), without_remapping() if hasattr(network, "sides") else contextlib.nullcontext():
            network.fit(
                batches,
                epochs=epochs.stop,
                initial_epoch=epochs.start,
                steps_per_epoch=calls,
                callbacks=[Steps(steps, stopped, data.tasks), *callbacks],
                shuffle=False,  # the order is ours
                verbose=0,
                **validation,
            )
        if len(epochs) and not all(bool(tf.reduce_all(tf.math.is_finite(each))) for each in network.trainable_weights):
            raise Diverged("weights are not numbers", len(history.rows), steps)
    except Diverged as error:
        raise with_mends(error, config, data) from None
    except tf.errors.ResourceExhaustedError:
        raise RnaError(
            "the memory is not enough for a step", hint="batch_size: {size}", size=max(1, size // 2)
        ) from None
    finally:
        network.train_function = None
        network.__dict__.pop("train_step", None)
        if network.__dict__.pop("test_step", None) is not None:
            network.test_function = None


@contextlib.contextmanager
def without_remapping() -> Iterator[None]:
    """Keep TensorFlow from merging layers in the block: of one that is called twice in a step it fails, and says so."""
    tf.config.optimizer.set_experimental_options({"remapping": False})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"remapping": None})


def use_features(network: Any, front: Front, *parts: Any) -> list[Any]:
    """Parts as what the frozen ``front`` gives for their rows; the network's steps then take such rows."""
    size = evaluation_batch_size(network)
    network._symbolic_build(data_batch=rows_between(parts[0], 0, 1))  # metrics, of rows as they are
    proxy = OnFeatures(network, front.rest)
    network.train_step = lambda batch: keras.Model.train_step(proxy, batch)
    network.test_step = lambda batch: keras.Model.test_step(proxy, batch)
    network.test_function = None
    return [part if part is None else front.features_of(part, size) for part in parts]


def make_train_function(network: Any, rows: Rows, jit: bool) -> Any:
    """Keras' own ``train_function``, whose step prepares its batch."""
    step = share_step(network) if joined else network.train_step
    network.jit_compile, network.train_step = jit, lambda batch: step(rows.prepare(batch, training=True))
    network.make_train_function()
    network.jit_compile = False
    return network.train_function


def count_calls(train_function: Any, steps: int) -> TrainFunction:
    """Keras' own ``train_function``, which makes one step, with the form of the fused one."""
    calls = itertools.count()
    return lambda iterator: (train_function(iterator), next(calls) % steps, 0)


class Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells the other callbacks how many steps an epoch has, where Keras would tell them of executions.

    And tells ``fit``, which begins by forgetting it, of a signal that came before. It is the first of them: what it
    makes of the logs, a number under each name, is what the others get.
    """

    def __init__(self, steps: int, stopped: Sequence[int], tasks: Mapping[str, Task]):
        super().__init__()
        self.steps, self.stopped, self.tasks = steps, stopped, tasks

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.params["steps"] = self.steps
        self.model.stop_training = bool(self.stopped)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            plain = {name: float(value) for name, value in flatten_metrics(logs).items()}
            logs.clear()
            logs.update(with_derived(self.model, self.tasks, plain))
