"""How one value of the language is read: kinds that check it, say what they want, and describe themselves."""

import dataclasses
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.errors import Problem, clean, did_you_mean, nearest
from rnacli.yamlfile import MAX_DIGITS, Document, KeyPath, Place

INVALID: Any = object()
"""What reading gives for a value that was reported as wrong."""

Json = dict[str, Any]
REFERENCE: Json = {"type": "string", "pattern": r"^\$\{.+\}$"}


class Reader:
    """Collects what is wrong while the values of a document are read."""

    def __init__(self, document: Document):
        self.document = document
        self.broken: set[KeyPath] = set()
        self.found: list[tuple[Place, Problem]] = []

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, in the order of the file."""
        return [problem for _, problem in sorted(self.found, key=lambda found: (found[0].line, found[0].column))]

    def wrong(self, path: KeyPath, message: str, hint: str = "", *, key: bool = False) -> Any:
        """Report ``message`` at the value of ``path`` (or at its key); returns ``INVALID``."""
        if path not in self.broken:
            place = self.document.place(path, key)
            named = not path or place.source.startswith(f"--set {dotted(path)}=")
            self.found.append((place, Problem(message if named else f"{dotted(path)}: {message}", str(place), hint)))
        return INVALID

    def wrong_reference(self, path: KeyPath, message: str, hint: str) -> Any:
        """Report a reference; that its value is then none of what is wanted there is not reported too."""
        self.wrong(path, message, hint)
        self.broken.add(path)
        return INVALID


def dotted(path: KeyPath) -> str:
    """``layers.0.dense.units``, as ``--set`` and the messages write it."""
    return ".".join(clean(str(part)) for part in path)


def show(value: Any) -> str:
    """A value as a message shows it: one line, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{clean(value, 60)}'"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value:f}".replace("inf", ".inf").replace("nan", ".nan")
    return "a list" if isinstance(value, list) else clean(value, 60)


