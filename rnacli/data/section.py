"""The keys that all kinds of data set have: which rows are for what, and what classes are called."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.schema.number_hints import number_hint
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import Section, key
from rnacli.schema.values import Boolean, Choice, Json, Kind, ListOf, Nullable, Text, whole_number
from rnacli.words import fill_each, fill_template, list_words

PARTS = ("train", "validation", "test")
COLUMN = Text("a column's name", numbers=True)


@dataclass(frozen=True)
class Part:
    """How many rows a part takes: a fraction or a count, drawn at random or from the ``first`` or ``last`` rows."""

    size: float | int
    end: str = ""


class Words(tuple[str, ...]):
    """The words of a column that mean a part."""


@dataclass(frozen=True)
class PartKind(Kind):
    """A part of the split; ``files``: it may be a second file, whose rows come beside those of the first."""

    files: bool = True

    @property
    def wanted(self) -> str:  # type: ignore[override]
        sizes = [*fill_each("a fraction between 0 and 1", "a number of rows"), "{first: n}", "{last: n}"]
        return list_words([*sizes, fill_template("a file")] if self.files else sizes)

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float | str | dict) and not isinstance(value, bool)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if isinstance(value, str):
            if not self.files and Path(value).suffix and not number_hint(value):
                return reader.wrong(
                    path,
                    "the training rows are in the data set's own file",
                    "test: or validation: may be a second file",
                )
            return value if Path(value).suffix and not number_hint(value) else self.refuse(value, path, reader)
        end = ""
        if isinstance(value, dict):
            if len(value) != 1 or not set(value) <= {"first", "last"}:
                return self.refuse(value, path, reader)
            ((end, value),) = value.items()
            path = (*path, end)
        fraction = isinstance(value, float) and 0 < value < 1
        count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return Part(value, end) if fraction or count else self.refuse(value, path, reader)

    def hint(self, value: Any) -> str:
        if isinstance(value, str):
            return number_hint(value) or "a file's name ends in .csv or .npz"
        if isinstance(value, float) and value > 1:
            return "a fraction is below 1, and a number of rows is whole"
        return "{first: 10000} takes the first 10000 rows" if isinstance(value, dict) else ""

    def plain(self, value: Any) -> Any:
        if isinstance(value, Words):
            return value[0] if len(value) == 1 else list(value)
        if isinstance(value, Part):
            return {value.end: value.size} if value.end else value.size
        return value

    def schema(self) -> Json:
        size = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]}
        ends = {"type": "object", "properties": {"first": size, "last": size}, "additionalProperties": False}
        words = {"type": ["integer", "array"], "items": {"type": ["string", "integer"]}}
        return {"anyOf": [*size["anyOf"], {**ends, "minProperties": 1, "maxProperties": 1}, words]}


@dataclass(frozen=True)
class Split:
    """Which rows are for what."""

    test: Part | str | None = key(
        Nullable(PartKind()),
        "the rows kept for the end: a fraction, a count, `{first: n}`, `{last: n}` or a second file",
        default=None,
    )
    validation: Part | str | None = key(
        Nullable(PartKind()),
        "the rows that the curves are drawn against and that callbacks watch, given as for `test`",
        default=None,
    )
    train: Part | None = key(
        Nullable(PartKind(files=False)), "the training rows; default: all the others", default=None
    )
    column: str | None = key(
        Nullable(COLUMN),
        "a column that says each row's part, in usual words such as `Training` or `prueba`; beside it `train`, "
        "`validation` and `test` may be its words for them",
        default=None,
    )
    stratify: bool = key(Boolean(), "the same share of each class in every part", default=False)
    group: str | None = key(
        Nullable(COLUMN), "a column such as a patient's number: rows that share it are in one part", default=None
    )
    order_by: str | None = key(
        Nullable(COLUMN),
        "a column such as a date: the last rows by it are the test part, those before validate",
        default=None,
    )
    folds: int | None = key(
        Nullable(whole_number(2, 1000)),
        "cross-validation: as many trainings, each with another share of the rows as its test part",
        default=None,
    )
    repeats: int | None = key(
        Nullable(whole_number(2, 1000)),
        "how often the rows are divided into folds, each time by the next seed; default: once",
        default=None,
    )
    fold: int | None = key(
        Nullable(whole_number(1, 1_000_000)),
        "the one of the folds that is trained, from 1, those of a second repeat after those of the first; default: "
        "each of them",
        default=None,
    )
    seed: int | None = key(
        Nullable(whole_number(0, 2**32 - 1)), "decides which rows are drawn; default: the file's `seed`", default=None
    )
    train_on_validation: bool = key(
        Boolean(),
        "the validation rows are training rows too, and nothing is measured on them: for the last network, when all "
        "is chosen",
        default=False,
    )

    @property
    def trainings(self) -> int:
        """How many folds there are in all repeats."""
        return (self.folds or 0) * (self.repeats or 1)

    @property
    def repeat(self) -> int:
        """The repeat of ``fold``, from 0."""
        return ((self.fold or 1) - 1) // (self.folds or 1)


class SplitKind(Section):
    """A split; beside a ``column``, what the parts are given are its words for them."""

    def __init__(self) -> None:
        super().__init__(Split)

    def hint(self, value: Any) -> str:
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts) or len(parts) > 3:
            return "split: {test: 0.2}"
        names = {1: ["test"], 2: ["train", "test"]}.get(len(parts), PARTS)
        return f"split: {{{', '.join(f'{name}: {part}' for name, part in zip(names, parts, strict=False))}}}"

    def read_keys(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        by_words = isinstance(value, dict) and value.get("column") is not None
        words = {name: value[name] for name in PARTS if name in value and are_words(value[name])} if by_words else {}
        others = {name: item for name, item in value.items() if name not in words} if by_words else value
        values = super().read_keys(others, path, reader)
        if values is not INVALID:
            values |= {
                name: Words(map(str, item if isinstance(item, list) else [item])) for name, item in words.items()
            }
        return values


def are_words(value: Any) -> bool:
    """Whether a value is a word of a column, or several: no file's name and no fraction."""
    if isinstance(value, list):
        return bool(value) and not any(isinstance(item, list) or not are_words(item) for item in value)
    return COLUMN.fits(value) and not Path(str(value)).suffix


CLASS_NAMES_DOC = "what the classes are called, in the order of their labels"
MISSING_WORDS = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""What stands for a missing value in a table, unless its config says otherwise."""
SPLIT_DOC = "which rows are for training, validation and test"


POSITIVE_DOC = (
    "which of two classes precision, recall and threshold are about; default: the one that means yes, else the rarer "
    "one in the training rows"
)


def positive_key() -> Any:
    return key(Nullable(Text("a class", numbers=True)), POSITIVE_DOC, default=None)


INPUT = "input"
"""The target of a network that gives back its input."""
TARGET_DOC = "`input`: what the network is to give back, as an autoencoder does; default: the labels or numbers there"


class TargetKind(Choice):
    """The target of data that have labels of their own."""

    def hint(self, value: Any) -> str:
        return super().hint(value) or "remove target: such data have their own labels or numbers to predict"


def target_key() -> Any:
    return key(Nullable(TargetKind((INPUT,))), TARGET_DOC, default=None)


def class_names_key() -> Any:
    return key(Nullable(ListOf(Text(numbers=True), 2)), CLASS_NAMES_DOC, default=None)
