"""The files of a table: found by a name or a pattern, and opened."""

import contextlib
import glob
import io
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO

from rnacli.errors import RnaError
from rnacli.tables.compressed import first_names
from rnacli.words import did_you_mean, fill_template


@contextlib.contextmanager
def open_file(path: Path, shown: str) -> Iterator[BinaryIO]:
    """The bytes of a regular file. Raises ``RnaError`` for a folder, a device, and what is not there.

    A file of no bytes is not opened: those of ``/proc`` are said to be such, and may be endless, or wait.
    """
    try:
        status = path.stat()
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            inside = sorted(entry.name for entry in path.iterdir() if entry.suffix == ".csv")[:5]
            hint = "it holds {inside:and}" if inside else "name a file in it"
            raise RnaError("expected a CSV file, got a folder", place=str(path), hint=hint, inside=inside)
        if not stat.S_ISREG(mode):
            message = "this is a device or a pipe, not a regular file"
            raise RnaError(message, place=shown, hint="save the data in a file first")
        with path.open("rb") if status.st_size else io.BytesIO() as file:
            yield file
    except FileNotFoundError:
        raise missing_file_error(path, shown) from None
    except OSError as error:
        raise RnaError("cannot be opened: {strerror}", place=shown, strerror=error.strerror) from None


def written_at(path: Path) -> tuple[int, int]:
    """What changes when a file is written: its size, and the time of its last change in nanoseconds."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def missing_file_error(path: Path, shown: str) -> RnaError:
    """The error for a file that is not there, with the nearest name in its folder."""
    plain, looked_for = "no such file", "no such file (looked for {path:.300})"
    return missing_error(path, shown, plain, looked_for, lambda entry: True)


def missing_folder_error(path: Path, shown: str) -> RnaError:
    """The error for a folder that is not there, with the nearest name of one beside it."""
    return missing_error(path, shown, "no such folder", "no such folder (looked for {path:.300})", Path.is_dir)


def missing_error(path: Path, shown: str, plain: str, looked_for: str, suits: Callable[[Path], bool]) -> RnaError:
    folder = path.parent
    names = sorted(entry.name for entry in folder.iterdir() if suits(entry)) if folder.is_dir() else []
    if re.search(r"\$\w|%\w+%", shown):
        hint = "variables such as $HOME are not filled in: write the path itself"
    elif not folder.is_dir():
        hint = "there is no folder {folder:.300}"
    else:
        elsewhere = "" if shown == str(path) else "a relative path starts from the folder of the config"
        hint = did_you_mean(path.name, names) or elsewhere or "is it in another folder, or does it end otherwise?"
    return RnaError(plain if shown == str(path) else looked_for, place=shown, hint=hint, path=path, folder=folder)


def matching_files(path: Path, shown: str, most_folders: int | None = None) -> list[Path]:
    """The files that a path with ``*``, ``?``, ``[...]`` or ``**`` means, in the order of their names' numbers.

    A path that exists, or without such a mark below a folder that exists, means itself. Raises ``RnaError`` where no
    file matches, and where more than ``most_folders`` would have to be looked at.
    """
    if not glob.has_magic(str(path)):
        return [path]
    try:
        if path.exists():
            return [path]
        folder = next(parent for parent in path.parents if parent.is_dir())
        pattern = path.relative_to(folder)
        if not glob.has_magic(str(pattern)):
            return [path]
        if most_folders is not None and not is_near(folder, pattern.parts[:-1], most_folders):
            message, hint = "this pattern leads through too many folders", "put the files into one folder"
            raise RnaError(message, place=shown, hint=hint)
        paths = {folder / name for name in glob.glob(str(pattern), root_dir=folder, recursive=True)}  # noqa: PTH207
        files = sorted(
            (file for file in paths if file.is_file()), key=lambda file: natural_order(file.relative_to(folder))
        )
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise RnaError("cannot be opened: {strerror}", place=shown, strerror=error.strerror) from None
    if not files:
        first = pattern.parts[0]
        hint = "" if glob.has_magic(first) else did_you_mean(first, names)
        hint = hint or "the folder {folder:.300} holds {names:.500}"
        names_ = first_names(names) or fill_template("nothing")
        raise RnaError("no file has a name like this", place=shown, hint=hint, folder=folder, names=names_)
    return files


def is_near(folder: Path, patterns: Sequence[str], most: int) -> bool:
    """Whether a pattern of folders is one of at most so many."""
    near = [folder]
    for pattern in patterns:
        deeper: list[Path] = []
        if pattern == "**":
            near, deeper = [], near
            while deeper and len(near) + len(deeper) <= most:
                near.append(deeper.pop())
                deeper += list_folders(near[-1], "*", most)
            if deeper:
                return False
            continue
        for each in near:
            deeper += list_folders(each, pattern, most) if glob.has_magic(pattern) else [each / pattern]
            if len(deeper) > most:
                return False
        near = deeper
    return True


def list_folders(folder: Path, pattern: str, most: int) -> list[Path]:
    """At most ``most`` and one of the folders in a folder whose names match."""
    try:
        with os.scandir(folder) as entries:
            matching = (Path(entry.path) for entry in entries if entry.is_dir() and fnmatch(entry.name, pattern))
            return list(itertools.islice(matching, most + 1))
    except OSError:
        return []


def natural_order(path: Path) -> list[Any]:
    """A key to sort by: ``part2`` comes before ``part10``."""
    return [[int(word) if i % 2 else word for i, word in enumerate(re.split(r"([0-9]+)", part))] for part in path.parts]
