"""Several inputs of a network: columns of a table in groups, and arrays side by side."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, without_pictures

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.folder import Run
from rnacli.training.train import train_network

HOUSES = """\
name: houses
dataset:
  csv: houses.csv
  target: price
  inputs: {place: [east, north, town], house: rest}
  columns: {town: {encode: embedding}}
  split: {test: 0.25}
layers:
  - dense: {units: 3, from: place, name: where}
  - dense: {units: 3, from: house}
  - concatenate: [where, dense_1]
  - dense: 1
loss: mse
epochs: 2
"""
ARRAYS = """\
name: arrays
dataset: {npz: two.npz, scale: {rescale: 4}}
layers:
  - flatten: {from: picture}
  - concatenate: [flatten, x]
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
epochs: 2
"""


def write_houses(folder: Path) -> None:
    random = np.random.default_rng(0)
    lines = ["east,rooms,town,north,age,price"]
    for i in range(80):
        east, rooms, north, age = random.normal(size=4).round(3)
        lines.append(f"{east},{rooms},{'abcd'[i % 4]},{north},{age},{east + rooms:.3f}")
    (folder / "houses.csv").write_text("\n".join(lines) + "\n", "utf-8")


def write_arrays(path: Path, count: int = 20, **more: Any) -> None:
    """A training and a test pair of pictures and figures."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, rows in (("train", 3 * count), ("test", count)):
        arrays |= {
            f"x_picture_{part}": random.integers(0, 5, (rows, 2, 3)).astype("uint8"),
            f"x_{part}": random.normal(size=(rows, 2)),
            f"y_{part}": np.arange(rows) % 2,
        }
    np.savez(path, **{**arrays, **more})


def train(config: Config, folder: Path) -> Run:
    with without_pictures():
        return train_network(config, folder / "runs", folder / "cache")


def test_columns_in_groups_are_inputs_by_their_names(tmp_path: Path) -> None:
    write_houses(tmp_path)
    data = load_data(experiment(HOUSES, tmp_path), tmp_path)
    encoder, raw = data.preprocessing.encoder, data.raw("train")
    assert dict(encoder.inputs) == {
        "place": InputSpec((2,), group="place"),
        "house": InputSpec((2,), group="house"),
        "town": InputSpec((), "int32", encoder.inputs["town"].categories, encoder.inputs["town"].dimensions, "place"),
    }
    plain = load_data(experiment(HOUSES.replace("  inputs: {place: [east, north, town], house: rest}\n", ""), tmp_path,
                                 layers=[{"dense": 1}]), tmp_path)  # fmt: skip
    together = plain.preprocessing.encoder.encode(plain.raw("train"))
    for encoded in (encoder.encode(raw), load_preprocessing(data.preprocessing.dump(), "", ["y"]).encoder.encode(raw)):
        np.testing.assert_array_equal(encoded["place"], together["columns"][:, [0, 2]])
        np.testing.assert_array_equal(encoded["house"], together["columns"][:, [1, 3]])
        np.testing.assert_array_equal(encoded["town"], together["town"])
    assert encoder.number_names == {"place": ["east", "north"], "house": ["rooms", "age"], "town": ["town"]}


