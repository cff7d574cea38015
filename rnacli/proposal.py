"""An experiment file inferred from a table: what is to be predicted, from which columns, and a network for it."""

import copy
import fnmatch
import itertools
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli import commented, config, draft, yamlfile
from rnacli.dataset import csv_file, csv_sniff, goal, store, survey, table
from rnacli.dataset.cells import NUMBER, Want
from rnacli.dataset.rows import Table
from rnacli.dataset.table import Source
from rnacli.draft import MOST_ROWS, Look
from rnacli.errors import CONFIG, DATA, RnaError, clean, did_you_mean, plain
from rnacli.language import Csv
from rnacli.schema import listed
from rnacli.task import KINDS
from rnacli.yamlfile import Document

FEWEST_ROWS = 5
"""Rows that three parts need."""


@dataclass(frozen=True)
class Proposal:
    """The file's text, and what was seen in the data, for people."""

    text: str
    notes: tuple[str, ...]


def propose(
    data: str,
    targets: Sequence[str],
    output: Path,
    cache_folder: Path,
    task: str = "auto",
    overrides: Sequence[str] = (),
    offline: bool = False,
) -> Proposal:
    """An experiment for the table ``data`` (a file, a pattern or a URL) that is to be written to ``output``.

    ``targets``: names or patterns, or several with commas between them. ``overrides``: ``key=value`` for the file;
    ``offline``: nothing is downloaded. Raises ``RnaError`` that says which option is wanted.
    """
    if task not in ("auto", *KINDS):
        hint = did_you_mean(task, KINDS) or f"one of {listed(['auto', *KINDS])}"
        raise RnaError(f"there is no task called '{clean(task)}'", place="--task", hint=hint, exit_code=CONFIG)
    seen = look(data, targets, cache_folder, task, overrides, offline)
    value, comments = draft.compose(seen, relative(data, output.parent), config.default_name(output.stem))
    opening = draft.opening(seen, output.name)
    document = yamlfile.parse(commented.dump(value, comments, opening), str(output))
    for override in overrides:
        config.apply_override(document, override)
    changed = copy.deepcopy(document.value)
    config.read(document, output.parent)
    comments = commented.unchanged(comments, value, changed)
    if "class_weight" in changed:
        comments.above.clear()
    return Proposal(commented.dump(changed, comments, opening), tuple(draft.notes(seen)))


def relative(data: str, folder: Path) -> str:
    """What a file in ``folder`` calls the data: a relative path with slashes, on every system."""
    if "://" in data:
        return data
    path = Path(data).expanduser()
    try:
        name = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return path.absolute().as_posix()
    return f"./{name}" if name.startswith("~") else name


# Reading


def look(
    data: str, targets: Sequence[str], cache_folder: Path, task: str, overrides: Sequence[str], offline: bool
) -> Look:
    """Read the table as the options among ``overrides`` say, and judge it. Raises ``RnaError``."""
    plan: dict[str, Any] = {"dataset": {"csv": data, "target": "?"}, "layers": [{"dense": 1}], "loss": "mse"}
    document = Document(plan, {}, {}, "--data")
    for override in overrides:
        if plain(override.partition("=")[0].partition(".")[0]) == "dataset":
            config.apply_override(document, override)
    asked = dict(plan["dataset"])
    if isinstance(split := asked.get("split"), dict) and "column" not in split:
        split.setdefault("test", 0.2)  # groups and an order divide something
    reading = config.read(document, Path())
    if not isinstance(reading.dataset, Csv):
        raise RnaError("a table is wanted", place="--data", hint="--data flowers.csv", exit_code=CONFIG)
    described = reading.dataset
    sources = table.find(described, reading, cache_folder, offline)
    source = sources[0]
    if not {"header", "column_names"} & set(asked):
        check_header(source)
    names = table.same_columns(sources)
    given, found = find_targets(targets, names)
    apart = {*found, *roles(described)}
    features = table.expanded(described.features or names, names)
    csv_file.require(dict.fromkeys(features, ""), names, source.form, source.shown)
    ignored = {name for name, column in described.columns.items() if column.kind == survey.IGNORE}
    inputs = [name for name in features if name not in apart | ignored]
    rows = read([*found, *inputs], sources)
    if len(rows) < FEWEST_ROWS:
        message = f"{len(rows)} rows are too few for training, validation and test"
        raise RnaError(message, place=source.shown, hint="get more data", exit_code=DATA)
    decimal = source.form.decimal
    judged = goal.judge(rows, found, task, described.label_separator or "", decimal)
    if judged.rows < FEWEST_ROWS:
        message = f"{judged.rows} rows with a target are too few for training, validation and test"
        raise RnaError(message, place=source.shown, hint="get more data", exit_code=DATA)
    answers = {name: survey.values_of(rows, name) for name in found}
    columns = survey.survey(rows, inputs, answers, decimal)
    if not any(column.is_input for column in columns):
        why = "; ".join(f"{clean(column.name, 30)}: {column.why}" for column in columns[:5])
        raise RnaError("no columns are left for the inputs", place=source.shown, hint=why, exit_code=DATA)
    return Look(described, asked, source, len(rows), given, found, judged, columns)


