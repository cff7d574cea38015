"""Plain data as the YAML that one would write by hand: short things on one line, quotes only where they must be."""

import math
import re
from typing import Any

from rnacli.document.scalars import MAX_DIGITS
from rnacli.document.text import CONTROL, UNSEEN
from rnacli.errors import CONFIG, RnaError
from rnacli.words import clean, fill_template

WIDTH = 110
"""Columns that a line should not pass."""

# What every YAML reader takes for the same text without quotes: words, file names and addresses.
PLAIN = re.compile(r"(?:\.{0,2}/)?[^\W\d](?:[\w.\-/+%()]|:(?=/))*(?: (?:[\w.\-/+%()]|:(?=/))+)*")
NOT_PLAIN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
ESCAPED = re.compile(r'["\\\t\n\r]|' + UNSEEN.pattern)
ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def dump_yaml(value: Any) -> str:
    """YAML as one writes it by hand; ``parse_document`` reads exactly ``value`` back, floats to the last bit.

    Raises ``RnaError`` for what it would refuse: control characters and integers of more than 18 digits.
    """
    lines = yaml_block(value, 0, WIDTH) if isinstance(value, dict | list) and value else [yaml_flow(value)]
    return "\n".join(lines) + "\n"


def yaml_block(value: Any, level: int, room: int) -> list[str]:
    """A list or a mapping, one line or more for each of its items."""
    lines = []
    if isinstance(value, dict):
        for key, item in value.items():
            name = yaml_scalar(key)
            *above, head = [f"? {name}", ":"] if len(name) > 1000 else [f"{name}:"]  # longer ones are no plain keys
            short = yaml_inline(item, level + 1, room - len(name) - 2)
            below = [] if short is not None else yaml_block(item, level + 1, room - 2)
            lines += [*above, head if short is None else f"{head} {short}", *(f"  {line}" for line in below)]
        return lines
    for item in value:
        short = yaml_inline(item, level + 1, room - 2, listed=True)
        first, *rest = yaml_block(item, level + 1, room - 2) if short is None else [short]
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines


def yaml_inline(value: Any, level: int, room: int, listed: bool = False) -> str | None:
    """The value on one line if one would write it so: small, no section of the file, and no ``- name: value``."""
    text, depth = yaml_flow(value), height(value)
    if depth == 0:
        return text
    apart = isinstance(value, dict) and (level == 1 or (listed and len(value) == 1))
    return None if apart or depth > max(1, level - 1) or len(text) > room else text


def height(value: Any) -> int:
    if not isinstance(value, dict | list) or not value:
        return 0
    return 1 + max(map(height, value.values() if isinstance(value, dict) else value))


def yaml_flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_scalar(key)}: {yaml_flow(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(yaml_flow, value)) + "]" if isinstance(value, list) else yaml_scalar(value)


def yaml_scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, int) and abs(value) < 10**MAX_DIGITS:
        return str(value)
    if isinstance(value, float):
        text = float.__repr__(value)
        if not math.isfinite(value):
            return text.replace("inf", ".inf").replace("nan", ".nan")
        return text if "." in text else text.replace("e", ".0e")  # readers of YAML 1.1 want the point
    if not isinstance(value, str | int):
        raise TypeError(f"not plain data: {value!r}")
    if isinstance(value, int) or CONTROL.search(value):
        hint = "write a smaller number" if isinstance(value, int) else "there is a hidden character in it: rename it"
        raise RnaError("a config cannot hold {value:.40}", hint=hint, exit_code=CONFIG, value=value)
    if PLAIN.fullmatch(value) and value.lower() not in NOT_PLAIN:
        return value
    return '"' + ESCAPED.sub(lambda char: ESCAPES.get(char[0]) or f"\\u{ord(char[0]):04x}", value) + '"'


def name_hint(name: str, template: str, **values: Any) -> str:
    """A hint with the name of a ``{column}``, as it stands in a config."""
    try:
        column = clean(yaml_scalar(name), 60) if "{column}" in template else ""
        return fill_template(template, column=column, **values)
    except RnaError:
        return "rename it in the file: there is a hidden character in its name, and a config cannot hold that"
