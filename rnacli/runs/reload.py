"""The data of a run again, split as they were, if they have not changed."""

import re
from pathlib import Path

import numpy as np

from rnacli.data.kind import data_files
from rnacli.data.sources import locate_file
from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.examples.load import Data, adopt_rows
from rnacli.experiment.config import Config
from rnacli.files import file_sha256
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun
from rnacli.tables.find import matching_files, missing_file_error


def reload_training_data(run: Run, opened: TrainedRun, cache: Path, offline: bool = False) -> Data:
    """The data that the run was trained on, split as it was. Raises ``RnaError`` if they have changed."""
    require_known_files(run, opened.config)
    rows = opened.config.dataset.read(opened.config.where(cache, offline))
    recorded = list(run.record.get("data", {}).get("files", {}).values())
    for (name, digest), former in zip(rows.files.items(), recorded, strict=False):
        if digest != former:
            raise changed_data_error(name)
    known = opened.preprocessing
    learnt = [(column.name, column.kind) for column in known.columns or ()]
    if learnt != [(name, found.kind) for name, found in rows.kinds.items()] or (
        not learnt and rows.x.shape != known.encoder.raw_shape
    ):
        raise RnaError("it is of other data", place=str(run.path / "preprocessing.json"), hint=WHOLE_RUN)
    return Data(adopt_rows(rows, known), read_split(run, len(rows.x)), known)


def require_known_files(run: Run, config: Config) -> None:
    """The files that a config names must be those of the training before anything in them is looked at.

    A stranger's config may name any file of this machine, and messages would quote it. Raises ``RnaError``.
    """
    known = run.record.get("data", {}).get("files", {}).values()
    for name in data_files(config.dataset):
        try:
            for path in matching_files(locate_file(name, config.where(Path()), ("dataset",)), name):
                if not path.is_file():
                    raise missing_file_error(path, name)
                if file_sha256(path) not in known:
                    raise changed_data_error(name)
        except OSError as error:
            raise RnaError("cannot be opened: {strerror}", place=name, strerror=error.strerror) from None


def changed_data_error(name: str) -> RnaError:
    return RnaError(
        "the data have changed since training: rows that were trained on cannot be told from others",
        place=name,
        hint="evaluate the file as it is now with --data FILE, or train again",
    )


SPLIT = re.compile(rb"row,part\n(?:[0-9]{1,18}+,(?:train|validation|test)\n)++")


def read_split(run: Run, rows: int) -> dict[str, np.ndarray]:
    """The rows of each part, in order, from ``split.csv``. Raises ``RnaError``, also where a row is there twice."""
    counts = run.record.get("data", {}).get("rows", {})
    content = run.read("split.csv", (rows + 1) * len(f"{rows},validation\n"))
    found = {part: re.findall(rb"([0-9]+),%s\n" % re.escape(part.encode()), content) for part in counts}
    parts = {part: np.array(numbers, "S18").astype("int64") for part, numbers in found.items()}
    each = np.sort(np.concatenate([np.empty(0, "int64"), *parts.values()]))
    is_whole = SPLIT.fullmatch(content) is not None and content.count(b"\n") == len(each) + 1
    is_same = counts == {part: len(numbers) for part, numbers in parts.items()} and 0 not in counts.values()
    if not is_whole or not is_same or each[-1] >= rows or not np.diff(each).all():
        raise RnaError("the split is damaged", place=str(run.path / "split.csv"), hint=WHOLE_RUN)
    if not {"train", run.record.get("held_out", "train")} <= set(parts):
        raise RnaError("the split has other parts than run.json says", place=str(run.path), hint=WHOLE_RUN)
    return parts
