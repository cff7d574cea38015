"""The language on one page: every key of an experiment file, what it may hold, its default and its description."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli import catalog
from rnacli.errors import clean, did_you_mean
from rnacli.keras_object import (
    KerasObject,
    KerasSpec,
    argument_kind,
    keras_definitions,
    named,
    nested_plain,
    unknown_argument,
)
from rnacli.schema import (
    INVALID,
    Anything,
    Boolean,
    Choice,
    Either,
    Json,
    Kind,
    ListOf,
    MapOf,
    Nullable,
    Number,
    Reader,
    Section,
    Text,
    default_of,
    key,
    keys,
    listed,
    number_hint,
    show,
    unknown_key,
    whole,
)
from rnacli.yamlfile import Document, KeyPath, Place

PARTS = ("train", "validation", "test")
COLUMN = Text("a column's name", numbers=True)
WINDOWS_DEVICES = "|".join("".join(f"[{c.upper()}{c}]" for c in name) for name in ("con", "prn", "aux", "nul"))
WINDOWS_DEVICES += "|([Cc][Oo][Mm]|[Ll][Pp][Tt])[0-9]"
NAME = Text(
    "a name of up to 64 letters, digits, '.', '_' or '-', the first a letter or a digit,",
    rf"(?!({WINDOWS_DEVICES})(\.|$))[^\W_][\w.\-]{{0,63}}",
)


@dataclass(frozen=True)
class Part:
    """How many rows a part takes: a fraction or a count, drawn at random or from the ``first`` or ``last`` rows."""

    size: float | int
    end: str = ""


@dataclass(frozen=True)
class PartKind(Kind):
    """A part of the split; ``files``: it may be a second file, whose rows come beside those of the first."""

    files: bool = True

    @property
    def wanted(self) -> str:  # type: ignore[override]
        sizes = ["a fraction between 0 and 1", "a number of rows", "{first: n}", "{last: n}"]
        return listed([*sizes, "a file"] if self.files else sizes)

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
        if isinstance(value, Part):
            return {value.end: value.size} if value.end else value.size
        return value

    def schema(self) -> Json:
        size = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]}
        ends = {"type": "object", "properties": {"first": size, "last": size}, "additionalProperties": False}
        return {"anyOf": [*size["anyOf"], {**ends, "minProperties": 1, "maxProperties": 1}]}


@dataclass(frozen=True)
class Split:
    """Which rows are for what."""

    test: Part | str | None = key(
        Nullable(PartKind()),
        "the rows kept for the end: a fraction, a count, `{first: n}`, `{last: n}` or a second file",
        default=None,
    )
    validation: Part | str | None = key(
        Nullable(PartKind()), "the rows that the curves are drawn against and callbacks watch, likewise", default=None
    )
    train: Part | None = key(
        Nullable(PartKind(files=False)), "the training rows; default: all the others", default=None
    )
    column: str | None = key(
        Nullable(COLUMN), "a column that says `train`, `validation` or `test` in each row", default=None
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


@dataclass(frozen=True)
class Rescale:
    """Division by a known number, such as 255 for pixels."""

    rescale: float = key(Number(above=0), "what every input is divided by")


SCALE = Either((Choice(("standard", "minmax", "none")), Section(Rescale)))
SCALE_DOC = (
    "`standard` (mean 0, deviation 1), `minmax` (0 to 1), `{rescale: 255}` (divided by 255) or `none`; "
    "learnt from the training rows alone"
)
THRESHOLDS = ("accuracy", "balanced_accuracy", "f1", "matthews_corrcoef")
CLASS_NAMES_DOC = "what the classes are called, in the order of their labels"
SPLIT_DOC = "which rows are for training, validation and test"


KINDS_OF_COLUMN = ("auto", "numeric", "categorical", "boolean", "date", "ignore")
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
        Nullable(whole(1, 4096)),
        "the length of an embedding's vectors; default: 1.6 n^0.56 for n categories, up to 50",
        default=None,
    )
    min_count: int = key(
        whole(1), "categories with fewer training rows are grouped as one, with those never seen", default=1
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
        "how dates are written; default: as ISO 8601 says",
        default=None,
    )
    strip: str = key(Text("characters"), "characters that are taken off both ends of each word", default="")


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
        given = {name: plain for name, plain in super().plain(value).items() if plain != default_of(keys(Column)[name])}
        return value.kind if not given or list(given) == ["kind"] else given

    def schema(self) -> Json:
        return {"anyOf": [Choice(KINDS_OF_COLUMN).schema(), super().schema()]}


def class_names() -> Any:
    return key(Nullable(ListOf(Text(numbers=True), 2)), CLASS_NAMES_DOC, default=None)


@dataclass(frozen=True)
class Csv:
    """A table with one row per example: CSV, packed or not, or Parquet."""

    csv: str = key(
        Text("a file or an https URL", ".+"),
        "a CSV, TSV or Parquet file, .gz, .zip or .zst too, several by a pattern such as `data/*.csv`, relative to "
        "this file; or an https URL",
    )
    sha256: str | None = key(
        Nullable(Text("64 hexadecimal digits", "[0-9a-f]{64}")), "what the file's SHA-256 must be", default=None
    )
    target: str | tuple[str, ...] = key(
        Either((COLUMN, ListOf(COLUMN, 1))),
        "the column to predict; several numbers or labels: a list of columns, or a pattern such as `Class*`",
    )
    label_separator: str | None = key(
        Nullable(Text("one or more characters", ".+")),
        "what stands between several labels in the one target column, such as '|'",
        default=None,
    )
    features: tuple[str, ...] | None = key(
        Nullable(ListOf(COLUMN, 1, "features: [first_column, second_column]")),
        "the input columns; default: every column that is nothing else",
        default=None,
    )
    columns: dict[str, Column] = key(
        MapOf(ColumnKind(), "columns: {age: {fill: median}, city: categorical, name: ignore}"),
        "what is to be said of single columns, by their names",
        default_factory=dict,
    )
    id: str | None = key(Nullable(COLUMN), "a column that names the rows and is carried into predictions", default=None)
    sample_weight: str | None = key(
        Nullable(COLUMN), "a column that says how much each training row counts", default=None
    )
    header: bool = key(Boolean(), "false: the first line is data, and columns are called 0, 1, 2, ...", default=True)
    column_names: tuple[str, ...] | None = key(
        Nullable(ListOf(COLUMN, 1)), "what the columns are called, instead of a header's names", default=None
    )
    delimiter: str = key(
        Text("auto, whitespace or one character such as ',' or ';' or \"\\t\",", r'auto|whitespace|[^\n\r"]'),
        "what stands between values; `auto` looks at the file",
        default="auto",
    )
    decimal: str = key(Choice(("auto", ".", ",")), "the decimal mark; `auto` looks at the file", default="auto")
    encoding: str = key(Text("the name of an encoding"), "the file's encoding", default="utf-8")
    missing: tuple[str, ...] = key(
        ListOf(Text(numbers=True)),
        "what stands for a missing value",
        default=("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"),
    )
    fill: str | float | Constant = key(FILL, FILL_DOC, default="auto")
    scale: str | Rescale = key(SCALE, SCALE_DOC, default="standard")
    class_names: tuple[str, ...] | None = class_names()
    stream: str | bool = key(
        Either((Choice(("auto",)), Boolean())),
        "train from the disk, for tables larger than memory; `auto`: where the table would take much of it",
        default="auto",
    )
    split: Split = key(Section(Split), SPLIT_DOC, default=Split(test=Part(0.2)))

    def column(self, name: str) -> Column:
        """What is to be said of a column."""
        return self.columns.get(name, Column())

    def fill_of(self, name: str) -> str | float | Constant:
        """What a missing value of a column becomes: as the column says, else as the data set does."""
        fill = self.column(name).fill
        return self.fill if fill is None else fill


@dataclass(frozen=True)
class Sklearn:
    """A data set that scikit-learn makes or ships; its arguments stand beside it."""

    sklearn: KerasSpec = key(Anything(), "a `make_*` or `load_*` of `sklearn.datasets`; its arguments beside it")
    scale: str | Rescale = key(SCALE, SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names()
    split: Split = key(Section(Split), SPLIT_DOC, default=Split(test=Part(0.2)))


@dataclass(frozen=True)
class Keras:
    """A data set of `keras.datasets`, with its own test set."""

    keras: KerasSpec = key(Anything(), "a data set of `keras.datasets`; its own test set is the test part")
    scale: str | Rescale = key(SCALE, SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names()
    split: Split = key(Section(Split), SPLIT_DOC, default=Split())


@dataclass(frozen=True)
class Npz:
    """NumPy arrays in one file."""

    npz: str = key(
        Text("a file", ".+"), "a file with the arrays `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`"
    )
    scale: str | Rescale = key(SCALE, SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names()
    split: Split = key(Section(Split), SPLIT_DOC, default=Split())


Dataset = Csv | Sklearn | Keras | Npz
KINDS: dict[str, type] = {"csv": Csv, "sklearn": Sklearn, "keras": Keras, "npz": Npz}
CATALOGUED = {"sklearn": "sklearn_dataset", "keras": "keras_dataset"}
"""The kinds whose value is a name in the catalogue, with arguments beside it."""


class DatasetKind(Kind):
    """The kind of data is the key that names it: ``csv: flowers.csv``."""

    wanted = "a mapping (key: value)"

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict)

    def hint(self, value: Any) -> str:
        return "dataset: {csv: data.csv, target: column_to_predict}"

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value):
            return self.refuse(value, path, reader)
        present = [kind for kind in KINDS if kind in value]
        if len(present) != 1:
            if not present:
                near = next((hint for name in value if (hint := did_you_mean(name, KINDS))), "")
                message = f"one of {listed(list(KINDS))} must say what data it is"
                return reader.wrong(path, message, near or "for a CSV file: csv: data.csv", key=True)
            message = f"{listed(present, 'and')} are given at once"
            return reader.wrong((*path, present[1]), message, "keep one kind of data", key=True)
        kind = present[0]
        section = Section(KINDS[kind], key_of_the_top_level)
        if kind not in CATALOGUED:
            return section.read(value, path, reader)
        named = self.read_catalogued(kind, section, value, path, reader)
        others = {name: item for name, item in value.items() if name in keys(section.of)}
        values = section.read_keys({**others, kind: named}, path, reader)
        return INVALID if INVALID in values.values() else section.of(**values)

    def read_catalogued(self, kind: str, section: Section, value: Json, path: KeyPath, reader: Reader) -> Any:
        """The data set's catalogue entry with the arguments that stand beside its name."""
        category, name = CATALOGUED[kind], value[kind]
        if not isinstance(name, str):
            return reader.wrong((*path, kind), f"the name of a data set is wanted, got {show(name)}")
        refusal, entry = catalog.refusal(category, name), catalog.find(category, name)
        if refusal or entry is None:
            known = catalog.names(category)
            hint = did_you_mean(name, known) or f"known: {listed(known, 'and')}"
            source = "scikit-learn" if kind == "sklearn" else "Keras"
            message = refusal or f"{source} has no data set called '{clean(name)}'"
            return reader.wrong((*path, kind), message, "" if refusal else hint)
        arguments: Json = {}
        for other, item in value.items():
            if other in entry.arguments:
                arguments[other] = item
            elif other not in keys(section.of):
                elsewhere = key_of_the_top_level(other)
                if elsewhere or did_you_mean(other, keys(section.of)):
                    unknown_key(other, path, [*keys(section.of), *entry.arguments], elsewhere, reader)
                else:
                    unknown_argument(other, entry, path, reader)
        made = KerasObject(category).read_arguments(entry, arguments, path, reader)
        named_at = reader.document.place((*path, kind))
        return made if made is INVALID else dataclasses.replace(made, place=named_at)

    def plain(self, value: Any) -> Any:
        plain = Section(type(value)).plain(value)
        for kind in CATALOGUED:
            if kind in plain:
                spec: KerasSpec = plain.pop(kind)
                given = {name: nested_plain(item) for name, item in spec.arguments.items() if item is not None}
                return {kind: spec.name, **given, **plain}
        return plain

    def schema(self) -> Json:
        return {"anyOf": [self.kind_schema(kind) for kind in KINDS]}

    def kind_schema(self, kind: str) -> Json:
        schema = Section(KINDS[kind]).schema()
        if kind in CATALOGUED:
            names = catalog.names(CATALOGUED[kind])
            entries = [entry for name in names if (entry := catalog.find(CATALOGUED[kind], name))]
            beside = {a.name: argument_kind(a).schema() for entry in entries for a in entry.arguments.values()}
            named = {**schema["properties"][kind], "enum": names}
            schema["properties"] = {**beside, **schema["properties"], kind: named}
        return schema


