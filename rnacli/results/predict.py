"""Predictions for new rows: by column name from a table, or from arrays, in chunks, as a CSV."""

import contextlib
import functools
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from rnacli.errors import CONFIG, RnaError
from rnacli.results.new_examples import Input, open_input, open_pictures, open_texts
from rnacli.results.numpy_answers import Forward, compared_outputs, light_answers
from rnacli.results.prediction_arrays import array_answers, check_array_options, is_array_file, write_arrays
from rnacli.results.prediction_csv import (
    Block,
    check_output,
    format_blocks,
    open_output,
    prediction_columns,
    rejected_path,
    written_tasks,
)
from rnacli.results.prediction_options import DEFAULT_OPTIONS, PredictionOptions
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run
from rnacli.tables.find import missing_file_error
from rnacli.tables.rejected import Rejected
from rnacli.tables.safe_cells import safe_row
from rnacli.words import quote_path

log = logging.getLogger("rnacli")

STANDARD_INPUT = "<stdin>"
"""What standard input is called in messages."""


def predict_rows(
    run: Run,
    source: Path | Sequence[Path] | IO[bytes],
    output: Path | IO[str],
    watch: Callable[[int], None] = lambda rows: None,
    options: PredictionOptions = DEFAULT_OPTIONS,
) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a table with the run's feature columns in any order, or an ``.npz`` or ``.npy`` of inputs; pictures, and
    folders of such; or an open stream of CSV. ``output``: a file, written beside and renamed, packed if it ends in
    ``.gz``, and of arrays if it ends in ``.npz``; or an open stream. Rows that are skipped are written to
    ``rejected_path``. ``watch`` is called with the rows so far. Raises ``RnaError``.
    """
    if isinstance(source, Path):
        source = [source]
    if isinstance(source, Sequence):
        check_output(source[0], output, options.on_error == "skip")
        if not source[0].exists():
            raise missing_file_error(source[0], str(source[0]))
        return Predictor(run, options).predict(source, str(source[0]), output, watch)[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stdin.csv"
        with copy.open("wb") as file:
            while block := source.read(1 << 20):
                file.write(block)
        return Predictor(run, options).predict([copy], STANDARD_INPUT, output, watch)[0]


class Predictor:
    """A run that is opened once, to predict the rows of any number of files. Raises ``RnaError``."""

    def __init__(self, run: Run, options: PredictionOptions = DEFAULT_OPTIONS):
        self.opened, self.options = load_run(run), options
        tasks = self.opened.preprocessing.tasks
        if not tasks:
            message, hint = "a generator makes examples, and predicts nothing", "rna generate {run:.300}"
            raise RnaError(message, place=str(run.path), hint=hint, exit_code=CONFIG, run=quote_path(run.path))
        if options.only == "probabilities" and not any(task.has_probabilities for task in tasks.values()):
            message = "the network gives no probabilities"
            raise RnaError(message, place="--only", hint="--only label", exit_code=CONFIG)

    @functools.cached_property
    def cells(self) -> "tuple[list[str], Cells]":
        """The columns that are written, and what is in them."""
        return answers(self.opened, self.options)

    @functools.cached_property
    def arrays(self) -> Forward:
        """From raw inputs to arrays by their names in an ``.npz``."""
        return array_answers(self.opened, self.options)

    def predict(
        self,
        paths: Sequence[Path],
        shown: str,
        output: Path | IO[str],
        watch: Callable[[int], None] = lambda rows: None,
    ) -> tuple[int, int]:
        """As ``predict_rows``, of files that are called ``shown``; returns the rows, and how many were skipped."""
        options = self.options
        as_arrays = is_array_file(output)
        if as_arrays:
            check_array_options(options)
        skipped = Rejected(rejected_path(paths[0], output))
        with contextlib.nullcontext() if as_arrays else open_output(output) as file:
            with skipped:
                source = open_rows(self.opened, paths, shown, options, skipped)
                if file is None:
                    rows = write_arrays(self.arrays, source, Path(str(output)), watch)
                else:
                    rows = write_predictions(self.cells, source, file, watch)
            tell_rejected(source, rows, skipped)
        return rows, skipped.count


def open_rows(
    opened: TrainedRun, paths: Sequence[Path], shown: str, options: PredictionOptions, skipped: Rejected
) -> Input:
    """What the rows of files are read through: lines of a text, pictures, a table or arrays. Raises ``RnaError``."""
    pictures = opened.config.dataset.list_pictures(paths)
    if pictures is not None and shown == STANDARD_INPUT:
        message, hint = "pictures are predicted from files and folders", "rna predict RUN PICTURE..."
        raise RnaError(message, place=shown, hint=hint, exit_code=CONFIG)
    if opened.config.dataset.IS_TEXT:
        from rnacli.results.line_perplexity import open_lines

        return open_lines(opened, require_one(paths, shown), shown, options, skipped)
    if shown != STANDARD_INPUT and (texts := opened.config.dataset.list_new(paths)) is not None:
        return open_texts(opened, texts, options)
    if pictures is not None:
        return open_pictures(opened, pictures, options, skipped)
    folder = paths[0].parent if shown == str(paths[0]) else Path()
    return open_input(opened, require_one(paths, shown), shown, options, skipped, folder)


def require_one(paths: Sequence[Path], shown: str) -> Path:
    """The only one of the files. Raises ``RnaError``."""
    if len(paths) > 1:
        hint = "-o out/ writes the predictions of each file into the folder out"
        raise RnaError("expected one file, got {count}", place=shown, hint=hint, exit_code=CONFIG, count=len(paths))
    return paths[0]


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


def write_predictions(
    answered: "tuple[list[str], Cells]", source: Input, file: IO[str], watch: Callable[[int], None]
) -> int:
    """Predict chunk by chunk into an open file; returns the rows."""
    rows, (names, cells) = 0, answered
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


def answers(opened: TrainedRun, options: PredictionOptions) -> tuple[list[str], Cells]:
    """The columns that are written, and what is in them; without TensorFlow where that is enough."""
    if options.layer:
        from rnacli.results.layer_outputs import layer_answers

        return layer_answers(opened, options.layer)
    if opened.config.dataset.IS_TEXT:
        from rnacli.results.line_perplexity import line_answers

        return line_answers(opened)
    forward, preprocessing = light_answers(opened), opened.preprocessing
    if forward is None:
        from rnacli.results.outputs import run_answers

        forward = run_answers(opened)
    answer, written = forward, written_tasks(preprocessing, options.only)

    def cells(x: np.ndarray) -> list[Block]:
        outputs = compared_outputs(answer, written, preprocessing.encoder, x)
        return [Block(*task.cells(task.read(outputs[output]), options.only)) for output, task in written.items()]

    return prediction_columns(preprocessing, options.only), cells
