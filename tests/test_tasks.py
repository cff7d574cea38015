"""Whole trainings of every kind of task on real data: what is learnt and written, and that every command agrees."""

import functools
import io
import json
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import experiment, only_task, problem_of, unpainted, without_pictures
from sklearn import metrics

from rnacli.engine.tensorflow import keras
from rnacli.networks.restore import restore_network
from rnacli.plots import regression_line
from rnacli.plots.make_views import load_views, make_views, with_history
from rnacli.plots.paint import begin_pictures, redraw_pictures
from rnacli.plots.roc_curve import SMALL_PART
from rnacli.results.evaluate import Evaluation, evaluate_network, evaluate_run
from rnacli.results.outputs import run_answers
from rnacli.results.predict import predict_rows
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.open import load_run
from rnacli.runs.reload import reload_training_data
from rnacli.training.train import train_network

EMOTIONS = """\
name: emotions
dataset:
  csv: multilabel-emotions.csv
  target: [amazed-suprised, happy-pleased, relaxing-calm, quiet-still, sad-lonely, angry-aggresive]
  split: {test: 0.2, validation: 0.2}
layers: [{dense: {units: 16, activation: relu}}, {dense: {units: 6, activation: sigmoid}}]
loss: binary_crossentropy
optimizer: adam
epochs: 12
"""
MOODS = ("amazed-suprised", "happy-pleased", "relaxing-calm", "quiet-still", "sad-lonely", "angry-aggresive")
LOGITS = EMOTIONS.replace("units: 6, activation: sigmoid", "units: 6")
HOUSING = """\
name: housing
dataset:
  csv: california-housing.csv
  target: median_house_value
  features: [median_income, latitude, longitude, ocean_proximity]
  columns: {median_house_value: {scale: minmax}}
  split: {train: 3000, test: 600}
layers: [{dense: {units: 16, activation: relu}}, {dense: {units: 1, activation: sigmoid}}]
loss: mse
optimizer: {adam: {learning_rate: 0.01}}
epochs: 8
"""
MILEAGE = """\
name: mileage
dataset:
  csv: auto-mpg.csv
  target: [mpg, horsepower]
  features: [cylinders, displacement, weight, model_year]
  columns: {mpg: {scale: standard}, horsepower: {scale: standard, fill: drop}}
  split: {test: 0.25}
layers: [{dense: {units: 12, activation: tanh}}, dense: 2]
loss: mse
optimizer: {adam: {learning_rate: 0.01}}
epochs: 15
"""
TITANIC = """\
name: titanic
dataset: {csv: titanic.csv, target: survived, features: [pclass, sex, age, fare], split: {test: 0.2, validation: 0.25}}
layers: [{dense: {units: 8, activation: relu}}, {dense: {units: 1, activation: sigmoid}}]
loss: binary_crossentropy
optimizer: adam
epochs: 8
threshold: f1
"""
WINE = """\
name: wine
dataset: {csv: winequality-red.csv, target: quality, split: {test: 0.2}}
layers: [{dense: {units: 8, activation: relu}}, {dense: {units: 6, activation: softmax}}]
loss: sparse_categorical_crossentropy
epochs: 3
"""
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "emotions": (EMOTIONS, {"threshold": "f1"}),
    "logits": (LOGITS, {"threshold": 0.3, "loss": {"binary_crossentropy": {"from_logits": True}}}),
    "housing": (HOUSING, {}),
    "mileage": (MILEAGE, {}),
    "titanic": (TITANIC, {}),
    "titanic_fixed": (TITANIC, {"threshold": 0.2}),
    "wine": (WINE, {}),
}
FOLDER = tempfile.TemporaryDirectory(prefix="rna-tasks-")


@functools.cache
def run_of(name: str, tables: Path) -> Run:
    """A run on real data, without its pictures."""
    text, changes = TEXTS[name]
    made = experiment(text, tables, **changes)
    with without_pictures():
        return train_network(made, Path(FOLDER.name) / name, Path(FOLDER.name) / "cache")


