"""Pictures of what a generator makes, always of the same noise, while it is trained."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.errors import system_error
from rnacli.experiment.samples import Samples
from rnacli.files import write_file
from rnacli.pictures.grid import gif_bytes, png_bytes, tile_pictures
from rnacli.results.made import Maker
from rnacli.runs.folder import Run
from rnacli.training.history import History

log = logging.getLogger("rnacli")

FOLDER = "samples"
MOVING = "plots/samples.gif"


class KeepSamples(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes ``samples/epoch-005.png``; a picture that cannot be written is said, and ends nothing."""

    def __init__(self, run: Run, maker: Maker, samples: Samples, seed: int, history: History):
        super().__init__()
        self.folder, self.maker, self.samples, self.seed = run.path / FOLDER, maker, samples, seed
        self.history = history

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        is_whole = len(self.history.rows) == epoch + 1
        if not is_whole or (epoch + 1) % self.samples.every:
            return
        rows, columns = self.samples.grid
        picture = tile_pictures(self.maker.make_pixels(rows * columns, self.seed), columns)
        try:
            self.folder.mkdir(exist_ok=True)
            write_file(self.folder / f"epoch-{epoch + 1:03d}.png", png_bytes(picture))
        except OSError as error:
            log.warning("%s; training goes on without samples of epoch %d", system_error(error), epoch + 1)


def list_samples(run: Run) -> list[Path]:
    """The files that ``KeepSamples`` has written, in the order of their epochs."""
    paths = [
        path for path in (run.path / FOLDER).glob("epoch-*.png") if re.fullmatch(r"epoch-\d{3,12}\.png", path.name)
    ]
    return sorted(paths, key=lambda path: int(path.stem.removeprefix("epoch-")))


def finish_samples(run: Run) -> None:
    """Note the samples of a run, and make one moving picture of them. Raises ``OSError``."""
    paths = list_samples(run)
    for path in paths:
        run.note(f"{FOLDER}/{path.name}")
    if paths:
        run.write(MOVING, gif_bytes(paths))
