"""Which of two classes is the positive one, and that all that is of one class is of it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, only_task, problem_of, some_slow, without_pictures
from sklearn import metrics

from rnacli.commands.app import main
from rnacli.commands.evaluate import show_evaluation
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.plots.learning_curve import draw
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.tasks.positive import likely_positive
from rnacli.tasks.score_names import name_score
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network


def patients(folder: Path, words: tuple[str, str] = ("Sano", "Enfermo"), units: int = 1, **keys: Any) -> Config:
    """Rows of which a third is of the second of two classes, hard to tell from the others."""
    random = np.random.default_rng(3)
    ill = random.random(120) < 0.35
    x = random.normal(size=120) + ill
    rows = [f"{value:.3f},{words[int(each)]}" for value, each in zip(x, ill, strict=True)]
    (folder / "patients.csv").write_text("\n".join(["x,state", *rows]) + "\n", "utf-8")
    dataset = {"csv": "patients.csv", "target": "state", "split": {"test": 0.3, "validation": 0.2}, **keys}
    made: dict[str, Any] = {"dataset": dataset, "metrics": ["precision", "recall"], "threshold": "f1"}
    made["layers"] = [{"dense": {"units": units, "activation": "sigmoid" if units == 1 else "softmax"}}]
    if units == 2:
        made |= {"loss": "sparse_categorical_crossentropy", "metrics": [], "threshold": 0.5}
    return experiment(CIRCLES, folder, **made, epochs=2)


@pytest.mark.parametrize(
    ("labels", "counts", "positive"),
    [
        (["Enfermo", "Sano"], [50, 50], "Enfermo"),
        (["no", "Sí"], [9, 1], "Sí"),
        (["Sí", "no"], [9, 1], "Sí"),
        (["False", "True"], [1, 9], "True"),
        (["Ja", "Nein"], [9, 1], "Ja"),
        (["Não", "outro"], [9, 1], "outro"),
        (["POSITIVO", "negativo"], [9, 1], "POSITIVO"),
        (["0", "1"], [1, 9], "1"),
        (["-1", "1"], [1, 9], "1"),
        (["1", "2"], [1, 9], "1"),
        (["<=50K", ">50K"], [76, 24], ">50K"),
        (["b", "g"], [24, 76], "b"),
        (["positive", "yes"], [2, 8], "positive"),  # both mean yes
        (["a", "b"], [5, 5], "b"),
    ],
)
def test_the_positive_class_means_yes_or_is_the_rarer_one(labels: list[str], counts: list[int], positive: str) -> None:
    assert labels[likely_positive(labels, labels, counts)] == positive


@pytest.mark.parametrize(
    ("named", "units"), [("Enfermo", 1), ("Sano", 2), *some_slow([("Enfermo", 2), ("Sano", 1)], 1)]
)
def test_everything_that_is_of_one_class_is_of_the_positive_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str, units: int
) -> None:
    keys = {} if named == "Enfermo" else {"positive": named}
    config = patients(tmp_path, units=units, **keys)
    with without_pictures():
        run = train_network(config, tmp_path, tmp_path)
    known = only_task(load_preprocessing((run.path / "preprocessing.json").read_bytes(), "", ["y"]))
    assert known.positive == run.record["data"]["positive"] == run.config().dataset.positive == named
    table = list(csv.DictReader(io.StringIO((run.path / "predictions.csv").read_text("utf-8"))))
    assert list(table[0])[-1] == f"probability_{named}"
    truth = np.array([row["truth"] == named for row in table])
    chosen = np.array([row["prediction"] == named for row in table])
    chances = np.array([float(row[f"probability_{named}"]) for row in table])
    result = evaluate_run(run, tmp_path)
    assert result.positive == result.plain()["positive"] == named
    assert result.scores["recall"] == pytest.approx(metrics.recall_score(truth, chosen))
    assert result.scores["precision"] == pytest.approx(metrics.precision_score(truth, chosen, zero_division=0))
    assert result.scores["average_precision"] == pytest.approx(metrics.average_precision_score(truth, chances))
    if units == 1:  # Keras' own count from 0.5
        assert result.measures["recall"] == pytest.approx(metrics.recall_score(truth, chances > 0.5))
        assert (chosen == (chances > known.threshold)).all()
    show_evaluation(result)
    shown = capsys.readouterr().out
    assert f"recall of {named} " in shown
    assert f"balanced_accuracy of {named}" not in shown


def test_check_says_the_positive_class_and_a_wrong_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = patients(tmp_path)
    (tmp_path / "config.yaml").write_text(json.dumps(config.document.value), "utf-8")
    with pytest.raises(SystemExit):
        main(["check", str(tmp_path / "config.yaml")])
    assert "positive class: Enfermo\n" in capsys.readouterr().out
    problem = problem_of(load_data, patients(tmp_path, positive="enfermo"), tmp_path, exit_code=2)
    assert (problem.message, problem.hint) == ("positive: 'enfermo' is no class of state", "did you mean Enfermo?")
    numbers = experiment(
        CIRCLES, dataset={"sklearn": "load_diabetes", "positive": "1"}, loss="mse", layers=[{"dense": 1}]
    )
    problem = problem_of(load_data, numbers, tmp_path, exit_code=2)
    assert problem.message == "positive is for two classes, and the task is regression"


def test_class_names_stay_with_their_labels(tmp_path: Path) -> None:
    task = only_task(load_data(patients(tmp_path, ("2", "1"), class_names=["yes", "no"]), tmp_path))
    assert (task.labels, task.classes) == (("2", "1"), ("no", "yes"))
    task = only_task(load_data(patients(tmp_path, ("2", "1"), positive="2"), tmp_path))
    assert (task.labels, task.positive) == (("1", "2"), "2")
    breast = experiment(CIRCLES, dataset={"sklearn": "load_breast_cancer", "positive": "malignant"})
    data = load_data(breast, tmp_path)
    assert only_task(data).classes == ("benign", "malignant")
    assert only_task(data).truth(data.rows.y).mean() == pytest.approx(212 / 569)


def test_a_run_that_knew_no_positive_class_stays_as_it_was(tmp_path: Path) -> None:
    """Its second class by order stays the positive one, in a new training of it too."""
    former = patients(tmp_path, positive="Sano")
    with without_pictures():
        run = train_network(former, tmp_path, tmp_path)
        text = (run.path / "config.yaml").read_text("utf-8")
        run.write("config.yaml", text.replace("  positive: Sano\n", ""))
        run.record["data"].pop("positive")
        run.save()
        assert run.config().dataset.positive is None
        assert evaluate_run(run, tmp_path).positive == "Sano"
        out = io.StringIO()
        predict_rows(run, tmp_path / "patients.csv", out)
        assert out.getvalue().partition("\n")[0] == "prediction,probability_Enfermo,probability_Sano"
        assert reproduce_run(run, tmp_path / "again", tmp_path).exact


def test_pictures_name_the_class() -> None:
    figure = draw({"loss": [1, 2], "recall": [0, 1]}, "recall", positive="Sano")
    assert figure.axes[0].get_ylabel() == "Recall of Sano"
    assert name_score("accuracy", "Sano") == "accuracy"
    assert name_score("recall", None) == "recall"
