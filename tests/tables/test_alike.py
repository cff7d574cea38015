"""Labels and categories that differ in spelling alone are named: each would be one of its own."""

from pathlib import Path

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, problem_of

from rnacli.encoders.drift import Drift
from rnacli.examples.load import load_data
from rnacli.tables.alike import find_alike


@pytest.mark.parametrize(
    ("labels", "pairs"),
    [
        (["No", "Yes", "yes"], [("Yes", "yes")]),
        (["no", "si", "sí"], [("si", "sí")]),
        (["a b", "a  b", "a\u00a0b"], [("a b", "a  b"), ("a b", "a\u00a0b")]),
        (["<=50K", "<=50K.", ">50K"], [("<=50K", "<=50K.")]),
        (["0", "1", "FALSE", "TRUE"], [("0", "FALSE"), ("1", "TRUE")]),
        (["-1", "1", "1.10", "1.1"], []),
        (["A", "A-", "B+", "B"], []),
        (["no", "yes", "maybe"], []),
    ],
)
def test_labels_that_are_alike(labels: list[str], pairs: list[tuple[str, str]]) -> None:
    assert find_alike(labels) == pairs


def test_two_classes_in_three_spellings_are_to_be_written_alike(tmp_path: Path) -> None:
    rows = [f"{i},{('Yes', 'yes', 'No')[i % 3]}" for i in range(30)]
    (tmp_path / "d.csv").write_text("\n".join(["x,y", *rows, ""]))
    config = experiment(CIRCLES, tmp_path, dataset={"csv": "d.csv", "target": "y", "split": {"test": 0.2}})
    problem = problem_of(load_data, config, tmp_path, exit_code=2)
    assert problem.hint.endswith("only in capital letters: write them alike in the file")


def test_categories_that_are_alike_are_told_once_for_a_column(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{('Madrid', 'madrid ', 'MADRID', 'Soria')[i % 4]},{i / 7},{i % 2}" for i in range(40)]
    (tmp_path / "d.csv").write_text("\n".join(["city,x,y", *rows, ""]))
    config = experiment(CIRCLES, tmp_path, dataset={"csv": "d.csv", "target": "y", "split": {"test": 0.2}})
    data = load_data(config, tmp_path)
    said = "city: 'Madrid' and 'madrid' are two categories, though they differ only in capital letters (1 more)"
    assert said + ": write them alike in the file" in caplog.text
    drift = Drift(data.preprocessing.columns)
    drift.see(np.array([[0.0, 1], [1, 2]]), {"city": ["Sória", "Cuenca"]})
    (note,) = drift.notes()
    assert note.endswith("unseen in training: 'Sória' (training has 'Soria'), 'Cuenca'")
