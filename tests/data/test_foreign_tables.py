"""Tables as other programs and people write them, against plain pandas calls in which everything is stated."""

import csv
import io
import itertools
import json
import logging
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from fixtures import experiment, problem_of

from rnacli.data.csv import Csv
from rnacli.data.examples import Examples
from rnacli.data.section import Part, Split
from rnacli.data.table import read_table
from rnacli.data.where import Where
from rnacli.document.place import Place
from rnacli.encoders.section import Column
from rnacli.examples.load import load_data

ROWS = 60
NETWORK = {"layers": [{"dense": 1}], "loss": "binary_crossentropy", "optimizer": "adam", "epochs": 1}
WORDS = ("ácido", "año", "crudo")
MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
MOIS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre")  # fmt: skip


class Marks(NamedTuple):
    """How numbers are written, and what pandas is told of it."""

    delimiter: str
    write: Callable[[float], str]
    decimal: str = "."
    thousands: str | None = None
    unit: str = ""
    negative: str = r"^-(.*)$"


def swap(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


MARKS = {
    "point": Marks(",", lambda value: f"{value:.2f}"),
    "comma": Marks(";", lambda value: f"{value:.2f}".replace(".", ","), ","),
    "quoted comma": Marks(",", lambda value: f"{value:.2f}".replace(".", ","), ","),
    "thousands": Marks(";", lambda value: swap(f"{value:,.2f}"), ",", "."),
    "english thousands": Marks("\t", lambda value: f"{value:,.2f}", ".", ","),
    "euros": Marks(";", lambda value: swap(f"{value:,.2f}") + " €", ",", ".", " €"),
    "percent": Marks(",", lambda value: f"{value:.2f}%", ".", None, "%"),
    "accounts": Marks(
        ",", lambda value: f"({-value:,.2f})" if value < 0 else f"{value:,.2f}", ".", ",", "", r"^\((.*)\)$"
    ),
    "minus behind": Marks(";", lambda value: swap(f"{abs(value):.2f}") + "-" * (value < 0), ",", None, "", "^(.*)-$"),
    "swiss": Marks(";", lambda value: f"{value:,.2f}".replace(",", "’"), ".", "’"),
    "french": Marks(";", lambda value: swap(f"{value:,.2f}").replace(".", "\u202f"), ",", "\u202f"),
    "rupees": Marks("\t", lambda value: f"Rs. {value:,.2f}", ".", ",", "Rs. "),
}
DATES: dict[str, tuple[Callable[[pd.Timestamp], str], str]] = {
    "iso": (lambda day: f"{day:%Y-%m-%d}", "%Y-%m-%d"),
    "day first": (lambda day: f"{day:%d/%m/%Y}", "%d/%m/%Y"),
    "month first": (lambda day: f"{day:%m/%d/%Y}", "%m/%d/%Y"),
    "points": (lambda day: f"{day:%d.%m.%y}", "%d.%m.%y"),
    "named": (lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}", "%d %b %Y"),
    "timed": (lambda day: f"{day:%d/%m/%Y %H:%M}", "%d/%m/%Y %H:%M"),
    "french": (lambda day: f"{day.day} {MOIS[day.month - 1]} {day.year}", "%d %B %Y"),
    "year first": (lambda day: f"{day:%y-%m-%d}", "%y-%m-%d"),
    "zoned": (lambda day: f"{day:%Y-%m-%d %H:%M:%S} UTC", "%Y-%m-%d %H:%M:%S UTC"),
    "half days": (lambda day: f"{day:%m/%d/%Y, %I:%M:%S %p}", "%m/%d/%Y, %I:%M:%S %p"),
}


class Shape(NamedTuple):
    """What stands around the rows: how it is put there, the lines that pandas skips, and how often all is quoted."""

    put: Callable[[list[list[str]], str], list[list[str]]]
    skip: tuple[int, ...] = ()
    quoted: int = 1


SHAPES = {
    "plain": Shape(lambda rows, mark: rows),
    "sep": Shape(lambda rows, mark: [[f"sep={mark}"], *rows], (0,)),
    "titles": Shape(lambda rows, mark: [["Informe de 2020"], [], ["Lima"], *rows], (0, 1, 2)),
    "padded titles": Shape(
        lambda rows, mark: [
            ["Informe", *[""] * 5],
            ["Fecha", "01/02/2020", *[""] * 4],
            [""] * 6,
            *([*r, ""] for r in rows),
        ],
        (0, 1, 2),
    ),
    "units": Shape(lambda rows, mark: [rows[0], ["(kg)", "", "", "", ""], *rows[1:]], (1,)),
    "nameless": Shape(lambda rows, mark: [[*row, "", ""] for row in rows]),
    "long header": Shape(lambda rows, mark: [[*rows[0], ""], *rows[1:]]),
    "blank lines": Shape(lambda rows, mark: [*rows[:9], [""] * 5, *rows[9:], [""] * 5, [""] * 5]),
    "groups": Shape(lambda rows, mark: [["medida", "medida", "otros", "otros", "y"], *rows], (0,)),
    "comments": Shape(lambda rows, mark: [["# a", "b", "c", "d", "e"], ["#"], *rows], (0, 1)),
    "joined": Shape(lambda rows, mark: [*rows[:9], ["\ufeff" + rows[9][0], *rows[9][1:]], *rows[10:]]),
    "quoted twice": Shape(lambda rows, mark: [[f'"{cell}"' for cell in row] for row in rows], (), 2),
    "row numbers": Shape(
        lambda rows, mark: [["", "Unnamed: 0", *rows[0]], *([str(i), str(i), *row] for i, row in enumerate(rows[1:]))]
    ),
}


def write_table(path: Path, marks: Marks, write_date: Callable[[pd.Timestamp], str], shape: Shape, seed: int) -> None:
    random = np.random.default_rng(seed)
    days = pd.Timestamp("2021-01-29 08:05") + pd.to_timedelta(random.integers(0, 700, ROWS), "D")
    accents = ["NFC", "NFD"]
    rows = [[unicodedata.normalize("NFD", "peso_neto_año"), "fecha", "tipo", "socio", "y"]]
    for i, day in enumerate(days):
        value = float(random.normal(0, 4000))
        word = unicodedata.normalize(accents[i % 2], WORDS[i % 3])
        rows.append([marks.write(value), write_date(day), word, ["yes", ""][int(random.integers(2))], str(i % 2)])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=marks.delimiter).writerows(shape.put(rows, marks.delimiter))


