"""``python tests/benchmarks/tables.py``: the shipped configs of tables beside scikit-learn, on the same rows.

``rna`` trains the config; a gradient boosting and three multilayer perceptrons of scikit-learn learn from the rows
that the run's ``split.csv`` calls train, and all of them are scored on the rows that it calls test. The validation
rows stop the training of ``rna``; scikit-learn takes its own, where it wants any, from the training rows.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from pandas.api.types import is_numeric_dtype
from report import write_csv
from run import ROOT, call, children_environment, rna
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, r2_score
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

HIDDEN = ((100,), (64, 32), (100, 100))
"""The hidden layers of the three perceptrons; each starts from a seed of its own."""
LARGE = 10_000
"""Training rows above which the perceptrons stop early, as the boosting does of itself; with fewer they are better
without, but for labels."""
FEWEST = 5
"""Words with fewer training rows are one category of the perceptrons' inputs."""
# fmt: off
ADULT = (
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship", "race",
    "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income",
)
# fmt: on

Scores = dict[str, float]
"""Metric -> score."""


@dataclass(frozen=True)
class Job:
    """A shipped config, and its data as scikit-learn is to see them.

    ``files``: in the folder of tables, in the order in which the split counts their rows; the second one is the test
    part. ``names``: what the columns are called, where the first line does not say it. ``words``: columns of numbers
    that the perceptrons take as categories, as the config does. ``strip``: what is taken off the ends of the labels.
    """

    kind: str
    files: tuple[str, ...]
    targets: tuple[str, ...]
    names: tuple[str, ...] = ()
    delimiter: str = ","
    words: tuple[str, ...] = ()
    strip: str = ""


CONFIGS = ROOT / "configs"
JOBS = {
    "adult": Job(
        "classes",
        ("adult-train.csv", "adult-test.csv"),
        ("income",),
        names=ADULT,
        words=("capital-gain", "capital-loss"),
        strip=".",
    ),
    "titanic": Job("classes", ("titanic.csv",), ("survived",), words=("pclass",)),
    "penguins": Job("classes", ("penguins.csv",), ("species",)),
    "wine_quality": Job("classes", ("winequality-red.csv",), ("quality",), delimiter=";"),
    "california_housing": Job("numbers", ("california-housing.csv",), ("median_house_value",)),
    "auto_mpg_two_targets": Job("numbers", ("auto-mpg.csv",), ("mpg", "acceleration")),
    "yeast": Job("labels", ("multilabel-yeast.csv",), tuple(f"Class{i}" for i in range(1, 15))),
}


@dataclass(frozen=True)
class Model:
    """What was fitted: its scores on the test rows, and the seconds that it took."""

    scores: Scores
    seconds: float


# The data


def read(job: Job, folder: Path) -> tuple[pd.DataFrame, Any]:
    """All columns but the targets, with a word for the words that are missing; the targets (n,) or (n, k)."""
    names = list(job.names) or None
    parts = [
        pd.read_csv(folder / file, sep=job.delimiter, names=names, skipinitialspace=True, na_values="?")
        for file in job.files
    ]
    table = pd.concat(parts, ignore_index=True)
    x = table.drop(columns=list(job.targets))
    for name in x.select_dtypes(exclude="number"):
        x[name] = x[name].astype("object").where(x[name].notna(), "missing").astype(str)
    y = table[list(job.targets)].to_numpy()
    if job.kind == "classes":
        return x, np.array([str(label).strip(job.strip) for label in y[:, 0]])
    return x, y if len(job.targets) > 1 else y[:, 0]


# The scores


def score(job: Job, truth: Any, predicted: Any) -> Scores:
    if job.kind == "classes":
        return {"accuracy": accuracy_score(truth, predicted), "F1, macro": f1_score(truth, predicted, average="macro")}
    if job.kind == "numbers":
        each = np.atleast_1d(r2_score(truth, predicted, multioutput="raw_values"))
        names = [f"R2, {name}" for name in job.targets] if len(each) > 1 else ["R2"]
        return dict(zip(names, each.tolist(), strict=True))
    return {
        "F1, micro": f1_score(truth, predicted, average="micro"),
        "F1, macro": f1_score(truth, predicted, average="macro", zero_division=0),
        "subset accuracy": accuracy_score(truth, predicted),
        "Hamming loss": hamming_loss(truth, predicted),
    }


