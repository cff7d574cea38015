"""Compressed files: read as what is in them, in little memory, and refused where they are damaged."""

import bz2
import gzip
import io
import lzma
import random
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from fixtures import problem_of

from rnacli.errors import DATA, RnaError
from rnacli.tables.compressed import open_bytes
from rnacli.tables.csv.read import open_csv
from rnacli.tables.csv.text import Format, line_of_row, open_text, read_records

LINES = b"x,y\n" + b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(60_000))


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def gzipped(content: bytes) -> bytes:
    """The same bytes at any time: they are names of tests."""
    return gzip.compress(content, mtime=0)


def zstd(content: bytes) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped(("folder/", b""), ("folder/data.csv", content)),
    "zstd": zstd,
}
CSV = Format()
kinds = pytest.mark.parametrize("kind", PACKERS)


def written(folder: Path, content: bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def content_of(path: Path) -> bytes:
    with open_bytes(path, "data.csv") as file:
        return file.read()


def use(path: Path, form: Format = CSV) -> list[list[str]]:
    """All the records, as what reads a table gets them."""
    open_csv(path, "data.csv", form)
    with open_text(path, form, "data.csv") as file:
        return [record.cells for record in read_records(file, form, "data.csv")]


@pytest.mark.parametrize("content", [LINES, b"", b"x", b"\0\xff" * 1000], ids=["lines", "nothing", "a byte", "bytes"])
@kinds
def test_a_file_is_what_was_packed_whatever_its_name(tmp_path: Path, kind: str, content: bytes) -> None:
    assert content_of(written(tmp_path, PACKERS[kind](content))) == content


def test_a_file_that_is_not_packed_is_itself_whatever_its_name(tmp_path: Path) -> None:
    for content in (LINES, b"", b"P", b"PK,1\n", b"BZh9,x\n"):
        assert content_of(written(tmp_path, content, "data.csv.gz")) == content


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd"])
def test_files_packed_one_after_the_other_are_one(tmp_path: Path, kind: str) -> None:
    assert content_of(written(tmp_path, PACKERS[kind](LINES) + PACKERS[kind](b"1,2\n"))) == LINES + b"1,2\n"


@kinds
def test_records_are_read_out_of_a_packed_file(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, PACKERS[kind](LINES))
    assert use(path) == [line.decode().split(",") for line in LINES.split()]
    assert line_of_row(path, CSV, 59_999, "data.csv") == 60_001


@kinds
def test_an_encoding_is_of_what_is_packed(tmp_path: Path, kind: str) -> None:
    content = "año,x\n1,2\n"
    path = written(tmp_path, PACKERS[kind](content.encode("utf-16")))
    assert use(path, Format(encoding="utf-16")) == [["año", "x"], ["1", "2"]]
    assert "UTF-16" in problem_of(use, path).message


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9999])
@kinds
def test_a_file_that_is_cut_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    packed = PACKERS[kind](LINES)
    problem = problem_of(use, written(tmp_path, packed[: int(len(packed) * share)]), exit_code=DATA)
    assert problem.place == "data.csv"
    assert "damaged or cut short" in problem.message
    assert "unpack it" in problem.hint


@kinds
def test_damage_anywhere_is_no_traceback(tmp_path: Path, kind: str) -> None:
    whole = PACKERS[kind](LINES[:5000])
    choose = random.Random(0)
    refused = 0
    for _ in range(200):
        packed = bytearray(whole)
        for _ in range(choose.choice([1, 3, 30])):
            packed[choose.randrange(len(packed))] = choose.randrange(256)
        path = written(tmp_path, bytes(packed))
        try:
            content_of(path)
        except RnaError:
            refused += 1
    assert refused > 20  # zstd has no checksum here: it decompresses to other bytes