def read_by_pandas(path: Path, marks: Marks, form: str, shape: Shape) -> pd.DataFrame:
    """The same columns by pandas, to which all is said."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    text = unicodedata.normalize("NFC", "".join(line for i, line in enumerate(lines) if i not in shape.skip))
    for _ in range(shape.quoted - 1):
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=marks.delimiter)
        text = "".join(marks.delimiter.join(row) + "\n" for row in rows)
    frame = pd.read_csv(
        io.StringIO(text.replace("\ufeff", "")), sep=marks.delimiter, dtype=str, keep_default_na=False, index_col=False
    )
    frame = frame[(frame != "").any(axis=1)][["peso_neto_año", "fecha", "tipo", "socio", "y"]]
    numbers = frame["peso_neto_año"].str.replace(marks.unit, "", regex=False)
    below = numbers.str.fullmatch(marks.negative)
    numbers = numbers.str.replace(marks.negative, r"\1", regex=True)
    numbers = numbers.str.replace(marks.thousands or "\0", "", regex=False).str.replace(marks.decimal, ".", regex=False)
    dates = frame["fecha"]
    for names, written in ((MONTHS, "%b"), (MOIS, "%B")):
        for name, english in zip(
            names, pd.date_range("2021-01-01", periods=12, freq="MS").strftime(written), strict=True
        ):
            dates = dates.str.replace(f" {name} ", f" {english} ", regex=False)
    seconds = pd.to_datetime(dates, format=form).astype("datetime64[s]").astype("int64")
    return pd.DataFrame(
        {
            "number": numbers.astype(float).where(~below, -numbers.astype(float)),
            "date": seconds,
            "word": frame["tipo"],
            "member": frame["socio"] == "yes",
        }
    )


def read(path: Path, **keys: Any) -> Examples:
    data = Csv(csv=path.name, target=keys.pop("target", "y"), **keys)
    return read_table(data, Where(path.parent, lambda *key: Place("e.yaml", 1), path.parent / "cache"))


def some_pairs(shape: str, every: int) -> list[tuple[str, str]]:
    """One in ``every`` pairs of marks and dates, others for each shape."""
    start = list(SHAPES).index(shape)
    pairs = itertools.product(enumerate(MARKS), enumerate(DATES))
    return [(marks, date) for (i, marks), (j, date) in pairs if (start + 3 * i + j) % every == 0]


def test_a_few_pairs_of_each_shape_have_all_marks_and_dates() -> None:
    pairs = [pair for shape in SHAPES for pair in some_pairs(shape, 20)]
    assert 60 <= len(pairs) <= 80
    assert {marks for marks, _ in pairs} == set(MARKS)
    assert {date for _, date in pairs} == set(DATES)


@pytest.mark.parametrize("every", [20, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shape", SHAPES)
def test_files_of_other_people_are_read_as_pandas_reads_them_when_told(tmp_path: Path, shape: str, every: int) -> None:
    for i, (marks, date) in enumerate(some_pairs(shape, every)):
        path, (write_date, form) = tmp_path / f"{i}.csv", DATES[date]
        write_table(path, MARKS[marks], write_date, SHAPES[shape], i)
        rows, told = read(path), read_by_pandas(path, MARKS[marks], form, SHAPES[shape])
        what = (marks, date, shape)
        assert rows.features == ("peso_neto_año", "fecha", "tipo", "socio"), what
        assert {name: found.kind for name, found in rows.kinds.items()} == dict(
            zip(rows.features, ("numeric", "date", "categorical", "boolean"), strict=True)
        ), what
        values = rows.x.take(np.arange(len(rows.x)))
        np.testing.assert_array_equal(values[:, 0], told["number"], err_msg=str(what))
        np.testing.assert_array_equal(values[:, 1], told["date"], err_msg=str(what))
        assert [rows.words["tipo"][int(code)] for code in values[:, 2]] == told["word"].tolist(), what
        np.testing.assert_array_equal(values[:, 3] == 1, told["member"], err_msg=str(what))


def test_titles_and_ends_of_the_tables_of_a_bank_are_left_out(tmp_path: Path) -> None:
    """Above a header with years, below lines that are shorter, and with a comma at each line's end."""
    years = range(1990, 2000)
    lines = ['"Data Source","World Development Indicators",', "", '"Last Updated Date","2021-01-01",', ""]
    lines += ['"Country","Code",' + "".join(f'"{year}",' for year in years)]
    lines += [f'"País {i}","P{i}",' + "".join(f'"{i * year + 0.5}",' for year in years) for i in range(9)]
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n", "utf-8")
    rows = read(tmp_path / "d.csv", target="1999")
    assert rows.features == ("Country", "Code", *map(str, range(1990, 1999)))
    assert rows.column(2, np.arange(9)).tolist() == [i * 1990 + 0.5 for i in range(9)]


