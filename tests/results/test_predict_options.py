"""Prediction in the world: bad rows left out, columns passed through, formulas made harmless, drift noted."""

import csv
import functools
import gzip
import io
import logging
import math
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import data_of, experiment, problem_of, problems_of, rna, run_of, without_pictures
from hypothesis import given, settings
from hypothesis import strategies as st

from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_csv import rejected_path
from rnacli.results.prediction_options import DEFAULT_OPTIONS, PredictionOptions
from rnacli.runs.folder import Run
from rnacli.tables.safe_cells import safe_cell, safe_row
from rnacli.training.train import train_network

SKIP = PredictionOptions(on_error="skip")
PEOPLE = """\
name: people
seed: 2
dataset:
  csv: people.csv
  target: buys
  id: person
  columns: {fee: {fill: error}, level: {fill: drop}}
  split: {test: 0.25}
layers:
  - dense: {units: 6, activation: relu}
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
epochs: 2
"""
NAMES = ["person", "age", "city", "since", "member", "fee", "level", "buys"]


def people() -> list[list[str]]:
    """Rows of every kind of column; some ages are missing."""
    random = np.random.default_rng(4)
    rows = []
    for i in range(60):
        city, member = ("Soria", "Lugo", "Vigo")[i % 3], ("yes", "no")[i % 2]
        age = "" if i % 10 == 7 else str(20 + i % 40)
        fee, level = f"{random.uniform(1, 9):.2f}", str(1 + i % 4)
        rows.append([f"p{i}", age, city, f"2024-01-{1 + i % 28:02}", member, fee, level, str(i % 2)])
    return rows


FOLDER = tempfile.TemporaryDirectory(prefix="rna-people-")


@functools.cache
def people_run() -> Run:
    folder = Path(FOLDER.name)
    write(folder / "people.csv", people())
    with without_pictures():
        return train_network(experiment(PEOPLE, folder), folder / "runs", folder / "cache")


def write(path: Path, rows: list[list[str]], names: list[str] = NAMES) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *rows])
    return path


def changed(**cells: str) -> list[str]:
    """A good row with some other cells."""
    return [cells.get(name, cell) for name, cell in zip(NAMES, people()[0], strict=True)]


def text_of(run: Run, source: Path | str, options: PredictionOptions = DEFAULT_OPTIONS) -> str:
    output = io.StringIO()
    predict_rows(run, source if isinstance(source, Path) else io.BytesIO(source.encode()), output, options=options)
    return output.getvalue()


