"""What people write on a run: a note and tags, in ``labels.json``, which a training that goes on does not touch."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnacli.errors import CONFIG, RnaError
from rnacli.files import write_file
from rnacli.strict_json import parse_json, read_dataclass

FILE = "labels.json"
LONGEST_NOTE = 2000
LARGEST = 1 << 16
TAG = re.compile(r"[^\W_][\w.\-]{0,39}")


@dataclass(frozen=True)
class Labels:
    note: str = ""
    tags: tuple[str, ...] = ()


def read_labels(run: Path) -> Labels:
    """What is written on a run; nothing where the file cannot be read: no run is lost for it."""
    path = run / FILE
    if not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST:
        return Labels()
    try:
        plain = parse_json(path.read_bytes())
        return read_dataclass(Labels, plain)
    except (ValueError, OSError):
        return Labels()


def write_labels(run: Path, note: str | None = None, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Labels:
    """Write a note on a run (``None``: the one that is there), add tags and remove some. Raises ``RnaError``."""
    if note is not None and len(note) > LONGEST_NOTE:
        message = "a note has at most {most:,} characters, got {count:,}"
        raise RnaError(message, place="TEXT", exit_code=CONFIG, most=LONGEST_NOTE, count=len(note))
    for tag in add:
        if not TAG.fullmatch(tag):
            message = "expected a tag of up to 40 letters, digits, '.', '_' or '-', got '{tag}'"
            raise RnaError(message, place="TAG", hint="rna tag latest best", exit_code=CONFIG, tag=tag)
    before = read_labels(run)
    tags = tuple(tag for tag in dict.fromkeys([*before.tags, *add]) if tag not in remove)
    labels = Labels(before.note if note is None else note, tags)
    if labels == Labels():
        (run / FILE).unlink(missing_ok=True)
    else:
        plain = {"note": labels.note, "tags": list(labels.tags)}
        write_file(run / FILE, (json.dumps(plain, ensure_ascii=False) + "\n").encode())
    return labels
