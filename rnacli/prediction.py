"""Predictions for new rows: by column name from a CSV, or from arrays, in chunks, as a CSV."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from rnacli import evaluation, trained
from rnacli.dataset import csv_file, npz_file
from rnacli.dataset.csv_file import Format
from rnacli.errors import CONFIG, RnaError, clean, did_you_mean
from rnacli.language import Csv
from rnacli.runs import Run

CHUNK = 65_536
"""Rows read, predicted and written at a time."""


def predict(run: Run, source: Path | IO[bytes], output: Path | IO[str]) -> int:
    """Write a row of predictions for each row of ``source``; returns how many.

    ``source``: a CSV with the run's feature columns in any order (others are ignored), or an ``.npz`` or ``.npy`` of
    inputs; or an open stream of CSV. ``output``: a file, written beside and renamed, or an open stream.
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
            return predict_file(run, copy, "<stdin>", output)
    return predict_file(run, source, str(source), output)


def check_output(source: Path, output: Path) -> None:
    """The output must be a file in a folder that exists, and not the input."""
    if output.is_dir():
        raise RnaError("this is a folder, and the output is a file", place=str(output), exit_code=CONFIG)
    if not output.parent.is_dir():
        raise RnaError(f"there is no folder {clean(output.parent, 200)}", place=str(output), exit_code=CONFIG)
    if source.exists() and output.exists() and source.samefile(output):
        raise RnaError(
            "the output would overwrite the input", place=str(output), hint="-o predictions.csv", exit_code=CONFIG
        )


def predict_file(run: Run, path: Path, shown: str, output: Path | IO[str]) -> int:
    if not path.exists():
        names = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        raise RnaError("no such file", place=shown, hint=did_you_mean(path.name, names))
    network = trained.load(run)
    if not isinstance(output, Path):
        return write(network, path, shown, output)
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            rows = write(network, path, shown, file)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return rows


def write(network: "trained.Trained", path: Path, shown: str, file: IO[str]) -> int:
    """Predict ``path`` chunk by chunk into an open file."""
    known, rows = network.preprocessing, 0
    header = [*id_column(network), *output_names(network)]
    for ids, x in chunks(network, path, shown):
        if rows == 0:
            csv.writer(file, lineterminator="\n").writerow(header)
        outputs = network.model.predict(known.inputs(x), batch_size=evaluation.batch_size(network.config), verbose=0)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines(network, outputs, ids))
        file.write(text.getvalue())
        rows += len(x)
    return rows


def chunks(network: "trained.Trained", path: Path, shown: str) -> Iterator[tuple[np.ndarray | None, np.ndarray]]:
    """Ids (n,) or ``None``, and raw inputs (n, *shape), some rows at a time."""
    known, data = network.preprocessing, network.config.dataset
    if path.suffix.lower() in (".npz", ".npy"):
        x = array_inputs(network, path, shown)
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
    ids = id_column(network)
    for table in csv_file.read(path, form, known.features, ids, shown, CHUNK):
        yield (table.texts[ids[0]] if ids else None), table.numbers


def array_inputs(network: "trained.Trained", path: Path, shown: str) -> np.ndarray:
    """The inputs in a file of arrays: ``x``, ``x_test``, or the only one."""
    arrays, shape = npz_file.read(path, shown), network.preprocessing.shape
    name = next((name for name in ("x", "x_test") if name in arrays), next(iter(arrays), "x"))
    if name not in arrays or (len(arrays) > 1 and name not in ("x", "x_test")):
        raise RnaError("there is no array 'x'", place=shown, hint=f"arrays: {', '.join(map(clean, arrays))}")
    x = arrays[name][None] if arrays[name].shape == shape else arrays[name]
    if x.shape[1:] != shape:
        raise RnaError(f"{name} has shape {x.shape}, and the network takes rows of shape {shape}", place=shown)
    if not len(x):
        raise RnaError("there are no rows", place=shown)
    return npz_file.inputs(x, name, shown)


def id_column(network: "trained.Trained") -> list[str]:
    data = network.config.dataset
    return [data.id] if isinstance(data, Csv) and data.id else []


def output_names(network: "trained.Trained") -> list[str]:
    """``prediction`` and a probability for each class; for several targets, ``prediction_<target>`` each."""
    known = network.preprocessing
    if known.task.kind != "regression":
        return ["prediction", *(f"probability_{name}" for name in known.classes)]
    if len(known.targets) == 1:
        return ["prediction"]
    return [f"prediction_{target}" for target in known.targets]


def lines(network: "trained.Trained", outputs: np.ndarray, ids: np.ndarray | None) -> Iterator[list[Any]]:
    """The rows to write; numbers with the digits that float32 has."""
    known = network.preprocessing
    if known.task.kind == "regression":
        values = [
            [f"{v:.9g}" for v in row] for row in np.asarray(outputs, "float64").reshape(len(outputs), -1).tolist()
        ]
    else:
        probabilities = known.task.probabilities(outputs)
        values = [
            [known.classes[label], *(f"{p:.9g}" for p in shares)]
            for label, shares in zip(known.task.labels(probabilities).tolist(), probabilities.tolist(), strict=True)
        ]
    for i, row in enumerate(values):
        yield row if ids is None else [ids[i], *row]
