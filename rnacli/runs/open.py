"""A trained run, checked file by file: its config, what was learnt from the data, and its weights as plain numbers."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnacli.errors import RnaError
from rnacli.examples.learnt import Preprocessing, load_preprocessing
from rnacli.experiment.config import Config
from rnacli.files import file_sha256
from rnacli.runs.folder import CHECKED, Run
from rnacli.runs.weights import ExpectedArrays, read_weights
from rnacli.words import quote_path

CHECKPOINTS = "checkpoint"
"""The folder in a run of what an exact resume needs."""


@dataclass
class TrainedRun:
    """What a run can be used with; ``restore_network`` makes the Keras network of it."""

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

    def weights(self, expected: ExpectedArrays) -> dict[str, np.ndarray]:
        """The weights, if they are exactly those ``expected``. Raises ``RnaError``."""
        return read_weights(self.run.path / "weights.npz", expected)


def load_unfinished_run(run: Run) -> TrainedRun:
    """Open a run whose training may have been cut short: without weights. Raises ``RnaError`` as ``load_run`` does."""
    config = run.config()
    settle_rewriting(run)
    run.check("config.yaml")
    path = run.path / "preprocessing.json"
    return TrainedRun(run, config, load_preprocessing(run.read("preprocessing.json"), str(path), [*config.outputs]))


def rewrite_file(run: Run, name: str, content: bytes | str) -> None:
    """Replace a file that ``run.json`` has a checksum of, so that the run is whole at any moment."""
    content = content.encode() if isinstance(content, str) else content
    run.save(rewriting={name: hashlib.sha256(content).hexdigest()})
    run.write(name, content)
    run.record.pop("rewriting")
    run.save()


def settle_rewriting(run: Run) -> None:
    """Finish what a process was killed in: in ``rewrite_file``, the file may be the former or the new one."""
    rewriting = run.record.pop("rewriting", None)
    for name, digest in rewriting.items() if isinstance(rewriting, dict) else ():
        path = run.path / str(name)
        if path.is_file() and file_sha256(path) == digest:
            run.record["files"][name] = digest


def load_run(run: Run) -> TrainedRun:
    """Open a run to use it; where training has not come to its end, its newest checkpoint is used.

    Raises ``RnaError`` that names the file that is missing or damaged.
    """
    opened = load_unfinished_run(run)
    if opened.is_finished:
        for name in CHECKED:
            run.check(name)
        return opened
    if not list_checkpoints(run.path / CHECKPOINTS):
        raise RnaError(
            "this run was stopped before its first checkpoint: it has learnt nothing yet",
            place=str(run.path),
            hint="rna train --resume {run:.300}",
            run=quote_path(run.path),
        )
    if (run.path / "history.csv").is_file():
        run.note("history.csv")  # it grows with every epoch: nobody has its checksum
    return opened


def list_checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in a folder, the newest last."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    paths = [path for path in folder.iterdir() if re.fullmatch(r"epoch-\d{6,12}", path.name) and path.is_file()]
    return sorted(paths, key=lambda path: int(path.name.removeprefix("epoch-")))
