"""What a file may say of one column: its kind, its fill, its scale, how it is coded."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from rnacli.document.place import KeyPath
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import Section, default_of, key, keys
from rnacli.schema.values import (
    Boolean,
    Choice,
    Either,
    Json,
    ListOf,
    Nullable,
    Number,
    Text,
    whole_number,
)


@dataclass(frozen=True)
class Rescale:
    """Division by a known number, such as 255 for pixels, and what is added then."""

    rescale: float = key(Number(above=0), "what every input is divided by")
    offset: float | None = key(
        Nullable(Number()), "what is added then: `{rescale: 127.5, offset: -1}` makes -1 to 1 of pixels", default=None
    )


ARRAY_SCALE = Either((Choice(("standard", "minmax", "robust", "none")), Section(Rescale)))
ARRAY_SCALE_DOC = (
    "`standard` (mean 0, standard deviation 1), `minmax` (0 to 1), `robust` (median 0, the middle half 1 wide), "
    "`{rescale: 255}` (divided by 255) or `none`; learnt from the training rows alone"
)
SCALE = Either((Choice(("standard", "minmax", "robust", "log", "power", "none")), Section(Rescale)))
SCALE_DOC = (
    "`standard` (mean 0, standard deviation 1), `minmax` (0 to 1), `robust` (median 0, the middle half 1 wide), for "
    "skewed numbers `log` (standard after log(1 + x)) or `power` (standard after Yeo and Johnson's power), "
    "`{rescale: 255}` (divided by 255) or `none`; learnt from the training rows alone"
)


KINDS_OF_COLUMN = ["auto", "numeric", "categorical", "boolean", "date", "ignore"]
"""The names in ``table.COLUMN_KINDS``, and two of none. They are written out since that one needs NumPy."""
TOGETHER = "columns"
"""The input of the network that all columns but embedded ones are."""
FILLS = ("auto", "mean", "median", "most_frequent", "missing", "drop", "error")
DATE_PARTS = ("year", "month", "day", "day_of_week", "day_of_year", "hour", "minute", "second")
FILL_DOC = (
    "what a missing value becomes: `mean`, `median` or `most_frequent` of the training rows, a number, "
    "`{constant: word}`, `missing` (a category of its own); `drop` leaves such rows out, `error` refuses them; "
    "`auto`: the median of numbers and dates, the more frequent of two, a category of its own for words"
)


@dataclass(frozen=True)
class Constant:
    """A value that stands for those that are missing."""

    constant: str = key(Text("a value", numbers=True), "the value itself")


FILL = Either((Choice(FILLS), Number(), Section(Constant)))


@dataclass(frozen=True)
class Column:
    """How one column is read, filled and coded; what is left out is decided from the data."""

    kind: str = key(Choice(KINDS_OF_COLUMN), "what it holds; `ignore`: it is not an input", default="auto")
    fill: str | float | Constant | None = key(Nullable(FILL), f"{FILL_DOC}; default: the data set's", default=None)
    indicator: bool = key(Boolean(), "one more input that is 1 where the value is missing", default=False)
    scale: str | Rescale | None = key(
        Nullable(SCALE),
        "as the data set's `scale`, which is the default; of a target: scaled for the network alone",
        default=None,
    )
    encode: str = key(
        Choice(("one_hot", "ordinal", "embedding")),
        "categories as an input each, as their number, or as a vector that the network learns",
        default="one_hot",
    )
    dimensions: int | None = key(
        Nullable(whole_number(1, 4096)),
        "the length of an embedding's vectors; default: 1.6 n^0.56 for n categories, up to 50",
        default=None,
    )
    min_count: int = key(
        whole_number(1), "categories with fewer training rows are grouped as one, with those never seen", default=1
    )
    categories: tuple[str, ...] | None = key(
        Nullable(ListOf(Text(numbers=True), 1)),
        "the categories in their order; default: those of the training rows",
        default=None,
    )
    parts: tuple[str, ...] | None = key(
        Nullable(ListOf(Choice(DATE_PARTS), 1)),
        "what of a date is an input; default: year, month, day, day_of_week, and hour if there are times",
        default=None,
    )
    format: str | None = key(
        Nullable(Text("a format such as '%d/%m/%Y'", ".*%.*")),
        "how dates are written; default: as ISO 8601 says, or the one usual format that fits all of them",
        default=None,
    )
    strip: str = key(Text("characters"), "characters that are taken off both ends of each word", default="")
    unit: str = key(
        Text("a sign or a word such as '%' or '€'"),
        "what stands beside each number; default: found by itself",
        default="",
    )
    missing: tuple[str, ...] = key(
        ListOf(Text(numbers=True)),
        "what stands for a missing value here, besides what does so in all columns",
        default=(),
    )


class ColumnKind(Section):
    """A column's kind as a word, or a mapping of all that there is to say of it."""

    def __init__(self) -> None:
        super().__init__(Column)

    wanted = "a kind of column such as categorical, or a mapping such as {fill: median}"

    def fits(self, value: Any) -> bool:
        return isinstance(value, str | dict)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if isinstance(value, str):
            kind = Choice(KINDS_OF_COLUMN).read(value, path, reader)
            return kind if kind is INVALID else Column(kind=kind)
        if not isinstance(value, dict):
            return self.refuse(value, path, reader)
        return super().read(value, path, reader)

    def plain(self, value: Column) -> Any:
        fields, plain = keys(Column), super().plain(value)
        given = {name: plain[name] for name in plain if getattr(value, name) != default_of(fields[name])}
        return value.kind if not given or list(given) == ["kind"] else given

    def schema(self) -> Json:
        return {"anyOf": [Choice(KINDS_OF_COLUMN).schema(), super().schema()]}


class Defaults(NamedTuple):
    """What the data set says of all its columns: what a missing value becomes, and how numbers are scaled."""

    fill: str | float | Constant
    scale: str | Rescale
