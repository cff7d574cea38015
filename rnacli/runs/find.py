"""Runs found by folder, by name, by experiment or as the latest; what a stranger's folder may hold."""

import contextlib
import os
import re
import stat
from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.runs.folder import Run
from rnacli.runs.record import Glance, read_record
from rnacli.strict_json import LARGEST_JSON, parse_json
from rnacli.words import did_you_mean, fill_template, quote_path


def find_run(name: str, folder: Path) -> Run:
    """A run by its folder, by its folder's name, by its experiment's name (the newest), or ``latest``."""
    path, runs = Path(name), run_names(folder)
    if name == "latest":
        if not runs:
            raise RnaError("there are no runs yet", place=str(folder), hint="rna train config.yaml")
        return open_run(folder / runs[-1])
    if path.is_file() or (path.suffix in DATA_FILES and not path.exists()):
        is_config = path.suffix in (".yaml", ".yml")
        makes = "rna train {name:.200} makes one; a pattern of runs stands in quotes: '{stem:.100}*'"
        hint = makes if is_config else "the run comes first, and then files"
        message = "this is a file, not a run folder" if path.is_file() else "there is no such run, nor such a file"
        raise RnaError(message, place=name, hint=hint, name=name, stem=path.stem)
    if path.exists() or path.is_symlink():
        return open_run(path)
    if not path.is_absolute():
        name = path.as_posix()
        if name in search_names(folder):
            return open_run(folder / name)
        named = [run for run in runs if run == name] or [run for run in runs if experiment_name(run) == name]
        if not named:
            named = find_by_beginning(name, runs)
        if named:
            return open_run(folder / named[-1])
    near = did_you_mean(
        path.name, ["latest"] * bool(runs) + [*runs, *map(experiment_name, runs), *sorted(run_names(path.parent))]
    )
    listing = "{folder:.300} holds {runs:and}" if runs else "{folder:.300} holds no runs; --runs names another"
    raise RnaError("there is no such run", place=name, hint=near or listing, folder=folder, runs=runs[-5:])


DATA_FILES = (".yaml", ".yml", ".csv", ".tsv", ".parquet", ".npz", ".npy", ".png", ".jpg", ".jpeg", ".txt")
"""Endings of files that are given where a run is expected."""


def find_by_beginning(name: str, runs: Sequence[str]) -> list[str]:
    """The run whose name begins so, or those of the one experiment whose name does. Raises ``RnaError`` for several."""
    beginning = [run for run in runs if run.startswith(name)] if name else []
    of_experiments = [run for run in runs if experiment_name(run).startswith(name)] if name else []
    if len(beginning) == 1 or (of_experiments and len({*map(experiment_name, of_experiments)}) == 1):
        return beginning or of_experiments
    if several := beginning or list(dict.fromkeys(map(experiment_name, of_experiments))):
        message = "several begin so: {names:and}"
        raise RnaError(message, place=name, hint="one letter more, or the whole name", names=several[-8:])
    return []


def expand_pattern(name: str, folder: Path) -> list[str]:
    """The runs that a pattern with ``*`` or ``?`` names; of another name, itself. Raises ``RnaError`` for none."""
    if not any(sign in name for sign in "*?[") or Path(name).exists():
        return [name]
    matching = [run for run in run_names(folder) if matches(run, name)]
    if not matching:
        near = did_you_mean(name.strip("*"), dict.fromkeys(map(experiment_name, run_names(folder))))
        raise RnaError("no run has such a name", place=name, hint=near or "rna runs lists them")
    return matching


def find_runs(names: Sequence[str], folder: Path) -> list[Run]:
    """Runs as ``find_run`` finds them, and those that a pattern with ``*`` or ``?`` names; each once, in this order.

    A pattern is of the run folders' names or of the experiments'. Raises ``RnaError`` where nothing has such a name.
    """
    runs: dict[Path, Run] = {}
    for name in names:
        matching = expand_pattern(name, folder)
        for run in [find_run(name, folder)] if matching == [name] else [open_run(folder / each) for each in matching]:
            runs.setdefault(run.path.resolve(), run)
    return list(runs.values())


def matches(run: str, pattern: str) -> bool:
    """Whether a run folder's name or its experiment's is of a pattern; the best run of a search is called as that."""
    return any(fnmatchcase(name, pattern) for name in (run, run.removesuffix(f"/{BEST}"), experiment_name(run)))


def find_folds(name: str, folder: Path) -> Path | None:
    """The folder of a cross-validation, by its path or its name in ``folder``; ``None`` for what is none.

    ``latest`` is one where the run that began last is a fold.
    """
    places = [Path(name), folder / name]
    if name == "latest" and (runs := run_names(folder)) and "/" in runs[-1]:
        places = [folder / runs[-1].partition("/")[0]]
    return next((p for p in places if (p / "fold_1").is_dir() and (p / "config.yaml").is_file()), None)


def open_folds(folder: Path) -> list[Run]:
    """The runs of a cross-validation, in their order. Raises ``RnaError`` where one is not finished."""
    count = len(list(folder.glob("fold_*")))
    runs = [open_run(folder / f"fold_{fold}") for fold in range(1, count + 1)]
    if any(run.record.get("status") != "finished" for run in runs) or not (folder / "folds.csv").is_file():
        hint = "rna train --resume {path:.300}"
        raise RnaError("this cross-validation is not finished", place=str(folder), hint=hint, path=quote_path(folder))
    return runs


