"""Texts in a table as an input of a network: trained, asked, killed and resumed, and what is refused."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, problems_of, without_pictures
from kill import differences

from rnacli.checks.check import check_experiment
from rnacli.data import views
from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.find import find_run, open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network

TEXTS = """\
name: texts
dataset:
  csv: texts.csv
  target: kind
  features: [text]
  columns: {text: {kind: text, max_tokens: 30}}
  split: {test: 0.25}
layers:
  - embedding: {output_dim: 4, mask_zero: true}
  - lstm: {units: 3, dropout: 0.2}
  - dropout: 0.2
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: 0.05}
epochs: 4
batch_size: 16
checkpoint: {every: 1}
"""
WORDS = {
    "ham": ["casa", "sol", "árbol", "libro", "tú", "y", "el", "la"],
    "spam": ["GANA", "premio", "ya!", "gratis", "llama", "y", "el", "la"],
}
BAG = {"csv": "texts.csv", "target": "kind", "columns": {"text": {"output_mode": "tf_idf"}}, "split": {"test": 0.25}}
DENSE = [
    {"dense": {"units": 4, "activation": "relu"}},
    {"dropout": 0.2},
    {"dense": {"units": 1, "activation": "sigmoid"}},
]


MEAN = [{"embedding": {"output_dim": 4, "mask_zero": True}}, "global_average_pooling1d", *DENSE]


class Killed(BaseException):
    """Stands for the end of the process."""


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends training in the first step after some epochs."""

    def __init__(self, epochs: int):
        super().__init__()
        self.left = epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.left -= 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.left <= 0:
            raise Killed


def write_texts(folder: Path, rows: int = 90, fewest: int = 1) -> None:
    """Two kinds of texts of one to eight words, two of them without any, and a number beside each."""
    random = np.random.default_rng(0)
    lines = ["text,kind,size"]
    for i in range(rows):
        kind = "spam" if i % 3 == 0 else "ham"
        words = " ".join(random.choice(WORDS[kind], random.integers(fewest, 9)).tolist())
        lines.append(f'"{"" if i in (7, 50) else words}",{kind},{random.normal():.3f}')
    (folder / "texts.csv").write_text("\n".join(lines) + "\n", "utf-8")


def texts(folder: Path, **changes: Any) -> Config:
    if not (folder / "texts.csv").exists():
        write_texts(folder)
    return experiment(TEXTS, folder, **changes)


def train(config: Config, folder: Path, name: str = "runs") -> Run:
    with without_pictures():
        return train_network(config, folder / name, folder / "cache")


def predict(run: Run, folder: Path, *cells: str) -> list[dict[str, str]]:
    """What a run says of some texts in a file of their own."""
    (folder / "new.csv").write_text("\n".join(["text", *(f'"{cell}"' for cell in cells)]) + "\n", "utf-8")
    output = io.StringIO()
    predict_rows(run, folder / "new.csv", output)
    return list(csv.DictReader(io.StringIO(output.getvalue())))


def test_a_network_on_texts_is_trained_evaluated_and_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = train(texts(tmp_path, epochs=20), tmp_path)
    opened = load_run(run)
    ((name, spec),) = opened.preprocessing.encoder.inputs.items()
    assert (name, spec.shape, spec.dtype) == ("text", (8,), "int32")
    assert opened.config.layers[0].arguments["input_dim"] == spec.tokens == 15
    assert "input_dim: 15" in (run.path / "config.yaml").read_text()
    final = evaluate_run(run, tmp_path / "cache")
    assert final.scores["accuracy"] > 0.8
    caplog.set_level("INFO")
    several = predict(run, tmp_path, "¡GRATIS! premio", "el árbol y la casa", "", "ÁRBOL nuevo", "casa " * 50)
    assert [row["prediction"] for row in several[:2]] == ["spam", "ham"]
    assert "text: 1 of 59 words is unknown: 'nuevo'" in caplog.text
    assert "text: 1 of 5 rows has no value" in caplog.text
    for i, cell in ((2, ""), (3, "ÁRBOL nuevo")):
        assert predict(run, tmp_path, cell) == [several[i]]  # alone as in company, digit for digit
    model = keras.models.load_model(run.path / "model.keras")
    assert model.inputs[0].dtype == "int32"
    words = opened.preprocessing.columns.learnt[0].numbers  # type: ignore[union-attr]
    row = np.array([[words["árbol"], 1] + [0] * 6], "int32")
    assert f"{float(model(row)[0, 0]):.4f}" == f"{float(several[3]['probability_spam']):.4f}"


