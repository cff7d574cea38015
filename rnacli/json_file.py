"""JSON from a file that a stranger may have made: read in bounded memory, and refused where ours would never be so."""

import itertools
import json
import math
import re
from typing import Any

LARGEST = 16 << 20
"""Bytes."""
VALUES = 1_000_000
"""Values, of which a small one takes about 200 bytes of memory."""
DEPTH = 50
DIGITS = 18

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_LONG_NUMBER = re.compile(rb"(?<![0-9.])[0-9]{%d}" % (DIGITS + 1))
_BRACKETS = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))


def parse(content: bytes) -> Any:
    """What the JSON text ``content`` means.

    Raises ``ValueError`` for what is no JSON, is too large, too deep or has a key twice, and for numbers of more than
    18 digits, numbers that are not finite, and halves of characters.
    """
    check_size(content)
    try:
        value = json.loads(content.decode(), object_pairs_hook=unique, parse_float=finite, parse_constant=finite)
        if b"\\u" in content:
            json.dumps(value, ensure_ascii=False).encode()  # half a character cannot be written anywhere
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def check_size(content: bytes) -> None:
    """Refuse, before it is made, what would take too much memory or time. Raises ``ValueError``."""
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    bones = _STRING.sub(b"", content)
    brackets = bones.translate(None, _NO_BRACKETS)
    if bones.count(b",") + len(brackets) // 2 > VALUES:
        raise ValueError(f"it holds more than {VALUES:,} values")
    if max(itertools.accumulate(map(_BRACKETS.__getitem__, brackets)), default=0) > DEPTH:
        raise ValueError("it is nested too deeply")
    if _LONG_NUMBER.search(bones):
        raise ValueError(f"it holds a number of more than {DIGITS} digits")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is there twice")
    return made


def finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it holds a number that is not finite")
    return number