def best(scores: Sequence[Scores]) -> Scores:
    """The best that any of them has of each metric."""
    return {name: (min if "loss" in name else max)(each[name] for each in scores) for name in scores[0]}


# scikit-learn


def boosting(job: Job, x: pd.DataFrame) -> Any:
    """Gradient boosting of histograms, one for each of several targets: numbers as they are, words by their number.

    On Adult this is better than its own treatment of categories, by 0.002, and as good as one input for each word.
    """
    words = [name for name in x if not is_numeric_dtype(x[name])]
    coded = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    inputs = ColumnTransformer([("words", coded, words)], remainder="passthrough")
    model = (HistGradientBoostingRegressor if job.kind == "numbers" else HistGradientBoostingClassifier)(random_state=0)
    if len(job.targets) > 1:
        model = (MultiOutputRegressor if job.kind == "numbers" else MultiOutputClassifier)(model)
    return make_pipeline(inputs, model)


def perceptrons(job: Job, x: pd.DataFrame, rows: int) -> Iterator[Any]:
    """Three networks with as much preparation as ``rna`` has: filled, scaled, one input for each word."""
    words = [name for name in x if name in job.words or not is_numeric_dtype(x[name])]
    one_hot = OneHotEncoder(min_frequency=FEWEST, handle_unknown="infrequent_if_exist", sparse_output=False)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    inputs = ColumnTransformer([("words", one_hot, words)], remainder=numbers)
    for seed, hidden in enumerate(HIDDEN):
        given: dict[str, Any] = {"hidden_layer_sizes": hidden, "random_state": seed, "max_iter": 500}
        given["early_stopping"] = rows > LARGE or job.kind == "labels"
        network = MLPRegressor(**given) if job.kind == "numbers" else MLPClassifier(**given)
        if job.kind == "numbers":
            network = TransformedTargetRegressor(network, transformer=StandardScaler())
        yield make_pipeline(clone(inputs), network)


def fitted(job: Job, model: Any, x: pd.DataFrame, y: Any, train: Any, test: Any) -> Model:
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 500 epochs are enough to compare with
        model.fit(x.iloc[train], y[train])
    predicted = model.predict(x.iloc[test])
    seconds = time.perf_counter() - began
    return Model(score(job, y[test], predicted), seconds)


def rivals(job: Job, x: pd.DataFrame, y: Any, train: Any, test: Any) -> tuple[Model, Model]:
    """The boosting, and the best of the perceptrons with the seconds of all three."""
    boosted = fitted(job, boosting(job, x), x, y, train, test)
    networks = [fitted(job, model, x, y, train, test) for model in perceptrons(job, x, len(train))]
    return boosted, Model(best([each.scores for each in networks]), sum(each.seconds for each in networks))


# rna


def train(name: str, data: Path, folder: Path, environment: dict[str, str]) -> tuple[Path, float]:
    """Train the shipped config on the files in the folder ``data``: the run, and the seconds of the whole command."""
    job, config = JOBS[name], CONFIGS / f"{name}.yaml"
    places = [f"dataset.csv={data / job.files[0]}", *(f"dataset.split.test={data / file}" for file in job.files[1:])]
    changes = [word for place in places for word in ("--set", place)]
    began = time.perf_counter()
    told = call(rna("train", str(config), "--runs", str(folder / "runs"), *changes), environment)
    return Path(told.splitlines()[-1]), time.perf_counter() - began


def features_of(run: Path) -> list[str]:
    """The columns that were the run's inputs."""
    learnt = json.loads((run / "preprocessing.json").read_text("utf-8"))
    return [str(name) for name in learnt["inputs"]["features"]]


def parts_of(run: Path) -> tuple[Any, Any]:
    """The training and the test rows of a run, counted from 0."""
    split = pd.read_csv(run / "split.csv").set_index("part")["row"]
    return split.loc[["train"]].to_numpy(), split.loc[["test"]].to_numpy()


