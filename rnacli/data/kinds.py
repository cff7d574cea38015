"""The kinds of data set: the one place that lists them all."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from rnacli.data.csv import Csv
from rnacli.data.images import Images
from rnacli.data.keras import Keras
from rnacli.data.kind import DataSet
from rnacli.data.npz import Npz
from rnacli.data.rows import Rows
from rnacli.data.sklearn import Sklearn
from rnacli.data.text import TextFile
from rnacli.data.text_folders import TextFolders
from rnacli.document.place import KeyPath
from rnacli.language import translate
from rnacli.schema.catalog import Entry, entry_names, find_entry, find_refusal
from rnacli.schema.documentation import describe_entry
from rnacli.schema.json_schema import argument_schemas
from rnacli.schema.keras_object import KerasObject, KerasSpec, plain_value
from rnacli.schema.layer import FOLLOWING
from rnacli.schema.old_words import unknown_argument
from rnacli.schema.proposals import key_snippets, mapping_schema, named_schema, unproposed
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import Section, keys, unknown_key
from rnacli.schema.snippets import argument_snippets
from rnacli.schema.values import Json, Kind
from rnacli.words import did_you_mean, fill_template

KINDS: dict[str, type[DataSet]] = {
    "csv": Csv,
    "sklearn": Sklearn,
    "keras": Keras,
    "npz": Npz,
    "images": Images,
    "rows": Rows,
    "text": TextFile,
    "text_folders": TextFolders,
}
CATALOGUED = {"sklearn": "sklearn_dataset", "keras": "keras_dataset"}
"""The kinds whose value is a name in the catalogue, with arguments beside it."""


def sizes_left_out(plain: Any) -> dict[str, str]:
    """Layer -> an argument that a file of these plain data may leave out: it follows from a text's vocabulary."""
    dataset = plain.get("dataset") if isinstance(plain, dict) else None
    present = [KINDS[kind] for kind in KINDS if isinstance(dataset, dict) and kind in dataset]
    return FOLLOWING if any(kind.IS_TEXT for kind in present) else {}


