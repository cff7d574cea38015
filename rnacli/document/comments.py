"""An experiment file as one would write it by hand, with a comment beside each key or, where it is long, above it."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.document.text import UNSEEN
from rnacli.document.write import yaml_block, yaml_scalar
from rnacli.language import translate
from rnacli.words import clean

COLUMN, WIDTH = 36, 118
"""Where comments begin, and where lines end."""
OPEN: tuple[KeyPath, ...] = (("dataset",), ("dataset", "columns"), ("layers",), ("callbacks",))
"""Mappings and lists whose items stand on lines of their own."""


@dataclass
class Comments:
    """Text ``beside`` the value at a path, and whole lines ``above`` it."""

    beside: dict[KeyPath, str] = field(default_factory=dict)
    above: dict[KeyPath, str] = field(default_factory=dict)


def dump_commented(value: Mapping[str, Any], comments: Comments, opening: Sequence[str]) -> str:
    """The file that ``parse_document`` reads as ``value``; the lines of ``opening`` come first."""
    lines = [f"# {safe_comment(line, 1000)}".rstrip() for line in opening]
    return "\n".join([*lines, *commented_entries(value, (), comments)]) + "\n"


def commented_entries(value: Any, path: KeyPath, comments: Comments) -> Iterator[str]:
    """The lines of a mapping's or a list's items."""
    indent = "" if not path else "  " * len(path)
    for key, item in value.items() if isinstance(value, dict | Mapping) else enumerate(value):
        at: KeyPath = (*path, key)
        if at in comments.above:
            yield f"{indent}# {safe_comment(comments.above[at])}"
        comment = safe_comment(comments.beside.get(at, ""))
        opened = at in OPEN and bool(item) and isinstance(item, dict | list)
        head, *rest = [f"{written_key(key)}:"] if opened else commented_item(key, item, WIDTH - len(indent))
        yield from line_with_comment(indent + head, comment, indent)
        yield from (indent + line for line in rest)
        if opened:
            yield from commented_entries(item, at, comments)


def commented_item(key: str | int, item: Any, room: int) -> list[str]:
    """One item's own lines."""
    if isinstance(key, int):
        return yaml_block([item], 2, room)
    first, *rest = yaml_block({key: item}, 2, room)
    return [first.replace(yaml_scalar(key), written_key(key), 1), *rest]


def written_key(key: Any) -> str:
    """A key; the names of numbered columns are numbers."""
    return key if isinstance(key, str) and key.isascii() and key.isdecimal() else yaml_scalar(key)


def line_with_comment(line: str, comment: str, indent: str) -> Iterator[str]:
    """A line with its comment, above it where there is no room."""
    if not comment:
        yield line
    elif max(COLUMN, len(line) + 2) + 2 + len(comment) <= WIDTH:
        yield f"{line:{COLUMN - 2}}  # {comment}"
    else:
        yield from (f"{indent}# {part}" for part in textwrap.wrap(comment, WIDTH - len(indent) - 2))
        yield line


def safe_comment(text: str, limit: int = 400) -> str:
    """A text in the reader's language, of which some comes from data, without what a file may not hold."""
    return UNSEEN.sub(lambda unseen: f"\\u{ord(unseen[0]):04x}", clean(translate(text), limit))


def keep_unchanged(comments: Comments, before: Any, after: Any) -> Comments:
    """The comments on what is in ``after`` as it was ``before``."""
    kept = {
        path: text
        for path, text in comments.beside.items()
        if value_at_path(before, path) == value_at_path(after, path)
    }
    return Comments(kept, {path: text for path, text in comments.above.items() if path[0] in after})


def value_at_path(value: Any, path: KeyPath) -> Any:
    """The value at a path; ``None`` where there is none."""
    for step in path:
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        value = inside.get(step) if isinstance(inside, dict) else None
    return value
