"""How one value of the language is read: kinds that check it, say what they want, and describe themselves."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.document.scalars import MAX_DIGITS, Grouped
from rnacli.schema.number_hints import number_hint
from rnacli.schema.reader import INVALID, Reader
from rnacli.synonyms import USUAL
from rnacli.words import Filled, did_you_mean, fill_template, list_words

Json = dict[str, Any]
REFERENCE: Json = {"title": "reference", "type": "string", "pattern": r"^\$\{.+\}$"}
"""What refers to another key. Without a title of its own, an editor takes it for the kind that it stands beside."""


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
        usual = USUAL.get(str(path[-1]), "") if path else ""
        hint = self.hint(value) or usual
        if value is None:
            hint = "write a value after the colon, or leave the key out"
            if not path or path in reader.required:
                hint = "write a value after the colon"
            elif isinstance(path[-1], int):
                hint = "write it behind the dash, or remove the dash"
        return reader.wrong(
            path,
            "expected {wanted:.300}, got {value!r}",
            hint,
            wanted=fill_template(self.wanted).rstrip(","),
            value=value,
        )

    def hint(self, value: Any) -> str:
        return ""

    def entries(self, items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """The values of a list of this kind, each with its place there."""
        return enumerate(items)

    def gives(self, value: Any) -> bool:
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
        number = fill_template("a whole number" if self.whole else "a number")
        if self.minimum is not None and self.maximum is not None:
            return fill_template(
                "{number} from {minimum:.15g} to {maximum:.15g}",
                number=number,
                minimum=self.minimum,
                maximum=self.maximum,
            )
        limits = {
            "of at least {limit:.15g}": self.minimum,
            "above {limit:.15g}": self.above,
            "of at most {limit:.15g}": self.maximum,
            "below {limit:.15g}": self.below,
        }
        bounds = [fill_template(words, limit=limit) for words, limit in limits.items() if limit is not None]
        return f"{number} {list_words(bounds, 'and')}".strip()

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        within = (
            self.fits(value)
            and math.isfinite(value)
            and (not self.whole or (value == int(value) and abs(value) < 10**MAX_DIGITS))
            and not (self.whole and isinstance(value, Grouped))
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )
        if not within:
            return self.refuse(value, path, reader)
        return int(value) if self.whole else float(value)

    def hint(self, value: Any) -> str:
        if self.whole and isinstance(value, Grouped):
            return fill_template("write {thousands}: a point is the decimal mark", thousands=round(1000 * value))
        if isinstance(value, float) and not math.isfinite(value):
            return "write an ordinary number"
        if isinstance(value, float) and abs(value) >= 10**MAX_DIGITS:
            return "write a smaller number"
        if isinstance(value, float) and self.whole and not value.is_integer():
            return fill_template("round it: {floor} or {ceil}", floor=math.floor(value), ceil=math.ceil(value))
        if (
            isinstance(value, int | float)
            and self.minimum == 0
            and 1 in (self.maximum, self.below)
            and 1 < value <= 100
        ):
            return fill_template("did you mean {percent:g}?", percent=value / 100)
        if isinstance(value, list) and len(value) == 1 and self.fits(value[0]):
            return fill_template("write it without these brackets: {value}", value=value[0])
        return number_hint(value, self.whole) if isinstance(value, str) else ""

    def schema(self) -> Json:
        limits = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
            "exclusiveMaximum": self.below,
        }
        number = {"type": "integer" if self.whole else "number", **{k: v for k, v in limits.items() if v is not None}}
        return {"anyOf": [number, REFERENCE]}


def whole_number(minimum: float | None = None, maximum: float | None = None) -> Number:
    """A whole number."""
    return Number(minimum=minimum, maximum=maximum, whole=True)


YES_OR_NO = {
    "true": ("yes", "on", "y", "1", "sí", "si", "verdadero", "sim", "verdadeiro"),
    "false": ("no", "off", "n", "0", "falso", "não", "nao"),
}
"""How people say it who do not know the words of YAML."""


class Boolean(Kind):
    wanted = "true or false"

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def hint(self, value: Any) -> str:
        for answer, words in YES_OR_NO.items():
            if str(value).lower() == answer:
                return fill_template("remove the quotes: {answer}", answer=answer)
            if str(value).lower() in words:
                is_word = "did you mean {answer}? (in YAML 1.2, {value} is a word)"
                return fill_template(
                    is_word if isinstance(value, str) else "did you mean {answer}?", answer=answer, value=value
                )
        return ""

    def schema(self) -> Json:
        return {"anyOf": [{"type": "boolean"}, REFERENCE]}


ESCAPES = "in double quotes, \\t and \\n are a tab and a new line: use single quotes, or / in the place of \\"
ONE_LINE = r"[^\t\r\n]+"


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
        if isinstance(value, str) and re.search("[\t\r\n]", value):
            return ESCAPES
        return (
            fill_template("put it in quotes: '{value}'", value=value) if scalar and not isinstance(value, bool) else ""
        )

    def schema(self) -> Json:
        pattern = {"pattern": f"^({self.pattern})$"} if self.pattern else {}
        return {"type": ["string", "integer"] if self.numbers else "string", **pattern}


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    words: Sequence[str]

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return Filled(list_words(self.words))  # words of the language, the same in all languages

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
        return fill_template("{wanted}, or null,", wanted=fill_template(self.kind.wanted))

    def fits(self, value: Any) -> bool:
        return value is None or self.kind.fits(value)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        return None if value is None else self.kind.read(value, path, reader)

    def plain(self, value: Any) -> Any:
        return None if value is None else self.kind.plain(value)

    def schema(self) -> Json:
        # Flat, since editors show the titles of all forms where they cannot tell which one it is.
        kind = self.kind.schema()
        return {"anyOf": [*(kind["anyOf"] if list(kind) == ["anyOf"] else [kind]), {"title": "null", "type": "null"}]}


@dataclass(frozen=True)
class Either(Kind):
    """The first kind whose form the value has."""

    kinds: tuple[Kind, ...]

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return list_words([fill_template(kind.wanted) for kind in self.kinds])

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
        return next(kind.plain(value) for kind in self.kinds if kind.gives(value))

    def schema(self) -> Json:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


WORD = r"[^\s,;:{}\[\]]+"


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
            message = "expected a list, got an empty one" if value == [] else "expected a list, got {value!r}"
            return reader.wrong(path, message, self.listed(value) or self.example, value=value)
        items = [self.kind.read(item, (*path, i), reader) for i, item in self.kind.entries(value)]
        return INVALID if INVALID in items else tuple(items)

    def listed(self, value: Any) -> str:
        """A text of several words as a list in the way of the example; empty where it is none."""
        key, opened, _ = self.example.partition(": [")
        is_words = isinstance(value, str) and re.fullmatch(rf"{WORD}([,;] ?{WORD})*", value)
        if not opened or not is_words or value.lower() in ("*", "all", "todas", "todos"):
            return ""
        return fill_template("{key}: [{words:.200}]", key=key, words=", ".join(re.split("[,;] ?", value)))

    def gives(self, value: Any) -> bool:
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