def test_a_record_that_is_quoted_as_a_whole_is_one_of_several_cells(tmp_path: Path) -> None:
    lines = ['"a,b,y"', *(f'"{i},x""{i % 3}"",{i % 2}"' for i in range(9))]
    (tmp_path / "d.csv").write_text("\n".join(lines))
    rows = read(tmp_path / "d.csv")
    assert rows.column(0, np.arange(9)).tolist() == list(range(9))
    assert list(rows.words["b"]) == ['x"0"', 'x"1"', 'x"2"']


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        (["45.310", "1.200", "98.000"], "thousands: '.'"),  # of a file of semicolons: 45310, or 45.31?
        (["1,200", "45,310", "9,000"], "thousands: ','"),
        (["12%", "0.5", "13%", "14%"], "strip: '%'"),
        (["01/02/2020", "03/04/2021", "05/06/2022"], "format: '%d/%m/%Y'"),
    ],
)
def test_what_may_be_two_things_is_asked(tmp_path: Path, cells: list[str], hint: str) -> None:
    (tmp_path / "d.csv").write_text("a;y\n" + "".join(f"{cell};{i % 2}\n" for i, cell in enumerate(cells)))
    assert hint in problem_of(read, tmp_path / "d.csv", exit_code=1).hint


def test_a_key_answers_what_a_file_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a;y\n45.310;0\n1.200;1\n")
    assert read(tmp_path / "d.csv", thousands=".").x.take(np.arange(2))[:, 0].tolist() == [45310, 1200]
    assert read(tmp_path / "d.csv", decimal=".").x.take(np.arange(2))[:, 0].tolist() == [45.31, 1.2]
    (tmp_path / "d.csv").write_text("glucose,age,y\n0,0,0\n90,5,1\n?,6,1\n")
    rows = read(tmp_path / "d.csv", columns={"glucose": Column(missing=("0",))})
    np.testing.assert_array_equal(rows.x.take(np.arange(3)), [[np.nan, 0], [90, 5], [np.nan, 6]])


