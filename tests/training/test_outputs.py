"""Several outputs, each with its own target, task, loss, metrics, scores, pictures and columns."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of, without_pictures
from kill import differences
from sklearn import metrics

from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.plots.paint import redraw_pictures
from rnacli.results.evaluate import Evaluation, evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import find_run, open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

HOUSES = """\
name: houses
seed: 4
dataset:
  csv: houses.csv
  target: [price, coast]
  inputs: {place: [east, north], house: rest}
  columns: {price: {scale: standard}}
  split: {test: 0.25, validation: 0.1}
layers:
  - dense: {units: 8, activation: relu, from: place, name: where}
  - dense: {units: 4, from: house}
  - dropout: 0.2
  - concatenate: [where, dropout]
  - dense: {units: 1, name: price}
  - dense: {units: 3, activation: softmax, name: coast, from: where}
loss: {price: mse, coast: sparse_categorical_crossentropy}
loss_weights: {coast: 0.5}
metrics: {price: [mae], coast: [accuracy]}
optimizer: {adam: 0.02}
epochs: 6
batch_size: 16
"""


def write_houses(folder: Path) -> None:
    random = np.random.default_rng(0)
    lines = ["east,rooms,north,age,price,coast"]
    for _ in range(160):
        east, rooms, north, age = random.normal(size=4).round(3)
        coast = "near" if east > 0.4 else "far" if east < -0.4 else "inland"
        lines.append(f"{east},{rooms},{north},{age},{200 + 50 * east + 30 * rooms:.2f},{coast}")
    (folder / "houses.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs")
    write_houses(folder)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def train(config: Config, folder: Path, name: str = "runs", *listeners: Any) -> Run:
    with without_pictures():
        return train_network(config, folder / name, folder / "cache", listeners)


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return train(experiment(HOUSES, folder), folder)


@pytest.fixture(scope="module")
def final(run: Run, folder: Path) -> Evaluation:
    return evaluate_run(run, folder / "cache")


def test_history_and_results_are_called_as_keras_calls_them(run: Run, final: Evaluation) -> None:
    names = ["loss", "price_loss", "coast_loss", "price_mae", "coast_accuracy"]
    columns = list(read_history(run, open_run(run.path).config()))
    assert set(columns) == {"epoch", "seconds", *names, *(f"val_{name}" for name in names)}
    assert set(run.record["results"]["test"]) == set(names)
    assert final.measures == pytest.approx(run.record["results"]["test"])
    measures = final.measures
    assert measures["loss"] == pytest.approx(measures["price_loss"] + 0.5 * measures["coast_loss"], rel=1e-5)
    assert run.record["data"]["outputs"]["coast"]["classes"] == ["far", "inland", "near"]
    assert run.record["network"]["outputs"] == {"price": [1], "coast": [3]}


def test_each_output_has_the_scores_of_its_task(final: Evaluation, run: Run) -> None:
    price, coast = final.every
    assert price.scores["r2"] == pytest.approx(metrics.r2_score(price.truth[:, 0], price.predicted[:, 0]))
    assert coast.scores["accuracy"] == pytest.approx(metrics.accuracy_score(coast.truth, coast.predicted))
    assert coast.scores["accuracy"] == pytest.approx(final.measures["coast_accuracy"])
    assert coast.confusion is not None
    assert coast.confusion.sum() == final.rows == 40
    assert run.record["scores"]["price_r2"] == pytest.approx(price.scores["r2"])
    plain = final.plain()
    assert list(plain["outputs"]) == ["price", "coast"]
    assert plain["outputs"]["coast"]["classes"] == ["far", "inland", "near"]


def test_model_opens_in_keras_alone_and_answers_the_same(run: Run, final: Evaluation, folder: Path) -> None:
    network = keras.models.load_model(run.path / "model.keras")
    data = load_data(experiment(HOUSES, folder), folder / "cache")
    # It scales the columns of each input itself, and gives prices in their own units.
    encoder = data.preprocessing.encoder
    raw = dict(zip(data.rows.features, data.raw("test").T, strict=True))
    inputs = {name: np.stack([raw[each] for each in encoder.number_names[name]], 1) for name in ("place", "house")}
    answers = network.predict(inputs, verbose=0)
    for each in final.every:
        wanted = each.predicted if each.output == "price" else each.outputs
        np.testing.assert_allclose(answers[each.output], wanted, rtol=1e-4, atol=1e-5)


def test_predictions_have_columns_of_each_output(run: Run, final: Evaluation, folder: Path) -> None:
    rows = rows_of(run.path / "predictions.csv")
    probabilities = [f"probability_coast_{name}" for name in ("far", "inland", "near")]
    assert list(rows[0]) == ["row", "truth_price", "price", "truth_coast", "coast", *probabilities]
    predict_rows(run, folder / "houses.csv", folder / "p.csv")
    predicted = rows_of(folder / "p.csv")
    assert list(predicted[0]) == ["price", "coast", *probabilities]
    for row, values in zip(rows, final.every[0].predicted[:, 0].tolist(), strict=True):
        again = predicted[int(row["row"])]
        assert {name: row[name] for name in again} == again
        assert float(row["price"]) == pytest.approx(values, rel=1e-6)
    predict_rows(run, folder / "houses.csv", folder / "p.csv", options=PredictionOptions(only="probabilities"))
    assert list(rows_of(folder / "p.csv")[0]) == probabilities
    predict_rows(run, folder / "houses.csv", folder / "p.csv", options=PredictionOptions(only="label"))
    assert list(rows_of(folder / "p.csv")[0]) == ["price", "coast"]


def test_another_file_is_measured_by_all_outputs(run: Run, folder: Path) -> None:
    found = evaluate_run(run, folder / "cache", file=folder / "houses.csv")
    assert (found.part, found.rows) == ("file", 160)
    text = (folder / "houses.csv").read_text("utf-8").replace("inland", "island")
    (folder / "other.csv").write_text(text, "utf-8")
    problem = problem_of(evaluate_run, run, folder / "cache", None, folder / "other.csv")
    assert "'island'" in problem.message
    assert problem.hint == "did you mean inland?"


def test_each_output_has_pictures_in_a_folder_of_its_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: dict[str, str] = {}

    def paint(wanted: Any, form: str) -> Any:
        titles.update({name.rpartition(".")[2]: values["title"] for name, values in wanted if "title" in values})
        return [b""] * len(wanted)

    monkeypatch.setattr("rnacli.plots.paint.paint_pictures", paint)
    copy = open_run(Path(shutil.copytree(run.path, folder / "copy")))
    drawn = {path.relative_to(copy.path / "plots").as_posix() for path in redraw_pictures(copy, folder / "cache")}
    of_whole, of_price = (titles[name].partition("\n")[2].split()[:2] for name in ("network", "residuals"))
    assert of_price == ["houses", "price"]
    assert of_whole[1] not in ("price", "coast")
    whole = {f"{name}.png" for name in ("loss", "price_loss", "coast_loss", "price_mae", "coast_accuracy", "network")}
    own = {f"{output}/{name}.png" for output in ("price", "coast") for name in ("data", "importance")}
    assert drawn == whole | own | {"price/prediction.png", "price/residuals.png", "coast/confusion_matrix.png"}


class Killed(BaseException):
    """Stands for the end of the process."""


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training in the second step after some epochs."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.epoch >= 3:
            raise Killed


@pytest.mark.slow
def test_a_killed_training_ends_as_if_it_had_not_been(folder: Path) -> None:
    config = experiment(HOUSES, folder, checkpoint={"every": 1})
    expected = train(config, folder, "whole")
    with pytest.raises(Killed):
        train(config, folder, "killed", Killer())
    killed = find_run("latest", folder / "killed")
    with without_pictures():
        resumed = resume_run(open_run(killed.path), folder / "cache")
    assert resumed.record["resumed"] == [3]
    assert not differences(expected.path, resumed.path)


def weights_of(run: Run) -> list[np.ndarray]:
    with np.load(run.path / "weights.npz") as file:
        return [file[name] for name in file]


@pytest.mark.parametrize(
    "more",
    [{"engine": {"fuse": False}}, pytest.param({"engine": {"fuse": True, "jit": False}}, marks=pytest.mark.slow)],
)
def test_fused_or_not_the_same_is_learnt(more: dict[str, Any], run: Run, folder: Path) -> None:
    other = train(experiment(HOUSES, folder, **more), folder, f"engine{more['engine']['fuse']}")
    for one, another in zip(weights_of(run), weights_of(other), strict=True):
        np.testing.assert_allclose(one, another, rtol=1e-5, atol=1e-5)
    histories = [read_history(each, open_run(each.path).config()) for each in (run, other)]
    for name in histories[0].keys() - {"seconds"}:  # the last batch is a small one
        np.testing.assert_allclose(*(history[name] for history in histories), rtol=1e-4, err_msg=name)
    last = {name: values[-1] for name, values in histories[1].items()}
    assert last["loss"] == pytest.approx(last["price_loss"] + 0.5 * last["coast_loss"], rel=1e-5)


@pytest.mark.slow
def test_rows_from_the_disk_train_all_outputs(folder: Path) -> None:
    text = HOUSES.replace("  target:", "  stream: true\n  target:", 1)
    streamed = train(experiment(text, folder, epochs=2), folder, "streamed")
    assert streamed.record["status"] == "finished"
    assert np.isfinite(streamed.record["results"]["test"]["loss"])


def test_one_output_keeps_the_files_of_a_dict_of_one(folder: Path) -> None:
    text = HOUSES.replace("target: [price, coast]", "target: price\n  features: [east, north, rooms]")
    text = text.replace("  - dense: {units: 3, activation: softmax, name: coast, from: where}\n", "")
    config = experiment(text, folder, loss="mse", metrics=["mae"], epochs=0, loss_weights=None)
    only = train(config, folder, "one")
    assert list(rows_of(only.path / "predictions.csv")[0]) == ["row", "truth", "prediction"]
    assert set(only.record["results"]["test"]) == {"loss", "mae"}
    assert "targets" in json.loads((only.path / "preprocessing.json").read_text("utf-8"))


def test_what_is_left_out_is_decided_by_each_task(folder: Path) -> None:
    config = experiment(HOUSES, folder, epochs=0, loss_weights=None, metrics=None)
    results = train(config, folder, "default").record["results"]["test"]
    assert {"price_mae", "coast_accuracy"} <= set(results)


FAULTS: dict[str, tuple[str, str, str, str]] = {
    "no layer": ("{price: mse, coast:", "{price: mse, coats:", "no layer called 'coats'", "did you mean coast?"),
    "no loss": (", coast: sparse_categorical_crossentropy}", "}", "target coast has no loss", "coast"),
    "no target": ("[price, coast]", "price", "output coast has no target", "target: [...]"),
    "no output": ("metrics: {price: [mae], coast", "metrics: {price: [mae], coost", "called 'coost'", "coast?"),
    "weight": ("loss_weights: {coast", "loss_weights: {cost", "no output called 'cost'", "did you mean coast?"),
    "stratify": ("split: {test: 0.25", "split: {stratify: true, test: 0.25", "there are several", "stratify: false"),
    "class weight": ("epochs: 6", "class_weight: balanced", "for a network of one output", "loss_weights"),
    "positive": ("  split:", "  positive: near\n  split:", "positive is for a network of one output", "remove it"),
    "class names": ("  split:", "  class_names: [a, b]\n  split:", "class_names is for a network of one", "remove it"),
    "watch": ("epochs: 6", "callbacks: [{early_stopping: {monitor: price_mea}}]", "called 'price_mea'", "price_mae?"),
    "mode": ("epochs: 6", "callbacks: [{early_stopping: {monitor: val_coast_accuracy}}]", "more of val_", "mode: max"),
    "mode of a loss": ("epochs: 6", "callbacks: [{early_stopping: {monitor: price_loss}}]", "more of pri", "mode: min"),
    "units": ("units: 3, activation: softmax", "units: 2, activation: softmax", "has 2 units", "units: 3"),
    "metric": ("coast: [accuracy]", "coast: [precision]", "precision does not fit", ""),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message", "hint"), FAULTS.values(), ids=FAULTS)
def test_what_does_not_fit_an_output_is_named(old: str, new: str, message: str, hint: str, folder: Path) -> None:
    assert old in HOUSES
    text = HOUSES.replace(old, new, 1)
    problems = problems_of(lambda: train(experiment(text, folder), folder, "faults"), exit_code=CONFIG)
    assert any(message in problem.message and hint in problem.hint for problem in problems), problems
    assert all(problem.place.startswith("experiment.yaml:") for problem in problems)


def test_arrays_of_targets_are_outputs_by_their_names(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 2, 3))
    np.savez(tmp_path / "a.npz", x=x, y_sum=x.sum(axis=(1, 2)), y_sign=(x[:, 0, 0] > 0).astype(int))
    text = """\
dataset: {npz: a.npz, split: {test: 0.2}}
layers:
  - flatten
  - dense: {units: 1, name: sum}
  - dense: {units: 1, activation: sigmoid, name: sign, from: flatten}
loss: {sum: mse, sign: binary_crossentropy}
epochs: 1
"""
    run = train(experiment(text, tmp_path), tmp_path)
    assert set(run.record["results"]["test"]) >= {"sum_mae", "sign_accuracy"}
    again = evaluate_run(run, tmp_path / "cache", file=tmp_path / "a.npz")
    assert [each.output for each in again.every] == ["sum", "sign"]
    single = text.replace("{sum: mse, sign: binary_crossentropy}", "mse").replace(", from: flatten", "")
    problem = problem_of(train, experiment(single, tmp_path), tmp_path, exit_code=CONFIG)
    assert problem.message == "the data have the targets sum and sign, and the network the outputs sign"
