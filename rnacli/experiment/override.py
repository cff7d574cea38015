"""``--set key=value``: one value of a document is changed."""

import itertools
import re
from typing import Any

from rnacli.document.place import KeyPath, Place, dotted_path
from rnacli.document.read import Document, parse_value
from rnacli.errors import CONFIG, RnaError
from rnacli.schema.catalog import CATEGORIES, find_entry
from rnacli.words import Filled, clean, fill_template, plain_name

OBJECT_LISTS, OBJECTS = ("layers", "generator", "discriminator", "metrics", "callbacks"), ("optimizer", "loss")
"""The keys that hold Keras objects: where ``--set`` must name the object that the file has."""


def apply_override(document: Document, override: str) -> None:
    """Change one value of a document as ``--set`` says: ``optimizer.sgd.learning_rate=0.1``.

    An object that the file gives by name alone, or with a single value, gets room for arguments.
    """
    source = fill_template("--set {override}", override=override)
    name, equals, text = override.partition("=")
    if not equals or not name.strip():
        colon = re.fullmatch(r"\s*([\w.]+)\s*:\s*(\S.*)", override)
        hint = f"--set {clean(colon[1])}={clean(colon[2])}" if colon else "--set epochs=10"
        raise RnaError("expected key=value", place=source, hint=Filled(hint), exit_code=CONFIG)
    put_value(document, name.strip(), parse_value(text, source), Place(source))


def put_value(document: Document, name: str, value: Any, place: Place) -> None:
    """Let the key ``name``, as ``--set`` writes it, have a value that somebody gives at ``place``.

    Raises ``RnaError`` where that leads nowhere.
    """
    parts, source = name.split("."), str(place)
    parent: Any = document.value
    path: KeyPath = ()
    for part, following in itertools.pairwise(parts):
        path = (*path, step_to(parent, part, path, source))
        parent[path[-1]] = open_up(parent, path, following, source)
        parent = parent[path[-1]]
    path = (*path, step_to(parent, parts[-1], path, source))
    parent[path[-1]] = value
    for places in (document.places, document.keys):
        for inside in [each for each in places if each[: len(path)] == path]:
            del places[inside]
    document.places[path] = document.keys[path] = place


def step_to(parent: Any, part: str, path: KeyPath, source: str) -> str | int:
    """The index or the key that ``part`` means in the list or the mapping at ``path``."""
    if isinstance(parent, dict):
        return next((key for key in parent if plain_name(key) == plain_name(part)), part)
    if part.isdecimal() and len(part) < 10 and int(part) < len(parent):
        return int(part)
    numbered = fill_template(", 0 to {count}", count=len(parent) - 1) if parent else ""
    hint = "there are {count} {key}{numbered}"
    raise RnaError(
        "{where:.300} has no entry {part}",
        place=source,
        hint=hint,
        exit_code=CONFIG,
        where=dotted_path(path),
        part=part,
        count=len(parent),
        key=path[-1],
        numbered=numbered,
    )


def open_up(parent: Any, path: KeyPath, following: str, source: str) -> Any:
    """The value at ``path`` as something that can hold the key ``following``: a mapping or a list."""
    step: Any = path[-1]
    inner = parent[step] if isinstance(parent, list) else parent.get(step)
    if holds_object(path) and isinstance(inner, str | dict):
        (present, *_) = [inner] if isinstance(inner, str) else list(inner) or [following]
        if plain_name(present) != plain_name(following) and not (isinstance(inner, dict) and following in inner):
            way = "--set {where:.300}.{present}.<argument>=..., or --set '{where:.300}={{following}: {...}}'"
            if any(entry and following in entry.arguments for entry in (find_entry(c, present) for c in CATEGORIES)):
                way = "--set {where:.300}.{present}.{following}=..."
            hint = other_places(parent, path, following) or way
            message = "{where:.300} is {present}, not {following}"
            raise RnaError(
                message,
                place=source,
                hint=hint,
                exit_code=CONFIG,
                where=dotted_path(path),
                present=present,
                following=following,
            )
        return {inner: {}} if isinstance(inner, str) else inner
    if isinstance(inner, dict | list):
        return inner
    if isinstance(inner, str) and plain_name(inner) == plain_name(following):
        return {inner: {}}
    is_value = isinstance(inner, int | float) or (isinstance(inner, str) and holds_object(path[:-1]))
    return {first_argument(str(path[-1])): inner} if is_value else {}


def holds_object(path: KeyPath) -> bool:
    """Whether a Keras object stands at ``path``."""
    return path in {(name,) for name in OBJECTS} or (len(path) == 2 and path[0] in OBJECT_LISTS)


def other_places(parent: Any, path: KeyPath, wanted: str) -> str:
    """Where else in a list of Keras' objects the one that ``--set`` names stands."""
    if not isinstance(parent, list):
        return ""
    names = {i: next(iter(item), "") if isinstance(item, dict) else item for i, item in enumerate(parent)}
    places = [
        f"{dotted_path(path[:-1])}.{i}" for i, name in names.items() if plain_name(str(name)) == plain_name(wanted)
    ]
    return fill_template("{wanted} is {places:or}", wanted=wanted, places=places) if places else ""


def first_argument(name: str) -> str:
    """What the value means in ``dense: 10``: ``units``."""
    entries = (find_entry(category, name) for category in CATEGORIES)
    return next((entry.first.name for entry in entries if entry and entry.first), "value")
