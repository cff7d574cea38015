"""A table is looked at: read as far as needed, what is to be predicted judged, each column surveyed."""

import fnmatch
import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unicodedata import normalize

from rnacli.data.csv import Csv
from rnacli.data.inputs import expand_names
from rnacli.data.sources import find_sources, require_same_columns
from rnacli.data.where import Where
from rnacli.document.read import Document
from rnacli.encoders.kind_of import infer_kind
from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.experiment.load import read_dataset
from rnacli.experiment.override import apply_override
from rnacli.starter.goal import MOST_CLASSES, Goal, judge_targets
from rnacli.starter.survey import IGNORE, ColumnSurvey, column_values, survey_columns
from rnacli.tables.cells import Want, word_numbers
from rnacli.tables.csv.columns import columns_hint, require_columns
from rnacli.tables.csv.shape import is_number
from rnacli.tables.csv.sniff import sample_cells
from rnacli.tables.gather import count_words, gather_tables, replace_words
from rnacli.tables.numbers import Written
from rnacli.tables.parquet import ParquetFile
from rnacli.tables.several import find_separator
from rnacli.tables.source import Source
from rnacli.tables.table import Table
from rnacli.words import clean, did_you_mean, fill_template, plain_name

MOST_ROWS = 1_000_000
"""Rows of a table that are looked at."""
FEWEST_ROWS = 5
"""Rows that three parts need."""


@dataclass(frozen=True)
class Look:
    """All that was seen: ``data`` as the options describe it, ``stated``: its keys that they name. ``separator``:
    what was found between several labels in a cell of the target; ``units``: beside the numbers of targets.
    """

    data: Csv
    stated: dict[str, Any]
    source: Source
    rows: int
    target: str | list[str]
    targets: tuple[str, ...]
    goal: Goal
    columns: list[ColumnSurvey]
    separator: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> list[ColumnSurvey]:
        return [column for column in self.columns if column.is_input]

    @property
    def is_whole(self) -> bool:
        return self.rows < MOST_ROWS


def look_at_table(
    data: str, targets: Sequence[str], cache_folder: Path, task: str, overrides: Sequence[str], offline: bool
) -> Look:
    """Read the table as the options among ``overrides`` say, and judge it. Raises ``RnaError``."""
    document = describe_table(data, overrides)
    described = read_dataset(document)
    if not isinstance(described, Csv):
        raise RnaError("expected a table", place="--data", hint="--data flowers.csv", exit_code=CONFIG)
    stated: dict[str, Any] = document.value["dataset"]
    where = Where(Path(), lambda *path: document.place(path), cache_folder, offline)
    sources = find_sources(described, where)
    source = sources[0]
    if not {"header", "column_names"} & set(stated):
        check_header(source)
    names = require_same_columns(sources)
    target, columns = find_targets(targets, names)
    apart = {*columns, *other_roles(described)}
    features = expand_names(described.features or names, names)
    require_columns(dict.fromkeys(features, ""), names, source.form, source.shown)
    ignored = {name for name, column in described.columns.items() if column.kind == IGNORE}
    inputs = [name for name in features if name not in apart | ignored]
    table = read_first_rows([*columns, *inputs], sources)
    require_enough(len(table), "rows", source)
    written = source.form.written
    units = read_units(table, columns, task, written)
    separator = separator_of_labels(table, columns, task) if described.label_separator is None else ""
    goal = judge_targets(table, columns, task, described.label_separator or separator, written)
    require_enough(goal.rows, "rows with a target", source)
    answers = {name: column_values(table, name) for name in columns}
    surveyed = survey_columns(table, inputs, answers, written, goal.kind == "regression", source.path.parent)
    if not any(column.is_input for column in surveyed):
        why = "; ".join(
            fill_template("{name:.30}: {why:.200}", name=column.name, why=fill_template(column.why))
            for column in surveyed[:5]
        )
        raise RnaError("no columns are left for the inputs", place=source.shown, hint="{why:.1000}", why=why)
    return Look(described, stated, source, len(table), target, columns, goal, surveyed, separator, units)


def describe_table(data: str, overrides: Sequence[str]) -> Document:
    """What the options say of the data set ``data``, as a document with no other section."""
    document = Document({"dataset": {"csv": data, "target": "?"}}, {}, {}, "--data")
    for override in overrides:
        if plain_name(override.partition("=")[0].partition(".")[0]) == "dataset":
            apply_override(document, override)
    dataset = document.value["dataset"]
    split = dataset.get("split") if isinstance(dataset, dict) else None
    if isinstance(split, dict) and "column" not in split:
        split.setdefault("test", 0.2)  # groups and an order divide something
    return document


