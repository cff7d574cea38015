"""The keys of a table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnacli.data.section import COLUMN, MISSING_WORDS, SPLIT_DOC, Part, Split, SplitKind, class_names_key, positive_key
from rnacli.encoders.section import FILL, FILL_DOC, SCALE, SCALE_DOC, Column, ColumnKind, Constant, Defaults, Rescale
from rnacli.schema.section import key
from rnacli.schema.values import ONE_LINE, Boolean, Choice, Either, ListOf, MapOf, Nullable, Text, whole_number

if TYPE_CHECKING:
    from rnacli.tables.csv.text import Format


@dataclass(frozen=True)
class TableKeys:
    """What a file says of a table."""

    csv: str = key(
        Text("a file or an https URL", ONE_LINE),
        "a CSV, TSV or Parquet file, .gz, .zip or .zst too, several by a pattern such as `data/*.csv`, relative to "
        "this file; or an https URL",
    )
    sha256: str | None = key(
        Nullable(Text("64 hexadecimal digits", "[0-9a-f]{64}")), "what the file's SHA-256 must be", default=None
    )
    target: str | tuple[str, ...] = key(
        Either((COLUMN, ListOf(COLUMN, 1))),
        "the column to predict; several numbers or labels, or classes with one 1 in each row: a list of columns, or a "
        "pattern such as `Class*`; `input`, where no column is called so: what the network is to give back, as an "
        "autoencoder does",
    )
    label_separator: str | None = key(
        Nullable(Text("one or more characters", ".+")),
        "what stands between several labels in the one target column, such as '|'",
        default=None,
    )
    features: tuple[str, ...] | None = key(
        Nullable(
            ListOf(COLUMN, 1, "features: [first_column, second_column]; left out, they are all columns but the target")
        ),
        "the input columns; default: all other columns",
        default=None,
    )
    inputs: dict[str, str | tuple[str, ...]] | None = key(
        Nullable(MapOf(Either((COLUMN, ListOf(COLUMN, 1))), "inputs: {place: [longitude, latitude], house: rest}")),
        "the inputs of the network, each with its columns or with the `rest`; default: one input `columns`, and "
        "each embedded column one of its own",
        default=None,
    )
    window: int | None = key(
        Nullable(whole_number(1, 1 << 20)),
        "series: a row's input is as many rows before it, (window, columns), among which the target may be too; rows "
        "follow one another by the split's `order_by`, or as they come",
        default=None,
    )
    horizon: int | None = key(
        Nullable(whole_number(1, 1 << 20)),
        "how far the row that is predicted lies ahead of the last one of its window; default: 1, the next",
        default=None,
    )
    window_group: str | None = key(
        Nullable(COLUMN), "a column such as a station: rows of different ones are series of their own", default=None
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
    thousands: str = key(
        Choice(("auto", "none", ".", ",", "'", " ")),
        "what stands between groups of three digits; `auto` looks at the file",
        default="auto",
    )
    skip_rows: int | None = key(
        Nullable(whole_number(0)), "how many lines stand above the header; default: found by itself", default=None
    )
    encoding: str = key(Text("the name of an encoding"), "the file's encoding", default="utf-8")
    missing: tuple[str, ...] = key(
        ListOf(Text(numbers=True)),
        "what stands for a missing value",
        default=MISSING_WORDS,
    )
    fill: str | float | Constant = key(FILL, FILL_DOC, default="auto")
    scale: str | Rescale = key(SCALE, SCALE_DOC, default="standard")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    stream: str | bool = key(
        Either((Choice(("auto",)), Boolean())),
        "train from the disk, for tables larger than memory; `auto`: where the table would take much of it",
        default="auto",
    )
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split(test=Part(0.2)))

    @property
    def defaults(self) -> Defaults:
        """What is said of all columns."""
        return Defaults(self.fill, self.scale)

    @property
    def form(self) -> "Format":
        """How the file is written, as far as the config says so."""
        from rnacli.tables.csv.text import Format

        missing = tuple(word.strip() for word in self.missing)
        return Format(
            delimiter=self.delimiter,
            decimal=self.decimal,
            thousands="" if self.thousands == "none" else self.thousands,
            encoding=self.encoding,
            missing=missing,
            header=self.header,
            names=self.column_names,
            skip=self.skip_rows,
        )

    @property
    def ahead(self) -> int:
        """How far the row that is predicted lies ahead of the last one that is known."""
        return self.horizon or 1

    def column(self, name: str) -> Column:
        """What is to be said of a column."""
        return self.columns.get(name, Column())

    def fill_of(self, name: str) -> str | float | Constant:
        """What a missing value of a column becomes: as the column says, else as the data set does."""
        fill = self.column(name).fill
        return self.fill if fill is None else fill
