"""Rows that stay on the disk: read in blocks, shuffled in windows, so that memory holds two windows and no more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnacli.data.arrays import Array
from rnacli.encoders.encoder import Encoder

BLOCK = 16_384
"""The most rows that are read from one place of the file."""
BLOCKS = 64
"""The fewest blocks that a window mixes, where there are so many."""
WINDOW = 32 << 20
"""Bytes of float32 inputs in a window, about."""


@dataclass(frozen=True)
class Stream:
    """A part whose inputs are read when they are needed.

    ``x``: raw inputs of all rows. ``rows`` (m,): the part's rows, in its
    order; ``targets`` (m, ...): encoded, of each output that is not compared with the input; ``prepare``: what is done
    to a batch in the step; ``weights`` (m,): float32, or ``None``.
    """

    x: Array
    rows: np.ndarray
    targets: Mapping[str, np.ndarray]
    encoder: Encoder
    prepare: Callable[..., tuple[Any, ...]]
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, start: int, stop: int) -> tuple[np.ndarray, ...]:
        """The part's rows from ``start`` to ``stop``: each input as it is stored, each target, weights if any."""
        return self.read_at(slice(start, stop))

    def read_at(self, places: slice | np.ndarray) -> tuple[np.ndarray, ...]:
        """As ``read``: the part's rows at some places of it."""
        inputs, _ = self.encoder.store(self.x.take(self.rows[places]))
        weights = () if self.weights is None else (self.weights[places],)
        return *inputs.values(), *(y[places] for y in self.targets.values()), *weights

    def in_file_order(self) -> "Stream":
        """The same rows in the order in which the file has them."""
        if (self.rows[1:] > self.rows[:-1]).all():
            return self
        order = np.argsort(self.rows)
        weights = None if self.weights is None else self.weights[order]
        targets = {output: y[order] for output, y in self.targets.items()}
        return replace(self, rows=self.rows[order], targets=targets, weights=weights)

    @cached_property
    def window_rows(self) -> int:
        """Rows in a window, about."""
        return max(1, WINDOW // sum(array.nbytes for array in self.read(0, 1)[: len(self.encoder.inputs)]))

    @property
    def block(self) -> int:
        """Rows in a block."""
        return max(1, min(BLOCK, self.window_rows // BLOCKS))

    @property
    def windows(self) -> int:
        """Windows in an epoch."""
        blocks = -(-len(self) // self.block)
        return -(-blocks // (self.window_rows // self.block))

    def window(self, seed: int, epoch: int, number: int) -> tuple[np.ndarray, ...]:
        """As ``read``: the rows of one window of an epoch, shuffled; a function of seed, epoch and number alone.

        An epoch's blocks, neighbours in the file, are dealt in random order to windows of the same size, and the rows
        of a window are shuffled as one. It is what is done with data in many files: the files in random order, several
        read side by side, and a ``shuffle`` buffer behind them (``tf.data``: https://www.tensorflow.org/guide/data).
        Each row comes once an epoch. Unlike in a full shuffle, rows of one block come in one window: what neighbours
        share, such as a day's weather, makes batches a little more alike. Data of one window are shuffled in full.
        """
        dealt = np.array_split(random_generator(seed, epoch, 0).permutation(-(-len(self) // self.block)), self.windows)
        spans = [(block * self.block, min((block + 1) * self.block, len(self))) for block in dealt[number].tolist()]
        places = random_generator(seed, epoch, number + 1).permutation(sum(stop - start for start, stop in spans))
        window = tuple(np.empty((len(places), *like.shape[1:]), like.dtype) for like in self.read(0, 1))
        filled = 0
        for start, stop in spans:
            chosen = places[filled : filled + stop - start]
            for array, values in zip(window, self.read(start, stop), strict=True):
                array[chosen] = values
            filled += stop - start
        return window


def random_generator(*key: int) -> np.random.Generator:
    """Random numbers of their own for each key of the same length."""
    return np.random.Generator(np.random.Philox(key))
