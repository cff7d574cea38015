"""The delimiter and the decimal mark of a file: found where they are plain, and never guessed from a few odd rows."""

import csv
import io
import logging
import random
from pathlib import Path

import pytest
from fixtures import problem_of

from rnacli.tables.csv.read import open_csv
from rnacli.tables.csv.text import Format
from rnacli.tables.numbers import Marks

AUTO = Format("auto", "auto")


def settle(folder: Path, content: str | bytes, form: Format = AUTO) -> tuple[str, str]:
    path = folder / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    settled = open_csv(path, "data.csv", form).form
    return settled.delimiter, settled.decimal


REAL = {"winequality-red.csv": ";", "auto-mpg.data": "whitespace"}


def test_real_tables_are_read_as_they_are_meant(data_dir: Path) -> None:
    paths = sorted((data_dir / "tabular").iterdir())
    found = {path.name: open_csv(path, path.name, AUTO).form for path in paths}
    assert {name: form.delimiter for name, form in found.items()} == {
        path.name: REAL.get(path.name, ",") for path in paths
    }
    assert {form.decimal for form in found.values()} == {"."}
    assert len(paths) > 15


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_each_delimiter_is_found_in_a_table_with_all_of_them(
    tmp_path: Path, delimiter: str, end: str, encoding: str
) -> None:
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=delimiter, lineterminator=end)
    writer.writerow(["id", "año; x, y", "note|s\tz", "z"])
    for i in range(50):
        writer.writerow([i, f"{i}.5", f'Well, {i} lines;{end}two\tof | "them"', "" if i % 3 else "a, b; c"])
    form = Format("auto", "auto", encoding=encoding)
    assert settle(tmp_path, content.getvalue().encode(encoding), form) == (delimiter, ".")


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("", ","),
        ("\n\n", ","),
        ("x\n", ","),
        ("x", ","),
        ("x\n1\n2\n", ","),
        ("two words\nof text\nin column\n", "whitespace"),
        ("message\nHello, world\nI said; no\n", ","),
        ("message\nHello; world\nI said; no\nbye; bye\n", ","),
        ("message\nsome words\nmore of them\n", ","),
        ("a b c\n", ","),
        ("a;b;c\n", ";"),
        ("a;b;c", ";"),
        ("a\tb\n", "\t"),
        ('"a;b",c\n', ","),
        ('"a,b";c\n', ";"),
        ('"a;b;c"\n', ","),
        ("a;b\n1,5;2,5\n1,6;2,6\n", ";"),
        ("1,5;2,5;3,5\n1,6;2,6;3,6\n", ";"),
        ("1,5\t2,5\n1,6\t2,6\n", "\t"),
        ("Smith, John\t5\t3\nDoe, Jane\t6\t2\n", "\t"),
        ("Smith, John;Berlin, DE;male\nDoe, Jane;Paris, FR;female\n", ";"),
        ("name;text;y\nx;a, b, c, d;1\ny;a, b, c;2\nz;none;3\n", ";"),
        ("x,y,tags\n1,2,a;b\n3,4,c;d\n", ","),
        ("1,2,a;b\n3,4,c;d\n", ","),
        ("time|x\n12:30,5|1\n12:31,6|2\n", "|"),
        ("a;b;c\n1;2\n3;4;5;6\n", ";"),
        ("a;b;c\n1;2;3\n4;5\n6;7;8\n9;10;11;12\n", ";"),
        ('a;b;c\n1;2;3\n4;"5;6\n7;8;9\n', ";"),
        ("a,b\n1,2,3\n4,5,6\n", ","),
        ("a b c\n1 2 3\n4 5 6\n", "whitespace"),
        ("  1.5   2  3\n 10.5  20 30\n", "whitespace"),
        ("a b\tc\n1 \t2 3\n4  5\t6\n", "whitespace"),
        ('18.0  8 70 1\t"chevrolet malibu"\n15.0  8 71 1\t"buick skylark"\n', "whitespace"),
        ("name\tx\nIris setosa\t1\nIris virginica\t2\n", "\t"),
        ("Iris setosa\t1\nIris virginica\t2\n", "\t"),
        ("2026-11-21 08:30\t1\t2\n2026-11-21 08:31\t3\t4\n", "\t"),
        ("a\tb\tc\n1\t\t3\n\t2\t3\n", "\t"),
        ("price\tx\ty\n5 kg\t1\t2\n6 kg\t3\t4\n", "\t"),
        ("price\ty\n5 kg\t1\n6 kg\t3\n", "\t"),
        ("x, y, z\n1, 2, 3\n4, 5, 6\n", ","),
        ("a,b\n" + "1,\n" * 9, ","),
        ("a\n" + "x y\n" * 9, ","),
        ("a,b\n" + "1,2\n" * 500 + "1;2;3\n" * 5000, ","),
    ],
)
def test_the_delimiter_is_the_one_that_fits(tmp_path: Path, content: str, delimiter: str) -> None:
    assert settle(tmp_path, content)[0] == delimiter


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        ("3,14", ","), ("-3,14", ","), ("0,5", ","), (",5", ","), ("1,5e3", ","), ("3.14", "."), ("3", "."), ("x", "."),
        ("3,14;3.14", "."), ("3,14;a.b", ","), ("3,14;01.02.2026", ","), ("1,000", "."), ("1,000;2,500,000", "."),
        ("1,000;2,5", ","), ("0,125", ","), ('"3,14"', ","), ("a,b", "."), ("1,2,3", "."), ("", "."),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_a_comma_where_that_is_plain(tmp_path: Path, cells: str, decimal: str) -> None:
    header = ";".join("abc"[: cells.count(";") + 1])
    assert settle(tmp_path, f"id;{header}\n1;{cells}\n2;{cells}\n") == (";", decimal)


