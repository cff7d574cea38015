"""Tables that are written oddly are read about as fast as plain ones; ratios only, never seconds."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnacli.data.csv import Csv
from rnacli.data.table import read_table
from rnacli.data.where import Where
from rnacli.document.place import Place
from rnacli.schema.keras_object import make_spec
from rnacli.tasks.heads import Head

ROWS = 200_000
MOST = 1.3
HEADS = {"y": Head(make_spec("layer", "dense", units=1), make_spec("loss", "mse"))}


def quote(row: str) -> str:
    first, rest = row.split(",", 1)
    return f'"{first}",{rest}'


def leave_gap(row: str) -> str:
    return row.rpartition(",")[0] + ","


def change(rows: list[str], each: int, *changes: Callable[[str], str]) -> list[str]:
    """The rows, of which one in ``each`` is changed."""
    changed = rows.copy()
    for i in range(100, len(rows), each):
        for make in changes:
            changed[i] = make(changed[i])
    return changed


@pytest.mark.slow
def test_quotes_and_gaps_cost_little(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(ROWS, 5)).round(6)
    rows = [",".join(map(repr, row)) for row in numbers.tolist()]
    tables = {
        "plain": rows,
        "one quoted cell": change(rows, ROWS, quote),
        "one gap": change(rows, ROWS, leave_gap),
        "both": change(rows, ROWS, quote, leave_gap),
        "many gaps": change(rows, 10, leave_gap),
        "many of both": change(rows, 10, quote, leave_gap),
    }
    for name, lines in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(["y,a,b,c,d", *lines, ""]))
    seconds: dict[str, list[float]] = {name: [] for name in tables}
    for _ in range(7):
        for name in tables:
            data = Csv(csv=f"{name}.csv", target="y", stream=False)
            start = time.process_time()
            read = read_table(data, Where(tmp_path, lambda *path: Place("", 0), tmp_path, heads=HEADS))
            seconds[name].append(time.process_time() - start)
            assert (len(read.x), *read.x.shape) == (ROWS, 4)
    ratios = {name: min(times) / min(seconds["plain"]) for name, times in seconds.items()}
    assert max(ratios.values()) <= MOST, ratios
