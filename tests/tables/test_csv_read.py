"""CSV files: what is read, in whatever way it is written, and what is refused with its line."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, arrays_of, costs, experiment, only_task, problem_of, problems_of

from rnacli.errors import DATA, RnaError
from rnacli.examples.load import Data, load_data
from rnacli.tables.cells import Want
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.csv.faults import FILL_HINT, MEND, Mend
from rnacli.tables.csv.read import CsvFile, open_csv
from rnacli.tables.csv.text import Format
from rnacli.tables.find import open_file
from rnacli.tables.numbers import Marks

NUMBER, TEXT = Want("number", missing=False), Want("text", missing=False)


class File:
    """A CSV file in a folder, read with a form of its own."""

    def __init__(self, folder: Path, content: str | bytes, **form: Any):
        self.path = folder / "data.csv"
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.form = Format(**form)

    def open(self) -> CsvFile:
        return open_csv(self.path, "data.csv", self.form)

    def columns(self) -> list[str]:
        return self.open().names()

    def read(
        self, numbers: Sequence[str], texts: Sequence[str] = (), chunk: int | None = None
    ) -> tuple[np.ndarray, dict[str, list[str]]]:
        """All chunks together; no value may be missing."""
        wants = {**dict.fromkeys(numbers, NUMBER), **dict.fromkeys(texts, TEXT)}
        tables = list(self.open().read(wants, chunk))
        starts = np.cumsum([0, *map(len, tables)])
        assert [table.start for table in tables] == starts[:-1].tolist()
        assert {table.columns for table in tables} == {tuple(numbers)}
        assert not any(table.words for table in tables)
        words = {name: [word for table in tables for word in table.texts[name].tolist()] for name in texts}
        return np.concatenate([table.values for table in tables]), words

    def column(self, want: Want, chunk: int | None = None) -> list[Any]:
        """The cells of the column ``x`` as they are read: numbers, or words where it holds those."""
        found: list[Any] = []
        for table in self.open().read({"x": want}, chunk):
            words = table.words.get("x")
            values = [None if np.isnan(value) else value for value in table.values[:, 0].tolist()]
            found += [value if words is None or value is None else words[int(value)] for value in values]
        return found


# What is read


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("a,b,name\n1,2.5,x\n-3,4e2,y z\n", {}),
        ("a,b,name\r\n1,2.5,x\r\n-3,4e2,y z\r\n", {}),
        ("a,b,name\r1,2.5,x\r-3,4e2,y z\r", {}),
        ("\ufeffa,b,name\n1,2.5,x\n-3,4e2,y z\n", {}),
        ("\ufeff\"a\",b,name\n1,2.5,x\n-3,4e2,y z\n", {"encoding": "UTF-8"}),
        ("a,b,name\n1,2.5,x\n-3,4e2,y z", {}),
        ("\n\na,b,name\n\n1,2.5,x\n\n\n-3,4e2,y z\n\n", {}),
        ("a, b, name\n1, 2.5, x\n-3,   4e2, y z\n", {}),
        ("a ,b ,name \n1 ,2.5 ,x \n-3 ,4e2 ,y z \n", {}),
        ('"a","b","name"\n"1","2.5","x"\n"-3","4e2","y z"\n', {}),
        ('a, "b", "name"\n1, "2.5", "x"\n-3, "4e2", "y z"\n', {}),
        ("a;b;name\n1;2,5;x\n-3;4e2;y z\n", {"delimiter": ";", "decimal": ","}),
        ("a;b;name\n1;2.5;x\n-3;4e2;y z\n", {"delimiter": ";"}),
        ("a\tb\tname\n1\t2.5\tx\n-3\t4e2\ty z\n", {"delimiter": "\t"}),
        ("a|b|name\n1|2.5|x\n-3|4e2|y z\n", {"delimiter": "|"}),
        ("a,b,name\n1,2.5,x\n-3,4e2,y z\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a,b,name,extra\n1,2.5,x,\n-3,4e2,y z,\n", {}),
        ("extra,a,b,name\n,1,2.5,x\nNA,-3,4e2,y z\n", {}),
        ("name,b,a\nx,2.5,1.0\ny z,400.,-3.\n", {}),
        ("a,b,name\n+1,2.5,x\n-3,+4E+2,y z\n", {}),
        ("a,b,name\n1.,2.5,x\n-03,400.0,y z\n", {}),
    ],
)  # fmt: skip
def test_one_table_in_many_forms(tmp_path: Path, content: str | bytes, form: dict[str, Any]) -> None:
    file = File(tmp_path, content, **form)
    assert {"a", "b", "name"} <= set(file.columns())
    numbers, texts = file.read(["a", "b"], ["name"])
    assert numbers.dtype == np.float64
    assert numbers.tolist() == [[1, 2.5], [-3, 400]]
    assert texts == {"name": ["x", "y z"]}


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    file = File(tmp_path, "a,b,c\n1,2,3\n4,5,6\n")
    assert file.read(["c", "a"])[0].tolist() == [[3, 1], [6, 4]]


def test_without_a_header_columns_are_counted(tmp_path: Path) -> None:
    file = File(tmp_path, "5.1,3.5,setosa\n4.9,3,virginica\n", header=False)
    assert file.columns() == ["0", "1", "2"]
    numbers, texts = file.read(["1", "0"], ["2"])
    assert numbers.tolist() == [[3.5, 5.1], [3, 4.9]]
    assert texts == {"2": ["setosa", "virginica"]}


@pytest.mark.parametrize("line", ["", " ", "\t", "  \t "])
def test_a_blank_line_is_no_row(tmp_path: Path, line: str) -> None:
    content = f"x,y\n1,2\n{line}\n3,4\n"
    assert File(tmp_path, content).read(["x", "y"])[0].tolist() == [[1, 2], [3, 4]]
    problem = problem_of(File(tmp_path, f"{content}5,z\n").read, ["x", "y"], exit_code=DATA)
    assert problem.place == "data.csv:5"


@pytest.mark.parametrize("line", ['""', '"  "', "\xa0", "\f", "\u2003"])
def test_a_line_that_only_looks_blank_is_a_row(tmp_path: Path, line: str) -> None:
    """For pandas too: where only one of both took it for one, a row of gaps would be made up, or another one lost."""
    file = File(tmp_path, f"x,y\n1,2\n{line}\n3,4\n")
    want = Want("number", missing=True)
    problem = problem_of(lambda: list(file.open().read({"x": want, "y": want})))
    assert (problem.place, problem.message) == ("data.csv:3", "1 value, and the header names 2")
    if line.startswith('"'):
        assert File(tmp_path, f"x\n1\n{line}\n3\n").column(want) == [1, None, 3]


def test_texts_are_kept_as_they_are_but_for_blanks_around(tmp_path: Path) -> None:
    words = ["007", "1e3", "1.50", "True", "nan", "inf", "-", 'say "no"', "a,b", "two\nlines", "ñandú", "😀", "null"]
    content = io.StringIO()
    csv.writer(content).writerows([["x", "id"], *([i, word] for i, word in enumerate(words))])
    file = File(tmp_path, content.getvalue())
    assert file.read(["x"], ["id"])[1] == {"id": words}
    assert file.read([], ["id"], chunk=2)[1] == {"id": words}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8-sig", "shift_jis"])
def test_a_named_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    word = "日本" if encoding == "shift_jis" else "año"
    file = File(tmp_path, f"x,{word}\n1,{word}\n".encode(encoding), encoding=encoding)
    assert file.columns() == ["x", word]
    assert file.read(["x"], [word])[1] == {word: [word]}


def test_a_header_may_call_its_first_column_by_a_number_sign(tmp_path: Path) -> None:
    assert File(tmp_path, "#,name,type\nred,pikachu,electric\n").columns() == ["#", "name", "type"]
    assert File(tmp_path, '#,"two\nlines"\nred,pikachu\n').columns() == ["#", "two\nlines"]
    assert File(tmp_path, "# a remark, with, commas\nname,type,colour\npikachu,electric,red\n").columns()[0] == "name"


def test_a_new_file_in_utf8_is_known_where_the_first_one_was_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    new, old = ("x,año\n1,sí\n".encode(encoding) for encoding in ("utf-8", "cp1252"))
    for content in (new, old):
        file = File(tmp_path, content, encoding="cp1252", kept=Marks())
        assert file.read(["x"], ["año"])[1] == {"año": ["sí"]}
    assert caplog.messages == ["data.csv: it is in UTF-8, and the training data were in cp1252"]
    assert File(tmp_path, new, encoding="cp1252").columns() == ["x", "aÃ±o"]  # a file that says so itself is believed


@pytest.mark.parametrize(
    "written",
    ["0.1", "1e-300", "3.4e38", "-3.4e38", "123456789.123456789", "5e-324", "0", "-0.0", "2.2250738585072014e-308",
     "99999999999999999999", "18446744073709551616", "-9223372036854775809", "0.1000000000000000055511151231257827"],
)  # fmt: skip
def test_numbers_are_read_to_the_last_bit(tmp_path: Path, written: str) -> None:
    numbers, _ = File(tmp_path, f"x,y\n{written},1\n0.5,2\n").read(["x", "y"])
    assert numbers[0, 0].tobytes() == np.float64(float(written)).tobytes()


def table(rows: int) -> str:
    """A table with everything that a reader can stumble over."""
    random = np.random.default_rng(0)
    numbers = random.normal(size=(rows, 3)).tolist()
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(["x", "id", "note", "whole", "z"])
    for i, (x, _, z) in enumerate(numbers):
        note = "" if i % 5 == 0 else f'line {i}\n"quoted", and more' if i % 97 == 0 else "plain"
        writer.writerow([repr(x), f"{i:06}", note, i if i % 3 else float(i), f"{z:.3e}"])
    return content.getvalue()


@pytest.mark.parametrize("chunk", [1, 7, 99, 100, 1000])
def test_chunks_are_the_whole(tmp_path: Path, chunk: int) -> None:
    file = File(tmp_path, table(100))
    whole, parts = file.read(["x", "whole", "z"], ["id"]), file.read(["x", "whole", "z"], ["id"], chunk)
    assert whole[0].tobytes() == parts[0].tobytes()
    assert whole[1] == parts[1]


def test_a_hundred_thousand_rows_in_chunks_are_the_whole(tmp_path: Path) -> None:
    file = File(tmp_path, table(100_000))
    numbers, texts = file.read(["z", "x", "whole"], ["id"])
    parts = file.read(["z", "x", "whole"], ["id"], 4096)
    assert numbers.shape == (100_000, 3)
    assert numbers.tobytes() == parts[0].tobytes()
    assert texts == parts[1] == {"id": [f"{i:06}" for i in range(100_000)]}
    assert numbers[:, 2].tolist() == list(range(100_000))
    np.testing.assert_array_equal(numbers[:, 1], np.random.default_rng(0).normal(size=(100_000, 3))[:, 0])


@pytest.mark.parametrize("values", [["True", "True", "1", "2"], ["true", "false"], ["1", "2", "x"], ["1", "", "2"]])
def test_chunks_refuse_what_the_whole_refuses(tmp_path: Path, values: list[str]) -> None:
    file = File(tmp_path, "\n".join(["y,x", *(f"0,{value}" for value in values)]) + "\n")
    for chunk in (None, 2, 1):
        assert "column 'x'" in problems_of(file.read, ["y", "x"], (), chunk)[0].message


@pytest.mark.parametrize("chunk", [None, 1, 2])
@pytest.mark.parametrize(
    ("kind", "cells", "read"),
    [
        ("any", ["1", "2.50", "-3e2"], [1, 2.5, -300]), ("any", ["1", "NA", "", " ? "], [1, None, None, None]),
        ("any", ["a", " b ", "", "b", "?"], ["a", "b", None, "b", None]), ("any", ["", "NA"], [None, None]),
        ("any", ["yes", "no"], ["yes", "no"]), ("any", ['"1"', '" 2 "'], [1, 2]),
        ("words", ["1", "1.0", "01", "NA"], ["1", "1.0", "01", None]), ("words", ["b", "a", "b"], ["b", "a", "b"]),
        ("words", ["inf", "1e999", "nan", "None"], ["inf", "1e999", "nan", "None"]),
        ("boolean", ["True", "no", "1", "", "OFF"], [1, 0, 1, None, 0]),
        ("date", ["1970-01-02", "NA", "1970-01-01T01:00:00+01:00"], [86400, None, 0]),
        ("number", ["1", "?", '""', '"  "', "2"], [1, None, None, None, 2]),
        ("number", ["99999999999999999999999", "18446744073709551615", "1"], [1e23, 2.0**64, 1]),
    ],
)  # fmt: skip
def test_cells_are_read_as_what_is_wanted(
    tmp_path: Path, kind: str, cells: list[str], read: list[Any], chunk: int | None
) -> None:
    file = File(tmp_path, "x,y\n" + "".join(f"{cell},1\n" for cell in cells), missing=("", "NA", "?"))
    assert file.column(Want(kind), chunk) == read


def test_words_are_stripped_and_dates_read_by_their_format(tmp_path: Path) -> None:
    file = File(tmp_path, "x,y\n$a$,1\n a ,1\nb$,1\n$,1\n")
    assert file.column(Want("words", strip="$")) == ["a", "a", "b", None]
    assert File(tmp_path, "x,y\n02/01/1970,1\n").column(Want("date", format="%d/%m/%Y")) == [86400]


def test_a_decimal_comma_is_that_of_numbers_alone(tmp_path: Path) -> None:
    file = File(tmp_path, "x;y\n1,50;1\n;1\n-,5;1\n", delimiter=";", decimal=",")
    assert file.column(Want("any")) == file.column(Want("number")) == [1.5, None, -0.5]
    assert file.column(Want("words")) == ["1,50", None, "-,5"]


@pytest.mark.parametrize("missing", [(), ("",), ("NA",)])
def test_an_empty_cell_is_missing_whatever_else_is(tmp_path: Path, missing: tuple[str, ...]) -> None:
    file = File(tmp_path, "x,y\n1,1\n,1\n", missing=missing)
    for kind in ("number", "any"):
        assert file.column(Want(kind)) == [1, None]
    assert file.column(Want("words")) == ["1", None]


# What is refused


@pytest.mark.parametrize("chunk", [None, 2])
@pytest.mark.parametrize(
    ("want", "cell", "said", "hint"),
    [
        (Want("boolean"), "maybe", "expected true or false, got 'maybe'", "fix the value"),
        (Want("date"), "2024-13-01", "expected a date such as 2026-11-21, got '2024-13-01'", "format: '%d/%m/%Y'"),
        (Want("date", format="%d/%m/%Y"), "12/31/2024", "expected a date as %d/%m/%Y writes it", "fix the value"),
        (Want("words", missing=False), "", "the value is missing", "fill it"),
        (Want("words", missing=False), "NA", "'NA' stands for a missing value", "missing: ['']"),
        (Want("boolean", missing=False), "NA", "'NA' stands for a missing value", "fill it"),
        (Want("date", missing=False), "", "the value is missing", "fill it"),
        (Want("any", missing=False), "", "the value is missing", "fill it"),
    ],
)
def test_a_cell_of_another_kind_is_refused_with_its_line(
    tmp_path: Path, want: Want, cell: str, said: str, hint: str, chunk: int | None
) -> None:
    good = {"boolean": "yes", "words": "a", "date": "2024-01-01", "any": "7"}[want.kind]
    good = "01/01/2024" if want.format else good
    content = "".join(f"{each},1\n" for each in (good, good, cell, good))
    problem = problem_of(File(tmp_path, f"x,y\n{content}", missing=("", "NA")).column, want, chunk, exit_code=DATA)
    assert problem.place == "data.csv:4"
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e39", "1e400"])
def test_a_number_that_float32_cannot_hold_is_refused_among_numbers(tmp_path: Path, cell: str) -> None:
    problem = problem_of(File(tmp_path, f"x,y\n1,1\n{cell},1\n3,1\n").column, Want("any"), exit_code=DATA)
    assert problem.place == "data.csv:3"
    assert cell in problem.message


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("x,name\n1,a\nfoo,b\n", 3, "got 'foo'"),
        ("x,name\n\n\n1,a\n\nfoo,b\n", 6, "got 'foo'"),
        ('x,name\n1,"two\nlines"\nfoo,b\n', 4, "got 'foo'"),
        ('x,name\n1,"two\n\n\nlines"\n\nfoo,b\n', 7, "got 'foo'"),
        ('x,name\r\n1,"two\r\nlines"\r\nfoo,b\r\n', 4, "got 'foo'"),
        ('"x\n",name\n1,a\nfoo,b\n', 4, "got 'foo'"),
        ('x,name\nfoo,"two\nlines"\n', 2, "got 'foo'"),
        ("x,name\n1,a\n,b\n", 3, "the value is missing"),
        ("x,name\n1,a\n2\n", 3, "1 value, and the header names 2"),
        ("x,name\n1,a\n2,b,c\n", 3, "3 values, and the header names 2"),
        ("x,name\n1,a,9\n", 2, "3 values, and the header names 2"),
        ("x,name\n1,a\n2,\n", 3, "column 'name': the value is missing"),
        ("x,name\n1,a\n2,  \n", 3, "column 'name': the value is missing"),
        ('x,name\n1,a\n2,"b\n', 3, "a quote is opened here"),
        ('x,name\n1,a\n2,"b"c\n', 3, "not valid CSV"),
        ("x,name\n1,a\ninf,b\n", 3, "got 'inf'"),
        ("x,name\n1,a\n1e39,b\n", 3, "does not fit float32"),
        ("x,name\n1,a\n1e400,b\n", 3, "does not fit float32"),
        ("x,name\n1,a\n0x10,b\n", 3, "got '0x10'"),
        ("x,name\n1,a\n1_000,b\n", 3, "got '1_000'"),
        ('x,name\n1,a\n"1,000",b\n', 3, "got '1,000'"),
        ("x,name\n1,a\n\u22123,b\n", 3, "expected a number"),
        ("x,name\n1,a\n\u0663,b\n", 3, "expected a number"),
        ("x,name\n1,a\n1 2,b\n", 3, "got '1 2'"),
        ("x,name\n1,a\nTrue,b\n", 3, "got 'True'"),
        ("x,name\n1,a\nfoo\x1b[31m,b\n", 3, r"got 'foo\x1b[31m'"),
        ("x,name\n1,a\n" + "9" * 200_000 + ",b\n", 3, "is too large"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    problem = problem_of(File(tmp_path, content).read, ["x"], ["name"], exit_code=DATA)
    assert problem.place == f"data.csv:{line}"
    assert said in problem.message


def test_a_bad_row_far_down_is_found_in_its_chunk(tmp_path: Path) -> None:
    lines = table(1000).splitlines(keepends=True)
    whole = "".join(lines)
    broken = whole + 'oops,001000,"",7,1\n'
    problem = problem_of(File(tmp_path, broken).read, ["x"], ["id"], 64)
    assert problem.place == f"data.csv:{len(io.StringIO(whole, newline=None).readlines()) + 1}"


def test_mistakes_of_one_kind_are_one_problem_with_their_lines(tmp_path: Path) -> None:
    found = problems_of(File(tmp_path, "x,y\n" + "a,1\n" + "a,b\n" * 9).read, ["x", "y"])
    assert [problem.place for problem in found] == ["data.csv:2", "data.csv:3"]
    assert found[0].message == "column 'x': expected a number, got 'a' (also in lines 3, 4, 5, 6 and 5 more)"
    assert found[1].message.endswith("(also in lines 4, 5, 6, 7 and 4 more)")


def test_many_kinds_of_mistakes_are_counted(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(30)]
    found = problems_of(File(tmp_path, ",".join(names) + "\n" + ",".join("a" * 30) + "\n").read, names)
    assert len(found) == 11
    assert found[-1].message.startswith("20 more")


def test_what_can_be_done_about_a_column_depends_on_how_much_of_it_is_wrong(tmp_path: Path) -> None:
    mends = {"x": Mend("words of {column}", "empty")}

    def hint(content: str) -> str:
        file = File(tmp_path, content)
        read = open_csv(file.path, "d.csv", file.form).read({"x": NUMBER}, mends=mends)
        return problem_of(lambda: list(read)).hint

    assert hint("x,y\na,1\nb,2\n3,3\n") == "words of x"
    assert hint("x,y\n,1\n,2\n3,3\n") == "empty"
    assert hint("x,y\na,1\n2,2\n3,3\n").endswith("columns: {x: {missing: ['a']}}")
    assert hint("x,y\na1,1\n2,2\n3,3\n") == MEND
    assert hint("x,y\n,1\n2,2\n3,3\n") == FILL_HINT


@pytest.mark.parametrize(
    ("missing", "cell", "said"),
    [(("", "?"), "?", "'?' stands for a missing value"), (("",), "?", "got '?'"), (("-",), "-", "stands for a missing"),
     ((), "", "the value is missing"), (("NA",), "NA", "'NA' stands for"), (("0",), "0",
     "'0' stands for a missing value")],
)  # fmt: skip
def test_what_stands_for_a_missing_value_is_said_so(
    tmp_path: Path, missing: tuple[str, ...], cell: str, said: str
) -> None:
    problem = problem_of(File(tmp_path, f"x,y\n1,2\n{cell},2\n", missing=missing).read, ["x"])
    assert problem.place == "data.csv:3"
    assert said in problem.message


def test_words_that_are_not_said_to_be_missing_are_words(tmp_path: Path) -> None:
    assert File(tmp_path, "x,y\n1,NA\n2,null\n").read(["x"], ["y"])[1] == {"y": ["NA", "null"]}


def test_empty_cells_in_columns_that_are_not_used_do_not_matter(tmp_path: Path) -> None:
    file = File(tmp_path, "first,x,name,last\n,1,a,\nNA,2,b,x\n,3,c,\n")
    assert file.read(["x"], ["name"])[0].tolist() == [[1], [2], [3]]


def test_rows_that_are_cut_are_refused_also_where_the_column_is_not_used(tmp_path: Path) -> None:
    assert problem_of(File(tmp_path, "x,name,last\n1,a,\n2,b\n").read, ["x"], ["name"]).place == "data.csv:3"


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (b"", "the file is empty", ""),
        (b"\n\n", "the file is empty", ""),
        (b"a,a\n1,2\n", "column 'a' appears twice", "rename"),
        (b"a, a\n1,2\n", "column 'a' appears twice", "rename"),
        (b"a,,c\n1,2,3\n", "column 2 has no name", ""),
        (b"PK\x03\x04abc", "a zip or Excel file", "CSV"),
        (b"\x1f\x8b\x08", "a gzip file", "unpack"),
        (b"PAR1\x15", "a Parquet file", ""),
        (b"<!DOCTYPE html><html>", "a web page", "download"),
        (b"\xff\xfea\x00,\x00b\x00", "UTF-16", "encoding: utf-16"),
        (b"a\0,\0b\0\n\0", "NUL bytes", "utf-16"),
        ("a,b\n1,año\n".encode("latin-1"), "0xf1", "if it is 'año': encoding: cp1252"),
        ("año,b\n1,2\n".encode("latin-1"), "0xf1", "if it is 'año': encoding: cp1252"),
    ],
)
def test_what_is_no_csv_file_is_refused(tmp_path: Path, content: bytes, said: str, hint: str) -> None:
    def use(file: File) -> None:
        file.columns()
        file.read([], [file.columns()[-1]])

    problem = problem_of(use, File(tmp_path, content), exit_code=DATA)
    assert problem.place.startswith("data.csv")
    assert said in problem.message
    assert hint in problem.hint


def test_a_byte_of_another_encoding_is_placed_after_its_line(tmp_path: Path) -> None:
    content = "x,name\n" + "1,ok\n" * 20_000 + "1,año\n"
    problem = problem_of(File(tmp_path, content.encode("latin-1")).read, ["x"], ["name"])
    assert "not utf-8 text: byte 0xf1" in problem.message


def test_an_encoding_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "no encoding called 'klingon'" in problem_of(File(tmp_path, "a\n1\n", encoding="klingon").columns).message


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "a,b\n\n\n", "a,b\r\n"])
def test_a_header_alone_is_no_data(tmp_path: Path, content: str) -> None:
    assert "no rows below the header" in problem_of(File(tmp_path, content).read, ["a"], ["b"]).message


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [("dat.csv", "no such file", "data.csv"), ("sub/data.csv", "no such file", "no folder"), ("", "a folder", "")],
)
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str, said: str, hint: str) -> None:
    File(tmp_path, "a\n1\n")
    problem = problem_of(open_csv, tmp_path / name, "data.csv", Format())
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("content", "wanted", "hint"),
    [
        ("alpha,beta\n1,2\n", "alhpa", "alpha"),
        ("alpha,Beta\n1,2\n", "beta", "Beta"),
        ("a;b;c\n1;2;3\n", "a", "separated by ';'"),
        ("length\twidth\n1\t2\n", "height", 'separated by "\\t"'),
        ("5.1,3.5\n4.9,3\n", "width", "header: false"),
        ("a,b\n1,2\n", "zzz", "columns: a and b"),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_what_is(
    tmp_path: Path, content: str, wanted: str, hint: str
) -> None:
    problem = problem_of(File(tmp_path, content).read, [wanted])
    assert f"no column '{wanted}'" in problem.message
    assert hint in problem.hint


def test_the_hint_for_a_tab_can_be_copied_into_a_file(tmp_path: Path) -> None:
    file = File(tmp_path, "length\twidth\n1\t2\n")
    hint = problem_of(require_columns, {"height": "c.yaml:3:8"}, file.columns(), file.form, "data.csv").hint
    delimiter = hint.rpartition("delimiter: ")[2]
    text = CIRCLES.replace("sklearn: make_circles, n_samples: 100, factor: 0.3, noise: 0.07", "csv: a.csv, target: y")
    made = experiment(text.replace("csv: a.csv", f"csv: a.csv, delimiter: {delimiter}"))
    assert getattr(made.dataset, "delimiter", "") == "\t"


# As data


def load(folder: Path, content: str, config: str = CIRCLES, **keys: Any) -> Data:
    (folder / "data.csv").write_text(content)
    return load_data(experiment(config, folder, dataset={"csv": "data.csv", **keys}), folder / "cache")


WORDS = "id,x,y,kind\nr1,1,10,b\nr2,2,20,a\nr3,3,30,a\nr4,4,40,b\n"


def test_features_are_every_other_column(tmp_path: Path) -> None:
    data = load(tmp_path, WORDS, target="kind", id="id", split={"test": {"last": 1}}, scale="none")
    assert data.rows.features == ("x", "y")
    assert data.rows.targets == ("kind",)
    assert data.rows.ids is not None
    assert data.rows.ids.tolist() == ["r1", "r2", "r3", "r4"]
    x, y = arrays_of(data, "train")
    assert x.tolist() == [[1, 10], [2, 20], [3, 30]]
    assert y.tolist() == [[1], [0], [0]]


def test_features_that_are_named_come_in_that_order(tmp_path: Path) -> None:
    data = load(tmp_path, WORDS, target="kind", features=["y", "x"], split={}, scale="none")
    assert arrays_of(data, "train")[0].tolist() == [[10, 1], [20, 2], [30, 3], [40, 4]]
    assert data.rows.ids is None


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        (["1", "2", "3", "1"], ("1", "2", "3")), (["0.0", "1.0", "0.0", "1.0"], ("0", "1")),
        (["-1", "1", "1", "-1"], ("-1", "1")), (["10", "9", "9", "8"], ("8", "9", "10")),
        (["1_0", "2_0", "1_0", "2_0"], ("1_0", "2_0")), (["no", "yes", "no", "yes"], ("no", "yes")),
        (["1", "1.0", "2", "2.0"], ("1", "2")), (["True", "False", "True", "False"], ("False", "True")),
        (["inf", "ok", "ok", "inf"], ("inf", "ok")), (["1e2", "1e3", "1e2", "1e3"], ("1e2", "1e3")),
    ],
)  # fmt: skip
def test_labels_are_what_the_file_says(tmp_path: Path, words: list[str], classes: tuple[str, ...]) -> None:
    content = "x,y\n" + "".join(f"{i},{word}\n" for i, word in enumerate(words))
    data = load(tmp_path, content, IRIS, target="y", split={})
    assert only_task(data.preprocessing).classes == classes


def test_several_targets_are_columns_of_numbers(tmp_path: Path) -> None:
    text = (
        CIRCLES.replace("binary_crossentropy", "mse").replace(", activation: sigmoid", "").replace("[accuracy]", "[]")
    )
    data = load(tmp_path, "x,y,z\n1,2,3\n4,5,6\n", text, target=["z", "x"], split={}, scale="none")
    assert data.rows.features == ("y",)
    assert data.rows.y.tolist() == [[3, 1], [6, 4]]
    assert arrays_of(data, "train")[1].tolist() == [[3, 1], [6, 4]]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"target": "kind", "features": ["x", "kind"]}, "is the target and a feature"),
        ({"target": "knd"}, "no column 'knd'"),
        ({"target": "kind", "id": "idd"}, "no column 'idd'"),
        ({"target": "kind", "features": ["z"]}, "no column 'z'"),
        ({"target": "kind", "id": "id", "csv": "http://x.org/a.csv"}, "only https URLs are read"),
        ({"target": "kind", "id": "id", "csv": "ftp://x.org/a.csv"}, "only https URLs are read"),
        ({"target": "kind", "id": "id", "csv": "https://[::1/a.csv"}, ""),
        ({"target": "kind", "id": "id", "csv": "~nobody-of-that-name/a.csv"}, "no such user"),
        ({"target": "kind", "id": "id", "sha256": "0" * 64}, "SHA-256"),
        ({"target": "kind", "columns": {"id": "numeric"}}, "column 'id': expected a number"),
    ],
)
def test_what_does_not_fit_the_file_is_refused(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(RnaError) as caught:
        load(tmp_path, WORDS, **keys)
    assert said in caught.value.problems[0].message


def test_a_column_that_is_constant_in_training_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(tmp_path, "x,y,kind\n1,1,a\n1,2,b\n1,3,a\n2,4,b\n", target="kind", split={"test": {"last": 1}})
    (record,) = caplog.records
    assert "only one value" in record.getMessage()
    assert record.getMessage().endswith(": x")


def test_a_class_without_training_rows_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(tmp_path, "x,y,kind\n1,1,a\n2,2,b\n3,3,a\n4,4,c\n", IRIS, target="kind", split={"test": {"last": 1}})
    assert any("class 'c' has no training rows" in record.getMessage() for record in caplog.records)


# Many columns


def wide(columns: int, *rows: int) -> str:
    """A header of so many columns, ``x`` the second of them, and rows with so many cells."""
    header = ["c0", "x", *(f"c{i}" for i in range(2, columns))]
    return "".join(",".join(map(str, line)) + "\n" for line in [header, *(range(cells) for cells in rows)])


@pytest.mark.parametrize("chunk", [None, 2])
@pytest.mark.parametrize(("rows", "line"), [((99, 100, 101), 2), ((100, 101, 99), 3), ((100, 100, 100, 99), 5)])
def test_lengths_of_rows_count_where_one_column_of_many_is_read(
    tmp_path: Path, rows: tuple[int, ...], line: int, chunk: int | None
) -> None:
    assert File(tmp_path, wide(100, 100, 100, 100)).read(["x"], chunk=chunk)[0].tolist() == [[1.0]] * 3
    first = problems_of(lambda: File(tmp_path, wide(100, *rows)).read(["x"], chunk=chunk), exit_code=DATA)[0]
    assert first.place == f"data.csv:{line}"


def test_columns_that_nobody_wants_cost_in_proportion(tmp_path: Path) -> None:
    def read(columns: int) -> None:
        (tmp_path / str(columns)).mkdir(exist_ok=True)
        assert File(tmp_path / str(columns), wide(columns, columns)).read(["x"])[0].tolist() == [[1.0]]

    few, many = costs(lambda: read(10_000), lambda: read(80_000))
    assert many < 24 * few  # eight times the columns; with each compared to all others it would be 64 times


def test_a_file_of_no_bytes_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of /proc, which may be endless or wait for ever."""
    (tmp_path / "endless.csv").touch()
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened"))
    with open_file(tmp_path / "endless.csv", "endless.csv") as file:
        assert file.read() == b""
