"""Evaluation: training's own figures to the last digit, scikit-learn's own scores, other rows, changed data refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from fixtures import (
    IRIS,
    KINDS,
    LOGITS,
    RUNS,
    copied,
    data_of,
    experiment,
    problem_of,
    run_of,
    without_pictures,
    write_data,
)
from sklearn import metrics

from rnacli.engine.tensorflow import keras
from rnacli.errors import RnaError
from rnacli.networks.restore import restore_network
from rnacli.results.evaluate import Evaluation, evaluate_run
from rnacli.results.outputs import measure_part
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.runs.reload import reload_training_data
from rnacli.tasks.scores import count_confusion, score_classes
from rnacli.training.train import train_network


def figures(run: Run, **more: Any) -> Evaluation:
    return evaluate_run(run, data_of(run) / "cache", **more)


def outputs(run: Run, x: Any) -> np.ndarray:
    """What the saved model says, opened by Keras alone."""
    network = keras.models.load_model(run.path / "model.keras", compile=False)
    return np.asarray(network.predict(np.asarray(x, "float32"), verbose=0))


def table(run: Run, name: str, features: list[str], part: str) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of a part of a CSV file, read by pandas alone, and their features."""
    whole, split = pd.read_csv(data_of(run) / f"{name}.csv"), pd.read_csv(run.path / "split.csv")
    rows = split["row"][split["part"] == part]
    return whole.loc[rows], whole.loc[rows, features].to_numpy()


# The same figures


@pytest.mark.parametrize("name", RUNS)
def test_evaluating_again_gives_the_figures_of_training_to_the_last_digit(name: str) -> None:
    run = run_of(name)
    found = figures(run)
    assert found.part == run.record["held_out"] == "test"
    assert found.measures == run.record["results"]["test"]
    assert found.scores == run.record["scores"]


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_every_part_can_be_evaluated(part: str) -> None:
    found = figures(run_of("flowers"), part=part)
    assert found.measures == run_of("flowers").record["results"][part]
    assert found.rows == {"train": 50, "validation": 10, "test": 20}[part]


def test_a_part_that_the_run_does_not_have_is_refused() -> None:
    problem = problem_of(lambda: figures(run_of("prices"), part="validation"))
    assert "validation" in problem.message
    assert "train" in problem.hint


