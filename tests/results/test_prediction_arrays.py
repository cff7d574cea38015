"""What a network gives, written as arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import data_of, problem_of, run_of, write_pictures

from rnacli.errors import CONFIG
from rnacli.results import new_examples
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions


@pytest.mark.parametrize("rows", [7, 65_536])
def test_arrays_hold_what_the_csv_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(new_examples, "CHUNK", rows)
    run, source = run_of("flowers"), data_of(run_of("flowers")) / "flowers.csv"
    for output in ("out.npz", "out.csv"):
        assert predict_rows(run, source, tmp_path / output) == 80
    table = pd.read_csv(tmp_path / "out.csv")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert set(arrays.files) == {"outputs", "plant"}
        assert arrays["plant"].tolist() == table["plant"].tolist()
        np.testing.assert_allclose(arrays["outputs"], table.iloc[:, -3:], rtol=1e-6)
        assert arrays["outputs"].dtype == "float32"


def test_a_layer_keeps_its_shape_and_pictures_their_names(tmp_path: Path) -> None:
    write_pictures(tmp_path / "new", count=3)
    options = PredictionOptions(layer="conv2d")
    assert predict_rows(run_of("pictures"), tmp_path / "new", tmp_path / "out.npz", options=options) == 6
    with np.load(tmp_path / "out.npz", allow_pickle=False) as arrays:
        assert arrays["conv2d"].shape == (6, 6, 8, 2)
        assert arrays["picture"][0].endswith("cats_0.png")


def test_what_is_of_a_csv_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    run = run_of("flowers")
    arguments = run, data_of(run) / "flowers.csv", tmp_path / "out.npz", lambda rows: None
    assert problem_of(predict_rows, *arguments, PredictionOptions(only="label"), exit_code=CONFIG).place == "--only"
    (tmp_path / "bad.csv").write_text("height,width,weight\n1,2,three\n")
    problem_of(predict_rows, run, tmp_path / "bad.csv", tmp_path / "out.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]
