"""Rows on the disk come once an epoch, in an order that seed and epoch decide; no more of them is read than is used."""

import functools
import mmap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment

from rnacli.data.arrays import Mapped
from rnacli.data.examples import Examples
from rnacli.encoders.scale import Scale
from rnacli.engine.feed import ResidentRows, feed_part, ordered_batches, shuffled_batches, streamed_pieces
from rnacli.engine.prepare import Preparation
from rnacli.engine.stream import Stream
from rnacli.examples.learnt import Preprocessing
from rnacli.examples.load import Data, load_data
from rnacli.tasks.form import Form
from rnacli.tasks.numbers import Numbers

ROWS, USED = 1000, 900
BLOCK = 16
"""Rows; 900 are 57 blocks, the last of 4, in 15 windows."""


class Watched:
    """An array on a disk: only some of its rows can be had at once."""

    def __init__(self, array: np.ndarray):
        self.array, self.asked = array, [0]
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        self.asked.append(len(rows))
        return np.asarray(self.array[rows])


@functools.cache
def unscaled() -> Preprocessing:
    return load_data(experiment(CIRCLES.replace("scale: standard", "scale: none")), Path()).preprocessing


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of 64 rows of 2 inputs, in blocks of 16."""
    monkeypatch.setattr("rnacli.engine.stream.WINDOW", 64 * 2 * 4)
    monkeypatch.setattr("rnacli.engine.stream.BLOCKS", 4)


def stream(weights: bool = False, mixed: bool = False, x: Any = None) -> Stream:
    """A part of 900 of 1000 rows; inputs, target and weight of a row are its index, 1000 times it and half of it."""
    rows = np.random.default_rng(0).permutation(ROWS)[:USED]
    rows = rows if mixed else np.sort(rows)
    x = np.repeat(np.arange(ROWS, dtype="float64"), 2).reshape(ROWS, 2) if x is None else x
    half = (rows / 2).astype("float32") if weights else None
    return Stream(
        Mapped(x), rows, {"y": (rows * 1000).astype("float32")[:, None]}, unscaled().encoder, Preparation(), half
    )


def epochs_of(rows: Stream, lengths: list[int], seed: int = 1, epochs: range = range(1)) -> list[list[np.ndarray]]:
    """What comes in the pieces of each epoch: the rows' indices, whose targets and weights are seen to be theirs."""
    found = []
    for x, y, *weights in streamed_pieces(rows, lengths, seed, epochs).as_numpy_iterator():
        np.testing.assert_array_equal(x[:, 0], x[:, 1])
        np.testing.assert_array_equal(y[:, 0], x[:, 0] * 1000)
        assert len(weights) == (rows.weights is not None)
        for each in weights:
            np.testing.assert_array_equal(each, x[:, 0] / 2)
        found.append(x[:, 0].astype(int))
    return [found[start : start + len(lengths)] for start in range(0, len(found), len(lengths))]


@pytest.mark.parametrize("mixed", [False, True], ids=["in file order", "mixed"])
@pytest.mark.parametrize("weights", [False, True], ids=["alike", "weighted"])
def test_every_row_comes_once_an_epoch(mixed: bool, weights: bool) -> None:
    lengths = [100, 100, 333, 364, 3]
    epochs = epochs_of(stream(weights, mixed), lengths, epochs=range(3))
    assert len(epochs) == 3
    for pieces in epochs:
        assert [len(piece) for piece in pieces] == lengths
        np.testing.assert_array_equal(np.sort(np.concatenate(pieces)), stream().rows)


def test_the_order_follows_from_seed_and_epoch_and_from_nothing_else() -> None:
    first, second = (np.concatenate(pieces) for pieces in epochs_of(stream(), [900], epochs=range(2)))
    again, cut, mixed = (
        np.concatenate([piece for pieces in epochs for piece in pieces])
        for epochs in (
            epochs_of(stream(), [900], epochs=range(2)),
            epochs_of(stream(), [7] * 128 + [4], epochs=range(2)),
            epochs_of(stream(mixed=True), [900], epochs=range(2)),
        )
    )
    for other in (again, cut, mixed):
        np.testing.assert_array_equal(other, np.concatenate([first, second]))
    (other_seed,) = epochs_of(stream(), [900], seed=2)[0]
    for one, another in ((first, second), (first, other_seed), (second, other_seed)):
        assert (one == another).mean() < 0.02


def test_later_epochs_are_the_same_without_those_before() -> None:
    whole, late = (epochs_of(stream(), [500, 400], epochs=epochs) for epochs in (range(4), range(2, 4)))
    for pieces, expected in zip(late, whole[2:], strict=True):
        np.testing.assert_array_equal(np.concatenate(pieces), np.concatenate(expected))


