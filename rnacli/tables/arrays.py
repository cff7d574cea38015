"""Arrays from ``.npz`` and ``.npy`` files, read without pickles."""

from pathlib import Path

import numpy as np

from rnacli.errors import RnaError
from rnacli.tables.find import missing_file_error
from rnacli.words import did_you_mean


def read_arrays(path: Path, shown: str) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` by name, or the one array of an ``.npy`` as ``x``; numbers (or text labels) only.

    Raises ``RnaError``.
    """
    if not path.exists():
        raise missing_file_error(path, shown)
    if not path.is_file():
        raise RnaError("this is a folder or a device, not a regular file", place=shown)
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"x": loaded}
            with loaded:
                return {name: loaded[name] for name in loaded.files}
    except Exception as error:  # zipfile and numpy raise many kinds on a damaged file
        pickled = "allow_pickle" in str(error) or "Object arrays" in str(error)
        hint = "save plain arrays of numbers: objects (pickles) could run code" if pickled else ""
        raise RnaError("this is not a file of NumPy arrays that can be read", place=shown, hint=hint) from error


def check_inputs(array: np.ndarray, name: str, shown: str) -> np.ndarray:
    """An array of inputs (n, ...), checked to be finite numbers that fit float32."""
    if array.dtype.kind not in "iufb" or array.ndim < 2:
        raise RnaError(
            "{name} is {dtype} of shape {shape}, and numbers of shape (rows, ...) are wanted",
            place=shown,
            name=name,
            dtype=array.dtype,
            shape=array.shape,
        )
    return check_finite(array, name, shown)


def check_finite(array: np.ndarray, name: str, shown: str) -> np.ndarray:
    if array.dtype.kind == "f":
        bad = ~(np.abs(array) <= np.finfo("float32").max)
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            raise RnaError(
                "{name}[{index}] is {number}",
                place=shown,
                hint="only finite numbers",
                name=name,
                index=", ".join(map(str, at)),
                number=array[at],
            )
    return array


def check_targets(array: np.ndarray, name: str, rows: int, shown: str) -> np.ndarray:
    """An array of targets (n,) or (n, k); (n, 1) becomes (n,)."""
    if array.dtype.kind not in "iufbU" or array.ndim not in (1, 2):
        raise RnaError(
            "{name} is {dtype} of shape {shape}, and labels or numbers of shape (rows,) are wanted",
            place=shown,
            name=name,
            dtype=array.dtype,
            shape=array.shape,
        )
    if len(array) != rows:
        raise RnaError(
            "{name} has {count} rows, and the inputs have {rows}", place=shown, name=name, count=len(array), rows=rows
        )
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    return check_finite(array, name, shown) if array.dtype.kind == "f" else array


def pair_arrays(arrays: dict[str, np.ndarray], x: str, y: str, shown: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets under two names."""
    for name in (x, y):
        if name not in arrays:
            hint = did_you_mean(name, arrays, "arrays: {known:and}")
            raise RnaError("there is no array '{name}'", place=shown, hint=hint, name=name)
    inside = check_inputs(arrays[x], x, shown)
    if not len(inside):
        raise RnaError("there are no rows in {x}", place=shown, x=x)
    return inside, check_targets(arrays[y], y, len(inside), shown)
