"""CSV files as text: records with their lines, also where white space stands between values; patterns of names."""

import csv
import io
import random
from pathlib import Path

import pandas as pd
import pytest
from fixtures import problem_of

from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.tables.csv.read import open_csv
from rnacli.tables.csv.text import Format, Record, open_text, read_records
from rnacli.tables.find import matching_files

BLANKS = Format("whitespace")


def records(text: str, form: Format = BLANKS) -> list[Record]:
    return list(read_records(io.StringIO(text, newline=""), form, "data.txt"))


# White space between values


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a b\n", ["a", "b"]),
        ("a b", ["a", "b"]),
        ("  a \t  b\t\n", ["a", "b"]),
        ("a\t\tb\r\n", ["a", "b"]),
        ('1 "two words" 3', ["1", "two words", "3"]),
        ('"say ""no""" x', ['say "no"', "x"]),
        ('"" x ""', ["", "x", ""]),
        ('5" x', ['5"', "x"]),
        ('a "b\tc"', ["a", "b\tc"]),
        ('a "b \n\n c" d', ["a", "b \n\n c", "d"]),
        ('a """"', ["a", '"']),
        ("a,b c;d", ["a,b", "c;d"]),
        ("a\u00a0b c", ["a\u00a0b", "c"]),
    ],
)
def test_cells_stand_between_runs_of_blanks(text: str, cells: list[str]) -> None:
    assert records(text) == [Record(1, cells)]


def test_lines_are_counted_where_records_begin() -> None:
    text = '\n  \na b\n"x\ny" 1\n\n\t\n2 3\r\n4 "5\r\n\r\n6"\r\n7 8'
    assert records(text) == [
        Record(3, ["a", "b"]),
        Record(4, ["x\ny", "1"]),
        Record(8, ["2", "3"]),
        Record(9, ["4", "5\r\n\r\n6"]),
        Record(12, ["7", "8"]),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('a b\n1 "2\n3 4\n', 2, "never closed"),
        ('a b\n\n1 "2\n', 3, "never closed"),
        ('a b\n1 "2"3\n', 2, "something follows a closing quote"),
        ('a b\n1 "2\n3"4 5\n', 2, "something follows a closing quote"),
    ],
)
def test_quotes_that_are_wrong_are_refused_with_their_line(text: str, line: int, said: str) -> None:
    for form in (BLANKS, Format(" ")):
        problem = problem_of(records, text, form, exit_code=DATA)
        assert problem.place == f"data.txt:{line}"
        assert said in problem.message


@pytest.mark.parametrize("form", [BLANKS, Format()])
def test_a_cell_over_many_lines_has_an_end(monkeypatch: pytest.MonkeyPatch, form: Format) -> None:
    limit = csv.field_size_limit()
    monkeypatch.setattr("rnacli.tables.csv.text.LONGEST", 1000)
    try:
        assert "longer than 1,000 characters" in problem_of(records, '"' + "x\n" * 1000, form).message
        assert len(records('"' + "x\n" * 400 + '"\n' + "y\n" * 1000, form)) == 1001
    finally:
        csv.field_size_limit(limit)


def test_pandas_reads_the_same_cells() -> None:
    """Tables of one width, made of whatever a cell, a blank and a line's end can be."""
    pieces = ["a", "3.5", " ", "  ", "\t", '""', '"a b"', '"x\ty"', '"l\nm"', "\n", "\r\n", ","]
    choose = random.Random(0)
    compared = 0
    for _ in range(3000):
        text = "".join(choose.choices(pieces, k=choose.randrange(2, 20)))
        try:
            ours = [record.cells for record in records(text)]
        except RnaError:
            continue
        if not ours or len({len(cells) for cells in ours}) > 1:
            continue
        names = [str(i) for i in range(len(ours[0]))]
        theirs = pd.read_csv(
            io.StringIO(text, newline=""), sep=BLANKS.pandas_separator, header=None, names=names, index_col=False,
            dtype=str, keep_default_na=False,
        )  # fmt: skip
        assert theirs.to_numpy().tolist() == ours, repr(text)
        compared += len(ours) > 1
    assert compared > 300


def test_auto_mpg_is_read_as_it_is(data_dir: Path) -> None:
    with open_text(data_dir / "tabular" / "auto-mpg.data", BLANKS, "auto-mpg.data") as file:
        header, *rows = read_records(file, BLANKS, "auto-mpg.data")
    assert header.cells[:3] == ["mpg", "cylinders", "displacement"]
    assert len(rows) == 398
    assert {len(row.cells) for row in rows} == {len(header.cells)} == {9}
    assert [row.line for row in rows] == list(range(2, 400))
    assert rows[0].cells[-1] == "chevrolet chevelle malibu"
    assert sum(row.cells[3] == "?" for row in rows) == 6


@pytest.mark.parametrize(("delimiter", "separator"), [("whitespace", r"\s+"), (";", ";"), ("\t", "\t")])
def test_pandas_has_its_own_word_for_white_space(delimiter: str, separator: str) -> None:
    assert Format(delimiter).pandas_separator == separator