@pytest.fixture
def tables(data_dir: Path) -> Path:
    return data_dir / "tabular"


def figures(run: Run, **more: Any) -> Evaluation:
    """What a run is worth; to be looked at and not changed."""
    return evaluated(run.path, **more)


@functools.cache
def evaluated(path: Path, **more: Any) -> Evaluation:
    return evaluate_run(open_run(path), Path(FOLDER.name) / "cache", **more)


def predicted(run: Run, source: Path) -> pd.DataFrame:
    """What ``rna predict`` writes."""
    text = io.StringIO()
    predict_rows(run, source, text)
    return pd.read_csv(io.StringIO(text.getvalue()), keep_default_na=False)


def rows_of(run: Run, part: str) -> np.ndarray:
    split = pd.read_csv(run.path / "split.csv")
    return split["row"][split["part"] == part].to_numpy()


def own_table(run: Run) -> pd.DataFrame:
    return pd.read_csv(run.path / "predictions.csv", keep_default_na=False)


# Labels


@pytest.mark.parametrize("name", ["emotions", "logits"])
def test_labels_are_learnt_and_scored_as_scikit_learn_does(name: str, tables: Path) -> None:
    run = run_of(name, tables)
    found, whole = figures(run), pd.read_csv(tables / "multilabel-emotions.csv")
    truth = whole.loc[rows_of(run, "test"), list(MOODS)].to_numpy()
    assert run.record["data"]["task"] == "multilabel"
    assert found.classes == MOODS
    np.testing.assert_array_equal(found.truth, truth)
    assert found.probabilities is not None
    guess = (found.probabilities > run.record["threshold"]).astype(int)
    np.testing.assert_array_equal(found.predicted, guess)
    assert found.scores == pytest.approx(
        {
            "f1_micro": metrics.f1_score(truth, guess, average="micro"),
            "f1_macro": metrics.f1_score(truth, guess, average="macro", zero_division=0),
            "subset_accuracy": metrics.accuracy_score(truth, guess),
            "hamming_loss": metrics.hamming_loss(truth, guess),
            "lrap": metrics.label_ranking_average_precision_score(truth, found.probabilities),
        }
    )
    assert found.scores["lrap"] > 0.65  # by chance: about 0.5
    report = metrics.classification_report(truth, guess, target_names=MOODS, output_dict=True, zero_division=0)
    for row in found.per_class:
        wanted = report[row["class"]]
        assert row["rows"] == wanted["support"]
        assert row["f1"] == pytest.approx(wanted["f1-score"])


@pytest.mark.parametrize("name", ["emotions", "logits"])
def test_the_metric_that_labels_have_by_default_counts_every_label(name: str, tables: Path) -> None:
    run = run_of(name, tables)
    found = figures(run)
    assert list(found.measures) == ["loss", "binary_accuracy"]
    assert found.probabilities is not None
    assert found.measures["binary_accuracy"] == pytest.approx(((found.probabilities > 0.5) == found.truth).mean())


def test_figures_of_labels_are_json_without_a_confusion_matrix(tables: Path) -> None:
    run = run_of("emotions", tables)
    plain = json.loads(json.dumps(figures(run).plain()))
    assert plain["classes"] == [row["class"] for row in plain["per_class"]] == list(MOODS)
    assert plain["threshold"] == run.record["threshold"]
    assert "confusion_matrix" not in plain


def test_labels_in_one_column_are_the_same_network(tables: Path, tmp_path: Path) -> None:
    whole = pd.read_csv(tables / "multilabel-emotions.csv")
    cells = whole[list(MOODS)].apply(lambda row: "; ".join(name for name in MOODS if row[name]), axis=1)
    whole.drop(columns=list(MOODS)).assign(mood=cells).to_csv(tmp_path / "moods.csv", index=False)
    data = {"csv": "moods.csv", "target": "mood", "label_separator": ";", "split": {"test": 0.2, "validation": 0.2}}
    with without_pictures():
        run = train_network(experiment(EMOTIONS, tmp_path, dataset=data, epochs=2), tmp_path / "runs", tmp_path)
    found = figures(run)
    assert found.classes == tuple(sorted(MOODS))
    names = [cells[row] for row in rows_of(run, "test")]
    assert own_table(run)["truth"].tolist() == [";".join(sorted(filter(None, cell.split("; ")))) for cell in names]
    again = figures(run, file=tmp_path / "moods.csv")
    assert again.rows == len(whole)
    np.testing.assert_array_equal(again.truth.sum(axis=0), [whole[mood].sum() for mood in sorted(MOODS)])
    assert predicted(run, tmp_path / "moods.csv").columns[1:].tolist() == [f"probability_{m}" for m in sorted(MOODS)]