@dataclass(frozen=True)
class Engine:
    """How the machine is used; ``auto`` decides from the network, the device and the number of steps."""

    fuse: str | bool = key(
        Either((Choice(("auto",)), Boolean())), "many steps in one execution; the results are the same", default="auto"
    )
    jit: str | bool = key(
        Either((Choice(("auto",)), Boolean())), "compile by XLA, whose last digits are its own", default="auto"
    )

    threads: str | int = key(
        Either((Choice(("auto",)), whole(1, 1024))),
        "processor threads; the count changes the last digits, so a run keeps its own",
        default="auto",
    )


@dataclass(frozen=True)
class Checkpoint:
    """How often what a resume needs is written: at the end of an epoch, by number or by time."""

    every: int | None = key(Nullable(whole(1)), "epochs from one to the next", default=None)
    seconds: float | None = key(Nullable(Number(above=0)), "seconds from one to the next, at least", default=None)


def key_of_the_top_level(name: str) -> str:
    return "the top level: the start of a line" if name in keys(Config) else ""


def key_of_the_dataset(name: str) -> str:
    return "dataset: indented below it" if any(name in keys(kind) for kind in KINDS.values()) else ""


@dataclass(frozen=True)
class Config:
    """An experiment: everything that decides what is trained, on what, and how."""

    name: str = key(NAME, "what the run folder is called after; default: the file's name", default="experiment")
    seed: int = key(
        whole(0, 2**32 - 1), "decides the split, the initial weights, the shuffling and the dropout", default=0
    )
    dataset: Dataset = key(DatasetKind(), "the data: one of `csv`, `sklearn`, `keras`, `npz`")
    layers: tuple[KerasSpec, ...] = key(
        ListOf(KerasObject("layer"), 1, "each layer starts with '- ': - dense: {units: 10}"),
        "the network, from the inputs to the outputs",
    )
    loss: KerasSpec = key(KerasObject("loss"), "what training makes small")
    optimizer: KerasSpec = key(
        KerasObject("optimizer"), "how it is made small", default_factory=lambda: named("optimizer", "rmsprop")
    )
    metrics: tuple[KerasSpec, ...] | None = key(
        Nullable(ListOf(KerasObject("metric"), 0, "metrics: [accuracy]")),
        "what else is measured; default: `accuracy` of classes, `binary_accuracy` of labels, `mae` of numbers",
        default=None,
    )
    class_weight: str | dict[str, float] | None = key(
        Nullable(Either((Choice(("balanced",)), MapOf(Number(above=0), "class_weight: {yes: 2, no: 1}")))),
        "how much a training row of each class counts: a mapping by label, or `balanced`: the rarer, the more",
        default=None,
    )
    threshold: float | str = key(
        Either((Choice(THRESHOLDS), Number(above=0, below=1))),
        "the probability above which a row is of the second of two classes, or has a label; a score's name: the one "
        "that is best by it on the validation part",
        default=0.5,
    )
    epochs: int = key(whole(0), "times through the training rows; 0 evaluates the untrained network", default=1)
    batch_size: int | str = key(
        Either((Choice(("full",)), whole(1))), "rows per step; `full`: all the training rows", default=32
    )
    validation_data: str = key(
        Choice(("auto", "validation", "test", "none")),
        "the part that each epoch is measured on; `auto`: the validation part if there is one",
        default="auto",
    )
    callbacks: tuple[KerasSpec, ...] = key(
        ListOf(KerasObject("callback"), 0, "- early_stopping: {patience: 5}"), "what happens between epochs", default=()
    )
    checkpoint: str | Checkpoint = key(
        Either((Choice(("auto",)), Section(Checkpoint))),
        "how often what `rna train --resume` needs is written; `auto`: as often as takes 3 % of the time",
        default="auto",
    )
    device: str = key(
        Choice(("auto", "cpu", "gpu")),
        "`gpu` is an error where there is none; `auto` takes it if there",
        default="auto",
    )
    precision: str = key(
        Choice(("float32", "mixed_float16", "mixed_bfloat16")), "Keras' dtype policy", default="float32"
    )
    engine: Engine = key(Section(Engine), "how the machine is used", default=Engine())

    document: Document = dataclasses.field(compare=False, repr=False, kw_only=True)
    """The file as it was read: it knows the place of every value."""
    folder: Path = dataclasses.field(compare=False, kw_only=True)
    """The folder that paths in the file start from."""

    @property
    def layer_names(self) -> list[str]:
        """What each layer is called: the file's name for it, or Keras' own (``dense``, ``dense_1``) counted here."""
        counts: dict[str, int] = {}
        names = []
        for spec in self.layers:
            number = counts[spec.name] = counts.get(spec.name, -1) + 1
            counted = f"{spec.name}_{number}" if number else spec.name
            names.append(str(spec.arguments["name"]) if "name" in spec.given else counted)
        return names

    def place(self, *path: str | int) -> Place:
        """Where a value stands in the file, for messages."""
        return self.document.place(path)


EXPERIMENT = Section(Config, key_of_the_dataset)


def json_schema() -> Json:
    """The JSON Schema (draft 2020-12) of an experiment file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rna experiment",
        **EXPERIMENT.schema(),
        "$defs": keras_definitions(),
    }