def test_codes_with_zeros_in_front_are_no_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    codes = ["28013", "08001", "01001"]
    (tmp_path / "d.csv").write_text("cp,n,y\n" + "".join(f"{codes[i % 3]},{i},{i % 2}\n" for i in range(30)))
    with caplog.at_level(logging.INFO, "rnacli"):
        rows = read(tmp_path / "d.csv")
    assert sorted(rows.words["cp"]) == sorted(codes)
    assert rows.kinds["n"].kind == "numeric"
    assert "columns: {cp: numeric}" in caplog.text
    assert read(tmp_path / "d.csv", columns={"cp": Column(kind="numeric")}).column(0, np.arange(2)).tolist() == [
        28013,
        8001,
    ]


@pytest.mark.parametrize("labels", [("01", "02", "10"), ("1E5", "2E3", "7E1"), ("1.10", "1.1", "2"), ("a", "b", "c"),
                                    ("9007199254740993", "9007199254740992", "1")])  # fmt: skip
def test_labels_come_back_letter_by_letter(tmp_path: Path, labels: tuple[str, ...]) -> None:
    (tmp_path / "d.csv").write_text("x,y\n" + "".join(f"{i},{labels[i % 3]}\n" for i in range(30)))
    assert set(read(tmp_path / "d.csv").y.tolist()) == set(labels)


def test_a_time_order_is_that_of_the_dates(tmp_path: Path) -> None:
    days = [f"{1 + i % 28:02}/{1 + i // 28:02}/2021" for i in range(84)]
    (tmp_path / "d.csv").write_text("f,x,y\n" + "".join(f"{day},{i},{i % 2}\n" for i, day in enumerate(days)))
    rows = read(tmp_path / "d.csv", split=Split(test=Part(0.2), order_by="f"))
    assert rows.order is not None
    assert np.argsort(rows.order).tolist() == list(range(84))


def test_a_column_without_a_name_that_has_values_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,,y\n1,,0\n2,7,1\n")
    assert problem_of(read, tmp_path / "d.csv", exit_code=1).message == "column 2 has no name"