def test_a_file_with_labels_is_evaluated_and_one_with_other_numbers_refused(tables: Path, tmp_path: Path) -> None:
    run = run_of("emotions", tables)
    rows = pd.read_csv(tables / "multilabel-emotions.csv").loc[rows_of(run, "test")]
    rows.to_csv(tmp_path / "new.csv", index=False)
    assert figures(run, file=tmp_path / "new.csv").scores == pytest.approx(figures(run).scores)
    rows.iloc[3, rows.columns.get_loc("quiet-still")] = 2
    rows.to_csv(tmp_path / "odd.csv", index=False)
    problem = problem_of(lambda: figures(run, file=tmp_path / "odd.csv"), exit_code=1)
    assert problem.message == "column 'quiet-still': a label is 0 or 1, got 2 (row 4)"


# Thresholds


@pytest.mark.parametrize("name", ["emotions", "titanic"])
def test_a_chosen_threshold_is_the_best_on_the_validation_part_and_used_everywhere(name: str, tables: Path) -> None:
    run = run_of(name, tables)
    chosen = run.record["threshold"]
    opened = load_run(run)
    assert only_task(opened.preprocessing).threshold == chosen != 0.5
    found = figures(run, part="validation")
    assert found.probabilities is not None
    truth = found.truth.ravel()
    chances = (found.probabilities if name == "emotions" else found.probabilities[:, 1]).ravel()
    reached = metrics.f1_score(truth, chances > chosen)
    assert reached >= max(metrics.f1_score(truth, chances > other) for other in np.linspace(0.005, 0.995, 199))
    assert reached > metrics.f1_score(truth, chances > 0.5)
    np.testing.assert_array_equal(found.predicted.ravel(), chances > chosen)
    assert found.threshold == chosen


@pytest.mark.parametrize("name", ["emotions", "logits", "titanic", "titanic_fixed"])
@pytest.mark.parametrize("light", [True, False])
def test_predictions_of_both_ways_are_by_the_threshold(
    name: str, light: bool, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(name, tables)
    assert run.record["light"] is True
    if not light:
        monkeypatch.setattr("rnacli.results.numpy_answers.light_weights", lambda opened: None)
    source = tables / ("titanic.csv" if name.startswith("titanic") else "multilabel-emotions.csv")
    answer, own = predicted(run, source).loc[rows_of(run, "test")], own_table(run)
    assert answer["prediction"].astype(str).tolist() == own["prediction"].astype(str).tolist()
    shares = answer.drop(columns="prediction").to_numpy()
    if name.startswith("titanic"):
        assert answer["prediction"].tolist() == (shares[:, 1] > run.record["threshold"]).astype(int).tolist()
    else:
        assert set(shares.sum(axis=1).round(3)) != {1.0}
        named = ["|".join(np.array(MOODS)[row > run.record["threshold"]]) for row in shares]
        assert answer["prediction"].tolist() == named


def test_a_threshold_of_the_file_is_used(tables: Path) -> None:
    run = run_of("titanic_fixed", tables)
    assert run.record["threshold"] == 0.2
    found = figures(run)
    assert found.probabilities is not None
    assert found.predicted.tolist() == (found.probabilities[:, 1] > 0.2).astype(int).tolist()
    assert found.confusion is not None
    assert found.confusion[:, 1].sum() > (found.probabilities[:, 1] > 0.5).sum()


def test_a_threshold_that_cannot_be_chosen_stays_in_the_middle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [f"{i},{int(i > 20)},{'validation' if i < 5 else 'train'}" for i in range(40)]
    (tmp_path / "x.csv").write_text("\n".join(["x,y,part", *lines]) + "\n")
    data = {"csv": "x.csv", "target": "y", "split": {"column": "part"}}
    made = experiment(TITANIC, tmp_path, dataset=data, epochs=1)
    with without_pictures(), caplog.at_level(logging.WARNING, "rnacli"):
        run = train_network(made, tmp_path / "runs", tmp_path)
    assert run.record["threshold"] == 0.5
    assert "the threshold stays 0.5" in caplog.text


# Two classes


def test_the_scores_of_two_classes_are_those_of_scikit_learn(tables: Path) -> None:
    found = figures(run_of("titanic", tables))
    assert found.probabilities is not None
    truth, guess, chances = found.truth, found.predicted, found.probabilities[:, 1]
    assert found.scores == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(truth, guess),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
            "precision": metrics.precision_score(truth, guess),
            "recall": metrics.recall_score(truth, guess),
            "f1": metrics.f1_score(truth, guess),
            "matthews_corrcoef": metrics.matthews_corrcoef(truth, guess),
            "roc_auc": metrics.roc_auc_score(truth, chances),
            "average_precision": metrics.average_precision_score(truth, chances),
        }
    )


