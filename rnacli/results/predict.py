"""Predictions for new rows: by column name from a table, or from arrays, in chunks, as a CSV."""

import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from rnacli.data.other import read_inputs
from rnacli.encoders.drift import Drift
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.results.carried import carried_columns, check_names, note_unused, passed_columns
from rnacli.results.light import Forward, light_answers
from rnacli.results.prediction_csv import (
    Block,
    check_output,
    format_blocks,
    name_columns,
    open_output,
    rejected_path,
)
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run
from rnacli.tables.arrays import check_inputs, read_arrays, read_headers, read_pieces
from rnacli.tables.cells import Want
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.find import missing_file_error
from rnacli.tables.rejected import Rejected, read_good_rows
from rnacli.tables.safe_cells import safe_row
from rnacli.tables.source import Source, open_source
from rnacli.tables.table import Table
from rnacli.tasks.task import Task
from rnacli.words import did_you_mean

log = logging.getLogger("rnacli")

CHUNK = 65_536
"""Rows read, predicted and written at a time."""
LARGEST_CHUNK = 64 << 20
"""Bytes of arrays that are read at a time, however few rows they are."""
ARRAYS = (".npz", ".npy")


@dataclass(frozen=True)
class PredictionOptions:
    """What is done with bad rows, and what is written.

    ``on_error``: ``stop`` at them, or ``skip`` them. ``columns``: names of input columns to pass through, several
    between commas, or ``all``. ``only``: ``all``, the ``label`` (or values), or the ``probabilities``.
    """

    on_error: str = "stop"
    columns: tuple[str, ...] = ()
    only: str = "all"

    def __post_init__(self) -> None:
        for option, value, known in (("--on-error", self.on_error, ON_ERROR), ("--only", self.only, ONLY)):
            if value not in known:
                hint = did_you_mean(value, known) or "{option} {example}"
                message = "expected {known:or}, got '{value:.40}'"
                raise RnaError(
                    message,
                    place=option,
                    hint=hint,
                    exit_code=CONFIG,
                    known=known,
                    value=value,
                    option=option,
                    example=known[1],
                )


ON_ERROR = ("stop", "skip")
ONLY = ("all", "label", "probabilities")
DEFAULT_OPTIONS = PredictionOptions()


class Chunk(NamedTuple):
    """Some rows: the texts (n,) of the columns that are passed through, and raw inputs (n, *shape)."""

    texts: list[np.ndarray]
    x: np.ndarray


class Input(NamedTuple):
    """A file's rows, what is passed through of them, and what was noted meanwhile."""

    chunks: Iterator[Chunk]
    carried: list[str]
    drift: Drift | None


def predict_rows(
    run: Run,
    source: Path | IO[bytes],
    output: Path | IO[str],
    watch: Callable[[int], None] = lambda rows: None,
    options: PredictionOptions = DEFAULT_OPTIONS,
) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a table with the run's feature columns in any order, or an ``.npz`` or ``.npy`` of inputs; or an open
    stream of CSV. ``output``: a file, written beside and renamed, and packed if it ends in ``.gz``; or an open stream.
    Rows that are skipped are written to ``rejected_path``. ``watch`` is called with the rows so far.
    Raises ``RnaError``.
    """
    if isinstance(source, Path):
        check_output(source, output, options.on_error == "skip")
        return predict_file(run, source, str(source), output, watch, options)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stdin.csv"
        with copy.open("wb") as file:
            while block := source.read(1 << 20):
                file.write(block)
        return predict_file(run, copy, "<stdin>", output, watch, options)


def predict_file(
    run: Run, path: Path, shown: str, output: Path | IO[str], watch: Callable[[int], None], options: PredictionOptions
) -> int:
    if not path.exists():
        raise missing_file_error(path, shown)
    opened = load_run(run)
    if options.only == "probabilities" and not any(task.labels for task in opened.preprocessing.tasks.values()):
        raise RnaError("values have no probabilities", place="--only", hint="--only label", exit_code=CONFIG)
    skipped = Rejected(rejected_path(path, output))
    with open_output(output) as file:
        with skipped:
            source = open_input(opened, path, shown, options, skipped)
            rows = write_predictions(opened, source, file, watch, options)
        tell_rejected(source, rows, skipped)
    return rows


def tell_rejected(source: Input, rows: int, skipped: Rejected) -> None:
    """Say what was noted; ``RnaError`` where every row was rejected."""
    total, path = rows + skipped.count, skipped.path
    if not rows:
        message = "no row can be predicted: all {total:,} are rejected" if total > 1 else "the one row is rejected"
        raise RnaError(message, hint="see {file:.300}", total=total, file=path)
    if skipped.count:
        log.warning("%s of %s rows rejected: see %s", f"{skipped.count:,}", f"{total:,}", path)
    if source.drift:
        source.drift.tell()


# What is read


def open_input(opened: TrainedRun, path: Path, shown: str, options: PredictionOptions, skipped: Rejected) -> Input:
    """What a file's rows are read through. Raises ``RnaError``."""
    known, data = opened.preprocessing, opened.config.dataset
    if path.suffix.lower() in ARRAYS:
        if options.columns or options.on_error == "skip":
            option = "--columns" if options.columns else "--on-error skip"
            raise RnaError("{option} is for tables, and these are arrays", place=shown, exit_code=CONFIG, option=option)
        return Input(array_chunks(opened, path, shown), [], None)
    if not known.encoder.features:
        raise RnaError(
            "the network takes arrays of shape {shape}, and this is no .npz or .npy",
            place=shown,
            hint="save them with numpy.savez('x.npz', x=...)",
            shape=known.encoder.raw_shape,
        )
    source = open_source(path, shown, replace(data.form, kept=known.columns.marks if known.columns else None))
    names = source.names()
    ids = carried_columns(opened.config.dataset.carried, names, shown)
    passed = [name for name in passed_columns(options.columns, names) if name not in ids]
    check_names(passed, prediction_columns(known, options.only))
    carried = [*ids, *passed]
    targets = [name for task in known.tasks.values() for name in task.targets]
    note_unused(names, {*known.encoder.features, *targets, *carried}, shown)
    drift = Drift(known.columns) if known.columns else None
    return Input(table_chunks(known, source, carried, drift, options, skipped), carried, drift)


