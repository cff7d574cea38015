"""A layer of a network as a file has it: one of Keras', one of the file's ``networks``, or one of Keras'
applications, which are whole networks; and what it takes."""

from dataclasses import dataclass, replace
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.language import translate
from rnacli.schema.catalog import Argument, Entry, find_entry
from rnacli.schema.keras_object import KerasObject, Source
from rnacli.schema.proposals import mapping_schema
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.values import Either, Json, ListOf, Text, whole_number
from rnacli.words import fill_template, nearest_words

INPUTS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(
        ("add", "average", "concatenate", "hashed_crossing", "maximum", "minimum", "multiply"), (2, None)
    ),
    **dict.fromkeys(("dot", "subtract"), (2, 2)),
    **dict.fromkeys(("additive_attention", "attention", "group_query_attention", "multi_head_attention"), (1, 3)),
}  # fmt: skip
"""Layers that take several inputs, the fewest and the most: query, value and key of those that attend."""
FOLLOWING = {"dense": "units"}
"""Layers, and the argument that follows from the vocabulary of a running text: the last layer may lack it."""
NETWORK = "network"
"""The category of a layer that is one of the file's networks."""
APPLICATION = "application"
"""The category of a layer that is one of ``keras.applications``."""
FROM = "from"
FROM_DOC = "the layers or inputs that it takes, instead of the layer above it"
NAME = Text("a layer's name", ".+", numbers=True)
NAMES = Either((NAME, ListOf(NAME, 1, "from: [a_layer, another_layer]")))


@dataclass(frozen=True)
class LayerKind(KerasObject):
    """The one rule for Keras' layers, with ``from`` among the arguments; a merging layer's value is what it merges."""

    category: str = "layer"

    def read_named(self, name: str, inner: Any, path: KeyPath, reader: Reader) -> Any:
        network = name if name in reader.networks else ""
        entry = network_entry(network) if network else find_layer(name)
        sources: tuple[Source, ...] = ()
        if isinstance(inner, dict) and FROM in inner:
            sources = read_sources(inner[FROM], (*path, FROM), reader)
            inner = {key: value for key, value in inner.items() if key != FROM}
        elif entry is not None and are_names(inner, entry):
            sources, inner = read_sources(inner, path, reader), {}
        if network and not isinstance(inner, dict):
            return self.refuse(inner, path, reader)
        if network:
            spec = self.read_arguments(network_entry(network), inner, path, reader)
        elif entry is None and (near := nearest_words(name, reader.networks)):
            message, hint = "there is no layer called '{name}'", "did you mean {near:or}?"
            return reader.wrong(path, message, hint, key=True, name=name, near=near)
        else:
            kind = KerasObject(entry.category if entry is not None else self.category)
            spec = kind.read_named(name, inner, path, reader)
        if INVALID in (spec, sources):
            return INVALID
        return check_count(replace(spec, sources=sources), path, reader)

    def schema(self) -> Json:
        return {"anyOf": [*KERAS_LAYER["anyOf"], {"$ref": f"#/$defs/{NETWORK}"}]}


REPEAT = "repeat"
"""The word in a list of layers that repeats some: see ``rnacli.experiment.repeat``."""
MOST_TIMES = 1000
KERAS_LAYER: Json = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("layer", APPLICATION, REPEAT)]}
"""The JSON Schema of a layer that is none of the file's networks."""


def find_layer(name: str) -> Entry | None:
    """The entry of one of Keras' layers, or of its applications."""
    return find_entry("layer", name) or find_entry(APPLICATION, name)


def network_entry(name: str) -> Entry:
    """One of the file's networks as a layer."""
    arguments = (Argument("name", "text", None, nullable=True), Argument("anew", "boolean", False))
    return Entry(NETWORK, name, name, {argument.name: argument for argument in arguments})


def are_names(value: Any, entry: Entry) -> bool:
    """Whether a layer's value is what it takes, rather than its first argument."""
    if entry.category == NETWORK:
        return isinstance(value, str | list)
    return entry.name in INPUTS and isinstance(value, list) and all(isinstance(name, str) for name in value)


def read_sources(value: Any, path: KeyPath, reader: Reader) -> Any:
    """What a layer takes, by name; ``INVALID`` where that is no name or list of names."""
    names = NAMES.read(value, path, reader)
    if names is INVALID:
        return INVALID
    if isinstance(names, str):
        return (Source(names, path),)
    return tuple(Source(name, (*path, i)) for i, name in enumerate(names))


def check_count(spec: Any, path: KeyPath, reader: Reader) -> Any:
    """A layer takes as many inputs as it can."""
    fewest, most = INPUTS.get(spec.name, (1, 1)) if spec.entry.category == "layer" else (1, 1)
    count = len(spec.sources) or 1
    if count < fewest:
        message = "{name} takes {wanted}, got one"
        wanted = "two inputs" if most == fewest else "two inputs or more"
        hint = "{name}: [one_layer, another_layer]"
        if required := [argument.name for argument in spec.entry.arguments.values() if argument.required]:
            longer = "{name}: {{required}: ..., from: [one_layer, another_layer]}"
            return reader.wrong(
                path, message, longer, key=True, name=spec.name, wanted=fill_template(wanted), required=required[0]
            )
        return reader.wrong(path, message, hint, key=True, name=spec.name, wanted=fill_template(wanted))
    if most is not None and count > most:
        message, hint = "{name} takes {most} inputs at most, got {count}", "leave some out"
        if most == 1:
            message, hint = "{name} takes one input, got {count}", "merge them above it: - concatenate: [{names}]"
        names = ", ".join(source.name for source in spec.sources)
        return reader.wrong(path, message, hint, key=True, name=spec.name, most=most, count=count, names=names)
    return spec


def network_definition() -> Json:
    """The JSON Schema of a network of the file as a layer."""
    properties: dict[str, Json] = {
        "name": {"type": "string", "description": translate("what it is called")},
        "anew": {"type": "boolean", "description": translate("weights of its own, where the network is used twice")},
        FROM: {**NAMES.schema(), "description": translate(FROM_DOC)},
    }
    inner: Json = {"anyOf": [NAMES.schema(), mapping_schema(properties)]}
    one: Json = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": inner}
    return {"anyOf": [{"type": "string"}, one]}


def repeat_definition() -> Json:
    """The JSON Schema of the word that repeats layers."""
    layers: Json = {"type": "array", "items": LayerKind().schema(), "minItems": 1}
    keys: dict[str, Json] = {
        "times": {**whole_number(0, MOST_TIMES).schema(), "description": translate("how often the layers stand there")},
        "layers": {**layers, "description": translate("the layers that are repeated")},
    }
    doc = translate("the layers below, several times")
    snippet = {"label": REPEAT, "description": doc, "body": {REPEAT: "{times: ${1:3}, layers: [{dense: ${2:10}\\}]\\}"}}
    inner = {**mapping_schema(keys, required=list(keys)), "description": doc}
    return mapping_schema({REPEAT: inner}, [snippet], [REPEAT], REPEAT)
