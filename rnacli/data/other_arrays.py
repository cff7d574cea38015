"""Examples with targets from another file, for a network whose training data were arrays."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rnacli.data.arrays import Resident
from rnacli.data.examples import Examples
from rnacli.data.section import INPUT
from rnacli.data.values import as_numbers_if_all
from rnacli.encoders.encoder import Encoder
from rnacli.errors import RnaError
from rnacli.files import file_sha256
from rnacli.tables.arrays import input_arrays, join_inputs, pair_arrays, read_named_arrays, row_shapes
from rnacli.tables.cells import Want
from rnacli.tables.csv.read import open_csv, read_csv
from rnacli.tables.csv.text import Format
from rnacli.tasks.task import Task


def read_inputs(path: Path, encoder: Encoder, shown: str) -> np.ndarray:
    """The inputs in a file of arrays, for a network of several. Raises ``RnaError``."""
    arrays = read_named_arrays(path, shown)
    names = input_arrays(arrays) or input_arrays(arrays, "_test")
    x = join_inputs({name: arrays[array] for name, array in names.items() if name in encoder.inputs}, names, shown)
    require_inputs(row_shapes(x), encoder, shown)
    return x


def read_other_arrays(path: Path, encoder: Encoder, tasks: Mapping[str, Task]) -> Examples:
    """Columns by their names from a CSV, or inputs and ``y`` from an ``.npz``. Raises ``RnaError``."""
    targets = tuple(name for task in tasks.values() for name in task.target_columns)
    if path.suffix == ".csv" and len(tasks) == 1:
        return read_array_columns(path, encoder.features, next(iter(tasks.values())))
    arrays = read_named_arrays(path, str(path))
    part = "_test" if not input_arrays(arrays) and input_arrays(arrays, "_test") else ""
    x, y = pair_arrays(arrays, part, str(path), bool(targets))
    require_inputs(row_shapes(x), encoder, str(path))
    return Examples(Resident(x), y, encoder.features, targets or (INPUT,), files={str(path): file_sha256(path)})


def require_inputs(shapes: Mapping[str, tuple[int, ...]], encoder: Encoder, shown: str) -> None:
    """Arrays with rows of these ``shapes``, by input, must be those of a network. Raises ``RnaError``."""
    for name, spec in encoder.inputs.items():
        array = "x" if name == "x" else f"x_{name}"
        if name not in shapes:
            arrays = ["x" if other == "x" else f"x_{other}" for other in shapes]
            message, hint = "there is no array '{array}'", "arrays: {arrays:and}"
            raise RnaError(message, place=shown, hint=hint, array=array, arrays=arrays)
        if shapes[name] != spec.shape:
            message = "{array} has rows of shape {shape}, and the network takes {raw_shape}"
            raise RnaError(message, place=shown, array=array, shape=shapes[name], raw_shape=spec.shape)


def read_array_columns(path: Path, features: tuple[str, ...], task: Task) -> Examples:
    """Features and targets by their names from a CSV."""
    labels = list(task.targets) if task.labels and len(task.targets) == 1 else []
    numbers = [*features, *([] if labels else task.target_columns)]
    wants = dict.fromkeys(numbers, Want("number", False)) | dict.fromkeys(labels, Want("text", False))
    [read] = read_csv(open_csv(path, str(path), Format()), wants)
    x, values = np.hsplit(read.values, [len(features)])
    y = as_numbers_if_all(read.texts[labels[0]]) if labels else values
    return Examples(Resident(x), y, features, task.targets, files={str(path): file_sha256(path)})
