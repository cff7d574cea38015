"""What a file may say of one column: its kind, its fill, its scale, how it is coded."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from rnacli.document.place import KeyPath
from rnacli.pictures.augment import augment_key
from rnacli.pictures.keys import (
    CROPPED_OR_PADDED,
    cache_key,
    color_key,
    column_size_key,
    crop_key,
    interpolation_key,
    pad_key,
    unreadable_key,
)
from rnacli.schema.arithmetic import compute_text
from rnacli.schema.keras_object import KerasSpec
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
from rnacli.tables.several import SEPARATORS
from rnacli.words import fill_template


class Divisor(Number):
    """What values are divided by: ``1/255``, as a layer multiplies by, is meant as 255."""

    def hint(self, value: Any) -> str:
        factor = compute_text(value) if isinstance(value, str) else None
        if factor is not None and 0 < factor < 1:
            return fill_template("values are divided by it: write {divisor:.6g}", divisor=1 / factor)
        return super().hint(value)


@dataclass(frozen=True)
class Rescale:
    """Division by a known number, such as 255 for pixels, and what is added then."""

    rescale: float = key(Divisor(above=0), "what every input is divided by")
    offset: float | None = key(
        Nullable(Number()), "what is added then: `{rescale: 127.5, offset: -1}` makes -1 to 1 of pixels", default=None
    )


ARRAY_SCALE = Either((Choice(("standard", "minmax", "robust", "none")), Section(Rescale)))
ARRAY_SCALE_DOC = (
    "`standard` (mean 0, standard deviation 1), `minmax` (0 to 1), `robust` (median 0, the middle half 1 wide), "
    "`{rescale: 255}` (divided by 255) or `none`; learnt from the training rows only"
)
SCALE = Either((Choice(("standard", "minmax", "robust", "log", "power", "none")), Section(Rescale)))
SCALE_DOC = (
    "`standard` (mean 0, standard deviation 1), `minmax` (0 to 1), `robust` (median 0, the middle half 1 wide), for "
    "skewed numbers `log` (standard after log(1 + x)) or `power` (standard after Yeo and Johnson's power), "
    "`{rescale: 255}` (divided by 255) or `none`; learnt from the training rows only"
)


KINDS_OF_COLUMN = [
    "auto", "numeric", "categorical", "boolean", "date", "duration", "fraction", "text", "image", "ignore",
]  # fmt: skip
"""The names in ``table.COLUMN_KINDS`` and ``mixed.APART_KINDS``, and two of none.