class Kind:
    """What a key may hold. ``read`` gives the value as the program uses it, ``plain`` gives YAML's form back."""

    wanted = "a value"

    def fits(self, value: Any) -> bool:
        """Whether the value has this kind's form, whatever it holds: how ``Either`` chooses."""
        return True

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        """The value, or ``INVALID`` after reporting every problem in it to ``reader``."""
        return value if self.fits(value) else self.refuse(value, path, reader)

    def refuse(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        """Report what is wanted, and what the file has."""
        hint = "write a value after the colon" if value is None else self.hint(value)
        return reader.wrong(path, f"{self.wanted} is wanted, got {show(value)}", hint)

    def hint(self, value: Any) -> str:
        return ""

    def made(self, value: Any) -> bool:
        """Whether ``value`` is what reading this kind gives: how ``Either`` finds the way back."""
        return self.fits(value)

    def plain(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        """The JSON Schema (draft 2020-12) of what is accepted."""
        return {}


class Anything(Kind):
    """Any YAML value: Keras itself says what is wrong with it."""


@dataclass(frozen=True)
class Number(Kind):
    """A finite number within bounds: ``minimum`` and ``maximum`` inclusive, ``above`` and ``below`` exclusive."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    whole: bool = False

    @property
    def wanted(self) -> str:  # type: ignore[override]
        number = "a whole number" if self.whole else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{number} from {self.minimum:.15g} to {self.maximum:.15g}"
        limits = {"of at least": self.minimum, "above": self.above, "of at most": self.maximum, "below": self.below}
        bounds = [f"{words} {limit:.15g}" for words, limit in limits.items() if limit is not None]
        return f"{number} {' and '.join(bounds)}".strip()

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        within = (
            self.fits(value)
            and math.isfinite(value)
            and (not self.whole or (value == int(value) and abs(value) < 10**MAX_DIGITS))
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )
        if not within:
            return self.refuse(value, path, reader)
        return int(value) if self.whole else float(value)

    def hint(self, value: Any) -> str:
        if isinstance(value, float) and not math.isfinite(value):
            return "write an ordinary number"
        if isinstance(value, float) and abs(value) >= 10**MAX_DIGITS:
            return "write a smaller number"
        if isinstance(value, float) and self.whole and not value.is_integer():
            return f"round it: {math.floor(value)} or {math.ceil(value)}"
        return number_hint(value) if isinstance(value, str) else ""

    def schema(self) -> Json:
        limits = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
            "exclusiveMaximum": self.below,
        }
        number = {"type": "integer" if self.whole else "number", **{k: v for k, v in limits.items() if v is not None}}
        return {"anyOf": [number, REFERENCE]}


def number_hint(text: str) -> str:
    """How to write a text that was meant as a number."""
    if re.fullmatch(r"[-+]?0+[0-9]{1,18}", text):
        return f"write {int(text)}, without the leading zero"
    if re.fullmatch(r"[-+]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", text):
        return f"remove the quotes: {text}"
    if re.fullmatch(r"[-+]?[0-9]{1,18},[0-9]{1,18}", text):
        return f"a decimal point is wanted: {text.replace(',', '.')}"
    percent = re.fullmatch(r"([0-9]{1,3}(\.[0-9]{1,18})?) ?%", text)
    return f"did you mean {float(percent[1]) / 100:g}?" if percent and float(percent[1]) <= 100 else ""


def whole(minimum: float | None = None, maximum: float | None = None) -> Number:
    """A whole number."""
    return Number(minimum=minimum, maximum=maximum, whole=True)


class Boolean(Kind):
    wanted = "true or false"

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def hint(self, value: Any) -> str:
        for answer, words in (("true", ("yes", "on", "y", "true")), ("false", ("no", "off", "n", "false"))):
            if str(value).lower() in words:
                return f"did you mean {answer}? (in YAML 1.2, {clean(value)} is a word)"
        return ""

    def schema(self) -> Json:
        return {"anyOf": [{"type": "boolean"}, REFERENCE]}


@dataclass(frozen=True)
class Text(Kind):
    """Text that matches the whole of ``pattern``; ``numbers`` takes a whole number as its digits (a column's name)."""

    wanted: str = "a text"
    pattern: str = ""
    numbers: bool = False

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) or (self.numbers and isinstance(value, int) and not isinstance(value, bool))

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value) or (self.pattern and not re.fullmatch(self.pattern, str(value))):
            return self.refuse(value, path, reader)
        return str(value)

    def hint(self, value: Any) -> str:
        scalar = isinstance(value, int | float)
        return f"put it in quotes: '{clean(value)}'" if scalar and not isinstance(value, bool) else ""

    def schema(self) -> Json:
        pattern = {"pattern": f"^({self.pattern})$"} if self.pattern else {}
        return {"type": ["string", "integer"] if self.numbers else "string", **pattern}


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return listed(self.words)

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.words

    def hint(self, value: Any) -> str:
        return did_you_mean(value, self.words) if isinstance(value, str) else ""

    def schema(self) -> Json:
        return {"anyOf": [{"enum": list(self.words)}, REFERENCE]}


@dataclass(frozen=True)
class Nullable(Kind):
    """``null`` or another kind."""

    kind: Kind

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return f"{self.kind.wanted}, or null,"

    def fits(self, value: Any) -> bool:
        return value is None or self.kind.fits(value)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        return None if value is None else self.kind.read(value, path, reader)

    def plain(self, value: Any) -> Any:
        return None if value is None else self.kind.plain(value)

    def schema(self) -> Json:
        return {"anyOf": [self.kind.schema(), {"type": "null"}]}


@dataclass(frozen=True)
class Either(Kind):
    """The first kind whose form the value has."""

    kinds: tuple[Kind, ...]

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return listed([kind.wanted for kind in self.kinds])

    def fits(self, value: Any) -> bool:
        return any(kind.fits(value) for kind in self.kinds)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        for kind in self.kinds:
            if kind.fits(value) and (not isinstance(kind, Choice) or value in kind.words):
                return kind.read(value, path, reader)
        return self.refuse(value, path, reader)

    def hint(self, value: Any) -> str:
        return next(filter(None, (kind.hint(value) for kind in self.kinds)), "")

    def plain(self, value: Any) -> Any:
        return next(kind.plain(value) for kind in self.kinds if kind.made(value))

    def schema(self) -> Json:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


@dataclass(frozen=True)
class ListOf(Kind):
    """A list; ``item`` says what an entry is called, in messages."""

    kind: Kind
    minimum: int = 0
    example: str = ""

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return "a list"

    def fits(self, value: Any) -> bool:
        return isinstance(value, list)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value) or len(value) < self.minimum:
            got = "an empty one" if value == [] else show(value)
            return reader.wrong(path, f"a list is wanted, got {got}", self.example)
        items = [self.kind.read(item, (*path, i), reader) for i, item in enumerate(value)]
        return INVALID if INVALID in items else tuple(items)

    def made(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def plain(self, value: Any) -> Any:
        return [self.kind.plain(item) for item in value]

    def schema(self) -> Json:
        return {"type": "array", "items": self.kind.schema(), **({"minItems": self.minimum} if self.minimum else {})}


@dataclass(frozen=True)
class MapOf(Kind):
    """A mapping from any names to values of one kind."""

    kind: Kind
    example: str = ""

    wanted = "a mapping (name: value)"

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict)

    def hint(self, value: Any) -> str:
        return self.example

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value):
            return self.refuse(value, path, reader)
        items = {str(name): self.kind.read(item, (*path, name), reader) for name, item in value.items()}
        return INVALID if INVALID in items.values() else items

    def plain(self, value: Any) -> Any:
        return {name: self.kind.plain(item) for name, item in value.items()}

    def schema(self) -> Json:
        return {"type": "object", "additionalProperties": self.kind.schema()}


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
        known = keys(self.of)
        values: dict[str, Any] = {}
        for name in value:
            if name not in known:
                values[name] = unknown_key(name, path, known, self.elsewhere(name), reader)
        meant = {word for name in value if name not in known for word in nearest(name, known)}
        for name, field in known.items():
            if name in value:
                values[name] = field.metadata["kind"].read(value[name], (*path, name), reader)
            elif default_of(field) is not dataclasses.MISSING:
                continue
            elif name in meant:
                values[name] = INVALID
            else:
                hint = f"add the key {name} ({field.metadata['doc'].replace('`', '')})"
                values[name] = reader.wrong(path, f"{name} is missing", hint, key=True)
        return values

    def made(self, value: Any) -> bool:
        return isinstance(value, self.of)

    def plain(self, value: Any) -> Any:
        return {
            name: field.metadata["kind"].plain(getattr(value, name))
            for name, field in keys(self.of).items()
            if getattr(value, name) is not None
        }

    def schema(self) -> Json:
        required = [name for name, field in keys(self.of).items() if default_of(field) is dataclasses.MISSING]
        return {
            "type": "object",
            "properties": {
                name: {**field.metadata["kind"].schema(), "description": field.metadata["doc"]}
                for name, field in keys(self.of).items()
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


def unknown_key(name: str, path: KeyPath, known: Iterable[str], elsewhere: str, reader: Reader) -> Any:
    """Report a key that a level does not have, with where it belongs or what it may have meant."""
    hint = f"{name} belongs to {elsewhere}" if elsewhere else did_you_mean(name, known)
    return reader.wrong((*path, name), "unknown key", hint or f"known keys: {listed(list(known), 'and')}", key=True)


def listed(words: Sequence[str], conjunction: str = "or") -> str:
    """``a, b or c``."""
    return f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