def test_damage_in_the_middle_is_told_after_the_rows_before_it(tmp_path: Path) -> None:
    packed = gzipped(LINES)
    path = written(tmp_path, packed[: len(packed) // 2])
    with open_text(path, CSV, "data.csv") as file:
        rows = read_records(file, CSV, "data.csv")
        assert [next(rows).line for _ in range(1000)] == list(range(1, 1001))
        assert "a gzip file that is damaged" in problem_of(list, rows).message


def test_pandas_hands_on_what_is_refused(tmp_path: Path) -> None:
    packed = gzipped(LINES)
    path = written(tmp_path, packed[: len(packed) // 2])
    with open_text(path, CSV, "data.csv") as file, pytest.raises(RnaError, match="damaged"):
        pd.read_csv(file)


# Zip files


@pytest.mark.parametrize(
    "extra", [("__MACOSX/._data.csv", b"\0"), (".DS_Store", b"\0"), ("a/.DS_Store", b"\0"), ("a/b/", b"")]
)
def test_what_macos_puts_into_a_zip_file_is_not_counted(tmp_path: Path, extra: tuple[str, bytes]) -> None:
    assert content_of(written(tmp_path, zipped(extra, ("data.csv", LINES)))) == LINES


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([], "no files"),
        (["folder/"], "no files"),
        (["a.csv", "b/c.csv"], "2 files: a.csv, b/c.csv"),
        ([f"{i}.csv" for i in range(30)], "30 files: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv, 6.csv, 7.csv, 8.csv, "
         "9.csv and 20 more"),
        (["a\x1b[31m.csv", "b.csv"], r"2 files: a\x1b[31m.csv, b.csv"),
    ],
)  # fmt: skip
def test_a_zip_file_with_more_or_less_than_one_file_is_refused(tmp_path: Path, members: list[str], said: str) -> None:
    problem = problem_of(use, written(tmp_path, zipped(*((name, b"") for name in members))))
    assert problem.message == f"expected a zip file with one file in it, got {said}"


@pytest.mark.parametrize(
    "content",
    [
        zipped(("[Content_Types].xml", b""), ("xl/workbook.xml", b"")),
        zipped(("mimetype", b""), ("content.xml", b"")),
        gzipped(zipped(("[Content_Types].xml", b""))),
    ],
    ids=["xlsx", "ods", "xlsx in gzip"],
)
def test_a_spreadsheet_is_refused_as_one(tmp_path: Path, content: bytes) -> None:
    problem = problem_of(use, written(tmp_path, content))
    assert "a zip or Excel file" in problem.message
    assert problem.hint == "unpack it, or save it as CSV"


def test_a_zip_file_with_a_password_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped(("data.csv", LINES)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.find(signature) + offset] |= 1
    assert "password" in problem_of(use, written(tmp_path, bytes(packed))).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzipped(b"data.csv".ljust(257, b"\0") + b"ustar\0"), "a tar archive"),
        (gzipped(gzipped(LINES)), "a gzip file"),
        (zipped(("data.csv.gz", gzipped(LINES))), "a gzip file"),
        (gzipped(b"<html>"), "a web page"),
        (zipped(("x.npy", b"\x93NUMPY\1\0")), "NumPy"),
    ],
)
def test_what_is_packed_and_no_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in problem_of(use, written(tmp_path, content)).message


def test_without_pyarrow_the_hint_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, zstd(LINES))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    problem = problem_of(use, path)
    assert "pyarrow, which is not installed" in problem.message
    assert problem.hint == "pip install pyarrow"


# Memory


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield None
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["gzip", "xz", "zip", "plain"])
def test_a_line_without_an_end_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, traced: None, kind: str
) -> None:
    monkeypatch.setattr("rnacli.tables.csv.text.LONGEST", 1 << 20)
    packed = PACKERS.get(kind, bytes)(b"x,y\n1," + b"2" * (64 << 20))
    path = written(tmp_path, packed)
    del packed
    tracemalloc.reset_peak()
    assert problem_of(use, path).message == "a line is longer than 1,048,576 bytes"
    assert tracemalloc.get_traced_memory()[1] < 16 << 20


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zip"])
def test_a_large_file_is_read_in_little_memory(tmp_path: Path, traced: None, kind: str) -> None:
    path = written(tmp_path, PACKERS[kind](b"1,2\n" * (4 << 20)))
    tracemalloc.reset_peak()
    with open_text(path, CSV, "data.csv") as file:
        assert sum(map(len, iter(lambda: file.read(1 << 16), ""))) == 16 << 20
    assert tracemalloc.get_traced_memory()[1] < 12 << 20


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_many_lines_are_not_one_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr("rnacli.tables.csv.text.LONGEST", 1000)
    path = written(tmp_path, (f"1,2{end}" * 200_000).encode())
    assert len(use(path)) == 200_000


@kinds
def test_a_table_is_the_same_table_packed(tmp_path: Path, data_dir: Path, kind: str) -> None:
    source = data_dir / "tabular" / "titanic-kaggle-train.csv"
    with open_text(written(tmp_path, PACKERS[kind](source.read_bytes())), CSV, "data.csv") as file:
        packed = pd.read_csv(file)
    pd.testing.assert_frame_equal(packed, pd.read_csv(source))
