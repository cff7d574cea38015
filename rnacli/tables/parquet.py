"""Parquet files: some columns, a few rows at a time, as the same columns of a CSV file would be read."""

import collections
import contextlib
import functools
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pandas as pd

from rnacli.errors import RnaError
from rnacli.files import file_sha256
from rnacli.tables.cells import Want
from rnacli.tables.compressed import import_pyarrow
from rnacli.tables.csv.text import Format
from rnacli.tables.find import missing_file_error
from rnacli.tables.frames import convert_frames
from rnacli.tables.table import Table
from rnacli.words import did_you_mean

SIGNATURES = b"PAR1", b"PARE"
"""How the files begin, the second one where they are encrypted."""
BUFFER = 1 << 20
"""Bytes of each column that are read ahead."""
CHUNK = 65_536
"""Rows that are in memory at a time, besides the table of them."""


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file, as it was ``written`` when it was opened; ``form`` says what stands for a missing value."""

    path: Path
    shown: str
    form: Format
    written: tuple[int, int]
    is_parquet: ClassVar = True

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return file_sha256(self.path)

    def size(self, most: int) -> int:
        """The bytes of the rows as numbers, as the file counts them. Raises ``RnaError``."""
        with opened(self.path, self.shown) as file:
            return 8 * int(file.metadata.num_rows) * int(file.metadata.num_columns)

    def names(self) -> list[str]:
        """The columns' names. Raises ``RnaError``."""
        return read_parquet_columns(self.path, self.shown)

    def read(
        self, wants: Mapping[str, Want], chunk: int | None = None, mends: object = None, kept: Sequence[str] = ()
    ) -> Iterator[Table]:
        """The rows of some columns, those in ``kept`` also as texts. Raises ``RnaError``."""
        frames = read_parquet(self.path, list(dict.fromkeys([*wants, *kept])), self.shown, chunk or CHUNK)
        return convert_frames(frames, wants, self.form, self.shown, kept)


def is_parquet(file: BinaryIO) -> bool:
    """Whether an open file begins as Parquet files do."""
    head = file.read(4)
    file.seek(0)
    return head in SIGNATURES


def read_parquet_columns(path: Path, shown: str) -> list[str]:
    """The columns' names. Raises ``RnaError`` where a name is there twice or the file cannot be read."""
    with opened(path, shown) as file:
        names: list[str] = file.schema_arrow.names
    require_unique(names, shown)
    return names


def read_parquet(path: Path, wanted: Sequence[str], shown: str, chunk: int) -> Iterator[pd.DataFrame]:
    """The ``wanted`` columns in their order, at most ``chunk`` rows at a time, and no others read.

    Numbers and decimals are float64, all else is ``str``: booleans ``true`` and ``false``, dates ``2026-11-21`` and
    times ``2026-11-21T08:30:00``, as a clock shows them in their time zone; times of a day ``08:30:00``, durations
    ``90.5 s``, and whole numbers that float64 would round. Missing is NaN. Raises
    ``RnaError`` that names a column of another type, and where the file is damaged.
    """
    names = read_parquet_columns(path, shown)
    for name in wanted:
        if name not in names:
            raise RnaError("there is no column '{name:.40}'", place=shown, hint=did_you_mean(name, names), name=name)
    with opened(path, shown) as file:
        for name in wanted:
            check_type(name, file.schema_arrow.field(name).type, shown)
        batches = file.iter_batches(batch_size=chunk, columns=list(wanted))
        while True:
            with intact(shown):
                batch = next(batches, None)
                if batch is None:
                    return
                frame = frame_of(batch, wanted)
            yield frame


def frame_of(batch: Any, wanted: Sequence[str]) -> pd.DataFrame:
    """The ``wanted`` columns of a batch of pyarrow's, as ``read_parquet`` gives them."""
    return pd.DataFrame({name: values(batch.column(name)) for name in wanted}, index=range(batch.num_rows))


