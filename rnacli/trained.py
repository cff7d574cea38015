"""A trained run, checked file by file: its config, what was learnt from the data, and its weights as plain numbers."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from rnacli import csv_cells, files, light, runs, weights_file
from rnacli.dataset import preprocessing
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import WHOLE_RUN, RnaError, clean
from rnacli.language import Config
from rnacli.runs import Run

CHECKPOINTS = "checkpoint"
"""The folder in a run of what an exact resume needs."""


@dataclass
class Trained:
    """What a run can be used with; ``model.restore`` makes the Keras network of it."""

    run: Run
    config: Config
    preprocessing: Preprocessing

    @property
    def is_finished(self) -> bool:
        """Whether training came to its end; if not, a checkpoint has the weights."""
        return "weights.npz" in self.run.record.get("files", {})

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
        usable = self.is_finished and self.run.record.get("light") is True and not self.preprocessing.embeddings
        return light.shapes(self.config, self.preprocessing.shape) if usable else None


def load_unfinished(run: Run) -> Trained:
    """Open a run whose training may have been cut short: without weights. Raises ``RnaError`` as ``load`` does."""
    config = run.config()
    settle(run)
    run.check("config.yaml")
    path = run.path / "preprocessing.json"
    return Trained(run, config, preprocessing.load(bounded(run, "preprocessing.json"), str(path)))


def rewrite(run: Run, name: str, content: bytes | str) -> None:
    """Replace a file that ``run.json`` has a checksum of, so that the run is whole at any moment."""
    content = content.encode() if isinstance(content, str) else content
    run.save(rewriting={name: hashlib.sha256(content).hexdigest()})
    run.write(name, content)
    run.record.pop("rewriting")
    run.save()


def settle(run: Run) -> None:
    """Finish what a process was killed in: in ``rewrite``, the file may be the former or the new one."""
    rewriting = run.record.pop("rewriting", None)
    for name, digest in rewriting.items() if isinstance(rewriting, dict) else ():
        path = run.path / str(name)
        if path.is_file() and files.sha256(path) == digest:
            run.record["files"][name] = digest


def bounded(run: Run, name: str) -> bytes:
    """A file of the run that is not too large to be one of ours."""
    path = run.path / name
    if path.is_file() and path.stat().st_size > preprocessing.LARGEST:
        raise RnaError("the file is too large to be one of ours", place=str(path), hint=WHOLE_RUN)
    return run.read(name)


def load(run: Run) -> Trained:
    """Open a run to use it; where training has not come to its end, its newest checkpoint is used.

    Raises ``RnaError`` that names the file that is missing or damaged.
    """
    opened = load_unfinished(run)
    if opened.is_finished:
        for name in runs.CHECKED:
            run.check(name)
        return opened
    if not checkpoints(run.path / CHECKPOINTS):
        raise RnaError(
            "this run was stopped before its first checkpoint: it has learnt nothing yet",
            place=str(run.path),
            hint=f"rna train --resume {clean(run.path, 300)}",
        )
    if (run.path / "history.csv").is_file():
        run.note("history.csv")  # it grows with every epoch: nobody has its checksum
    return opened


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in a folder, the newest last."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    found = [path for path in folder.iterdir() if re.fullmatch(r"epoch-\d{6,12}", path.name) and path.is_file()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("epoch-")))


def write_weights(arrays: Mapping[str, np.ndarray], file: IO[str]) -> None:
    """Every weight as a CSV row: name, index in the array (``2 0``), value with all its digits."""
    file.write(csv_cells.row(["weight", "index", "value"]))
    for name, array in arrays.items():
        shown = csv_cells.cell(name)
        file.writelines(
            f"{shown},{' '.join(map(str, index))},{value.item()!r}\n" for index, value in np.ndenumerate(array)
        )
