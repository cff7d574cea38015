"""Files are written beside and renamed: a reader sees the old or the new one, never a half."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A path to write to, with the ending of ``path``: it takes its place at the end, and is gone after an error."""
    part = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> str:
    """Replace ``path`` with ``content``, durably; returns the content's SHA-256. Raises ``OSError``."""
    # The file is closed first, and then renamed: Windows wants it so.
    with beside(path) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
