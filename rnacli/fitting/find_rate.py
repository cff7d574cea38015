"""A learning rate by a range test: the steps grow, and the loss says which of them teach.

Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3. The loss is that of the same
training rows after each step, not that of the step's own rows, whose noise would hide where it falls.
"""

import dataclasses
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.feed import Rows, compute_rows, epoch_order, feed_part, shuffled_batches
from rnacli.engine.stream import Stream
from rnacli.engine.tensorflow import tf
from rnacli.errors import RnaError
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.fit import make_train_function
from rnacli.runs.optimizers import build_optimizers
from rnacli.schema.keras_object import FIND

log = logging.getLogger("rnacli")

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 120
"""From which learning rate to which, in how many steps."""
JUDGING = 512
"""Training rows whose loss is measured after each step."""
FALL = 0.02
"""The share of the first loss by which it must have fallen somewhere for the test to say anything."""


@dataclass(frozen=True)
class RangeTest:
    """The ``losses`` after steps of growing ``rates``, and the rate to take; ``None`` where the loss fell nowhere."""

    rates: Sequence[float]
    losses: Sequence[float]
    suggestion: float | None

    def plain(self) -> dict[str, Any]:
        """As JSON data."""
        kept = {"rates": [float(f"{rate:.4g}") for rate in self.rates], "losses": [round(x, 6) for x in self.losses]}
        return {"suggestion": self.suggestion, **kept}


def asks_for_rate(config: Config) -> bool:
    """Whether the learning rate of the optimizer is to be found."""
    return any(spec.arguments.get("learning_rate") == FIND for spec in config.optimizers.values())


def with_rate(config: Config, test: RangeTest) -> Config:
    """The config with the learning rate of a test; with Keras' own, said, where the test gives none."""
    (optimizer,) = config.optimizers.values()
    rate = test.suggestion
    if rate is None:
        rate = float(optimizer.entry.arguments["learning_rate"].default)
        log.warning("the loss fell at no learning rate: it stays %g; rna find-lr draws the test", rate)
    else:
        log.info("learning rate %g, found in %d steps", rate, len(test.rates))
    return dataclasses.replace(config, optimizer=optimizer.with_argument("learning_rate", rate))


def test_rates(network: Any, config: Config, data: Data) -> RangeTest:
    """Make ``STEPS`` steps of a compiled network at growing rates; it is of no use for anything else then.

    The batches are those that the training begins with. Raises ``RnaError`` for a network of two optimizers.
    """
    require_one_optimizer(config)
    rows = feed_part(data, "train", data.weights("train"), network.augmentation)
    build_optimizers(network)
    optimizer = getattr(network.optimizer, "inner_optimizer", network.optimizer)
    judge = make_judge(network, rows, config.seed)
    step = make_train_function(network, rows, jit=False)
    size = config.phase_configs[0].rows_per_step(len(rows))
    batches = iter(shuffled_batches(rows, size, config.seed, range(STEPS)))
    rates, losses = np.geomspace(LOWEST, HIGHEST, STEPS).tolist(), list[float]()
    first = judge()
    for rate in rates:
        optimizer.learning_rate = rate
        step(batches)
        losses.append(judge())
        if not math.isfinite(losses[-1]) or losses[-1] > first + 2 * abs(first):
            break
    shown = [loss for loss in losses if math.isfinite(loss)]
    return RangeTest(rates[: len(shown)], shown, suggest_rate(rates, shown, first))


def require_one_optimizer(config: Config) -> None:
    if config.sides:
        message = "a generator and a discriminator have two optimizers, and their losses do not fall"
        raise RnaError(message, hint="try some rates by hand: --set optimizer.generator.adam.learning_rate=0.0001")


def make_judge(network: Any, rows: Rows, seed: int) -> Any:
    """A function that measures the loss of the same training rows, drawn by the seed."""
    count = min(len(rows), JUDGING)
    chosen = epoch_order(seed, 0, len(rows))[:count]
    if isinstance(rows, Stream):
        gathered = rows.prepare(compute_rows(rows, rows.read_at, chosen))
    else:
        gathered = rows.prepare(rows.gather(chosen))
    step = tf.function(network.test_step, reduce_retracing=True)

    def judge() -> float:
        network.reset_metrics()
        loss = float(step(gathered)["loss"])
        network.reset_metrics()
        return loss

    return judge


def suggest_rate(rates: Sequence[float], losses: Sequence[float], first: float) -> float | None:
    """The rate at which the loss falls fastest, by the decade, but at most a third of that of the lowest loss.

    ``first``: the loss before any step.
    """
    if len(losses) < 5 or not first - min(losses) > FALL * abs(first):
        return None
    smooth = smooth_losses([first, *losses])[1:]
    lowest = int(np.argmin(smooth))
    slopes = np.gradient(smooth)[: lowest + 1]
    rate = min(rates[int(np.argmin(slopes))], rates[lowest] / 3)
    return float(f"{rate:.2g}")


def smooth_losses(losses: Sequence[float], width: int = 9) -> np.ndarray:
    """The mean of each loss and its neighbours, fewer at the ends."""
    values, half = np.asarray(losses, float), width // 2
    return np.array([values[max(0, i - half) : i + half + 1].mean() for i in range(len(values))])
