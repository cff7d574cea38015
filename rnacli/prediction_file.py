"""The CSV of predictions: where it may be written, its columns and its lines."""

import contextlib
import gzip
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from rnacli import csv_cells, files
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import CONFIG, RnaError, clean

PACKED = re.compile(r"\.(gz|bz2|xz|zst|zip)$", re.I)
OTHER_FORMATS = re.compile(r"\.(parquet|xlsx?|json|npz|npy|bz2|xz|zst|zip)$", re.I)
"""Endings of what is not written."""


# Files


def check(source: Path, output: Path | IO[str], skips: bool) -> None:
    """The output must be a CSV file in a folder that exists, and neither it nor the rows that are skipped the input."""
    if isinstance(output, Path):
        place = str(output)
        if output.is_dir():
            hint = f"-o {clean(output / 'predictions.csv', 200)}"
            raise RnaError("this is a folder, and the output is a file", place=place, hint=hint, exit_code=CONFIG)
        if not output.parent.is_dir():
            hint = f"make it first: mkdir {clean(output.parent, 200)}"
            raise RnaError("the folder for this file is not there", place=place, hint=hint, exit_code=CONFIG)
        if same_file(source, output):
            hint = "-o predictions.csv"
            raise RnaError("the output would overwrite the input", place=place, hint=hint, exit_code=CONFIG)
        if other := OTHER_FORMATS.search(output.name):
            hint = f"-o {clean(output.name[: other.start()].removesuffix('.csv'), 200)}.csv"
            raise RnaError("predictions are written as CSV or .csv.gz", place=place, hint=hint, exit_code=CONFIG)
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
def opened(output: Path | IO[str]) -> Iterator[IO[str]]:
    """The output to write to; a file takes its place at the end, and is gone after an error."""
    if not isinstance(output, Path):
        yield output
    elif output.exists() and not output.is_file():  # a pipe or a device
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    else:
        with files.beside(output) as part, open_text(part) as file:
            yield file


def open_text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", compresslevel=6, encoding="utf-8", newline="")
    return path.open("w", encoding="utf-8", newline="")


# Columns and lines


def names(known: Preprocessing, only: str = "all") -> list[str]:
    """``prediction`` and a probability for each class; or, for several targets, ``prediction_<target>`` each."""
    if known.task.kind == "regression":
        return ["prediction"] if len(known.targets) == 1 else [f"prediction_{target}" for target in known.targets]
    return [
        *(["prediction"] if only != "probabilities" else []),
        *(known.probability_columns if only != "label" else []),
    ]


def lines(known: Preprocessing, outputs: np.ndarray, texts: Sequence[np.ndarray], only: str = "all") -> str:
    """The CSV rows for some outputs (n, units), behind texts; numbers with all the digits that float32 has.

    One ``%`` for all the rows: three times as fast as a data frame's ``to_csv``.
    """
    columns: list[list[Any]] = [csv_cells.cells(column.tolist()) for column in texts]
    if known.task.kind == "regression":
        numbers = known.values(outputs)
    else:
        numbers = known.task.probabilities(outputs)
        if only != "probabilities":
            labels = known.predicted_labels(numbers)
            as_cells = {label: csv_cells.cell(label) for label in set(labels)}
            columns.append([as_cells[label] for label in labels])
        numbers = numbers[:, :0] if only == "label" else numbers
    if len(columns) + numbers.shape[1] == 1 and columns:
        columns = [[text or '""' for text in columns[0]]]  # an empty line would be none
    template = ",".join(["%s"] * len(columns) + ["%.9g"] * numbers.shape[1]) + "\n"
    columns.extend(numbers.T.tolist())
    return (template * len(outputs)) % tuple(itertools.chain.from_iterable(zip(*columns, strict=True)))
