"""Cross-validation: a run for each fold, one table of them, a prediction for each row, and a stop that resumes."""

import csv
import io
import json
import shutil
import signal
import statistics
import unittest.mock
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import CIRCLES, OnTime, experiment, problem_of, rna, unpainted, without_pictures
from sklearn import metrics
from sklearn.preprocessing import StandardScaler

from rnacli.commands.app import main
from rnacli.commands.runs import show_rows, tabulate
from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.plots.folds import draw_folds
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.find import find_folds, find_run, newest_runs, open_folds, open_run
from rnacli.runs.open import load_run
from rnacli.signals import answers
from rnacli.training.cross_validate import CrossValidation, cross_validate, resume_folds
from rnacli.training.train import train_network


def patients(folder: Path, **changes: Any) -> Config:
    """Rows of two classes of about the same size, by name and with a group."""
    random = np.random.default_rng(9)
    ill = random.random(45) < 0.5
    x = random.normal(size=45) * 20 + 50 + 25 * ill
    rows = [f"p{i},{x[i]:.2f},{'ab'[int(ill[i])]},g{i % 12}" for i in range(45)]
    (folder / "patients.csv").write_text("\n".join(["name,x,state,town", *rows]) + "\n", "utf-8")
    dataset = {"csv": "patients.csv", "target": "state", "id": "name", "features": ["x"], "split": {"folds": 3}}
    layers = [{"dense": {"units": 1, "activation": "sigmoid"}}]
    return experiment(CIRCLES, folder, **{"dataset": dataset, "layers": layers, "epochs": 2} | changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> CrossValidation:
    folder = tmp_path_factory.mktemp("folds")
    return cross_validate(patients(folder), folder / "runs", folder)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_scores_are_those_of_the_predictions_of_rows_that_were_in_no_training(whole: CrossValidation) -> None:
    predictions = pd.read_csv(whole.path / "predictions.csv")
    assert predictions["row"].tolist() == list(range(45))
    assert predictions["id"].tolist() == [f"p{i}" for i in range(45)]
    positive = whole.runs[0].record["data"]["positive"]
    found = table(whole.path / "folds.csv")
    recomputed: dict[str, list[float]] = {"accuracy": [], "recall": [], "roc_auc": []}
    for fold, row in enumerate(found, 1):
        of_fold = predictions[predictions["fold"] == fold]
        truth = of_fold["truth"] == positive
        scores = {
            "accuracy": metrics.accuracy_score(of_fold["truth"], of_fold["prediction"]),
            "recall": metrics.recall_score(truth, of_fold["prediction"] == positive),
            "roc_auc": metrics.roc_auc_score(truth, of_fold[f"probability_{positive}"]),
        }
        assert int(row["test"]) == len(of_fold) == 45 - int(row["train"])
        for name, score in scores.items():
            assert float(row[name]) == pytest.approx(score)
            recomputed[name].append(score)
    for name, each in recomputed.items():
        wanted = (statistics.fmean(each), statistics.stdev(each), min(each), max(each))
        assert whole.summary()[name] == pytest.approx(wanted)


def drawn_of(whole: CrossValidation) -> dict[str, dict[str, Any]]:
    """The pictures of a cross-validation by their names: the arguments of what draws them."""
    wanted: list[dict[str, Any]] = []

    def keep(pictures: Any, form: str) -> list[bytes]:
        wanted.extend(values for _, values in pictures)
        return [b""] * len(wanted)

    with unittest.mock.patch("rnacli.plots.paint.paint_pictures", keep):
        names = [path.name for path in draw_folds(whole.path, whole.runs)]
    return dict(zip(names, wanted, strict=True))


def test_the_pictures_are_of_all_folds_and_those_of_one_are_drawn_when_asked_for(
    whole: CrossValidation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {path.name: path.read_bytes() for path in (whole.path / "plots").iterdir()}
    assert all(content.startswith(b"\x89PNG") for content in found.values())
    assert not [*whole.path.glob("fold_*/plots")]
    drawn = drawn_of(whole)
    assert drawn.keys() == found.keys() == {"loss.png", "accuracy.png", "confusion_matrix.png"}
    histories = [pd.read_csv(run.path / "history.csv") for run in whole.runs]
    curves = np.array([history["loss"] for history in histories])
    assert drawn["loss.png"]["history"]["loss"] == pytest.approx(curves.mean(axis=0))
    lowest, *_, highest = drawn["loss.png"]["bands"]["loss"]
    assert (lowest, highest) == (pytest.approx(curves.min(axis=0)), pytest.approx(curves.max(axis=0)))
    predictions, matrix = pd.read_csv(whole.path / "predictions.csv"), drawn["confusion_matrix.png"]
    counts = metrics.confusion_matrix(predictions["truth"], predictions["prediction"], labels=matrix["classes"])
    assert matrix["counts"].tolist() == counts.tolist()
    folder = tmp_path / "runs" / whole.path.name
    shutil.copytree(whole.path, folder)
    shutil.copy(whole.path.parent.parent / "patients.csv", tmp_path)
    shutil.rmtree(folder / "plots")
    for name, files in ((folder.name, {*found}), (f"{folder.name}/fold_2", {*found, "data.png", "roc.png"})):
        with unpainted(), pytest.raises(SystemExit) as ended:
            main(["plot", name, "--runs", str(tmp_path / "runs")])
        assert not ended.value.code
        assert files <= {Path(line).name for line in capsys.readouterr().out.splitlines()}
    record = open_run(folder / "fold_2").record["files"]
    assert {name for name in record if name.startswith("plots/")} >= {"plots/data.png", "plots/roc.png"}
    failing = unittest.mock.patch("rnacli.plots.folds.draw_answers", side_effect=ValueError("odd"))
    with unpainted(), failing, pytest.raises(RnaError, match="ValueError: odd"):
        list(draw_folds(folder, whole.runs))
    assert {path.name for path in (folder / "plots").iterdir()} >= {"loss.png", "accuracy.png"}
    (folder / "folds.csv").unlink()
    assert "rna train --resume" in problem_of(open_folds, folder).hint


def test_each_fold_learns_from_its_own_training_rows_alone(whole: CrossValidation) -> None:
    rows = pd.read_csv(whole.path.parent.parent / "patients.csv")["x"].to_numpy()
    tested = pd.read_csv(whole.path / "predictions.csv").set_index("row")["fold"]
    for fold, run in enumerate(whole.runs, 1):
        scaler = StandardScaler().fit(rows[tested[tested != fold].index][:, None])
        (column,) = json.loads((run.path / "preprocessing.json").read_text("utf-8"))["inputs"]["columns"]
        assert column["offset"] == pytest.approx(scaler.mean_[0])
        assert column["divisor"] == pytest.approx(scaler.scale_[0])


def test_folds_are_listed_and_found_as_runs_are(whole: CrossValidation, capsys: pytest.CaptureFixture[str]) -> None:
    runs = whole.path.parent
    show_rows(*tabulate(newest_runs(runs, None), runs))
    names = [f"{whole.path.name}/fold_{fold}" for fold in (1, 2, 3)]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if "fold_" in line] == names
    assert find_run("latest", runs).path == find_run(names[2], runs).path == whole.runs[2].path
    assert find_folds("latest", runs) == whole.path


def test_each_fold_is_an_ordinary_run(whole: CrossValidation, tmp_path: Path) -> None:
    config = patients(tmp_path)
    split = {"folds": 3, "fold": 2}
    with without_pictures():
        alone = train_network(
            patients(tmp_path, dataset={**config.document.value["dataset"], "split": split}), tmp_path, tmp_path
        )
    run = find_run("fold_2", whole.path)
    for name in ("weights.npz", "predictions.csv", "split.csv", "preprocessing.json"):
        assert (run.path / name).read_bytes() == (alone.path / name).read_bytes()
    result = evaluate_run(run, tmp_path)
    assert result.scores["accuracy"] == whole.scores[1]["accuracy"]
    assert load_run(run).config.dataset.split.fold == 2
    # Which class is rarer differs from fold to fold, and which one is positive does not.
    assert len({each.record["data"]["positive"] for each in whole.runs}) == 1
    hint = problem_of(open_run, whole.path).hint
    assert f"{whole.path}/fold_1" in hint


def test_a_cross_validation_that_was_stopped_goes_on(whole: CrossValidation, tmp_path: Path) -> None:
    """Folds that are trained stay as they are, one that was begun is resumed, and the others are trained."""
    folder = tmp_path / "runs" / whole.path.name
    shutil.copytree(whole.path, folder)
    shutil.copy(whole.path.parent.parent / "patients.csv", tmp_path)
    for name in ("folds.csv", "predictions.csv", "fold_2/run.json"):
        (folder / name).unlink()
    shutil.rmtree(folder / "fold_3")
    kept = (folder / "fold_1" / "run.json").read_bytes()
    with without_pictures():
        again = resume_folds(folder, tmp_path)
    assert (folder / "fold_1" / "run.json").read_bytes() == kept
    assert again.summary() == whole.summary()
    for name in ("folds.csv", "predictions.csv"):
        assert (folder / name).read_bytes() == (whole.path / name).read_bytes()


@pytest.mark.slow
def test_the_command_shows_one_table_and_goes_on_after_a_signal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = patients(tmp_path, epochs=40)
    (tmp_path / "config.yaml").write_text(json.dumps(config.document.value), "utf-8")
    stopped = OnTime("train", "config.yaml", cwd=tmp_path, word="fold 2", number=signal.SIGINT)
    (folder,) = (tmp_path / "runs").iterdir()
    assert stopped.returncode == 130
    assert find_folds(folder.name, tmp_path / "runs") == folder
    done = rna("train", "--resume", folder, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    assert "test rows of 3 folds" in done.stderr
    assert "retracing" not in done.stderr
    assert len(table(folder / "predictions.csv")) == 45
    with pytest.raises(SystemExit):
        main(["train", "--resume", str(folder), "--set", "epochs=9"])
    assert "keep their config" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["check", str(tmp_path / "config.yaml")])
    assert "fold 1 of 3; rna train trains each" in capsys.readouterr().out


def test_a_signal_between_folds_says_how_they_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first fold nothing is left, and there is nothing to go on with."""
    said: list[str | None] = []

    def train_folds(config: Config, folder: Path, *others: Any) -> None:
        (folder / "fold_1").mkdir()
        said.append(answers[-1](2))
        assert folder.is_dir()
        shutil.rmtree(folder / "fold_1")
        said.append(answers[-1](2))
        said.append(str(folder))
        assert not folder.exists()

    monkeypatch.setattr("rnacli.training.cross_validate.train_folds", train_folds)
    cross_validate(experiment(CIRCLES), tmp_path, tmp_path)
    assert said[:2] == [f"continue with rna train --resume {said[2]}", ""]


def test_numbers_have_scores_in_their_own_units(tmp_path: Path) -> None:
    dataset = {"sklearn": "load_diabetes", "split": {"folds": 2, "seed": 3}, "scale": "standard"}
    config = patients(tmp_path, dataset=dataset, layers=[{"dense": 1}], loss="mse", metrics=["mae"])
    with without_pictures():
        whole = cross_validate(config, tmp_path, tmp_path)
    predictions = pd.read_csv(whole.path / "predictions.csv")
    for fold, scores in enumerate(whole.scores, 1):
        of_fold = predictions[predictions["fold"] == fold]
        assert scores["r2"] == pytest.approx(metrics.r2_score(of_fold["truth"], of_fold["prediction"]))
    drawn = drawn_of(whole)
    assert drawn.keys() == {"loss.png", "mae.png", "prediction.png"}
    for name in ("truth", "prediction"):
        assert sorted(drawn["prediction.png"][name]) == pytest.approx(sorted(predictions[name]))


def test_nothing_is_left_of_folds_that_cannot_begin(tmp_path: Path) -> None:
    config = patients(tmp_path, layers=[{"dense": {"units": 2, "activation": "sigmoid"}}])
    assert "2 units" in problem_of(cross_validate, config, tmp_path / "runs", tmp_path).message
    assert list((tmp_path / "runs").iterdir()) == []
