"""Data: read by the kind that the config names, split, and scaled by what the training rows teach."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnacli import files, task
from rnacli.dataset import catalogued, class_weight, duplicates, npz_file, preprocessing, table
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.dataset.rows import Rows
from rnacli.dataset.split import Parts, split
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import PARTS, Config, Csv, Keras, Npz, Sklearn
from rnacli.task import Task

log = logging.getLogger("rnacli")


@dataclass
class Data:
    """Everything that training and evaluation need of the data."""

    rows: Rows
    parts: Parts
    preprocessing: Preprocessing
    class_weight: dict[str, float] | None = None
    """How much a training row of each label counts."""

    @property
    def stream(self) -> bool:
        """Whether the inputs are in a file and stay there."""
        return isinstance(self.rows.x, np.memmap)

    def weights(self, part: str) -> np.ndarray | None:
        """How much each row (n,) of a part counts, float32; ``None`` where all count alike."""
        chosen = self.parts[part]
        weights = None if self.rows.weights is None else self.rows.weights[chosen]
        if self.class_weight is not None:
            each = np.array([self.class_weight[label] for label in self.preprocessing.labels])
            of_class = each[self.preprocessing.indices(self.rows.y[chosen])]
            weights = of_class if weights is None else weights * of_class
        return None if weights is None else np.asarray(weights, "float32")

    def raw(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (n, *shape) as they were read and encoded targets of a part, in its order."""
        chosen = self.parts[part]
        return self.rows.x[chosen], self.preprocessing.encode(self.rows.y[chosen])

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (n, *shape) float32 and encoded targets of a part, in its order."""
        x, y = self.raw(part)
        return self.preprocessing.inputs(x), y

    @property
    def task(self) -> Task:
        return self.preprocessing.task

    @property
    def held_out(self) -> str:
        """The part that a final evaluation is on: test, else validation, else the training rows themselves."""
        return next(part for part in ("test", "validation", "train") if part in self.parts)


def load(config: Config, cache_folder: Path, offline: bool = False) -> Data:
    """Read, split and preprocess. ``cache_folder`` is where files behind URLs are kept. Raises ``RnaError``."""
    rows = read(config, cache_folder, offline)
    chosen = task.of(config, rows.y, rows.target)
    parts = split(rows, config, chosen)
    if isinstance(rows.x, np.memmap):  # rows far from one another take a disk long to find
        parts = {part: np.sort(chosen) for part, chosen in parts.items()}
    if repeated := duplicates.report(rows, parts):
        log.warning("%s", repeated)
    learnt = preprocessing.fit(rows, parts["train"], config, chosen)
    learnt.adopt(rows)
    warn(rows, parts, learnt, chosen)
    return Data(rows, parts, learnt, class_weight.of(config, learnt, rows.y[parts["train"]]))


def read(config: Config, cache_folder: Path, offline: bool = False) -> Rows:
    """The rows of the config's data set, as they are; ``offline``: nothing is downloaded."""
    match config.dataset:
        case Csv() as data:
            return table.read(data, config, cache_folder, offline)
        case Sklearn() as data:
            return catalogued.sklearn_rows(data.sklearn, config.seed)
        case Keras() as data:
            return catalogued.keras_rows(data.keras)
        case Npz() as data:
            return read_npz(data, config)


# Arrays


def read_npz(data: Npz, config: Config) -> Rows:
    """``x`` and ``y``, or a training and a test pair, from an ``.npz``."""
    path = table.locate(data.npz, config, ("dataset", "npz"))
    arrays = npz_file.read(path, data.npz)
    digest = {data.npz: files.sha256(path)}
    if "x" in arrays or "x_train" not in arrays:
        x, y = npz_file.pair(arrays, "x", "y", data.npz)
        rows = Rows(x, y, files=digest)
    else:
        x, y = npz_file.pair(arrays, "x_train", "y_train", data.npz)
        rows = Rows(x, y, files=digest)
        if "x_test" in arrays:
            x_test, y_test = npz_file.pair(arrays, "x_test", "y_test", data.npz)
            for name, test, train in (("x", x_test, x), ("y", y_test, y)):
                if test.shape[1:] != train.shape[1:]:
                    raise RnaError(f"{name}_test is {test.shape}, and {name}_train is {train.shape}", place=data.npz)
            append(rows, Rows(x_test, y_test), "test")
    for part in PARTS:
        name = getattr(data.split, part)
        if isinstance(name, str):
            path = table.locate(name, config, ("dataset", "split", part))
            x, y = npz_file.pair(npz_file.read(path, name), "x", "y", name)
            append(rows, Rows(x, y, files={name: files.sha256(path)}), part)
    if data.split.test is not None and "test" in rows.fixed and not isinstance(data.split.test, str):
        raise RnaError(
            f"{data.npz} has its own test set",
            place=str(config.place("dataset", "split", "test")),
            exit_code=CONFIG,
            hint="remove test from split",
        )
    return rows


def append(rows: Rows, other: Rows, part: str) -> None:
    """Add the rows of a second file as a part of their own."""
    start = len(rows.x)
    for what, one, another in (("inputs", rows.x, other.x), ("targets", rows.y, other.y)):
        if one.shape[1:] != another.shape[1:]:
            raise RnaError(
                f"its {what} have rows of shape {another.shape[1:]}, and those of the first file {one.shape[1:]}",
                place=next(iter(other.files), ""),
            )
    rows.x, rows.y = np.concatenate([rows.x, other.x]), np.concatenate([rows.y, other.y])
    rows.fixed[part] = np.arange(start, len(rows.x))
    rows.files |= other.files


# Notes


def warn(rows: Rows, parts: Parts, learnt: Preprocessing, chosen: Task) -> None:
    """Say what the user should know of data that can be trained on."""
    train = parts["train"]
    names = rows.features if rows.x.ndim == 2 and len(train) > 1 else ()
    constant = [clean(name) for j, name in enumerate(names) if is_constant(rows.column(j, train))]
    if constant:
        log.warning("in the training rows, these columns are constant and teach nothing: %s", enumerated(constant))
    if not np.isfinite(learnt.inputs(rows.x[train[:1]])).all():
        raise RnaError("scaled inputs do not fit float32", place=next(iter(rows.files), ""))
    if learnt.offset.size == 1 and learnt.divisor == 1 and rows.x.dtype == np.uint8:
        log.warning("the inputs are pixels from 0 to 255 and are not scaled: scale: {rescale: 255} learns better")
    if chosen.kind == "multilabel":
        never = learnt.multi_hot(rows.y[parts["train"]]).sum(axis=0) == 0
        for name in np.array(learnt.classes)[never]:
            log.warning("no training row has the label '%s'", clean(name))
    elif chosen.kind != "regression":
        missing = set(range(len(learnt.labels))) - set(learnt.indices(rows.y[parts["train"]]).tolist())
        for i in sorted(missing):
            log.warning("class '%s' has no training rows", clean(learnt.classes[i]))


def is_constant(values: np.ndarray) -> bool:
    return bool((values == values[0]).all())


def enumerated(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def class_counts(data: Data, part: str) -> Sequence[int]:
    """How many rows of a part each class has."""
    indices = data.preprocessing.indices(data.rows.y[data.parts[part]])
    return [int(count) for count in np.bincount(indices, minlength=len(data.preprocessing.labels))]
