"""A section of the file: a frozen dataclass whose fields are its keys."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.language import translate
from rnacli.schema.proposals import mapping_schema
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.values import Json, Kind
from rnacli.synonyms import ELSEWHERE
from rnacli.words import did_you_mean, fill_template, nearest_words, plain_word, translate_word


def key(kind: Kind, doc: str, **default: Any) -> Any:
    """A key of a section: a dataclass field that carries its kind and its description; without default, required."""
    return dataclasses.field(metadata={"kind": kind, "doc": doc}, kw_only=True, **default)


def keys(section: type) -> dict[str, "dataclasses.Field[Any]"]:
    """The keys of a section's dataclass, in order."""
    return {field.name: field for field in dataclasses.fields(section) if "kind" in field.metadata}


def default_of(field: "dataclasses.Field[Any]") -> Any:
    """A key's default; ``dataclasses.MISSING`` where it is required."""
    factory = field.default_factory
    return field.default if factory is dataclasses.MISSING else factory()


@dataclass(frozen=True)
class Section(Kind):
    """A mapping with known keys, read into the frozen dataclass ``of``.

    ``elsewhere`` names the level to which a key that is unknown here belongs.
    """

    of: type
    elsewhere: Callable[[str], str] = lambda key: ""

    wanted = "a mapping (key: value)"

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        values = self.read_keys(value, path, reader)
        return INVALID if values is INVALID or INVALID in values.values() else self.of(**values)

    def read_keys(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        """Each key's value, ``INVALID`` among them where one is wrong; ``INVALID`` for no mapping at all."""
        if not self.fits(value):
            return super().read(value, path, reader)
        fields = keys(self.of)
        values: dict[str, Any] = {}
        meant: set[str] = set()
        # What a file leaves out has the place of what is around it.
        given = {each for each in value if reader.place((*path, each), True) != reader.place(path, True)}
        for name in value:
            if name not in fields:
                inner = [each for each in value[name] if each in fields] if isinstance(value[name], dict) else []
                meant |= {*(inner or nearest_words(name, fields))}
                values[name] = unknown_key(name, path, fields, self.elsewhere(name), reader, inner, given)
        for name, field in fields.items():
            if default_of(field) is dataclasses.MISSING:
                reader.required.add((*path, name))
            if name in value:
                values[name] = field.metadata["kind"].read(value[name], (*path, name), reader)
            elif default_of(field) is not dataclasses.MISSING:
                continue
            elif name in meant:
                values[name] = INVALID
            else:
                hint = "add the key {name} ({doc:.200})"
                values[name] = reader.wrong(
                    path,
                    "{name} is missing",
                    hint,
                    key=True,
                    name=name,
                    doc=translate(field.metadata["doc"]).replace("`", ""),
                )
        return values

    def gives(self, value: Any) -> bool:
        return isinstance(value, self.of)

    def plain(self, value: Any) -> Any:
        return {
            name: field.metadata["kind"].plain(getattr(value, name))
            for name, field in keys(self.of).items()
            if getattr(value, name) is not None
        }

    @property
    def required(self) -> list[str]:
        return [name for name, field in keys(self.of).items() if default_of(field) is dataclasses.MISSING]

    @property
    def properties(self) -> dict[str, Json]:
        """The JSON Schema of each key."""
        return {
            name: {**field.metadata["kind"].schema(), "description": translate(field.metadata["doc"])}
            for name, field in keys(self.of).items()
        }

    def schema(self) -> Json:
        return mapping_schema(self.properties, required=self.required)


def unknown_key(
    name: str,
    path: KeyPath,
    names: Iterable[str],
    elsewhere: str,
    reader: Reader,
    inner: Sequence[str] = (),
    given: Collection[str] = (),
) -> Any:
    """Report a key that a level does not have, with where it belongs or what it may have meant.

    ``inner``: the keys of this level that stand below it; ``given``: the keys that are there.
    """
    names = list(names)
    if inner:
        hint = "leave it out, and put {inner:and} in its place"
        return reader.wrong((*path, name), "unknown key", hint, key=True, inner=inner)
    near = nearest_words(name, names)
    is_override = reader.place((*path, name), True).source.startswith("--set ")  # which is meant to change a key
    if near and not elsewhere and {*near} <= {*given} and not is_override:
        return reader.wrong((*path, name), "unknown key", "leave it out: {near:or} is given", key=True, near=near)
    said = "" if translate_word(name, names) else ELSEWHERE.get(plain_word(name), "")
    hint = "{name} belongs to {level}" if elsewhere else said or did_you_mean(name, names, "known keys: {names:and}")
    return reader.wrong((*path, name), "unknown key", hint, key=True, name=name, level=fill_template(elsewhere))
