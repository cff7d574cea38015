"""Predictions for new rows: by column name from a table, or from arrays, in chunks, as a CSV."""

import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from rnacli import csv_cells, dataset, light, prediction_file, rejected, trained
from rnacli.dataset import csv_file, csv_text, npz_file
from rnacli.dataset import table as tables
from rnacli.dataset.cells import Want
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.dataset.rows import Table
from rnacli.drift import Drift
from rnacli.errors import CONFIG, Problem, RnaError, clean, did_you_mean
from rnacli.language import Csv
from rnacli.rejected import Rejected
from rnacli.runs import Run
from rnacli.schema import listed
from rnacli.trained import Trained

log = logging.getLogger("rnacli")

CHUNK = 65_536
"""Rows read, predicted and written at a time."""
ARRAYS = (".npz", ".npy")


@dataclass(frozen=True)
class Options:
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
                hint = did_you_mean(value, known) or f"{option} {known[1]}"
                message = f"{listed(known, 'or')} is wanted, got '{clean(value, 40)}'"
                raise RnaError(message, place=option, hint=hint, exit_code=CONFIG)


ON_ERROR = ("stop", "skip")
ONLY = ("all", "label", "probabilities")
DEFAULT = Options()


class Chunk(NamedTuple):
    """Some rows: the texts (n,) of the columns that are passed through, and raw inputs (n, *shape)."""

    texts: list[np.ndarray]
    x: np.ndarray


class Input(NamedTuple):
    """A file's rows, what is passed through of them, and what was noted meanwhile."""

    chunks: Iterator[Chunk]
    carried: list[str]
    drift: Drift | None


def predict(
    run: Run,
    source: Path | IO[bytes],
    output: Path | IO[str],
    watch: Callable[[int], None] = lambda rows: None,
    options: Options = DEFAULT,
) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a table with the run's feature columns in any order, or an ``.npz`` or ``.npy`` of inputs; or an open
    stream of CSV. ``output``: a file, written beside and renamed, and packed if it ends in ``.gz``; or an open stream.
    Rows that are skipped are written to ``prediction_file.rejected_path``. ``watch`` is called with the rows so far.
    Raises ``RnaError``.
    """
    if isinstance(source, Path):
        prediction_file.check(source, output, options.on_error == "skip")
        return predict_file(run, source, str(source), output, watch, options)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stdin.csv"
        with copy.open("wb") as file:
            while block := source.read(1 << 20):
                file.write(block)
        return predict_file(run, copy, "<stdin>", output, watch, options)


def predict_file(
    run: Run, path: Path, shown: str, output: Path | IO[str], watch: Callable[[int], None], options: Options
) -> int:
    if not path.exists():
        raise csv_text.missing_file(path, shown)
    opened = trained.load(run)
    if options.only == "probabilities" and opened.preprocessing.task.kind == "regression":
        raise RnaError("values have no probabilities", place="--only", hint="--only label", exit_code=CONFIG)
    skipped = Rejected(prediction_file.rejected_path(path, output))
    with prediction_file.opened(output) as file:
        with skipped:
            source = open_input(opened, path, shown, options, skipped)
            rows = write(opened, source, file, watch, options)
        tell(source, rows, skipped)
    return rows


def tell(source: Input, rows: int, skipped: Rejected) -> None:
    """Say what was noted; ``RnaError`` where every row was rejected."""
    total, path = rows + skipped.count, clean(skipped.path, 300)
    if not rows:
        message = f"no row can be predicted: all {total:,} are rejected" if total > 1 else "the one row is rejected"
        raise RnaError(message, hint=f"see {path}")
    if skipped.count:
        log.warning("%s of %s rows rejected: see %s", f"{skipped.count:,}", f"{total:,}", path)
    if source.drift:
        source.drift.tell()


# What is read


def open_input(opened: Trained, path: Path, shown: str, options: Options, skipped: Rejected) -> Input:
    """What a file's rows are read through. Raises ``RnaError``."""
    known, data = opened.preprocessing, opened.config.dataset
    if path.suffix.lower() in ARRAYS:
        if options.columns or options.on_error == "skip":
            option = "--columns" if options.columns else "--on-error skip"
            raise RnaError(f"{option} is for tables, and these are arrays", place=shown, exit_code=CONFIG)
        return Input(array_chunks(opened, path, shown), [], None)
    if not known.features:
        raise RnaError(
            f"the network takes arrays of shape {known.shape}, and this is no .npz or .npy",
            place=shown,
            hint="save them with numpy.savez('x.npz', x=...)",
        )
    source = tables.source_of(path, shown, data if isinstance(data, Csv) else PLAIN)
    ids, names = id_column(opened), source.names()
    passed = [name for name in passed_columns(options.columns, names) if name not in ids]
    check_names(passed, prediction_file.names(known, options.only))
    carried = [*ids, *passed]
    note_unused(names, {*known.features, *known.targets, *carried}, shown)
    drift = Drift(known.columns) if known.columns else None
    return Input(table_chunks(known, source, carried, drift, options, skipped), carried, drift)


