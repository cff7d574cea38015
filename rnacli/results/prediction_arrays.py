"""What a network gives for new rows as arrays, in an ``.npz``: of each output, or of one layer, in its own shape."""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from rnacli.errors import CONFIG, RnaError
from rnacli.files import written_output
from rnacli.results.new_examples import Input
from rnacli.results.numpy_answers import Forward, light_answers
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.open import TrainedRun
from rnacli.words import name_files

ONLY_OUTPUT = "outputs"
"""What the array is called where the network has one output."""


def is_array_file(output: Any) -> bool:
    """Whether predictions go to an ``.npz``."""
    return isinstance(output, Path) and output.suffix.lower() == ".npz"


def check_array_options(options: PredictionOptions) -> None:
    """Refuse what is said of the columns of a CSV. Raises ``RnaError``."""
    if options.only != "all":
        message, hint = "--only is for CSV, and this is .npz: it holds what the network gives", "-o predictions.csv"
        raise RnaError(message, place="--only", hint=hint, exit_code=CONFIG)


def array_answers(opened: TrainedRun, options: PredictionOptions) -> Forward:
    """From raw inputs to arrays (m, ...) by their names in the file. Raises ``RnaError``."""
    if options.layer:
        from rnacli.results.layer_outputs import layer_forward

        return layer_forward(opened, options.layer)[1]
    forward = light_answers(opened)
    if forward is None:
        from rnacli.results.outputs import run_answers

        forward = run_answers(opened)
    answer = forward

    def named(x: np.ndarray) -> dict[str, np.ndarray]:
        outputs = answer(x)
        return outputs if len(outputs) > 1 else {ONLY_OUTPUT: next(iter(outputs.values()))}

    return named


def write_arrays(answer: Forward, source: Input, path: Path, watch: Callable[[int], None]) -> int:
    """Write arrays of all rows, and the texts that are passed through; returns the rows.

    How many there are is known at the end alone, and stands at the beginning of an array: until then the numbers are
    in files of their own.
    """
    rows, texts = 0, [list[str]() for _ in source.carried]
    with ExitStack() as opened:
        files: dict[str, tuple[IO[bytes], np.ndarray]] = {}
        for passed, x in source.chunks:
            for name, values in answer(x).items():
                if name not in files:
                    files[name] = opened.enter_context(tempfile.TemporaryFile()), values[:0]
                files[name][0].write(np.ascontiguousarray(values).data)
            for column, cells in zip(texts, passed, strict=True):
                column += [str(cell or "") for cell in cells]
            rows += len(x)
            watch(rows)
        if not rows:
            return 0
        stems = name_files([*files, *source.carried])
        with written_output(path) as part, zipfile.ZipFile(part, "w") as archive:
            for stem, (file, like) in zip(stems, files.values(), strict=False):
                shape = (rows, *like.shape[1:])
                header = {"descr": npy.dtype_to_descr(like.dtype), "fortran_order": False, "shape": shape}
                with archive.open(f"{stem}.npy", "w", force_zip64=True) as entry:
                    npy.write_array_header_1_0(entry, header)
                    file.seek(0)
                    shutil.copyfileobj(file, entry)
            for stem, column in zip(stems[len(files) :], texts, strict=True):
                with archive.open(f"{stem}.npy", "w", force_zip64=True) as entry:
                    npy.write_array(entry, np.array(column, "U"), allow_pickle=False)
    return rows
