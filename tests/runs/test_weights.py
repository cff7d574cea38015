"""``weights.npz``: read as exactly the arrays that are expected, or refused; never run, never larger than they."""

import io
import os
import pickle
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import problem_of

from rnacli.errors import DATA, RnaError
from rnacli.runs.weights import dump_arrays, read_weights, require_weights_size

RANDOM = np.random.default_rng(5)
ARRAYS = {
    "0/dense/kernel": RANDOM.normal(size=(4, 8)).astype("float32"),
    "1/dense/bias": RANDOM.normal(size=8).astype("float32"),
    "2/normalization/count": np.array(3, "int32"),
}
EXPECTED = {name: (array.shape, array.dtype.name) for name, array in ARRAYS.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.npz"


def read(path: Path, content: bytes, expected: Any = EXPECTED) -> dict[str, np.ndarray]:
    path.write_bytes(content)
    return read_weights(path, expected)


def same(arrays: dict[str, np.ndarray]) -> bool:
    return list(arrays) == list(ARRAYS) and all(
        arrays[name].tobytes() == ARRAYS[name].tobytes()
        and (arrays[name].shape, arrays[name].dtype) == (ARRAYS[name].shape, ARRAYS[name].dtype)
        for name in ARRAYS
    )


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return content.getvalue()


def npy(array: Any, **more: Any) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, np.asanyarray(array), **more)
    return content.getvalue()


def entries(**changes: bytes) -> dict[str, bytes]:
    """The entries of a sound file; ``kernel``, ``bias`` and ``count`` may be given."""
    return {f"{name}.npy": changes.get(name.rpartition("/")[2], npy(array)) for name, array in ARRAYS.items()}


def test_weights_come_back_to_the_bit(path: Path) -> None:
    arrays = read(path, dump_arrays(ARRAYS))
    assert same(arrays)
    arrays["0/dense/kernel"][0, 0] = 7  # the caller's own


def test_the_same_weights_are_the_same_bytes() -> None:
    transposed = {name: array.copy(order="F") for name, array in ARRAYS.items()}
    assert dump_arrays(ARRAYS) == dump_arrays(transposed)


def test_numpy_reads_the_file_without_pickles(path: Path) -> None:
    path.write_bytes(dump_arrays(ARRAYS))
    with np.load(path, allow_pickle=False) as arrays:
        assert same({name: arrays[name] for name in arrays.files})


def test_other_readers_of_zip_files_find_it_sound(path: Path) -> None:
    path.write_bytes(dump_arrays(ARRAYS))
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None


def test_a_network_without_weights_has_a_file_too(path: Path) -> None:
    assert read(path, dump_arrays({}), {}) == {}


def test_a_flipped_bit_is_refused_or_changes_nothing(path: Path) -> None:
    content = dump_arrays(ARRAYS)
    refused = 0
    for position, bit in zip(RANDOM.integers(len(content), size=200), RANDOM.integers(8, size=200), strict=True):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        try:
            arrays = read(path, bytes(flipped))
        except RnaError:
            refused += 1
            continue
        assert same(arrays), (position, bit)
    assert refused > 100


@pytest.mark.parametrize("cut", [1, 10, 100, 400, 700])
def test_a_file_that_is_cut_is_refused(path: Path, cut: int) -> None:
    problem = problem_of(read, path, dump_arrays(ARRAYS)[:-cut], exit_code=DATA)
    assert problem.place == str(path)
    assert "damaged" in problem.message


class Bomb:
    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.path),))