def test_texts_stand_beside_other_columns_as_an_input(tmp_path: Path) -> None:
    layers = [
        {"embedding": {"output_dim": 3, "from": "text"}}, {"global_average_pooling1d": {"name": "words"}},
        {"concatenate": ["words", "columns"]}, {"dense": {"units": 1, "activation": "sigmoid"}},
    ]  # fmt: skip
    both = {"csv": "texts.csv", "target": "kind", "columns": {"text": "text"}, "split": {"test": 0.25}}
    data = load_data(texts(tmp_path, layers=layers, dataset=both), tmp_path)
    assert dict(data.preprocessing.encoder.inputs) == {
        "columns": InputSpec((1,)), "text": InputSpec((8,), "int32", tokens=15),
    }  # fmt: skip
    run = train(texts(tmp_path, layers=layers, dataset=both, epochs=1), tmp_path)
    assert evaluate_run(run, tmp_path / "cache").rows == 23


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"layers": MEAN}, 2),
        pytest.param({}, 2, marks=pytest.mark.slow),
        pytest.param({"layers": MEAN, "engine": {"fuse": False}}, 2, marks=pytest.mark.slow),
        pytest.param({"dataset": BAG | {"features": ["text"]}, "layers": DENSE}, 1, marks=pytest.mark.slow),
    ],
)
def test_a_stopped_training_on_texts_ends_as_if_it_had_not_been(
    tmp_path: Path, plain: None, changes: dict[str, Any], after: int
) -> None:
    config = texts(tmp_path, **changes)
    expected = train(config, tmp_path)
    with pytest.raises(Killed):
        train_network(config, tmp_path / "stopped", tmp_path / "cache", [Killer(after)])
    run = find_run("latest", tmp_path / "stopped")
    assert not differences(expected.path, resume_run(open_run(run.path), tmp_path / "cache").path)


def test_many_inputs_that_stay_unmade_train_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = texts(tmp_path, dataset=BAG | {"features": ["text"]}, layers=DENSE)
    one = train(config, tmp_path)
    monkeypatch.setattr(views, "MOST_RESIDENT", 1000)
    assert not load_data(config, tmp_path).rows.x.resident
    assert not differences(one.path, train(config, tmp_path, "others").path)


# Layers and data


@pytest.mark.parametrize(
    ("columns", "layers", "said", "hint"),
    [
        ({"kind": "text"}, [{"embedding": {"input_dim": 9, "output_dim": 2}}, "flatten"],
         "embedding knows the numbers 0 to 8, and those of words go up to 14", "leave input_dim out, or input_dim: 15"),
        ({"output_mode": "count"}, [{"embedding": {"input_dim": 900, "output_dim": 2}}, "flatten"],
         "'text' says of each word how often it is there", "columns: {text: {kind: text, output_mode: int}}"),
        ({"output_mode": "count"}, [{"embedding": {"output_dim": 2}}, "flatten"], "embedding needs input_dim", ""),
    ],
)  # fmt: skip
def test_a_layer_that_does_not_fit_texts_is_refused(
    tmp_path: Path, columns: dict[str, Any], layers: list[Any], said: str, hint: str
) -> None:
    data = {"csv": "texts.csv", "target": "kind", "features": ["text"], "columns": {"text": columns}}
    config = texts(tmp_path, dataset=data, layers=[*layers, {"dense": {"units": 1, "activation": "sigmoid"}}])
    try:
        (problem,) = check_experiment(config, tmp_path).wrong
    except RnaError as error:
        (problem,) = error.problems
    assert said in problem.message
    assert hint in problem.hint


