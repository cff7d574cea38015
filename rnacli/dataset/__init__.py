"""Data: read by the kind that the config names, split, and scaled by what the training rows teach."""

import dataclasses
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from rnacli import files, task
from rnacli.dataset import cache, catalogued, csv_faults, csv_file, csv_text, npz_file, preprocessing
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


def load(config: Config, cache_folder: Path) -> Data:
    """Read, split and preprocess. ``cache_folder`` is where files behind URLs are kept. Raises ``RnaError``."""
    rows = read(config, cache_folder)
    chosen = task.of(config, rows.y, rows.target)
    parts = split(rows, config, chosen)
    learnt = preprocessing.fit(rows, parts["train"], config, chosen)
    warn(rows, parts, learnt, chosen)
    return Data(rows, parts, learnt)


def read(config: Config, cache_folder: Path) -> Rows:
    """The rows of the config's data set, as they are."""
    match config.dataset:
        case Csv() as data:
            return read_csv(data, config, cache_folder)
        case Sklearn() as data:
            return catalogued.sklearn_rows(data.sklearn, config.seed)
        case Keras() as data:
            return catalogued.keras_rows(data.keras)
        case Npz() as data:
            return read_npz(data, config)


def locate(name: str, config: Config, key: tuple[str, ...]) -> Path:
    """The file that a config names: relative to the config, ``~`` for the home folder."""
    place = str(config.place(*key))
    if "://" in name:
        hint = "https://..., or the path of a file"
        raise RnaError(f"only https URLs are read, got {clean(name)}", place=place, hint=hint, exit_code=CONFIG)
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise RnaError(f"{clean(name)}: there is no such user", place=place, hint="write the path out") from None
    return path if path.is_absolute() else Path(os.path.normpath(config.folder / path))


# CSV


def read_csv(data: Csv, config: Config, cache_folder: Path) -> Rows:
    """The target and the features of a CSV file, with the rows of a second file after them."""
    if is_https(data.csv, config):
        path = cache.fetch(data.csv, cache_folder, data.sha256, str(config.place("dataset", "csv")))
    else:
        path = locate(data.csv, config, ("dataset", "csv"))
        csv_text.check_is_text(path, csv_text.Format.of(data), data.csv)
        if data.sha256 and files.sha256(path) != data.sha256:
            raise RnaError("its SHA-256 is not the one that the config wants", place=data.csv)
    rows = read_table(path, data, config, Path(data.csv).name if "://" in data.csv else data.csv)
    for part in PARTS:
        name = getattr(data.split, part)
        if isinstance(name, str):
            same = dataclasses.replace(data, features=rows.features)
            other = read_table(locate(name, config, ("dataset", "split", part)), same, config, name)
            append(rows, other, part)
    return rows


def is_https(name: str, config: Config) -> bool:
    try:
        return urlsplit(name).scheme == "https"
    except ValueError as error:
        place = str(config.place("dataset", "csv"))
        raise RnaError(f"{clean(name)} is no URL: {clean(error)}", place=place, exit_code=CONFIG) from None


def read_table(path: Path, data: Csv, config: Config, shown: str) -> Rows:
    form = csv_text.Format.of(data)
    names = csv_file.columns(path, form, shown)
    targets = (data.target,) if isinstance(data.target, str) else data.target
    apart = {*targets, *filter(None, (data.id, data.split.column))}
    features = tuple(name for name in names if name not in apart) if data.features is None else data.features
    csv_file.require(wanted_columns(data, config, targets), names, form, shown)
    both = sorted(set(targets) & set(features))
    if both:
        raise RnaError(
            f"{clean(both[0])} is the target and a feature",
            place=str(config.place("dataset", "features")),
            exit_code=CONFIG,
            hint="remove it from features: the network would be given the answer",
        )
    if not features:
        raise RnaError("no columns are left for the inputs", place=shown)
    as_text = len(targets) == 1 and not predicts_numbers(config)
    numbers = [*features, *(() if as_text else targets)]
    texts = [*(targets if as_text else ()), *filter(None, (data.id, data.split.column))]
    mends = {**dict.fromkeys(features, FEATURE), **dict.fromkeys(targets, TARGET)}
    table = next(csv_file.read(path, form, numbers, texts, shown, mends=mends))
    y = table.texts[targets[0]] if as_text else table.numbers[:, len(features) :]
    rows = Rows(
        table.numbers[:, : len(features)],
        numbers_if_all(y) if as_text else (y[:, 0] if y.shape[1] == 1 else y),
        features,
        targets,
        files={shown: files.sha256(path)},
        ids=table.texts[data.id] if data.id else None,
    )
    if data.split.column:
        rows.fixed = parts_by_column(table.texts[data.split.column], data.split.column, path, form, shown)
    return rows