@dataclass(frozen=True)
class FrameSource:
    """A data frame that is read as a Parquet file of it would be."""

    frame: pd.DataFrame
    shown: str
    form: Format
    is_parquet: ClassVar = True

    def names(self) -> list[str]:
        """The columns' names. Raises ``RnaError`` where one is there twice."""
        names = list(map(str, self.frame.columns))
        require_unique(names, self.shown)
        return names

    def read(
        self, wants: Mapping[str, Want], chunk: int | None = None, mends: object = None, kept: Sequence[str] = ()
    ) -> Iterator[Table]:
        """As ``ParquetFile.read``. Raises ``RnaError``."""
        wanted = list(dict.fromkeys([*wants, *kept]))
        return convert_frames(self.batches(wanted, chunk or CHUNK), wants, self.form, self.shown, kept)

    def batches(self, wanted: Sequence[str], chunk: int) -> Iterator[pd.DataFrame]:
        """The ``wanted`` columns, some rows at a time."""
        arrow = import_pyarrow("pyarrow", "a data frame", self.shown)
        frame = self.frame.set_axis(self.names(), axis=1)[list(wanted)]
        for start in range(0, len(frame), chunk):
            try:
                batch = arrow.RecordBatch.from_pandas(frame.iloc[start : start + chunk], preserve_index=False)
            except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError) as error:
                hint = "give each column one type: frame.convert_dtypes()"
                raise RnaError(
                    "this frame cannot be read: {error:.200}", place=self.shown, hint=hint, error=error
                ) from None
            for name in wanted:
                check_type(name, batch.schema.field(name).type, self.shown)
            yield frame_of(batch, wanted)


def require_unique(names: Sequence[str], shown: str) -> None:
    """Refuse a table in which two columns have one name."""
    for name, count in collections.Counter(names).items():
        if count > 1:
            raise RnaError("column '{name:.40}' appears twice", place=shown, hint="rename one of them", name=name)


@contextlib.contextmanager
def opened(path: Path, shown: str) -> Iterator[Any]:
    """The file for pyarrow, which checks the checksums of its pages."""
    parquet = import_pyarrow("pyarrow.parquet", "a Parquet file", shown)
    if not path.exists():
        raise missing_file_error(path, shown)
    with intact(shown):
        file = parquet.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False, page_checksum_verification=True)
    with file:
        yield file


@contextlib.contextmanager
def intact(shown: str) -> Iterator[None]:
    """What pyarrow raises is an ``RnaError``."""
    try:
        yield
    except Exception as error:  # OSError, ArrowInvalid, UnicodeDecodeError and more, after the damage
        message = "this Parquet file cannot be read: {error:.200}"
        raise RnaError(
            message, place=shown, hint="it is damaged, cut short or encrypted: get or write it again", error=error
        ) from None


def check_type(name: str, type: Any, shown: str) -> None:
    """Refuse a column that is no single number, word or date in each row."""
    if not kind_of(type):
        message = "column '{name:.40}' holds {type:.60}, and numbers, words or dates are wanted"
        raise RnaError(
            message,
            place=shown,
            hint="leave the column out, or write it as several columns of numbers",
            name=name,
            type=type,
        )


def kind_of(type: Any) -> str:
    """What values of pyarrow's ``type`` are read as: ``number``, ``word``, ``moment``, ``duration``, or nothing."""
    types = importlib.import_module("pyarrow").types
    if types.is_dictionary(type):
        return kind_of(type.value_type)
    if types.is_integer(type) or types.is_floating(type) or types.is_decimal(type) or types.is_null(type):
        return "number"
    if types.is_timestamp(type) or types.is_duration(type):
        return "moment" if types.is_timestamp(type) else "duration"
    words = types.is_string(type) or types.is_large_string(type) or types.is_string_view(type)
    return "word" if words or types.is_boolean(type) or types.is_date(type) or types.is_time(type) else ""


PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
LARGEST_WHOLE = 2**53
"""Whole numbers up to which float64 has all."""


def is_rounded(column: Any) -> bool:
    """Whether a column of numbers holds whole ones, such as ids, that float64 would round."""
    types, compute = importlib.import_module("pyarrow").types, importlib.import_module("pyarrow.compute")
    whole = types.is_integer(column.type) or (types.is_decimal(column.type) and column.type.scale == 0)
    if not whole or column.null_count == len(column):
        return False
    ends = compute.min_max(column).as_py()
    return bool(max(abs(ends["min"]), abs(ends["max"])) > LARGEST_WHOLE)


def values(column: Any) -> Any:
    """A column of a batch as NumPy's float64 or pandas' ``str``."""
    arrow, compute = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.compute")
    kind = kind_of(column.type)
    if arrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if kind == "number" and not is_rounded(column):
        return compute.cast(column, arrow.float64(), safe=False).to_numpy(zero_copy_only=False)
    if kind == "moment":
        local = compute.local_timestamp(column) if column.type.tz else column
        seconds = compute.cast(compute.floor_temporal(local, unit="second"), arrow.timestamp("s"))
        column = compute.replace_substring(compute.cast(seconds, arrow.string()), " ", "T")
    if kind == "duration":
        count = compute.cast(column, arrow.int64()).to_numpy(zero_copy_only=False)
        return pd.Series(count / PER_SECOND[column.type.unit]).map("{:.15g} s".format, na_action="ignore")
    if arrow.types.is_time(column.type):
        column = compute.cast(column, arrow.time32("s"), safe=False)
    return compute.cast(column, arrow.large_string()).to_pandas()
