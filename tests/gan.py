"""A tiny generator and its discriminator, on pictures of 8 x 8 digits: what several test files share."""

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fixtures import experiment

from rnacli.experiment.config import Config

GAN = """\
name: gan
seed: 3
dataset: {npz: digits.npz, scale: {rescale: 127.5, offset: -1}, split: {test: 0.2, seed: 1}}
noise: 6
generator:
  - dense: {units: 32, use_bias: false}
  - reshape: [4, 4, 2]
  - batch_normalization: {momentum: 0.8}
  - leaky_relu: 0.1
  - conv2d_transpose: {filters: 1, kernel_size: 3, strides: 2, padding: same, activation: tanh}
discriminator:
  - conv2d: {filters: 4, kernel_size: 3, strides: 2, padding: same}
  - batch_normalization: {momentum: 0.8}
  - leaky_relu: 0.1
  - flatten
  - dropout: 0.2
  - dense: 1
loss: {binary_crossentropy: {from_logits: true}}
optimizer: {generator: {adam: 1e-3}, discriminator: {rmsprop: 5e-4}}
epochs: 4
batch_size: 32
samples: {every: 2, grid: [2, 3]}
"""


@cache
def digits_folder() -> Path:
    """A folder with ``digits.npz``: 320 pictures (8, 8) uint8, and their classes."""
    from sklearn.datasets import load_digits

    folder = Path(tempfile.mkdtemp(prefix="rna-gan-"))
    data = load_digits()
    np.savez(folder / "digits.npz", x=(data.images[:320] * 15.9375).astype("uint8"), y=data.target[:320])
    return folder


def write_digits(folder: Path) -> None:
    """Put ``digits.npz`` into a folder."""
    shutil.copy(digits_folder() / "digits.npz", folder)


def gan(folder: Path, text: str = GAN, **changes: Any) -> Config:
    """The experiment, with some of its keys changed; its data are in ``folder``."""
    write_digits(folder)
    return experiment(text, folder, **changes)
