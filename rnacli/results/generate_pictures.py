"""What a trained generator makes, into a file: pictures in a grid, pictures in a folder, or arrays."""

import logging
from pathlib import Path
from typing import IO

import numpy as np

from rnacli.errors import CONFIG, WHOLE_RUN, RnaError
from rnacli.files import write_file
from rnacli.networks.restore import restore_network
from rnacli.pictures.grid import are_pictures, png_bytes, tile_pictures
from rnacli.results.made import Maker, make_maker
from rnacli.results.wishes import GenerateOptions
from rnacli.runs.open import TrainedRun
from rnacli.runs.weights import dump_arrays
from rnacli.tables.safe_cells import safe_row

log = logging.getLogger("rnacli")

COUNT = 16
"""Examples that are made where nothing is said."""
MOST = 100_000
"""Examples that are made at most: all of them are in memory."""
MOST_IN_GRID = 10_000


def write_pictures(opened: TrainedRun, options: GenerateOptions, stream: IO[str]) -> None:
    """Write examples that a run's generator makes; the same seed gives the same ones.

    ``output``: a ``.png`` with all pictures in a grid, a ``.npz`` with the array ``x`` in the data's units, a ``.csv``
    of numbers, or a folder of a picture each. Without it, pictures go to ``generated.png``, and numbers as CSV to
    ``stream``. Raises ``RnaError``.
    """
    count = options.count or COUNT
    pictures = are_pictures(opened.preprocessing.encoder.raw_shape)
    output = options.output or (Path("generated.png") if pictures else None)
    form = choose_form(output, pictures, count)
    maker = load_maker(opened)
    made = maker.make(count, options.seed)
    if output is None:
        stream.write(numbers_text(made, maker.encoder.features))
        return
    if form == "folder":
        write_folder(output, maker.as_pixels(made))
    elif form == ".png":
        write_file(output, png_bytes(tile_pictures(maker.as_pixels(made), grid_columns(count))))
    elif form == ".npz":
        write_file(output, dump_arrays({"x": made}))
    else:
        write_file(output, numbers_text(made, maker.encoder.features).encode())
    log.info("%s: %d made by %s", output, count, opened.run.name)


def choose_form(output: Path | None, pictures: bool, count: int) -> str:
    """``.png``, ``.npz``, ``.csv`` or ``folder``. Raises ``RnaError`` for what cannot hold such examples."""
    if count > MOST:
        message = "expected a number from 1 to {most:,}, got {count:,}"
        raise RnaError(message, place="-n", exit_code=CONFIG, most=MOST, count=count)
    form = "" if output is None else output.suffix.lower()
    if form == ".npz" or (form == ".csv" and not pictures) or (output is None and not pictures):
        return form
    if not pictures:
        message, hint = "the run makes numbers, no pictures", "-o numbers.csv, or -o numbers.npz"
        raise RnaError(message, place=f"-o {output}", hint=hint, exit_code=CONFIG)
    if form == ".png":
        if count > MOST_IN_GRID:
            message, hint = "a grid holds {most:,} pictures at most", "-o FOLDER, or -o x.npz"
            raise RnaError(message, place=f"-o {output}", hint=hint, exit_code=CONFIG, most=MOST_IN_GRID)
        return form
    if form and not (output and output.is_dir()):
        message, hint = "pictures are not written as {form}", "-o grid.png, -o FOLDER, or -o x.npz"
        raise RnaError(message, place=f"-o {output}", hint=hint, exit_code=CONFIG, form=form)
    return "folder"


def grid_columns(count: int) -> int:
    """Pictures in a row of a grid that is about square."""
    return int(np.ceil(np.sqrt(count)))


def load_maker(opened: TrainedRun) -> Maker:
    """The run's generator, ready to make examples. Raises ``RnaError``."""
    numbers = opened.run.record.get("data", {}).get("numbers")
    try:
        return make_maker(restore_network(opened), opened.preprocessing.encoder, numbers)
    except (TypeError, KeyError, ValueError):
        place = str(opened.run.path / "run.json")
        raise RnaError("it does not say which numbers the data have", place=place, hint=WHOLE_RUN) from None


def write_folder(folder: Path, pixels: np.ndarray) -> None:
    """Pictures (n, height, width[, channels]) as files ``0001.png``, ... of a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    width = max(4, len(str(len(pixels))))
    for i, picture in enumerate(pixels, 1):
        plain = picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture
        write_file(folder / f"{i:0{width}d}.png", png_bytes(plain))


def numbers_text(made: np.ndarray, names: tuple[str, ...]) -> str:
    """Rows of numbers (n, ...) as CSV, under the names of their columns."""
    rows = made.reshape(len(made), -1)
    header = list(names) if len(names) == rows.shape[1] else [f"x{i + 1}" for i in range(rows.shape[1])]
    return safe_row(header) + "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())