@pytest.mark.parametrize(
    ("form", "content", "settled"),
    [
        (Format(",", "."), "a;b\n1,5;2\n", (",", ".")),
        (Format(";", "auto"), "a;b\n1,5;2\n", (";", ",")),
        (Format(",", "auto"), 'a,b\n"1,5",2\n', (",", ".")),
        (Format(",", "auto"), 'a,b\n"1,5",2\n"2,25",3\n"0,5",4\n', (",", ",")),
        (Format("whitespace", "auto"), "a b\n1,5 2\n", ("whitespace", ",")),
        (Format("auto", "."), "a;b\n1,5;2\n", (";", ".")),
        (Format("auto", ","), "1,5;2,5\n3,1;4,1\n", (";", ",")),
    ],
)
def test_what_is_said_stays(tmp_path: Path, form: Format, content: str, settled: tuple[str, str]) -> None:
    assert settle(tmp_path, content, form) == settled


def test_a_sample_decides_in_a_file_of_any_size(tmp_path: Path) -> None:
    choose = random.Random(0)
    rows = [f'{i};"{"x, " * choose.randrange(60)}\n{i}";{i},5\n' for i in range(3000)]
    assert settle(tmp_path, "id;text;y\n" + "".join(rows)) == (";", ",")


def test_a_header_longer_than_the_sample_decides_too(tmp_path: Path) -> None:
    names = ";".join(f"column {i}" for i in range(20_000))
    assert settle(tmp_path, names + "\n" + ";".join("1" * 20_000) + "\n")[0] == ";"


def test_a_byte_of_another_encoding_does_not_hide_the_delimiter(tmp_path: Path) -> None:
    assert settle(tmp_path, "a;b\n1;año\n".encode("latin-1"))[0] == ";"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a;b\n1;2\n", "data.csv: read as separated by ';' (in a config: delimiter: ';')"),
        ("a\tb\n1\t2\n", 'data.csv: read as separated by "\\t" (in a config: delimiter: "\\t")'),
        ("a b\n1 2\n", "data.csv: read as separated by whitespace (in a config: delimiter: whitespace)"),
        (
            "a;b\n1,5;2\n",
            "data.csv: read as separated by ';'; decimal ',' (in a config: delimiter: ';', decimal: ',')",
        ),
    ],
)
def test_what_is_not_usual_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str, said: str
) -> None:
    with caplog.at_level(logging.INFO, "rnacli"):
        settle(tmp_path, content)
    assert caplog.messages == [said]


def test_what_is_usual_or_was_said_needs_no_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "rnacli"):
        settle(tmp_path, "a,b\n1.5,2\n")
        settle(tmp_path, "a;b\n1,5;2\n", Format(";", ","))
        settle(tmp_path, "a;b\n1.5;2\n", Format(";", "auto"))
    assert caplog.messages == []


@pytest.mark.parametrize(("content", "said"), [(b"<html>", "a web page"), (b"a\0b", "NUL"), (b"PAR1", "Parquet")])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in problem_of(settle, tmp_path, content).message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such file" in problem_of(open_csv, tmp_path / "x.csv", "x.csv", AUTO).message


@pytest.mark.parametrize(
    ("kept", "content", "marks"),
    [
        (Marks(","), "a;y\n45.000;1\n", (",", "")),  # then no number: it is refused, as it would have been in training
        (Marks(","), 'a,y\n"1,234",1\n"2,345",1\n"9,876",0\n', (",", "")),
        (Marks(",", "."), "a;y\n45.000;1\n", (",", ".")),
        (Marks(","), "a;y\n45.000,5;1\n", (",", ".")),
        (Marks("."), "a;y\n45.310;1\n", (".", "")),
        (Marks(","), "a;y\n0.5;1\n", (".", "")),
        (Marks("."), "a;y\n0,5;1\n", (",", "")),
    ],
)
def test_the_marks_of_the_training_file_hold_unless_others_are_sure(
    tmp_path: Path, kept: Marks, content: str, marks: tuple[str, str]
) -> None:
    (tmp_path / "d.csv").write_text(content)
    form = open_csv(tmp_path / "d.csv", "d.csv", Format("auto", "auto", "auto", kept=kept)).form
    assert (form.decimal, form.thousands) == marks
