"""The comparison with scikit-learn: the same rows, the same truth, scores by hand; a job in small."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tables

from rnacli.experiment.load import load_config

HERE = Path(__file__).parent
SHIPPED = [pytest.param(name, id=name) for name in tables.JOBS if (tables.CONFIGS / f"{name}.yaml").exists()]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_job_predicts_what_its_config_predicts(name: str) -> None:
    data = load_config(tables.CONFIGS / f"{name}.yaml").dataset
    targets = [data.target] if isinstance(data.target, str) else list(data.target)
    job = tables.JOBS[name]
    assert targets == list(job.targets) or (len(targets) == 1 and targets[0].endswith("*"))
    assert Path(data.csv).name in {job.files[0], "mpg.csv", "housing.csv"}


@pytest.mark.parametrize("name", tables.JOBS)
def test_files_are_read_whole(name: str, data_dir: Path) -> None:
    rows = {"adult": 32561 + 16281, "titanic": 891, "penguins": 344, "wine_quality": 1599}
    rows |= {"california_housing": 20640, "auto_mpg_two_targets": 398, "yeast": 2417}
    job = tables.JOBS[name]
    x, y = tables.read(job, data_dir / "tabular")
    assert len(x) == len(y) == rows[name]
    assert y.shape[1:] == (() if len(job.targets) == 1 else (len(job.targets),))
    assert not set(job.targets) & set(x.columns)
    assert set(job.words) <= set(x.columns)


def test_both_files_of_adult_spell_the_labels_alike(data_dir: Path) -> None:
    _, y = tables.read(tables.JOBS["adult"], data_dir / "tabular")
    assert sorted(set(y)) == ["<=50K", ">50K"]
    # The counts that the authors of the data state.
    assert [(y[:32561] == ">50K").sum(), (y[32561:] == ">50K").sum()] == [7841, 3846]


def test_scores_of_labels() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
    predicted = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    scores = tables.score(tables.JOBS["yeast"], truth, predicted)
    assert scores == pytest.approx(
        {"F1, micro": 3 / 4, "F1, macro": 3 / 4, "subset accuracy": 1 / 2, "Hamming loss": 1 / 4}
    )


def test_scores_of_two_numbers() -> None:
    truth = np.array([[0.0, 1.0], [2.0, 3.0]])
    predicted = np.array([[0.0, 2.0], [2.0, 2.0]])
    scores = tables.score(tables.JOBS["auto_mpg_two_targets"], truth, predicted)
    assert scores == pytest.approx({"R2, mpg": 1.0, "R2, acceleration": 0.0})


def test_the_best_of_a_loss_is_the_least() -> None:
    scores = [{"accuracy": 0.5, "Hamming loss": 0.25}, {"accuracy": 0.75, "Hamming loss": 0.5}]
    assert tables.best(scores) == {"accuracy": 0.75, "Hamming loss": 0.25}


@pytest.mark.parametrize("kind", ["classes", "numbers", "two numbers", "labels"])
def test_predictions_are_read(kind: str, tmp_path: Path) -> None:
    job, head, lines, y = {
        "classes": (tables.JOBS["penguins"], "truth,prediction", ("a,b", "c,c"), np.array(["c", "b", "a"])),
        "numbers": (tables.JOBS["california_housing"], "truth,prediction", ("1,2", "3,4"), np.array([3.0, 9.0, 1.0])),
        "two numbers": (
            tables.JOBS["auto_mpg_two_targets"],
            "truth_mpg,prediction_mpg,truth_acceleration,prediction_acceleration",
            ("1,2,5,6", "3,4,7,8"),
            np.array([[3.0, 7.0], [9.0, 9.0], [1.0, 5.0]]),
        ),
        "labels": (
            tables.JOBS["yeast"],
            "truth,prediction",
            ("Class1|Class11,Class11", ",Class1"),
            np.array([[0] * 14, [1] * 14, [1, *[0] * 9, 1, 0, 0, 0]]),
        ),
    }[kind]
    (tmp_path / "predictions.csv").write_text(f"row,{head}\n2,{lines[0]}\n0,{lines[1]}\n", encoding="utf-8")
    truth, predicted = tables.predictions_of(job, tmp_path, y)
    assert np.array_equal(truth, y[[2, 0]])
    expected = {
        "classes": np.array(["b", "c"]),
        "numbers": np.array([2.0, 4.0]),
        "two numbers": np.array([[2.0, 6.0], [4.0, 8.0]]),
        "labels": np.array([[*[0] * 10, 1, 0, 0, 0], [1, *[0] * 13]]),
    }[kind]
    assert np.array_equal(predicted, expected)
    with pytest.raises(SystemExit, match="not the same rows"):
        tables.predictions_of(job, tmp_path, y[::-1])


def test_renamed_classes_get_their_labels_again(tmp_path: Path) -> None:
    lines = "row,truth,prediction\n2,yes,no\n0,no,no\n1,no,yes\n"
    (tmp_path / "predictions.csv").write_text(lines, encoding="utf-8")
    truth, predicted = tables.predictions_of(tables.JOBS["titanic"], tmp_path, np.array(["0", "0", "1"]))
    assert (truth.tolist(), predicted.tolist()) == (["1", "0", "0"], ["0", "0", "1"])
    with pytest.raises(SystemExit, match="not the same rows"):
        tables.predictions_of(tables.JOBS["titanic"], tmp_path, np.array(["0", "1", "1"]))


def test_the_parts_are_those_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "split.csv").write_text("row,part\n3,train\n0,train\n2,validation\n1,test\n", encoding="utf-8")
    train, test = tables.parts_of(tmp_path)
    assert (train.tolist(), test.tolist()) == ([3, 0], [1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["titanic", "auto_mpg_two_targets"])
def test_scikit_learn_learns_from_words_and_gaps(name: str, data_dir: Path) -> None:
    job = tables.JOBS[name]
    x, y = tables.read(job, data_dir / "tabular")
    known = {"titanic": ["pclass", "sex", "age", "fare", "embarked"], "auto_mpg_two_targets": list(x.columns[:6])}
    assert x[known[name]].isna().any(axis=None)
    rows = np.random.default_rng(0).permutation(len(x))
    for model in tables.rivals(job, x[known[name]], y, rows[:300], rows[300:]):
        assert all(0.5 < value < 1 for value in model.scores.values()), model
        assert model.seconds > 0


@pytest.mark.slow
@pytest.mark.skipif(not (tables.CONFIGS / "penguins.yaml").exists(), reason="not shipped")
def test_a_report(tmp_path: Path, data_dir: Path) -> None:
    command = [sys.executable, str(HERE / "tables.py"), "--jobs", "penguins", "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tables.md").read_text("utf-8") == done.stdout
    table = pd.read_csv(tmp_path / "tables.csv")
    assert list(table.columns) == list(tables.COLUMNS)
    ours, theirs = table.set_index("metric").loc["accuracy", ["rna", "MLP, best of three"]]
    assert ours >= theirs - 0.02
