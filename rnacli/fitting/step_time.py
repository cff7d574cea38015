"""What a training step takes on this machine, and whether several workers would be any faster."""

import math
import time
from dataclasses import dataclass
from typing import Any

from rnacli.engine.feed import feed_part, shuffled_batches
from rnacli.engine.fused import fuse_steps
from rnacli.fitting.fit import count_calls, make_train_function
from rnacli.fitting.job import Job
from rnacli.runs.optimizers import build_optimizers

SUM, SUM_OF_ONE = 5e-3, 20e-9
"""Seconds that workers take at the least to add up, and for each number: two processes of one machine, over gRPC."""
ENOUGH = 2.0
"""Seconds of measuring."""


@dataclass(frozen=True)
class StepTime:
    """Seconds of a step of so many ``rows``, and how many numbers workers would have to add up in one."""

    seconds: float
    rows: int
    numbers: int

    def shared(self, count: int) -> float:
        """Seconds of a step that ``count`` workers share, at the least."""
        return self.seconds / count + SUM + SUM_OF_ONE * self.numbers


def measure_step(job: Job) -> StepTime:
    """Train for a moment, as a training alone would, and measure a step. The network is changed by it."""
    config, network = job.config, job.network
    rows = feed_part(job.data, "train", job.data.weights("train"), network.augmentation)
    size = config.rows_per_step(len(rows))
    steps = math.ceil(len(rows) / size)
    build_optimizers(network)
    train: Any
    if job.chosen.fuse:
        longest = min(job.chosen.steps, max(1, steps))
        train, batches, calls = fuse_steps(network, rows, size, config.seed, range(1 << 20), longest, job.chosen.jit)
    else:
        train, calls = count_calls(make_train_function(network, rows, job.chosen.jit), steps), steps
        batches = shuffled_batches(rows, size, config.seed, range(1 << 20))
    iterator, times = iter(batches), list[float]()
    for _ in range(calls):  # compiles, the rest of an epoch too
        train(iterator)
        if calls > 2 and calls == steps:
            break
    began = time.perf_counter()
    while not times or (time.perf_counter() - began < ENOUGH and len(times) < 20 * calls):
        start = time.perf_counter()
        for _ in range(1 if calls == steps else calls):
            float(train(iterator)[0]["loss"])
        times.append((time.perf_counter() - start) / (1 if calls == steps else steps))
    outputs = size * sum(math.prod(each.shape[1:]) for each in network.outputs)
    return StepTime(min(times), size, sum(math.prod(each.shape) for each in network.trainable_weights) + outputs)