PLAIN = Csv(csv="", target="")
"""How a CSV is written whose run was trained on arrays."""


def passed_columns(asked: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns of the input that ``--columns`` means, each once. Raises ``RnaError`` for one that is not there."""
    found: dict[str, None] = {}
    for given in asked:
        if given == "all" and given not in names:
            found |= dict.fromkeys(names)
            continue
        for name in [given] if given in names else filter(None, map(str.strip, given.split(","))):
            if name not in names:
                hint = did_you_mean(name, names) or csv_file.columns_hint(names)
                message = f"the input has no column '{clean(name, 40)}'"
                raise RnaError(message, place="--columns", hint=hint, exit_code=CONFIG)
            found[name] = None
    return list(found)


def check_names(passed: Sequence[str], written: Sequence[str]) -> None:
    """No column that is passed through may be called as one of the output."""
    for name in passed:
        if name in written:
            raise RnaError(
                f"the input's column '{clean(name, 40)}' would be in the output twice: predictions are called so too",
                place="--columns",
                hint="name the other columns alone, or rename it in the input",
                exit_code=CONFIG,
            )


def table_chunks(
    known: Preprocessing,
    source: tables.Source,
    carried: Sequence[str],
    drift: Drift | None,
    options: Options,
    skipped: Rejected,
) -> Iterator[Chunk]:
    """The rows of a table, some at a time, by the names of its columns."""
    wants = known.columns.wants if known.columns else dict.fromkeys(known.features, Want("number", missing=False))
    if options.on_error == "skip":
        read = rejected.read(source, wants, carried, CHUNK, skipped)
    else:
        read = read_or_stop(source, wants, carried)
    for table in read:
        raw = table.values
        if known.columns and drift:
            drift.see(table.values, table.words)
            raw = known.columns.raw(table.values, table.words)
        yield Chunk([table.texts[name] for name in carried], raw)


def read_or_stop(source: tables.Source, wants: dict[str, Want], carried: Sequence[str]) -> Iterator[Table]:
    """The rows of a table; the ``RnaError`` for a row says that rows can be skipped."""
    try:
        if source.is_parquet:
            csv_file.require(dict.fromkeys([*wants, *carried], ""), source.names(), source.form, source.shown)
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


def array_chunks(opened: Trained, path: Path, shown: str) -> Iterator[Chunk]:
    x = array_inputs(opened, path, shown)
    for start in range(0, len(x), CHUNK):
        yield Chunk([], x[start : start + CHUNK])


def note_unused(names: Sequence[str], used: set[str], shown: str) -> None:
    """Name the columns that the network has no use for."""
    unused = [clean(name, 40) for name in names if name not in used]
    if unused:
        log.warning("%s: not used by the network: %s", clean(shown, 400), dataset.enumerated(unused))


def array_inputs(opened: Trained, path: Path, shown: str) -> np.ndarray:
    """The inputs in a file of arrays: ``x``, ``x_test``, or the only one."""
    arrays, shape = npz_file.read(path, shown), opened.preprocessing.shape
    name = next((name for name in ("x", "x_test") if name in arrays), next(iter(arrays), "x"))
    if name not in arrays or (len(arrays) > 1 and name not in ("x", "x_test")):
        raise RnaError("there is no array 'x'", place=shown, hint=f"arrays: {', '.join(map(clean, arrays))}")
    x = arrays[name][None] if arrays[name].shape == shape else arrays[name]
    if x.shape[1:] != shape:
        raise RnaError(f"{name} has shape {x.shape}, and the network takes rows of shape {shape}", place=shown)
    if not len(x):
        raise RnaError("there are no rows", place=shown)
    return npz_file.inputs(x, name, shown)


def id_column(opened: Trained) -> list[str]:
    data = opened.config.dataset
    return [data.id] if isinstance(data, Csv) and data.id else []


# What is written


def write(opened: Trained, source: Input, file: IO[str], watch: Callable[[int], None], options: Options) -> int:
    """Predict chunk by chunk into an open file; returns the rows."""
    forward, rows, known = answers(opened), 0, opened.preprocessing
    header = csv_cells.row([*source.carried, *prediction_file.names(known, options.only)])
    for texts, x in source.chunks:
        file.write(("" if rows else header) + prediction_file.lines(known, forward(x), texts, options.only))
        rows += len(x)
        watch(rows)
    return rows


def answers(opened: Trained) -> Callable[[np.ndarray], np.ndarray]:
    """As ``evaluation.answers``, without TensorFlow where NumPy is enough."""
    shapes, learnt = opened.light_shapes(), opened.preprocessing
    if shapes is not None:
        weights = opened.weights(shapes)
        return lambda x: light.forward(opened.config, weights, learnt.inputs(x))
    from rnacli import evaluation

    return evaluation.answers(opened)
