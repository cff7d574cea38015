"""Random tables as CSV files of any form, and experiments from the language itself, for tests by properties."""

import dataclasses
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnacli.document.text import CONTROL
from rnacli.document.write import dump_yaml
from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config


def examples(few: int, many: int) -> Any:
    """A test's number of random cases: ``few``, and ``many`` among the slow tests."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.exhaustive)])


def each(strategy: st.SearchStrategy[Any], count: int, check: Callable[[Any], object]) -> None:
    """Call ``check`` with ``count`` random values: the same ones every time, or others where RNA_FUZZ is set."""

    @settings(
        max_examples=count,
        deadline=None,
        derandomize="RNA_FUZZ" not in os.environ,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(value: Any) -> None:
        check(value)

    one()


def outcome(call: Callable[..., Any], *arguments: Any, **more: Any) -> tuple[Any, RnaError | None]:
    """What a call gives, and what it refuses: one of the two."""
    try:
        return call(*arguments, **more), None
    except RnaError as error:
        return None, error


# Tables

NASTY = (
    "a b", '"', "it's", "a.b", "ünïcode", "[red]x[/red]", "=1+1", "-", "#", "a: b", "{a}", "*", "a*", "null", "yes",
    "1", "1.5", "0", "a,b", "a;b", "a\tb", "a\nb", "<<", "&x", "!x", "name", "target", "prediction", "line",
    "\u202eabc", "😀", "a" * 300, "%s", "\\", "\x1b[31m", "()", "[", "[0]", "Unnamed: 1", "@a", "a|b", "\u00a0x",
    "e\u0301", "__class__",
)  # fmt: skip
MARKERS = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""What stands for a missing value where a config says nothing."""
ODD = (
    "inf", "-inf", "Infinity", "NAN", "1e39", "-4e38", "1e400", "1_000", "0x10", "٣", "−5", "1 00", "5%", "--5",
    "1e", "½",
)  # fmt: skip
"""Words among numbers, and numbers that float32 does not have."""
LARGEST = 3.4028234663852886e38


NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def number(cell: str, decimal: str) -> float | None:
    """What a cell says as a number, if it says one."""
    if decimal == ",":
        cell = cell.replace(".", "?").replace(",", ".")
    return float(cell) if NUMBER.fullmatch(cell) else None


def letters(blacklist: str = "\x00") -> st.SearchStrategy[str]:
    return st.characters(exclude_categories=("Cs",), exclude_characters=blacklist)


def names() -> st.SearchStrategy[str]:
    """Names of columns: nothing but blanks is none."""
    return (st.sampled_from(NASTY) | st.text(letters(), min_size=1, max_size=8)).map(composed).filter(bool)


def composed(text: str) -> str:
    """A name as it is read: without blanks around it, an accent and its letter as one character."""
    return unicodedata.normalize("NFC", text).strip()


def words() -> st.SearchStrategy[str]:
    drawn = st.text(letters(), max_size=6) | st.sampled_from((*NASTY, "red", "blue", "Red", " red ", "red "))
    return drawn.map(lambda word: unicodedata.normalize("NFC", word))


@st.composite
def numbers(draw: st.DrawFn, decimal: str = ".") -> str:
    """A number that fits float32, as somebody might write it."""
    value = draw(st.floats(-LARGEST, LARGEST, allow_nan=False) | st.floats(-1000, 1000) | st.integers(-9999, 9999))
    form = draw(st.sampled_from(("r", "r", ".3f", "+.6e", ".0f", "E", "0=8.2f", ".1f")))
    text = repr(value) if form == "r" else format(float(value), form)
    text = text if float(text) else text.replace("-", "")  # -0 keeps its sign or not, by the numbers around it
    odd = draw(st.sampled_from(("", "", "", "trailing point", "blank", "+")))
    if odd == "trailing point" and re.fullmatch("-?[0-9]+", text):
        text += "."
    elif odd == "blank":
        text = f" {text}  " if text[0] != "+" else text  # pandas is 1e-16 off where there are blanks and a plus
    elif odd == "+" and text[0] != "-":
        text = f"+{text.removeprefix('+')}"
    return text.replace(".", decimal)


def dates() -> st.SearchStrategy[str]:
    day = st.dates().map(str)
    moment = st.datetimes(timezones=st.none()).map(lambda time: time.replace(microsecond=0))
    return st.one_of(day, day, moment.map(str), moment.map(lambda time: f"{time.isoformat()}Z"))


BOOLEANS = (("true", "false"), ("Yes", "no"), ("T", "F"), ("y", "N"), ("ON", "off"), ("True", "False"), ("TRUE", "no"))


