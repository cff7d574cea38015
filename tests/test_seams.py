"""The seams: a toy of each kind is a few lines and one line where its kinds are listed, and every command takes it."""

import ast
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from fixtures import ROOT, problem_of, without_pictures

from rnacli.commands.app import COMMANDS, build_app
from rnacli.data.arrays import Resident
from rnacli.data.examples import Examples, digest_arrays
from rnacli.data.kind import DataSet
from rnacli.data.kinds import KINDS
from rnacli.data.section import Split
from rnacli.data.where import Where
from rnacli.encoders.column import LearntColumn, TrainingColumn
from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.kinds import ENCODERS
from rnacli.encoders.section import KINDS_OF_COLUMN, Column, Defaults
from rnacli.encoders.table import COLUMN_KINDS
from rnacli.plots import paint
from rnacli.plots.style import axes_figure, finish
from rnacli.schema.section import Section, key
from rnacli.schema.values import whole_number
from rnacli.tables.cells import Want
from rnacli.tasks import choose
from rnacli.tasks.form import Answer, Form
from rnacli.tasks.heads import Head
from rnacli.tasks.numbers import Numbers
from rnacli.terminal.console import print_result

PACKAGE = ROOT / "rnacli"

# A kind of data, with an encoder of its own


@dataclass(frozen=True)
class Waves(DataSet):
    """Angles, and how far their sines are from one another."""

    waves: int = key(whole_number(10), "how many")
    split: Split = key(Section(Split), "which rows are for what", default=Split())

    scale = "none"
    class_names = None

    def read(self, where: Where) -> Examples:
        x = np.random.default_rng(where.seed).uniform(-3, 3, (self.waves, 2))
        y = np.sin(x[:, 0]) - np.sin(x[:, 1])
        return Examples(Resident(x), y, ("a", "b"), files={"waves": digest_arrays(x, y)})

    def learn(self, rows: Examples, train: np.ndarray, where: Where) -> "Sines":
        return Sines(rows.features)


@dataclass(frozen=True)
class Sines:
    """An input of its own for each column: its sine."""

    kind: ClassVar[str] = "sines"
    features: tuple[str, ...]

    @property
    def raw_shape(self) -> tuple[int, ...]:
        return (len(self.features),)

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {"sine": InputSpec(self.raw_shape)}

    @property
    def number_names(self) -> dict[str, tuple[str, ...]]:
        return {"sine": self.features}

    @property
    def linear(self) -> None:
        return None

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        return {"sine": np.sin(raw).astype("float32")}

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return self.encode(raw), 1.0

    def dump(self) -> dict[str, Any]:
        return {"features": self.features, "shape": self.raw_shape}


def load_sines(plain: Mapping[str, Any]) -> Sines:
    return Sines(tuple(plain["features"]))


# A kind of column


@dataclass(frozen=True)
class Length(LearntColumn):
    """Words, of which the network learns how long they are."""

    kind: ClassVar[str] = "length"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 99.0
    name: str
    fill: float | None = None
    indicator: bool = False

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Length":
        return cls(column.name)

    @staticmethod
    def read_as(asked: Column) -> Want:
        return Want("words", missing=False)

    @property
    def want(self) -> Want:
        return Want("words", missing=False)

    @property
    def inputs(self) -> list[str]:
        return [f"{self.name} length"]

    def encode(self, raw: np.ndarray) -> np.ndarray:
        return raw[:, None]

    def lookup(self, words: Any) -> np.ndarray:
        return np.array([len(word) for word in words], "float64")


# A task


class Counts(Numbers):
    """Whole numbers from 0, and whole numbers are answered."""

    kinds = ("counts",)

    @classmethod
    def choose(cls, head: Head, target: np.ndarray, name: str, separated: bool) -> Form | None:  # type: ignore[override]
        return Form("counts", "values", "none") if head.loss.name == "poisson" else None

    def read(self, outputs: np.ndarray) -> Answer:
        return Answer(np.rint(super().read(outputs).predicted))


# A picture and a command


def draw_wave(truth: np.ndarray, title: str) -> Any:
    figure, axes = axes_figure(title, "Row", "Truth", (4, 3))
    axes.plot(truth)
    return finish(figure, ["Drawn by a toy"])


WAVE = SimpleNamespace(
    __name__="wave",
    values=lambda view: (
        {"wave": [{"truth": view.final.truth[:, 0], "title": view.entitle("Waves")}]} if view.targets else {}
    ),
    draw=draw_wave,
)


def shout(word: str) -> None:
    """Say a word aloud."""
    print_result(word.upper())


