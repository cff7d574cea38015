"""YAML for configs: plain data, the words and numbers of YAML 1.2, and the line and column of every value.

PyYAML scans and parses. Its constructors, where a file could make objects or hang, are not used: what a config does
not need (tags, merge keys, a second document) and what a reader of the file would not see is refused with its place.
"""

import math
import re
import stat
import unicodedata
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from rnacli.errors import CONFIG, Problem, RnaError, clean, did_you_mean

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead from the top of a file to a value."""

MAX_BYTES, MAX_VALUES, MAX_DEPTH, MAX_DIGITS = 1_000_000, 20_000, 50, 18

# They drive a terminal or reorder what it shows, or are no text at all: refused even where an escape writes them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Nobody sees them in a file, and some programs end a line there: only an escape may write them.
UNSEEN = re.compile(r"[\u200b\u2028\u2029\u2060\ufeff\ufffe\uffff]")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_ODD_INDENT = re.compile(r"^[ \t]*([^\S \t\n])", re.MULTILINE)
_GLUED = re.compile(r" *(?:- +)*[^\s:#'\"\[\]{}]+:(?! |$|//)")  # epochs:3

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"(?![-+]?0[0-9]+$)[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")  # 010 is text
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS |= dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan)
_WORDS |= {f"{sign}.{word}": float(sign + word) for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")}

_KEYS = "a config starts with keys such as dataset: and layers:, each at the start of a line"
_PAIR = "write key: value"
_QUOTE = "put it in quotes if it is a text"
_SMALLER = f"write a smaller number; {_QUOTE}"
_SAVE_AS = "save it as UTF-8 in your editor"

# A pattern for what PyYAML says; whether the mistake is where the construct begins; our message ({} is the character
# at that place); our hint.
_SAID = (
    (r"'\\t' that cannot start", False, "a tab stands here, where YAML takes spaces only", "use spaces"),
    ("cannot start any", False, "a text cannot start with {}", _QUOTE),
    ("an alias|an anchor|a tag|tag handle|a directive|block scalar", True, "a text cannot start with {}", _QUOTE),
    ("a quoted scalar", True, "the quote opened here is never closed", "close it with another {}"),
    ("double-quoted", False, "a backslash in double quotes starts an escape, and this is none", "use single quotes"),
    ("sequence entries", False, "a list item cannot start here", "put each '- ' at the start of a line of its own"),
    ("found ':'", False, "a key is missing before the colon", _PAIR),
    ("the node content", False, "a value is missing before {}", _QUOTE),
)


@dataclass(frozen=True)
class Place:
    """Where something stands in a file. Lines and columns count from 1; 0 is unknown."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.source}:{self.line}{column}" if self.line else self.source


@dataclass
class Document:
    """What a file holds, and where every value and every key (or list item) of it stands."""

    value: Any
    places: dict[KeyPath, Place]
    keys: dict[KeyPath, Place]
    source: str

    def place(self, path: KeyPath, key: bool = False) -> Place:
        """Where the value at ``path``, or its key, stands; if it is not in the file, the nearest one around it."""
        known = self.keys if key else self.places
        around = (path[:length] for length in range(len(path), -1, -1))
        return next((known[part] for part in around if part in known), Place(self.source))


