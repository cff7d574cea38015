"""Where a dotted key of a search leads in a file: ``optimizer.*.learning_rate``, whichever optimizer stands there."""

from typing import Any, NamedTuple

from rnacli.experiment.config import Config
from rnacli.schema.catalog import CATEGORIES, Entry, find_entry
from rnacli.schema.layer import FROM, REPEAT, find_layer
from rnacli.schema.section import keys
from rnacli.words import plain_name

ANY = "*"
"""The part of a key that stands for whichever object is there."""
OF_LISTS = {"layers": "layer", "generator": "layer", "discriminator": "layer", "metrics": "metric",
            "callbacks": "callback"}  # fmt: skip
OF_OBJECTS = {"optimizer": "optimizer", "loss": "loss"}


class Spot(NamedTuple):
    """A place in a file: what stands there, and what may be below it.

    ``role``: top, section, list, object, arguments, repeat or value; ``of``: a category of Keras' objects, or an entry
    of the catalogue.
    """

    value: Any
    role: str
    of: Any = None


def follow_key(plain: Any, key: str) -> str | None:
    """The key with its ``*`` replaced by the names that stand there; ``None`` where it leads nowhere."""
    spot, parts = Spot(plain, "top"), list[str]()
    for part in key.split("."):
        step = STEPS[spot.role](spot, part)
        if step is None:
            return None
        name, spot = step
        parts.append(name)
    return ".".join(parts)


Step = tuple[str, Spot] | None


def step_from_top(spot: Spot, part: str) -> Step:
    name = next((each for each in keys(Config) if plain_name(each) == plain_name(part)), None)
    if name is None or not isinstance(spot.value, dict):
        return None
    value = spot.value.get(name)
    if name in OF_LISTS:
        return name, Spot(value, "list", OF_LISTS[name])
    if name in OF_OBJECTS:
        return name, Spot(value, "object", OF_OBJECTS[name])
    return name, Spot(value, "networks" if name == "networks" else "section")


def step_into_networks(spot: Spot, part: str) -> Step:
    inside = isinstance(spot.value, dict) and part in spot.value
    return (part, Spot(spot.value[part], "list", "layer")) if inside else None


def step_into_section(spot: Spot, part: str) -> Step:
    """A key that is not there may be given: what the section does not have is told when it is read."""
    if isinstance(spot.value, list):
        return (part, Spot(spot.value[int(part)], "section")) if is_place(part, spot.value) else None
    if spot.value is not None and not isinstance(spot.value, dict):
        return None
    inner = spot.value or {}
    name = next((each for each in inner if plain_name(str(each)) == plain_name(part)), part)
    return name, Spot(inner.get(name), "section")


def step_into_list(spot: Spot, part: str) -> Step:
    if isinstance(spot.value, dict):  # the metrics of several outputs
        return (part, spot._replace(value=spot.value[part])) if part in spot.value else None
    if not isinstance(spot.value, list) or not is_place(part, spot.value):
        return None
    return part, Spot(spot.value[int(part)], "object", spot.of)


def is_place(part: str, values: list[Any]) -> bool:
    return part.isdecimal() and len(part) < 10 and int(part) < len(values)


def step_into_object(spot: Spot, part: str) -> Step:
    """The object's name; where there is none yet, as of a regularizer, any that there is."""
    value, category = spot.value, spot.of
    present = value if isinstance(value, str) else next(iter(value)) if is_single(value) else None
    if present is None and isinstance(value, dict) and part in value:  # the losses of several outputs
        return part, Spot(value[part], "object", category)
    if part == ANY:
        part = str(present or "")
    if category == "layer" and plain_name(part) == REPEAT and present is not None and plain_name(present) == REPEAT:
        return present, Spot(value[present], "repeat")
    entry = find_object(category, part)
    if entry is None or (present is None and value is not None):
        return None
    if present is not None and find_object(category, present) != entry:
        return None
    return present or part, Spot(value.get(present) if isinstance(value, dict) else None, "arguments", entry)


def is_single(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value)), str)


def find_object(category: str, name: str) -> Entry | None:
    return find_layer(name) if category == "layer" else find_entry(category, name)


def step_into_arguments(spot: Spot, part: str) -> Step:
    entry: Entry = spot.of
    name = next((each for each in entry.arguments if plain_name(each) == plain_name(part)), None)
    if name is None:
        return (FROM, Spot(None, "value")) if part == FROM and entry.category == "layer" else None
    argument = entry.arguments[name]
    given = isinstance(spot.value, dict) and name in spot.value
    value = spot.value[name] if given else None
    if spot.value is not None and not isinstance(spot.value, dict):
        value = spot.value if entry.first is not None and entry.first.name == name else None
    if argument.type == "layers":
        return name, Spot(value, "list", "layer")
    category = "schedule" if argument.type == "learning_rate" else argument.type
    if category in CATEGORIES and category != "activation" and not isinstance(value, int | float):
        return name, Spot(value, "object", category)
    return name, Spot(value, "value")


def step_into_repeat(spot: Spot, part: str) -> Step:
    inner = spot.value if isinstance(spot.value, dict) else {}
    if part == "layers":
        return part, Spot(inner.get("layers"), "list", "layer")
    return (part, Spot(inner.get("times"), "value")) if part == "times" else None


def step_into_value(spot: Spot, part: str) -> Step:
    return None


STEPS = {
    "top": step_from_top,
    "section": step_into_section,
    "networks": step_into_networks,
    "list": step_into_list,
    "object": step_into_object,
    "arguments": step_into_arguments,
    "repeat": step_into_repeat,
    "value": step_into_value,
}


def value_at(plain: Any, key: str) -> Any:
    """What a file itself says at a key that ``follow_key`` gave; ``None`` where it says nothing."""
    for part in key.split("."):
        if isinstance(plain, list):
            plain = plain[int(part)] if is_place(part, plain) else None
        else:
            plain = plain.get(part) if isinstance(plain, dict) else None
    return plain
