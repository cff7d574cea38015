"""The one rule for Keras' objects: a name, ``name: {argument: value}``, or ``name: value`` for the first argument."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rnacli.document.place import KeyPath, Place
from rnacli.schema.catalog import Argument, Entry, find_entry, find_refusal
from rnacli.schema.keras_code import join_calls
from rnacli.schema.keras_hints import ARTICLES, article, known_names, one_name
from rnacli.schema.number_array import NumberArray
from rnacli.schema.old_words import MEANT, arguments_of, meant_argument, unknown_argument
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.values import (
    Anything,
    Boolean,
    Choice,
    Either,
    Json,
    Kind,
    ListOf,
    Nullable,
    Number,
    Text,
)
from rnacli.words import clean, fill_each, fill_template, plain_name, show_value

EXAMPLES = {
    "layer": "dense: 10",
    "application": "mobilenet_v2: imagenet",
    "optimizer": "adam",
    "schedule": "cosine_decay: {...}",
    "loss": "mean_squared_error",
    "metric": "accuracy",
    "initializer": "he_normal",
    "regularizer": "l2: 0.01",
    "constraint": "max_norm: 2",
    "activation": "relu",
    "callback": "early_stopping: {patience: 5}",
}
FIND = "find"
"""The learning rate of an optimizer that a range test finds before training."""
NUMBER_LIKE = re.compile(r"[-+−]?[.]?[0-9]")
BRACKETS = "write it without these brackets"
ONE_OF = {
    "optimizer": "write one, not a list; rna tune tries several: tune: {over: {optimizer: {choice: [adam, sgd]}}}",
    "schedule": "write one, not a list; rna tune tries several: "
    "tune: {over: {optimizer.*.learning_rate: {choice: [0.1, 0.01]}}}",
    "loss": "write one, not a list",
}
"""A category of which there is one -> what helps who wrote several."""


@dataclass(frozen=True)
class Source:
    """The name of what a layer takes: a layer above it, or an input; and where the file says so."""

    name: str
    path: KeyPath = field(compare=False)


@dataclass(frozen=True)
class KerasSpec:
    """One Keras (or scikit-learn) object as the file names it.

    ``arguments`` are complete, defaults included; nested objects are ``KerasSpec`` too.
    """

    entry: Entry
    arguments: Mapping[str, Any]
    given: frozenset[str] = field(compare=False)
    place: Place = field(compare=False)
    alias: str = ""
    """A metric's other name, if the file has it: ``mae``. The history calls it so, as Keras does."""
    sources: tuple[Source, ...] = ()
    """What a layer takes, if the file says so with ``from``; if not, it takes the layer above it."""

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def logged(self) -> str:
        """What a metric is called in the history."""
        return str(self.arguments["name"]) if "name" in self.given else self.alias or self.name

    @property
    def every_layer(self) -> "Iterator[KerasSpec]":
        """A layer, and those within it."""
        yield self
        for value in self.arguments.values():
            for inner in value if isinstance(value, tuple) else (value,):
                if isinstance(inner, KerasSpec) and inner.entry.category == "layer":
                    yield from inner.every_layer

    def with_argument(self, name: str, value: Any) -> "KerasSpec":
        """The same object with another argument, as if the file gave it."""
        return replace(self, arguments={**self.arguments, name: value}, given=self.given | {name})


@dataclass(frozen=True)
class CatalogKind(Kind):
    """Something of a category of the catalogue."""

    category: str

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return fill_template(
            "{what} such as {example:.200}", what=article(self.category), example=EXAMPLES[self.category]
        )


