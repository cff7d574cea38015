"""Arrays from ``.npz`` and ``.npy`` files, read without pickles."""

import contextlib
import math
import re
import zipfile
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from rnacli.errors import RnaError
from rnacli.machine import available_memory, format_bytes
from rnacli.tables.find import missing_file_error
from rnacli.words import did_you_mean


class Header(NamedTuple):
    """What an array will be, before it is read."""

    shape: tuple[int, ...]
    in_columns: bool
    dtype: np.dtype

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_headers(path: Path, shown: str) -> dict[str, Header]:
    """What the arrays of an ``.npz`` are by name, or the one array of an ``.npy`` as ``x``. Raises ``RnaError``."""
    if not path.exists():
        raise missing_file_error(path, shown)
    if not path.is_file():
        raise RnaError("this is a folder or a device, not a regular file", place=shown)
    with readable(shown):
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                return {"x": read_header(file)}
        headers = {}
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as file:
                    headers[name.removesuffix(".npy")] = read_header(file)
        return headers


def read_header(file: IO[bytes]) -> Header:
    """The beginning of an open ``.npy``. Raises many kinds of errors where it is none."""
    version = npy.read_magic(file)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
    header = Header(*read(file))
    if header.dtype.hasobject:
        raise ValueError("Object arrays cannot be loaded when allow_pickle=False")
    return header


@contextlib.contextmanager
def readable(shown: str) -> Iterator[None]:
    """What fails in the block is a file that cannot be read. Raises ``RnaError``."""
    try:
        yield
    except RnaError:
        raise
    except Exception as error:  # zipfile and numpy raise many kinds on a damaged file
        pickled = "allow_pickle" in str(error) or "Object arrays" in str(error)
        hint = "save plain arrays of numbers: objects (pickles) could run code" if pickled else ""
        raise RnaError("this is not a file of NumPy arrays that can be read", place=shown, hint=hint) from error


