"""``rna init --data``: an experiment file for a table, which reads well and trains as it is."""

import csv
import gzip
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import pandas as pd
import pytest
from fixtures import environment, only_task, problem_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnacli.checks.check import check_experiment
from rnacli.commands.app import main
from rnacli.errors import RnaError
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.runs.find import find_run
from rnacli.starter.look import is_data
from rnacli.starter.propose import propose_experiment, relative_name

HEADLESS = ("--set", "dataset.header=false")
EMOTIONS = "amazed-suprised,happy-pleased,relaxing-calm,quiet-still,sad-lonely,angry-aggresive"


class Known(NamedTuple):
    """A table of the real data: its target, what it is, the last layer's units, and the columns that are no inputs."""

    file: str
    target: str
    kind: str
    units: int
    ignored: tuple[str, ...] = ()
    headless: bool = False

    @property
    def overrides(self) -> list[str]:
        return ["dataset.header=false"] if self.headless else []


TABLES = (
    Known("adult-5k.csv", "income", "binary", 1),
    Known("adult-train.csv", "14", "binary", 1, headless=True),
    Known("adult-test.csv", "14", "binary", 1, headless=True),
    Known("auto-mpg.csv", "mpg", "regression", 1, ("name",)),
    Known("auto-mpg.data", "mpg", "regression", 1, ("car_name",)),
    Known("california-housing.csv", "median_house_value", "regression", 1),
    Known("clean-pima-indians-diabetes.csv", "8", "binary", 1),
    Known("concrete.csv", "compressive_strength", "regression", 1, ("rownames",)),
    Known("covertype-15k.csv", "Cover_Type", "multiclass", 7, ("Soil_Type15",)),
    Known("diamonds.csv", "price", "regression", 1),
    Known("iris.csv", "species", "multiclass", 3),
    Known("multilabel-emotions.csv", EMOTIONS, "multilabel", 6),
    Known("multilabel-yeast.csv", "Class*", "multilabel", 14),
    Known("penguins-raw.csv", "Species", "multiclass", 3, ("Region", "Stage", "Individual ID")),
    Known("penguins.csv", "species", "multiclass", 3),
    Known("pima-indians-diabetes.csv", "8", "binary", 1, headless=True),
    Known("skin-nonskin.csv", "skin", "binary", 1),
    Known("titanic-kaggle-train.csv", "Survived", "binary", 1, ("PassengerId", "Name", "Ticket", "Cabin")),
    Known("titanic.csv", "survived", "binary", 1, ("embark_town", "alive")),
    Known("winequality-red.csv", "quality", "multiclass", 6),
    Known("winequality-white.csv", "quality", "multiclass", 7),
)
of_each_table = pytest.mark.parametrize("known", TABLES, ids=lambda known: known.file)


def written(folder: Path, data: Path, *targets: str, task: str = "auto", overrides: list[str] | None = None) -> Path:
    """The file that is proposed for a table, in ``folder``."""
    path = folder / "proposed.yaml"
    path.write_text(propose_experiment(str(data), targets, path, folder / "cache", task, overrides or []).text, "utf-8")
    return path


def table_of(folder: Path, columns: Mapping[str, object], name: str = "table.csv", **options: object) -> Path:
    """A CSV file of some columns."""
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False, **options)  # type: ignore[call-overload]
    return path


def test_a_table_that_excel_has_written_is_read_in_its_encoding(tmp_path: Path) -> None:
    columns = {"año": NUMBERS, "género": ["mujer", "niño"] * 30}
    table = table_of(tmp_path, columns, encoding="cp1252", sep=";")
    experiment = load_config(written(tmp_path, table, "género"))
    assert load_data(experiment, tmp_path / "cache").rows.features == ("año",)
    assert "encoding: cp1252" in (tmp_path / "proposed.yaml").read_text("utf-8")


def proposed(folder: Path, columns: Mapping[str, object], target: str = "y", **options: object) -> Config:
    """The experiment that is proposed for some columns, read back and its data loaded."""
    experiment = load_config(written(folder, table_of(folder, columns), target, **options))  # type: ignore[arg-type]
    load_data(experiment, folder / "cache")
    return experiment