def test_the_program_that_measures_does_not_know_how_long_the_first_part_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last digits would follow from it: a run that was killed at its end would have others than a whole one."""
    opened = load_run(run_of("flowers"))
    data, network = reload_training_data(opened.run, opened, tmp_path), restore_network(opened)
    taken: list[Any] = []
    monkeypatch.setattr(network, "evaluate", lambda batches, **_: taken.append(batches.element_spec) or {"loss": 0.0})
    for part in data.parts:
        measure_part(network, data, part)
    assert len({len(rows) for rows in data.parts.values()}) > 1
    assert all(spec == taken[0] for spec in taken)


def test_figures_are_json_data() -> None:
    plain = json.loads(json.dumps(figures(run_of("flowers")).plain()))
    assert plain["classes"] == list(KINDS)
    assert np.array(plain["confusion_matrix"]).sum() == plain["rows"] == 20
    assert [row["class"] for row in plain["per_class"]] == list(KINDS)


# Scikit-learn's own


def test_the_scores_of_several_classes_are_those_of_scikit_learn() -> None:
    run = run_of("iris")
    split = pd.read_csv(run.path / "split.csv")
    x, y = sklearn.datasets.load_iris(return_X_y=True)
    rows = split["row"][split["part"] == "test"].to_numpy()
    shares = outputs(run, x[rows])
    found, guess = figures(run), shares.argmax(axis=1)
    assert found.truth.tolist() == y[rows].tolist()
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities, shares, atol=1e-6)
    assert found.scores["accuracy"] == metrics.accuracy_score(y[rows], guess)
    assert found.scores["f1_macro"] == pytest.approx(metrics.f1_score(y[rows], guess, average="macro", zero_division=0))
    assert found.scores["roc_auc"] == pytest.approx(metrics.roc_auc_score(y[rows], shares, multi_class="ovr"), abs=1e-6)
    np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(y[rows], guess))
    report = metrics.classification_report(y[rows], guess, output_dict=True, zero_division=0)
    for i, row in enumerate(found.per_class):
        wanted = report[str(i)]
        assert (row["precision"], row["recall"], row["f1"], row["rows"]) == pytest.approx(
            (wanted["precision"], wanted["recall"], wanted["f1-score"], wanted["support"])
        )


@pytest.mark.parametrize("name", ["margin", "logits"])
def test_the_scores_of_two_classes_count_raw_outputs_from_0(name: str) -> None:
    run = run_of(name)
    rows, x = table(run, "answers", ["a", "b"], "test")
    raw, truth = outputs(run, x)[:, 0], (rows["answer"] == "yes").to_numpy().astype(int)
    guess, found = (raw > 0).astype(int), figures(run)
    assert 0 < truth.sum() < len(truth)
    assert found.classes == ("no", "yes")
    assert found.predicted.tolist() == guess.tolist()
    assert found.measures["accuracy"] == pytest.approx(metrics.accuracy_score(truth, guess))
    assert found.scores["accuracy"] == metrics.accuracy_score(truth, guess)
    assert found.scores["precision"] == pytest.approx(metrics.precision_score(truth, guess, zero_division=0))
    assert found.scores["recall"] == pytest.approx(metrics.recall_score(truth, guess, zero_division=0))
    assert found.scores["f1"] == pytest.approx(metrics.f1_score(truth, guess, zero_division=0))
    assert found.scores["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, raw))
    assert found.probabilities is not None
    assert found.probabilities.min() >= 0
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    wanted = 1 / (1 + np.exp(-raw.astype(float))) if name == "logits" else (raw + 1) / 2
    np.testing.assert_allclose(found.probabilities[:, 1], wanted, atol=1e-6)


@pytest.mark.parametrize(("name", "targets"), [("prices", ["price"]), ("pairs", ["price", "rooms"])])
def test_the_scores_of_numbers_are_those_of_scikit_learn(name: str, targets: list[str]) -> None:
    run = run_of(name)
    features = ["area", "age"] if len(targets) == 2 else ["area", "age", "rooms"]
    rows, x = table(run, "prices", features, "test")
    truth, guess = rows[targets].to_numpy(), outputs(run, x)
    found = figures(run)
    assert found.truth.shape == found.predicted.shape == (15, len(targets))
    np.testing.assert_allclose(found.predicted, guess, rtol=1e-5, atol=1e-6)
    wanted = {
        "mae": metrics.mean_absolute_error(truth, guess), "mse": metrics.mean_squared_error(truth, guess),
        "rmse": metrics.root_mean_squared_error(truth, guess), "r2": metrics.r2_score(truth, guess),
    }  # fmt: skip
    for i, target in enumerate(targets if len(targets) > 1 else []):
        wanted[f"mae_{target}"] = metrics.mean_absolute_error(truth[:, i], guess[:, i])
        wanted[f"r2_{target}"] = metrics.r2_score(truth[:, i], guess[:, i])
    assert found.scores == pytest.approx(wanted, rel=1e-5)
    assert found.measures["loss"] == pytest.approx(wanted["mse"], rel=1e-4)
    assert found.probabilities is None
    assert found.confusion is None


# Other rows


def test_the_rows_of_the_test_part_in_a_file_have_the_same_figures(tmp_path: Path) -> None:
    run = run_of("flowers")
    rows, _ = table(run, "flowers", ["height", "width", "weight"], "test")
    rows[["kind", "note", "weight", "height", "width"]].assign(more="x").to_csv(tmp_path / "new.csv", index=False)
    found, former = figures(run, file=tmp_path / "new.csv"), figures(run)
    assert found.part == "file"
    assert found.rows == 20
    assert found.measures == pytest.approx(former.measures)
    assert found.scores == pytest.approx(former.scores)
    np.testing.assert_array_equal(found.confusion, former.confusion)


def test_a_file_may_have_fewer_classes(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("height,width,weight,kind\n1,5,2,lirio\n3,4,8,rosa\n1,5,2,lirio\n")
    found = figures(run_of("flowers"), file=tmp_path / "new.csv")
    assert found.truth.tolist() == [0, 1, 0]
    assert "roc_auc" not in found.scores
    assert found.confusion is not None
    assert found.confusion.shape == (3, 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("height,width,weight,kind\n1,5,2,lirio\n1,5,2,clavel\n", "'clavel'"),
        ("height,width,weight\n1,5,2\n", "'kind'"),
        ("height,width,kind\n1,5,lirio\n", "'weight'"),
        ("height,width,weight,kind\n1,x,2,lirio\n", "'x'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "new.csv").write_text(content)
    assert said in problem_of(lambda: figures(run_of("flowers"), file=tmp_path / "new.csv")).message


def test_a_made_data_set_is_evaluated_on_a_file_of_its_columns(tmp_path: Path) -> None:
    run = run_of("circles")
    (tmp_path / "new.csv").write_text("y,x2,x1\n0,1,0\n1,0.3,0\n0,-1,0\n")
    found = figures(run, file=tmp_path / "new.csv")
    assert found.truth.tolist() == [0, 1, 0]


def test_several_targets_of_a_made_data_set_are_all_evaluated(tmp_path: Path) -> None:
    text = RUNS["prices"].replace("[mae]", "[]").replace("- dense: 1\n", "- dense: 3\n")
    run = untrained(tmp_path, text, {"sklearn": "load_linnerud", "scale": "standard"})
    bunch = sklearn.datasets.load_linnerud()
    rows = np.hstack([bunch.target, bunch.data])
    pd.DataFrame(rows, columns=[*bunch.target_names, *bunch.feature_names]).to_csv(tmp_path / "all.csv", index=False)
    found = figures(run, file=tmp_path / "all.csv")
    assert found.truth.shape == (20, 3)
    np.testing.assert_array_equal(found.truth, bunch.target)
    assert found.measures["loss"] == pytest.approx(found.scores["mse"], rel=1e-4)


def test_images_are_evaluated_on_a_file_of_arrays(tmp_path: Path) -> None:
    run = run_of("pixels")
    with np.load(data_of(run) / "pixels.npz") as arrays:
        np.savez(tmp_path / "new.npz", x=arrays["x_test"], y=arrays["y_test"])
        np.savez(tmp_path / "wrong.npz", x=arrays["x_test"][:, :5], y=arrays["y_test"])
    found = figures(run, file=tmp_path / "new.npz")
    assert found.measures == pytest.approx(figures(run).measures)
    assert "(5, 8)" in problem_of(lambda: figures(run, file=tmp_path / "wrong.npz")).message


# Data that changed


@pytest.mark.parametrize("change", ["a row more", "a digit", "another order"])
def test_data_that_changed_since_training_are_refused(tmp_path: Path, change: str) -> None:
    run = copied(run_of("flowers"), tmp_path)
    path = tmp_path / "copy" / "flowers.csv"
    head, first, second, *rest = path.read_text("utf-8").splitlines()
    lines = {
        "a row more": [head, first, second, *rest, first],
        "a digit": [head, first.replace("p000", "p999"), second, *rest],
        "another order": [head, second, first, *rest],
    }[change]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    problem = problem_of(evaluate_run, run, tmp_path)
    assert "changed" in problem.message
    assert "--data" in problem.hint


def test_data_that_are_gone_are_named(tmp_path: Path) -> None:
    write_data(tmp_path)
    run = untrained(tmp_path, IRIS, {"csv": "flowers.csv", "target": "kind", "features": ["height", "width"]})
    (tmp_path / "flowers.csv").unlink()
    assert "flowers.csv" in str(problem_of(evaluate_run, run, tmp_path))


def test_a_run_that_was_copied_without_its_data_finds_those_of_training(tmp_path: Path) -> None:
    run = copied(run_of("prices"), tmp_path)
    (tmp_path / "copy" / "prices.csv").unlink()
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


def test_a_seed_changed_in_a_run_is_refused(tmp_path: Path) -> None:
    run = copied(run_of("circles"), tmp_path)
    path = run.path / "config.yaml"
    path.write_text(path.read_text().replace("seed: 0", "seed: 1"))
    assert "config.yaml" in str(problem_of(evaluate_run, run, tmp_path))


@pytest.mark.parametrize(
    "content", ["row,part\n0,train\n1,tset\n", "row,part\n-1,train\n", "row,part\n9999,test\n", ""]
)
def test_a_split_that_does_not_fit_is_refused(tmp_path: Path, content: str) -> None:
    run = copied(run_of("circles"), tmp_path)
    run.write("split.csv", content)
    run.save()
    with pytest.raises(RnaError):
        evaluate_run(open_run(run.path), tmp_path)


def test_a_run_that_was_moved_with_its_data_is_evaluated(tmp_path: Path) -> None:
    run = copied(run_of("flowers"), tmp_path)
    shutil.move(tmp_path / "copy", tmp_path / "moved to ñ")
    moved = open_run(tmp_path / "moved to ñ" / "runs" / run.path.name)
    assert evaluate_run(moved, tmp_path).measures == run.record["results"]["test"]


# Without a test part


def untrained(folder: Path, text: str, data: dict[str, Any]) -> Run:
    made = experiment(text, folder, dataset=data, epochs=0)
    with without_pictures():
        return train_network(made, folder / "runs", folder)


@pytest.mark.parametrize(("split", "part"), [({"validation": 20}, "validation"), ({}, "train")])
def test_without_a_test_part_the_figures_are_of_the_next_best_rows(
    tmp_path: Path, split: dict[str, Any], part: str
) -> None:
    run = untrained(tmp_path, IRIS, {"sklearn": "load_iris", "split": split})
    assert run.record["held_out"] == part
    assert figures(run).part == part


def test_a_test_part_with_one_class_has_the_scores_that_it_can_have(tmp_path: Path) -> None:
    write_data(tmp_path)
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    ordered = [lines[0], *sorted(lines[1:], key=lambda line: line.endswith("yes"))]
    (tmp_path / "answers.csv").write_text("\n".join(ordered) + "\n")
    run = untrained(tmp_path, LOGITS, {"csv": "answers.csv", "target": "answer", "split": {"test": {"last": 5}}})
    assert set(run.record["scores"]) == {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}


def test_very_many_classes_are_scored_without_counting_pairs() -> None:
    """The counts of 20,000 classes, each against each, would be 3 GB."""
    truth, predicted = np.arange(1001), np.roll(np.arange(1001), 1)
    assert count_confusion(truth, predicted, 1001).shape == (0, 0)
    assert count_confusion(truth[:1000], predicted[:1000], 1000).shape == (1000, 1000)
    assert "roc_auc" not in score_classes(truth, predicted, np.full((1001, 1001), 1 / 1001))