def test_a_layer_that_counts_with_numbers_of_words_is_doubted(tmp_path: Path) -> None:
    data = {"csv": "texts.csv", "target": "kind", "features": ["text"], "columns": {"text": "text"}}
    (doubt,) = check_experiment(texts(tmp_path, dataset=data, layers=DENSE), tmp_path).doubtful
    assert "dense counts with the numbers of words" in doubt.message
    assert "{text: {kind: text, output_mode: tf_idf}}" in doubt.hint


def test_numbers_of_words_are_joined_with_no_others(tmp_path: Path) -> None:
    data: dict[str, Any] = {"csv": "texts.csv", "target": "kind", "columns": {"text": "text"}}
    problem = problem_of(check_experiment, texts(tmp_path, layers=DENSE, dataset=data), tmp_path, exit_code=CONFIG)
    assert "say which one it takes: from: columns" in problem.hint
    problem = problem_of(check_experiment, texts(tmp_path, dataset=data), tmp_path, exit_code=CONFIG)
    assert "embedding: {from: text, ...}" in problem.hint
    data["inputs"] = {"all": "rest"}
    problem = problem_of(check_experiment, texts(tmp_path, layers=DENSE, dataset=data), tmp_path, exit_code=CONFIG)
    assert "input all joins the words of 'text' with other columns" in problem.message


@pytest.mark.parametrize(
    ("dataset", "said", "hint"),
    [
        ({"columns": {"kind": {"kind": "text"}}}, "kind is the target, and texts are for inputs", "remove it"),
        ({"columns": {"text": {"kind": "text", "max_tokens": 1}}}, "from 3 to 1000000, got 1", ""),
        ({"columns": {"text": {"kind": "text", "encode": "embedding"}}}, "encode is not for texts", "max_tokens"),
        ({"columns": {"text": {"kind": "categorical", "ngrams": 2}}}, "ngrams is only for texts", "kind: text"),
        ({"columns": {"text": {"min_count": 2, "ngrams": 2}}}, "ngrams is only for texts", "kind: text"),
        ({"columns": {"text": {"output_mode": "count", "output_sequence_length": 9}}}, "texts are not cut", "int"),
        ({"columns": {"text": {"kind": "text", "standardize": "upper"}}}, "got 'upper'", ""),
        ({"columns": {"text": {"kind": "text", "fill": "median"}}}, "holds texts", "fill: drop"),
        ({"columns": {"text": "text"}, "stream": True}, "is read into memory", "leave stream out"),
        ({"columns": {"text": {"kind": "text", "fill": "error"}}}, "missing", ""),
    ],
)
def test_what_texts_cannot_have_is_said(tmp_path: Path, dataset: dict[str, Any], said: str, hint: str) -> None:
    def check() -> None:
        check_experiment(texts(tmp_path, dataset={"csv": "texts.csv", "target": "kind"} | dataset), tmp_path)

    (problem, *_) = problems_of(check)
    assert said in problem.message
    assert hint in problem.hint


def test_a_column_of_sentences_is_told_of_texts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_texts(tmp_path, 400, 5)
    data = {"csv": "texts.csv", "target": "kind"}
    layers = [{"dense": {"units": 1, "activation": "sigmoid"}}]
    problem = problem_of(load_data, experiment(TEXTS, tmp_path, dataset=data, layers=layers), tmp_path)
    assert "most of them sentences" in problem.message
    assert "columns: {text: {kind: text}}" in problem.hint
    write_texts(tmp_path, 60, 5)
    load_data(experiment(TEXTS, tmp_path, dataset=data, layers=layers), tmp_path)
    assert "nearly one for each; its words are read by columns: {text: {kind: text}}" in caplog.text


def test_an_embedding_has_its_size_where_there_are_no_words(tmp_path: Path) -> None:
    numbers = {"csv": "texts.csv", "target": "kind", "features": ["size"]}
    assert "embedding needs input_dim" in problem_of(lambda: texts(tmp_path, dataset=numbers), exit_code=CONFIG).message
    inner = [{"time_distributed": {"layer": {"embedding": {"output_dim": 2}}}}]
    assert "embedding needs input_dim" in problem_of(lambda: texts(tmp_path, layers=inner), exit_code=CONFIG).message
    config = texts(tmp_path)
    assert "input_dim" not in dump_config(config)
