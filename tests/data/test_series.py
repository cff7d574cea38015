"""Series: what lies before each row, which part may look at what, and all commands on them."""

import csv
import io
import json
import logging
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import experiment, problem_of, without_pictures

from rnacli.data import views
from rnacli.data.series import Series, name_rows
from rnacli.engine.tensorflow import keras
from rnacli.errors import RnaError
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.plots import explanation, image_grid
from rnacli.plots.paint import redraw_pictures
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import rewrite_file
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

WAVE = """\
name: wave
seed: 2
dataset:
  csv: wave.csv
  target: y
  features: [y, u]
  window: 4
  columns: {y: {scale: standard}}
  split: {order_by: t, validation: 0.1, test: 0.2}
layers: [flatten, dense: 1]
loss: mse
optimizer: {adam: 0.05}
epochs: 30
batch_size: 16
"""
STATIONS = """\
name: stations
dataset:
  csv: stations.csv
  target: y
  features: [y, kind, u]
  columns: {kind: {encode: embedding, dimensions: 2}}
  window: 3
  horizon: 2
  window_group: station
  split: {order_by: day, test: 0.25}
layers: [lstm: 2, dense: 1]
loss: mse
epochs: 2
"""


def write_wave(folder: Path, count: int = 240) -> pd.DataFrame:
    """A wave that four rows say all of, in a file whose rows are in no order."""
    t = np.arange(count)
    u = np.random.default_rng(1).normal(size=count).round(3)
    table = pd.DataFrame({"t": t, "u": u, "y": (10 + 5 * np.sin(t * 1.1)).round(4)})
    table.sample(frac=1, random_state=3).to_csv(folder / "wave.csv", index=False)
    return table


