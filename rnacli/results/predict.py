"""Predictions for new rows: by column name from a table, or from arrays, in chunks, as a CSV."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from rnacli.data.other import read_inputs
from rnacli.encoders.drift import Drift
from rnacli.errors import CONFIG, Problem, RnaError, RowProblem
from rnacli.examples.learnt import Preprocessing
from rnacli.results.carried import carried_columns, check_names, note_unused, passed_columns
from rnacli.results.light import light_answers
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
from rnacli.words import did_you_mean, fill_template

log = logging.getLogger("rnacli")

CHUNK = 65_536
"""Rows read, predicted and written at a time."""
LARGEST_CHUNK = 64 << 20
"""Bytes of arrays that are read at a time, however few rows they are."""
ARRAYS = (".npz", ".npy")
STANDARD_INPUT = "<stdin>"
"""What standard input is called in messages."""


@dataclass(frozen=True)
class PredictionOptions:
    """What is done with bad rows, and what is written.

    ``on_error``: ``stop`` at them, or ``skip`` them. ``columns``: names of input columns to pass through, several
    between commas, or ``all``. ``only``: ``all``, the ``label`` (or values), or the ``probabilities``. ``layer``: the
    layer whose outputs are written in place of predictions.
    """

    on_error: str = "stop"
    columns: tuple[str, ...] = ()
    only: str = "all"
    layer: str = ""

    def __post_init__(self) -> None:
        for option, value, choices in (("--on-error", self.on_error, ON_ERROR), ("--only", self.only, ONLY)):
            if value not in choices:
                hint = did_you_mean(value, choices) or "{option} {example}"
                message = "expected {choices:or}, got '{value:.40}'"
                raise RnaError(
                    message,
                    place=option,
                    hint=hint,
                    exit_code=CONFIG,
                    choices=choices,
                    value=value,
                    option=option,
                    example=choices[1],
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
    source: Path | Sequence[Path] | IO[bytes],
    output: Path | IO[str],
    watch: Callable[[int], None] = lambda rows: None,
    options: PredictionOptions = DEFAULT_OPTIONS,
) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a table with the run's feature columns in any order, or an ``.npz`` or ``.npy`` of inputs; pictures, and
    folders of such; or an open stream of CSV. ``output``: a file, written beside and renamed, and packed if it ends in
    ``.gz``; or an open stream. Rows that are skipped are written to ``rejected_path``. ``watch`` is called with the
    rows so far. Raises ``RnaError``.
    """
    if isinstance(source, Path):
        source = [source]
    if isinstance(source, Sequence):
        check_output(source[0], output, options.on_error == "skip")
        return predict_files(run, source, str(source[0]), output, watch, options)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stdin.csv"
        with copy.open("wb") as file:
            while block := source.read(1 << 20):
                file.write(block)
        return predict_files(run, [copy], STANDARD_INPUT, output, watch, options)


def predict_files(
    run: Run,
    paths: Sequence[Path],
    shown: str,
    output: Path | IO[str],
    watch: Callable[[int], None],
    options: PredictionOptions,
) -> int:
    if not paths[0].exists():
        raise missing_file_error(paths[0], shown)
    opened = load_run(run)
    if options.only == "probabilities" and not any(task.labels for task in opened.preprocessing.tasks.values()):
        raise RnaError("values have no probabilities", place="--only", hint="--only label", exit_code=CONFIG)
    skipped = Rejected(rejected_path(paths[0], output))
    with open_output(output) as file:
        with skipped:
            pictures = opened.config.dataset.list_pictures(paths)
            if pictures is not None and shown == STANDARD_INPUT:
                message, hint = "pictures are predicted from files and folders", "rna predict RUN PICTURE..."
                raise RnaError(message, place=shown, hint=hint, exit_code=CONFIG)
            if pictures is not None:
                source = open_pictures(opened, pictures, options, skipped)
            elif len(paths) > 1:
                raise RnaError("expected one file, got {count}", place=shown, exit_code=CONFIG, count=len(paths))
            else:
                source = open_input(opened, paths[0], shown, options, skipped)
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


def open_pictures(opened: TrainedRun, names: Sequence[str], options: PredictionOptions, skipped: Rejected) -> Input:
    """What pictures are read through. Raises ``RnaError``."""
    from rnacli.data.new_pictures import read_new_pictures

    if options.columns:
        raise RnaError("--columns is for tables, and these are pictures", exit_code=CONFIG)
    skipped.place, skipped.names = "number", ("picture",)

    def reject(i: int, problem: Problem) -> None:
        skipped.add(i + 1, problem.message, "", [names[i]])

    form = opened.config.dataset.picture_form
    pieces = read_new_pictures(names, form, reject if options.on_error == "skip" else None)
    return Input((Chunk([shown], x) for shown, x in pieces), ["picture"], None)