@pytest.fixture
def rna(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """The program with the toys, in a folder of its own; what it gives is its standard output."""
    monkeypatch.setitem(KINDS, "waves", Waves)
    monkeypatch.setitem(ENCODERS, "sines", load_sines)
    monkeypatch.setitem(COLUMN_KINDS, "length", Length)
    KINDS_OF_COLUMN.append("length")
    monkeypatch.setattr(choose, "TASKS", {"counts": Counts, **choose.TASKS})
    monkeypatch.setattr(paint, "PLOTS", (*paint.PLOTS, WAVE))
    app = build_app({**COMMANDS, "shout": shout})
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> str:
        capsys.readouterr()
        app([str(argument) for argument in arguments], standalone_mode=False)
        return capsys.readouterr().out

    yield run
    KINDS_OF_COLUMN.remove("length")


def go_through(rna: Callable[..., str], config: str, data: str) -> tuple[Path, list[dict[str, str]]]:
    """A file through ``check``, ``train``, ``evaluate``, ``plot`` and ``predict``; the run, and the predictions."""
    Path("c.yaml").write_text(config)
    Path("new.csv").write_text(data)
    rna("check", "c.yaml")
    with without_pictures():
        run = Path(rna("train", "c.yaml", "-q").strip())
    trained = json.loads((run / "run.json").read_text())
    evaluated = json.loads(rna("evaluate", run, "--json"))
    assert evaluated["measures"] == trained["results"][evaluated["part"]]
    assert f"{run / 'plots' / 'wave.png'}" in rna("plot", run).splitlines()
    assert (run / "plots" / "wave.png").read_bytes().startswith(b"\x89PNG")
    return run, list(csv.DictReader(rna("predict", run, "new.csv").splitlines()))


TAIL = """
layers: [{dense: {units: 8, activation: tanh}}, dense: 1]
loss: mse
optimizer: {adam: {learning_rate: 0.05}}
epochs: 20
seed: 1
"""


def test_a_toy_kind_of_data_with_its_encoder(rna: Callable[..., str]) -> None:
    config = f"name: toy\ndataset: {{waves: 200, split: {{test: 0.2}}}}\n{TAIL}"
    run, predicted = go_through(rna, config, "b,a\n0,1.5\n-1.5,1.5\n")
    learnt = json.loads((run / "preprocessing.json").read_text())
    assert learnt["inputs"]["kind"] == "sines"
    np.testing.assert_allclose([float(row["prediction"]) for row in predicted], [1, 2], atol=0.5)
    Path("c.yaml").write_text(config.replace("waves: 200", "wavs: 200"))
    assert "waves" in problem_of(rna, "check", "c.yaml").hint


def test_a_toy_kind_of_column(rna: Callable[..., str]) -> None:
    words = ["a" * (1 + i % 9) for i in range(90)]
    Path("t.csv").write_text("w,y\n" + "".join(f"{word},{len(word)}\n" for word in words))
    config = f"name: toy\ndataset: {{csv: t.csv, target: y, columns: {{w: length}}, split: {{test: 0.2}}}}\n{TAIL}"
    _, predicted = go_through(rna, config, "w\nzz\nzzzzzzzz\n")
    short, long = (float(row["prediction"]) for row in predicted)
    assert short + 3 < long


def test_a_toy_task(rna: Callable[..., str]) -> None:
    Path("t.csv").write_text("x,y\n" + "".join(f"{i % 7},{i % 7}\n" for i in range(100)))
    config = TAIL.replace("dense: 1]", "{dense: {units: 1, activation: softplus}}]").replace("mse", "poisson")
    run, predicted = go_through(rna, f"name: toy\ndataset: {{csv: t.csv, target: y}}\n{config}", "x\n1\n5\n")
    assert json.loads((run / "run.json").read_text())["data"]["task"] == "counts"
    answers = [float(row["prediction"]) for row in predicted]
    assert answers == [round(answer) for answer in answers]
    assert answers[0] < answers[1]


def test_a_toy_command(rna: Callable[..., str]) -> None:
    assert rna("shout", "hello") == "HELLO\n"
    assert "Say a word aloud." in rna("--help")


# Each question is asked in one place


OWNERS = {
    "isinstance of a data set": ("data", "starter"),  # rna init makes files about tables alone
    "np.memmap": ("data", "tables"),
    "embeddings": (),
    "config.loss": ("experiment",),
    "config.layers[-1]": ("experiment",),
    "kind of a task": ("tasks",),
}
"""What is asked -> the folders that own the answer."""


def questions(tree: ast.AST) -> Iterator[str]:
    """The questions that a module asks."""
    datasets = {kind.__name__ for kind in KINDS.values()} | {"DataSet"}
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.Compare) else ""
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "hasattr", "getattr"):
            of, *names = ast.unparse(node.args[0]), *ast.walk(node.args[1])
            if datasets & {name.id for name in names if isinstance(name, ast.Name)} or of.endswith("dataset"):
                yield "isinstance of a data set"
        elif isinstance(node, ast.Compare):
            if any(text.startswith(f"{owner}.kind ") for owner in ("task", "form", "task.form", "learnt.task.form")):
                yield "kind of a task"
        elif text in ("np.memmap", "config.loss"):
            yield text
        elif text.endswith("config.layers[-1]"):
            yield "config.layers[-1]"
        elif isinstance(node, ast.Attribute) and node.attr == "embeddings":
            yield "embeddings"


def test_a_question_is_asked_in_the_folder_that_owns_the_answer() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        folder, *_ = path.relative_to(PACKAGE).parts
        asked = set(questions(ast.parse(path.read_text("utf-8"))))
        found += [(str(path), question) for question in asked if folder not in OWNERS[question]]
    assert found == []


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("isinstance(data, Csv | Npz)", "isinstance of a data set"),
        ("hasattr(config.dataset, 'csv')", "isinstance of a data set"),
        ("task.form.kind == 'binary'", "kind of a task"),
        ("isinstance(x, np.memmap)", "np.memmap"),
        ("learnt.embeddings", "embeddings"),
        ("loss = config.loss", "config.loss"),
        ("opened.config.layers[-1]", "config.layers[-1]"),
    ],
)
def test_the_rule_sees_a_question(code: str, question: str) -> None:
    with_imports = f"from rnacli.data.csv import Csv\n{code}"
    assert question in set(questions(ast.parse(with_imports)))
