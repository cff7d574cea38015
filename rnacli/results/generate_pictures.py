"""What a trained generator makes, into a file: pictures in a grid, pictures in a folder, or arrays."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from rnacli.data.values import as_numbers_if_all
from rnacli.errors import CONFIG, WHOLE_RUN, RnaError
from rnacli.experiment.adversarial import LABEL
from rnacli.files import write_file, write_output
from rnacli.networks.restore import restore_network
from rnacli.pictures.grid import are_pictures, png_bytes, tile_pictures
from rnacli.results.generate_options import GenerateOptions
from rnacli.results.maker import Maker, make_maker
from rnacli.runs.open import TrainedRun
from rnacli.runs.weights import dump_arrays
from rnacli.tables.safe_cells import safe_row
from rnacli.words import did_you_mean, name_files

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
    classes = choose_classes(maker, count, options.label)
    made, labels = maker.make(count, options.seed, classes), name_classes(maker, classes)
    if output is None:
        stream.write(numbers_text(made, maker.encoder.features, labels))
        return
    if form == "folder":
        write_folder(output, maker.as_pixels(made), labels)
    elif form == ".png":
        columns = grid_columns(count, 0 if maker.condition is None or options.label else len(maker.condition.labels))
        write_output(output, png_bytes(tile_pictures(maker.as_pixels(made), columns)))
    elif form == ".npz":
        write_output(output, dump_arrays({"x": made} | ({"y": label_array(labels)} if labels else {})))
    else:
        write_output(output, numbers_text(made, maker.encoder.features, labels).encode())
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


def choose_classes(maker: Maker, count: int, label: str | None) -> np.ndarray | None:
    """The classes (count,) of what is made, as indices: of one ``label``, or each in its turn. Raises ``RnaError``."""
    condition = maker.condition
    if label is None:
        return maker.take_turns(count)
    if condition is None:
        message, hint = "this generator is not told any class", "one that is has layers that take label"
        raise RnaError(message, place=f"--class {label:.80}", hint=hint, exit_code=CONFIG)
    for names in (condition.classes, condition.labels):
        if label in names:
            return np.full(count, names.index(label))
    hint = did_you_mean(label, condition.classes, "its classes: {names:and}")
    raise RnaError("there is no such class", place=f"--class {label:.80}", hint=hint, exit_code=CONFIG)


def name_classes(maker: Maker, classes: np.ndarray | None) -> list[str]:
    """The labels of class indices (n,), as the data write them; none where there are no classes."""
    if maker.condition is None or classes is None:
        return []
    return [maker.condition.labels[i] for i in classes.tolist()]


def label_array(labels: Sequence[str]) -> np.ndarray:
    """Labels (n,) as ``y`` of an ``.npz``: whole numbers where all are some, else text."""
    y = as_numbers_if_all(np.array(labels))
    return y.astype("int64") if y.dtype.kind == "f" and (y % 1 == 0).all() else np.array(labels)


MOST_COLUMNS = 20


def grid_columns(count: int, classes: int) -> int:
    """Pictures in a row of a grid: a column for each class, if these take turns; else it is about square."""
    return min(classes, count) if 1 < classes <= MOST_COLUMNS else int(np.ceil(np.sqrt(count)))


def load_maker(opened: TrainedRun) -> Maker:
    """The run's generator, ready to make examples. Raises ``RnaError``."""
    numbers = opened.run.record.get("data", {}).get("numbers")
    try:
        return make_maker(restore_network(opened), opened.preprocessing, numbers)
    except (TypeError, KeyError, ValueError):
        place = str(opened.run.path / "run.json")
        raise RnaError("it does not say which numbers the data have", place=place, hint=WHOLE_RUN) from None


def write_folder(folder: Path, pixels: np.ndarray, labels: Sequence[str]) -> None:
    """Pictures (n, height, width[, channels]) as files ``0001.png``, ... of a folder, which is made.

    Where they have ``labels``, each class has a folder in it.
    """
    names = sorted(set(labels))
    folders = dict(zip(names, (folder / name for name in name_files(names)), strict=True))
    for each in folders.values() if labels else [folder]:
        each.mkdir(parents=True, exist_ok=True)
    width = max(4, len(str(len(pixels))))
    for i, picture in enumerate(pixels, 1):
        plain = picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture
        within = folders[labels[i - 1]] if labels else folder
        write_file(within / f"{i:0{width}d}.png", png_bytes(plain))


def numbers_text(made: np.ndarray, names: tuple[str, ...], labels: Sequence[str] = ()) -> str:
    """Rows of numbers (n, ...) as CSV, under the names of their columns; behind them their ``labels``, if any."""
    rows = made.reshape(len(made), -1)
    header = list(names) if len(names) == rows.shape[1] else [f"x{i + 1}" for i in range(rows.shape[1])]
    numbers = [",".join(map(repr, row)) for row in rows.tolist()]
    if not labels:
        return safe_row(header) + "".join(f"{row}\n" for row in numbers)
    told = (f"{row},{safe_row([label])}" for row, label in zip(numbers, labels, strict=True))
    return safe_row([*header, LABEL]) + "".join(told)
