"""YAML for configs: plain data, the words and numbers of YAML 1.2, and the line and column of every value.

PyYAML scans and parses. Its constructors, where a file could make objects or hang, are not used: what a config does
not need (tags, merge keys, a second document) and what a reader of the file would not see is refused with its place.
"""

import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from rnacli.document.explain import ASSIGNED, GLUED, PAIR, QUOTE, explain_fault
from rnacli.document.find import find_below, is_config_name, list_configs, list_names
from rnacli.document.place import KeyPath, Place, place_problem
from rnacli.document.scalars import read_scalar
from rnacli.document.text import CONTROL, Mistake, check_text, decode_text, join_lines, name_character
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.words import clean, did_you_mean, fill_template

LISTS = ("layers", "metrics", "callbacks")
"""Keys whose value is a list, each item with its ``- ``."""
MAX_BYTES, MAX_VALUES, MAX_DEPTH = 1_000_000, 20_000, 50

KEYS_HINT = "a config starts with keys such as dataset: and layers:, each at the start of a line"


@dataclass
class Document:
    """What a file holds, and where every value and every key (or list item) of it stands."""

    value: Any
    places: dict[KeyPath, Place]
    keys: dict[KeyPath, Place]
    source: str

    def place(self, path: KeyPath, key: bool = False) -> Place:
        """Where the value at ``path``, or its key, stands; if it is not in the file, the nearest one around it."""
        places = self.keys if key else self.places
        around = (path[:length] for length in range(len(path), -1, -1))
        return next((places[part] for part in around if part in places), Place(self.source))


def load_document(path: Path, shown: str | None = None) -> Document:
    """Read the config at ``path``, called ``shown`` in messages. Every mistake is an ``RnaError`` with exit code 2."""
    source = shown or str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            hint = list_configs(path)
            if (path / "run.json").is_file():
                own = "its config is {source:.500}/config.yaml; rna train --resume {source:.500} continues the run"
                hint = fill_template(own, source=source.rstrip("/"))
            raise config_error("{source:.500} is a folder, not a config file", hint=hint, source=source)
        if not stat.S_ISREG(mode):
            raise config_error("{source:.500} is a device or a pipe, not an ordinary file", source=source)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        configs = [name for name in list_names(path.parent) if is_config_name(name) or name.endswith(".json")]
        others = [name for name in configs if name != path.name]
        hint = did_you_mean(path.name, others) or find_below(path) or list_configs(path.parent)
        raise config_error("there is no file {source:.500}", hint=hint, source=source) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise config_error("{source:.500} cannot be read: {reason}", source=source, reason=reason) from None
    return parse_document(raw, clean(source, 500))


def parse_document(raw: bytes | str, source: str) -> Document:
    """Read a whole config, called ``source`` in messages. Every mistake is an ``RnaError`` with exit code 2."""
    if len(raw) > MAX_BYTES:
        raise config_error("the file is larger than 1 MB, the limit for a config", Place(source))
    document = build_document(raw, source)
    if document.value is None:
        raise config_error("the file is empty: there are no keys in it", Place(source), KEYS_HINT)
    if isinstance(document.value, dict) and {"cells", "nbformat"} <= document.value.keys():
        raise config_error("this is a notebook, not a config", Place(source), START_HINT)
    if not isinstance(document.value, dict):
        place = document.place(())
        if SCRIPT.match(str(document.value)):
            raise config_error("this is a Python script, not a config", Place(source), START_HINT)
        if glued := GLUED.match(str(document.value)):
            place = Place(source, place.line, place.column + glued.end())
            raise config_error("a space is missing after the colon", place, PAIR)
        raise config_error("the file holds a list or a text where keys are wanted", place, KEYS_HINT)
    return document


SCRIPT = re.compile(r"(import|from) [\w.]+( |$)")
"""How a Python script begins."""
START_HINT = "rna init lists configs to start from"