def write_stations(folder: Path) -> pd.DataFrame:
    """Three series, mixed with one another."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        [
            (day, station, "abc"[int(random.integers(3))], round(float(random.normal()), 3), day + 100 * i)
            for i, station in enumerate(("north", "south", "west"))
            for day in range(20 + i)
        ],
        columns=["day", "station", "kind", "u", "y"],
    )
    table = table.sample(frac=1, random_state=1).reset_index(drop=True)
    table.to_csv(folder / "stations.csv", index=False)
    return table


def train(config: Config, folder: Path) -> Run:
    with without_pictures():
        return train_network(config, folder / "runs", folder / "cache")


def read_predictions(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


# What lies before a row


def past_by_hand(table: pd.DataFrame, row: int, by: str, group: str, window: int, horizon: int) -> list[int]:
    """The rows of an input, found by looking at the whole table."""
    own = table[table[group] == table.loc[row, group]] if group else table
    earlier = own[own[by] < table.loc[row, by]].sort_values(by).index.tolist()
    earlier = earlier[: len(earlier) - horizon + 1]
    return earlier[-window:] if len(earlier) >= window else []


@pytest.mark.parametrize(("window", "horizon"), [(1, 1), (3, 1), (4, 2)])
def test_the_past_is_what_a_look_at_the_table_finds(window: int, horizon: int, tmp_path: Path) -> None:
    table = write_stations(tmp_path)
    times, groups = table["day"].to_numpy("float64"), table["station"].to_numpy(object)
    series = Series.arrange(window, horizon, len(table), times, groups)
    by_hand = [past_by_hand(table, row, "day", "station", window, horizon) for row in range(len(table))]
    assert series.has_past.tolist() == [bool(past) for past in by_hand]
    rows = np.flatnonzero(series.has_past)
    assert series.past(rows).tolist() == [by_hand[row] for row in rows]
    assert series.before(rows).tolist() == [by_hand[row][-1] for row in rows]
    flags = np.random.default_rng(0).random(len(table)) < 0.2
    assert series.count_past(flags).tolist() == [int(flags[past].sum()) for past in by_hand]
    ends: dict[int, list[str]] = {step: [] for step in range(1, horizon + 1)}
    for step, past in series.ahead:
        own = table[table["station"] == table.loc[past[0], "station"]].sort_values("day").index.tolist()
        assert past.tolist() == own[: len(own) - horizon + step][-window:]
        ends[step].append(table.loc[past[0], "station"])
    assert ends == {step: ["north", "south", "west"] for step in ends}


def test_rows_are_named_by_stretches() -> None:
    assert name_rows(np.arange(24)) == "rows 1 to 24"
    assert name_rows(np.array([4])) == "row 5"
    assert name_rows(np.array([0, 1, 5, 8, 9])) == "rows 1 to 2, 6 and 9 to 10"
    assert name_rows(np.arange(0, 20, 2)) == "rows 1, 3, 5 and 7 more stretches"


def test_windows_hold_the_rows_before_as_each_would_be_encoded_alone(tmp_path: Path) -> None:
    table = write_stations(tmp_path)
    data = load_data(experiment(STATIONS, tmp_path), tmp_path)
    encoder = data.preprocessing.encoder
    assert {name: spec.shape for name, spec in encoder.inputs.items()} == {"columns": (3, 2), "kind": (3,)}
    encoded = encoder.encode(data.raw("test"))
    y, kinds = table["y"].to_numpy(), table["kind"].to_numpy()
    scale, learnt = (find_column(data, name) for name in ("y", "kind"))
    for i, row in enumerate(data.parts["test"]):
        past = past_by_hand(table, row, "day", "station", 3, 2)
        np.testing.assert_allclose(encoded["columns"][i, :, 0], (y[past] - scale.offset) / scale.divisor, rtol=1e-6)
        assert encoded["kind"][i].tolist() == learnt.indices(learnt.lookup(kinds[past])).tolist()
    again = load_preprocessing(data.preprocessing.dump(), "here", ["dense"])
    np.testing.assert_array_equal(again.encoder.encode(data.raw("test"))["columns"], encoded["columns"])
    plain = json.loads(data.preprocessing.dump())
    plain["inputs"]["window"] = "3"
    problem_of(load_preprocessing, json.dumps(plain).encode(), "here", ["dense"])


def find_column(data: Any, name: str) -> Any:
    return next(column for column in data.preprocessing.columns if column.name == name)


# Parts


@pytest.mark.parametrize(
    "split", ["{order_by: t, validation: 0.1, test: 0.2}", "{test: {first: 0.2}, validation: {last: 30}}"]
)
def test_no_window_of_training_holds_a_row_that_is_held_out(
    split: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    table = write_wave(tmp_path)
    text = WAVE.replace("{order_by: t, validation: 0.1, test: 0.2}", split)
    if "first" in split:
        table.to_csv(tmp_path / "wave.csv", index=False)
    data = load_data(experiment(text, tmp_path), tmp_path)
    series = data.rows.series
    assert series is not None
    held_out = {*data.parts["test"].tolist(), *data.parts["validation"].tolist()}
    assert not held_out & {*series.past(data.parts["train"]).ravel().tolist()}
    assert not {*data.parts["test"].tolist()} & {*series.past(data.parts["validation"]).ravel().tolist()}
    looks_back = {*data.parts["train"].tolist(), *data.parts["validation"].tolist()}
    assert ("first" in split) != bool(looks_back & {*series.past(data.parts["test"]).ravel().tolist()})
    assert ("4 train rows left out, whose windows look into" in caplog.text) == ("first" in split)
    assert "because fewer than 4 rows are before them: row" in caplog.text


def test_scales_are_learnt_from_training_rows_alone(tmp_path: Path) -> None:
    table = write_wave(tmp_path)
    before = load_data(experiment(WAVE, tmp_path), tmp_path)
    table.loc[table.index >= 170, ["u", "y"]] *= 1000
    table.to_csv(tmp_path / "wave.csv", index=False)
    after = load_data(experiment(WAVE, tmp_path), tmp_path)
    assert len(before.parts["train"]) > 160
    assert before.preprocessing.dump() == after.preprocessing.dump()


def test_a_second_file_is_a_series_of_its_own(tmp_path: Path) -> None:
    table = write_wave(tmp_path)
    for name, some in (("wave.csv", table[:150]), ("later.csv", table[150:])):
        some.to_csv(tmp_path / name, index=False)
    text = WAVE.replace("{order_by: t, validation: 0.1, test: 0.2}", "{test: later.csv}")
    parts = load_data(experiment(text, tmp_path), tmp_path).parts
    assert {part: rows.tolist() for part, rows in parts.items()} == {
        "train": [*range(4, 150)],
        "test": [*range(154, 240)],
    }


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("{order_by: t, validation: 0.1, test: 0.2}", "{test: 0.2}", "drawn for the test part have neighbours", "last"),
        ("  split: {order_by: t, validation: 0.1, test: 0.2}\n", "", "drawn for the test part", "order_by"),
        ("{order_by: t, validation: 0.1, test: 0.2}", "{folds: 3}", "drawn for folds have neighbours", "order_by"),
        ("{order_by: t, validation: 0.1, test: 0.2}", "{group: u, test: 0.2}", "share their windows", "window_group"),
        ("window: 4", "horizon: 2", "it is for windows", "window: 24"),
        ("window: 4", "window: 0", "expected a whole number from 1", ""),
    ],
)
def test_parts_that_are_no_stretches_are_refused(old: str, new: str, message: str, hint: str) -> None:
    assert old in WAVE
    problem = problem_of(experiment, WAVE.replace(old, new), exit_code=2)
    assert message in problem.message
    assert hint in problem.hint


def test_what_the_data_do_not_allow_is_refused(tmp_path: Path) -> None:
    write_wave(tmp_path, 40)
    few = experiment(WAVE.replace("window: 4", "window: 40"), tmp_path)
    assert "no row has the 40 rows before it" in problem_of(load_data, few, tmp_path).message
    plain = experiment(WAVE.replace("  window: 4\n", ""), tmp_path)
    assert "y is the target and a feature" in problem_of(load_data, plain, tmp_path).message
    classes = experiment(WAVE.replace("loss: mse", "loss: hinge"), tmp_path)
    assert "predicted as classes" in problem_of(load_data, classes, tmp_path).message


def test_a_missing_value_is_dropped_with_the_windows_that_hold_it(tmp_path: Path) -> None:
    table = write_wave(tmp_path).astype({"u": "object"})
    table.loc[100, "u"] = None
    table.to_csv(tmp_path / "wave.csv", index=False)
    data = load_data(experiment(WAVE.replace("window: 4", "fill: drop\n  window: 4"), tmp_path), tmp_path)
    used = np.sort(np.concatenate([*data.parts.values()]))
    assert sorted({*range(4, 240)} - {*used.tolist()}) == [101, 102, 103, 104]
    filled = load_data(experiment(WAVE, tmp_path), tmp_path)
    assert not np.isnan(filled.preprocessing.encoder.encode(filled.raw("train"))["columns"]).any()


# Commands


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a wave and of its run."""
    folder = tmp_path_factory.mktemp("wave")
    write_wave(folder)
    train(experiment(WAVE, folder), folder)
    return folder


