"""``rna weights``: every number that a run has learnt."""

import csv
import io

import numpy as np

from rnacli.commands.weights import write_weights


def test_weights_are_written_with_every_digit() -> None:
    arrays = {
        "a/kernel": np.random.default_rng(2).normal(size=(2, 3)).astype("float32"),
        "b": np.array(0.1, "float32"),
        "c": np.array([3], "int32"),
    }
    content = io.StringIO()
    write_weights(arrays, content)
    rows = list(csv.DictReader(io.StringIO(content.getvalue())))
    assert len(rows) == 8
    for row in rows:
        index = tuple(map(int, row["index"].split()))
        assert arrays[row["weight"]].dtype.type(float(row["value"])) == arrays[row["weight"]][index]
