"""A trained run, checked file by file: its config, what was learnt from the data, and its weights as plain numbers."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

import numpy as np

from rnacli import light, runs, weights_file
from rnacli.dataset import preprocessing
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import RnaError
from rnacli.language import Config
from rnacli.runs import Run


@dataclass
class Trained:
    """What a run can be used with; ``model.restore`` makes the Keras network of it."""

    run: Run
    config: Config
    preprocessing: Preprocessing

    @property
    def threads(self) -> int | str:
        """The threads that it was trained with: they decide the last digits."""
        threads = self.run.record.get("machine", {}).get("threads")
        return threads if isinstance(threads, int) and 0 < threads <= 1024 else "auto"

    def weights(self, expected: light.Shapes) -> dict[str, np.ndarray]:
        """The weights, if they are exactly those ``expected``. Raises ``RnaError``."""
        return weights_file.read(self.run.path / "weights.npz", expected)

    def light_shapes(self) -> light.Shapes | None:
        """The weights that NumPy needs, where training found that it gives the same outputs as Keras."""
        return light.shapes(self.config, self.preprocessing.shape) if self.run.record.get("light") is True else None


def load(run: Run) -> Trained:
    """Open a run. Raises ``RnaError`` that names the file that is missing or damaged."""
    config = run.config()
    for name in runs.CHECKED:
        run.check(name)
    path = run.path / "preprocessing.json"
    if path.stat().st_size > preprocessing.LARGEST:
        raise RnaError("the file is too large to be one of ours", place=str(path), hint=preprocessing.WHOLE_RUN)
    return Trained(run, config, preprocessing.load(run.read("preprocessing.json"), str(path)))


def write_weights(arrays: Mapping[str, np.ndarray], file: IO[str]) -> None:
    """Every weight as a CSV row: name, index in the array (``2 0``), value with all its digits."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["weight", "index", "value"])
    for name, array in arrays.items():
        writer.writerows(
            [name, " ".join(map(str, index)), repr(value.item())] for index, value in np.ndenumerate(array)
        )
