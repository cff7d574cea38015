"""``repeat: {times: 3, layers: [...]}`` in a list of layers: these layers, so many times."""

from collections.abc import Iterator
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.document.read import Document
from rnacli.schema.layer import MOST_TIMES, REPEAT
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.values import whole_number
from rnacli.words import plain_name

MOST = 1000
"""Layers that a list may become."""
EXAMPLE = "- repeat: {times: 2, layers: [{dense: 32}]}"


def expand_repeats(document: Document, reader: Reader) -> None:
    """Write out the repeated layers of a document; each keeps the place in the file that it was written at."""
    for path in layer_lists(document.value):
        value: Any = document.value
        for step in path[:-1]:
            value = value[step]
        layers = value[path[-1]]
        if any(is_repeat(layer) for layer in layers):
            found = list(write_out(layers, path, reader))
            if len(found) > MOST:
                reader.wrong(path, "the list has more than {most:,} layers", "fewer times", most=MOST)
                found = found[:MOST]
            value[path[-1]] = [layer for layer, _ in found]
            move_places(document, path, [origin for _, origin in found])


def layer_lists(plain: Any) -> list[KeyPath]:
    """Where a document has lists of layers."""
    if not isinstance(plain, dict):
        return []
    paths: list[KeyPath] = [(name,) for name in ("layers", "generator", "discriminator")]
    networks = plain.get("networks")
    paths += [("networks", name) for name in networks] if isinstance(networks, dict) else []
    return [path for path in paths if isinstance(inside(plain, path), list)]


def inside(plain: Any, path: KeyPath) -> Any:
    for step in path:
        plain = plain.get(step)
    return plain


def is_repeat(layer: Any) -> bool:
    """Whether an entry of a list of layers is the word, and no layer."""
    return isinstance(layer, dict) and len(layer) == 1 and plain_name(str(next(iter(layer)))) == REPEAT


def write_out(layers: list[Any], path: KeyPath, reader: Reader) -> Iterator[tuple[Any, KeyPath]]:
    """The layers of the list at ``path``, repeated ones written out; and where each was written."""
    for i, layer in enumerate(layers):
        at = (*path, i)
        if not is_repeat(layer):
            yield layer, at
            continue
        ((word, value),) = layer.items()
        times, repeated = read_repeat(value, (*at, word), reader)
        inner = list(write_out(repeated, (*at, word, "layers"), reader))
        for _ in range(min(times, MOST // max(1, len(inner)) + 1)):
            yield from inner


def read_repeat(value: Any, path: KeyPath, reader: Reader) -> tuple[int, list[Any]]:
    """How often which layers are repeated; what is wrong is told to the ``reader``."""
    if not isinstance(value, dict) or set(value) != {"times", "layers"}:
        reader.wrong(path, "repeat takes times and layers", EXAMPLE)
        return 0, []
    times = whole_number(0, MOST_TIMES).read(value["times"], (*path, "times"), reader)
    layers = value["layers"]
    if not isinstance(layers, list) or not layers:
        reader.wrong((*path, "layers"), "expected a list of layers, got {value!r}", EXAMPLE, value=layers)
        return 0, []
    names = [each for each in layers if isinstance(each, dict) for each in each.values()]
    if named := next((each["name"] for each in names if isinstance(each, dict) and "name" in each), None):
        message = "a layer that is repeated has no name: there would be several called '{name}'"
        reader.wrong((*path, "layers"), message, "remove name", name=named)
    return (0 if times is INVALID else times), layers


def move_places(document: Document, path: KeyPath, origins: list[KeyPath]) -> None:
    """Let the place of each entry of the list at ``path``, and of all in it, be that of its origin."""
    for places in (document.places, document.keys):
        before = {at: place for at, place in places.items() if at[: len(path)] == path and len(at) > len(path)}
        for at in before:
            del places[at]
        for i, origin in enumerate(origins):
            for at, place in before.items():
                if at[: len(origin)] == origin:
                    places[(*path, i, *at[len(origin) :])] = place