def load(path: Path, shown: str | None = None) -> Document:
    """Read the config at ``path``, called ``shown`` in messages. Every mistake is an ``RnaError`` with exit code 2."""
    source = clean(shown or str(path), 500)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _error(f"{source} is a folder, not a config file", hint=_configs_in(path))
        if not stat.S_ISREG(mode):
            raise _error(f"{source} is a device or a pipe, not an ordinary file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        others = [name for name in _names_in(path.parent) if name != path.name]
        hint = did_you_mean(path.name, others) or _configs_in(path.parent)
        raise _error(f"there is no file {source}", hint=hint) from None
    except (OSError, ValueError) as error:
        raise _error(f"{source} cannot be read: {clean(getattr(error, 'strerror', None) or str(error))}") from None
    return parse(raw, source)


def parse(raw: bytes | str, source: str) -> Document:
    """Read a whole config, called ``source`` in messages. Every mistake is an ``RnaError`` with exit code 2."""
    if len(raw) > MAX_BYTES:
        raise _error("the file is larger than 1 MB, the limit for a config", Place(source))
    document = _Builder(raw if isinstance(raw, str) else _decode(raw, source), source).build()
    if document.value is None:
        raise _error("the file is empty: there are no keys in it", Place(source), _KEYS)
    if not isinstance(document.value, dict):
        place = document.place(())
        if glued := _GLUED.match(str(document.value)):
            place = Place(source, place.line, place.column + glued.end())
            raise _error("a space is missing after the colon", place, _PAIR)
        raise _error("the file holds a list or a text where keys are wanted", place, _KEYS)
    return document


def parse_value(text: str, source: str) -> Any:
    """The one YAML value that a command line option gives; an empty text is ``""``."""
    if len(text) > MAX_BYTES:
        raise _error("the value is longer than 1 MB", Place(source))
    return _Builder(text, source, option=True).build().value if text.strip() else ""


def _error(message: str, place: Place | str = "", hint: str = "") -> RnaError:
    return RnaError(message, place=str(place), hint=hint, exit_code=CONFIG)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(clean(entry.name) for entry in islice(folder.iterdir(), 1000))
    except OSError:
        return []


def _configs_in(folder: Path) -> str:
    if not folder.is_dir():
        return f"there is no folder {clean(str(folder), 500)}"
    names = [name for name in _names_in(folder) if name.endswith((".yaml", ".yml"))]
    return f"that folder holds {', '.join(names[:5])}" if names else "that folder holds no .yaml file"


def _decode(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = _lines(raw[: error.start].decode("utf-8-sig"))
        place, byte = Place(source, len(before), len(before[-1]) + 1), raw[error.start :][:1]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error("the file is UTF-16 text; a config is UTF-8 text", place, _SAVE_AS)
    if b"\0" in raw:
        raise _error("this is a binary file; a config is UTF-8 text", place, "name a .yaml file")
    letter = byte.decode("cp1252", "replace")
    guess = f" ('{letter}' in an older encoding)" if letter.isalpha() else ""
    raise _error(f"the byte 0x{byte.hex()}{guess} is not UTF-8 text", place, _SAVE_AS)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _named(char: str) -> str:
    r"""A character that nobody can see: ``no-break space (U+00A0)``, ``\x1b (U+001B)``."""
    return f"{unicodedata.name(char, ascii(char)[1:-1]).lower()} (U+{ord(char):04X})"


class _Events(Reader, Scanner, Parser):
    """The part of PyYAML that finds the structure of a text and makes nothing of it."""

    def __init__(self, text: str):
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _Builder:
    """Makes a document of one text. In the text of an ``option`` on the command line, places are not counted."""

    def __init__(self, text: str, source: str, option: bool = False):
        self.lines = _lines(text.removeprefix("\ufeff"))
        self.text = "\n".join(self.lines)
        self.option = option
        self.document = Document(None, {}, {}, source)
        self.anchors: dict[str, tuple[KeyPath, Any] | None] = {}
        self.duplicates: list[Problem] = []
        self.count = 0
        self.last: Any = None

    def build(self) -> Document:
        self.check_text()
        self.events = _Events(self.text)
        self.next()
        if not isinstance(self.next(), yaml.StreamEndEvent):
            self.document.value = self.value(self.next(), ())
            self.next()
            if not isinstance(event := self.next(), yaml.StreamEndEvent):
                place = self.at(event.start_mark)
                raise _error(
                    "a second document starts here (---)", place, "keep one of the two, and delete the line ---"
                )
        if self.option and "#" in self.text[self.last.end_mark.index if self.last else 0 :]:
            raise _error("what follows # is a comment in YAML, and would be lost", self.place(0, 0), _QUOTE)
        if self.duplicates:
            raise RnaError.of(self.duplicates[:20], CONFIG)
        return self.document

    def check_text(self) -> None:
        """Refuse what the parser would take for ordinary text."""
        if found := CONTROL.search(self.text) or UNSEEN.search(self.text):
            message, hint = f"a hidden character stands here: {_named(found[0])}", "delete it"
        elif found := _CONFLICT.search(self.text):
            message = f"git left a merge conflict here: {clean(found[0], 40)}"
            hint = "keep one of the two versions, and delete the lines with <<<<<<<, ======= and >>>>>>>"
        elif found := _ODD_INDENT.search(self.text):
            message, hint = f"the line is indented with a {_named(found[1])}", "indent with ordinary spaces"
        else:
            return
        offset = found.start(found.lastindex or 0)
        column = offset - self.text.rfind("\n", 0, offset) - 1
        raise _error(message, self.place(self.text.count("\n", 0, offset), column), hint)

    def next(self) -> Any:
        try:
            event: Any = self.events.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            raise self.explained(error) from None
        except (ValueError, OverflowError):  # PyYAML hands "\UFFFFFFFF" to chr()
            place = self.at(self.events.get_mark())
            raise _error("this escape stands for no character", place, "use single quotes") from None
        if event.start_mark.index < event.end_mark.index:
            self.last = event
        return event

    def place(self, line: int, column: int) -> Place:
        return Place(self.document.source) if self.option else Place(self.document.source, line + 1, column + 1)

    def at(self, mark: Any) -> Place:
        return self.place(mark.line, mark.column)

    def wrong(self, path: KeyPath, message: str, place: Place, hint: str = "") -> RnaError:
        name = ".".join(clean(str(part)) for part in path)
        return _error(f"{name}: {message}" if name else message, place, hint)

    def value(self, event: Any, path: KeyPath) -> Any:
        """The value that starts with ``event``; it and all that is in it get their places."""
        place, anchor = self.at(event.start_mark), event.anchor
        if isinstance(event, yaml.AliasEvent):
            return self.alias(anchor, path, place)
        self.enter(path, place)
        if event.tag is not None:
            tag = clean(event.tag.replace("tag:yaml.org,2002:", "!!"), 40)
            raise self.wrong(path, f"the tag {tag} is not supported", place, f"write the value alone; {_QUOTE}")
        if anchor in self.anchors:
            raise self.wrong(path, f"the anchor &{clean(anchor)} is given twice", place)
        if anchor:
            self.anchors[anchor] = None
        value: Any = []
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, path, place)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(path)
        else:
            while not isinstance(item := self.next(), yaml.SequenceEndEvent):
                at = (*path, len(value))
                value.append(self.value(item, at))
                self.document.keys[at] = self.document.places[at]
        if anchor:
            self.anchors[anchor] = path, value
        return value

    def enter(self, path: KeyPath, place: Place) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise _error(f"the config has more than {MAX_VALUES:,} values (an alias counts as all it repeats)", place)
        if len(path) > MAX_DEPTH:
            raise _error(f"lists and mappings are nested deeper than {MAX_DEPTH} levels", place)
        self.document.places[path] = place

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            place, key = self.at(event.start_mark), self.key(event, path)
            at = (*path, key)
            item: Any = self.next()
            start, end = item.start_mark.index, item.end_mark.index
            if isinstance(item, yaml.ScalarEvent) and start == end and self.text[start - 1] != ":":  # {units 8}
                what = "a space is missing after the colon" if ":" in key else "a colon is missing"
                raise self.wrong(path, f"{what} in '{clean(key, 40)}'", place, _PAIR)
            first = self.document.keys.setdefault(at, place)
            if key in result:
                known = "" if self.option else f", first on line {first.line}"
                self.duplicates += self.wrong(at, f"given twice{known}", place, "delete one of them").problems
            result[key] = self.value(item, at)
        return result

    def key(self, event: Any, path: KeyPath) -> str:
        place = self.at(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent) or event.tag or event.anchor:
            raise self.wrong(path, "a key has to be plain text", place, "not a list or a mapping, and without ! & *")
        if event.style is None and event.value == "<<":
            raise self.wrong(path, "merge keys (<<) are not supported", place, "write the keys out")
        if event.style is None and not event.value:
            raise self.wrong(path, "a key is missing before the colon", place, _PAIR)
        return self.checked(event, (*path, event.value), place)

    def alias(self, anchor: str, path: KeyPath, place: Place) -> Any:
        name = clean(anchor, 40)
        if anchor not in self.anchors:
            raise self.wrong(path, f"*{name} is an alias, and no &{name} stands above it", place, _QUOTE)
        if (known := self.anchors[anchor]) is None:
            message = f"the alias *{name} stands inside the value that it repeats"
            raise self.wrong(path, message, place, f"write the value itself; {_QUOTE}")
        return self.repeated(known[1], known[0], path)

    def repeated(self, value: Any, original: KeyPath, path: KeyPath) -> Any:
        """A copy of the value at ``original``. Its places stay there: that is where it can be mended."""
        places, keys = self.document.places, self.document.keys
        self.enter(path, places[original])
        if not isinstance(value, dict | list):
            return value
        steps: Any = list(value) if isinstance(value, dict) else range(len(value))
        copies = []
        for step in steps:
            keys[(*path, step)] = keys[(*original, step)]
            copies.append(self.repeated(value[step], (*original, step), (*path, step)))
        return dict(zip(steps, copies, strict=True)) if isinstance(value, dict) else copies

    def scalar(self, event: Any, path: KeyPath, place: Place) -> Any:
        text = self.checked(event, path, place)
        if event.style is not None:
            return text
        if _INTEGER.fullmatch(text):
            if len(text) > 25 or abs(int(text, 0)) >= 10**MAX_DIGITS:
                message = f"the number {clean(text, 20)} has more than {MAX_DIGITS} digits"
                raise self.wrong(path, message, place, _SMALLER)
            return int(text, 0)
        if not _FLOAT.fullmatch(text):
            return _WORDS.get(text, text)
        if math.isinf(number := float(text)):
            raise self.wrong(path, f"the number {clean(text, 20)} is too large", place, _SMALLER)
        return number

    def checked(self, event: Any, path: KeyPath, place: Place) -> str:
        """The text of a key or a value, if it is what it seems to be."""
        text: str = event.value
        if not text.isascii():  # PyYAML reads "\ud83d\ude00" as two characters that are halves of one
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if found := CONTROL.search(text):
            raise self.wrong(path, f"there is a hidden character in the text: {_named(found[0])}", place, "delete it")
        if event.style is None and text.startswith(tuple("“”„‟«»‹›‘’‚‛")):
            message = f"the typographic quote {text[0]} would be part of the text"
            raise self.wrong(path, message, place, "use plain quotes (\" or ') or none")
        if event.style is None and text != text.strip():
            odd = text[0] if text[0].isspace() else text[-1]
            raise self.wrong(path, f"the text starts or ends with a {_named(odd)}", place, "use an ordinary space")
        return text

    def explained(self, error: yaml.MarkedYAMLError) -> RnaError:
        """What the parser found, in words that say what to mend."""
        mark: Any = error.problem_mark
        start: Any = error.context_mark or mark
        said = f"{error.context} {error.problem}"
        last = self.last
        if getattr(last, "style", None) in ("'", '"') and last.start_mark.line < last.end_mark.line:
            line = last.end_mark.line
            if line in (mark.line, start.line):
                message = f"the quote opened here is closed only on line {line + 1}"
                return _error(message, self.at(last.start_mark), "close it on its own line")
        if "expected ':'" in said:
            return self.without_colon(start.line)
        if "mapping values" in said:
            return self.stray_colon(mark)
        at_end = "<stream end>" in said and self.events.marks
        if at_end or "expected ',' or" in said:
            opened = self.events.marks[-1] if at_end else start
            bracket = self.text[opened.index]
            closing = "]" if bracket == "[" else "}"
            if mark.line == opened.line and not at_end:
                message = f"a comma or {closing} is missing here, for the {bracket} in column {opened.column + 1}"
                return _error(message, self.at(mark), "a text that holds brackets or commas goes in quotes")
            message = f"the {bracket} opened here, on line {opened.line + 1}, is not closed"
            hint = f"close it with {closing}, and put a comma between its items"
            return _error(message, self.at(opened), hint)
        for pattern, at_start, message, hint in _SAID:
            if re.search(pattern, said):
                mark = start if at_start else mark
                char = self.text[mark.index : mark.index + 1]
                return _error(message.format(char), self.at(mark), hint.format(char))
        if self.lines[mark.line][: mark.column].strip():
            hint = "put the whole text in quotes (a ' inside '...' is written twice), and a list in [ ]"
            return _error("something follows a value that has ended", self.at(mark), hint)
        return self.misplaced(mark.line, "this line does not fit the lines above it")

    def stray_colon(self, mark: Any) -> RnaError:
        """A colon where no key can be: the line is the second half of a text, or has a colon already."""
        line = self.lines[mark.line]
        above = [n for n in range(mark.line) if self.lines[n].lstrip()[:1] not in ("", "#")]
        if re.search(r":( |$)", line[: mark.column]):
            hint = "put a text that holds a colon in quotes, keys inside a key in braces: key: {key: value}"
            return _error("this is the second colon of one value", self.at(mark), hint)
        if not above or mark.column > 1000:
            return _error("this colon does not follow a key", self.at(mark), _PAIR)
        if re.search(r":( |$)", self.lines[above[-1]]):
            message = f"this is indented further than line {above[-1] + 1}, which has its value already"
            return self.misplaced(mark.line, message)
        return self.without_colon(above[-1])

    def without_colon(self, number: int) -> RnaError:
        line = self.lines[number]
        if glued := _GLUED.match(line):
            odd = line[glued.end()]
            got = f": a {_named(odd)} is none" if odd.isspace() else ""
            return _error(f"a space is missing after the colon{got}", self.place(number, glued.end()), _PAIR)
        text = line.lstrip(" -")
        return _error(f"a colon is missing after '{clean(text, 40)}'", self.place(number, len(line) - len(text)), _PAIR)

    def misplaced(self, number: int, message: str) -> RnaError:
        column = len(self.lines[number]) - len(self.lines[number].lstrip())
        return _error(message, self.place(number, column), "what belongs together starts in the same column")
