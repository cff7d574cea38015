"""Run folders: made once, found again by name, every file checked against what ``run.json`` says of it."""

import contextlib
import datetime
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnacli import config as configs
from rnacli import files, yaml_writer, yamlfile
from rnacli.errors import RnaError, clean, did_you_mean
from rnacli.language import Config
from rnacli.schema import listed

LARGEST_JSON = 64 << 20
"""Bytes that ``run.json`` may have."""
CHECKED = ("config.yaml", "preprocessing.json", "weights.npz", "model.keras")
"""The files without which a run cannot be used."""


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

    def read(self, name: str) -> bytes:
        """A file's content, if it is what training wrote. Raises ``RnaError``."""
        self.check(name)
        return (self.path / name).read_bytes()

    def check(self, name: str) -> None:
        """A file must be there, and be what training wrote. Raises ``RnaError`` that names it."""
        path = self.path / name
        if not path.is_file() or path.is_symlink():
            raise RnaError("this file of the run is missing", place=str(path), hint="copy the whole run folder again")
        known = self.record.get("files", {}).get(name)
        if known is None:
            message = "run.json does not know this file: the run was not finished"
            raise RnaError(message, place=str(path), hint="rna train again")
        if files.sha256(path) != known:
            changed = "train again with the changed config" if name == "config.yaml" else "train again"
            raise RnaError(
                "the file is damaged, was changed after training, or is of another run: run.json has another checksum",
                place=str(path),
                hint=f"copy the whole run folder again, or {changed}",
            )

    def config(self) -> Config:
        """The run's complete config. Paths in it start from the run folder."""
        path = self.path / "config.yaml"
        if not path.is_file():
            raise RnaError("this file of the run is missing", place=str(path), hint="copy the whole run folder again")
        return configs.load(path)


def create(folder: Path, config: Config, architecture: str) -> Run:
    """A new run folder ``<time>_<name>_<architecture>_s<seed>``; a counter is added if that is taken.

    Raises ``RnaError`` if ``folder`` cannot hold it.
    """
    now = datetime.datetime.now().astimezone()
    stem = f"{now:%Y-%m-%d_%H-%M-%S}_{config.name}_{architecture}_s{config.seed}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for count in range(1, 10_000):
            path = folder / (stem if count == 1 else f"{stem}_{count}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return Run(path, {"status": "running", "started": now.isoformat(timespec="seconds")})
    except FileExistsError:
        raise RnaError(
            "this is a file, and runs go into a folder", place=str(folder), hint="name a folder: --runs runs"
        ) from None
    except OSError as error:
        raise RnaError(f"a run folder cannot be made here: {clean(error.strerror)}", place=str(folder)) from None
    raise RnaError("too many runs of one name in one second", place=str(folder))


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
    if record.stat().st_size > LARGEST_JSON:
        raise RnaError("the file is too large to be one of ours", place=str(record))
    try:
        known = json.loads(record.read_bytes())
        if not isinstance(known, dict) or not isinstance(known.get("files", {}), dict):
            raise ValueError("not a mapping")
    except (ValueError, RecursionError):
        raise RnaError("the file is damaged", place=str(record), hint="copy the whole run folder again") from None
    return Run(path, known)


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
