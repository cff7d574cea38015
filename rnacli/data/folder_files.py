"""Files below a folder that examples are made of: what they are called, how large they are, and their digests."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rnacli.errors import RnaError
from rnacli.files import file_sha256
from rnacli.machine import count_cores
from rnacli.pictures.decode import require_file
from rnacli.pictures.find import list_pictures


@dataclass(frozen=True)
class Files:
    """Files below a ``folder``; ``names``: their paths from there, with ``/``; ``shown``: the folder's."""

    folder: Path
    names: tuple[str, ...]
    shown: str = ""

    def __len__(self) -> int:
        return len(self.names)

    def path(self, i: int) -> Path:
        return self.folder / self.names[i]

    def place(self, i: int) -> str:
        """What a file is called in messages."""
        return f"{self.shown}/{self.names[i]}" if self.shown else self.names[i]

    @property
    def ids(self) -> np.ndarray:
        """The names (n,) as text: one that is no UTF-8, as old archives unpack them, cannot be written."""
        return np.array([os.fsencode(name).decode(errors="replace") for name in self.names], object)

    def keep(self, chosen: np.ndarray) -> "Files":
        """The files (n,) that are chosen."""
        names = tuple(name for name, kept in zip(self.names, chosen.tolist(), strict=True) if kept)
        return replace(self, names=names)


def measure_folder(folder: Path, files: Sequence[Path] | None = None) -> int:
    """The bytes of all pictures in a folder, or of the ``files`` there as they were listed. Raises ``RnaError``."""
    return sum(path.stat().st_size for path in (list_pictures(folder, folder) if files is None else files))


def digest_folder(folder: Path, files: Sequence[Path] | None = None) -> str:
    """One SHA-256 over the SHA-256 and the paths of all pictures in a folder, or of the ``files`` there as listed.

    Raises ``RnaError``.
    """
    files, total = list_pictures(folder, folder) if files is None else files, hashlib.sha256()
    with ThreadPoolExecutor(count_cores()) as pool:
        for path, digest in zip(files, pool.map(file_sha256, files), strict=True):
            total.update(f"{digest}  ".encode() + os.fsencode(path.relative_to(folder).as_posix()) + b"\n")
    return total.hexdigest()


def digest_files(files: Files, words: Sequence[str]) -> str:
    """One SHA-256 over the SHA-256 of some files and the ``words`` that they are named by; one that is none counts too.

    In the order of the words: the same files give the same digest, whichever row names them.
    """

    def digest(i: int) -> str:
        try:
            require_file(files.path(i), "")
            return file_sha256(files.path(i))
        except (RnaError, OSError):
            return "unreadable"

    total, order = hashlib.sha256(), sorted(range(len(files)), key=lambda i: words[i])
    with ThreadPoolExecutor(count_cores()) as pool:
        for i, each in zip(order, pool.map(digest, order), strict=True):
            total.update(f"{each}  {words[i]}\n".encode())
    return total.hexdigest()
