"""Examples with targets from another file, for a network whose training data were arrays."""

from pathlib import Path

import numpy as np

from rnacli.data.arrays import Resident
from rnacli.data.examples import Examples
from rnacli.data.values import as_numbers_if_all
from rnacli.encoders.encoder import Encoder
from rnacli.errors import RnaError
from rnacli.files import file_sha256
from rnacli.tables.arrays import pair_arrays, read_arrays
from rnacli.tables.cells import Want
from rnacli.tables.csv.read import open_csv, read_csv
from rnacli.tables.csv.text import Format
from rnacli.tasks.task import Task


def read_other_arrays(path: Path, encoder: Encoder, task: Task) -> Examples:
    """Columns by their names from a CSV, or ``x`` and ``y`` from an ``.npz``. Raises ``RnaError``."""
    if path.suffix == ".csv":
        return read_array_columns(path, encoder.features, task)
    arrays = read_arrays(path, str(path), ("x", "y", "x_test", "y_test"))
    names = ("x_test", "y_test") if "x" not in arrays and "x_test" in arrays else ("x", "y")
    x, y = pair_arrays(arrays, *names, str(path))
    if x.shape[1:] != encoder.raw_shape:
        message = "x has rows of shape {shape}, and the network takes {raw_shape}"
        raise RnaError(message, place=str(path), shape=x.shape[1:], raw_shape=encoder.raw_shape)
    return Examples(Resident(x), y, encoder.features, task.targets, files={str(path): file_sha256(path)})


def read_array_columns(path: Path, features: tuple[str, ...], task: Task) -> Examples:
    """Features and targets by their names from a CSV."""
    labels = list(task.targets) if task.labels and len(task.targets) == 1 else []
    numbers = [*features, *([] if labels else task.targets)]
    wants = dict.fromkeys(numbers, Want("number", False)) | dict.fromkeys(labels, Want("text", False))
    [read] = read_csv(open_csv(path, str(path), Format()), wants)
    x, values = np.hsplit(read.values, [len(features)])
    y = as_numbers_if_all(read.texts[labels[0]]) if labels else values
    return Examples(Resident(x), y, features, task.targets, files={str(path): file_sha256(path)})