def said(experiment: Config) -> dict[str, str]:
    """What an experiment says of single columns, in a word."""
    return {name: column.kind for name, column in experiment.dataset.columns.items()}  # type: ignore[union-attr]


NUMBERS: list[object] = [round(((i * 37) % 101) / 7, 3) for i in range(60)]
TWO: list[object] = ["no", "yes", "no"] * 20


# Real tables


@of_each_table
def test_real_tables_get_a_file_whose_data_load(data_dir: Path, tmp_path: Path, known: Known) -> None:
    path = written(tmp_path, data_dir / "tabular" / known.file, known.target, overrides=known.overrides)
    experiment = load_config(path)
    assert "${" not in path.read_text("utf-8")
    assert all(len(line) <= 120 for line in path.read_text("utf-8").splitlines())
    data = load_data(experiment, tmp_path / "cache")
    assert only_task(data).form.kind == known.kind
    assert experiment.layers[-1].arguments["units"] == known.units
    ignored = tuple(name for name, kind in said(experiment).items() if kind == "ignore")
    assert ignored == known.ignored
    assert set(data.parts) == {"train", "validation", "test"}
    assert experiment.dataset.split.stratify == (known.kind in ("binary", "multiclass"))


@pytest.mark.slow
@of_each_table
def test_real_tables_train_evaluate_and_predict(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: None, known: Known
) -> None:
    monkeypatch.chdir(tmp_path)
    file = data_dir / "tabular" / known.file
    options = HEADLESS if known.headless else ()
    ran("init", "--data", file, "--target", known.target, *options)
    config_file = f"{known.file.partition('.')[0]}.yaml"
    ran("check", config_file)
    ran("train", config_file, "--set", "epochs=2", "--quiet")
    ran("evaluate", "latest")
    ran("predict", "latest", file, "-o", "predictions.csv")
    run = find_run("latest", Path("runs"))
    assert run.record["status"] == "finished"
    with file.open("rb") as lines:
        rows = sum(bool(line.strip()) for line in lines) - (not known.headless)
    assert len(pd.read_csv("predictions.csv")) == rows


def ran(*arguments: object) -> None:
    """A command that must succeed, in this process."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert not ended.value.code, arguments


@pytest.mark.parametrize("name", ["pima-indians-diabetes.csv", "adult-train.csv", "adult-test.csv"])
def test_a_missing_header_is_mended_by_what_the_hint_says(data_dir: Path, tmp_path: Path, name: str) -> None:
    file = data_dir / "tabular" / name
    problem = problem_of(written, tmp_path, file, "income", exit_code=2)
    assert problem.place.endswith(f"{name}:1")
    option, target = re.findall(r"--set (dataset\.header=false)|--target (\d+)", problem.hint)
    path = written(tmp_path, file, target[1], overrides=[option[0]])
    load_data(load_config(path), tmp_path / "cache")


# The file


IRIS = """\
# Predicts kind from 3 columns of flowers.csv.   rna train proposed.yaml
#
# Written by rna init from 60 rows, as a start: change what you like, and rna check says
# whether it fits together. What each key means: rna schema --markdown
name: proposed
dataset:
  csv: data/flowers.csv             # 60 rows, commas between the values
  target: kind                      # 2 different words, so classes: no 67 %, yes 33 %
  positive: "yes"                   # the class that precision, recall and threshold are about
  columns:
    number: ignore                  # it counts the rows
  fill: auto                        # missing values in colour: numbers get the median, words a category of their own
  scale: standard                   # numbers: mean 0, standard deviation 1, by the training rows
  split: {test: 0.2, validation: 0.15, stratify: true}  # test for the end, validation for the curves; classes alike
layers:
  - dense: {units: 32, activation: relu}  # 32 and then 16; over 2,000 rows, 64 and then 32
  - dropout: 0.1                    # in each step, one unit in ten is left out: against overfitting
  - dense: {units: 16, activation: relu}
  - dense: {units: 1, activation: sigmoid}  # the probability of yes