def parse_value(text: str, source: str) -> Any:
    """The one YAML value that a command line option gives; an empty text is ``""``."""
    if len(text) > MAX_BYTES:
        raise config_error("the value is longer than 1 MB", Place(source))
    return build_document(text, source, option=True).value if text.strip() else ""


def build_document(raw: bytes | str, source: str, option: bool = False) -> Document:
    """What a file or the text of an ``option`` holds."""
    try:
        return Builder(join_lines(raw) if isinstance(raw, str) else decode_text(raw), source, option).build()
    except Mistake as mistake:
        place = Place(source) if option else Place(source, mistake.line + 1, mistake.column + 1)
        raise config_error(mistake.message, place, mistake.hint) from None


def config_error(message: str, place: Place | str = "", hint: str = "", **values: Any) -> RnaError:
    return RnaError(message, place=str(place), hint=hint, exit_code=CONFIG, **values)


ESCAPED = {"\a": "\\a", "\b": "\\b", "\v": "\\v", "\f": "\\f", "\x1b": "\\e", "\0": "\\0"}
"""What letters behind a backslash stand for in double quotes."""


def comma_hint(last: Any, key: str) -> str:
    """What a comma in braces may have been meant for, between the ``last`` value and what looks like a ``key``."""
    if isinstance(last, str) and last.startswith("("):
        return "a list stands in square brackets, not in round ones: [3, 3]"
    if isinstance(last, int) and not isinstance(last, bool) and key.isdecimal():
        return fill_template("write it with a decimal point: {last}.{key}", last=last, key=key)
    if pair := ASSIGNED.fullmatch(key):
        return fill_template("write {key}: {value}", key=pair[1], value=pair[2])
    return ""


