"""Runs found by folder, by name, by experiment or as the latest; what a stranger's folder may hold."""

import contextlib
import os
import re
import stat
from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from rnacli.errors import RnaError
from rnacli.runs.folder import Run
from rnacli.runs.record import read_record
from rnacli.words import did_you_mean, fill_template


def find_run(name: str, folder: Path) -> Run:
    """A run by its folder, by its folder's name, by its experiment's name (the newest), or ``latest``."""
    path, runs = Path(name), run_names(folder)
    if name == "latest":
        if not runs:
            raise RnaError("there are no runs yet", place=str(folder), hint="rna train config.yaml")
        return open_run(folder / runs[-1])
    if path.exists() or path.is_symlink():
        return open_run(path)
    if not path.is_absolute():
        name = path.as_posix()
        named = [run for run in runs if run == name] or [run for run in runs if experiment_name(run) == name]
        if named:
            return open_run(folder / named[-1])
    near = did_you_mean(path.name, [*runs, *map(experiment_name, runs), *sorted(run_names(path.parent))])
    listing = "{folder:.300} holds {runs:and}" if runs else "{folder:.300} holds no runs; --runs names another"
    raise RnaError("there is no such run", place=name, hint=near or listing, folder=folder, runs=runs[-5:])


def find_runs(names: Sequence[str], folder: Path) -> list[Run]:
    """Runs as ``find_run`` finds them, and those that a pattern with ``*`` or ``?`` names; each once, in this order.

    A pattern is of the run folders' names or of the experiments'. Raises ``RnaError`` where nothing has such a name.
    """
    runs: dict[Path, Run] = {}
    for name in names:
        if not any(sign in name for sign in "*?[") or Path(name).exists():
            run = find_run(name, folder)
            runs.setdefault(run.path.resolve(), run)
            continue
        matching = [run for run in run_names(folder) if matches(run, name)]
        if not matching:
            near = did_you_mean(name.strip("*"), dict.fromkeys(map(experiment_name, run_names(folder))))
            raise RnaError("no run has such a name", place=name, hint=near or "rna runs lists them")
        for each in matching:
            run = open_run(folder / each)
            runs.setdefault(run.path.resolve(), run)
    return list(runs.values())


def matches(run: str, pattern: str) -> bool:
    """Whether a run folder's name or its experiment's is of a pattern."""
    return fnmatchcase(run, pattern) or fnmatchcase(experiment_name(run), pattern)


def find_folds(name: str, folder: Path) -> Path | None:
    """The folder of a cross-validation, by its path or its name in ``folder``; ``None`` for what is none.

    ``latest`` is one where the run that began last is a fold.
    """
    places = [Path(name), folder / name]
    if name == "latest" and (runs := run_names(folder)) and "/" in runs[-1]:
        places = [folder / runs[-1].partition("/")[0]]
    return next((p for p in places if (p / "fold_1").is_dir() and (p / "config.yaml").is_file()), None)


def newest_runs(folder: Path, count: int | None, pattern: str = "") -> list[Run]:
    """The newest ``count`` runs (``None``: all) of a folder, the newest last; one that is damaged has no record.

    ``pattern``: only those whose folder or experiment has such a name.
    """
    names = [name for name in run_names(folder) if not pattern or matches(name, pattern)]
    runs = []
    for name in names if count is None else names[-count:]:
        try:
            runs.append(open_run(folder / name))
        except RnaError:
            runs.append(Run(folder / name, {"status": "damaged"}))
    return runs


def run_names(folder: Path) -> list[str]:
    """The folders in ``folder`` that are runs, or folds of one, the one that began last at the end."""
    records = [*folder.glob("*/run.json"), *folder.glob("*/fold_*/run.json")]
    began = {record.parent.relative_to(folder).as_posix(): began_at(record) for record in records}
    return sorted(began, key=lambda name: (began[name], run_order(name)))


STARTED = re.compile(rb'"started": "([0-9T:+.\-]{1,40})"')
STARTED_BEFORE = 1024
"""Bytes of ``run.json`` in which it says when the run began."""


def began_at(record: Path) -> float:
    """When a run began, in seconds since 1970, as its ``run.json`` says: the time in its name is of some time zone."""
    with contextlib.suppress(OSError, ValueError, OverflowError):
        if record.is_file():
            with record.open("rb") as file:
                said = STARTED.search(file.read(STARTED_BEFORE))
            name = record.parent.name[:19]
            began = datetime.fromisoformat(said[1].decode()) if said else datetime.strptime(name, NAMED)
            return began.timestamp()
    return 0.0


NAMED = "%Y-%m-%d_%H-%M-%S"
"""The time in a run folder's name."""


def run_order(run: str) -> tuple[str, int]:
    """What runs that began in one second are sorted by: their name, and the counter of those of one name."""
    counted = re.fullmatch(r"(.+_s\d+)_(\d+)", run)
    return (counted[1], int(counted[2])) if counted else (run, 1)


def experiment_name(run: str) -> str:
    """``circles`` from ``2026-11-21_18-40-12_circles_2-4-2-1_s0``, and from a fold in such a folder."""
    return "_".join(run_order(run.partition("/")[0])[0].split("_")[2:-2])


def open_run(path: Path) -> Run:
    """The run in a folder. Raises ``RnaError`` if it is none."""
    record = path / "run.json"
    if not path.is_dir():
        raise RnaError(
            "this is a file, not a run folder", place=str(path), hint="name the folder that rna train printed last"
        )
    if not record.is_file():
        folds = (path / "fold_1").is_dir()
        hint = "a cross-validation has a run for each fold: {path:.300}/fold_1" if folds else (
            "name the folder that rna train printed last"
        )  # fmt: skip
        raise RnaError("this is not a run folder: it has no run.json", place=str(path), hint=hint, path=path)
    refuse_links(path)
    return Run(path, read_record(record))


def refuse_links(folder: Path) -> None:
    """A folder of a stranger's may hold files and folders alone: what is read or written there must stay there."""
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(where, name)
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                what = "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
                message = "this is {what}, and a run folder holds files alone"
                raise RnaError(
                    message, place=str(path), hint="delete it, or put the file itself there", what=fill_template(what)
                )
