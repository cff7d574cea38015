"""Scales that bend skewed numbers, against scikit-learn, for inputs and for targets."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import experiment, only_task, problem_of
from sklearn.preprocessing import PowerTransformer, RobustScaler, StandardScaler

from rnacli.encoders.scale import bend, straighten
from rnacli.examples.learnt import load_preprocessing
from rnacli.examples.load import load_data

DATASET: dict[str, Any] = {"csv": "d.csv", "target": "y", "split": {"test": 0.2}}
CONFIG = json.dumps({
    "dataset": DATASET,
    "layers": [{"dense": 4}, {"dense": 1}], "loss": "mean_squared_error", "optimizer": "adam", "epochs": 1,
})  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    x = np.exp(random.normal(0, 2, 200))
    pd.DataFrame({"x": x, "z": random.normal(size=200) ** 3, "y": x**1.5}).to_csv(tmp_path / "d.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("power", [None, 0.0, 0.5, 1.0, 2.0, 3.0, -1.5])
def test_what_is_bent_is_made_straight_again(power: float | None) -> None:
    values = np.array([0, 1e-9, 0.3, 7, 1e3, -1e-9, -0.3, -7, -1e3])
    np.testing.assert_allclose(straighten(bend(values, power), power), values, rtol=1e-6)


@pytest.mark.parametrize("scale", ["log", "power", "robust"])
def test_a_column_is_scaled_as_scikit_learn_scales_it(table: Path, scale: str) -> None:
    data = load_data(experiment(CONFIG, table, dataset={**DATASET, "columns": {"x": {"scale": scale}}}), table)
    train = data.parts["train"]
    raw = data.rows.x.take(np.arange(200))
    scaler = {"power": PowerTransformer(), "robust": RobustScaler(), "log": StandardScaler()}[scale]
    values = np.log1p(raw[:, :1]) if scale == "log" else raw[:, :1]
    wanted = scaler.fit(values[train]).transform(values)[:, 0]
    np.testing.assert_allclose(data.preprocessing.encoder.encode(raw)["columns"][:, 0], wanted, rtol=2e-5, atol=1e-6)
    again = load_preprocessing(data.preprocessing.dump(), "p", ["y"])
    np.testing.assert_array_equal(
        again.encoder.encode(raw)["columns"], data.preprocessing.encoder.encode(raw)["columns"]
    )


@pytest.mark.parametrize("scale", ["log", "power"])
def test_a_target_is_bent_for_the_network_alone(table: Path, scale: str) -> None:
    data = load_data(experiment(CONFIG, table, dataset={**DATASET, "columns": {"y": {"scale": scale}}}), table)
    task = only_task(load_preprocessing(data.preprocessing.dump(), "p", ["y"]))
    encoded = task.encode(data.rows.y)
    assert abs(encoded[data.parts["train"]].mean()) < 1e-5
    np.testing.assert_allclose(task.read(encoded).predicted[:, 0], data.rows.y, rtol=1e-3)


def test_a_logarithm_of_numbers_below_zero_is_refused(table: Path) -> None:
    call = lambda: load_data(  # noqa: E731
        experiment(CONFIG, table, dataset={**DATASET, "columns": {"z": {"scale": "log"}}}), table
    )
    problem = problem_of(call)
    assert "'z'" in problem.message
    assert problem.hint == "columns: {z: {scale: power}} takes any number"
