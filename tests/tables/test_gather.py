"""Pieces of a table: put together they are the whole, in memory as in a file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rnacli.tables.gather import count_words, gather_tables, replace_words
from rnacli.tables.table import Table

NAN = float("nan")


def piece(values: Sequence[Sequence[float]], words: Sequence[str] = (), ids: Sequence[str] | None = None) -> Table:
    """A piece with a number ``x`` and a category ``k``."""
    texts = {} if ids is None else {"id": np.array(ids, object)}
    return Table(("x", "k"), np.array(values, "float64"), {"k": list(words)}, texts)


def pieces() -> list[Table]:
    return [
        piece([[1, 0], [2, 1], [3, NAN]], ["b", "a"], ["p", "q", "r"]),
        piece([[4, 0], [NAN, 1]], ["c", "b"], ["s", "t"]),
        piece([[6, NAN]], [], ["u"]),
        piece([[7, 1], [8, 0]], ["b", "a"], ["v", "w"]),
    ]


def words_of(table: Table) -> list[str | None]:
    return [None if np.isnan(i) else table.words["k"][int(i)] for i in table.values[:, 1]]


@pytest.mark.parametrize("on_disk", [False, True])
def test_pieces_become_one_table(tmp_path: Path, on_disk: bool) -> None:
    whole = gather_tables(iter(pieces()), tmp_path / "tables" if on_disk else None)
    assert isinstance(whole.values, np.memmap) == on_disk
    assert whole.values.dtype == np.float64
    np.testing.assert_array_equal(whole.values[:, 0], [1, 2, 3, 4, NAN, 6, 7, 8])
    assert whole.words == {"k": ["b", "a", "c"]}
    assert words_of(whole) == ["b", "a", None, "c", "b", None, "a", "b"]
    assert whole.texts["id"].tolist() == list("pqrstuvw")
    assert whole.columns == ("x", "k")
    assert whole.start == 0


def test_one_piece_is_not_copied() -> None:
    (only,) = pieces()[:1]
    assert gather_tables([only]).values is only.values


def test_the_file_can_be_written_to_and_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = gather_tables(iter(pieces()), tmp_path / "tables")
    whole.values[0, 0] = 99
    assert whole.values[0, 0] == 99
    assert list((tmp_path / "tables").iterdir()) == []


@pytest.mark.parametrize("on_disk", [False, True])
def test_many_pieces_keep_every_bit(tmp_path: Path, on_disk: bool) -> None:
    values = np.random.default_rng(0).normal(size=(1000, 5)) * 10.0 ** np.arange(-200, 300, 100)
    cut = np.split(values, [1, 2, 400, 999])
    parts = (Table(tuple("abcde"), part[:, ::1].copy(), {}, {}) for part in cut)
    assert np.asarray(gather_tables(parts, tmp_path if on_disk else None).values).tobytes() == values.tobytes()


def test_pieces_that_are_not_contiguous_are_written_in_their_order(tmp_path: Path) -> None:
    values = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    assert gather_tables([Table(("a", "b", "c"), values, {}, {})], tmp_path).values.tolist() == values.tolist()


def test_each_word_is_counted() -> None:
    assert count_words(gather_tables(pieces()), "k").tolist() == [3, 2, 1]


def test_words_can_become_what_they_mean() -> None:
    whole = gather_tables(pieces())
    replace_words(whole, "k", [0.5, -1, 10])
    np.testing.assert_array_equal(whole.values[:, 1], [0.5, -1, NAN, 10, 0.5, NAN, -1, 0.5])
    assert whole.words == {}
