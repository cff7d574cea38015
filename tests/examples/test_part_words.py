"""A column that says each row's part: in usual words of several languages, or in those that the file names."""

import re
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, experiment, problem_of

from rnacli.data.kind import move_files
from rnacli.data.kinds import DatasetKind
from rnacli.document.read import Document
from rnacli.examples.load import Data, load_data
from rnacli.experiment.load import read_dataset

PEOPLE = "x,kind,part\n1,a,train\n2,b,test\n3,a,train\n4,b,train\n5,a,validation\n6,b,test\n"


def load(folder: Path, split: dict[str, Any], text: str) -> Data:
    (folder / "people.csv").write_text(text, "utf-8")
    table = {"csv": "people.csv", "target": "kind", "scale": "none", "split": split}
    return load_data(experiment(CIRCLES, folder, dataset=table), folder)


def inputs(data: Data) -> dict[str, list[float]]:
    return {part: data.rows.x.take(rows)[:, 0].tolist() for part, rows in data.parts.items()}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Train", "VALIDATION", "test "), {}),
        (("Training", "PublicTest", "PrivateTest"), {}),
        (("entrenamiento", "Validación", "prueba"), {}),
        (("train", "dev", "hold-out"), {}),
        (("0", "1", "2"), {"train": 0, "validation": 1, "test": 2}),
        (("0.0", "1", "2"), {"train": 0, "validation": "1", "test": [2, 3]}),
        (("train", "PrivateTest", "PublicTest"), {"validation": "PrivateTest", "test": "PublicTest"}),
        (("uno", "dos", "tres"), {"train": "Uno", "validation": "dos", "test": "tres"}),
    ],
)
def test_parts_are_said_in_other_words(tmp_path: Path, words: tuple[str, ...], said: dict[str, Any]) -> None:
    text = PEOPLE
    for part, word in zip(("train", "validation", "test"), words, strict=True):
        text = re.sub(rf"\b{part}\b", word, text)
    split = {"column": "part", **said}
    data = load(tmp_path, split, text)
    assert inputs(data) == {"train": [1, 3, 4], "validation": [5], "test": [2, 6]}
    made = read_dataset(Document({"dataset": {"csv": "people.csv", "target": "kind", "split": split}}, {}, {}, ""))
    plain = DatasetKind().plain(made)
    moved: list[str] = []
    move_files(made, plain, lambda name: moved.append(name) or name)  # type: ignore[func-returns-value]
    assert moved == ["people.csv"]
    assert read_dataset(Document({"dataset": plain}, {}, {}, "")) == made


def test_words_that_mean_no_part_are_listed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = PEOPLE.replace("train", "uno").replace("validation", "dos")
    problem = problem_of(lambda: load(tmp_path, {"column": "part"}, text))
    assert problem.hint == (
        "its words: uno, test, dos; say what they mean: split: {column: part, train: uno, test: ...}"
    )
    with caplog.at_level("WARNING", "rnacli"):
        load(tmp_path, {"column": "part", "train": "uno", "validation": ["dos", "tres"]}, text)
    assert "part: no row has 'tres', which means validation" in caplog.messages