def to_file(run: Run, source: Path, output: Path, options: PredictionOptions) -> int:
    return predict_rows(run, source, output, options=options)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own as the current one."""
    monkeypatch.chdir(tmp_path)


# Bad rows

FAULTS = {
    "text in a number": (changed(age="x"), "column 'age': expected a number, got 'x'"),
    "infinite": (changed(age="inf"), "column 'age': expected a number, got 'inf'"),
    "too large": (changed(age="1e39"), "column 'age': 1e39 is too large: it does not fit float32 (at most 3.4e38)"),
    "no date": (changed(since="2024-02-30"), "column 'since': expected a date such as 2026-11-21, got '2024-02-30'"),
    "neither true nor false": (changed(member="perhaps"), "column 'member': expected true or false, got 'perhaps'"),
    "missing, fill: error": (changed(fee="NA"), "column 'fee': 'NA' stands for a missing value"),
    "missing, fill: drop": (changed(level=""), "column 'level': the value is missing"),
    "two": (changed(age="x", fee=""), "column 'age': expected a number, got 'x'; column 'fee': the value is missing"),
    "too few": (["p9", "33"], "2 values, and the header names 8"),
    "too many": ([*changed(), "more, and more"], "9 values, and the header names 8"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 59])
def test_a_bad_row_is_left_out_and_written_with_its_reason(tmp_path: Path, fault: str, at: int) -> None:
    row, reason = FAULTS[fault]
    good = people()
    source = write(tmp_path / "new.csv", [*good[:at], row, *good[at:]])
    assert predict_rows(people_run(), source, tmp_path / "out.csv", options=SKIP) == 60
    found, wanted = (
        pd.read_csv(path) for path in (tmp_path / "out.csv", io.StringIO(text_of(people_run(), write(source, good))))
    )
    pd.testing.assert_frame_equal(found, wanted, rtol=1e-5, atol=1e-6)
    (line,) = read(tmp_path / "out.rejected.csv")
    assert line["line"] == str(at + 2)
    assert line["reason"] == reason
    if len(row) == len(NAMES):
        assert [line[name] for name in NAMES] == row
        assert line["text"] == ""
    else:
        assert next(csv.reader([line["text"]])) == row
        assert {line[name] for name in NAMES} == {""}


@pytest.mark.parametrize("at_once", [1, 7, 8_192])
@pytest.mark.parametrize("chunk", [1, 7, 65_536])
def test_chunks_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, at_once: int) -> None:
    """Wherever the first bad row is met, none is lost and none is there twice."""
    rows = [*people()[:20], changed(age="x"), *people()[20:40], ["a"], [""] * 8, *people()[40:], changed(fee="?")]
    source = write(tmp_path / "new.csv", rows)
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", chunk)
    monkeypatch.setattr("rnacli.tables.rejected.AT_ONCE", at_once)
    assert predict_rows(people_run(), source, tmp_path / "out.csv", options=SKIP) == 60
    assert [line["person"] for line in read(tmp_path / "out.csv")] == [row[0] for row in people()]
    assert [line["line"] for line in read(tmp_path / "out.rejected.csv")] == ["22", "43", "65"]


def test_lines_of_blanks_are_no_rows_and_rows_over_several_lines_are_one(tmp_path: Path) -> None:
    lines = [",".join(row) for row in people()[:6]]
    several = changed(city='"So\nria"', age="x")
    text = "\n".join([",".join(NAMES), *lines[:3], "", "   ", *lines[3:], ",".join(several), '1,"2', '3"', ""])
    (tmp_path / "new.csv").write_text(text)
    assert predict_rows(people_run(), tmp_path / "new.csv", tmp_path / "out.csv", options=SKIP) == 6
    first, second = read(tmp_path / "out.rejected.csv")
    assert (first["line"], first["city"]) == ("10", "So\nria")
    assert (second["line"], second["text"]) == ("12", '1,"2\n3"')


@pytest.mark.parametrize(("delimiter", "decimal"), [(";", ","), ("\t", "."), ("|", ".")])
def test_other_forms_of_csv_are_read_row_by_row_too(tmp_path: Path, delimiter: str, decimal: str) -> None:
    good = [row for row in people() if all(row)]
    rows = [*good, changed(age="x"), ["p"]]
    rows = [[cell.replace(".", decimal) for cell in row] for row in rows]
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([NAMES, *rows])
    assert predict_rows(people_run(), tmp_path / "new.csv", tmp_path / "out.csv", options=SKIP) == 54
    assert [line["line"] for line in read(tmp_path / "out.rejected.csv")] == ["56", "57"]
    wanted = text_of(people_run(), write(tmp_path / "plain.csv", good))
    pd.testing.assert_frame_equal(pd.read_csv("out.csv"), pd.read_csv(io.StringIO(wanted)), rtol=1e-5, atol=1e-6)


def as_parquet(path: Path, rows: list[list[str]]) -> Path:
    """A file whose cells are all text, and missing where they are empty."""
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    columns = {name: arrow.array([row[i] or None for row in rows], "string") for i, name in enumerate(NAMES)}
    parquet.write_table(arrow.table(columns), path)
    return path


@pytest.mark.parametrize("chunk", [1, 7, 65_536])
def test_bad_rows_of_parquet_files_are_left_out_with_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", chunk)
    bad = [changed(age="x"), changed(since="2024-02-30", fee="NA"), changed(level="")]
    good = people()
    source = as_parquet(tmp_path / "new.parquet", [bad[0], *good[:40], *bad[1:], *good[40:]])
    options = PredictionOptions("skip", ("buys,age",))
    assert predict_rows(people_run(), source, tmp_path / "out.csv", options=options) == 60
    wanted = text_of(people_run(), write(tmp_path / "new.csv", good), PredictionOptions(columns=("buys,age",)))
    pd.testing.assert_frame_equal(pd.read_csv("out.csv"), pd.read_csv(io.StringIO(wanted)), rtol=1e-5, atol=1e-6)
    found = read(tmp_path / "out.rejected.csv")
    assert [(line["row"], line["reason"], line["text"]) for line in found] == [
        ("1", FAULTS["text in a number"][1], ""),
        ("42", f"{FAULTS['no date'][1]}; {FAULTS['missing, fill: error'][1]}", ""),
        ("43", FAULTS["missing, fill: drop"][1], ""),
    ]
    assert [[line[name] for name in NAMES] for line in found] == bad


def test_numbers_of_parquet_files_are_rejected_too(tmp_path: Path) -> None:
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    columns: dict[str, Any] = {name: [row[i] for row in people()[:5]] for i, name in enumerate(NAMES)}
    columns |= {
        "age": [20, None, 22, 23, 24],
        "fee": [1.5, None, math.nan, math.inf, 1e39],
        "level": [1, 2, 3, None, 4],
    }
    parquet.write_table(arrow.table(columns | {"member": [True, False, True, None, True]}), tmp_path / "new.parquet")
    assert to_file(people_run(), tmp_path / "new.parquet", tmp_path / "out.csv", SKIP) == 1
    reasons = [line["reason"] for line in read(tmp_path / "out.rejected.csv")]
    assert reasons[:2] == ["column 'fee': the value is missing"] * 2
    assert reasons[2] == "column 'fee': expected a number, got 'inf'; column 'level': the value is missing"
    assert "too large" in reasons[3]


def test_parquet_files_without_good_rows_are_refused_as_csv_files_are(tmp_path: Path) -> None:
    none = as_parquet(tmp_path / "none.parquet", [])
    for options in (SKIP, DEFAULT_OPTIONS):
        assert problem_of(text_of, people_run(), none, options).message == "there are no rows"
    bad = as_parquet(tmp_path / "bad.parquet", [changed(age="x"), *people()])
    problem = problem_of(text_of, people_run(), bad, exit_code=DATA)
    assert problem.place == f"{bad}: row 1"
    assert "--on-error skip" in problem.hint
    assert list(csv.reader(io.StringIO(text_of(people_run(), bad, SKIP))))[1][0] == "p0"
    lonely = as_parquet(tmp_path / "lonely.parquet", [changed(fee="")])
    assert "the one row is rejected" in problem_of(text_of, people_run(), lonely, SKIP).message
    other = as_parquet(tmp_path / "other.parquet", people())
    for options in (SKIP, DEFAULT_OPTIONS):
        said = " ".join(problem.message for problem in problems_of(text_of, run_of("flowers"), other, options))
        assert all(f"no column '{name}'" in said for name in ("height", "width", "weight"))


GAPS = """\
name: gaps
dataset: {csv: gaps.csv, target: y, split: {test: {last: 4}}}
layers: [{dense: 1}]
loss: mse
epochs: 1
batch_size: full
"""


@pytest.mark.parametrize("chunk", [2, 65_536])
def test_gaps_of_the_only_column_are_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """They are written as two quotes, since an empty line would be none."""
    (tmp_path / "gaps.csv").write_text("a,y\n" + "".join(f"{i or ''},{i}\n" for i in range(12)))
    with without_pictures():
        run = train_network(experiment(GAPS, tmp_path), tmp_path / "runs", tmp_path / "cache")
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", chunk)
    options = PredictionOptions("skip", ("a",))
    assert predict_rows(run, write(tmp_path / "new.csv", [["1"], [""], ["3"], ["x"], ["4"], ["5"]], ["a"]),
                              tmp_path / "out.csv", options=options) == 5  # fmt: skip
    assert [line["a"] for line in read(tmp_path / "out.csv")] == ["1", "", "3", "4", "5"]
    assert [line["line"] for line in read(tmp_path / "out.rejected.csv")] == ["5"]


def test_good_files_have_no_file_of_rejected_rows(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", people())
    assert predict_rows(people_run(), source, tmp_path / "out.csv", options=SKIP) == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text() == text_of(people_run(), source)


def test_where_no_row_is_good_there_is_no_output_and_an_error(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", [changed(age="x"), ["a"]])
    problem = problem_of(to_file, people_run(), source, tmp_path / "out.csv", SKIP, exit_code=DATA)
    assert "all 2 are rejected" in problem.message
    assert "out.rejected.csv" in problem.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.rejected.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("person,age\np,1\n", "'city'"),
        (",".join(NAMES) + "\n", "no rows"),
        (",".join(NAMES) + '\np,1,"Soria,2024-01-01,yes,1,1,1\n', "never closed"),
        ("", "empty"),
    ],
)
def test_what_is_wrong_with_a_whole_file_cannot_be_skipped(tmp_path: Path, content: str, said: str) -> None:
    problem = problems_of(text_of, people_run(), content, SKIP)[0]
    assert said in problem.message
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_middle_leaves_no_files(tmp_path: Path) -> None:
    lines = [",".join(row) for row in [NAMES, changed(age="x"), *people()]]
    (tmp_path / "new.csv").write_bytes("\n".join(lines).encode() + b"\np\xff,1,1,1,1,1,1,1\n")
    with pytest.raises(RnaError, match="0xff"):
        predict_rows(people_run(), tmp_path / "new.csv", tmp_path / "out.csv", options=SKIP)
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_the_error_says_that_rows_can_be_skipped(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", [*people(), changed(age="x"), changed(fee="")])
    problems = problems_of(text_of, people_run(), source, exit_code=DATA)
    assert [problem.place for problem in problems] == [f"{source}:62", f"{source}:63"]
    assert "--on-error skip" in problems[-1].hint
    for row in (["p9", "33"], changed(city='a "quote"', age="quote")):
        source = write(tmp_path / "new.csv", [row])
        assert "--on-error skip" in problem_of(text_of, people_run(), source).hint
    source.write_text(source.read_text() + '"never closed\n')
    assert "--on-error" not in problem_of(text_of, people_run(), source).hint
    assert not any("--on-error" in problem.hint for problem in problems_of(text_of, people_run(), "person,age\n1,2\n"))


def test_what_is_to_be_done_is_done_in_the_file(tmp_path: Path) -> None:
    """Keys of the experiment are settled when rows are predicted."""
    rows = "\n".join(",".join(row) for row in people())
    path = tmp_path / "new.csv"
    for content, hint in (
        (f"{','.join(NAMES)}\n{','.join(changed(age='n/a'))}\n", "as the training rows are written"),
        (f"{','.join(NAMES)}\n{','.join(changed(city='Ávila'))}\n".encode("cp1252"), "encoding of the training file"),
        (f"{','.join(NAMES)}\n".encode("utf-16"), "encoding of the training file"),
        (rows, "names of the columns above the rows"),
    ):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        problem = problems_of(text_of, people_run(), path)[0]
        assert hint in problem.hint
        assert ": {" not in problem.hint


@pytest.mark.parametrize(
    ("source", "output", "wanted"),
    [
        ("in.csv", "sub/out.csv", "sub/out.rejected.csv"),
        ("in.csv", "sub/out.csv.gz", "sub/out.rejected.csv"),
        ("in.csv", "sub/out", "sub/out.rejected.csv"),
        ("sub/in.csv.zst", None, "in.rejected.csv"),
        ("sub/in.2024.csv", None, "in.2024.rejected.csv"),
        ("in.csv", "/dev/null", "in.rejected.csv"),
    ],
)
def test_rejected_rows_stand_beside_the_output(source: str, output: str | None, wanted: str) -> None:
    found = rejected_path(Path(source), io.StringIO() if output is None else Path(output))
    assert found == Path(wanted)


def test_rejected_rows_never_overwrite_the_input(tmp_path: Path) -> None:
    source = write(tmp_path / "out.rejected.csv", [*people(), ["a"]])
    former = source.read_bytes()
    problem = problem_of(to_file, people_run(), source, tmp_path / "out.csv", SKIP, exit_code=CONFIG)
    assert "overwrite" in problem.message
    assert source.read_bytes() == former


def test_rejected_rows_can_be_mended_and_predicted(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", [*people(), changed(age="x", person="late")])
    predict_rows(people_run(), source, tmp_path / "out.csv", options=SKIP)
    mended = (tmp_path / "out.rejected.csv").read_text().replace(",x,", ",33,")
    assert text_of(people_run(), mended).splitlines()[1].startswith("late,")


def test_columns_of_the_same_names_are_told_apart_from_the_reasons(tmp_path: Path) -> None:
    names = ["line", "reason", *NAMES]
    source = write(tmp_path / "new.csv", [["7", "none", *changed(age="x")], ["8", "none", *changed()]], names)
    predict_rows(people_run(), source, tmp_path / "out.csv", options=SKIP)
    (found,) = read(tmp_path / "out.rejected.csv")
    assert (found["rejected_line"], found["line"], found["reason"]) == ("2", "7", "none")
    assert "'x'" in found["rejected_reason"]


def test_arrays_have_no_rows_to_skip_and_no_columns(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((2, 8, 8)))
    for options in (SKIP, PredictionOptions(columns=("all",))):
        assert "arrays" in problem_of(text_of, run_of("pixels"), tmp_path / "x.npy", options, exit_code=CONFIG).message


# Columns that are passed through


def test_columns_are_passed_through_as_they_stand(tmp_path: Path) -> None:
    rows = [[*changed(age="033.50", city="Lugo"), "a, b"], [*changed(age="NA", city=" Vigo"), ""]]
    source = write(tmp_path / "new.csv", rows, [*NAMES, "note"])
    text = text_of(people_run(), source, PredictionOptions(columns=("note,age", "city")))
    assert text.splitlines()[0] == "person,note,age,city,prediction,probability_0,probability_1"
    found = list(csv.DictReader(io.StringIO(text)))
    passed = [(line["note"], line["age"], line["city"].strip()) for line in found]
    assert passed == [("a, b", "033.50", "Lugo"), ("", "NA", "Vigo")]
    plain = list(csv.DictReader(io.StringIO(text_of(people_run(), source))))
    for line, wanted in zip(found, plain, strict=True):
        assert float(line["probability_1"]) == pytest.approx(float(wanted["probability_1"]), abs=1e-6)


def test_all_columns_are_passed_through_once(tmp_path: Path) -> None:
    names = ["buys", "fee", "person", "age", "city", "since", "member", "level"]
    order = [NAMES.index(name) for name in names]
    source = write(tmp_path / "new.csv", [[row[i] for i in order] for row in people()], names)
    text = text_of(people_run(), source, PredictionOptions(columns=("all", "fee"), only="label"))
    found = list(csv.reader(io.StringIO(text)))
    assert found[0] == ["person", *(name for name in names if name != "person"), "prediction"]
    columns = {name: [row[found[0].index(name)] for row in found[1:]] for name in NAMES}
    assert columns == {name: [row[i] for row in people()] for i, name in enumerate(NAMES)}


def test_columns_with_commas_in_their_names_and_one_called_all(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", [[*people()[0], "1", "2"]], [*NAMES, "a,b", "all"])
    options = PredictionOptions(columns=("a,b", "all"), only="label")
    assert text_of(people_run(), source, options).splitlines()[0] == 'person,"a,b",all,prediction'


def test_columns_that_are_not_there_or_would_be_there_twice_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", [[*people()[0], "1"]], [*NAMES, "prediction"])
    problem = problem_of(text_of, people_run(), source, PredictionOptions(columns=("age,citty",)), exit_code=CONFIG)
    assert (problem.place, problem.hint) == ("--columns", "did you mean city?")
    assert "'citty'" in problem.message
    for asked in ("all", "prediction"):
        assert (
            "twice"
            in problem_of(text_of, people_run(), source, PredictionOptions(columns=(asked,)), exit_code=CONFIG).message
        )
    assert "prediction," in text_of(
        people_run(), source, PredictionOptions(columns=("prediction",), only="probabilities")
    )


def test_columns_that_the_file_keeps_from_the_network_are_known(tmp_path: Path) -> None:
    text = PEOPLE.replace("level: {fill: drop}", "level: ignore").replace(
        "0.25}", "0.25, group: city}\n  sample_weight: fee"
    )
    assert experiment(text, tmp_path).dataset.set_aside >= {"level", "city", "fee"}


def test_columns_that_are_passed_are_not_named_as_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = write(tmp_path / "new.csv", [[*people()[0], "1", "2"]], [*NAMES, "note", "more"])
    with caplog.at_level("INFO", "rnacli"):
        text_of(people_run(), source, PredictionOptions(columns=("note",)))
    assert caplog.messages == [f"{source}: not used by the network: more"]


# What is written


@pytest.mark.parametrize(
    ("name", "only", "header"),
    [
        ("flowers", "label", "plant,prediction"),
        ("flowers", "probabilities", "plant,probability_lirio,probability_rosa,probability_tulipán"),
        ("prices", "label", "prediction"),
        ("pairs", "label", "prediction_price,prediction_rooms"),
        ("margin", "label", "prediction"),
    ],
)
def test_only_what_is_asked_for_is_written(name: str, only: str, header: str) -> None:
    run = run_of(name)
    file = {"pairs": "prices", "margin": "answers"}.get(name, name)
    whole = list(csv.DictReader(io.StringIO(text_of(run, data_of(run) / f"{file}.csv"))))
    text = text_of(run, data_of(run) / f"{file}.csv", PredictionOptions(only=only))
    assert text.splitlines()[0] == header
    found = list(csv.DictReader(io.StringIO(text)))
    assert found == [{key: line[key] for key in header.split(",")} for line in whole]


def test_values_have_no_probabilities() -> None:
    run = run_of("prices")
    options = PredictionOptions(only="probabilities")
    problem_of(text_of, run, data_of(run) / "prices.csv", options, exit_code=CONFIG)


@pytest.mark.parametrize(("option", "value"), [("only", "labels"), ("on_error", "ignore")])
def test_other_words_are_refused(option: str, value: str) -> None:
    problem = problem_of(lambda: PredictionOptions(**{option: value}), exit_code=CONFIG)
    assert value in problem.message
    assert problem.hint


def test_outputs_can_be_packed_and_are_csv(tmp_path: Path) -> None:
    source = write(tmp_path / "new.csv", people())
    predict_rows(people_run(), source, tmp_path / "out.csv.gz")
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()).decode() == text_of(people_run(), source)
    for name in ("out.parquet", "out.xlsx", "out.csv.zst"):
        problem_of(predict_rows, people_run(), source, tmp_path / name, exit_code=CONFIG)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+34 600", "'+34 600"), ("-2+3", "'-2+3"), ("＝1", "'＝1"),
        ("\t=1", '"\'\t\'=1"'), ("\r=1", '"\'\r\'=1"'), ('=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'),
        ("-1.5", "-1.5"), ("+3", "+3"), ("-1e-5", "-1e-5"), ("-1,5", '"-1,5"'), ("-.5", "-.5"), ("+", "+"), ("-", "-"),
        ("a=1", "a=1"), ("ñ", "ñ"), ("", ""), ("a b", "a b"), ("a,b", '"a,b"'), ('say "a"', '"say ""a"""'),
        (" a", '" a"'), ("a ", '"a "'), ("a\nb", '"a\nb"'), ("2024-01-01", "2024-01-01"),
        ("'=1", "'=1"), ("-1e5x", "'-1e5x"), ("x;=cmd|' /C calc'!A0;y", "\"x;'=cmd|' /C calc'!A0;y\""),
        ("a;b", '"a;b"'), ("a\t@b", '"a\t\'@b"'), ("a;-2;+3.5;-", '"a;-2;+3.5;\'-"'),
        ("\ufeff=1", "'\ufeff=1"), ("a;\u200b=1", '"a;\'\u200b=1"'),
    ],
)  # fmt: skip
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, written: str) -> None:
    assert safe_cell(text) == written