def roles(data: Csv) -> list[str]:
    """The columns that the options name for something else than an input."""
    split = data.split
    return [name for name in (data.id, data.sample_weight, split.column, split.group, split.order_by) if name]


def read(names: Sequence[str], sources: Sequence[Source]) -> Table:
    """The first ``MOST_ROWS`` rows of some columns: numbers where all cells of a column are, else words."""
    wants = {name: Want("any") for name in names}
    pieces = list(first_pieces(wants, sources))
    words = {name for piece in pieces for name in piece.words}
    mixed = {name for name in words if any(name not in piece.words for piece in pieces)}
    if mixed:
        wants |= {name: Want("words") for name in mixed}
        pieces = list(first_pieces(wants, sources))
    return store.gather(pieces)


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
    if source.is_parquet:
        return
    first, *others = csv_sniff.cells_of(
        csv_sniff.sample(source.path, source.form, source.shown), source.form.delimiter
    ) or [[]]  # fmt: skip
    if others and is_data([cell.strip() for cell in first], others):
        cells, last = clean(", ".join(first), 60), len(first) - 1
        raise RnaError(
            f"the first line looks like data, not like the columns' names: {cells}",
            place=f"{source.shown}:1",
            hint=f"--set dataset.header=false, which calls the columns 0 to {last}, so the last one is --target {last} "
            "(or --set dataset.header=true, if these are the names)",
            exit_code=CONFIG,
        )


def is_data(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether most cells of the first line are numbers, or words that come again below."""
    numbers = [cell for cell in first if NUMBER.fullmatch(cell.replace(",", "."))]
    steps = {later - former for former, later in itertools.pairwise(float(cell.replace(",", ".")) for cell in numbers)}
    if numbers == ["0", "1"] or (len(numbers) > 2 and len(steps) == 1):
        numbers = []  # 0, 1, 2, ... or years
    below = [{row[i].strip() for row in others if i < len(row)} for i in range(len(first))]
    again = [cell for i, cell in enumerate(first) if cell and not NUMBER.fullmatch(cell) and cell in below[i]]
    return 2 * (len(numbers) + len(again)) > len(first)


def find_targets(given: Sequence[str], names: Sequence[str]) -> tuple[str | list[str], tuple[str, ...]]:
    """What a file says of the targets, and the columns that they are. Raises ``RnaError``."""
    columns = csv_file.columns_hint(names)
    if not given:
        last = clean(shlex.quote(names[-1]), 60)
        hint = f"often the last column is: --target {last}; {columns}"
        raise RnaError("--target is missing: the column to predict", hint=hint, exit_code=CONFIG)
    parts = [part.strip() for text in given for part in ([text] if text in names else text.split(","))]
    for part in parts:
        if part not in names and not ("*" in part and fnmatch.filter(names, part)):
            hint = did_you_mean(part, names) or columns
            raise RnaError(f"there is no column '{clean(part, 40)}'", place="--target", hint=hint, exit_code=CONFIG)
    return parts[0] if len(parts) == 1 else parts, table.expanded(parts, names)