class Events(Reader, Scanner, Parser):
    """The part of PyYAML that finds the structure of a text and makes nothing of it."""

    def __init__(self, text: str):
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class Builder:
    """Makes a document of one text. In the text of an ``option`` on the command line, places are not counted."""

    def __init__(self, text: str, source: str, option: bool = False):
        self.text = text
        self.option = option
        self.document = Document(None, {}, {}, source)
        self.anchors: dict[str, tuple[KeyPath, Any] | None] = {}
        self.duplicates: list[Problem] = []
        self.count = 0
        self.last: Any = None

    def build(self) -> Document:
        check_text(self.text)
        self.events = Events(self.text)
        self.next()
        if not isinstance(self.next(), yaml.StreamEndEvent):
            self.document.value = self.value(self.next(), ())
            self.next()
            if not isinstance(event := self.next(), yaml.StreamEndEvent):
                place = self.at(event.start_mark)
                hint = "keep one of the two, and delete the line ---"
                raise config_error("a second document starts here (---)", place, hint)
        if self.option and "#" in self.text[self.last.end_mark.index if self.last else 0 :]:
            raise config_error("what follows # is a comment in YAML, and would be lost", self.place(0, 0), QUOTE)
        if self.duplicates:
            raise RnaError.of(self.duplicates[:20], CONFIG)
        return self.document

    def next(self) -> Any:
        try:
            event: Any = self.events.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            raise explain_fault(error, self.text, self.last, self.events.marks) from None
        except (ValueError, OverflowError):  # PyYAML hands "\UFFFFFFFF" to chr()
            place = self.at(self.events.get_mark())
            raise config_error("this escape stands for no character", place, "use single quotes") from None
        if event.start_mark.index < event.end_mark.index:
            self.last = event
        return event

    def place(self, line: int, column: int) -> Place:
        return Place(self.document.source) if self.option else Place(self.document.source, line + 1, column + 1)

    def at(self, mark: Any) -> Place:
        return self.place(mark.line, mark.column)

    def wrong(self, path: KeyPath, message: str, place: Place, hint: str = "", /, **values: Any) -> RnaError:
        return RnaError.of([place_problem(path, Problem(message, str(place), hint, **values))], CONFIG)

    def value(self, event: Any, path: KeyPath) -> Any:
        """The value that starts with ``event``; it and all that is in it get their places."""
        place, anchor = self.at(event.start_mark), event.anchor
        if isinstance(event, yaml.AliasEvent):
            return self.alias(anchor, path, place)
        self.enter(path, place)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise self.wrong(
                path,
                "the tag {tag:.40} is not supported",
                place,
                "write only the value; {quote:.100}",
                tag=tag,
                quote=fill_template(QUOTE),
            )
        if anchor in self.anchors:
            raise self.wrong(path, "the anchor &{anchor} is given twice", place, anchor=anchor)
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
            message = "the config has more than {most:,} values (an alias counts as all it repeats)"
            raise config_error(message, place, most=MAX_VALUES)
        if len(path) > MAX_DEPTH:
            raise config_error("lists and mappings are nested deeper than {most} levels", place, most=MAX_DEPTH)
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
                hint = comma_hint(next(reversed(result.values()), None), key) or PAIR
                raise self.wrong(path, "{what} in '{name:.40}'", place, hint, what=fill_template(what), name=key)
            first = self.document.keys.setdefault(at, place)
            if key in result:
                where = "" if self.option else fill_template(", first on line {line}", line=first.line)
                in_list = any(step in LISTS for step in path[-2:])
                hint = "put '- ' before each of them" if in_list else "delete one of them"
                self.duplicates += self.wrong(at, "given twice{where}", place, hint, where=where).problems
            result[key] = self.value(item, at)
        return result

    def key(self, event: Any, path: KeyPath) -> str:
        place = self.at(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent) or event.tag or event.anchor:
            raise self.wrong(path, "a key has to be plain text", place, "not a list or a mapping, and without ! & *")
        if event.style is None and event.value == "<<":
            raise self.wrong(path, "merge keys (<<) are not supported", place, "write the keys out")
        if event.style is None and not event.value:
            raise self.wrong(path, "a key is missing before the colon", place, PAIR)
        return self.checked(event, (*path, event.value), place)

    def alias(self, anchor: str, path: KeyPath, place: Place) -> Any:
        if anchor not in self.anchors:
            raise self.wrong(
                path, "*{name:.40} is an alias, and no &{name:.40} stands above it", place, QUOTE, name=anchor
            )
        if (original := self.anchors[anchor]) is None:
            message = "the alias *{name:.40} stands inside the value that it repeats"
            raise self.wrong(
                path, message, place, "write the value itself; {quote:.100}", name=anchor, quote=fill_template(QUOTE)
            )
        return self.repeated(original[1], original[0], path)

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
        try:
            return read_scalar(text)
        except ValueError as error:
            raise self.wrong(
                path, str(error), place, "write a smaller number; {quote:.100}", quote=fill_template(QUOTE)
            ) from None

    def checked(self, event: Any, path: KeyPath, place: Place) -> str:
        """The text of a key or a value, if it is what it seems to be."""
        text: str = event.value
        if not text.isascii():  # PyYAML reads "\ud83d\ude00" as two characters that are halves of one
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            text = unicodedata.normalize("NFC", text)  # as names in tables are: macOS writes an accent as a letter more
        if hidden := CONTROL.search(text):
            message, hint = "there is a hidden character in the text: {hidden}", "delete it"
            if event.style == '"' and hidden[0] in ESCAPED:
                message = "in double quotes, {escape} is a character of its own: {hidden}"
                hint = "use single quotes, or / in the place of \\"
            escape = ESCAPED.get(hidden[0], "")
            raise self.wrong(path, message, place, hint, hidden=name_character(hidden[0]), escape=escape)
        if event.style is None and text.startswith(tuple("“”„‟«»‹›‘’‚‛")):
            message = "the typographic quote {text} would be part of the text"
            raise self.wrong(path, message, place, "use plain quotes (\" or ') or none", text=text[0])
        if event.style is None and text != text.strip():
            odd = text[0] if text[0].isspace() else text[-1]
            raise self.wrong(
                path, "the text starts or ends with a {odd}", place, "use an ordinary space", odd=name_character(odd)
            )
        return text
