"""Classes in several columns, one 1 in each row: the same network and figures as from one column of words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, experiment, only_task, problem_of, without_pictures

from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.folder import Run
from rnacli.starter.propose import propose_experiment
from rnacli.training.train import train_network

NAMES = ("alto", "bajo", "medio")
RANDOM = np.random.default_rng(5)
CLASSES = np.arange(60) % 3
X = (RANDOM.normal(size=(60, 2)) + CLASSES[:, None]).round(4)


def table(folder: Path, rows: np.ndarray, names: tuple[str, ...] = NAMES, **keys: Any) -> dict[str, Any]:
    """A CSV of two inputs and the columns of classes, as a data set."""
    lines = [",".join(map(str, [*x, *row])) for x, row in zip(X.tolist(), rows.tolist(), strict=True)]
    (folder / "levels.csv").write_text("\n".join(["x,y," + ",".join(names), *lines]) + "\n", "utf-8")
    return {"csv": "levels.csv", "target": list(names), "split": {"test": 0.25, "stratify": True}} | keys


def levels(folder: Path, dataset: dict[str, Any], loss: str = "categorical_crossentropy", units: int = 3) -> Config:
    layers = [{"dense": {"units": units, "activation": "softmax"}}]
    made: dict[str, Any] = {"dataset": dataset, "layers": layers, "loss": loss, "epochs": 3, "metrics": None}
    return experiment(CIRCLES, folder, **made)


ONE_HOT = np.eye(3, dtype=int)[CLASSES]


HINGE = pytest.param("categorical_hinge", marks=pytest.mark.slow)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy", HINGE])
def test_columns_train_the_network_that_one_column_of_their_names_does(tmp_path: Path, run: Run, loss: str) -> None:
    named = [f"{a},{b},{NAMES[kind]}" for (a, b), kind in zip(X.tolist(), CLASSES.tolist(), strict=True)]
    (tmp_path / "words.csv").write_text("\n".join(["x,y,level", *named]) + "\n", "utf-8")
    one = {"csv": "words.csv", "target": "level", "split": {"test": 0.25, "stratify": True}}
    table(tmp_path, ONE_HOT)
    with without_pictures():
        words = train_network(levels(tmp_path, one, loss), tmp_path / "words", tmp_path)
        if loss != "categorical_crossentropy":
            run = train_network(levels(tmp_path, table(tmp_path, ONE_HOT), loss), tmp_path / "columns", tmp_path)
    runs = [run, words]
    for name in ("predictions.csv", "weights.npz", "split.csv"):
        first, second = ((run.path / name).read_bytes() for run in runs)
        assert first == second
    again = [
        evaluate_run(run, tmp_path, file=tmp_path / f) for run, f in zip(runs, ("levels.csv", "words.csv"), strict=True)
    ]
    assert again[0].plain() == again[1].plain()


def test_columns_keep_their_order(tmp_path: Path) -> None:
    names = ("medio", "alto", "bajo")
    data = load_data(levels(tmp_path, table(tmp_path, ONE_HOT, names)), tmp_path)
    assert only_task(data).classes == names
    (encoded,) = data.encoded_targets("train").values()
    np.testing.assert_array_equal(encoded, ONE_HOT[data.parts["train"]])


def test_arrays_number_their_classes(tmp_path: Path) -> None:
    np.savez(tmp_path / "levels.npz", x=X, y=ONE_HOT.astype("float32"))
    data = load_data(levels(tmp_path, {"npz": "levels.npz", "split": {"test": 0.25}}), tmp_path)
    assert only_task(data).classes == ("0", "1", "2")
    np.testing.assert_array_equal(only_task(data).truth(data.rows.y), CLASSES)


def test_two_columns_are_two_classes_of_which_one_is_positive(tmp_path: Path) -> None:
    two = np.eye(2, dtype=int)[(CLASSES == 0).astype(int)]  # a third is of the second column
    for named, positive in ((["no", "sí"], "sí"), (["sí", "no"], "sí"), (["a", "b"], "b"), (["b", "a"], "a")):
        data = load_data(levels(tmp_path, table(tmp_path, two, tuple(named)), units=2), tmp_path)
        assert only_task(data).positive == positive
        np.testing.assert_array_equal(only_task(data).truth(data.rows.y), two[:, named.index(positive)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("levels")
    with without_pictures():
        return train_network(levels(folder, table(folder, ONE_HOT)), folder, folder)


@pytest.mark.parametrize(
    ("row", "got"), [([1, 1, 0], "got 2"), ([0, 0, 0], "got 0"), ([0, 2, 0], "got 2"), ([0.5, 0.5, 0], "got 0.5")]
)
def test_a_row_with_none_or_two_is_named_by_its_line(tmp_path: Path, run: Run, row: list[float], got: str) -> None:
    rows = ONE_HOT.astype(float if 0.5 in row else int)
    rows[7] = row
    problem = problem_of(load_data, levels(tmp_path, table(tmp_path, rows)), tmp_path, exit_code=1)
    assert problem.place == "levels.csv:9"
    assert problem.message.startswith("expected one 1 among alto, bajo and medio")
    assert problem.message.endswith(got)
    np.savez(tmp_path / "levels.npz", x=X, y=rows)
    made = levels(tmp_path, {"npz": "levels.npz", "split": {"test": 0.25}})
    assert problem_of(load_data, made, tmp_path).place == "levels.npz: row 8"
    assert problem_of(lambda: evaluate_run(run, tmp_path, file=tmp_path / "levels.csv")).message == problem.message


def test_a_row_that_is_left_out_may_be_anything(tmp_path: Path) -> None:
    rows = np.where(np.arange(60)[:, None] == 7, "", ONE_HOT.astype(str))
    dropped = table(tmp_path, rows, columns={name: {"fill": "drop"} for name in NAMES})
    data = load_data(levels(tmp_path, dropped), tmp_path)
    assert sum(map(len, data.parts.values())) == 59


def test_init_takes_them_for_classes(tmp_path: Path) -> None:
    table(tmp_path, ONE_HOT)
    made = propose_experiment(str(tmp_path / "levels.csv"), NAMES, tmp_path / "made.yaml", tmp_path)
    assert "3 columns with one 1 in each row, so classes" in made.text
    (tmp_path / "made.yaml").write_text(made.text, "utf-8")
    from rnacli.experiment.load import load_config

    assert only_task(load_data(load_config(tmp_path / "made.yaml"), tmp_path)).classes == NAMES
