"""Files are written beside and renamed: a reader sees the old or the new one, never a half."""

import hashlib
import os
from pathlib import Path


def write(path: Path, content: bytes) -> str:
    """Replace ``path`` with ``content``, durably; returns the content's SHA-256. Raises ``OSError``."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return hashlib.sha256(content).hexdigest()


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