def test_classes_of_other_numbers_keep_them(tables: Path) -> None:
    run = run_of("wine", tables)
    assert run.record["data"]["classes"] == ["3", "4", "5", "6", "7", "8"]
    assert run.record["threshold"] is None
    assert set(own_table(run)["prediction"]) <= set(range(3, 9))
    assert figures(run).scores["balanced_accuracy"] == pytest.approx(
        metrics.recall_score(figures(run).truth, figures(run).predicted, average="macro", zero_division=0)
    )


# Numbers


def test_a_scaled_target_is_learnt_by_a_bounded_head_and_answered_in_its_own_units(tables: Path) -> None:
    run = run_of("housing", tables)
    whole = pd.read_csv(tables / "california-housing.csv")
    truth = whole["median_house_value"]
    train, rows = truth[rows_of(run, "train")], rows_of(run, "test")
    found, own = figures(run), own_table(run)
    np.testing.assert_allclose(found.truth[:, 0], truth[rows])
    np.testing.assert_allclose(own["truth"], truth[rows])
    np.testing.assert_allclose(own["prediction"], found.predicted[:, 0], rtol=1e-6)
    assert found.scores["mae"] == pytest.approx(metrics.mean_absolute_error(truth[rows], own["prediction"]))
    assert found.scores["r2"] > 0.4
    # Keras' own figure is that of the scaled target.
    assert found.measures["mae"] == pytest.approx(found.scores["mae"] / (train.max() - train.min()), rel=1e-4)
    network = keras.models.load_model(run.path / "model.keras", compile=False)
    kept = only_task(load_run(run).preprocessing).keep()
    assert (kept.offset, kept.divisor) == ([train.min()], [train.max() - train.min()])
    assert network.output_shape == (None, 1)
    np.testing.assert_allclose(
        predicted(run, tables / "california-housing.csv").loc[rows, "prediction"], own["prediction"], rtol=1e-4
    )


def test_several_targets_are_scored_each(tables: Path) -> None:
    run = run_of("mileage", tables)
    own, found = own_table(run), figures(run)
    truth, guess = (own[[f"{what}_mpg", f"{what}_horsepower"]].to_numpy() for what in ("truth", "prediction"))
    assert truth[:, 1].min() >= 46  # horsepower as the file has it
    wanted = {
        "mae": metrics.mean_absolute_error(truth, guess),
        "mse": metrics.mean_squared_error(truth, guess),
        "rmse": metrics.root_mean_squared_error(truth, guess),
        "r2": metrics.r2_score(truth, guess),
    }
    for i, target in enumerate(("mpg", "horsepower")):
        wanted[f"mae_{target}"] = metrics.mean_absolute_error(truth[:, i], guess[:, i])
        wanted[f"r2_{target}"] = metrics.r2_score(truth[:, i], guess[:, i])
    assert found.scores == pytest.approx(wanted)
    assert found.scores["r2"] > 0.5


