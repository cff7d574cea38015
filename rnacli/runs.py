"""Run folders: made once, found again by name, every file checked against what ``run.json`` says of it."""

import contextlib
import dataclasses
import datetime
import errno
import glob
import json
import os
import re
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnacli import config as configs
from rnacli import files, json_file, yaml_writer, yamlfile
from rnacli.errors import WHOLE_RUN, RnaError, clean, did_you_mean, of_system
from rnacli.language import PARTS, Config
from rnacli.schema import listed

LARGEST = json_file.LARGEST
"""Bytes that ``run.json`` and other files that are read at once may have."""
CHECKED = ("config.yaml", "preprocessing.json", "weights.npz", "model.keras")
"""The files without which a run cannot be used."""
RECORD: dict[Any, Any] = {
    "status": str,
    "files": {...: str},
    "rewriting": {"config.yaml": str, "preprocessing.json": str, ...: ()},
    "machine": {"device": str, "threads": int, "precision": str, "versions": {...: str}},
    "engine": {"fuse": bool, "jit": bool, "threads": int, "steps": int, "why": str},
    "data": {"folder": str, "files": {...: str}, "rows": {...: int}, "classes": list},
    "epochs": int,
    "resumed": list,
    "results": {...: {...: int | float | None}},
    "scores": {...: int | float | None},
    "held_out": PARTS,
    "validated_on": (None, *PARTS),
}
"""What ``run.json`` holds: types, words to choose from, or keys and what they hold (``...`` is every other key)."""


@dataclass
class Run:
    """One training and what came of it. ``record`` is ``run.json``."""

    path: Path
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    def write(self, name: str, content: bytes | str) -> None:
        """Write one file of the run, and remember its SHA-256 for ``run.json``."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        content = content.encode() if isinstance(content, str) else content
        self.record.setdefault("files", {})[name] = files.write(path, content)

    def note(self, name: str) -> None:
        """Remember the SHA-256 of a file that somebody else wrote into the folder."""
        self.record.setdefault("files", {})[name] = files.sha256(self.path / name)

    def save(self, **changes: Any) -> None:
        """Put ``changes`` into ``run.json``, in one step."""
        self.record.update(changes)
        text = json.dumps(self.record, indent=1, ensure_ascii=False, allow_nan=False)
        files.write(self.path / "run.json", (text + "\n").encode())

    def read(self, name: str, largest: int = LARGEST) -> bytes:
        """A file's content, if it is what training wrote, and at most ``largest`` bytes. Raises ``RnaError``."""
        path = self.path / name
        if path.is_file() and path.stat().st_size > largest:
            raise RnaError("the file is too large to be one of ours", place=str(path), hint=WHOLE_RUN)
        self.check(name)
        return path.read_bytes()

    def check(self, name: str) -> None:
        """A file must be there, and be what training wrote. Raises ``RnaError`` that names it."""
        path = self.path / name
        if not path.is_file() or path.is_symlink():
            raise RnaError("this file of the run is missing", place=str(path), hint=WHOLE_RUN)
        known = self.record.get("files", {}).get(name)
        if known is None:
            message = "run.json does not know this file: the run was not finished"
            raise RnaError(message, place=str(path), hint="rna train again")
        if files.sha256(path) != known:
            changed = " with the changed config" if name == "config.yaml" else ""
            raise RnaError(
                "the file is damaged, was changed after training, or is of another run: run.json has another checksum",
                place=str(path),
                hint=WHOLE_RUN + changed,
            )

    def config(self) -> Config:
        """The run's complete config. Paths start from the run folder, or from where it was when it was trained."""
        path = self.path / "config.yaml"
        if not path.is_file():
            raise RnaError("this file of the run is missing", place=str(path), hint=WHOLE_RUN)
        config = configs.load(path)
        former = self.record.get("data", {}).get("folder")
        moved_away = isinstance(former, str) and not all(is_there(config.folder / name) for name in data_names(config))
        return dataclasses.replace(config, folder=Path(str(former))) if moved_away else config


def data_names(config: Config) -> list[str]:
    """The files that a config reads its data from, or patterns of such, as it names them; not those behind URLs."""
    dataset = config.dataset
    names = [getattr(dataset, kind, None) for kind in ("csv", "npz")]
    names += [getattr(dataset.split, part) for part in PARTS]
    return [name for name in names if isinstance(name, str) and "://" not in name]


def is_there(path: Path) -> bool:
    return os.path.exists(path) or bool(glob.glob(str(path)))  # noqa: PTH110, PTH207 - neither raises on odd names