class DatasetKind(Kind):
    """The kind of data is the key that names it: ``csv: flowers.csv``."""

    wanted = "a mapping (key: value)"

    def __init__(self, elsewhere: Callable[[str], str] = lambda name: ""):
        """``elsewhere`` names the level to which a key that no data set has belongs."""
        self.elsewhere = elsewhere

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict)

    def hint(self, value: Any) -> str:
        example = "dataset: {csv: data.csv, target: column_to_predict}"
        if not isinstance(value, str):
            return example
        for kind, category in CATALOGUED.items():
            entry = find_entry(category, value) or find_entry(category, f"load_{value}")
            if entry is not None:
                return fill_template("dataset: {{kind}: {name}}", kind=kind, name=entry.name)
        named = "dataset: {csv: {value:.100}, target: column_to_predict}"
        return fill_template(named, value=value) if value.lower().endswith((".csv", ".tsv", ".parquet")) else example

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value):
            return self.refuse(value, path, reader)
        present = [kind for kind in KINDS if kind in value]
        if len(present) != 1:
            if not present:
                known = {name for kind in KINDS.values() for name in keys(kind)}
                for name in value:
                    if name not in known and (near := did_you_mean(name, KINDS)):
                        message = "there is no kind of data called '{name:.40}'"
                        return reader.wrong((*path, name), message, near, key=True, name=name)
                message, hint = "one of {kinds:or} must say what data it is", "for a CSV file: csv: data.csv"
                return reader.wrong(path, message, hint, key=True, kinds=list(KINDS))
            message = "{kinds:and} are given at once"
            return reader.wrong((*path, present[1]), message, "keep one kind of data", key=True, kinds=present)
        kind = present[0]
        section = Section(KINDS[kind], self.elsewhere)
        if kind not in CATALOGUED:
            dataset = section.read(value, path, reader)
            if dataset is not INVALID:
                dataset.check_keys(path, reader)
            return dataset
        named = self.read_catalogued(kind, section, value, path, reader)
        others = {name: item for name, item in value.items() if name in keys(section.of)}
        values = section.read_keys({**others, kind: named}, path, reader)
        if INVALID in values.values():
            return INVALID
        dataset = section.of(**values)
        dataset.check_keys(path, reader)
        return dataset

    def read_catalogued(self, kind: str, section: Section, value: Json, path: KeyPath, reader: Reader) -> Any:
        """The data set's catalogue entry with the arguments that stand beside its name."""
        category, name = CATALOGUED[kind], value[kind]
        if not isinstance(name, str):
            return reader.wrong((*path, kind), "expected the name of a data set, got {name!r}", name=name)
        refusal, entry = find_refusal(category, name), find_entry(category, name)
        if refusal or entry is None:
            hint = did_you_mean(name, entry_names(category), "known: {names:and}")
            source = "scikit-learn" if kind == "sklearn" else "Keras"
            message = refusal or "{source} has no data set called '{name}'"
            return reader.wrong((*path, kind), message, "" if refusal else hint, source=source, name=name)
        arguments: Json = {}
        for other, item in value.items():
            if other in entry.arguments:
                arguments[other] = item
            elif other not in keys(section.of):
                elsewhere = self.elsewhere(other)
                if elsewhere or did_you_mean(other, keys(section.of)):
                    unknown_key(other, path, [*keys(section.of), *entry.arguments], elsewhere, reader)
                else:
                    unknown_argument(other, entry, value, path, reader)
        spec = KerasObject(category).read_arguments(entry, arguments, path, reader)
        named_at = reader.place((*path, kind), False)
        return spec if spec is INVALID else dataclasses.replace(spec, place=named_at)

    def plain(self, value: Any) -> Any:
        plain = Section(type(value)).plain(value)
        for kind in CATALOGUED:
            if kind in plain:
                spec: KerasSpec = plain.pop(kind)
                given = {name: plain_value(item) for name, item in spec.arguments.items() if item is not None}
                return {kind: spec.name, **given, **plain}
        return plain

    def schema(self) -> Json:
        """The keys of the kind that is there; where there is none yet, the kinds themselves."""
        docs = {kind: translate(keys(section)[kind].metadata["doc"]) for kind, section in KINDS.items()}
        samples = {kind: f"${{1:{EXAMPLES[kind]}}}" for kind in KINDS}
        snippets = [{"label": kind, "description": docs[kind], "body": {kind: samples[kind]}} for kind in KINDS]
        schema: Json = {"anyOf": [{"required": [kind]} for kind in KINDS], "defaultSnippets": snippets}
        for kind in reversed(KINDS):
            schema = {"if": {"required": [kind]}, "then": self.kind_schema(kind), "else": schema}
        return {"type": "object", **schema}

    def kind_schema(self, kind: str) -> Json:
        section = Section(KINDS[kind])
        properties = section.properties
        if kind not in CATALOGUED:
            return mapping_schema(properties, required=section.required, title=kind)
        names = entry_names(CATALOGUED[kind])
        entries = [entry for name in names if (entry := find_entry(CATALOGUED[kind], name))]
        words = [each for entry in entries for each in named_schema(entry.name, describe_entry(entry))]
        properties[kind] = {"anyOf": words, "description": properties[kind]["description"]}
        beside = {name: {"title": name} for entry in entries for name in entry.arguments}
        schema = mapping_schema({**beside, **properties}, key_snippets(properties), section.required, kind)
        return {**schema, "allOf": [arguments_beside(kind, entry, properties) for entry in entries]}


EXAMPLES = {
    "csv": "data.csv",
    "sklearn": "make_moons",
    "keras": "mnist",
    "npz": "data.npz",
    "images": "pictures",
    "rows": "[[0, 0, 0], [0, 1, 1]]",
    "text": "book.txt",
    "text_folders": "texts",
}
"""What the value of each kind looks like."""


def arguments_beside(kind: str, entry: Entry, keys: Mapping[str, Json]) -> Json:
    """The JSON Schema of the arguments of one of scikit-learn's or Keras' data sets, beside the ``keys`` of all."""
    arguments = argument_schemas(entry)
    snippets = argument_snippets(entry.arguments, {name: each["description"] for name, each in arguments.items()})
    return {
        "if": {"properties": {kind: {"const": entry.name}}, "required": [kind]},
        "then": {
            "properties": unproposed(arguments),
            "propertyNames": {"enum": [*arguments, *keys]},
            "defaultSnippets": snippets,
        },
    }
