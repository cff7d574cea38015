"""The JSON Schema of Keras' objects, for editors: each name once, what it is, and what to write."""

from collections.abc import Mapping

from rnacli.language import translate
from rnacli.schema.catalog import CATEGORIES, Entry, entry_names, entry_spellings, find_entry
from rnacli.schema.documentation import describe_argument, describe_entry
from rnacli.schema.keras_object import KerasObject, argument_kind
from rnacli.schema.layer import (
    APPLICATION,
    FOLLOWING,
    FROM,
    FROM_DOC,
    INPUTS,
    NAMES,
    NETWORK,
    REPEAT,
    network_definition,
    repeat_definition,
)
from rnacli.schema.proposals import mapping_schema, named_schema
from rnacli.schema.snippets import argument_snippets, object_snippet
from rnacli.schema.values import Either, Json, Kind
from rnacli.words import fill_template


def keras_definitions() -> Json:
    """``$defs`` of the JSON Schema: one for each category of Keras objects, and one for each object's arguments."""
    definitions: Json = {}
    for category in CATEGORIES:
        if category.endswith("_dataset"):
            continue
        entries = {name: entry for name in entry_names(category) if (entry := find_entry(category, name))}
        for name, entry in entries.items():
            definitions[f"{category}.{name}"] = arguments_definition(entry)
        definitions[category] = category_definition(category, entries)
    return {**definitions, NETWORK: network_definition(), REPEAT: repeat_definition()}


def category_definition(category: str, entries: Mapping[str, Entry]) -> Json:
    """An object of a category: its name alone where it needs nothing else, or a mapping from the name."""
    spelt = entry_spellings(category)
    docs = {name: describe_entry(entry) for name, entry in entries.items()}
    bare = [name for name, entry in entries.items() if not any(a.required for a in entry.arguments.values())]
    words = [named_schema(name, docs[name], others(spelt, name)) for name in bare]
    names = [schema for pair in words for schema in pair]
    if category == "activation":
        return {"title": category, "anyOf": names}
    properties = {name: {"$ref": f"#/$defs/{category}.{name}", "description": docs[name]} for name in entries}
    spellings = {f"^({'|'.join(more)})$": properties[name] for name in entries if (more := others(spelt, name))}
    snippets = [each for name, entry in entries.items() if (each := object_snippet(entry, docs[name]))]
    one = mapping_schema(properties, snippets, title=category, spellings=spellings)
    return {"title": category, "anyOf": [*names, {**one, "minProperties": 1, "maxProperties": 1}]}


def others(spelt: Mapping[str, str], name: str) -> list[str]:
    """The other spellings of a name."""
    return [word for word, each in spelt.items() if each == name and word != name]


def argument_schemas(entry: Entry) -> dict[str, Json]:
    """Argument -> its schema, with what it is and its default."""
    schemas: dict[str, Json] = {}
    for name, argument in entry.arguments.items():
        default = {} if argument.required or argument.default is None else {"default": argument.default}
        schemas[name] = {**argument_kind(argument).schema(), "description": describe_argument(entry, name), **default}
    return schemas


def arguments_definition(entry: Entry) -> Json:
    properties = argument_schemas(entry)
    snippets = argument_snippets(entry.arguments, {name: each["description"] for name, each in properties.items()})
    following = FOLLOWING.get(entry.name) if entry.category == "layer" else None
    required = [name for name, argument in entry.arguments.items() if argument.required and name != following]
    if entry.category in ("layer", APPLICATION):
        properties[FROM] = {**NAMES.schema(), "description": translate(FROM_DOC)}
        snippets.append({"label": FROM, "description": translate(FROM_DOC), "body": {FROM: "${1:input}"}})
    wrong = fill_template("{name} does not take this value: rna check says what it takes", name=entry.name)
    forms: list[Json] = [mapping_schema(properties, snippets, required, entry.name, wrong=wrong)]
    if entry.first is not None and len(required) <= 1 and (kind := value_kind(argument_kind(entry.first))):
        forms.append({"title": entry.first.name, **kind.schema()})
    if entry.name in INPUTS and entry.category == "layer":
        forms.append({"title": FROM, **NAMES.schema()})
    if not required:
        forms.append({"title": "null", "type": "null"})
    return {"anyOf": forms}


def value_kind(kind: Kind) -> Kind | None:
    """What of a first argument's kind may stand alone: a mapping would be taken for the arguments themselves."""
    if isinstance(kind, Either):
        return Either(tuple(each for each in kind.kinds if not isinstance(each, KerasObject)))
    return None if isinstance(kind, KerasObject) else kind