FEATURE = csv_faults.Mend(
    "words cannot be inputs: leave the column out with features: [...], or write numbers for them",
    "leave the column out with features: [...], or fill it",
)
TARGET = csv_faults.Mend(
    "for classes: loss: sparse_categorical_crossentropy, and softmax in a last layer with one unit for each class",
    csv_faults.FILL,
)


def wanted_columns(data: Csv, config: Config, targets: tuple[str, ...]) -> dict[str, str]:
    """Each column that the config names, with the place of its name."""
    wanted = {name: str(config.place("dataset", "target")) for name in targets}
    wanted |= {name: str(config.place("dataset", "features", i)) for i, name in enumerate(data.features or ())}
    wanted |= {data.id: str(config.place("dataset", "id"))} if data.id else {}
    column = data.split.column
    return wanted | ({column: str(config.place("dataset", "split", "column"))} if column else {})


def predicts_numbers(config: Config) -> bool:
    """Whether the target is read as numbers from the start: text in it is then an error with its line."""
    linear = task.head_activation(config) not in ("softmax", "sigmoid")
    return config.loss.name not in task.CLASS_LOSSES and linear


def numbers_if_all(words: np.ndarray) -> np.ndarray:
    """Text (n,) as numbers where all of it is, so that 1 and 1.0 are one label."""
    numbers = all(csv_faults.NUMBER.fullmatch(word) for word in set(words.tolist()))
    return words.astype("float64" if numbers else str)


def parts_by_column(
    words: np.ndarray, column: str, path: Path, form: csv_text.Format, shown: str
) -> dict[str, np.ndarray]:
    """The rows of each part from the words of a column."""
    for row, word in enumerate(words):
        if word not in PARTS:
            line = csv_text.line_of(path, form, row, shown)
            raise RnaError(
                f"column '{clean(column)}': train, validation or test is wanted, got '{clean(word)}'",
                place=f"{shown}:{line}",
            )
    if "train" not in words:
        raise RnaError(f"column '{clean(column)}' has no row for train", place=shown)
    return {part: np.flatnonzero(words == part) for part in PARTS if (words == part).any()}


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
    if rows.ids is not None and other.ids is not None:
        rows.ids = np.concatenate([rows.ids, other.ids])
    rows.fixed[part] = np.arange(start, len(rows.x))
    rows.files |= other.files


# Arrays


def read_npz(data: Npz, config: Config) -> Rows:
    """``x`` and ``y``, or a training and a test pair, from an ``.npz``."""
    path = locate(data.npz, config, ("dataset", "npz"))
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
            path = locate(name, config, ("dataset", "split", part))
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


# Notes


def warn(rows: Rows, parts: Parts, learnt: Preprocessing, chosen: Task) -> None:
    """Say what the user should know of data that can be trained on."""
    train = rows.x[parts["train"]]
    if train.ndim == 2 and len(train) > 1:
        constant = [clean(name) for i, name in enumerate(rows.features) if (train[:, i] == train[0, i]).all()]
        if constant:
            log.warning("in the training rows, these columns are constant and teach nothing: %s", enumerated(constant))
    if not np.isfinite(learnt.inputs(train[:1])).all():
        raise RnaError("scaled inputs do not fit float32", place=next(iter(rows.files), ""))
    if learnt.offset.size == 1 and learnt.divisor == 1 and train.dtype == np.uint8:
        log.warning("the inputs are pixels from 0 to 255 and are not scaled: scale: {rescale: 255} learns better")
    if chosen.kind != "regression":
        missing = set(range(len(learnt.labels))) - set(learnt.indices(rows.y[parts["train"]]).tolist())
        for i in sorted(missing):
            log.warning("class '%s' has no training rows", clean(learnt.classes[i]))


def enumerated(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def class_counts(data: Data, part: str) -> Sequence[int]:
    """How many rows of a part each class has."""
    indices = data.preprocessing.indices(data.rows.y[data.parts[part]])
    return [int(count) for count in np.bincount(indices, minlength=len(data.preprocessing.labels))]
