"""``${key}``: a value that refers to another one of the file."""

import re
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.experiment.config import Config
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import default_of, keys
from rnacli.words import did_you_mean

REFERENCE = re.compile(r"\$\{([^{}]*)\}")
LONGEST = 10_000


def resolve_references(document: Any, reader: Reader) -> Any:
    """The plain data of a ``document`` with each ``${key}`` replaced by what it refers to."""
    return resolve_value(document, (), document, reader, ())


def resolve_value(value: Any, path: KeyPath, top: Any, reader: Reader, through: tuple[KeyPath, ...]) -> Any:
    """The value at ``path`` of the data ``top``; references at the paths ``through`` led here."""
    if isinstance(value, dict):
        return {key: resolve_value(item, (*path, key), top, reader, through) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve_value(item, (*path, i), top, reader, through) for i, item in enumerate(value)]
    if isinstance(value, str) and "${" in value:
        return resolve_text(value, path, top, reader, (*through, path))
    return value


def resolve_text(text: str, path: KeyPath, top: Any, reader: Reader, through: tuple[KeyPath, ...]) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole:
        return resolve_reference(whole[1], path, top, reader, through)
    parts = []
    for i, part in enumerate(REFERENCE.split(text)):
        value = resolve_reference(part, path, top, reader, through) if i % 2 else part
        if value is INVALID:
            return INVALID
        parts.append(str(value).lower() if isinstance(value, bool) else str(value))
        if sum(map(len, parts)) > LONGEST:
            return reader.wrong_reference(
                path, "the references in it grow beyond {most:,} characters", "", most=LONGEST
            )
    return "".join(parts)


def resolve_reference(name: str, path: KeyPath, top: Any, reader: Reader, through: tuple[KeyPath, ...]) -> Any:
    """The value of the key ``a.b.c``; a key of the top level that the file leaves out has its default."""
    steps = name.strip().split(".")
    target: KeyPath = tuple(int(step) if step.isdecimal() and len(step) < 10 else step for step in steps)
    value = top
    for part in target:
        inside: Any = dict(enumerate(value)) if isinstance(value, list) else value
        value = inside.get(part) if isinstance(inside, dict) else None
        if value is None:
            fields = keys(Config)
            if len(target) == 1 and part in fields and isinstance(default_of(fields[str(part)]), str | int):
                return default_of(fields[str(part)])
            written = [key for key, item in top.items() if not isinstance(item, dict | list)]
            hint = did_you_mean(name, written, "keys that have a value: {names:and}")
            if re.fullmatch("[A-Z][A-Z0-9_]+", name):
                hint = "variables such as $HOME are not filled in: write the path itself"
            return reader.wrong_reference(path, "${{name}} refers to a key that is not there", hint, name=name)
    if target in through:
        message = "${{name}} refers back to itself"
        return reader.wrong_reference(path, message, "write the value itself in one place", name=name)
    if isinstance(value, dict):
        message = "${{name}} refers to a mapping"
        return reader.wrong_reference(
            path, message, "refer to one value in it: ${{name}.{inner}}", name=name, inner=next(iter(value), "key")
        )
    return resolve_value(value, path, top, reader, (*through, target))
