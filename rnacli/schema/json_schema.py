"""The JSON Schema of Keras' objects, for editors."""

from rnacli.schema.catalog import CATEGORIES, Entry, entry_names, entry_spellings, find_entry
from rnacli.schema.keras_object import argument_kind
from rnacli.schema.layer import (
    APPLICATION,
    FOLLOWING,
    FROM,
    INPUTS,
    NAMES,
    NETWORK,
    REPEAT,
    network_definition,
    repeat_definition,
)
from rnacli.schema.values import Json


def keras_definitions() -> Json:
    """``$defs`` of the JSON Schema: one for each category of Keras objects, and one for each object's arguments."""
    definitions: Json = {}
    for category in CATEGORIES:
        if category.endswith("_dataset"):
            continue
        entries = {name: entry for name in entry_names(category) if (entry := find_entry(category, name))}
        for name, entry in entries.items():
            definitions[f"{category}.{name}"] = arguments_definition(entry)
        spelt = entry_spellings(category)
        bare = [word for word, name in spelt.items() if not any(a.required for a in entries[name].arguments.values())]
        docs = {name: {"description": entry.doc} if entry.doc else {} for name, entry in entries.items()}
        long = {word: {"$ref": f"#/$defs/{category}.{name}", **docs[name]} for word, name in spelt.items()}
        one = {"type": "object", "properties": long, "additionalProperties": False}
        definitions[category] = {"anyOf": [{"enum": bare}, {**one, "minProperties": 1, "maxProperties": 1}]}
    return {**definitions, NETWORK: network_definition(), REPEAT: repeat_definition()}


def arguments_definition(entry: Entry) -> Json:
    properties = {
        name: {**argument_kind(argument).schema(), **({} if argument.required else {"default": argument.default})}
        for name, argument in entry.arguments.items()
    }
    following = FOLLOWING.get(entry.name) if entry.category == "layer" else None
    required = [name for name, argument in entry.arguments.items() if argument.required and name != following]
    if entry.category in ("layer", APPLICATION):
        properties[FROM] = NAMES.schema()
    named = {"type": "object", "properties": properties, "additionalProperties": False, "required": required}
    forms: list[Json] = [named]
    if entry.first is not None and len(required) <= 1:
        forms.append(argument_kind(entry.first).schema())
    if entry.name in INPUTS and entry.category == "layer":
        forms.append(NAMES.schema())
    if not required:
        forms.append({"type": "null"})
    return {"anyOf": forms}