def test_a_table_in_groups_is_trained_evaluated_and_predicted(tmp_path: Path) -> None:
    write_houses(tmp_path)
    run = train(experiment(HOUSES, tmp_path), tmp_path)
    figures = evaluate_run(run, tmp_path / "cache")
    assert figures.measures == pytest.approx(run.record["results"]["test"])
    network = keras.models.load_model(run.path / "model.keras")
    data = load_data(experiment(HOUSES, tmp_path), tmp_path)
    inputs = data.preprocessing.encoder.encode(data.raw("test"))
    assert {tensor.name for tensor in network.inputs} == set(inputs)
    outputs = network.predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs, figures.outputs, rtol=1e-5, atol=1e-6)
    lines = (tmp_path / "houses.csv").read_text("utf-8").splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join(",".join(reversed(line.split(","))) for line in lines), "utf-8")
    predict_rows(run, other, tmp_path / "predicted.csv")
    predicted = np.genfromtxt(tmp_path / "predicted.csv", skip_header=1)[data.parts["test"]]
    np.testing.assert_allclose(predicted, figures.predicted[:, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("inputs", "message", "hint"),
    [
        ({"place": ["east", "nort"], "house": "rest"}, "place has the column 'nort'", "did you mean north?"),
        ({"place": ["east", "price"], "house": "rest"}, "place has the column 'price'", "columns: "),
        ({"place": ["east"], "house": ["east", "rooms"]}, "column 'east' is in place and in house", "remove one"),
        ({"place": ["east", "north"]}, "no input has rooms, town, age", "others: rest"),
        ({"place": "rest", "house": "rest"}, "place and house both have the rest", "remove one"),
        ({"place": ["*"], "house": "rest"}, "no columns are left for house", "remove one"),
    ],
)
def test_columns_that_are_in_no_input_or_in_two_are_named(
    inputs: dict[str, Any], message: str, hint: str, tmp_path: Path
) -> None:
    write_houses(tmp_path)
    text = HOUSES.replace("{place: [east, north, town], house: rest}", str(inputs).replace("'", ""))
    if "*" in text:
        text = text.replace("[*]", "['*']")
    config = experiment(text, tmp_path, layers=[{"dense": 1}])
    problem = problem_of(load_data, config, tmp_path, exit_code=CONFIG)
    assert problem.place.startswith("experiment.yaml:5:")
    assert message in problem.message
    assert hint in problem.hint


def test_an_input_that_no_layer_takes_is_named(tmp_path: Path) -> None:
    write_houses(tmp_path)
    layers: list[Any] = [{"dense": {"units": 1, "from": "place"}}]
    problem = problem_of(train, experiment(HOUSES, tmp_path, layers=layers), tmp_path, exit_code=CONFIG)
    assert problem.message == "no layer takes the input house"
    layers = [{"dense": {"units": 3, "from": "huse"}}]
    problem = problem_of(experiment, HOUSES.replace("from: house", "from: huse"), tmp_path, exit_code=CONFIG)
    assert (problem.place, problem.hint) == ("experiment.yaml:10:29", "did you mean house?")


def test_without_from_the_first_layer_takes_all_inputs(tmp_path: Path) -> None:
    write_houses(tmp_path)
    run = train(experiment(HOUSES, tmp_path, layers=[{"dense": 1}], epochs=1), tmp_path)
    weights = keras.models.load_model(run.path / "model.keras").get_layer("dense").kernel
    assert weights.shape == (4 + 4, 1)  # the vector of a town has four numbers


def test_arrays_side_by_side_are_inputs_by_their_names(tmp_path: Path) -> None:
    write_arrays(tmp_path / "two.npz")
    run = train(experiment(ARRAYS, tmp_path), tmp_path)
    figures = evaluate_run(run, tmp_path / "cache")
    assert figures.rows == 20
    assert figures.measures == pytest.approx(run.record["results"]["test"])
    again = evaluate_run(run, tmp_path / "cache", file=tmp_path / "two.npz")
    np.testing.assert_array_equal(again.outputs, figures.outputs)
    with np.load(tmp_path / "two.npz") as file:
        arrays = {"picture": file["x_picture_test"], "x": file["x_test"]}  # the model scales them itself
        np.savez(tmp_path / "new.npz", x_picture=file["x_picture_test"], x=file["x_test"])
        np.savez(tmp_path / "half.npz", x=file["x_test"])
        np.savez(tmp_path / "wide.npz", x_picture=file["x_picture_test"][:, :1], x=file["x_test"])
    network = keras.models.load_model(run.path / "model.keras")
    np.testing.assert_allclose(network.predict(arrays, verbose=0), figures.outputs, atol=1e-6)
    predict_rows(run, tmp_path / "new.npz", tmp_path / "p.csv")
    predicted = np.genfromtxt(tmp_path / "p.csv", delimiter=",", skip_header=1)[:, 2]
    np.testing.assert_allclose(predicted, figures.outputs[:, 0], atol=1e-6)
    problem = problem_of(predict_rows, run, tmp_path / "half.npz", tmp_path / "p.csv")
    assert (problem.message, problem.hint) == ("there is no array 'x_picture'", "arrays: x")
    problem = problem_of(predict_rows, run, tmp_path / "wide.npz", tmp_path / "p.csv")
    assert "x_picture has rows of shape (1, 3), and the network takes (2, 3)" in problem.message


def test_pixels_beside_other_arrays_stay_bytes(tmp_path: Path) -> None:
    write_arrays(tmp_path / "two.npz")
    data = load_data(experiment(ARRAYS, tmp_path), tmp_path)
    stored, divisor = data.preprocessing.encoder.store(data.raw("train"))
    assert (stored["picture"].dtype, stored["x"].dtype, divisor) == ("uint8", "float32", 4)


def test_arrays_of_other_rows_are_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "two.npz", x_train=np.zeros((59, 2)))
    problem = problem_of(load_data, experiment(ARRAYS, tmp_path), tmp_path)
    assert problem.message == "x_train has 59 rows, and x_picture_train has 60"
    write_arrays(tmp_path / "two.npz")
    config = experiment(ARRAYS.replace("from: picture", "from: pictures"), tmp_path)
    with pytest.raises(RnaError, match="no layer or input called 'pictures'"):
        train(config, tmp_path)
