"""JSON from a file that a stranger may have made: read in bounded memory, and refused where ours would never be so.

``parse_json`` makes plain data of a text, ``read_dataclass`` and ``read_plain`` hold them against Python's own types.
"""

import contextlib
import dataclasses
import functools
import itertools
import json
import math
import re
import types
from collections.abc import Callable
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

LARGEST_JSON = 16 << 20
"""Bytes of ``run.json`` and of every other file that is read at once."""
VALUES = 1_000_000
"""Values, of which a small one takes about 200 bytes of memory."""
DEPTH = 50
DIGITS = 18

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_LONG_NUMBER = re.compile(rb"(?<![0-9.])[0-9]{%d}" % (DIGITS + 1))
_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_DIGITS = b"0" * (DIGITS + 1)
_BRACKETS = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))


def parse_json(content: bytes) -> Any:
    """What the JSON text ``content`` means.

    Raises ``ValueError`` for what is no JSON, is too large, too deep or has a key twice, and for numbers of more than
    18 digits, numbers that are not finite, and halves of characters.
    """
    check_json_size(content)
    try:
        value = json.loads(
            content.decode(), object_pairs_hook=unique_keys, parse_float=finite_number, parse_constant=finite_number
        )
        if b"\\u" in content:
            json.dumps(value, ensure_ascii=False).encode()  # half a character cannot be written anywhere
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def check_json_size(content: bytes) -> None:
    """Refuse, before it is made, what would take too much memory or time. Raises ``ValueError``."""
    if len(content) > LARGEST_JSON:
        raise ValueError(f"it is larger than {LARGEST_JSON >> 20} MiB")
    if is_surely_small(content):
        return
    bones = _STRING.sub(b"", content)
    brackets = bones.translate(None, _NO_BRACKETS)
    if bones.count(b",") + len(brackets) // 2 > VALUES:
        raise ValueError(f"it holds more than {VALUES:,} values")
    if max(itertools.accumulate(map(_BRACKETS.__getitem__, brackets)), default=0) > DEPTH:
        raise ValueError("it is nested too deeply")
    if _LONG_NUMBER.search(bones):
        raise ValueError(f"it holds a number of more than {DIGITS} digits")


def is_surely_small(content: bytes) -> bool:
    """Whether not even all that stands in its strings, taken for JSON, would be too much: most files are."""
    return (
        content.count(b"[") + content.count(b"{") <= DEPTH
        and content.count(b",") < VALUES // 2
        and _MANY_DIGITS not in content.translate(_ALIKE)
    )


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise ValueError("a key is there twice")
    return mapping


def finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it holds a number that is not finite")
    return number


T = TypeVar("T")


def read_dataclass(of: type[T], plain: Any, name: str = "it") -> T:
    """Plain JSON data as the dataclass ``of``: what they say of each field, if it is of the field's type.

    A type is any that ``read_plain`` knows. Fields with a default may be left out; keys of no field are passed over.
    Raises ``ValueError`` that names the field.
    """
    fields = dataclasses.fields(of)  # type: ignore[arg-type]
    required = frozenset(field.name for field in fields if field.default is field.default_factory)  # both are MISSING
    types_of = hints_of(of)  # type: ignore[arg-type]
    return of(**read_keys({field.name: types_of[field.name] for field in fields}, required, plain, name))


def read_plain(kind: Any, plain: Any, name: str = "it") -> Any:
    """Plain JSON data as a value of the type ``kind``; ``name`` is what a message calls it.

    ``kind``: ``str``, ``bool``, ``int``, ``float`` (a whole number stays one), ``None`` or ``Any``; a ``Literal``; a
    union of some; a list, a tuple (of a JSON list) or a dict; a dataclass, or a ``TypedDict``, whose other keys stay as
    they are. True is no number, and a number is finite. Raises ``ValueError``.
    """
    if kind is Any:
        return plain
    if kind in PLAIN:
        return need(kind, plain, name)
    if dataclasses.is_dataclass(kind):
        return read_dataclass(kind, plain, name)  # type: ignore[arg-type]
    if is_typeddict(kind):
        return {**need(dict, plain, name), **read_keys(hints_of(kind), kind.__required_keys__, plain, name)}
    return READERS[get_origin(kind)](get_args(kind), plain, name)


@functools.cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The types of a class' attributes: Python computes them anew at each call, slower than all else here."""
    return get_type_hints(kind)


def read_keys(types_of: dict[str, Any], required: frozenset[str], plain: Any, name: str) -> dict[str, Any]:
    """The values of a mapping's keys that have a type; those ``required`` must be there."""
    mapping = need(dict, plain, name)
    if missing := sorted(required - mapping.keys()):
        raise ValueError(f"{missing[0]} is missing")
    return {key: read_plain(kind, mapping[key], key) for key, kind in types_of.items() if key in mapping}


PLAIN: dict[Any, Any] = {kind: kind for kind in (str, bool, int, types.NoneType, list, dict)} | {float: int | float}


def need(kind: Any, plain: Any, name: str) -> Any:
    """``plain`` itself, if it is of one of the types of ``PLAIN``."""
    if not isinstance(plain, PLAIN[kind]) or (isinstance(plain, bool) and kind is not bool):
        raise ValueError(f"{name} is not what it should be")
    if isinstance(plain, float) and not math.isfinite(plain):
        raise ValueError(f"{name} is not finite")
    return plain


def read_choice(choices: tuple[Any, ...], plain: Any, name: str) -> Any:
    if not any(type(plain) is type(choice) and plain == choice for choice in choices):
        raise ValueError(f"{name} is not what it should be")
    return plain


def read_union(kinds: tuple[Any, ...], plain: Any, name: str) -> Any:
    """As the first kind that it is of; what is wrong is said of the first of all."""
    first, *others = kinds
    try:
        return read_plain(first, plain, name)
    except ValueError:
        for kind in others:
            with contextlib.suppress(ValueError):
                return read_plain(kind, plain, name)
        raise


def read_list(kinds: tuple[Any, ...], plain: Any, name: str) -> list[Any]:
    return [read_plain(kinds[0], item, name) for item in need(list, plain, name)]


def read_tuple(kinds: tuple[Any, ...], plain: Any, name: str) -> tuple[Any, ...]:
    if kinds[1:] == (...,):
        return tuple(read_list(kinds, plain, name))
    if len(need(list, plain, name)) != len(kinds):
        raise ValueError(f"{name} is not what it should be")
    return tuple(read_plain(kind, item, name) for kind, item in zip(kinds, plain, strict=True))


def read_dict(kinds: tuple[Any, ...], plain: Any, name: str) -> dict[Any, Any]:
    return {
        read_plain(kinds[0], key, name): read_plain(kinds[1], item, str(key))
        for key, item in need(dict, plain, name).items()
    }


READERS: dict[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    Literal: read_choice,
    Union: read_union,
    types.UnionType: read_union,
    list: read_list,
    tuple: read_tuple,
    dict: read_dict,
}
"""How what has other types in it is read."""
