"""The quick looks at quotes and at the lengths of rows: never another verdict than that of reading every record."""

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnacli.errors import RnaError
from rnacli.tables.cells import Want
from rnacli.tables.csv import read, sniff
from rnacli.tables.csv.quotes import LONGEST_HELD, Watched, all_have_cells
from rnacli.tables.csv.read import open_csv
from rnacli.tables.csv.text import WHITESPACE, Format, read_records

PIECES = [*',,,,\n\n\n\n""""', "\r\n", "\r", "1", "2.5", "a", "é", " ", "  ", "\t", ";", '""', ',"', '",', '"\n', '\n"']
CELLS = ["1", "2", "", '"3"', '""', '"a,b"', '"\n"', 'a"b', ' "4"', '"5"6', " "]
WELL_WRITTEN = ["1", "-2.5", "", "a b", "x,y", 'say "no"', "two\nlines", " ", '"', "é"]


def any_texts(count: int) -> Iterator[tuple[str, Format]]:
    """Small texts of what matters: most are wrong, and some are right in odd ways."""
    choose = random.Random(3)
    for _ in range(count):
        delimiter = choose.choice([",", ",", ",", ";", "\t", " ", WHITESPACE])
        mark = " " if delimiter == WHITESPACE else delimiter
        if choose.random() < 0.5:
            text = "".join(choose.choices(PIECES, k=choose.randrange(1, 24))).replace(",", mark)
        else:  # rows of two or three cells, of which some are odd
            lengths = choose.choices([2, 3, 4], [1, 5, 1], k=choose.randrange(1, 6))
            rows = [choose.choices(CELLS, k=length) for length in lengths]
            end = choose.choice(["\n", "\r\n", "\r"])
            text = end.join(mark.join(row) for row in rows) + choose.choice(["", end, end * 2])
        yield choose.choice(["", "x,y,z\n".replace(",", mark)]) + text, Format(delimiter, header=choose.random() < 0.7)


def blocks_of(text: str, choose: random.Random) -> Iterator[str]:
    while text:
        size = choose.choice([1, 2, 3, 50])
        yield text[:size]
        text = text[size:]
    yield ""


class Blocks(io.StringIO):
    """A text that comes in blocks."""

    def __init__(self, text: str, choose: random.Random):
        self.blocks = blocks_of(text, choose)

    def read(self, size: int | None = -1, /) -> str:
        return next(self.blocks)


def lengths_of(text: str, form: Format) -> list[int] | None:
    """How many cells each record has; ``None`` where a quote is wrong."""
    try:
        return [len(record.cells) for record in read_records(io.StringIO(text, newline=""), form, "")]
    except RnaError:
        return None


def has_blank_records(text: str, form: Format) -> bool:
    """Whether a record has empty cells alone: it is passed over, and its delimiters count."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, skipinitialspace=True, strict=True)
    return any(len(row) > 1 and not any(row) for row in rows)


def watch(text: str, form: Format, choose: random.Random) -> Watched:
    settled: list[bool] = []
    watched = Watched(Blocks(text, choose), form, lambda: settled.append(True))
    assert "".join(iter(watched.read, "")) == text
    assert settled == [True] * watched.doubtful
    return watched


def test_what_is_sure_is_so() -> None:
    choose = random.Random(5)
    sure = [0, 0, 0]
    for text, form in any_texts(10_000):
        lengths = lengths_of(text, form)
        watched = watch(text, form, choose)
        if watched.doubtful:
            continue
        sure[0] += 1
        assert lengths is not None, (text, form)
        for cells in (1, 2, 3):
            if all_have_cells(Blocks(text, choose), form, cells):
                sure[1] += 1
                assert {*lengths} <= {cells}, (text, form)
            if max(lengths, default=0) <= cells and watched.is_counted and not has_blank_records(text, form):
                sure[2] += 1
                assert watched.has_cells(len(lengths), cells) == ({*lengths} <= {cells}), (text, form)
    assert min(sure) > 500


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_is_well_written_is_sure(delimiter: str, end: str) -> None:
    choose = random.Random(7)
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        for _ in range(200):
            file = io.StringIO()
            writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
            writer.writerows(choose.choices(WELL_WRITTEN, k=3) for _ in range(choose.randrange(1, 9)))
            assert not watch(file.getvalue(), Format(delimiter), choose).doubtful, file.getvalue()
            assert all_have_cells(Blocks(file.getvalue(), choose), Format(delimiter), 3), file.getvalue()


def verdict(path: Path, form: Format, wants: dict[str, Want], chunk: int | None) -> Any:
    """What is read of a file, or why it is refused."""
    try:
        tables = list(open_csv(path, "d.csv", form).read(wants, chunk))
    except RnaError as error:
        return error.problems, error.exit_code
    return [(str(table.values.tolist()), table.words) for table in tables]


def test_every_verdict_is_that_of_the_slow_reader(tmp_path: Path) -> None:
    choose = random.Random(11)
    path = tmp_path / "d.csv"
    good = 0
    for text, form in any_texts(700):
        path.write_bytes(text.encode())
        names = "xyz" if form.header else "012"
        wants = {
            name: Want("any", missing=choose.random() < 0.8) for name in choose.sample(names, choose.choice([1, 3]))
        }
        chunk = choose.choice([None, 1, 2])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sniff, "SAMPLE", choose.choice([1, 5, 20, 1 << 16]))
            quick = verdict(path, form, wants, chunk)
            patch.setattr(sniff, "SAMPLE", 1 << 16)
            patch.setattr(read, "all_have_cells", lambda *arguments: False)
            patch.setattr(Watched, "look", lambda self, text: setattr(self, "doubtful", True))
            assert quick == verdict(path, form, wants, chunk), (text, form, wants, chunk)
        good += isinstance(quick, list)
    assert good > 25


def test_codes_are_found_behind_a_doubtful_quote() -> None:
    choose = random.Random(3)
    for cell, is_code in (("01001", True), ("28013", False), ("0.5", False)):
        text = 'a,b\n5 "feet",1\n' + "x,2\n" * 50 + f"y,{cell}\n"
        for _ in range(20):
            watched = watch(text, Format(), choose)
            assert watched.doubtful
            assert watched.has_codes == is_code, cell


def test_a_quoted_value_of_many_blocks_is_left_to_the_slow_reader() -> None:
    watched = Watched(io.StringIO('a,b\n1,"' + "x" * 2 * LONGEST_HELD), Format(), lambda: None)
    reads = 0
    while not watched.doubtful:
        watched.read(1 << 18)
        reads += 1
    assert reads == (LONGEST_HELD >> 18) + 1