def test_a_column_that_filling_makes_constant_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{5 if i % 3 else ''},{1 if i % 4 else ''},{i},{i % 2}" for i in range(40)]
    (tmp_path / "d.csv").write_text("\n".join(["five,box,x,y", *rows, ""]))
    text = json.dumps({**NETWORK, "dataset": {"csv": "d.csv", "target": "y", "split": {"test": 0.2}}})
    with caplog.at_level(logging.INFO, "rnacli"):
        load_data(experiment(text, tmp_path), tmp_path)
    assert "five is constant once its missing values are filled" in caplog.text
    assert "columns: {five: {indicator: true}}" in caplog.text
    assert "box is constant" not in caplog.text  # 1 or blank is an answer
    assert "32 training rows have no value; taken as 0" in caplog.text


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("id,y", lambda i: f"{9007199254740993 + i},{i % 2}", "more than 15 digits, which are rounded"),
        ("day,y", lambda i: f"2021{1 + i % 12:02},{i % 2}".replace(",", f"{1 + i % 28:02},"), "format: '%Y%m%d'"),
        ("code,y", lambda i: f"0x{i * 7 % 40:02x},{i % 2}", "40 different words in 60 rows"),
        ("x,y", lambda i: f"{i},{('A', 'a', 'A ')[i % 3]}", "they differ only in capital letters"),
        ("Size,,Result\nx,z,y", lambda i: f"{i},{i % 7},{i % 2}", "a header on line 2"),
    ],
)  # fmt: skip
def test_what_may_be_meant_otherwise_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, head: str, row: Callable[[int], str], said: str
) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    (tmp_path / "data.csv").write_text("\n".join([head, *map(row, range(ROWS))]) + "\n", "utf-8")
    made = experiment(json.dumps(NETWORK), tmp_path, dataset={"csv": "data.csv", "target": "y", "split": {}})
    load_data(made, tmp_path / "cache")
    assert said in caplog.text


@pytest.mark.parametrize("rows", [60, 20_000])
def test_a_last_row_that_sums_up_the_others_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, rows: int
) -> None:
    lines = ["place,x,y", *(f"place {i},{i % 7},{i % 2}" for i in range(rows)), "Total general,99,1"]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n", "utf-8")
    data = {"csv": "data.csv", "target": "y", "split": {}, "columns": {"place": "ignore"}}
    load_data(experiment(json.dumps(NETWORK), tmp_path, dataset=data), tmp_path / "cache")
    assert "the last row begins with 'Total general'" in caplog.text


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ("#DIV/0!", "missing: ['', '#DIV/0!']"),
        ("inconnu", "columns: {x: {missing: ['inconnu']}}"),
        ("5.-", "columns: {x: {unit: '.-'}}"),
    ],
)
def test_what_spreadsheets_write_for_a_number_is_refused_with_its_mend(tmp_path: Path, odd: str, told: str) -> None:
    assert told in hint_of(tmp_path, [odd if i % 4 == 0 else str(i) for i in range(ROWS)])


def hint_of(folder: Path, cells: Sequence[str]) -> str:
    """The hint for a column of such cells."""
    rows = [[cell, str(i % 2)] for i, cell in enumerate(cells)]
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["x", "y"], *rows])
    made = experiment(json.dumps(NETWORK), folder, dataset={"csv": "data.csv", "target": "y", "split": {}})
    return problem_of(load_data, made, folder / "cache").hint