def table_chunks(
    known: Preprocessing,
    source: Source,
    carried: Sequence[str],
    drift: Drift | None,
    options: PredictionOptions,
    skipped: Rejected,
) -> Iterator[Chunk]:
    """The rows of a table, some at a time, by the names of its columns."""
    wants = (
        known.columns.wants if known.columns else dict.fromkeys(known.encoder.features, Want("number", missing=False))
    )
    if options.on_error == "skip":
        read = read_good_rows(source, wants, carried, CHUNK, skipped)
    else:
        read = read_or_stop(source, wants, carried)
    for table in read:
        raw = table.values
        if known.columns and drift:
            drift.see(table.values, table.words)
            raw = known.columns.recode(table.values, table.words)
        yield Chunk([table.texts[name] for name in carried], raw)


def read_or_stop(source: Source, wants: dict[str, Want], carried: Sequence[str]) -> Iterator[Table]:
    """The rows of a table; the ``RnaError`` for a row says that rows can be skipped."""
    try:
        if source.is_parquet:
            require_columns(dict.fromkeys([*wants, *carried], ""), source.names(), source.form, source.shown)
        yield from source.read(wants, CHUNK, kept=carried)
    except RnaError as error:
        raise RnaError.of([*error.problems[:-1], with_skip(error.problems[-1])], error.exit_code) from None


OF_A_ROW = re.compile(r"column '.*': |\d+ values?, and ")
"""How messages begin about cells or their number; others are about the file as a whole."""


def with_skip(problem: Problem) -> Problem:
    """A problem of one row with what can be done about it here."""
    if not OF_A_ROW.match(problem.message) or not re.search(r":( row )?\d+$", problem.place):
        return problem
    return replace(problem, hint=f"{problem.hint}; --on-error skip leaves such rows out")


def array_chunks(opened: TrainedRun, path: Path, shown: str) -> Iterator[Chunk]:
    """The inputs in a file of arrays, some at a time: ``x``, ``x_test``, or the only one; several by their names."""
    encoder = opened.preprocessing.encoder
    if set(encoder.inputs) != {"x"}:
        x = read_inputs(path, encoder, shown)
        yield from (Chunk([], x[start : start + CHUNK]) for start in range(0, len(x), CHUNK))
        return
    headers, shape = read_headers(path, shown), opened.preprocessing.encoder.raw_shape
    name = next((name for name in ("x", "x_test") if name in headers), next(iter(headers), "x"))
    if name not in headers or (len(headers) > 1 and name not in ("x", "x_test")):
        raise RnaError("there is no array 'x'", place=shown, hint="arrays: {arrays:and}", arrays=list(headers))
    header = headers[name]
    if header.shape == shape:  # a single example
        yield Chunk([], check_inputs(read_arrays(path, shown, {name})[name][None], name, shown))
        return
    if header.shape[1:] != shape:
        raise RnaError(
            "{name} has shape {shape}, and the network takes rows of shape {wanted}",
            place=shown,
            name=name,
            shape=header.shape,
            wanted=shape,
        )
    if not header.shape[0]:
        raise RnaError("there are no rows", place=shown)
    rows = max(1, min(CHUNK, LARGEST_CHUNK * header.shape[0] // max(1, header.nbytes)))
    for piece in read_pieces(path, name, header, rows, shown):
        for start in range(0, len(piece), rows):
            yield Chunk([], piece[start : start + rows])


def write_predictions(
    opened: TrainedRun, source: Input, file: IO[str], watch: Callable[[int], None], options: PredictionOptions
) -> int:
    """Predict chunk by chunk into an open file; returns the rows."""
    forward, rows, known = answers(opened), 0, opened.preprocessing
    header = safe_row([*source.carried, *prediction_columns(known, options.only)])
    for passed, x in source.chunks:
        outputs = forward(x)
        blocks = [
            Block(*task.cells(task.read(outputs[output]), options.only))
            for output, task in written_tasks(known, options.only).items()
        ]
        file.write(("" if rows else header) + format_blocks([column.tolist() for column in passed], blocks))
        rows += len(x)
        watch(rows)
    return rows


def written_tasks(known: Preprocessing, only: str) -> dict[str, Task]:
    """The tasks of which something is written: values have no probabilities."""
    return {output: task for output, task in known.tasks.items() if only != "probabilities" or task.labels}


def prediction_columns(known: Preprocessing, only: str) -> list[str]:
    """The columns of predictions; ``only``: ``all``, ``label`` or ``probabilities``."""
    columns = name_columns({output: task.columns(only) for output, task in known.tasks.items()})
    written = [output in written_tasks(known, only) for output, task in known.tasks.items() for _ in task.columns(only)]
    return [name for name, is_written in zip(columns, written, strict=True) if is_written]


def answers(opened: TrainedRun) -> Forward:
    """A run's answers, without TensorFlow where NumPy is enough."""
    if forward := light_answers(opened):
        return forward
    from rnacli.results.outputs import run_answers

    return run_answers(opened)
