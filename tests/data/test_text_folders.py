"""Folders of texts: one for each class, with or without folders for the parts; new texts; what is no text."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of, without_pictures

from rnacli.errors import DATA, RnaError
from rnacli.examples.load import Data, load_data
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.folder import Run
from rnacli.training.train import train_network

CONFIG_TEXT = """\
name: mails
dataset:
  text_folders: mails
  texts: {output_sequence_length: 6}
layers:
  - embedding: {output_dim: 4, mask_zero: true}
  - global_average_pooling1d
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: 0.05}
epochs: 25
"""
WORDS = {"ham": "mañana comemos en casa", "spam": "GANA dinero ¡gratis! ahora"}


def write_texts(folder: Path, count: int, parts: tuple[str, ...] = ("",)) -> None:
    for part in parts:
        for name, words in WORDS.items():
            (folder / part / name / "more").mkdir(parents=True, exist_ok=True)
            for i in range(count):
                place = folder / part / name / ("more" if i % 2 else "")
                (place / f"{i}.txt").write_text(f"{words} {part}{i}", "utf-8")
            (folder / part / name / ".hidden.txt").write_text("no")
            (folder / part / name / "picture.png").write_bytes(b"no text")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("texts")
    write_texts(folder / "mails", 20)
    with without_pictures():
        return train_network(experiment(CONFIG_TEXT, folder), folder / "runs", folder)


def read(folder: Path, **changes: Any) -> Data:
    dataset = {"text_folders": "mails", **changes}
    return load_data(experiment(CONFIG_TEXT, folder, dataset=dataset), folder)


def test_folders_are_classes_and_a_fifth_of_each_is_held_out(tmp_path: Path) -> None:
    write_texts(tmp_path / "mails", 10)
    data = read(tmp_path)
    (task,) = data.tasks.values()
    assert (task.classes, task.positive, len(data.rows.y)) == (("ham", "spam"), "spam", 20)
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 16, "test": 4}
    assert sorted(data.rows.y[data.parts["test"]].tolist()) == [0, 0, 1, 1]
    assert data.rows.ids is not None
    assert {"ham/0.txt", "ham/more/1.txt"} <= set(data.rows.ids)
    (column,) = data.preprocessing.columns or ()
    assert "manana" not in column.words  # type: ignore[attr-defined]
    assert {"mañana", "gana", "gratis"} <= set(column.words)  # type: ignore[attr-defined]


def test_folders_may_be_the_parts(tmp_path: Path) -> None:
    write_texts(tmp_path / "mails", 4, ("train", "val", "test"))
    data = read(tmp_path)
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 8, "validation": 8, "test": 8}
    (column,) = data.preprocessing.columns or ()
    assert "val0" not in column.words  # type: ignore[attr-defined]
    assert "train0" in column.words  # type: ignore[attr-defined]
    with pytest.raises(RnaError, match="the folder test is the test part"):
        read(tmp_path, split={"test": 0.2})


def test_the_class_names_choose_and_order_the_folders(tmp_path: Path) -> None:
    write_texts(tmp_path / "mails", 4)
    (tmp_path / "mails/other").mkdir()
    data = read(tmp_path, class_names=["spam", "ham"], positive="ham")
    (task,) = data.tasks.values()
    assert (task.classes, task.positive) == (("spam", "ham"), "ham")


def test_new_texts_are_predicted_by_file_folder_and_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/a.txt").write_text("dinero gratis")
    (tmp_path / "new/b.txt").write_text("comemos mañana", "utf-8")
    (tmp_path / "t.csv").write_text("text\ndinero gratis\ncomemos mañana\n", "utf-8")

    def predicted(*paths: Path) -> list[dict[str, str]]:
        stream = io.StringIO()
        predict_rows(run, list(paths), stream)
        return list(csv.DictReader(io.StringIO(stream.getvalue())))

    one, other = predicted(tmp_path / "new"), predicted(tmp_path / "new/a.txt", tmp_path / "new/b.txt")
    assert one == other
    assert [row["file"] for row in one] == [str(tmp_path / "new/a.txt"), str(tmp_path / "new/b.txt")]
    assert [row["prediction"] for row in one] == ["spam", "ham"]
    table = predicted(tmp_path / "t.csv")
    assert [row["probability_spam"] for row in table] == [row["probability_spam"] for row in one]
    (tmp_path / "none").mkdir()
    assert "no texts" in problem_of(predicted, tmp_path / "none").message


def test_a_run_is_evaluated_again_and_on_other_folders(run: Run, tmp_path: Path) -> None:
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]
    write_texts(tmp_path / "others", 3)
    other = evaluate_run(run, tmp_path, file=tmp_path / "others")
    assert (other.rows, other.scores["accuracy"]) == (6, 1.0)
    (tmp_path / "others/eggs").mkdir()
    assert "'eggs' is no class" in problem_of(evaluate_run, run, tmp_path, None, tmp_path / "others").message
    changed = run.path.parent.parent / "mails/ham/0.txt"
    before = changed.read_bytes()
    changed.write_bytes(b"x" * len(before))
    try:
        assert "the data have changed" in problem_of(evaluate_run, run, tmp_path).message
    finally:
        changed.write_bytes(before)


@pytest.mark.parametrize(
    ("spoil", "said", "hint", "code"),
    [
        (lambda f: (f / "ham/0.txt").write_bytes(b"caf\xe9"), "not utf-8 text", "encoding: cp1252", DATA),
        (lambda f: (f / "ham/0.txt").write_bytes(b"a\0b"), "a NUL byte", "delete it", DATA),
        (lambda f: (f / "ham/0.txt").write_text("hola", "utf-16"), "UTF-16", "encoding: utf-16", DATA),
        (lambda f: [path.write_text(" ") for path in f.rglob("[0-9].txt")], "no text in any of the 8 files", "", DATA),
        (lambda f: [path.unlink() for path in f.glob("ham/**/*.txt")], "class 'ham' has no texts", "add .txt", DATA),
        (lambda f: [each.rename(each.with_suffix(".doc")) for each in f.rglob("*.txt")], "no texts in", ".txt", DATA),
        (lambda f: (f / "ham").rename(f.parent / "ham"), "there is one class, 'spam'", "for each class", DATA),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    tmp_path: Path, spoil: Callable[[Path], object], said: str, hint: str, code: int
) -> None:
    write_texts(tmp_path / "mails", 4)
    spoil(tmp_path / "mails")
    problem = problem_of(read, tmp_path, exit_code=code)
    assert said in problem.message
    assert hint in problem.hint


def test_texts_of_another_encoding_are_read_by_it(tmp_path: Path) -> None:
    write_texts(tmp_path / "mails", 4)
    for path in (tmp_path / "mails").rglob("[0-9].txt"):
        path.write_text(path.read_text("utf-8"), "cp1252")
    (column,) = read(tmp_path, encoding="cp1252").preprocessing.columns or ()
    assert "mañana" in column.words  # type: ignore[attr-defined]


def test_an_empty_file_is_said_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_texts(tmp_path / "mails", 4)
    (tmp_path / "mails/ham/0.txt").write_text("\n")
    data = read(tmp_path)
    assert "1 of 8 files hold no text: ham/0.txt" in caplog.text
    assert len(np.concatenate(list(data.parts.values()))) == 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"texts": {"scale": "minmax"}}, "scale is not for texts"),
        ({"texts": "numeric"}, "expected what is to be said of texts"),
        ({"class_names": ["ham", "ham"]}, "named twice"),
        ({"split": {"test": "other.csv"}}, "is a folder called test"),
        ({"text_folders": "nowhere"}, "no such folder"),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    write_texts(tmp_path / "mails", 4)
    with pytest.raises(RnaError, match=said):
        read(tmp_path, **changes)