# Pictures


def drawn(run: Run, folder: Path, **more: Any) -> set[str]:
    """The pictures that suit a run, by their names."""
    opened = load_run(run)
    data, network = reload_training_data(run, opened, folder), restore_network(opened)
    forward = run_answers(opened, network)
    final = evaluate_network(network, data, run.record["held_out"], forward)
    history = read_history(run, opened.config)
    for name, value in more.items():
        setattr(final, name, value)
    with unpainted():
        views = with_history(make_views(opened.config, data, network, forward, final), history, None, {})
        names = list(begin_pictures(views)(folder / "plots"))
    assert {file.name for file in (folder / "plots").iterdir()} == set(names)
    return {name.removesuffix(".png") for name in names}


OF_TABLES = {"data", "weights", "importance"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("emotions", {"loss", "binary_accuracy", "labels", "threshold"}),
        ("titanic", {"loss", "accuracy", "confusion_matrix", "roc", "threshold"} | OF_TABLES),
        ("wine", {"loss", "accuracy", "confusion_matrix"} | OF_TABLES),
        ("housing", {"loss", "mae", "prediction", "residuals"} | OF_TABLES),
        ("mileage", {"loss", "mae", "prediction", "residuals", "prediction_2", "residuals_2"} | OF_TABLES),
    ],
)
def test_each_task_has_the_pictures_that_suit_it(name: str, wanted: set[str], tables: Path, tmp_path: Path) -> None:
    assert drawn(run_of(name, tables), tmp_path) == wanted | {"network"}


@pytest.mark.parametrize("name", ["emotions", "mileage"])
def test_labels_and_several_numbers_can_be_drawn(name: str, tables: Path, tmp_path: Path) -> None:
    run = open_run(Path(shutil.copytree(run_of(name, tables).path, tmp_path / "copy")))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in redraw_pictures(run, tmp_path))


def test_two_classes_of_which_one_has_no_rows_have_no_curves(tables: Path, tmp_path: Path) -> None:
    run = run_of("titanic", tables)
    truth = np.zeros_like(figures(run).truth)
    assert drawn(run, tmp_path, truth=truth) == {
        "loss", "accuracy", "confusion_matrix", "threshold", "network", "data", "weights", "importance"
    }  # fmt: skip


def test_all_that_can_be_drawn_of_probabilities_is_drawn_for_many_rows_or_when_asked(
    tables: Path, tmp_path: Path
) -> None:
    run = run_of("titanic", tables)
    more = {"roc", "precision_recall", "calibration"}
    assert more <= drawn(run, tmp_path, rows=SMALL_PART)
    redrawn = redraw_pictures(open_run(Path(shutil.copytree(run.path, tmp_path / "copy"))), tmp_path)
    assert more <= {path.stem for path in redrawn}


def test_the_curve_of_a_scaled_target_is_drawn_through_its_points(tables: Path, tmp_path: Path) -> None:
    data = {
        "csv": "auto-mpg.csv",
        "target": "mpg",
        "features": ["weight"],
        "columns": {"mpg": {"scale": "minmax"}},
        "split": {"test": 0.2},
    }
    layers = [{"dense": {"units": 4, "activation": "tanh"}}, {"dense": {"units": 1, "activation": "sigmoid"}}]
    with without_pictures():
        run = train_network(experiment(MILEAGE, tables, dataset=data, layers=layers), tmp_path / "runs", tmp_path)
    (view,) = load_views(run, tmp_path)
    (drawn,) = regression_line.values(view)["curve"]
    figure = regression_line.draw(**drawn)
    (line,) = (line for line in figure.axes[0].lines if len(line.get_xdata()) == 400)
    assert 9 <= line.get_ydata().min() < line.get_ydata().max() <= 47
    assert line.get_ydata().mean() == pytest.approx(23, abs=6)