@pytest.mark.parametrize(
    ("cell_of", "hint"),
    [
        (lambda i: f"({i})", "columns: {x: numeric}"),  # negative, or footnotes?
        (lambda i: f"{i % 6}{'-' * (i % 2)}", "columns: {x: numeric}"),  # negative, or marks of a school?
        (lambda i: "pendiente" if i % 9 == 0 else f"{i % 28 + 1}/03/2024", "columns: {x: {missing: ['pendiente']}}"),
        (lambda i: f"{i % 31 + 1}/04/2024", "columns: {x: {missing: ['31/04/2024']}}"),
        (lambda i: "24:00" if i % 9 == 0 else f"{i % 24:02}:30", "columns: {x: duration}"),
        (lambda i: f"{1 + i % 4:02}-{1 + i % 3:02}-{1 + i % 4:02}", "format: '%d-%m-%y'"),  # or %y-%m-%d
        (lambda i: f"approx {i}.5", "columns: {x: {unit: 'approx'}}"),
        (lambda i: f"{i}.5±0.1", "make a column of each number"),
        (lambda i: f"{i}º {i % 60}' N", "make a column of each number"),
        (lambda i: f"${i}.5{'KM'[i % 2]}", "write the numbers alone"),
        (lambda i: f"{i + 1}.{i * 37 % 1000:03} €", "thousands: '.'"),  # or the price of a litre?
        (lambda i: ":" if i % 9 == 0 else f"{i}.5{('', ' b', ' e')[i % 3]}", "write all of them in one unit"),
        (lambda i: "\\N" if i % 9 == 0 else f"{i} kg", "columns: {x: {missing: ['\\N']}}"),
        (lambda i: "N/D" if i % 9 == 0 else f"{i % 28 + 1}/03/2024", "columns: {x: {missing: ['N/D']}}"),
        (lambda i: "#N/D" if i % 9 == 0 else f"{i}h 5m", "columns: {x: {missing: ['#N/D']}}"),
    ],
)
def test_what_is_no_category_is_asked(tmp_path: Path, cell_of: Callable[[int], str], hint: str) -> None:
    assert hint in hint_of(tmp_path, [cell_of(i) for i in range(ROWS)])


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('{"x": 1, "y": 0}\n{"x": 2, "y": 1}\n', "this is JSON, not CSV", "read_json"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS", "git lfs pull"),
        ("<?xml version='1.0'?><x/>", "HTML or XML", "save it as CSV"),
        ("x,y\n" + "1,0\n2,1\n" * 9 + "x,y\n1,0\n", "the names of the columns stand here again", "remove the line"),
        ("x,z,y\n" + "1,2,0\n2,3,1\n" * 9 + "Source: INE\n", "1 value, and the header names 3", "if it is a note"),
        ("x,z,y\n" + "1,2,0\n2,3,1\n" * 9 + "\nSource: INE, 2021\n", "2 values, and the header names 3", "or a note"),
        ("x,z,y\nene,,\n" + "feb,2,0\nmar,3,1\n" * 9, "'y': the value is missing", "fill: drop"),  # no line of units
        ("% a\n@relation t\n@attribute x numeric\n@data\n1\n", "an ARFF file of Weka", "loadarff"),
        ("1 1:0.5 2:0.3\n0 2:1e-3\n", "a file of LIBSVM", "load_svmlight_file"),
        ("x,z,y\n" + "1,2,0\n2,3,1\n" * 9 + "Total,9,9\n", "got 'Total'", "a total or a note"),
        ("x,z,y\nAge in years,9,0\n" + "1,2,0\n2,3,1\n" * 9, "got 'Age in years'", "a second header"),
        ("x z y\n" + "".join(f"{i} {i} {i % 2} {i}\n" for i in range(9)), "4 values", "as R writes it"),
        ("x^y\n1^0\n2^1\n", "there is no column 'y'", "delimiter: '^'"),
        ("x,y\n1,0\n", "only one class", "add rows"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, text: str, message: str, hint: str) -> None:
    (tmp_path / "data.csv").write_text(text, "utf-8")
    made = experiment(json.dumps(NETWORK), tmp_path, dataset={"csv": "data.csv", "target": "y", "split": {}})
    problem = problem_of(load_data, made, tmp_path / "cache")
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("encoding", "word"), [("cp1252", "árbol"), ("mac_roman", "árbol"), ("cp850", "niño"), ("cp1252", "€5")]
)
def test_the_encoding_is_named_in_which_a_word_is_one(tmp_path: Path, encoding: str, word: str) -> None:
    (tmp_path / "d.csv").write_bytes(f"x,y\n{word},0\n".encode(encoding))
    assert problem_of(read, tmp_path / "d.csv", exit_code=1).hint.startswith(f"if it is '{word}': encoding: {encoding}")


def test_negative_numbers_of_accounts_are_read_in_targets_and_new_files_too(tmp_path: Path) -> None:
    cells = [f"({i}.5)" if i % 3 == 0 else f"{i}.5" for i in range(ROWS)]
    (tmp_path / "d.csv").write_text("\n".join(["x,y", *(f"{cell},{cell}" for cell in cells), ""]))
    text = json.dumps({**NETWORK, "loss": "mse", "dataset": {"csv": "d.csv", "target": "y", "split": {}}})
    data = load_data(experiment(text, tmp_path), tmp_path)
    wanted = [-i - 0.5 if i % 3 == 0 else i + 0.5 for i in range(ROWS)]
    assert data.rows.y.tolist() == wanted
    assert data.rows.x.take(np.arange(ROWS))[:, 0].tolist() == wanted