def is_fold(run: Run) -> bool:
    """Whether a run is one of a cross-validation."""
    return run.name.startswith("fold_") and find_folds(str(run.path.parent), Path()) is not None


def newest_runs(folder: Path, count: int | None, pattern: str = "") -> list[Run]:
    """The newest ``count`` runs (``None``: all) of a folder, the newest last; one that is damaged has no record.

    ``pattern``: only those whose folder or experiment has such a name, or, where none has, one that begins so.
    """
    names = run_names(folder)
    begun = [name for name in search_names(folder) if f"{name}/{BEST}" not in names]
    if pattern:
        known = {name: f"{name}/{BEST}" if name in begun else name for name in (*names, *begun)}
        chosen = {name for name, run in known.items() if matches(run, pattern)}
        chosen = chosen or {name for name, run in known.items() if matches(run, f"{pattern}*")}
        names, begun = ([name for name in each if name in chosen] for each in (names, begun))
    if begun:
        records = {name: began_at(folder / name / (SEARCH if name in begun else "run.json")) for name in names + begun}
        names = sorted(records, key=lambda name: records[name])
    runs = []
    for name in names if count is None else names[-count:]:
        try:
            runs.append(
                Run(folder / name, {"status": read_search(folder / name).get("status")})
                if name in begun
                else glance_at_run(folder / name)
            )
        except RnaError:
            runs.append(Run(folder / name, {"status": "damaged"}))
    return runs


def run_names(folder: Path) -> list[str]:
    """The folders in ``folder`` that are runs, folds of one, or the best of a search; what began last at the end."""
    records = [*folder.glob("*/run.json"), *folder.glob("*/fold_*/run.json"), *folder.glob("*_tune*/best/run.json")]
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
    name = run_order(run.partition("/")[0])[0]
    if "/" in run and (search := re.fullmatch(r"(.+)_tune(_\d+)?", name)):
        return "_".join(search[1].split("_")[2:])
    return "_".join(name.split("_")[2:-2])


SEARCH = "search.json"
"""The record of a search, in its folder."""
BEST = "best"
"""The run of what a search has found, in its folder."""


def find_search_path(name: str, folder: Path) -> Path | None:
    """The folder of a search, by its path or its name in ``folder``; ``None`` for what is none.

    ``latest`` is one where the run that began last is its best.
    """
    places = [Path(name), folder / name]
    if name == "latest":
        runs = run_names(folder)
        places = [folder / runs[-1].partition("/")[0]] if runs and runs[-1].endswith(f"/{BEST}") else []
    return next((path for path in places if (path / SEARCH).is_file()), None)


def read_search(path: Path) -> dict[str, Any]:
    """The record of the search in a folder. Raises ``RnaError``."""
    record = path / SEARCH
    try:
        read = parse_json(record.read_bytes()) if record.stat().st_size <= LARGEST_JSON else None
        if not isinstance(read, dict):
            raise ValueError("it is no record of a search")
    except ValueError as error:
        raise RnaError("the file is damaged: {error:.100}", place=str(record), hint=WHOLE_RUN, error=error) from None
    return read


def search_names(folder: Path) -> list[str]:
    """The folders in ``folder`` that are searches, the one that began last at the end."""
    began = {record.parent.name: began_at(record) for record in folder.glob(f"*_tune*/{SEARCH}")}
    return sorted(began, key=lambda name: (began[name], name))


def open_run(path: Path) -> Run:
    """The run in a folder. Raises ``RnaError`` if it is none."""
    record = path / "run.json"
    if not path.is_dir():
        raise RnaError(
            "this is a file, not a run folder", place=str(path), hint="name the folder that rna train printed last"
        )
    if not record.is_file():
        if (path / SEARCH).is_file():
            if (path / BEST / "run.json").is_file():
                return open_run(path / BEST)
            message, hint = "this search has not come to its best run yet", "rna tune --resume {path:.300}"
            raise RnaError(message, place=str(path), hint=hint, path=quote_path(path))
        folds = (path / "fold_1").is_dir()
        hint = "a cross-validation has a run for each fold: {path:.300}/fold_1" if folds else (
            "name the folder that rna train printed last"
        )  # fmt: skip
        raise RnaError("this is not a run folder: it has no run.json", place=str(path), hint=hint, path=path)
    refuse_links(path)
    return Run(path, read_record(record))


def glance_at_run(path: Path) -> Run:
    """As ``open_run``, of a run of which nothing but its ``run.json`` is read: its other files are not looked at."""
    record = path / "run.json"
    if not stat.S_ISREG(record.lstat().st_mode) or path.is_symlink():
        return open_run(path)
    return Run(path, read_record(record, Glance))


def refuse_links(folder: Path) -> None:
    """A folder of a stranger's may hold files and folders alone: what is read or written there must stay there."""
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(where, name)
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                what = "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
                message = "this is {what}, and a run folder holds only files"
                raise RnaError(
                    message, place=str(path), hint="delete it, or put the file itself there", what=fill_template(what)
                )
