"""New rows as a network takes them: from a table by the names of its columns, from arrays, from pictures; in chunks."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnacli.data.other_arrays import read_inputs
from rnacli.data.picture_columns import CheckedPictures
from rnacli.encoders.drift import Drift
from rnacli.encoders.section import TOGETHER
from rnacli.encoders.table import Columns
from rnacli.errors import CONFIG, WHOLE_RUN, Problem, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.results.carried import carried_columns, check_names, note_unused, passed_columns
from rnacli.results.file_problems import told_in_the_file
from rnacli.results.prediction_csv import prediction_columns
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.open import TrainedRun
from rnacli.tables.arrays import check_inputs, join_arrays, read_arrays, read_headers, read_pieces
from rnacli.tables.cells import Want
from rnacli.tables.convert import NO_ROWS
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.rejected import Rejected, read_good_rows
from rnacli.tables.source import Source, open_source
from rnacli.tables.table import Table, look_up
from rnacli.words import first_of

CHUNK = 65_536
"""Rows read, predicted and written at a time."""
LARGEST_CHUNK = 64 << 20
"""Bytes of arrays that are read at a time, however few rows they are."""
ARRAYS = (".npz", ".npy")
ROW = "row"
"""The column that says which row of a series is predicted."""


class Chunk(NamedTuple):
    """Some rows: the texts (n,) of the columns that are passed through, and raw inputs (n, *shape)."""

    texts: list[np.ndarray]
    x: np.ndarray


class Input(NamedTuple):
    """A file's rows, what is passed through of them, and what was noted meanwhile."""

    chunks: Iterator[Chunk]
    carried: list[str]
    drift: Drift | None


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


def open_texts(opened: TrainedRun, files: Sequence[Path], options: PredictionOptions) -> Input:
    """What files of texts are read through. Raises ``RnaError``."""
    from rnacli.data.read_text_folders import read_new_texts

    columns = opened.preprocessing.columns
    if columns is None or len(columns.features) != 1:
        path = opened.run.path / "preprocessing.json"
        raise RnaError("it belongs to other data", place=str(path), hint=WHOLE_RUN)
    if options.columns or options.on_error == "skip":
        option = "--columns" if options.columns else "--on-error skip"
        raise RnaError("{option} is for tables, and these are texts", exit_code=CONFIG, option=option)
    drift = Drift(columns)

    def chunks() -> Iterator[Chunk]:
        for names, values, words in read_new_texts(files, opened.config.dataset.form.encoding):
            by_name = {columns.features[0]: words}
            drift.see(values, by_name)
            lookups = columns.lookups(by_name)
            for rows in rows_at_once(len(names), columns):
                yield Chunk([names[rows]], look_up(values[rows], lookups))

    return Input(chunks(), ["file"], drift)


def open_input(
    opened: TrainedRun, path: Path, shown: str, options: PredictionOptions, skipped: Rejected, folder: Path
) -> Input:
    """What a file's rows are read through; paths in them start from the ``folder``. Raises ``RnaError``."""
    preprocessing, data = opened.preprocessing, opened.config.dataset
    if path.suffix.lower() in ARRAYS:
        if options.columns or options.on_error == "skip":
            option = "--columns" if options.columns else "--on-error skip"
            raise RnaError("{option} is for tables, and these are arrays", place=shown, exit_code=CONFIG, option=option)
        if preprocessing.columns or preprocessing.apart:
            message, hint = (
                "the network takes the columns of a table, and these are arrays",
                "a CSV with {columns:.300}",
            )
            features = first_of(preprocessing.encoder.features)
            raise RnaError(message, place=shown, hint=hint, columns=features)
        return Input(array_chunks(opened, path, shown), [], None)
    if not preprocessing.encoder.features:
        raise RnaError(
            "the network takes arrays of shape {shape}, and this is no .npz or .npy",
            place=shown,
            hint="save them with numpy.savez('x.npz', x=...)",
            shape=preprocessing.encoder.raw_shape,
        )
    kept = preprocessing.columns.marks if preprocessing.columns else None
    with told_in_the_file():
        source = open_source(path, shown, replace(data.form, kept=kept))
        names = source.names()
    if data.window is not None:
        return open_series(opened, source, options)
    ids = carried_columns(opened.config.dataset.carried, names, shown)
    passed = [name for name in passed_columns(options.columns, names) if name not in ids]
    check_names(passed, prediction_columns(preprocessing, options.only))
    carried = [*ids, *passed]
    targets = [name for task in preprocessing.tasks.values() for name in task.target_columns]
    note_unused(names, {*preprocessing.encoder.features, *targets, *carried, *data.set_aside}, shown)
    drift = Drift(preprocessing.columns) if preprocessing.columns else None
    pictures = {c.name: CheckedPictures(folder, c.form) for c in preprocessing.apart}
    return Input(table_chunks(preprocessing, source, carried, drift, options, skipped, pictures), carried, drift)