def predictions_of(job: Job, run: Path, y: Any) -> tuple[Any, Any]:
    """The truth and the predictions of a run's test rows; the truth must be that of these rows in ``y``.

    Classes that the config has renamed get the labels of ``y`` again.
    """
    table = pd.read_csv(run / "predictions.csv", dtype=str, keep_default_na=False).set_index("row")
    table.index = table.index.astype(int)
    if job.kind == "classes":
        renamed = not set(table["truth"]) <= set(y)
        labels = dict(zip(table["truth"], y[table.index], strict=True)) if renamed else {}
        truth, predicted = (table[word].replace(labels).to_numpy(object) for word in ("truth", "prediction"))
    elif job.kind == "labels":
        truth, predicted = (multi_hot(table[word], job.targets) for word in ("truth", "prediction"))
    else:
        ends = [f"_{name}" for name in job.targets] if len(job.targets) > 1 else [""]
        columns = ([word + end for end in ends] for word in ("truth", "prediction"))
        truth, predicted = (table[names].to_numpy("float64").reshape(len(table), *y.shape[1:]) for names in columns)
    expected = y[table.index]
    same = np.allclose(truth, expected, rtol=1e-5) if job.kind == "numbers" else np.array_equal(truth, expected)
    if not same:
        sys.exit(f"{run}: not the same rows: the truth in predictions.csv is not that of these rows of the file")
    return truth, predicted


def multi_hot(cells: pd.Series, labels: Sequence[str]) -> Any:
    """``Class1|Class3`` as 0 and 1 for each label."""
    return np.array([[label in cell.split("|") for label in labels] for cell in cells], dtype=int)


def measured(job: Job, run: Path, y: Any, seconds: float) -> tuple[Model, float]:
    """The run's scores and the seconds of its whole command; beside them those of the training alone."""
    record = json.loads((run / "run.json").read_text("utf-8"))
    if record["status"] != "finished":
        sys.exit(f"{run}: {record['status']}")
    return Model(score(job, *predictions_of(job, run, y)), seconds), record["seconds"]["training"]


# All of it

COLUMNS = ("job", "metric", "rna", "HistGB", "MLP, best of three")


def lines(name: str, ours: Model, training: float, boosted: Model, network: Model) -> list[list[Any]]:
    """The job's lines of the report: one a metric, and the seconds."""
    table = [
        [name, metric, value, boosted.scores[metric], network.scores[metric]] for metric, value in ours.scores.items()
    ]
    return [
        *table,
        [name, "seconds of fitting (MLP: all three)", training, boosted.seconds, network.seconds],
        [name, "seconds of the whole command", ours.seconds, None, None],
    ]


def markdown(table: Sequence[Sequence[Any]]) -> str:
    rows = [f"| {' | '.join(COLUMNS)} |", "| --- | --- |" + " ---: |" * 3]
    before = ""
    for name, metric, *values in table:
        shown, before = "" if name == before else name, name
        form = ".1f" if metric.startswith("seconds") else ".4f"
        cells = ["" if each is None else format(each, form) for each in values]
        rows.append(f"| {' | '.join([shown, metric, *cells])} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the shipped configs of tables with scikit-learn.")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=tuple(JOBS), metavar="NAME", help=", ".join(JOBS))
    place = Path(tempfile.gettempdir(), "rna-tables")
    parser.add_argument("--output", type=Path, metavar="DIR", default=place, help="for the report (%(default)s)")
    options = parser.parse_args()
    folder = options.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = children_environment(folder)
    data = Path(environment["RNA_DATA"]) / "tabular"

    table: list[list[Any]] = []
    for name in options.jobs:
        print(name, file=sys.stderr, flush=True)
        job = JOBS[name]
        x, y = read(job, data)
        run, seconds = train(name, data, folder, environment)
        ours, training = measured(job, run, y, seconds)
        table += lines(name, ours, training, *rivals(job, x[features_of(run)], y, *parts_of(run)))

    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    versions = f"Python {platform.python_version()}, scikit-learn {sklearn.__version__}"
    report = f"{versions}, {os.cpu_count()} cores, load {load}\n\n{markdown(table)}\n"
    (folder / "tables.md").write_text(report, encoding="utf-8")
    write_csv(folder / "tables.csv", COLUMNS, table)
    print(report, end="")
    print(f"\n{folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