def create(folder: Path, config: Config, architecture: str) -> Run:
    """A new run folder ``<time>_<name>_<architecture>_s<seed>``; a counter is added if that is taken.

    Raises ``RnaError`` if ``folder`` cannot hold it.
    """
    now = datetime.datetime.now().astimezone()
    stem = f"{now:%Y-%m-%d_%H-%M-%S}_{config.name}_{architecture}_s{config.seed}"
    require_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for count in range(1, 10_000):
            path = folder / (stem if count == 1 else f"{stem}_{count}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return Run(path, {"status": "running", "started": now.isoformat(timespec="seconds")})
    except OSError as error:
        raise cannot_hold(folder, of_system(error)) from None
    raise RnaError("too many runs of one name in one second", place=str(folder))


def require_folder(folder: Path) -> None:
    """Refuse a folder that cannot hold runs: it can be known before all else. Raises ``RnaError``."""
    nearest = next((each for each in (folder, *folder.parents) if each.exists() or each.is_symlink()), Path())
    if not nearest.is_dir():
        message = "this is a file, and runs go into a folder"
        raise RnaError(message, place=str(folder), hint="name a folder: --runs runs")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise cannot_hold(folder, of_system(PermissionError(errno.EACCES, "")))


def cannot_hold(folder: Path, refused: RnaError) -> RnaError:
    problem = refused.problems[0]
    hint = f"{problem.hint}; --runs names another folder" if problem.hint else "--runs names another folder"
    return RnaError(f"a run folder cannot be made here: {problem.message}", place=str(folder), hint=hint)


def remove(run: Run) -> None:
    """Remove a run that could not be begun: as far as that can be done."""
    shutil.rmtree(run.path, ignore_errors=True)


def find(name: str, folder: Path) -> Run:
    """A run by its folder, by its folder's name, by its experiment's name (the newest), or ``latest``."""
    path = Path(name)
    known = sorted((entry.parent.name for entry in folder.glob("*/run.json")), key=order) if folder.is_dir() else []
    if name == "latest":
        if not known:
            raise RnaError("there are no runs yet", place=str(folder), hint="rna train config.yaml")
        return open_run(folder / known[-1])
    if path.exists() or path.is_symlink():
        return open_run(path)
    if os.sep not in name and "/" not in name:
        named = [run for run in known if run == name] or [run for run in known if experiment(run) == name]
        if named:
            return open_run(folder / named[-1])
    beside = sorted(entry.parent.name for entry in path.parent.glob("*/run.json"))
    near = did_you_mean(path.name, [*known, *map(experiment, known), *beside])
    listing = (
        f"{folder} holds {listed(known[-5:], 'and')}" if known else f"{folder} holds no runs; --runs names another"
    )
    raise RnaError("there is no such run", place=name, hint=near or listing)


def newest(folder: Path, count: int | None) -> list[Run]:
    """The newest ``count`` runs (``None``: all) of a folder, the newest last; one that is damaged has no record."""
    known = sorted((entry.parent.name for entry in folder.glob("*/run.json")), key=order)
    found = []
    for name in known if count is None else known[-count:]:
        try:
            found.append(open_run(folder / name))
        except RnaError:
            found.append(Run(folder / name, {"status": "damaged"}))
    return found


def order(run: str) -> tuple[str, int]:
    """What runs are sorted by: their time, and the counter of those of one second."""
    counted = re.fullmatch(r"(.+_s\d+)_(\d+)", run)
    return (counted[1], int(counted[2])) if counted else (run, 1)


def experiment(run: str) -> str:
    """``circles`` from ``2026-11-21_18-40-12_circles_2-4-2-1_s0``."""
    return "_".join(order(run)[0].split("_")[2:-2])


def open_run(path: Path) -> Run:
    """The run in a folder. Raises ``RnaError`` if it is none."""
    record = path / "run.json"
    if not path.is_dir():
        raise RnaError(
            "this is a file, not a run folder", place=str(path), hint="name the folder that rna train printed last"
        )
    if not record.is_file():
        hint = "name the folder that rna train printed last"
        raise RnaError("this is not a run folder: it has no run.json", place=str(path), hint=hint)
    refuse_links(path)
    if record.stat().st_size > LARGEST:
        raise RnaError("the file is too large to be one of ours", place=str(record), hint=WHOLE_RUN)
    try:
        known = json_file.parse(record.read_bytes())
        if not fits(known, RECORD):
            raise ValueError("it does not hold what ours hold")
        known.setdefault("files", {})
    except ValueError as error:
        raise RnaError(f"the file is damaged: {clean(error, 100)}", place=str(record), hint=WHOLE_RUN) from None
    return Run(path, known)


def refuse_links(folder: Path) -> None:
    """A folder of a stranger's may hold files and folders alone: what is read or written there must stay there."""
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(where, name)
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                what = "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
                message = f"this is {what}, and a run folder holds files alone"
                raise RnaError(message, place=str(path), hint="delete it, or put the file itself there")


def fits(value: Any, form: Any) -> bool:
    """Whether JSON data are what a form such as ``RECORD`` says."""
    if isinstance(form, dict):
        return isinstance(value, dict) and all(
            fits(item, form.get(key, form.get(..., object))) for key, item in value.items()
        )
    if isinstance(form, tuple):
        return value in form
    return isinstance(value, form)


def architecture(config: Config, shape: tuple[int, ...]) -> str:
    """``2-4-2-1``: the inputs and each layer's units or filters, as the tutorials name their files."""
    sizes = [spec.arguments.get("units") or spec.arguments.get("filters") for spec in config.layers]
    return "-".join(["x".join(map(str, shape)), *(str(size) for size in sizes if size)])[:60]


def portable(config: Config, folder: Path) -> str:
    """The complete config for a run folder: relative paths of data files start from there."""
    plain = yamlfile.parse(configs.dump(config), "config.yaml").value
    dataset = plain["dataset"]
    for section, keys in ((dataset, ("csv", "npz")), (dataset.get("split", {}), ("train", "validation", "test"))):
        for key in keys:
            if isinstance(section.get(key), str) and "://" not in section[key]:
                section[key] = moved(section[key], config.folder, folder)
    return yaml_writer.dump(plain)


def moved(name: str, old: Path, new: Path) -> str:
    """A path that started from the folder ``old``, starting from ``new``; absolute ones stay."""
    path = Path(name).expanduser()
    if path.is_absolute():
        return name
    with contextlib.suppress(ValueError):  # Windows: another drive has no relative path
        return Path(os.path.relpath((old / path).resolve(), new.resolve())).as_posix()
    return (old / path).resolve().as_posix()