# Text


def open_and_read(folder: Path, content: bytes, form: Format) -> list[Record]:
    (folder / "data.csv").write_bytes(content)
    open_csv(folder / "data.csv", "data.csv", form)
    with open_text(folder / "data.csv", form, "data.csv") as file:
        return list(read_records(file, form, "data.csv"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", [1, 2, 40, 30_000])
@pytest.mark.parametrize(("wrong", "column"), [(b"s\xed,1", 2), (b'"s\xed",1', 3), (b'"a\nb",s\xed', 5), (b"1,\0", 3)])
def test_what_is_no_text_is_refused_by_line_and_column(
    tmp_path: Path, end: str, line: int, wrong: bytes, column: int
) -> None:
    """At the beginning, within the sample, and many blocks further down; in quotes too, across lines."""
    lines = [b"a,b", *(b"\xc3\xb1o,%d" % i for i in range(line - 1))][: line - 1]
    content = end.encode().join([*lines, wrong.replace(b"\n", end.encode()), b"x,2", b""])
    problem = problem_of(open_and_read, tmp_path, content, Format())
    assert problem.place == f"data.csv:{line + wrong.count(chr(10).encode())}:{column}"
    said = "a NUL byte" if b"\0" in wrong else "if it is 'sí': encoding: cp1252"
    assert said in f"{problem.message} {problem.hint}"


def test_utf16_without_its_mark_is_no_traceback(tmp_path: Path) -> None:
    problem = problem_of(open_and_read, tmp_path, "a,b\n".encode("utf-16-le"), Format(encoding="utf-16"))
    assert "not utf-16 text" in problem.message


@pytest.mark.parametrize("encoding", ["klingon", "zip", "rot13"])
def test_an_encoding_of_no_text_is_refused(tmp_path: Path, encoding: str) -> None:
    problem = problem_of(open_and_read, tmp_path, b"a\n", Format(encoding=encoding), exit_code=CONFIG)
    assert f"no encoding called '{encoding}'" in problem.message


@pytest.mark.parametrize(
    ("content", "said"), [(b"7z\xbc\xaf\x27\x1c\0", "a 7z archive"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel file")]
)
def test_what_is_no_text_is_called_by_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in problem_of(open_and_read, tmp_path, content, Format()).message


# Patterns


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose own name looks like a pattern."""
    names = [
        "part10.csv",
        "part2.csv",
        "part1.csv",
        "other.txt",
        ".hidden.csv",
        "._part1.csv",
        "odd[1].csv",
        "odd1.csv",
    ]
    names += ["deep/part3.csv", "deep/deeper/part1.csv", "deep/readme.md", "empty.csv/x"]
    for name in names:
        path = tmp_path / "data [v2]" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "data [v2]"


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("part*.csv", ["part1.csv", "part2.csv", "part10.csv"]),
        ("part?.csv", ["part1.csv", "part2.csv"]),
        ("part[2-9].csv", ["part2.csv"]),
        ("*.csv", ["odd1.csv", "odd[1].csv", "part1.csv", "part2.csv", "part10.csv"]),
        ("**/part*.csv", ["deep/deeper/part1.csv", "deep/part3.csv", "part1.csv", "part2.csv", "part10.csv"]),
        ("*/part*.csv", ["deep/part3.csv"]),
        ("deep/**", ["deep/deeper/part1.csv", "deep/part3.csv", "deep/readme.md"]),
        ("odd[1].csv", ["odd[1].csv"]),
        ("other.txt", ["other.txt"]),
        ("nothing.csv", ["nothing.csv"]),
    ],
)
def test_a_pattern_means_files_in_order(folder: Path, pattern: str, names: list[str]) -> None:
    assert matching_files(folder / pattern, pattern) == [folder / name for name in names]


def test_a_pattern_may_be_relative(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert matching_files(Path("part?.csv"), "part?.csv") == [Path("part1.csv"), Path("part2.csv")]


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        (
            "*.parquet",
            "data [v2] holds deep, empty.csv, odd1.csv, odd[1].csv, other.txt, part1.csv, part10.csv, part2.csv",
        ),
        ("depe/*.csv", "did you mean deep?"),
        ("deep/*.tsv", "deep holds deeper, part3.csv, readme.md"),
        ("*.csv/*.csv", "holds"),
        ("empty*.csv", "holds"),
        ("deep/" + "x" * 300 + "*.csv", "holds"),
    ],
)
def test_a_pattern_without_files_is_refused_with_what_is_there(folder: Path, pattern: str, hint: str) -> None:
    problem = problem_of(matching_files, folder / pattern, pattern, exit_code=DATA)
    assert problem.place == pattern
    assert hint in problem.hint or "too long" in problem.message


def test_the_order_is_the_order_of_numbers(tmp_path: Path) -> None:
    names = ["2024-9-1.csv", "2024-10-1.csv", "a1b2.csv", "a1b10.csv", "a02.csv", "a10.csv", "a.csv"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in matching_files(tmp_path / "*.csv", "*.csv")] == names
