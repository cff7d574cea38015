"""The rows of a table that come in pieces, put together in memory or, where they are too many, in a file."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rnacli.tables.table import Table, replace_indices


class Mixed(Exception):
    """Some ``columns`` hold numbers in one table and words in another: they are to be read as words in all."""

    def __init__(self, columns: Sequence[str]):
        self.columns = columns
        super().__init__(*columns)


def gather_tables(tables: Iterable[Table], folder: Path | None = None) -> Table:
    """All rows of ``tables``, which have the same columns, as one; at least one table is wanted.

    With a ``folder``, ``values`` is a ``numpy.memmap`` of a file in it that is gone when the process ends.
    Raises ``Mixed``.
    """
    words: dict[str, dict[str, int]] = {}
    texts: list[dict[str, np.ndarray]] = []
    pieces: list[np.ndarray] = []
    columns: tuple[str, ...] = ()
    numbers: set[str] = set()
    rows = 0
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) if folder is not None else tempfile.SpooledTemporaryFile() as file:
        for table in tables:
            columns = table.columns
            merge_words(table, words)
            numbers |= numeric_columns(table)
            texts.append(table.texts)
            rows += len(table)
            if folder is None:
                pieces.append(table.values)
            else:
                file.write(np.ascontiguousarray(table.values).data)
        if folder is None:
            values = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        else:
            file.flush()
            values = np.memmap(file, "float64", "r+", shape=(rows, len(columns)))
    if mixed := numbers & words.keys():
        raise Mixed(sorted(mixed))
    merged = {name: np.concatenate([piece[name] for piece in texts]) for name in texts[0]}
    return Table(columns, values, {name: list(indices) for name, indices in words.items()}, merged)


def merge_words(table: Table, words: dict[str, dict[str, int]]) -> None:
    """Give the categories of a table, in place, the indices that they have among all ``words`` so far."""
    for name, different in table.words.items():
        indices = words.setdefault(name, {})
        index = np.array([indices.setdefault(word, len(indices)) for word in different], "float64")
        replace_indices(table.values[:, table.columns.index(name)], index)


def numeric_columns(table: Table) -> set[str]:
    """The columns that hold numbers; one without any value holds nothing."""
    return {
        name
        for j, name in enumerate(table.columns)
        if name not in table.words and not np.isnan(table.values[:, j]).all()
    }


def count_words(table: Table, name: str) -> np.ndarray:
    """How many rows (words,) have each word of a column."""
    values = table.values[:, table.columns.index(name)]
    return np.bincount(values[~np.isnan(values)].astype("int64"), minlength=len(table.words[name]))


def replace_words(table: Table, name: str, meanings: Sequence[float]) -> None:
    """Put, in place, the number that each word of a column means where its index was."""
    replace_indices(table.values[:, table.columns.index(name)], np.asarray(meanings, "float64"))
    del table.words[name]