def test_the_entries_used_here_make_a_sound_file(path: Path) -> None:
    assert same(read(path, archive(entries())))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"\x93NUMPY",
        pickle.dumps({}),
        archive({}),
        archive(dict(list(entries().items())[:2])),
        archive({**entries(), "more.npy": npy(np.zeros(1))}),
        archive({name.replace("dense", "danse"): data for name, data in entries().items()}),
        archive(entries(), zipfile.ZIP_DEFLATED),
        archive(entries(kernel=npy(np.zeros((8, 4), "float32")))),
        archive(entries(kernel=npy(np.zeros((4, 9), "float32")))),
        archive(entries(kernel=npy(np.zeros(32, "float32")))),
        archive(entries(kernel=npy(np.zeros((4, 8), "float64")))),
        archive(entries(kernel=npy(np.zeros((4, 8), "int32")))),
        archive(entries(kernel=npy(np.zeros((4, 8), ">f4")))),
        archive(entries(kernel=npy(np.asfortranarray(ARRAYS["0/dense/kernel"])))),
        archive(entries(kernel=npy(np.full((4, 8), None), allow_pickle=True))),
        archive(entries(kernel=npy(ARRAYS["0/dense/kernel"], version=(2, 0)))),
        archive(entries(kernel=npy(ARRAYS["0/dense/kernel"])[:-4])),
        archive(entries(kernel=npy(ARRAYS["0/dense/kernel"]) + b"\0\0\0\0")),
        archive(entries(bias=b"")),
        archive(entries(bias=b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 70_000)),
        archive(entries(bias=npy(np.zeros(8, "float32")).replace(b"(8,)", b"(-1)"))),
        archive(entries(bias=npy(np.zeros(8, "float32")).replace(b"'<f4'", b"'|O' "))),
    ],
)
def test_anything_but_the_expected_arrays_is_refused(path: Path, content: bytes) -> None:
    problem = problem_of(read, path, content, exit_code=DATA)
    assert problem.place == str(path)


def test_a_pickle_in_the_file_is_never_opened(path: Path) -> None:
    trap = np.full((4, 8), Bomb(path.parent / "boom"), dtype=object)
    problem_of(read, path, archive(entries(kernel=npy(trap, allow_pickle=True))), exit_code=DATA)
    problem_of(read, path, archive(entries(kernel=pickle.dumps(Bomb(path.parent / "boom")))), exit_code=DATA)
    assert not (path.parent / "boom").exists()


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def memory() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    "content",
    [
        lambda: archive({**entries(), "0/dense/kernel.npy": b"\0" * 300_000_000}, zipfile.ZIP_DEFLATED),
        lambda: archive(entries(kernel=header("(1000000, 1000000)"))),
        lambda: archive(entries(kernel=header("(4, 8)") + b"\0" * 128)).replace(
            (len(header("(4, 8)")) + 128).to_bytes(4, "little"), b"\xff\xff\xff\x7f"
        ),
        lambda: archive({f"{i}.npy": npy(np.zeros(1)) for i in range(2000)}),
    ],
    ids=["packed", "a shape", "sizes", "many"],
)
def test_a_small_file_never_takes_much_memory(path: Path, content: Callable[[], bytes]) -> None:
    small = content()
    before = memory()
    problem_of(read, path, small, exit_code=DATA)
    assert memory() - before < 20_000_000


def test_a_large_file_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    before = memory()
    problem_of(read_weights, path, EXPECTED, exit_code=DATA)
    assert memory() - before < 20_000_000


def test_a_link_is_not_followed(path: Path) -> None:
    path.with_name("real.npz").write_bytes(dump_arrays(ARRAYS))
    path.symlink_to("real.npz")
    assert problem_of(read_weights, path, EXPECTED, exit_code=DATA).place == str(path)


def test_what_is_no_file_is_refused(path: Path) -> None:
    problem_of(read_weights, path, EXPECTED, exit_code=DATA)
    path.mkdir()
    problem_of(read_weights, path, EXPECTED, exit_code=DATA)


def test_a_file_that_is_too_small_for_a_network_is_refused_before_there_is_one(path: Path) -> None:
    require_weights_size(path, 10)
    path.write_bytes(b"0" * 20)
    require_weights_size(path, 10)
    problem = problem_of(require_weights_size, path, 11, exit_code=DATA)
    assert problem.place == str(path)
    assert "fewer than the network's 11" in problem.message