They are written out since those need NumPy.
"""
TOGETHER = "columns"
"""The input of the network that all columns are but those that are embedded, hold texts, or are arrays."""
FILLS = ("auto", "mean", "median", "most_frequent", "missing", "drop", "error")
DATE_PARTS = ("year", "month", "day", "day_of_week", "day_of_year", "hour", "minute", "second")
STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character", *SEPARATORS)
OUTPUT_MODES = ("int", "multi_hot", "count", "tf_idf")
MOST_NGRAMS = 10
FILL_DOC = (
    "what a missing value becomes: `mean`, `median` or `most_frequent` of the training rows, a number, "
    "`{constant: word}`, `missing` (a category of its own); `drop` leaves such rows out, `error` refuses them; "
    "`auto`: the median of numbers and dates, the more frequent of two, a category of its own for words, a text "
    "without words for texts"
)


@dataclass(frozen=True)
class Constant:
    """A value that stands for those that are missing."""

    constant: str = key(Text("a value", numbers=True), "the value itself")


FILL = Either((Choice(FILLS), Number(), Section(Constant)))


@dataclass(frozen=True)
class Column:
    """How one column is read, filled and coded; what is left out is decided from the data."""

    kind: str = key(
        Choice(KINDS_OF_COLUMN),
        "what it holds; a `duration` (`1:30:00`, `2h 5m`) is read in seconds, a `fraction` is `1/2` or `3 1/2`; "
        "`ignore`: it is not an input",
        default="auto",
    )
    fill: str | float | Constant | None = key(
        Nullable(FILL),
        "what a missing value becomes: `mean`, `median` or `most_frequent` of the training rows, a number, "
        "`{constant: word}`, `missing` (a category of its own); `drop` leaves such rows out, `error` refuses them; "
        "`auto`: the median of numbers and dates, the more frequent of two, a category of its own for words, a text "
        "without words for texts; default: the data set's",
        default=None,
    )
    indicator: bool = key(Boolean(), "one more input that is 1 where the value is missing", default=False)
    scale: str | Rescale | None = key(
        Nullable(SCALE),
        "as the data set's `scale`, which is the default; of pictures, `none` is; a target is scaled inside the "
        "network only, and results are in its own units",
        default=None,
    )
    encode: str = key(
        Choice(("one_hot", "ordinal", "embedding")),
        "one input for each category, its number, or a vector that the network learns",
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
        "which parts of a date are inputs; default: year, month, day, day_of_week, and hour if there are times",
        default=None,
    )
    format: str | None = key(
        Nullable(Text("a format such as '%d/%m/%Y'", ".*%.*")),
        "how dates are written, `'%s'` for seconds since 1970 or thousandths of them; default: as ISO 8601 says, or "
        "the one usual format that fits all of them",
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
    image_size: int | tuple[int, int] | None = column_size_key()
    color_mode: str = color_key()
    interpolation: str = interpolation_key()
    crop_to_aspect_ratio: bool = crop_key()
    pad_to_aspect_ratio: bool = pad_key()
    augment: tuple[KerasSpec, ...] = augment_key()
    cache: str = cache_key()
    unreadable: str = unreadable_key()
    max_tokens: int | None = key(
        Nullable(whole_number(3, 1_000_000)),
        "of texts: how many different numbers their words become, the most frequent ones, with one for unknown words "
        "and, of `int`, one for padding; default: 20,000",
        default=None,
    )
    output_sequence_length: int | None = key(
        Nullable(whole_number(1, 100_000)),
        "of texts, `int`: at how many words they are cut, or padded at the end; default: as many as 95 % of the "
        "training texts have at most",
        default=None,
    )
    standardize: str | None = key(
        Nullable(Choice(STANDARDIZE)),
        "of texts: letters become small ones, and punctuation is left out, in every script; `null`: neither",
        default=STANDARDIZE[0],
    )
    split: str = key(
        Choice(SPLIT),
        "of texts: where one word ends, or each character is one; `'|'`, `';'` or `','`: what stands between several "
        "values in a cell, such as `Action|Science Fiction`",
        default=SPLIT[0],
    )
    ngrams: int | tuple[int, ...] | None = key(
        Nullable(Either((whole_number(1, MOST_NGRAMS), ListOf(whole_number(1, MOST_NGRAMS), 1)))),
        "of texts: up to so many neighbouring words count as a word too; a list: exactly so many",
        default=None,
    )
    output_mode: str = key(
        Choice(OUTPUT_MODES),
        "of texts: `int`, the number of each word, 0 for padding and 1 for an unknown word; or a number for each word "
        "that is known: 1 (`multi_hot`), how often the text has it (`count`), or that, weighted (`tf_idf`)",
        default=OUTPUT_MODES[0],
    )

    @property
    def apart(self) -> str:
        """The kind of a column whose cells are arrays, and which is an input of its own; empty for others."""
        return "image" if self.kind == "image" or self.image_size is not None else ""


OF_PICTURES = (
    "image_size", "color_mode", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "augment", "cache",
    "unreadable",
)  # fmt: skip
"""The keys that are for pictures alone."""
ALSO_OF_PICTURES = ("kind", "scale")


FOR_TEXT = ("max_tokens", "output_sequence_length", "standardize", "split", "ngrams", "output_mode")
"""The keys that only texts have."""
NOT_FOR_TEXT = ("scale", "encode", "dimensions", "min_count", "categories", "parts", "format", "unit")
"""The keys that say nothing of texts."""


def says_text(options: Column) -> bool:
    """Whether a file says of a column what only texts have."""
    fields = keys(Column)
    return any(getattr(options, name) != default_of(fields[name]) for name in FOR_TEXT)


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
            return kind if kind is INVALID else check_picture_keys(Column(kind=kind), {}, path, reader)
        if not isinstance(value, dict):
            return self.refuse(value, path, reader)
        column = super().read(value, path, reader)
        return column if column is INVALID else check_own_keys(column, value, path, reader)

    def plain(self, value: Column) -> Any:
        fields, plain = keys(Column), super().plain(value)
        given = {name: plain.get(name) for name in fields if getattr(value, name) != default_of(fields[name])}
        return value.kind if not given or list(given) == ["kind"] else given

    def schema(self) -> Json:
        return {"anyOf": [Choice(KINDS_OF_COLUMN).schema(), super().schema()]}


def check_text_keys(column: Column, given: Collection[str], path: KeyPath, reader: Reader) -> Any:
    """The keys of texts are for texts alone, and those of other columns for others."""
    of_text = [name for name in FOR_TEXT if name in given]
    others = [name for name in NOT_FOR_TEXT if name in given]
    if column.kind == "text" and others:
        hint = "leave it out; max_tokens and output_mode say what words become"
        return reader.wrong((*path, others[0]), "{name} is not for texts", hint, key=True, name=others[0])
    if of_text and (column.kind not in ("auto", "text") or others):
        message, hint = "{name} is only for texts", "kind: text, or leave it out"
        return reader.wrong((*path, of_text[0]), message, hint, key=True, name=of_text[0])
    if column.output_mode != "int" and "output_sequence_length" in given:
        message, hint = "with output_mode {mode}, texts are not cut", "leave it out, or output_mode: int"
        return reader.wrong((*path, "output_sequence_length"), message, hint, key=True, mode=column.output_mode)
    return column


class Defaults(NamedTuple):
    """What the data set says of all its columns: what a missing value becomes, and how numbers are scaled."""

    fill: str | float | Constant
    scale: str | Rescale


def check_own_keys(column: Column, given: Collection[str], path: KeyPath, reader: Reader) -> Any:
    """A column; what stands in it that its kind does not take is told to the ``reader``."""
    checked = check_picture_keys(column, given, path, reader)
    return checked if checked is INVALID else check_text_keys(column, given, path, reader)


def check_picture_keys(column: Column, given: Collection[str], path: KeyPath, reader: Reader) -> Any:
    """A column, whose keys are ``given``; what is for pictures alone, or never for them, is told to the ``reader``."""
    if column.apart and column.image_size is None:
        return reader.wrong(path, "a column of pictures needs image_size", PICTURE_HINT)
    if column.crop_to_aspect_ratio and column.pad_to_aspect_ratio:
        return reader.wrong((*path, "pad_to_aspect_ratio"), *CROPPED_OR_PADDED)
    if column.apart and column.scale in ("log", "power"):
        hint = "scale: {rescale: 255}"
        return reader.wrong((*path, "scale"), "{scale} is for skewed numbers, not for pixels", hint, scale=column.scale)
    for name in given:
        if column.apart and (name not in OF_PICTURES + ALSO_OF_PICTURES or column.kind not in ("auto", "image")):
            hint = "remove it" if name != "kind" else PICTURE_HINT
            return reader.wrong((*path, name), "{name} is not for a column of pictures", hint, key=True, name=name)
        if not column.apart and name in OF_PICTURES:
            return reader.wrong((*path, name), "{name} is for columns of pictures", PICTURE_HINT, key=True, name=name)
    return column


PICTURE_HINT = "{kind: image, image_size: [150, 150]}"