def open_series(opened: TrainedRun, source: Source, options: PredictionOptions) -> Input:
    """What the rows of a series are read through: each has the rows before it as its input. Raises ``RnaError``."""
    from rnacli.results.new_series import read_windows

    data: Any = opened.config.dataset
    columns, names, shown = opened.preprocessing.columns, source.names(), source.shown
    if columns is None or columns.raw_shape != (data.window, len(columns.features)):
        path = opened.run.path / "preprocessing.json"
        raise RnaError("it is of other windows than config.yaml", place=str(path), hint=WHOLE_RUN)
    if options.on_error == "skip":
        message = "no row of a series can be left out: others have it among the rows before them"
        hint = "fix the rows, or columns: {column: {fill: median}} in a new training"
        raise RnaError(message, place="--on-error skip", hint=hint, exit_code=CONFIG)
    ids = [*carried_columns(data.carried, names, shown), *filter(None, [data.window_group])]
    passed = [name for name in passed_columns(options.columns, names) if name not in ids]
    check_names(passed, [ROW, *prediction_columns(opened.preprocessing, options.only)])
    carried = list(dict.fromkeys([*ids, *passed]))
    targets = [name for task in opened.preprocessing.tasks.values() for name in task.targets]
    note_unused(names, {*columns.features, *targets, *carried, *data.set_aside}, shown)
    drift = Drift(columns)
    windows = read_windows(data, columns, source, carried, drift)
    return Input((Chunk(texts, x) for texts, x in windows), [ROW, *carried], drift)


def table_chunks(
    preprocessing: Preprocessing,
    source: Source,
    carried: Sequence[str],
    drift: Drift | None,
    options: PredictionOptions,
    skipped: Rejected,
    pictures: Mapping[str, CheckedPictures],
) -> Iterator[Chunk]:
    """The rows of a table, some at a time, by the names of its columns; ``pictures``: those that cells name."""
    wants = dict.fromkeys(preprocessing.encoder.features, Want("number", missing=False))
    if preprocessing.columns or preprocessing.apart:
        wants = preprocessing.columns.wants if preprocessing.columns else {}
    wants |= {name: Want("text", missing=False, check=each.check) for name, each in pictures.items()}
    size = sum(math.prod(each.form.shape) for each in preprocessing.apart)
    chunk = max(1, min(CHUNK, LARGEST_CHUNK // size)) if size else CHUNK
    if options.on_error == "skip":
        read = read_good_rows(source, wants, carried, chunk, skipped)
    else:
        read = read_or_stop(source, wants, carried, chunk)
    for table in read:
        columns, carried_texts = preprocessing.columns, [table.texts[name] for name in carried]
        if columns and drift:
            drift.see(table.values, table.words)
        lookups = columns.lookups(table.words) if columns else {}
        arrays = {name: each.take(table.texts[name]) for name, each in pictures.items()}
        for rows in rows_at_once(len(table), columns):
            raw = look_up(table.values[rows], lookups)
            some = {name: array[rows] for name, array in arrays.items()}
            if some and columns:
                some = {TOGETHER: raw, **some}
            if some:
                raw = next(iter(some.values())) if len(some) == 1 else join_arrays(some)
            yield Chunk([texts[rows] for texts in carried_texts], raw)


def rows_at_once(count: int, columns: Columns | None) -> Iterator[slice]:
    """So many rows of a table as are predicted at once: fewer than were read where texts become many numbers."""
    size = max(1, LARGEST_CHUNK // (8 * columns.raw_shape[0])) if columns and columns.wide else max(1, count)
    return (slice(start, start + size) for start in range(0, count, size))


def read_or_stop(source: Source, wants: dict[str, Want], carried: Sequence[str], chunk: int) -> Iterator[Table]:
    """The rows of a table; the ``RnaError`` for a row says that rows can be skipped."""
    with told_in_the_file(can_skip=True):
        if source.is_parquet:
            require_columns(dict.fromkeys([*wants, *carried], ""), source.names(), source.form, source.shown)
        yield from source.read(wants, chunk, kept=carried)


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
        raise RnaError("there are no rows", place=shown, hint=NO_ROWS)
    rows = max(1, min(CHUNK, LARGEST_CHUNK * header.shape[0] // max(1, header.nbytes)))
    for piece in read_pieces(path, name, header, rows, shown):
        for start in range(0, len(piece), rows):
            yield Chunk([], piece[start : start + rows])