def separator_of_labels(table: Table, targets: Sequence[str], task: str) -> str:
    """What stands between several labels in each cell of the only target; empty where each cell is a class."""
    words = table.words.get(targets[0], ()) if len(targets) == 1 and task in ("auto", "multilabel") else ()
    return find_separator(words)


def read_units(table: Table, targets: Sequence[str], task: str, written: Written) -> dict[str, str]:
    """What stands beside the numbers of targets such as 35 €, which become numbers in place; not where they are few."""
    units = {}
    for name in targets:
        words = table.words.get(name, ())
        if not words or not (task == "regression" or (task == "auto" and len(words) > MOST_CLASSES)):
            continue
        content = infer_kind(words, count_words(table, name), written)
        if content.kind == "numeric":
            units[name] = content.want.unit
            replace_words(table, name, word_numbers(words, content.want, written).tolist())
    return {name: unit for name, unit in units.items() if unit}


def require_enough(rows: int, noun: str, source: Source) -> None:
    """Refuse a table that cannot be divided into three parts."""
    if rows < FEWEST_ROWS:
        message = "{rows} {noun} are too few for training, validation and test"
        raise RnaError(
            message, place=source.shown, hint="get more data", exit_code=DATA, rows=rows, noun=fill_template(noun)
        )


def other_roles(data: Csv) -> list[str]:
    """The columns that the options name for something else than an input."""
    split = data.split
    return [name for name in (data.id, data.sample_weight, split.column, split.group, split.order_by) if name]


def read_first_rows(names: Sequence[str], sources: Sequence[Source]) -> Table:
    """The first ``MOST_ROWS`` rows of some columns: numbers where all cells of a column are, else words."""
    wants = {name: Want("any") for name in names}
    pieces = list(first_pieces(wants, sources))
    words = {name for piece in pieces for name in piece.words}
    mixed = {name for name in words if any(name not in piece.words for piece in pieces)}
    # pandas makes True of TRUE, which is then no class of the file.
    mixed |= {name for name in words if all({*piece.words.get(name, ())} <= {"True", "False"} for piece in pieces)}
    if mixed:
        wants |= {name: Want("words") for name in mixed}
        pieces = list(first_pieces(wants, sources))
    return gather_tables(pieces)


def first_pieces(wants: dict[str, Want], sources: Sequence[Source]) -> Iterator[Table]:
    rows = 0
    for source in sources:
        for piece in source.read(wants, MOST_ROWS):
            yield piece
            rows += len(piece)
            if rows >= MOST_ROWS:
                return


def check_header(source: Source) -> None:
    """The first line of a CSV file must look like names."""
    if isinstance(source, ParquetFile):
        return
    first, *others = sample_cells(source.sample.text, source.form.delimiter) or [[]]
    if others and is_data([cell.strip() for cell in first], others):
        cells, last = clean(", ".join(first), 60), len(first) - 1
        raise RnaError(
            "the first line looks like data, not like the columns' names: {cells:.300}",
            place=f"{source.shown}:{(source.form.skip or 0) + 1}",
            hint="--set dataset.header=false, which calls the columns 0 to {last}, so the last one is --target {last} "
            "(or --set dataset.header=true, if these are the names)",
            exit_code=CONFIG,
            cells=cells,
            last=last,
        )


def is_data(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether most cells of the first line are numbers, or words that come again below."""
    numbers = [cell for cell in first if is_number(cell)]
    steps = {later - former for former, later in itertools.pairwise(float(cell.replace(",", ".")) for cell in numbers)}
    if numbers == ["0", "1"] or (len(numbers) > 2 and len(steps) == 1):
        numbers = []  # 0, 1, 2, ... or years
    below = [{row[i].strip() for row in others if i < len(row)} for i in range(len(first))]
    again = [cell for i, cell in enumerate(first) if cell and not is_number(cell) and cell in below[i]]
    return 2 * (len(numbers) + len(again)) > len(first)


def find_targets(given: Sequence[str], names: Sequence[str]) -> tuple[str | list[str], tuple[str, ...]]:
    """What a file says of the targets, and the columns that they are. Raises ``RnaError``."""
    columns = columns_hint(names)
    if not given:
        last = clean(shlex.quote(names[-1]), 60)
        hint = "often the last column is: --target {last}; {columns}"
        raise RnaError(
            "--target is missing: the column to predict", hint=hint, exit_code=CONFIG, last=last, columns=columns
        )
    given = [normalize("NFC", text) for text in given]  # as names in a header are read
    parts = [part.strip() for text in given for part in ([text] if text in names else text.split(","))]
    for part in parts:
        if part not in names and not ("*" in part and fnmatch.filter(names, part)):
            hint = did_you_mean(part, names) or columns
            raise RnaError("there is no column '{part:.40}'", place="--target", hint=hint, exit_code=CONFIG, part=part)
    return parts[0] if len(parts) == 1 else parts, expand_names(parts, names)