def test_a_window_mixes_blocks_from_all_over_the_file() -> None:
    rows = stream()
    assert rows.windows == 15
    sizes = [len(rows.window(1, 0, number)[0]) for number in range(rows.windows)]
    assert max(sizes) == 64
    assert min(sizes) >= 36
    for number in range(rows.windows):
        places = np.searchsorted(rows.rows, rows.window(1, 0, number)[0][:, 0])
        blocks = places // BLOCK
        assert 3 <= len(set(blocks.tolist())) <= 4
        assert (np.diff(blocks) != 0).mean() > 0.4
    dealt = [set((rows.window(1, epoch, 0)[1][:, 0] // 1000).astype(int).tolist()) for epoch in (0, 1)]
    assert dealt[0] != dealt[1]


def test_a_part_of_one_window_is_shuffled_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.engine.stream.WINDOW", 1 << 20)
    rows = stream()
    assert rows.windows == 1
    places = np.searchsorted(rows.rows, rows.window(1, 0, 0)[0][:, 0])
    assert abs(np.corrcoef(places, np.arange(len(places)))[0, 1]) < 0.1
    assert np.abs(np.diff(places)).mean() == pytest.approx(USED / 3, rel=0.1)


def test_batches_and_chunks_are_the_same_rows() -> None:
    batches = [x[:, 0] for x, _ in shuffled_batches(stream(), 64, 1, range(2)).as_numpy_iterator()]
    chunks = epochs_of(stream(), [256, 256, 256, 128, 4], epochs=range(2))
    assert [len(batch) for batch in batches] == [*[64] * 14, 4] * 2
    np.testing.assert_array_equal(np.concatenate(batches), np.concatenate([*chunks[0], *chunks[1]]))


@pytest.mark.parametrize("mixed", [False, True], ids=["in file order", "mixed"])
def test_in_order_is_the_parts_order_over_and_over(mixed: bool) -> None:
    rows = stream(mixed=mixed)
    batches, steps = ordered_batches(rows, 256)
    assert steps == 4
    found = [(x[:, 0], y[:, 0]) for x, y in batches.take(2 * steps).as_numpy_iterator()]
    assert [len(x) for x, _ in found] == [256, 256, 256, 132] * 2
    np.testing.assert_array_equal(np.concatenate([x for x, _ in found]), np.tile(rows.rows, 2))
    np.testing.assert_array_equal(np.concatenate([y for _, y in found]), np.tile(rows.rows * 1000, 2))
    batches, steps = ordered_batches(rows, 1024)
    assert steps == 1
    for x, _ in batches.take(3).as_numpy_iterator():
        np.testing.assert_array_equal(x[:, 0], rows.rows)


def test_no_more_is_read_at_once_than_a_window_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(np.repeat(np.arange(ROWS, dtype="float64"), 2).reshape(ROWS, 2))
    rows = stream(x=watched)
    epochs_of(rows, [900])
    assert max(watched.asked) == BLOCK
    assert sum(watched.asked) < USED + 100
    watched.asked.clear()
    monkeypatch.setattr("rnacli.data.arrays.PAGED", 10)
    for _ in ordered_batches(rows, 256)[0].take(4):
        pass
    assert max(watched.asked) == 10


def test_the_next_window_is_read_while_one_is_used() -> None:
    watched = Watched(np.zeros((ROWS, 2)))
    pieces = iter(streamed_pieces(stream(x=watched), [60] * 15, 1, range(1)))
    next(pieces)
    waited = time.monotonic()
    while sum(watched.asked) < 120 and time.monotonic() - waited < 20:
        time.sleep(0.01)
    assert sum(watched.asked) >= 120
    time.sleep(0.1)
    assert sum(watched.asked) < 250, "one is read ahead, and not all"


def mapped(path: Path) -> int:
    """KiB of a mapped file that count as this process' memory."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, _, rest = line.partition(" ")
        if not name.endswith(":"):
            inside = str(path) in rest
        elif inside and name == "Rss:":
            found += int(rest.split()[0])
    return found


@pytest.mark.skipif(not Path("/proc/self/smaps").exists() or not hasattr(mmap, "MADV_DONTNEED"), reason="Linux alone")
def test_what_was_read_of_a_file_is_let_go(tmp_path: Path) -> None:
    np.lib.format.open_memmap(tmp_path / "x.npy", "w+", "float64", (100_000, 40))[:] = 1
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert x.sum() == 4_000_000
    assert mapped(tmp_path / "x.npy") > 30_000
    rows = Stream(Mapped(x), np.arange(100_000), {"y": np.zeros((100_000, 1), "float32")}, Scale((40,)), Preparation())
    read = sum(float(rows.read(start, start + 5000)[0].sum()) for start in range(0, 100_000, 5000))
    assert read == 4_000_000
    assert mapped(tmp_path / "x.npy") < 1000


def test_what_was_written_to_a_private_map_is_kept(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((10, 2)))
    x = np.load(tmp_path / "x.npy", mmap_mode="c")
    x[:] = 3
    Mapped(x).forget_pages()
    assert (x == 3).all()


def test_rows_in_memory_bring_their_weights(tmp_path: Path) -> None:
    x, y = np.arange(12, dtype="uint8").reshape(6, 2), np.arange(6, dtype="float32")
    numbers = Numbers(Form("regression", "values", "none"), ("y",), np.zeros(()), np.ones(()))
    data = Data(Examples(x, y), {"train": np.arange(6)}, Preprocessing(Scale((2,)), {"y": numbers}))
    plain, weighted = (feed_part(data, "train", weights) for weights in (None, y / 2))
    assert isinstance(plain, ResidentRows)
    assert isinstance(weighted, ResidentRows)
    assert len(plain.gather([3, 1])) == 2
    inputs, targets, weights = (tensor.numpy() for tensor in weighted.prepare(weighted.gather([3, 1])))
    assert inputs.tolist() == [[6, 7], [2, 3]]
    assert (targets.tolist(), weights.tolist()) == ([[3], [1]], [1.5, 0.5])
    assert (inputs.dtype, weights.dtype) == ("float32", "float32")
    found = [tuple(t.numpy().tolist() for t in batch) for batch in shuffled_batches(weighted, 4, 0, range(1))]
    assert [len(y) for _, y, _ in found] == [4, 2]
    assert all(w == [label / 2 for (label,) in y] for _, y, w in found)