def read_arrays(path: Path, shown: str, wanted: Container[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` by name, or the one array of an ``.npy`` as ``x``; numbers (or text labels) only.

    ``wanted``: the names of those that are read, where not all are. Raises ``RnaError``, also for what memory would not
    hold: a small file may unpack to very much.
    """
    headers = {name: each for name, each in read_headers(path, shown).items() if wanted is None or name in wanted}
    needed, free = sum(header.nbytes for header in headers.values()), available_memory()
    if needed > free:
        raise RnaError(
            "{names:and} would take {needed} of memory, and {free} are free",
            place=shown,
            hint="save fewer rows in each file",
            names=list(headers),
            needed=format_bytes(needed),
            free=format_bytes(free),
        )
    with readable(shown), path.open("rb") as file:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"x": loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files if name in headers}


def read_pieces(path: Path, name: str, header: Header, rows: int, shown: str) -> Iterator[np.ndarray]:
    """An array of a file, at most so many ``rows`` at a time, each piece checked as ``check_inputs`` does.

    One that is stored by columns is read as a whole. Raises ``RnaError``.
    """
    if header.in_columns and len(header.shape) > 1:
        yield check_inputs(read_arrays(path, shown, {name})[name], name, shown)
        return
    size = math.prod(header.shape[1:]) * header.dtype.itemsize
    with contextlib.ExitStack() as opened, readable(shown):
        if zipfile.is_zipfile(path):
            file = opened.enter_context(opened.enter_context(zipfile.ZipFile(path)).open(f"{name}.npy"))
        else:
            file = opened.enter_context(path.open("rb"))
        read_header(file)
        for start in range(0, header.shape[0], rows):
            count = min(rows, header.shape[0] - start)
            content = file.read(count * size)
            if len(content) != count * size:
                raise ValueError("it is cut short")
            piece = np.frombuffer(content, header.dtype).reshape(count, *header.shape[1:])
            yield check_inputs(piece, name, shown, start)


def check_inputs(array: np.ndarray, name: str, shown: str, start: int = 0) -> np.ndarray:
    """An array of inputs (n, ...), checked to be finite numbers that fit float32; ``start``: its first row's number."""
    if array.dtype.kind not in "iufb" or array.ndim < 2:
        raise RnaError(
            "{name} is {dtype} of shape {shape}, and numbers of shape (rows, ...) are wanted",
            place=shown,
            name=name,
            dtype=array.dtype,
            shape=array.shape,
        )
    return check_finite(array, name, shown, start)


def check_finite(array: np.ndarray, name: str, shown: str, start: int = 0) -> np.ndarray:
    if array.dtype.kind == "f":
        bad = ~(np.abs(array) <= np.finfo("float32").max)
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            raise RnaError(
                "{name}[{index}] is {number}",
                place=shown,
                hint="only finite numbers",
                name=name,
                index=", ".join(map(str, (at[0] + start, *at[1:]))),
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


INPUT_ARRAY = re.compile(r"x(?:_(?!(?:train|test)$)(.+?))?(_train|_test)?")
"""What arrays of inputs are called: ``x``, ``x_place``, ``x_train``, ``x_place_train``."""


def input_arrays(names: Iterable[str], part: str = "") -> dict[str, str]:
    """Input -> the array that it is, among those of a ``part``: empty, ``_train`` or ``_test``."""
    matches = [match for name in names if (match := INPUT_ARRAY.fullmatch(name)) and (match[2] or "") == part]
    return {match[1] or "x": match[0] for match in matches}


def target_arrays(names: Iterable[str], part: str) -> dict[str, str]:
    """Output -> the array of its targets, among those of a ``part``; ``y`` where there is one without a name."""
    found = {f"x{name[1:]}": name for name in names if name.startswith("y")}
    targets = {name: found[array] for name, array in input_arrays(found, part).items()}
    return targets if targets and "x" not in targets else {"y": f"y{part}"}


def read_named_arrays(path: Path, shown: str) -> dict[str, np.ndarray]:
    """The arrays of a file that are called as inputs or targets. Raises ``RnaError``."""
    return read_arrays(path, shown, [name for name in read_headers(path, shown) if re.fullmatch("[xy](_.+)?", name)])


def pair_arrays(
    arrays: dict[str, np.ndarray], part: str, shown: str, has_targets: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of a ``part``: (n, ...), or records (n,) where they have names; (n, 0) of no targets."""
    names = input_arrays(arrays, part) or {"x": f"x{part}"}
    targets = target_arrays(arrays, part) if has_targets else {}
    for name in (*names.values(), *targets.values()):
        if name not in arrays:
            hint = did_you_mean(name, arrays, "arrays: {names:and}")
            raise RnaError("there is no array '{name}'", place=shown, hint=hint, name=name)
    inside = join_inputs({name: arrays[array] for name, array in names.items()}, names, shown)
    if not has_targets:
        return inside, np.empty((len(inside), 0))
    checked = {name: check_targets(arrays[array], array, len(inside), shown) for name, array in targets.items()}
    return inside, checked["y"] if list(checked) == ["y"] else join_arrays(checked)


def join_inputs(arrays: Mapping[str, np.ndarray], names: Mapping[str, str], shown: str) -> np.ndarray:
    """The array of one input ``x`` (n, ...), or records (n,) of several; ``names``: what each is called in the file."""
    checked = {name: check_inputs(array, names[name], shown) for name, array in arrays.items()}
    if not checked:
        raise RnaError("there are no arrays of inputs", place=shown, hint="arrays: x, or x_NAME for each input")
    (first, one), *others = checked.items()
    if not len(one):
        raise RnaError("there are no rows in {x}", place=shown, x=names[first])
    for name, array in others:
        if len(array) != len(one):
            message = "{name} has {count} rows, and {first} has {rows}"
            more: dict[str, Any] = {"name": names[name], "first": names[first]}
            raise RnaError(message, place=shown, count=len(array), rows=len(one), **more)
    return one if list(checked) == ["x"] else join_arrays(checked)


def join_arrays(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Arrays (n, ...) of the same rows as records (n,), a field for each."""
    form = np.dtype([(name, array.dtype, array.shape[1:]) for name, array in arrays.items()])
    records = np.empty(len(next(iter(arrays.values()))), form)
    for name, array in arrays.items():
        records[name] = array
    return records


def row_shapes(x: np.ndarray) -> dict[str, tuple[int, ...]]:
    """The shape of one example of each input in raw examples (n, ...)."""
    if x.dtype.names is None:
        return {"x": x.shape[1:]}
    return {name: x.dtype[name].shape for name in x.dtype.names}