@given(st.lists(st.text("=+-@;,\t\"' \na1\ufeff", max_size=9), min_size=1, max_size=4))
@settings(max_examples=400)
def test_no_spreadsheet_finds_a_formula_whatever_it_divides_lines_at(texts: list[str]) -> None:
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(safe_row(texts)), delimiter=delimiter):
            for cell in row:
                seen = cell.lstrip("\ufeff")
                is_number = re.fullmatch(r"[-+]([0-9]+[.,]?[0-9]*|[.,][0-9]+)", seen.rstrip('\n"'))
                # In a file of several cells, what stands before another delimiter is one cell with it.
                begins = seen[:1] in tuple("=+-@") and re.fullmatch(r"[^,;\t]{2,}", seen, re.DOTALL)
                assert not begins or is_number, (delimiter, cell)
    assert next(csv.reader(io.StringIO(safe_row(["x", *texts])))) is not None


def test_formulas_are_harmless_wherever_text_is_written(tmp_path: Path) -> None:
    rows = [changed(person="=1+1", city="@x"), changed(person="-7", city="-7.5"), changed(person="+a", age="=x")]
    source = write(tmp_path / "new.csv", [[*row, "=2"] for row in rows], [*NAMES, "=note"])
    predict_rows(people_run(), source, tmp_path / "out.csv", options=PredictionOptions("skip", ("city,=note",)))
    texts = [(line["person"], line["city"], line["'=note"]) for line in read(tmp_path / "out.csv")]
    assert texts == [("'=1+1", "'@x", "'=2"), ("-7", "-7.5", "'=2")]
    (line,) = read(tmp_path / "out.rejected.csv")
    assert (line["person"], line["age"], line["'=note"]) == ("'+a", "'=x", "'=2")