loss: binary_crossentropy           # small where the right one of two classes has a high probability
optimizer: {adam: {learning_rate: 0.001}}  # Keras' own step; 0.01 is faster, 0.0001 steadier
metrics: [accuracy]                 # baseline, always 'no': right in 0.67 of all cases
epochs: 300                         # at most: early_stopping ends it; 300, over 2,000 rows 100
batch_size: 32                      # rows a step; 32, over 20,000 rows 256, over 200,000 rows 1024
callbacks:                          # when val_loss has not fallen for 10 epochs, back to the best one
  - early_stopping: {patience: 10, restore_best_weights: true}
"""


def flowers(folder: Path) -> Path:
    (folder / "data").mkdir()
    colours: list[object] = ["red", "blue", "white", None] * 15
    columns = {"number": list(range(1, 61)), "width": NUMBERS, "colour": colours, "old": [1, 2, 3] * 20, "kind": TWO}
    return table_of(folder / "data", columns, "flowers.csv")


def test_it_reads_as_one_would_write_it(tmp_path: Path) -> None:
    assert written(tmp_path, flowers(tmp_path), "kind").read_text("utf-8") == IRIS


def test_options_change_the_file_and_take_their_comments_away(tmp_path: Path) -> None:
    overrides = [
        "epochs=7",
        "dataset.split.test=0.3",
        "optimizer.adam.learning_rate=0.01",
        "dataset.columns.old=ignore",
    ]
    text = written(tmp_path, flowers(tmp_path), "kind", overrides=overrides).read_text("utf-8")
    lines = text.splitlines()
    assert "epochs: 7" in lines
    assert "  split: {test: 0.3, validation: 0.15, stratify: true}" in lines
    assert "optimizer: {adam: {learning_rate: 0.01}}" in lines
    assert "    old: ignore" in lines
    assert lines[0].startswith("# Predicts kind from 2 columns")
    assert (
        "batch_size: 32                      # rows a step; 32, over 20,000 rows 256, over 200,000 rows 1024" in lines
    )


@pytest.mark.parametrize(
    ("override", "split"),
    [
        ("dataset.split.group=old", "{test: 0.2, validation: 0.15, group: old}"),
        ("dataset.split.order_by=number", "{test: 0.2, validation: 0.15, order_by: number}"),
        ("dataset.split.column=part", "{column: part}"),
    ],
)
def test_other_ways_to_split(tmp_path: Path, override: str, split: str) -> None:
    table = flowers(tmp_path)
    frame = pd.read_csv(table)
    parts = ["train", "validation", "test", "train"] * 15
    frame.assign(part=parts, old=[i // 3 for i in range(60)]).to_csv(table, index=False)
    path = written(tmp_path, table, "kind", overrides=[override])
    assert f"  split: {split}" in path.read_text("utf-8")
    column = override.rpartition("=")[2]
    assert f"{column}: ignore" not in path.read_text("utf-8")
    assert set(load_data(load_config(path), tmp_path).parts) == {"train", "validation", "test"}


def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    table = flowers(tmp_path)
    problem = problem_of(
        propose_experiment, str(table), ["kind"], tmp_path / "x.yaml", tmp_path, "auto", ["epoch=7"], exit_code=2
    )
    assert "--set epoch=7" in problem.place
    assert "did you mean epochs?" in problem.hint


def test_a_rare_class_is_told_and_not_weighted(tmp_path: Path) -> None:
    answers: list[object] = ["rare" if i % 10 == 0 else "often" for i in range(60)]
    table = table_of(tmp_path, {"x": NUMBERS, "y": answers})
    path = written(tmp_path, table, "y")
    assert "# class_weight: balanced            # 'rare' is 10 % of the rows" in path.read_text("utf-8")
    assert load_config(path).class_weight is None
    weighted = path.read_text("utf-8").replace("# class_weight", "class_weight")
    path.write_text(weighted, "utf-8")
    assert load_config(path).class_weight == "balanced"
    again = written(tmp_path, table, "y", overrides=["class_weight=balanced"])
    assert again.read_text("utf-8").count("class_weight") == 1


@pytest.mark.parametrize(
    ("data", "folder", "expected"),
    [
        ("a/b.csv", "a", "b.csv"),
        ("a/b.csv", "c", "../a/b.csv"),
        ("b.csv", ".", "b.csv"),
        ("~b.csv", ".", "./~b.csv"),
        ("a/*.csv", "a", "*.csv"),
        ("https://example.org/b.csv", "a", "https://example.org/b.csv"),
    ],
)
def test_the_path_starts_from_the_file(data: str, folder: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "expanduser", lambda self: self)
    assert relative_name(data, Path(folder)) == expected


# What columns are


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (list(range(1, 61)), "ignore"),  # it counts the rows
        (list(range(60)), "ignore"),
        ([f"name {i}" for i in range(60)], "ignore"),
        ([f"{1000 + 37 * i} €" for i in range(60)], "auto"),  # an amount for each row
        ([f"{i / 7:.2f}" if i % 20 else "<5" for i in range(60)], "ignore"),
        (["a|b", "b", "a", "a|c", "c|b|a", "c"] * 10, "auto"),  # several values
        (["same"] * 60, "ignore"),
        ([7] * 60, "ignore"),
        ([None] * 60, "ignore"),
        ([1.5, None] * 30, "ignore"),  # one value, and gaps
        ([1, 2, 3, "x?"] * 15, "ignore"),  # numbers and a word
        ([{"no": "n", "yes": "j"}[str(answer)] for answer in TWO], "ignore"),  # the answer
        ([{"no": 5, "yes": 1}[str(answer)] for answer in TWO], "ignore"),
        (["dead", None] * 30, None),  # that there is none may mean something
        (list(range(5, 65)), None),
        (["a", "b", "c", "d"] * 15, None),
        ([True, False, False] * 20, None),
        (["2020-01-02", "2021-03-04", "2022-05-06"] * 20, None),
    ],
)
def test_columns_that_teach_nothing_are_left_out(tmp_path: Path, column: list[object], kind: str | None) -> None:
    shuffled = TWO if kind == "ignore" else ["no", "yes"] * 30
    assert said(proposed(tmp_path, {"x": NUMBERS, "c": column, "y": shuffled})).get("c") == kind


def test_a_law_is_no_answer_in_disguise(tmp_path: Path) -> None:
    """A straight line may be what is to be learnt; a copy of the target is not."""
    euros = [3 * float(str(value)) + 1 for value in NUMBERS]
    columns: dict[str, list[object]] = {"a": [1, 2, 3, 4, 5] * 12, "euros": list(euros), "copy": NUMBERS, "y": NUMBERS}
    assert said(proposed(tmp_path, columns)) == {"y": "auto", "euros": "numeric", "copy": "ignore"}
    text = (tmp_path / "proposed.yaml").read_text("utf-8")
    assert "y lies on a straight line over it" in text


@pytest.mark.parametrize("x", [NUMBERS, [1.5, 2, 3, 4] * 15, list(range(100, 160))])
def test_the_only_input_is_kept_although_it_says_all(tmp_path: Path, x: list[object]) -> None:
    line = [2 * float(str(value)) - 1 for value in x]
    assert said(proposed(tmp_path, {"x": x, "y": line}, task="regression"))["x"] == "numeric"
    same = proposed(tmp_path, {"x": x, "y": x}, task="regression")
    assert said(same)["x"] == "numeric"
    assert "the only input, and it repeats y" in (tmp_path / "proposed.yaml").read_text("utf-8")


def test_a_count_of_the_rows_is_better_than_no_input(tmp_path: Path) -> None:
    assert "day" not in said(proposed(tmp_path, {"day": list(range(1, 61)), "y": NUMBERS}))


def test_many_words_are_embedded(tmp_path: Path) -> None:
    words: list[object] = [f"w{i % 120}" for i in range(600)]
    experiment = proposed(tmp_path, {"x": NUMBERS * 10, "word": words, "y": TWO * 10})
    assert experiment.dataset.columns["word"].encode == "embedding"  # type: ignore[union-attr]


def test_dates_that_are_not_iso_get_their_format(tmp_path: Path) -> None:
    days: list[object] = [f"{1 + i % 28:02}.{1 + i % 12:02}.{2000 + i % 7}" for i in range(60)]
    experiment = proposed(tmp_path, {"x": NUMBERS, "day": days, "y": TWO})
    assert experiment.dataset.columns["day"].format == "%d.%m.%Y"  # type: ignore[union-attr]


# What is predicted


@pytest.mark.parametrize(
    ("target", "kind", "loss", "units"),
    [
        (["a", "b"] * 30, "binary", "binary_crossentropy", 1),
        (["a", "b", "c"] * 20, "multiclass", "sparse_categorical_crossentropy", 3),
        ([1, 2] * 30, "binary", "binary_crossentropy", 1),
        ([3.0, 8.0, 5.0] * 20, "multiclass", "sparse_categorical_crossentropy", 3),
        ([0.5, 1.5, 1.0] * 20, "regression", "mean_squared_error", 1),
        (list(range(30)) * 2, "regression", "mean_squared_error", 1),
        ([1.5, 2.25, 3.125, "x"] * 15, "multiclass", "sparse_categorical_crossentropy", 4),
        (["a", "b", None] * 20, "binary", "binary_crossentropy", 1),
        ([1.25, 2.5, 7.125, None] * 15, "regression", "mean_squared_error", 1),
    ],
)
def test_the_task_follows_the_target(
    tmp_path: Path, target: list[object], kind: str, loss: str, units: int
) -> None:  # fmt: skip
    experiment = proposed(tmp_path, {"x": NUMBERS, "y": target})
    assert only_task(load_data(experiment, tmp_path)).form.kind == kind
    assert experiment.loss.name == loss
    assert experiment.layers[-1].arguments["units"] == units


def test_a_target_with_a_sign_is_a_number(tmp_path: Path) -> None:
    prices = [f"${1000 + 37 * i:,}.50" for i in range(60)]
    experiment = proposed(tmp_path, {"x": NUMBERS, "y": prices})
    assert experiment.dataset.columns["y"].unit == "$"  # type: ignore[union-attr]
    assert only_task(load_data(experiment, tmp_path)).form.kind == "regression"


def test_a_target_far_from_one_is_scaled(tmp_path: Path) -> None:
    far: list[object] = [1000 + 50 * float(str(value)) for value in NUMBERS]
    near: list[object] = [float(str(value)) / 5 - 1 for value in NUMBERS]
    old: list[object] = [3, 1, 4, 1, 5, 9] * 10
    assert proposed(tmp_path, {"x": old, "y": far}).dataset.columns["y"].scale == "standard"  # type: ignore[union-attr]
    assert not said(proposed(tmp_path, {"x": old, "y": near}))


@pytest.mark.parametrize(
    ("task", "target", "wrong"),
    [
        ("binary", ["a", "b", "c"] * 20, "binary wants 2"),
        ("regression", ["a", "b", "c"] * 20, "3 different words"),
        ("multilabel", [0, 1] * 30, "one column"),
        ("multiclass", [i + 0.5 for i in range(60)], "no classes"),
        ("auto", [f"n{i}" for i in range(60)], "60 different words"),
        ("auto", ["a"] * 60, "one value only"),
        ("auto", [None] * 60, "every value is missing"),
        ("clustering", [0, 1] * 30, "there is no task called"),
    ],
)
def test_what_cannot_be_predicted_is_refused(tmp_path: Path, task: str, target: list[object], wrong: str) -> None:
    table = table_of(tmp_path, {"x": NUMBERS, "y": target})
    with pytest.raises(RnaError, match=wrong):
        written(tmp_path, table, "y", task=task)


def test_a_task_can_be_asked_for(tmp_path: Path) -> None:
    stars: list[object] = [1, 2, 3, 4, 5] * 12
    assert proposed(tmp_path, {"x": NUMBERS, "y": stars}).loss.name == "sparse_categorical_crossentropy"
    assert proposed(tmp_path, {"x": NUMBERS, "y": stars}, task="regression").loss.name == "mean_squared_error"
    softmax = proposed(tmp_path, {"x": NUMBERS, "y": TWO}, task="multiclass")
    assert softmax.layers[-1].arguments["units"] == 2


def test_several_targets(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"x": NUMBERS, "a": [0, 1] * 30, "b": [1, 0, 0] * 20, "c": NUMBERS[::-1], "word": TWO})
    labels = load_config(written(tmp_path, table, "a,b"))
    assert (labels.dataset.target, labels.loss.name) == (("a", "b"), "binary_crossentropy")  # type: ignore[union-attr]
    values = load_config(written(tmp_path, table, "c", "a"))
    assert (values.loss.name, values.layers[-1].arguments["units"]) == ("mean_squared_error", 2)
    assert only_task(load_data(values, tmp_path)).form.kind == "regression"
    assert "word" in problem_of(written, tmp_path, table, "a,word", exit_code=2).message


@pytest.mark.parametrize(
    ("cells", "overrides"),
    [
        (["a|b", "b", "c|a"], ["dataset.label_separator='|'"]),
        (["a|b", "b", "c|a", "b|c", "a"], []),
        (["['a', 'b']", "['b']", "['c', 'a']", "['b', 'c']", "[]"], []),
    ],
)
def test_labels_in_one_cell(tmp_path: Path, cells: list[str], overrides: list[str]) -> None:
    table = table_of(tmp_path, {"x": NUMBERS, "y": (cells * 20)[:60]})
    experiment = load_config(written(tmp_path, table, "y", overrides=overrides))
    assert experiment.layers[-1].arguments["units"] == 3
    assert only_task(load_data(experiment, tmp_path)).form.kind == "multilabel"


# Files


@pytest.mark.parametrize(
    ("first", "others", "expected"),
    [
        ("6,148,72,1", "1,85,66,0", True),
        ("39,Private,Male,low", "50,Private,Male,low", True),
        ("0,1,2,3", "1,85,66,0", False),  # numbered
        ("country,1990,1991,1992", "Chad,1,2,3", False),  # years
        ("age,work,sex", "39,Private,Male", False),
        ("a,b", "a,1", False),
    ],
)
def test_first_lines_that_are_data(first: str, others: str, expected: bool) -> None:
    assert is_data(first.split(","), [others.split(",")] * 3) == expected


def test_other_formats_of_files(tmp_path: Path) -> None:
    columns = {"x": NUMBERS, "colour": ["red", "blue", "grey"] * 20, "y": TWO}
    plain = table_of(tmp_path, columns)
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    tabs = table_of(tmp_path, columns, "table.tsv", sep="\t")
    commas = table_of(tmp_path, columns, "european.csv", sep=";", decimal=",")
    parquet = tmp_path / "table.parquet"
    pd.DataFrame(columns).to_parquet(parquet)
    for file in (plain, packed, tabs, commas, parquet):
        experiment = load_config(written(tmp_path, file, "y"))
        data = load_data(experiment, tmp_path)
        assert [column.kind for column in data.preprocessing.columns or ()] == ["numeric", "categorical"]


def test_several_files_are_looked_at_together(tmp_path: Path) -> None:
    table_of(tmp_path, {"x": [1, 2, 3] * 10, "y": ["a"] * 30}, "part1.csv")
    table_of(tmp_path, {"x": ["one", "two", "four"] * 10, "y": ["b"] * 30}, "part2.csv")
    proposal = propose_experiment(str(tmp_path / "part*.csv"), ["y"], tmp_path / "x.yaml", tmp_path)
    assert "60 rows" in proposal.notes[0]
    assert "(1 category)" in proposal.notes[0]
    assert "part*.csv" in proposal.text


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
REFUSED = r"appears twice|has no name|one value only|every value is missing|looks like data|cannot hold|\$\{"
"""What no table may be, and what no config can hold."""


@given(st.lists(TEXTS, min_size=3, max_size=3), st.lists(TEXTS, min_size=2, max_size=2))
@settings(max_examples=80, deadline=None)
def test_any_names_and_words_make_a_file_that_reads_back(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], words: list[str]
) -> None:
    assume(names[2].strip())  # nobody can name such a target
    folder = tmp_path_factory.mktemp("any")
    table = folder / "table.csv"
    rows: list[list[object]] = [[names[0], names[1], names[2]], *([i, i % 2, words[i % 2]] for i in range(30))]
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    try:
        path = written(folder, table, names[2].strip())
    except RnaError as error:
        assert re.search(REFUSED, str(error)), str(error)  # noqa: PT017
        return
    experiment = load_config(path)
    read = [normalize("NFC", name.strip()) for name in names]
    assert experiment.dataset.target == read[2]  # type: ignore[union-attr]
    assert set(said(experiment)) <= set(read)


NASTY = ("a: b", "a #b", "[bold]x[/bold]", '"quoted"', "it's", "=1+1", "- x", "a\nb", "null", "1.5", "{a}", "a\u2028b")


@pytest.mark.parametrize("name", NASTY)
def test_names_and_words_are_text(tmp_path: Path, name: str) -> None:
    columns: dict[str, list[object]] = {"x": NUMBERS, name: ["same"] * 60, "word": [name, "b"] * 30, f"y {name}": TWO}
    notes = propose_experiment(str(table_of(tmp_path, columns)), [f"y {name}"], tmp_path / "a.yaml", tmp_path).notes
    assert all("\n" not in note for note in notes)
    experiment = load_config(written(tmp_path, table_of(tmp_path, columns), f"y {name}"))
    assert said(experiment) == {name: "ignore"}
    load_data(experiment, tmp_path)


# The command


def test_the_target_must_be_named(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"height": NUMBERS, "kind": TWO})
    problem = problem_of(written, tmp_path, table, exit_code=2)
    assert "--target kind" in problem.hint
    assert "height and kind" in problem.hint
    assert "did you mean height?" in problem_of(written, tmp_path, table, "heigth", exit_code=2).hint
    assert "there is no column 'k*z'" in problem_of(written, tmp_path, table, "k*z", exit_code=2).message


def test_too_few_rows(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"x": [1, 2, 3], "y": ["a", "b", "a"]})
    assert "3 rows are too few" in problem_of(written, tmp_path, table, "y", exit_code=1).message


def test_no_inputs_are_left(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"x": [1] * 60, "y": TWO})
    assert "always the same" in problem_of(written, tmp_path, table, "y", exit_code=1).hint


def test_the_command_writes_once_says_what_it_saw_and_needs_no_tensorflow(tmp_path: Path) -> None:
    flowers(tmp_path)
    code = (
        "import sys\nfrom rnacli.commands import app\n"
        "try:\n    app.main(['init', '--data', 'data/flowers.csv', '--target', 'kind'])\n"
        "finally:\n    print(sorted({'tensorflow', 'keras', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )

    done = run()
    assert (done.returncode, done.stdout) == (0, "flowers.yaml\n[]\n")
    assert done.stderr.splitlines() == [
        "data/flowers.csv: 60 rows, commas between the values; 3 input columns (2 numbers, 1 category)",
        "missing values: 15 in colour",
        "kind: 2 different words, so classes: binary",
        "classes: no 67 %, yes 33 %",
        "left out: number: it counts the rows",
        "next: rna check flowers.yaml, then rna train flowers.yaml",
    ]
    (tmp_path / "flowers.yaml").write_text("mine")
    again = run()
    assert again.returncode == 2
    assert "the file is already there" in again.stderr
    assert (tmp_path / "flowers.yaml").read_text() == "mine"


@pytest.mark.parametrize("others", ["", ",size,town"])
def test_sentences_are_read_word_by_word(tmp_path: Path, others: str) -> None:
    said = [f"this is message number {['one', 'two', 'three', 'four', 'five'][i % 5]} of {i}" for i in range(60)]
    lines = [f"said,kind{others}"]
    lines += [f"{text},{'ab'[i % 2]}" + (f",{i % 7},{'xyz'[i % 3]}" if others else "") for i, text in enumerate(said)]
    (tmp_path / "said.csv").write_text("\n".join(lines) + "\n", "utf-8")
    path = written(tmp_path, tmp_path / "said.csv", "kind")
    assert "    said: text " in path.read_text("utf-8")
    assert ("scale: standard" in path.read_text("utf-8")) == bool(others)
    checked = check_experiment(load_config(path), tmp_path)
    assert (checked.wrong, checked.doubtful) == ([], [])
    assert [layer.kind for layer in checked.layers][:3] == [
        "Embedding", "GlobalAveragePooling1D", "Concatenate" if others else "Dense",
    ]  # fmt: skip
