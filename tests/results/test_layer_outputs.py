"""What a layer gives, in place of predictions."""

import io

import numpy as np
import pandas as pd
from fixtures import data_of, problem_of, run_of

from rnacli.errors import CONFIG
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.folder import Run


def outputs_of(run: Run, layer: str, columns: int) -> np.ndarray:
    output = io.StringIO()
    predict_rows(run, data_of(run) / "flowers.csv", output, options=PredictionOptions(layer=layer))
    table = pd.read_csv(io.StringIO(output.getvalue()))
    assert list(table)[-columns:] == [f"{layer}_{i}" for i in range(columns)]
    return table.to_numpy()[:, -columns:].astype(float)


def test_the_outputs_of_a_layer_are_a_column_each() -> None:
    """The last layer makes the run's own outputs of those of the one before it."""
    run = run_of("flowers")
    weights = np.load(run.path / "weights.npz", allow_pickle=False)
    kernel, bias = weights["2/dense_1/kernel"], weights["3/dense_1/bias"]
    hidden, last = outputs_of(run, "dense", len(kernel)), outputs_of(run, "dense_1", len(bias))
    powers = np.exp(hidden @ kernel + bias)
    np.testing.assert_allclose(last, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_layer_that_is_not_there_is_named() -> None:
    run, wrong = run_of("flowers"), PredictionOptions(layer="dens")
    rows = data_of(run) / "flowers.csv"
    problem = problem_of(predict_rows, run, rows, io.StringIO(), lambda rows: None, wrong, exit_code=CONFIG)
    assert (problem.place, problem.hint) == ("--layer", "did you mean dense?")