# Drift, and the command


def test_drift_is_noted_once_for_all_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", 16)
    strange: dict[str, Any] = {"age": "120", "city": "Ávila", "since": "1999-12-31"}
    rows = [*people(), changed(**strange), changed(age="", city=""), changed(city="Xàtiva", member="?")]
    with caplog.at_level(logging.INFO, "rnacli"):
        text_of(people_run(), write(tmp_path / "new.csv", rows))
    said = [message for message in caplog.messages if "rows" in message]
    assert said[0] == "age: 1 of 63 rows is outside the training range 20 to 59"
    assert said[1].startswith("age: 7 of 63 rows have no value; taken as ")
    assert said[2] == "city: 2 of 63 rows have categories unseen in training: 'Ávila', 'Xàtiva'"
    assert said[3] == "city: 1 of 63 rows has no value; taken as a category unseen in training"
    assert re.match(r"since: \d of 63 rows (is|are) outside the training dates 2024-01-\d\d to 2024-01-\d\d$", said[4])
    assert said[5].startswith("member: 1 of 63 rows has no value; taken as ")


def test_the_command_skips_passes_and_tells(tmp_path: Path) -> None:
    write(tmp_path / "new.csv", [*people(), changed(age="x"), changed(age="200")])
    arguments = ("predict", people_run().path, "new.csv", "--on-error", "skip", "--columns", "city", "--only", "label")
    done = rna(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "person,city,prediction"
    assert len(done.stdout.splitlines()) == 62
    assert "1 of 62 rows rejected: see new.rejected.csv" in done.stderr
    assert "age: 1 of 61 rows is outside the training range 20 to 59" in done.stderr
    assert "61 rows predicted" in done.stderr
    assert len(read(tmp_path / "new.rejected.csv")) == 1


def test_the_command_fails_where_no_row_is_good(tmp_path: Path) -> None:
    write(tmp_path / "new.csv", [changed(age="x")])
    done = rna("predict", people_run().path, "new.csv", "-o", "out.csv", "--on-error", "skip", cwd=tmp_path)
    assert done.returncode == DATA
    assert "out.rejected.csv" in done.stderr
    assert not (tmp_path / "out.csv").exists()