def cells(kind: str, decimal: str) -> st.SearchStrategy[str]:
    """The cells of a column that is meant to hold one ``kind``."""
    return {
        "numeric": numbers(decimal),
        "words": words(),
        "boolean": st.sampled_from([word for pair in BOOLEANS for word in pair]),
        "date": dates(),
        "empty": st.just(""),
        "odd": numbers(decimal) | numbers(decimal) | st.sampled_from(ODD),
        "mixed": numbers(decimal) | words() | st.sampled_from(ODD) | dates(),
    }[kind]


@dataclass(frozen=True)
class Written:
    """A table as cells, and how it becomes a file. The last column is the target."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]
    missing: tuple[str, ...] | None = None
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    end: str = "\n"
    last_end: bool = True
    bom: bool = False
    quoted: frozenset[tuple[int, int]] = frozenset()
    """Cells (row, column) in quotes that need none; row 0 is the header."""
    classes: bool = False
    """Whether the target is classes, and not numbers."""
    stated: dict[str, Any] = field(default_factory=dict, hash=False)
    """What else the config says of the data set."""

    @property
    def features(self) -> tuple[str, ...]:
        return self.names[:-1]

    @property
    def markers(self) -> tuple[str, ...]:
        return MARKERS if self.missing is None else self.missing

    def column(self, j: int) -> list[str | None]:
        """A column's cells without the blanks around them, ``None`` where they are missing."""
        found = [row[j].strip() for row in self.rows]
        gone = {number(marker, ".") for marker in self.markers} - {None}
        return [None if cell in ("", *self.markers) or number(cell, self.decimal) in gone else cell for cell in found]

    def cell(self, text: str, at: tuple[int, int]) -> str:
        apart = " \t\r\n" if self.delimiter == "whitespace" else f"{self.delimiter}\r\n"
        unlike = self.delimiter == "whitespace" and (not text or any(c.isspace() for c in text))
        if at in self.quoted or unlike or '"' in text or any(c in text for c in apart):
            return '"' + text.replace('"', '""') + '"'
        return text

    def records(self) -> list[str]:
        """The header and the rows as text, without what ends them."""
        between = " " if self.delimiter == "whitespace" else self.delimiter
        return [
            between.join(self.cell(text, (i, j)) for j, text in enumerate(row))
            for i, row in enumerate((self.names, *self.rows))
        ]

    def lines(self) -> list[int]:
        """The line on which each row begins."""
        starts, line = [], 1
        for record in self.records():
            starts.append(line)
            line += 1 + len(re.findall("\r\n|\r|\n", record))
        return starts[1:]

    def content(self) -> bytes:
        text = self.end.join(self.records()) + (self.end if self.last_end else "")
        return (b"\xef\xbb\xbf" if self.bom and self.encoding == "utf-8" else b"") + text.encode(self.encoding)

    def dataset(self) -> dict[str, Any]:
        form = {"delimiter": self.delimiter, "decimal": self.decimal, "encoding": self.encoding}
        missing = {} if self.missing is None else {"missing": list(self.missing)}
        return {"csv": "t.csv", "target": self.names[-1], **form, **missing, "split": {}, **self.stated}

    def experiment(self, **changes: Any) -> str:
        """The experiment that reads the file; ``changes``: of the data set."""
        classes = max(len(set(self.column(-1))), 1)
        head = {"units": classes if self.classes else 1, "activation": "softmax" if self.classes else "linear"}
        loss = "sparse_categorical_crossentropy" if self.classes else "mse"
        layers = [{"dense": head}]
        return dump_yaml({"dataset": self.dataset() | changes, "layers": layers, "loss": loss})

    def write(self, folder: Path, **changes: Any) -> Config:
        """Put the table and its experiment into a folder."""
        (folder / "t.csv").write_bytes(self.content())
        (folder / "e.yaml").write_text(self.experiment(**changes), "utf-8")
        return load_config(folder / "e.yaml")

    def mended(self) -> "Written":
        """With a value in each column of the first row, and in each row of the target; two classes in the first two."""
        rows = [list(row) for row in self.rows]
        for j, kind in enumerate(self.kinds):
            for i in [
                i for i, cell in enumerate(self.column(j)) if cell is None and (not i or j == len(self.kinds) - 1)
            ]:
                rows[i][j] = FALLBACK[kind]
        if self.classes:
            rows[0][-1], rows[1][-1] = "red", "blue"
        return dataclasses.replace(self, rows=tuple(map(tuple, rows)))

    def permuted(self, rows: Sequence[int], columns: Sequence[int]) -> "Written":
        """With rows and columns in another order; quotes only where they must be."""
        return dataclasses.replace(
            self,
            names=tuple(self.names[j] for j in columns),
            kinds=tuple(self.kinds[j] for j in columns),
            rows=tuple(tuple(self.rows[i][j] for j in columns) for i in rows),
            quoted=frozenset(),
        )


