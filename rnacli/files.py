"""Files are written beside and renamed: a reader sees the old or the new one, never a half."""

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from rnacli.errors import CONFIG, RnaError


def default_cache() -> Path:
    """Where downloads are kept unless somebody says otherwise."""
    return Path.home() / ".cache" / "rna"


def require_folder_of(output: Path) -> None:
    """The folder of a file that is to be written must be there. Raises ``RnaError``."""
    if not output.parent.is_dir():
        message, hint = "the folder for this file is not there", "make it first: mkdir {folder:.200}"
        raise RnaError(message, place=str(output), hint=hint, exit_code=CONFIG, folder=output.parent)


def path_inside(folder: Path, name: str) -> Path:
    """The path of a file ``name`` below ``folder``: the one rule for all that is written into a run.

    Raises ``RnaError`` where it would be elsewhere, however it is led there.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or path.resolve() == folder.resolve():
        raise RnaError("this leads out of the folder {folder:.300}", place=str(path), folder=folder)
    return path


@contextlib.contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A path to write to, with the ending of ``path``: it takes its place at the end, and is gone after an error.

    An ``OSError`` on the way names ``path``.
    """
    part = path.with_name(f".{os.getpid()}-{threading.get_ident()}.part.{path.name}")
    unfinished.add(part)
    try:
        yield part
        part.replace(path)
    except OSError as error:
        if error.filename in (None, str(part)):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        part.unlink(missing_ok=True)
        unfinished.discard(part)


unfinished: set[Path] = set()
"""What is being written: for who ends the process at once, without the ``finally`` above."""


def remove_unfinished() -> None:
    """Remove what is being written."""
    for part in unfinished.copy():
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> str:
    """Replace ``path`` with ``content``, durably; returns the content's SHA-256. Raises ``OSError``."""
    # The file is closed first, and then renamed: Windows wants it so.
    with written_beside(path) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def is_stream(path: Path) -> bool:
    """Whether a device or a pipe is there, or what leads to one, such as ``/dev/stdout``: no file takes its place."""
    return path.parent == Path("/dev") or (path.exists() and not path.is_file() and not path.is_dir())


@contextlib.contextmanager
def written_output(path: Path) -> Iterator[Path]:
    """As ``written_beside``, for what the user names: a device or a pipe is written to itself."""
    with contextlib.nullcontext(path) if is_stream(path) else written_beside(path) as part:
        yield part


def write_output(path: Path, content: bytes) -> None:
    """As ``write_file``, for what the user names. Raises ``OSError``."""
    if is_stream(path):
        path.write_bytes(content)
    else:
        write_file(path, content)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def file_sha256(path: Path, most: int | None = None) -> str:
    """The SHA-256 of a file's content, or of its first bytes: there are files without end."""
    with path.open("rb") as file:
        if most is None:
            return hashlib.file_digest(file, "sha256").hexdigest()
        total = hashlib.sha256()
        while most > 0 and (block := file.read(min(most, 1 << 20))):
            total.update(block)
            most -= len(block)
        return total.hexdigest()
