"""Whether the networks of other seeds are trained by one program, how many at once - and why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.fitting.choose_engine import FLOPS, STEP, XLA_LAYERS, choose_threads, uses_gpu
from rnacli.machine import available_memory, count_cores, format_bytes
from rnacli.networks.plan import LayerPlan
from rnacli.seeds.many import why_not
from rnacli.words import fill_template

SHARE = 0.5
"""The most of the memory that is free that networks may take together."""
COPIES = 8
"""How often a network's numbers are there while it is trained: weights, gradients, an optimizer's, before and after."""
NUMBER = 4
"""Bytes."""


COMPILES = 2.0
"""Seconds of making and compiling a program, and once more where a batch is left over at the end of an epoch."""
LOOP, ONE_MORE, SLOWER = 5e-5, 5e-7, 4.0
"""Seconds of a step of many networks, of each network in it, and how much longer than ``FLOPS`` says theirs take."""


@dataclass(frozen=True)
class SeedsChoice:
    """``together``: the most networks that one program trains; 0: one after the other.

    ``seconds``: about how many they take of one core. ``processes``: how many train those that no program trains.
    """

    together: int
    seconds: float
    why: str
    processes: int = 1


def choose_seeds(config: Config, data: Data, layers: Sequence[LayerPlan], count: int) -> SeedsChoice:
    """Decide for ``count`` networks of the planned ``layers``."""
    rows = len(data.parts["train"])
    size = config.rows_per_step(rows)
    whole, rest = divmod(rows, size)
    steps, programs = config.epochs * (whole + (rest > 0)), 1 + (rest > 0)
    seconds = 6.0 * size * sum(layer.products for layer in layers) / FLOPS
    alone = count * (COMPILES + steps * (STEP + seconds))

    reason = why_not(config, data)
    slow = next((kind for layer in layers for kind in layer.kinds if kind not in XLA_LAYERS), None)
    said = "a step takes {products:.3g} us of arithmetic, and {besides:.0f} us besides"
    figures = fill_template(said, products=1e6 * seconds, besides=1e6 * STEP)
    if not reason and slow is not None:
        reason = fill_template("{layer} is slow in one program", layer=slow)
    if reason or seconds > STEP:
        why = fill_template("one after the other: {why}", why=fill_template(reason) if reason else figures)
        threads = choose_threads(config, seconds * FLOPS)
        processes = 1 if uses_gpu(config.device) else count_processes(data, alone, count, threads)
        return SeedsChoice(0, alone, why, processes)

    each, room = memory_of_one(size, rows, layers), SHARE * available_memory()
    together = max(1, int(min(count, room // each)))
    said = "one program: {figures}"
    if together < count:
        said = "one program: {figures}, {together} at a time: {memory} of memory"
    why = fill_template(said, figures=figures, together=together, memory=format_bytes(room))
    groups = -(-count // together)
    step = LOOP + together * (ONE_MORE + SLOWER * seconds)
    return SeedsChoice(together, COMPILES * programs + groups * steps * step, why)


def count_processes(data: Data, seconds: float, count: int, threads: int) -> int:
    """How many processes train ``count`` networks one after the other, which take so many ``seconds`` in all.

    As many as there are cores for their ``threads`` and memory for their rows, where they save more than they cost.
    """
    each = PROCESS_MEMORY + COPIES_OF_ROWS * size_of_rows(data)
    most = int(min(count, count_cores() // threads, SHARE * available_memory() // each))
    return most if most > 1 and seconds * (1 - 1 / most) > SAVES else 1


def size_of_rows(data: Data) -> float:
    """Bytes of the inputs of all rows, as numbers."""
    return float(NUMBER * len(data.rows.x) * math.prod(data.preprocessing.shape))


PROCESS_MEMORY, COPIES_OF_ROWS = 600 << 20, 3
"""Bytes of a process that trains, and how often it has its rows."""
SAVES = 15.0
"""Seconds that processes must save: one takes some 4 to begin."""


def memory_of_one(size: int, rows: int, layers: Sequence[LayerPlan]) -> float:
    """Bytes that a network more takes: its numbers, what its layers give for a batch, the order of its rows."""
    parameters = sum(layer.parameters for layer in layers)
    outputs = sum(layer.outputs for layer in layers)
    products = sum(layer.products for layer in layers)  # sums of products hold each of them
    return float(NUMBER * (COPIES * parameters + 3 * size * (outputs + products) + 3 * rows) + MEASURED)


MEASURED = 1 << 20
"""Bytes of measuring, which takes fewer rows at a time the more networks there are, and of all that is small."""
