"""Inputs that say the target by themselves are told of; those that only help are not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment

from rnacli.examples.load import load_data

ROWS = 100
DRAWN = np.random.default_rng(0)
Y = DRAWN.integers(0, 2, ROWS)
NUMBERS = DRAWN.normal(size=ROWS).round(3)


def warned(folder: Path, column: Any, target: Any, caplog: pytest.LogCaptureFixture, **network: Any) -> str:
    lines = [f"{a},{b},{c}" for a, b, c in zip(DRAWN.random(ROWS), column, target, strict=True)]
    (folder / "t.csv").write_text("\n".join(["a,note,left", *lines]))
    dataset = {"csv": "t.csv", "target": "left", "split": {"test": 0.2}}
    caplog.clear()
    load_data(experiment(CIRCLES, folder, dataset=dataset, **network), folder / "cache")
    return " ".join(record.getMessage() for record in caplog.records if "by itself gives" in record.getMessage())


@pytest.mark.parametrize(
    ("column", "is_answer"),
    [
        (np.where(Y, "gone", "here"), True),
        (1 - Y, True),
        (np.where(Y, "2020-01-02", ""), True),  # blank is an answer too
        (np.where(Y, DRAWN.choice(["price", "moved"], ROWS), "none"), True),
        (np.where(np.arange(ROWS) == np.argmax(Y), 0, Y), False),  # wrong once
        (5 * Y + np.arange(ROWS) % 5, False),  # from 5 on: a law
        (NUMBERS, False),  # each value once: that says nothing
        (DRAWN.choice(["x", "y", "z"], ROWS), False),
    ],
)
def test_a_column_that_is_a_code_for_the_class(
    column: Any, is_answer: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = warned(tmp_path, column, Y, caplog)
    assert bool(said) == is_answer
    if is_answer:
        assert said.startswith("note by itself gives left in each training row")
        assert said.endswith("columns: {note: ignore}")


def test_a_column_of_patients_may_be_a_group(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    patient = np.arange(ROWS) // 5
    assert "split: {group: note}" in warned(tmp_path, 1000 + patient, Y[patient], caplog)


@pytest.mark.parametrize(("column", "is_answer"), [(NUMBERS, True), (2 * NUMBERS + 1, False)])
def test_a_number_is_an_answer_where_it_is_the_target_itself(
    column: Any, is_answer: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = {"layers": [{"dense": 1}], "loss": "mse", "metrics": []}
    assert bool(warned(tmp_path, column, NUMBERS, caplog, **network)) == is_answer
