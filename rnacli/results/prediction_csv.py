"""The CSV of predictions: where it may be written, its columns and its lines."""

import contextlib
import gzip
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnacli.errors import CONFIG, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.examples.load import Data
from rnacli.files import require_folder_of, written_output
from rnacli.tables.safe_cells import safe_cell, safe_row
from rnacli.tasks.form import Answer
from rnacli.tasks.task import Task

if TYPE_CHECKING:
    from rnacli.results.evaluate import Evaluation

ROWS_AT_ONCE = 65_536
"""Rows that become text at a time: as numbers of Python's they take ten times their memory."""


def predictions_text(evaluation: "Evaluation", data: Data) -> str:
    """``predictions.csv``: row (from 0), id if there is one, truth, prediction and the probabilities."""
    rows, tasks, ids = data.parts[evaluation.part], data.tasks, data.rows.ids
    columns = name_columns({output: task.compared_columns() for output, task in tasks.items()})
    pieces = [safe_row(["row", *(["id"] if ids is not None else []), *columns])]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        blocks = [compared_block(task, each, some) for task, each in zip(tasks.values(), evaluation.every, strict=True)]
        names = [] if ids is None else [[str(name or "") for name in ids[rows[some]]]]
        pieces.append(format_blocks([list(map(str, rows[some].tolist())), *names], blocks))
    return "".join(pieces)


class Block(NamedTuple):
    """Some rows of an output: texts, a list a column, and numbers (n, k) behind them, each column in its form."""

    texts: Sequence[Sequence[str]]
    numbers: np.ndarray
    forms: Sequence[str] = ()


def compared_block(task: Task, evaluation: "Evaluation", some: slice) -> Block:
    """The truth and the answers of some rows."""
    chances = None if evaluation.probabilities is None else evaluation.probabilities[some]
    texts, numbers = task.compared_cells(evaluation.truth[some], Answer(evaluation.predicted[some], chances))
    # What is known is written as it is; what was predicted, with the digits that are certain.
    forms = ["%r" if name.startswith("truth") else CERTAIN for name in task.compared_columns()[len(texts) :]]
    return Block(texts, numbers, forms)


def name_columns(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of all outputs; of several, each with the name of its output."""
    if len(columns) == 1:
        return [*next(iter(columns.values()))]
    return [name_column(name, output) for output, each in columns.items() for name in each]


def name_column(name: str, output: str) -> str:
    """``truth``, ``prediction`` and ``probability_yes`` of ``coast``: truth_coast, coast, probability_coast_yes."""
    word, _, rest = name.partition("_")
    if name == "prediction":
        return output
    return "_".join(filter(None, [word, output, rest]))


def format_blocks(texts: Sequence[Sequence[str]], blocks: Sequence[Block]) -> str:
    """CSV rows of texts, a list a column, and behind them the blocks of each output."""
    if len(blocks) == 1:
        ((inner, numbers, forms),) = blocks
        return format_lines([*texts, *inner], numbers, forms)
    columns = [*texts]
    for inner, numbers, forms in blocks:
        every = forms or [CERTAIN] * numbers.shape[1]
        columns += inner
        columns += [[form % value for value in column] for form, column in zip(every, numbers.T.tolist(), strict=True)]
    return format_lines(columns, np.empty((len(columns[0]), 0)))


PACKED = re.compile(r"\.(gz|bz2|xz|zst|zip)$", re.I)
OTHER_FORMATS = re.compile(r"\.(parquet|xlsx?|json|npy|bz2|xz|zst|zip)$", re.I)
"""Endings of what is not written."""


# Files


def check_output(source: Path, output: Path | IO[str], skips: bool) -> None:
    """The output must be a CSV or .npz file in a folder that is there; neither it nor skipped rows may be the input."""
    if isinstance(output, Path):
        place = str(output)
        if output.is_dir():
            message, inside = "this is a folder, and the output is a file", output / "predictions.csv"
            raise RnaError(message, place=place, hint="-o {inside:.200}", exit_code=CONFIG, inside=inside)
        require_folder_of(output)
        if same_file(source, output):
            hint = "-o predictions.csv"
            raise RnaError("the output would overwrite the input", place=place, hint=hint, exit_code=CONFIG)
        if other := OTHER_FORMATS.search(output.name):
            message, name = "predictions are written as CSV, .csv.gz or .npz", output.name[: other.start()]
            name = name.removesuffix(".csv")
            raise RnaError(message, place=place, hint="-o {name:.200}.csv", exit_code=CONFIG, name=name)
    beside = rejected_path(source, output)
    if skips and same_file(source, beside):
        raise RnaError(
            "the rejected rows would overwrite the input",
            place=str(beside),
            hint="give the input or the output another name",
            exit_code=CONFIG,
        )


def same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def rejected_path(source: Path, output: Path | IO[str]) -> Path:
    """Where rows that are skipped are written: beside the output, or here where that is no file."""
    is_file = isinstance(output, Path) and (output.is_file() or not output.exists())
    path = output if isinstance(output, Path) and is_file else Path(source.name)
    return path.with_name(f"{Path(PACKED.sub('', path.name)).stem}.rejected.csv")


@contextlib.contextmanager
def open_output(output: Path | IO[str]) -> Iterator[IO[str]]:
    """The output to write to; a file takes its place at the end, and is gone after an error."""
    if not isinstance(output, Path):
        yield output
    else:
        with written_output(output) as part, open_text(part) as file:
            yield file


def open_text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", compresslevel=6, encoding="utf-8", newline="")
    return path.open("w", encoding="utf-8", newline="")


# Columns and lines


CERTAIN = "%.9g"
"""All the digits that float32 has."""


def format_lines(texts: Sequence[Sequence[str]], numbers: np.ndarray, forms: Sequence[str] = ()) -> str:
    """CSV rows of texts, a list a column, and of numbers (n, k) behind them, in the ``forms`` (k,) or as ``CERTAIN``.

    One ``%`` for all the rows: three times as fast as a data frame's ``to_csv``.
    """
    columns: list[list[Any]] = [safe_column(column) for column in texts]
    if len(columns) + numbers.shape[1] == 1 and columns:
        columns = [[text or '""' for text in columns[0]]]  # an empty line would be none
    template = ",".join(["%s"] * len(columns) + list(forms or [CERTAIN] * numbers.shape[1])) + "\n"
    columns.extend(numbers.T.tolist())
    return (template * len(numbers)) % tuple(itertools.chain.from_iterable(zip(*columns, strict=True)))


def safe_column(texts: Sequence[str]) -> list[str]:
    """Many texts as cells; each different one is made safe once."""
    cells = {text: safe_cell(text) for text in set(texts)}
    return [cells[text] for text in texts]


def written_tasks(preprocessing: Preprocessing, only: str) -> dict[str, Task]:
    """The tasks of which something is written: values, and what a step gives, have no probabilities."""
    return {
        output: task
        for output, task in preprocessing.tasks.items()
        if only != "probabilities" or task.has_probabilities
    }


def prediction_columns(preprocessing: Preprocessing, only: str) -> list[str]:
    """The columns of predictions; ``only``: ``all``, ``label`` or ``probabilities``."""
    columns = name_columns({output: task.columns(only) for output, task in preprocessing.tasks.items()})
    written = [
        output in written_tasks(preprocessing, only)
        for output, task in preprocessing.tasks.items()
        for _ in task.columns(only)
    ]
    return [name for name, is_written in zip(columns, written, strict=True) if is_written]
