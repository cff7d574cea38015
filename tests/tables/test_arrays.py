"""Arrays: what is taken from an ``.npz`` or ``.npy``, and that nothing in one is ever run."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, arrays_of, experiment, only_task, problem_of

from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import Data, load_data
from rnacli.tables import arrays
from rnacli.tables.arrays import pair_arrays, read_arrays

RANDOM = np.random.default_rng(3)
X, Y = RANDOM.normal(size=(12, 4)), np.arange(12) % 3
IMAGES = RANDOM.integers(0, 256, (12, 8, 8), dtype=np.uint8)
REGRESSION = CIRCLES.replace("binary_crossentropy", "mse").replace(", activation: sigmoid", "")


def load(folder: Path, config: str = IRIS, split: Any = None, keys: Any = None, **arrays: Any) -> Data:
    np.savez(folder / "data.npz", **arrays)
    found = {"npz": "data.npz", "split": split or {}, **(keys or {})}
    return load_data(experiment(config, folder, dataset=found), folder / "cache")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_by_name(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "data.npz", x=X, y=Y)
    arrays = read_arrays(tmp_path / "data.npz", "data.npz")
    assert list(arrays) == ["x", "y"]
    np.testing.assert_array_equal(arrays["x"], X)


def test_a_single_array_is_x(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", X)
    np.testing.assert_array_equal(read_arrays(tmp_path / "one.npy", "one.npy")["x"], X)


def test_x_and_y_are_split_as_any_rows(tmp_path: Path) -> None:
    data = load(tmp_path, x=X, y=Y, split={"test": {"last": 2}})
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 10, "test": 2}
    np.testing.assert_array_equal(arrays_of(data, "test")[0], X[10:].astype("float32"))
    assert arrays_of(data, "test")[1].tolist() == Y[10:].tolist()
    assert data.rows.features == ()


def test_a_test_set_in_the_file_is_the_test_part(tmp_path: Path) -> None:
    data = load(tmp_path, x_train=X[:8], y_train=Y[:8], x_test=X[8:], y_test=Y[8:])
    assert data.parts["train"].tolist() == [*range(8)]
    np.testing.assert_array_equal(data.rows.x.take(data.parts["test"]), X[8:])
    drawn = load(tmp_path, x_train=X[:8], y_train=Y[:8], x_test=X[8:], y_test=Y[8:], split={"validation": 2})
    assert {part: len(rows) for part, rows in drawn.parts.items()} == {"train": 6, "validation": 2, "test": 4}
    np.testing.assert_array_equal(drawn.rows.x.take(drawn.parts["test"]), X[8:])


def test_a_training_set_alone_is_split(tmp_path: Path) -> None:
    data = load(tmp_path, x_train=X, y_train=Y, split={"test": 3})
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 9, "test": 3}


def test_another_file_is_a_part(tmp_path: Path) -> None:
    np.savez(tmp_path / "more.npz", x=X[:3] + 1, y=Y[:3])
    data = load(tmp_path, x=X, y=Y, split={"test": "more.npz"})
    np.testing.assert_array_equal(data.rows.x.take(data.parts["test"]), X[:3] + 1)
    assert set(data.rows.files) == {"data.npz", "more.npz"}


def test_images_keep_their_shape_and_are_scaled(tmp_path: Path) -> None:
    data = load(tmp_path, x=IMAGES, y=Y, keys={"scale": {"rescale": 255}})
    inputs = arrays_of(data, "train")[0]
    assert inputs.shape == (12, 8, 8)
    np.testing.assert_array_equal(inputs, IMAGES.astype("float32") / 255)


def test_pixels_that_are_not_scaled_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(tmp_path, x=IMAGES, y=Y)
    assert any("rescale: 255" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (Y + 1, ("1", "2", "3")),
        (Y.astype("float32"), ("0", "1", "2")),
        (Y[:, None], ("0", "1", "2")),
        (np.array(["dog", "cat", "cow"])[Y], ("cat", "cow", "dog")),
        (Y.astype("uint8"), ("0", "1", "2")),
    ],
)
def test_labels_are_numbers_or_words(tmp_path: Path, y: np.ndarray, classes: tuple[str, ...]) -> None:
    assert only_task(load(tmp_path, x=X, y=y).preprocessing).classes == classes


def test_several_targets_are_known_as_several(tmp_path: Path) -> None:
    """One output for two targets would be trained by broadcasting, and nobody would see it."""
    data = load(tmp_path, REGRESSION, x=X, y=X[:, :2])
    assert arrays_of(data, "train")[1].shape == (12, 2)
    assert len(only_task(data.preprocessing).targets) == 2


# What is refused


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.path),))


def npy(array: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


@pytest.mark.parametrize("form", ["npz", "npy", "bare", "in a zip"])
def test_a_pickle_is_never_opened(tmp_path: Path, form: str) -> None:
    trap = np.array([Bomb(tmp_path / "boom")], dtype=object)
    path = tmp_path / ("data.npy" if form == "npy" else "data.npz")
    if form == "npz":
        np.savez(path, x=trap, y=Y, allow_pickle=True)
    elif form == "npy":
        path.write_bytes(npy(trap))
    elif form == "bare":
        path.write_bytes(pickle.dumps(Bomb(tmp_path / "boom")))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", pickle.dumps(Bomb(tmp_path / "boom")))
    with pytest.raises(RnaError) as caught:
        pair_arrays(read_arrays(path, "data.npz"), "", "data.npz")
    assert caught.value.problems[0].place == "data.npz"
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x09\x09abc"])
def test_what_is_no_file_of_arrays_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    problem = problem_of(read_arrays, tmp_path / "data.npz", "data.npz")
    assert problem.place == "data.npz"
    assert "NumPy arrays" in problem.message


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_flipped_bit_never_shows_a_traceback(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "data.npz"
    save(path, x=X, y=Y)
    content, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for position, bit in zip(random.integers(len(content), size=300), random.integers(8, size=300), strict=True):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        path.write_bytes(flipped)
        try:
            arrays = read_arrays(path, "data.npz")
        except RnaError:
            refused += 1
            continue
        assert all(np.array_equal(arrays[name], wanted) for name, wanted in (("x", X), ("y", Y)) if name in arrays)
    assert refused > 200


@pytest.mark.parametrize("cut", [1, 22, 100, 500])
def test_a_file_that_is_cut_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:-cut])
    assert "NumPy arrays" in problem_of(read_arrays, path, "data.npz").message


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X, "y": Y[:5]}, "y has 5 rows, and the inputs have 12"),
        ({"x": X[:, 0], "y": Y}, "(rows, ...)"),
        ({"x": X.astype(str), "y": Y}, "numbers"),
        ({"x": X.astype(complex), "y": Y}, "numbers"),
        ({"x": X, "y": np.zeros((12, 2, 2))}, "(rows,)"),
        ({"x": X, "y": Y.astype("datetime64[s]")}, "labels or numbers"),
        ({"x": np.where(X[3, 1] == X, np.nan, X), "y": Y}, "x[3, 1] is nan"),
        ({"x": np.where(X[0, 0] == X, 1e39, X), "y": Y}, "x[0, 0] is 1e+39"),
        ({"x": np.where(IMAGES[:, :4, :4] == 0, np.inf, np.inf), "y": Y}, "x[0, 0, 0] is inf"),
        ({"x": X}, "no array 'y'"),
        ({"images": X, "labels": Y}, "no array 'x'"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "no array 'y_test'"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y}, "x_test"),
        ({"x_train": X, "y_train": Y, "x_test": IMAGES, "y_test": Y}, "x_test"),
        ({"x_train": X, "y_train": np.eye(3)[Y], "x_test": X, "y_test": Y}, "y_test"),
        ({"x_train": X, "y_train": np.eye(3)[Y], "x_test": X, "y_test": np.eye(4)[Y]}, "y_test"),
        ({"x": X[:0], "y": Y[:0]}, "no rows"),
    ],
)
def test_arrays_of_the_wrong_shape_or_type_are_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(RnaError) as caught:
        load(tmp_path, **arrays)
    problem = caught.value.problems[0]
    assert problem.place.startswith("data.npz")
    assert said in problem.message


@pytest.mark.parametrize(
    "more", [{"x": X[:, :3], "y": Y}, {"x": IMAGES, "y": Y}, {"x": X, "y": np.eye(3)[Y]}, {"x": X}]
)
def test_a_second_file_of_another_shape_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    np.savez(tmp_path / "more.npz", **more)
    with pytest.raises(RnaError) as caught:
        load(tmp_path, x=X, y=Y, split={"test": "more.npz"})
    assert caught.value.problems[0].place == "more.npz"


def test_a_test_part_for_a_file_with_a_test_set_is_refused_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(RnaError) as caught:
        load(tmp_path, x_train=X, y_train=Y, x_test=X, y_test=Y, split={"test": 0.2})
    assert caught.value.exit_code == CONFIG
    assert "own test set" in caught.value.problems[0].message


def test_a_file_that_is_not_there_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=X)
    assert "data.npz" in problem_of(read_arrays, tmp_path / "dat.npz", "dat.npz").hint
    assert "regular file" in problem_of(read_arrays, tmp_path, "folder").message


def test_an_array_that_unpacks_to_more_than_memory_is_refused_and_one_in_pieces_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, x = tmp_path / "data.npz", np.arange(24, dtype="float32").reshape(8, 3)
    np.savez_compressed(path, x=x, other=np.zeros(1 << 20))
    monkeypatch.setattr(arrays, "available_memory", lambda: 1000.0)
    assert "would take 8 MiB" in problem_of(read_arrays, path, "data.npz").message
    np.testing.assert_array_equal(read_arrays(path, "data.npz", {"x"})["x"], x)
    for order in "CF":
        np.savez_compressed(path, x=np.asarray(x, order=order))
        pieces = list(arrays.read_pieces(path, "x", arrays.read_headers(path, "data.npz")["x"], 3, "data.npz"))
        np.testing.assert_array_equal(np.concatenate(pieces), x)
    assert len(pieces) == 1
