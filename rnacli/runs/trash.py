"""Runs that are removed: first into a trash folder beside them, and only from there for good."""

import os
import shutil
from pathlib import Path

from rnacli.errors import RnaError
from rnacli.runs.find import BEST, SEARCH, find_folds, find_run, find_search_path, refuse_links
from rnacli.runs.folder import lock_run

TRASH = ".trash"


def find_removable(name: str, folder: Path) -> Path:
    """The folder of a run, a whole cross-validation or a search that lies right in ``folder``. Raises ``RnaError``."""
    path = None if name == "latest" else find_folds(name, folder) or find_search_path(name, folder)
    if path is not None:
        refuse_links(path)
    path = path or find_run(name, folder).path
    if path.is_symlink():
        raise RnaError("this is a link, and a link is not followed", place=str(path), hint="remove it yourself")
    place = path.resolve()
    if place.parent != folder.resolve():
        if (place.parent / "fold_1").is_dir() and place.parent.parent == folder.resolve():
            message = "this is a fold of a cross-validation, which is removed as a whole"
            raise RnaError(message, place=str(path), hint="rna rm {whole:.200}", whole=place.parent.name)
        if path.name == BEST and (place.parent / SEARCH).is_file() and place.parent.parent == folder.resolve():
            message = "this is the best run of a search, which is removed as a whole"
            raise RnaError(message, place=str(path), hint="rna rm {whole:.200}", whole=place.parent.name)
        message = "this is not in the folder of runs {folder:.200}, and nothing else is removed"
        raise RnaError(message, place=str(path), hint="--runs names another folder", folder=folder)
    return path


def trash_run(path: Path, folder: Path) -> Path:
    """Move a folder of ``folder`` into its trash; gives its place there. Raises ``RnaError``, also while it trains."""
    trash = trash_of(folder)
    trash.mkdir(exist_ok=True)
    for count in range(1, 10_000):
        place = trash / (path.name if count == 1 else f"{path.name}.{count}")
        if not os.path.lexists(place):
            break
    with lock_run(path):
        path.rename(place)
    return place


def trash_of(folder: Path) -> Path:
    """The trash of a folder of runs. Raises ``RnaError`` where it is a link."""
    trash = folder / TRASH
    if trash.is_symlink():
        raise RnaError("this is a link, and a link is not followed", place=str(trash), hint="remove it yourself")
    return trash


def empty_trash(folder: Path) -> tuple[int, int]:
    """Remove for good what is in the trash; gives how many folders, and how many bytes, that were. Follows no link."""
    trash = trash_of(folder)
    if not trash.is_dir():
        return 0, 0
    entries = list(trash.iterdir())
    size = sum(Path(where, name).lstat().st_size for where, _, names in os.walk(trash) for name in names)
    shutil.rmtree(trash)
    return len(entries), size
