"""Pictures of what a generator makes, always of the same noise, while it is trained."""

import re
from pathlib import Path
from typing import ClassVar

from rnacli.experiment.samples import Samples
from rnacli.fitting.history import History
from rnacli.pictures.grid import gif_bytes, png_bytes, tile_pictures
from rnacli.results.maker import Maker
from rnacli.runs.folder import Run
from rnacli.training.sampling import Sampling

MOVING = "plots/samples.gif"


class PictureSamples(Sampling):
    """Grids of pictures by a ``maker``, of the noise of one ``seed``; a row is of one class, if these are told."""

    ending: ClassVar[str] = "png"

    def __init__(self, run: Run, maker: Maker, samples: Samples, seed: int, history: History):
        super().__init__(run, samples, history)
        self.maker, self.seed = maker, seed

    def make_sample(self, epoch: int) -> bytes:
        rows, columns = self.samples.grid
        return png_bytes(tile_pictures(self.maker.make_grid(rows, columns, self.seed), columns))


def list_samples(run: Run) -> list[Path]:
    """The pictures of a run's epochs, in their order."""
    paths = [
        path for path in (run.path / "samples").glob("epoch-*.png") if re.fullmatch(r"epoch-\d{3,12}\.png", path.name)
    ]
    return sorted(paths, key=lambda path: int(path.stem.removeprefix("epoch-")))


def write_moving_picture(run: Run) -> None:
    """Make one moving picture of a run's samples, if they are pictures. Raises ``OSError``."""
    if paths := list_samples(run):
        run.write(MOVING, gif_bytes(paths))