@dataclass(frozen=True)
class KerasObject(CatalogKind):
    """The one rule: a name, ``name: {argument: value}``, or ``name: value`` for the first argument."""

    def fits(self, value: Any) -> bool:
        return isinstance(value, str | dict)

    def entries(self, items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        return join_calls(items)

    def hint(self, value: Any) -> str:
        if isinstance(value, int) and self.category == "layer":
            return fill_template("write - dense: {value}", value=value)
        if not isinstance(value, list):
            return ""
        if len(value) == 1 and isinstance(value[0], str):
            return fill_template("write it without these brackets: {value}", value=value[0])
        if self.category == "layer" and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
            return fill_template("write - {name}: {value}", name=value[0], value=value[1])
        return ONE_OF.get(self.category, BRACKETS)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value) or value == {} or value == "":
            return self.refuse(value, path, reader)
        if isinstance(value, str):
            return self.read_named(value, {}, path, reader)
        if len(value) > 1:
            return reader.wrong(path, "expected one name, got {value:and}", one_name(self.category, value), value=value)
        ((name, inner),) = value.items()
        return self.read_named(name, {} if inner is None else inner, (*path, name), reader)

    def read_named(self, name: str, inner: Any, path: KeyPath, reader: Reader) -> Any:
        refusal = find_refusal(self.category, name)
        if refusal:
            return reader.wrong(path, refusal, key=True)
        entry = find_entry(self.category, name)
        if entry is None:
            message = "there is no {category} called '{name}'"
            if self.category == "schedule" and NUMBER_LIKE.match(name):
                message = "expected a number or a schedule, got '{name}'"
            # A name that is a key of its own has its place there; one that is a value, behind the colon.
            return reader.wrong(
                path,
                message,
                known_names(self.category, name),
                key=path[-1:] == (name,),
                category=noun(self.category),
                name=name,
            )
        named = isinstance(inner, dict)
        if not named:
            first = entry.first
            if first is None:
                return reader.wrong(
                    path,
                    "{name} takes no single value, got {inner!r}",
                    arguments_of(entry),
                    name=entry.name,
                    inner=inner,
                )
            if entry.name in MEANT and isinstance(inner, int | float):
                return self.refuse_number(inner, entry, first, path, reader)
            if isinstance(inner, list) and not argument_kind(first).fits(inner) and are_arguments(inner, entry):
                values = ((clean if isinstance(item, str) else show_value)(item) for item in inner)
                pairs = ", ".join(f"{name}: {value}" for name, value in zip(entry.arguments, values, strict=False))
                return reader.wrong(
                    path,
                    "expected {wanted:.200} for {name}, got a list",
                    "name the arguments: {entry}: {{pairs:.300}}",
                    wanted=argument_kind(first).wanted,
                    name=first.name,
                    entry=entry.name,
                    pairs=pairs,
                )
            inner = {first.name: inner}
        spec = self.read_arguments(entry, inner, path, reader, named)
        if (
            self.category != "metric"
            or spec is INVALID
            or plain_name(name) in (plain_name(entry.name), plain_name(entry.target))
        ):
            return spec
        called = {"name": name.lower()} if "name" in entry.arguments and "name" not in spec.given else {}
        arguments = {**spec.arguments, **called}
        return replace(spec, alias=name.lower(), arguments=arguments, given=spec.given | called.keys())

    def refuse_number(self, value: float, entry: Entry, first: Argument, path: KeyPath, reader: Reader) -> Any:
        """A bare number, or true, that is not for the first argument."""
        name, usual = MEANT[entry.name]
        return reader.wrong(
            path,
            "expected {wanted:.200} for {first}, got {value!r}",
            "{entry}: {{name}: {meant}}",
            wanted=argument_kind(first).wanted,
            first=first.name,
            value=value,
            entry=entry.name,
            name=name,
            meant=value if type(value) is type(usual) else usual,
        )

    def read_arguments(self, entry: Entry, given: Json, path: KeyPath, reader: Reader, named: bool = True) -> Any:
        """The object with its arguments complete; ``named``: the file names them, and does not give just a value."""
        values: dict[str, Any] = {}
        for name in given:
            if name not in entry.arguments:
                values[name] = unknown_argument(name, entry, given, path, reader)
        meant = {word for name in given if name not in entry.arguments for word in meant_argument(name, entry)}
        for name, argument in entry.arguments.items():
            if argument.required:
                reader.required.add((*path, name))
            if name in given:
                values[name] = argument_kind(argument).read(given[name], (*path, name) if named else path, reader)
            elif argument.required and name in meant:
                values[name] = INVALID
            elif argument.required and entry.category == "layer" and reader.following.get(entry.name) == name:
                values[name] = None
            elif argument.required:
                hint = "{entry}: {{known}{name}: ...}"
                numbers = [(other, value) for other, value in given.items() if type(value) in (int, float)]
                known = "".join(f"{other}: {value}, " for other, value in numbers)
                message = "{entry} needs {name}"
                values[name] = reader.wrong(path, message, hint, key=True, entry=entry.name, name=name, known=known)
            else:
                values[name] = default_argument(argument, path, reader)
        if INVALID in values.values():
            return INVALID
        return KerasSpec(entry, values, frozenset(given), reader.place(path, True))

    def gives(self, value: Any) -> bool:
        return isinstance(value, KerasSpec)

    def plain(self, value: KerasSpec) -> Any:
        return plain_spec(value, complete=True)

    def schema(self) -> Json:
        return {"$ref": f"#/$defs/{self.category}"}


