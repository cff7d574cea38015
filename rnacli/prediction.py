"""Predictions for new rows: by column name from a CSV, or from arrays, in chunks, as a CSV."""

import itertools
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from rnacli import dataset, files, light, trained
from rnacli.dataset import csv_file, csv_text, npz_file
from rnacli.dataset.csv_text import Format
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import Csv
from rnacli.runs import Run
from rnacli.trained import Trained

log = logging.getLogger("rnacli")

CHUNK = 65_536
"""Rows read, predicted and written at a time."""
SPECIAL = re.compile('[",\r\n]')
"""What a CSV cell must be quoted for."""


def predict(
    run: Run, source: Path | IO[bytes], output: Path | IO[str], watch: Callable[[int], None] = lambda rows: None
) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a CSV with the run's feature columns in any order (others are ignored), or an ``.npz`` or ``.npy`` of
    inputs; or an open stream of CSV. ``output``: a file, written beside and renamed, or an open stream.
    ``watch`` is called with the rows so far.
    Raises ``RnaError``.
    """
    if isinstance(source, Path) and isinstance(output, Path):
        check_output(source, output)
    if not isinstance(source, Path):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "stdin.csv"
            with copy.open("wb") as file:
                while block := source.read(1 << 20):
                    file.write(block)
            return predict_file(run, copy, "<stdin>", output, watch)
    return predict_file(run, source, str(source), output, watch)


def check_output(source: Path, output: Path) -> None:
    """The output must be a file in a folder that exists, and not the input."""
    if output.is_dir():
        hint = f"-o {clean(output / 'predictions.csv', 200)}"
        raise RnaError("this is a folder, and the output is a file", place=str(output), hint=hint, exit_code=CONFIG)
    if not output.parent.is_dir():
        hint = f"make it first: mkdir {clean(output.parent, 200)}"
        raise RnaError("the folder for this file is not there", place=str(output), hint=hint, exit_code=CONFIG)
    if source.exists() and output.exists() and source.samefile(output):
        raise RnaError(
            "the output would overwrite the input", place=str(output), hint="-o predictions.csv", exit_code=CONFIG
        )


def predict_file(run: Run, path: Path, shown: str, output: Path | IO[str], watch: Callable[[int], None]) -> int:
    if not path.exists():
        raise csv_text.missing_file(path, shown)
    opened = trained.load(run)
    if not isinstance(output, Path):
        return write(opened, path, shown, output, watch)
    if output.exists() and not output.is_file():  # a pipe or a device
        with output.open("w", encoding="utf-8", newline="") as file:
            return write(opened, path, shown, file, watch)
    with files.beside(output) as part, part.open("w", encoding="utf-8", newline="") as file:
        return write(opened, path, shown, file, watch)


def write(opened: Trained, path: Path, shown: str, file: IO[str], watch: Callable[[int], None]) -> int:
    """Predict ``path`` chunk by chunk into an open file."""
    forward, rows = outputs_of(opened), 0
    header = ",".join(map(quoted, [*id_column(opened), *output_names(opened.preprocessing)])) + "\n"
    for ids, x in chunks(opened, path, shown):
        file.write(("" if rows else header) + lines(opened.preprocessing, forward(x), ids))
        rows += len(x)
        watch(rows)
    return rows


def outputs_of(opened: Trained) -> Callable[[np.ndarray], np.ndarray]:
    """A function from raw inputs (n, *shape) to outputs (n, units): NumPy's where they are the same, or Keras'."""
    shapes, learnt = opened.light_shapes(), opened.preprocessing
    if shapes is not None:
        weights = opened.weights(shapes)
        return lambda x: light.forward(opened.config, weights, learnt.inputs(x))
    from rnacli import evaluation, model

    return evaluation.predictor(model.restore(opened), learnt)


def chunks(opened: Trained, path: Path, shown: str) -> Iterator[tuple[np.ndarray | None, np.ndarray]]:
    """Ids (n,) or ``None``, and raw inputs (n, *shape), some rows at a time."""
    known, data = opened.preprocessing, opened.config.dataset
    if path.suffix.lower() in (".npz", ".npy"):
        x = array_inputs(opened, path, shown)
        for start in range(0, len(x), CHUNK):
            yield None, x[start : start + CHUNK]
        return
    if not known.features:
        raise RnaError(
            f"the network takes arrays of shape {known.shape}, and this is no .npz or .npy",
            place=shown,
            hint="save them with numpy.savez('x.npz', x=...)",
        )
    form = Format.of(data) if isinstance(data, Csv) else Format()
    ids = id_column(opened)
    for table in csv_file.read(path, form, known.features, ids, shown, CHUNK):
        if table.start == 0:
            note_unused(path, form, {*known.features, *known.targets, *ids}, shown)
        yield (table.texts[ids[0]] if ids else None), table.numbers


def note_unused(path: Path, form: Format, used: set[str], shown: str) -> None:
    """Name the columns that the network has no use for."""
    unused = [clean(name, 40) for name in csv_file.columns(path, form, shown) if name not in used]
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


def output_names(known: Preprocessing) -> list[str]:
    """``prediction`` and a probability for each class; or, for several targets, ``prediction_<target>`` each."""
    if known.task.kind != "regression":
        return ["prediction", *known.probability_columns]
    return ["prediction"] if len(known.targets) == 1 else [f"prediction_{target}" for target in known.targets]


def lines(known: Preprocessing, outputs: np.ndarray, ids: np.ndarray | None) -> str:
    """The CSV rows for some outputs (n, units), behind their ids; numbers with all the digits that float32 has.

    One ``%`` for all the rows: three times as fast as a data frame's ``to_csv``.
    """
    columns: list[list[object]] = [] if ids is None else [[quoted(str(value)) for value in ids]]
    numbers = outputs.reshape(len(outputs), -1)
    if known.task.kind != "regression":
        numbers = known.task.probabilities(outputs)
        classes = list(map(quoted, known.classes))
        columns.append([classes[label] for label in known.task.labels(numbers).tolist()])
    template = ",".join(["%s"] * len(columns) + ["%.9g"] * numbers.shape[1]) + "\n"
    columns.extend(numbers.T.tolist())
    return (template * len(numbers)) % tuple(itertools.chain.from_iterable(zip(*columns, strict=True)))


def quoted(text: str) -> str:
    """A text as a CSV cell."""
    return '"' + text.replace('"', '""') + '"' if SPECIAL.search(text) or text != text.strip() else text