def open_input(opened: TrainedRun, path: Path, shown: str, options: PredictionOptions, skipped: Rejected) -> Input:
    """What a file's rows are read through. Raises ``RnaError``."""
    preprocessing, data = opened.preprocessing, opened.config.dataset
    if path.suffix.lower() in ARRAYS:
        if options.columns or options.on_error == "skip":
            option = "--columns" if options.columns else "--on-error skip"
            raise RnaError("{option} is for tables, and these are arrays", place=shown, exit_code=CONFIG, option=option)
        return Input(array_chunks(opened, path, shown), [], None)
    if not preprocessing.encoder.features:
        raise RnaError(
            "the network takes arrays of shape {shape}, and this is no .npz or .npy",
            place=shown,
            hint="save them with numpy.savez('x.npz', x=...)",
            shape=preprocessing.encoder.raw_shape,
        )
    source = open_source(
        path, shown, replace(data.form, kept=preprocessing.columns.marks if preprocessing.columns else None)
    )
    names = source.names()
    ids = carried_columns(opened.config.dataset.carried, names, shown)
    passed = [name for name in passed_columns(options.columns, names) if name not in ids]
    check_names(passed, prediction_columns(preprocessing, options.only))
    carried = [*ids, *passed]
    targets = [name for task in preprocessing.tasks.values() for name in task.targets]
    note_unused(names, {*preprocessing.encoder.features, *targets, *carried}, shown)
    drift = Drift(preprocessing.columns) if preprocessing.columns else None
    return Input(table_chunks(preprocessing, source, carried, drift, options, skipped), carried, drift)


def table_chunks(
    preprocessing: Preprocessing,
    source: Source,
    carried: Sequence[str],
    drift: Drift | None,
    options: PredictionOptions,
    skipped: Rejected,
) -> Iterator[Chunk]:
    """The rows of a table, some at a time, by the names of its columns."""
    wants = (
        preprocessing.columns.wants
        if preprocessing.columns
        else dict.fromkeys(preprocessing.encoder.features, Want("number", missing=False))
    )
    if options.on_error == "skip":
        read = read_good_rows(source, wants, carried, CHUNK, skipped)
    else:
        read = read_or_stop(source, wants, carried)
    for table in read:
        raw = table.values
        if preprocessing.columns and drift:
            drift.see(table.values, table.words)
            raw = preprocessing.columns.recode(table.values, table.words)
        yield Chunk([table.texts[name] for name in carried], raw)


def read_or_stop(source: Source, wants: dict[str, Want], carried: Sequence[str]) -> Iterator[Table]:
    """The rows of a table; the ``RnaError`` for a row says that rows can be skipped."""
    try:
        if source.is_parquet:
            require_columns(dict.fromkeys([*wants, *carried], ""), source.names(), source.form, source.shown)
        yield from source.read(wants, CHUNK, kept=carried)
    except RnaError as error:
        raise RnaError.of([*error.problems[:-1], with_skip(error.problems[-1])], error.exit_code) from None


def with_skip(problem: Problem) -> Problem:
    """A problem of one row with what can be done about it here."""
    if not isinstance(problem, RowProblem):
        return problem
    hint = fill_template("{mend:.1000}; --on-error skip leaves such rows out", mend=problem.hint)
    return replace(problem, hint=hint)


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
    rows, (names, cells) = 0, answers(opened, options)
    for passed, x in source.chunks:
        blocks = cells(x)
        if not rows:
            file.write(safe_row([*source.carried, *names]))
        file.write(format_blocks([column.tolist() for column in passed], blocks))
        rows += len(x)
        watch(rows)
    return rows


Cells = Callable[[np.ndarray], Sequence[Block]]
"""From raw inputs (m, *shape) to the texts and the numbers (m, columns) of what is written."""


def written_tasks(preprocessing: Preprocessing, only: str) -> dict[str, Task]:
    """The tasks of which something is written: values have no probabilities."""
    return {output: task for output, task in preprocessing.tasks.items() if only != "probabilities" or task.labels}


def prediction_columns(preprocessing: Preprocessing, only: str) -> list[str]:
    """The columns of predictions; ``only``: ``all``, ``label`` or ``probabilities``."""
    columns = name_columns({output: task.columns(only) for output, task in preprocessing.tasks.items()})
    written = [
        output in written_tasks(preprocessing, only)
        for output, task in preprocessing.tasks.items()
        for _ in task.columns(only)
    ]
    return [name for name, is_written in zip(columns, written, strict=True) if is_written]


def answers(opened: TrainedRun, options: PredictionOptions) -> tuple[list[str], Cells]:
    """The columns that are written, and what is in them; without TensorFlow where that is enough."""
    if options.layer:
        from rnacli.results.layer_outputs import layer_answers

        return layer_answers(opened, options.layer)
    forward, preprocessing = light_answers(opened), opened.preprocessing
    if forward is None:
        from rnacli.results.outputs import run_answers

        forward = run_answers(opened)
    answer, written = forward, written_tasks(preprocessing, options.only)

    def cells(x: np.ndarray) -> list[Block]:
        outputs = answer(x)
        return [Block(*task.cells(task.read(outputs[output]), options.only)) for output, task in written.items()]

    return prediction_columns(preprocessing, options.only), cells