def run_of(folder: Path) -> Run:
    (path,) = (folder / "runs").iterdir()
    return open_run(path)


def test_what_it_reaches_stands_beside_the_row_before(wave: Path) -> None:
    run, table = run_of(wave), pd.read_csv(wave / "wave.csv")
    record = run.record
    assert record["scores"]["mae"] < record["as_the_row_before"]["mae"] / 2
    y = table.sort_values("t")["y"].to_numpy()
    assert record["as_the_row_before"]["mae"] == pytest.approx(np.abs(np.diff(y))[-48:].mean())
    final = evaluate_run(run, wave)
    assert final.measures == record["results"]["test"]
    assert final.plain()["as_the_row_before"] == record["as_the_row_before"]
    whole = evaluate_run(run, wave, file=wave / "wave.csv")
    assert whole.rows == 236
    model = keras.models.load_model(run.path / "model.keras")
    assert model.input_shape == (None, 4, 2)


def test_predictions_are_of_each_row_that_has_a_past_and_of_the_next(
    wave: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run, table = run_of(wave), pd.read_csv(wave / "wave.csv")
    predict_rows(run, wave / "wave.csv", tmp_path / "all.csv", options=PredictionOptions(columns=("t",)))
    predicted = {row["row"]: row for row in read_predictions(tmp_path / "all.csv")}
    for row in read_predictions(run.path / "predictions.csv"):
        assert float(predicted[row["row"]]["prediction"]) == pytest.approx(float(row["prediction"]), rel=1e-6)
        assert int(predicted[row["row"]]["t"]) == table.loc[int(row["row"]), "t"]
    assert len(predicted) == 237
    assert predicted["next"]["t"] == ""
    assert float(predicted["next"]["prediction"]) == pytest.approx(10 + 5 * np.sin(240 * 1.1), abs=1)
    first = table.index[table["t"] < 4].tolist()
    assert f"not predicted, because fewer than 4 rows are before them: {name_rows(np.array(first))}" in caplog.text
    last = table.sort_values("t").tail(4)
    last.to_csv(tmp_path / "last.csv", index=False)
    predict_rows(run, tmp_path / "last.csv", tmp_path / "next.csv")
    (row,) = read_predictions(tmp_path / "next.csv")
    assert row == {"row": "next", "prediction": predicted["next"]["prediction"]}
    last.tail(3).to_csv(tmp_path / "short.csv", index=False)
    short = problem_of(predict_rows, run, tmp_path / "short.csv", tmp_path / "no.csv")
    assert "takes 4 rows to predict one, and the file has 3" in short.message
    skip = PredictionOptions(on_error="skip")
    with pytest.raises(RnaError, match="no row of a series can be left out"):
        predict_rows(run, tmp_path / "last.csv", tmp_path / "no.csv", options=skip)


def test_windows_of_another_length_are_a_damaged_run(wave: Path, tmp_path: Path) -> None:
    shutil.copytree(wave, tmp_path / "copy")
    run = run_of(tmp_path / "copy")
    config = (run.path / "config.yaml").read_text()
    forged = config.replace("window: 4", "window: 5").encode()
    rewrite_file(run, "config.yaml", forged)
    for call in (evaluate_run, predict_rows):
        arguments = (wave,) if call is evaluate_run else (wave / "wave.csv", tmp_path / "no.csv")
        problem = problem_of(call, run_of(tmp_path / "copy"), *arguments, exit_code=1)
        assert "other data" in problem.message or "other windows" in problem.message


def test_a_picture_shows_truth_and_prediction(wave: Path) -> None:
    run = run_of(wave)
    drawn = {path.name for path in redraw_pictures(run, wave / "cache")}
    assert {"series.png", "prediction.png"} <= drawn
    assert (run.path / "plots" / "series.png").read_bytes().startswith(b"\x89PNG")


def test_windows_are_drawn_as_no_pictures() -> None:
    final = SimpleNamespace(confusion=np.eye(2), probabilities=np.eye(2))
    view: Any = SimpleNamespace(shape=(24, 9), series=object(), pictures={}, explain=True, final=final)
    assert image_grid.values(view) == explanation.values(view) == {}


def test_stopped_or_gathered_on_the_way_it_is_the_same_network(
    wave: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_of(wave)
    begun = train(experiment(WAVE, wave, epochs=11), tmp_path)
    with without_pictures():
        resume_run(begun, tmp_path / "cache", (), 30)
    monkeypatch.setattr(views, "LARGEST_WINDOWS", 0)
    gathered = train(experiment(WAVE, wave), tmp_path / "gathered")
    for run in (begun, gathered):
        for name in ("weights.npz", "predictions.csv"):
            assert (run.path / name).read_bytes() == (whole.path / name).read_bytes()


def test_series_of_several_stations_stay_apart(tmp_path: Path) -> None:
    table = write_stations(tmp_path)
    run = train(experiment(STATIONS, tmp_path), tmp_path)
    predict_rows(run, tmp_path / "stations.csv", tmp_path / "out.csv")
    rows = read_predictions(tmp_path / "out.csv")
    ahead = [(row["row"], row["station"]) for row in rows if row["row"].startswith("next")]
    assert ahead == [(step, name) for name in ("north", "south", "west") for step in ("next", "next 2")]
    assert len(rows) - len(ahead) == len(table) - 3 * 4
    assert all(table.loc[int(row["row"]), "station"] == row["station"] for row in rows[: -len(ahead)])
    north = table[table["station"] == "north"]
    north.to_csv(tmp_path / "north.csv", index=False)
    predict_rows(run, tmp_path / "north.csv", tmp_path / "one.csv")
    alone = [row["prediction"] for row in read_predictions(tmp_path / "one.csv")]
    beside = [row["prediction"] for row in rows if row["station"] == "north"]
    assert alone == beside


@pytest.mark.slow
def test_hired_bicycles_are_predicted_twice_as_well_as_by_the_hour_before(data_dir: Path, tmp_path: Path) -> None:
    local = f"dataset.csv={data_dir / 'tabular' / 'bike-hours.csv'}"
    config = load_config(Path(__file__).parents[2] / "configs" / "bike_hours.yaml", [local, "epochs=3"])
    record = train(config, tmp_path).record
    assert record["scores"]["mae"] < record["as_the_row_before"]["mae"] / 2
