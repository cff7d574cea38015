"""Columns that are nearly numbers or dates: read, or named as what they look like with the key that reads them."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from fixtures import experiment, problem_of

from rnacli.encoders.kind_of import infer_kind
from rnacli.errors import DATA
from rnacli.examples.load import Data, load_data
from rnacli.results.predict import predict_rows
from rnacli.runs.find import open_run
from rnacli.tables.durations import parse_duration
from rnacli.tables.fractions import parse_fraction
from rnacli.tables.numbers import PLAIN
from rnacli.training.train import train_network


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("1:30:00", 5400), ("26:00:05", 93_605), ("75:30", 4530), ("8:39.5", 519.5), ("90 min", 5400), ("2h 5m", 7500),
        ("2h5m", 7500), ("2h", 7200), ("1 h 30 min", 5400), ("2 horas y 5 minutos", 7500), ("1,5 h", 5400),
        ("0 days 18:31:59", 66_719), ("3 days 04:00:00", 273_600), ("2 days, 1:00:00", 176_400), ("PT4H8M", 14_880),
        ("P1DT1H", 90_000), ("PT1.5S", 1.5), ("14h30", 52_200), ("-1:00:00", -3600), ("1 week", 604_800), ("45s", 45),
        ("1 año", 31_556_952), ("3 months", 7_889_238),
    ],
)  # fmt: skip
def test_durations_are_read_in_seconds(word: str, seconds: float) -> None:
    assert parse_duration(word) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "word",
    ["", "5", "5 kg", "5m 2h", "1:75:00", "1:5", "P", "PT", "h", "2h 5", "3D", "12:00 pm", "1:30:00:00", "a", "5h5h"],
)
def test_what_is_no_duration(word: str) -> None:
    assert math.isnan(parse_duration(word))


@pytest.mark.parametrize(
    ("word", "number"),
    [("1/2", 0.5), ("3 1/2", 3.5), ("-3 1/2", -3.5), ("½", 0.5), ("2½", 2.5), ("2 ¼", 2.25), ("7", 7), ("0.5", 0.5),
     ("3-1/2", 3.5), ("8/10", 0.8), ("-½", -0.5)],
)  # fmt: skip
def test_fractions_are_numbers(word: str, number: float) -> None:
    assert parse_fraction(word) == pytest.approx(number)


@pytest.mark.parametrize("word", ["", "1/0", "a/2", "1/2/3", "1//2", "1/", "kg", "1 2"])
def test_what_is_no_fraction(word: str) -> None:
    assert math.isnan(parse_fraction(word))


MANY = range(30)
LOOKS: dict[str, tuple[list[str], str, str, str]] = {
    "durations": (["2h 5m", "45m", "1h"], "duration", "durations such as '2h 5m'", "categorical"),
    "minutes and seconds": (["75:30", "03:20", "12:00"], "duration", "read as minutes and seconds", "categorical"),
    "times or durations": (["1:30:00", "0:20:00", "2:05:10"], "date", "times as %H:%M:%S", "{{column}: duration}"),
    "days": (["1 day", "3 days", "2 days"], "duration", "durations", ""),
    "not durations": (["2d", "3d", "4d"], "categorical", "3 different words", ""),
    "fractions": (["1/2", "3 1/2", "4"], "fraction", "fractions such as '3 1/2'", "categorical"),
    "marks of ten": (["8/10", "7/10", "10/10"], "fraction", "fractions", ""),
    "two numbers": ([f"{90 + i}/{60 + i}" for i in MANY], "faulty", "several numbers in each cell", "fraction"),
    "sizes": ([f"{i}x{i + 3}" for i in MANY], "faulty", "several numbers in each cell", "a column of each"),
    "groups": (["20-30", "30-40", "40-50"], "categorical", "3 different words", ""),
    "kg and g": (["5 kg", "300 g", "2 kg"], "faulty", "different units: 'kg' and 'g'", "in one unit"),
    "kilos and none": (
        ["5 kg", "300", "2 kg"],
        "faulty",
        "with 'kg', such as '5 kg', and numbers without",
        "or beside none",
    ),
    "percent and none": (
        ["5%", "0.3", "2%"],
        "faulty",
        "numbers without it, such as '0.3'",
        "{{column}: {strip: '%'}}",
    ),
    "currencies": (["$5", "€7", "$9"], "faulty", "different units: '$' and '€'", "in one unit"),
    "sides": (["5.2 N", "3.1 S", "2 N"], "faulty", "degrees such as '5.2 N'", "as negative numbers"),
    "about": (["~5", "~6", "7", "~8"], "faulty", "with a sign such as '~5'", "{{column}: {strip: '~'}}"),
    "accounts": (["(5)", "(7)", "9", "(3)"], "numeric", "negative ones such as '(5)'", "categorical"),
    "all in brackets": (["(5)", "(7)", "(3)"], "faulty", "what may be negative numbers", "numeric"),
    "minus behind": (["500-", "7-", "9", "3-"], "numeric", "negative ones such as '500-'", "categorical"),
    "marks of a school": (["1-", "2-", "2", "3"], "faulty", "what may be negative numbers", "numeric"),
    "words beside gaps": (["yes", "no", "n/a"], "categorical", "3 different words", ""),
    "gaps": (["-", "s/d", "5", "6"], "faulty", "numbers, but also '-'", "{missing: ['-', 's/d']}"),
    "two decimal marks": (
        ["1.5", "2,5", "3,25", "4,5"],
        "faulty",
        "decimal points and numbers with decimal commas",
        "same mark",
    ),
    "dates of two kinds": (["2020-01-31", "31/01/2020", "2020-02-01"], "faulty", "dates in several ways", "in one way"),
    "no such day": (
        ["2020-01-31", "2021-02-30", "2020-02-01"],
        "faulty",
        "'2021-02-30', a day that does not",
        "missing",
    ),
    "zones": (
        ["2020-01-31 10:00 CET", "2020-01-30 10:00 CET", "2020-01-29 10:00 CEST"],
        "faulty",
        "time zone",
        "+01:00",
    ),
    "months": (["2020-01", "2021-12", "2019-03"], "date", "dates as %Y-%m writes them", ""),
    "months first": (["01/2020", "12/2021", "03/2019"], "date", "dates as %m/%Y writes them", ""),
    "halves of days": (["7:40 a.m.", "1:31 p.m.", "12:00 p. m."], "date", "times as %I:%M %p", ""),
    "months of statistics": (["2020M01", "2021M12", "2019M03"], "date", "dates as %YM%m writes them", ""),
    "tweets": (
        ["Fri Jan 01 08:30:00 +0000 2021", "Sat Jan 02 08:30:00 +0000 2021", "Sun Jan 03 08:31:00 +0000 2021"],
        "date",
        "dates as %b %d %H:%M:%S %z %Y writes them",
        "",
    ),
    "compact": (["20200131T0930", "20200131T1030", "20200201T0000"], "date", "%Y%m%dT%H%M", ""),
    "quarters behind": (["2020 Q1", "2020 Q2", "2020 Q3"], "categorical", "quarters or weeks", "2026.25"),
    "printed minus": (["–5", "–7.5", "8"], "faulty", "negative numbers such as '–5'", "a plain - for –"),
    "quarters": (["Q1 2020", "Q2 2020", "Q3 2020"], "categorical", "quarters or weeks", "2026.25"),
    "powers": (["1.5x10^3", "2x10^4", "3x10^5"], "faulty", "numbers such as '1.5x10^3'", "1.5e3"),
    "other digits": (["٣٩", "٦٧", "٥٤"], "faulty", "numbers in other digits", "0 to 9"),
    "together": (["112m2", "94m2", "80m2"], "numeric", "numbers with 'm2'", ""),
    "codes": (["0x10", "0x11", "0xff"], "categorical", "3 different words", ""),
    "sides of a match": (["1", "2", "x", "x", "x"], "categorical", "3 different words", ""),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_column_is_named_as_what_it_looks_like(name: str) -> None:
    cells, kind, why, hint = LOOKS[name]
    words = list(dict.fromkeys(cells))
    content = infer_kind(words, np.array([cells.count(word) for word in words]), PLAIN)
    assert content.kind == kind
    assert why in content.why
    assert hint in content.hint


CONFIG = """\
name: looks
dataset: {csv: t.csv, target: y, columns: {}, split: {test: 0.2}}
layers: [{dense: 1}]
loss: mse
epochs: 1
"""


def write_table(folder: Path, x: list[str], y: list[str]) -> None:
    with (folder / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("x", "y"), *zip(x, y, strict=True)])


def read(folder: Path, columns: str = "{}", loss: str = "mse") -> Data:
    text = CONFIG.replace("columns: {}", f"columns: {columns}").replace("loss: mse", f"loss: {loss}")
    if loss != "mse":
        text = text.replace("dense: 1", "dense: {units: 1, activation: sigmoid}")
    return load_data(experiment(text, folder), folder)


def test_what_was_learnt_of_durations_and_fractions_is_used_again(tmp_path: Path, plain: None) -> None:
    write_table(tmp_path, [f"{i}h {i + 1}m" for i in range(40)], [f"{i} 1/2" for i in range(40)])
    made = experiment(CONFIG.replace("columns: {}", 'columns: {"y": fraction}'), tmp_path)
    run = open_run(train_network(made, tmp_path / "runs", tmp_path).path)
    write_table(tmp_path, ["2h 3m", "123 min", "2:03:00"], ["1/2"] * 3)
    predict_rows(run, tmp_path / "t.csv", tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    assert (len(rows), len({row["prediction"] for row in rows})) == (3, 1)
    write_table(tmp_path, ["5 kg"], ["1"])
    problem = problem_of(predict_rows, run, tmp_path / "t.csv", tmp_path / "other.csv", exit_code=DATA)
    assert "expected a duration such as 1:30:00" in problem.message


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        (["1:30:00", "2:30:00"], 'columns: {"y": duration}'),
        (["1/2", "3 1/2"], 'columns: {"y": fraction}'),
        (["5 €", "7 €"], "unit: '€'"),
        (["5", "<3", "7"], "strip: '<'"),
        (["5", "s/d", "7"], "missing: ['s/d']"),
        (["5", "", "7"], "{fill: drop}"),
        (["5", "6.9k", "7"], "write the number out"),
    ],
)
def test_a_target_of_numbers_says_which_key_reads_it(tmp_path: Path, cells: list[str], hint: str) -> None:
    write_table(tmp_path, [str(i) for i in range(30)], [cells[i % len(cells)] for i in range(30)])
    assert hint in problem_of(read, tmp_path).hint


@pytest.mark.parametrize(("word", "other"), [("yes", "'no'"), ("1", "0"), ("x", "'no'")])
def test_a_blank_of_a_target_is_an_answer_where_the_file_says_so(tmp_path: Path, word: str, other: str) -> None:
    y = [word if i % 3 else "" for i in range(30)]
    write_table(tmp_path, [str(i) for i in range(30)], y)
    problem = problem_of(read, tmp_path, "{}", "binary_crossentropy")
    assert f"{{fill: {{constant: {other}}}}}" in problem.hint
    data = read(tmp_path, f'{{"y": {{fill: {{constant: {other}}}}}}}', "binary_crossentropy")
    (task,) = data.tasks.values()
    assert set(task.labels) == {word, other.strip("'")}
    assert task.positive == word
    answers = [task.labels[i] for i in task.truth(data.rows.y)]
    assert answers == [word if cell else other.strip("'") for cell in y]


def test_a_blank_of_a_target_of_numbers_is_a_number_where_the_file_says_so(tmp_path: Path) -> None:
    write_table(tmp_path, [str(i) for i in range(30)], [str(i) if i % 3 else "" for i in range(30)])
    assert read(tmp_path, '{"y": {fill: 0}}').rows.y.tolist() == [i if i % 3 else 0 for i in range(30)]
    assert "'none' is to stand" in problem_of(read, tmp_path, '{"y": {fill: {constant: none}}}', exit_code=2).message