@dataclass(frozen=True)
class KerasName(CatalogKind):
    """The name of a Keras function that takes no arguments in a file: an activation."""

    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value):
            return self.refuse(value, path, reader)
        refusal = find_refusal(self.category, value)
        if refusal:
            return reader.wrong(path, refusal)
        entry = find_entry(self.category, value)
        if entry is None:
            message = "there is no {category} called '{value}'"
            return reader.wrong(
                path, message, known_names(self.category, value), category=noun(self.category), value=value
            )
        return entry.target

    def hint(self, value: Any) -> str:
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            return fill_template("write it without these brackets: {value}", value=value[0])
        return (
            "an activation with arguments is a layer of its own: - leaky_relu: 0.2" if isinstance(value, dict) else ""
        )

    def schema(self) -> Json:
        return {"$ref": f"#/$defs/{self.category}"}


def are_arguments(values: list[Any], entry: Entry) -> bool:
    """Whether a list may be meant as the first arguments of an object, in their order."""
    pairs = zip(entry.arguments.values(), values, strict=False)
    fitting = all(value is None or argument_kind(each).fits(value) for each, value in pairs)
    return 1 < len(values) <= len(entry.arguments) and fitting


def default_argument(argument: Argument, path: KeyPath, reader: Reader) -> Any:
    """A default in the form that reading gives: a named initializer becomes an object like any other."""
    kind = argument_kind(argument)
    return argument.default if argument.default is None else kind.read(argument.default, path, reader)


def argument_kind(argument: Argument) -> Kind:
    """The kind of a Keras argument, from its type in the catalogue."""
    bounds = {name: getattr(argument, name) for name in ("minimum", "maximum", "above", "below")}
    number, integer = Number(**bounds), Number(**bounds, whole=True)
    kinds: dict[str, Kind] = {
        "integer": integer,
        "number": number,
        "boolean": Boolean(),
        "text": Choice(argument.choices) if argument.choices else Text(),
        "integers": Either((integer, ListOf(integer))),
        "numbers": Either((number, ListOf(number))),
        "integer_list": ListOf(integer, 1),
        "number_list": ListOf(number, 1),
        "array": Either((number, NumberArray())),
        "list": ListOf(Anything()),
        "any": Anything(),
        "activation": KerasName("activation"),
        "learning_rate": Either((Number(above=0), Choice((FIND,)), KerasObject("schedule"))),
        "layers": ListOf(KerasObject("layer")),
    }
    kind = kinds.get(argument.type) or KerasObject(argument.type)
    return Nullable(kind) if argument.nullable else kind


def make_spec(category: str, name: str, **arguments: Any) -> KerasSpec:
    """An object made in code instead of read from a file, complete with its defaults."""
    reader = Reader(lambda path, key: Place("rna"))
    spec = KerasObject(category).read({name: arguments}, (), reader)
    if reader.problems:
        raise ValueError(str(reader.problems[0]))
    return spec  # type: ignore[no-any-return]


def plain_spec(spec: KerasSpec, complete: bool) -> Any:
    """An object in YAML's form; ``complete`` writes its defaults out, those that are null left away."""
    arguments = {
        name: plain_value(value)
        for name, value in spec.arguments.items()
        if name in spec.given or (complete and value is not None)
    }
    if spec.sources:
        names = [source.name for source in spec.sources]
        arguments["from"] = names if len(names) > 1 else names[0]
    name = spec.alias or spec.name
    return {name: arguments} if arguments else name


def plain_value(value: Any) -> Any:
    if isinstance(value, KerasSpec):
        return plain_spec(value, complete=bool(value.given))
    return [plain_value(item) for item in value] if isinstance(value, tuple) else value


def noun(category: str) -> str:
    """What one of a category is called in the reader's language."""
    nouns = fill_each(
        "layer", "application", "optimizer", "schedule", "loss", "metric", "initializer", "regularizer", "constraint",
        "activation", "callback",
    )  # fmt: skip
    return dict(zip(ARTICLES, nouns, strict=True)).get(category, category)