def writable(name: str) -> bool:
    """Whether a config can hold a name."""
    return not (CONTROL.search(name) or "${" in name or unicodedata.category(name[0]) == "Cn")


@st.composite
def tables(draw: st.DrawFn, clean: bool = False, least: int = 1, extra: Sequence[str] = ()) -> Written:
    """Tables of any columns, written in any way.

    ``clean``: of columns that can be read, their kinds stated, with a value in the first row; ``extra``: kinds of
    columns that are there in any case.
    """
    delimiter = draw(st.sampled_from((",", ",", ";", "\t", "|", "whitespace")))
    decimal = "." if delimiter == "," else draw(st.sampled_from((".", ".", ",")))
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-16", "latin-1", "cp1252")))
    missing = draw(st.none() | st.lists(st.sampled_from(("", "-", "n/a", "-999", "0", ".", "x")), max_size=3))
    known = ("numeric", "words", "boolean", "date")
    known = known if clean else (*known, "numeric", "words", "empty", "odd", "mixed")
    kinds = [*draw(st.lists(st.sampled_from(known), min_size=1, max_size=4)), *extra]
    count = draw(st.integers(max(least, 2) if clean else least, 12))
    classes = draw(st.booleans())
    gaps = st.sampled_from(missing) if missing else st.just("")
    columns = []
    for kind in kinds:
        column = draw(st.lists(cells(kind, decimal), min_size=count, max_size=count))
        for i in draw(st.sets(st.integers(0, count - 1), max_size=2)) if draw(st.booleans()) else ():
            column[i] = draw(gaps)
        columns.append(column)
    target = st.sampled_from(("red", "blue", "green")) if classes else numbers(decimal)
    columns.append(draw(st.lists(target, min_size=count, max_size=count)))
    called = draw(st.lists(names().filter(writable) if clean else names(), min_size=len(kinds), max_size=len(kinds)))
    called.append(draw(names().filter(writable)))
    # An encoding has not every letter.
    columns = [[encodable(text, encoding) for text in column] for column in columns]
    spots = st.tuples(st.integers(0, count), st.integers(0, len(kinds)))
    made = Written(
        tuple(distinct([encodable(name, encoding) for name in called])),
        tuple(zip(*columns, strict=True)),
        (*kinds, "words" if classes else "numeric"),
        None if missing is None else tuple(missing),
        delimiter,
        decimal,
        encoding,
        draw(st.sampled_from(("\n", "\n", "\r\n"))),
        draw(st.booleans()),
        draw(st.booleans()),
        frozenset(draw(st.sets(spots, max_size=6))),
        classes,
    )
    if not clean:
        return made
    said = {name: draw(said_of(kind)) for name, kind in zip(made.features, kinds, strict=True)}
    return dataclasses.replace(made.mended(), stated={"columns": said, "scale": draw(st.sampled_from(SCALES))})


SCALES = ("standard", "minmax", "none")
FALLBACK = {"numeric": "7", "words": "red", "boolean": "yes", "date": "2026-11-21"}


def said_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """What a config may say of a column."""
    optional: dict[str, Any] = {"indicator": st.booleans(), "scale": st.sampled_from(SCALES)}
    fills: tuple[Any, ...] = ("auto", "median", "most_frequent", 0.5, {"constant": "3"})
    if kind == "words":
        fills = ("auto", "missing", "most_frequent", {"constant": "zzz"})
        optional |= {"encode": st.sampled_from(("one_hot", "ordinal", "embedding")), "min_count": st.integers(1, 2)}
    elif kind == "date":
        fills = ("auto", "median")
        optional["parts"] = st.lists(st.sampled_from(("year", "hour", "day_of_week")), min_size=1, unique=True)
    stated = {"kind": st.just("categorical" if kind == "words" else kind)}
    return st.fixed_dictionaries(stated, optional=optional | {"fill": st.sampled_from(fills)})


def encodable(text: str, encoding: str) -> str:
    return text if encoding == "utf-8" else text.encode(encoding, "ignore").decode(encoding).strip("\ufeff")


def distinct(found: Sequence[str]) -> list[str]:
    """Names that are all different, and none that has a meaning of its own."""
    made: list[str] = []
    for name in found:
        name = name.strip() or "x"
        while name in made or name == "Unnamed: 0":
            name += "_"
        made.append(name)
    return made
