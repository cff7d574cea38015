"""Data sets that scikit-learn makes or ships, and those of ``keras.datasets``."""

import contextlib
import hashlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import second_process
from rnacli.dataset.rows import Rows
from rnacli.errors import DATA, RnaError, clean
from rnacli.keras_object import KerasSpec

FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CLASSES = {"mnist": tuple("0123456789"), "fashion_mnist": FASHION, "cifar10": CIFAR10}
DOWNLOADS = {
    "mnist": "mnist.npz",
    "fashion_mnist": "fashion-mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz",
    "cifar10": "cifar-10-batches-py-target_archive",
    "cifar100": "cifar-100-python-target_archive",
    "california_housing": "california_housing.npz",
    "boston_housing": "boston_housing.npz",
}
"""What each data set is called in the datasets folder of Keras' cache."""


def sklearn_rows(spec: KerasSpec, seed: int) -> Rows:
    """Rows from ``sklearn.datasets``; a ``random_state`` that is left out is the config's seed."""
    arguments = dict(spec.arguments)
    if "random_state" in arguments and arguments["random_state"] is None:
        arguments["random_state"] = seed
    try:
        x, y, columns, names = second_process.call(sample, spec.entry.target, arguments)
    except (ValueError, TypeError) as error:
        raise RnaError(f"{spec.name}: {clean(error, 200)}", place=str(spec.place), exit_code=2) from None
    files = {spec.name: digest(x, y)}
    if columns is None:
        return Rows(x, y, tuple(f"x{i + 1}" for i in range(x.shape[1])), ("y",), files=files)
    several = y.ndim == 2
    classes = None if several or names is None else tuple(names)
    return Rows(x, y, tuple(columns), tuple(names) if several else ("target",), classes, files=files)


def sample(name: str, arguments: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, list[str] | None, list[str] | None]:
    """Inputs and targets that a function of ``sklearn.datasets`` makes or loads; what it calls the columns and targets.

    Both are ``None`` where it names nothing.
    """
    import sklearn.datasets

    function: Callable[..., Any] = getattr(sklearn.datasets, name)
    made = function(**{name: tupled(value) for name, value in arguments.items()})
    if isinstance(made, tuple):
        return made[0], made[1], None, None
    names = made.get("target_names")
    columns = [str(column) for column in made.get("feature_names", ())]
    return made.data, made.target, columns, None if names is None else [str(name) for name in names]


def keras_rows(spec: KerasSpec, talk: io.TextIOBase | Any = None) -> Rows:
    """Rows from ``keras.datasets`` through its cache; a download shows its progress on ``talk`` (stderr)."""
    import keras

    module = getattr(keras.datasets, spec.entry.target)
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    try:
        # Keras prints its progress; standard output is for data.
        with contextlib.redirect_stdout(talk or sys.stderr):
            (x, y), (x_test, y_test) = module.load_data(**dict(spec.arguments))
    except (OSError, ValueError, EOFError, Exception) as error:
        if not is_download_error(error):
            raise
        raise RnaError(
            f"{spec.name} cannot be downloaded: {clean(error, 200)}",
            place=str(spec.place),
            exit_code=DATA,
            hint=f"without network, put it there yourself: {folder / DOWNLOADS[spec.entry.target]}",
        ) from None
    y, y_test = (array[:, 0] if array.ndim == 2 else array for array in (y, y_test))
    fixed = {"train": np.arange(len(x)), "test": np.arange(len(x), len(x) + len(x_test))}
    features = CALIFORNIA if spec.name == "california_housing" else ()
    return Rows(
        np.concatenate([x, x_test]),
        np.concatenate([y, y_test]),
        features,
        ("label",),
        CLASSES.get(spec.name),
        fixed,
        files={spec.name: digest(x, y, x_test, y_test)},
    )


CALIFORNIA = (
    "longitude",
    "latitude",
    "housing_median_age",
    "total_rooms",
    "total_bedrooms",
    "population",
    "households",
    "median_income",
)


def is_download_error(error: BaseException) -> bool:
    """Whether Keras failed to get a file: it raises a bare ``Exception`` that says ``URL fetch failure``."""
    return isinstance(error, OSError) or "URL fetch failure" in str(error) or "file may be corrupted" in str(error)


def digest(*arrays: np.ndarray) -> str:
    """One SHA-256 over the arrays' types, shapes and contents."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def tupled(value: Any) -> Any:
    """A list as the tuple that scikit-learn's own checks expect; other values as they are."""
    return tuple(value) if isinstance(value, list) else value
