"""The data of a run again, split as they were, if they have not changed."""

import dataclasses
import re
from pathlib import Path

import numpy as np

from rnacli.data.folder_files import digest_folder, measure_folder
from rnacli.data.kind import data_files, data_folders
from rnacli.data.sources import locate_file
from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.examples.load import Data, adopt_rows
from rnacli.experiment.config import Config
from rnacli.files import file_sha256
from rnacli.pictures.find import list_files
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun
from rnacli.tables.find import matching_files


def reload_training_data(run: Run, opened: TrainedRun, cache: Path, offline: bool = False) -> Data:
    """The data that the run was trained on, split as it was. Raises ``RnaError`` if they have changed."""
    opened.config = with_data_folder(run, opened.config)
    require_known_files(run, opened.config)
    rows = opened.config.dataset.read(opened.config.where(cache, offline))
    recorded = list(run.record.get("data", {}).get("files", {}).values())
    for (name, digest), former in zip(rows.files.items(), recorded, strict=False):
        if digest != former:
            raise changed_data_error(name)
    preprocessing = opened.preprocessing
    learnt = [(column.name, column.kind) for column in (*(preprocessing.columns or ()), *preprocessing.apart)]
    of_rows = [(name, content.kind) for name, content in rows.kinds.items()]
    shape, former_shape = rows.x.shape, preprocessing.encoder.raw_shape
    if learnt:  # texts in columns are numbers only once their words are looked up
        shape, former_shape = shape[:-1], former_shape[:-1]
    if learnt != of_rows or shape != former_shape:
        raise RnaError("it belongs to other data", place=str(run.path / "preprocessing.json"), hint=WHOLE_RUN)
    return Data(adopt_rows(rows, preprocessing), read_split(run, len(rows.x)), preprocessing)


def with_data_folder(run: Run, config: Config) -> Config:
    """A run's config whose paths start from where its data are: the run folder, or where that was in training.

    For commands that need the training data alone: a stranger's config may name any file of this machine.
    """
    former = run.record.get("data", {}).get("folder")
    if not isinstance(former, str) or all(
        is_there(config, name) for name in (*data_files(config.dataset), *data_folders(config.dataset))
    ):
        return config
    return dataclasses.replace(config, folder=Path(former))


def is_there(config: Config, name: str) -> bool:
    try:
        return any(path.exists() for path in known_files(config, name, MOST_FOLDERS))
    except (RnaError, OSError, ValueError):
        return False


def known_files(config: Config, name: str, most_folders: int | None) -> list[Path]:
    """The files that a name in a config means, looked for in so many folders. Raises ``RnaError``."""
    return matching_files(locate_data(config, name), name, most_folders)


def locate_data(config: Config, name: str) -> Path:
    """The path that a name in a config means. Raises ``RnaError``."""
    return locate_file(name, config.where(Path()), ("dataset",))


MOST_FOLDERS = 10_000
"""Folders in which the data of a run are looked for."""


def data_sizes(config: Config) -> list[int]:
    """The bytes of each file that a config names, and of all files of data in each folder."""
    files = [path.stat().st_size for name in data_files(config.dataset) for path in known_files(config, name, None)]
    folders = [locate_data(config, name) for name in data_folders(config.dataset)]
    return files + [measure_folder(folder, list_files(folder, folder, config.dataset.ENDINGS)) for folder in folders]


def require_known_files(run: Run, config: Config) -> None:
    """The files that a config names must be those of the training before anything in them is looked at.

    A stranger's config may name any file of this machine, and messages would quote it; or one without end. What
    ``run.json`` has no checksum of is not looked for. Raises ``RnaError``.
    """
    data = run.record.get("data", {})
    digests, sizes = data.get("files", {}).values(), data.get("sizes")
    for name in data_files(config.dataset):
        if not digests:
            raise changed_data_error(name)
        try:
            for path in known_files(config, name, MOST_FOLDERS):
                if not path.is_file():
                    raise missing_data_error(path, name)
                size = path.stat().st_size
                if not size or (sizes is not None and size not in sizes) or file_sha256(path, size) not in digests:
                    raise changed_data_error(name)
        except OSError as error:
            raise RnaError("cannot be opened: {strerror}", place=name, strerror=error.strerror) from None
    for name in data_folders(config.dataset):
        folder = locate_data(config, name)
        if not folder.is_dir():
            raise missing_data_error(folder, name)
        files = list_files(folder, folder, config.dataset.ENDINGS)
        if measure_folder(folder, files) not in (sizes or ()) or digest_folder(folder, files) not in digests:
            raise changed_data_error(name)


def missing_data_error(path: Path, name: str) -> RnaError:
    return RnaError(
        "the data of the run are not there (looked for {path:.300})",
        place=name,
        hint="put them there again; rna evaluate RUN --data FILE and rna predict work without them",
        path=path,
    )


def changed_data_error(name: str) -> RnaError:
    return RnaError(
        "the data have changed since training: rows that were trained on cannot be told from others",
        place=name,
        hint="evaluate them as they are now with --data, or train again",
    )


SPLIT = re.compile(rb"row,part\n(?:[0-9]{1,18}+,(?:train|validation|test)\n)++")


def read_split(run: Run, rows: int) -> dict[str, np.ndarray]:
    """The rows of each part, in order, from ``split.csv``. Raises ``RnaError``, also where a row is there twice."""
    counts = run.record.get("data", {}).get("rows", {})
    content = run.read("split.csv", (rows + 1) * len(f"{rows},validation\n"))
    digits = {part: re.findall(rb"([0-9]+),%s\n" % re.escape(part.encode()), content) for part in counts}
    parts = {part: np.array(numbers, "S18").astype("int64") for part, numbers in digits.items()}
    each = np.sort(np.concatenate([np.empty(0, "int64"), *parts.values()]))
    is_whole = SPLIT.fullmatch(content) is not None and content.count(b"\n") == len(each) + 1
    is_same = counts == {part: len(numbers) for part, numbers in parts.items()} and 0 not in counts.values()
    if not is_whole or not is_same or each[-1] >= rows or not np.diff(each).all():
        raise RnaError("the split is damaged", place=str(run.path / "split.csv"), hint=WHOLE_RUN)
    if not {"train", run.record.get("held_out", "train")} <= set(parts):
        raise RnaError("the split has other parts than run.json says", place=str(run.path), hint=WHOLE_RUN)
    return parts
