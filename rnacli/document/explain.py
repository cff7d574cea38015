"""What the YAML parser says of a text, in words that say what to mend."""

import re
from collections.abc import Sequence
from typing import Any

import yaml

from rnacli.document.text import Mistake, name_character
from rnacli.language import translate
from rnacli.words import fill_template

PAIR = "write key: value"
QUOTE = "put it in quotes if it is a text"
GLUED = re.compile(r" *(?:- +)*[^\s:#'\"\[\]{}]+:(?! |$|//)")  # epochs:3

DASH = re.compile(r"\s*(-)[^\s\-0-9.]")  # -dense: 8
ODD_DASH = re.compile(r"\s*([–—−‐•·])\s")
ASSIGNED = re.compile(r"(\w+) *= *([^\s=()\[\]{}]+)")
PYTHON = re.compile(r"(?:import|from|def|class|print|return) ?[\w(]|[\w.]+ *\(|[\w.]+ *=[^=]|@\w")

FAULTS = (
    (r"'\\t' that cannot start", False, "a tab stands here, where YAML takes spaces only", "use spaces"),
    ("cannot start any", False, "a text cannot start with {}", QUOTE),
    ("an alias|an anchor|a tag|tag handle|a directive|block scalar", True, "a text cannot start with {}", QUOTE),
    ("a quoted scalar", True, "the quote opened here is never closed", "close it with another {}"),
    ("double-quoted", False, "a backslash in double quotes starts an escape, and this is none", "use single quotes"),
    ("sequence entries", False, "a list item cannot start here", "put each '- ' at the start of a line of its own"),
    ("found ':'", False, "a key is missing before the colon", PAIR),
    ("the node content", False, "a value is missing before {}", QUOTE),
)
"""A pattern for what PyYAML says; whether the mistake is where the construct begins; our message ({} is the character
at that place); our hint."""


def explain_fault(error: yaml.MarkedYAMLError, text: str, last: Any, opened: Sequence[Any]) -> Mistake:
    """What the parser found; ``last``: the event before, ``opened``: the marks of brackets that are not closed."""
    lines = text.split("\n")
    mark: Any = error.problem_mark
    start: Any = error.context_mark or mark
    report = f"{error.context} {error.problem}"
    if getattr(last, "style", None) in ("'", '"') and last.start_mark.line < last.end_mark.line:
        line = last.end_mark.line
        if line in (mark.line, start.line):
            message = fill_template("the quote opened here is closed only on line {line}", line=line + 1)
            return mistake_at(last.start_mark, message, "close it on its own line")
    if "expected ':'" in report:
        return missing_colon(lines, start.line)
    if "mapping values" in report:
        return stray_colon(lines, mark)
    at_end = bool("<stream end>" in report and opened)
    if at_end or "expected ',' or" in report:
        return open_bracket(text, opened[-1] if at_end else start, mark, at_end)
    if "the node content" in report and opened and text[mark.index : mark.index + 2] == "- ":
        line = opened[-1].line + 1
        message = fill_template(
            "items with - cannot stand in the {text} that is opened on line {line}",
            text=text[opened[-1].index],
            line=line,
        )
        return mistake_at(
            mark, message, fill_template("remove that {text}, and the one that closes it", text=text[opened[-1].index])
        )
    for pattern, at_start, message, hint in FAULTS:
        if re.search(pattern, report):
            mark = start if at_start else mark
            char = text[mark.index : mark.index + 1]
            return mistake_at(mark, translate(message).format(char), translate(hint).format(char))
    if lines[mark.line][: mark.column].strip():
        hint = "put the whole text in quotes (a ' inside '...' is written twice), and a list in [ ]"
        return mistake_at(mark, "something follows a value that has ended", hint)
    misplaced = misplaced_line(lines, mark.line, "this line does not fit the lines above it")
    return glued_dash(lines, mark.line) or misplaced


def mistake_at(mark: Any, message: str, hint: str) -> Mistake:
    return Mistake(message, mark.line, mark.column, hint)


def open_bracket(text: str, opened: Any, mark: Any, at_end: bool) -> Mistake:
    """A list or a mapping in brackets that goes on where it cannot, or to the end of the text."""
    bracket = text[opened.index]
    closing = "]" if bracket == "[" else "}"
    if mark.line == opened.line and not at_end:
        message = fill_template(
            "a comma or {closing} is missing here, for the {bracket} in column {column}",
            closing=closing,
            bracket=bracket,
            column=opened.column + 1,
        )
        hint = fill_template(
            "a comma between two of them, {closing} at the end; quotes around a text that holds brackets or commas",
            closing=closing,
        )
        return mistake_at(mark, message, hint)
    message = fill_template(
        "the {bracket} opened here, on line {line}, is not closed", bracket=bracket, line=opened.line + 1
    )
    return mistake_at(
        opened, message, fill_template("close it with {closing}, and put a comma between its items", closing=closing)
    )


def stray_colon(lines: Sequence[str], mark: Any) -> Mistake:
    """A colon where no key can be: the line is the second half of a text, or has a colon already."""
    above = [n for n in range(mark.line) if lines[n].lstrip()[:1] not in ("", "#")]
    if re.search(r":( |$)", lines[mark.line][: mark.column]):
        hint = "put a text that holds a colon in quotes, keys inside a key in braces: key: {key: value}"
        return mistake_at(mark, "this is the second colon of one value", hint)
    if not above or mark.column > 1000:
        return mistake_at(mark, "this colon does not follow a key", PAIR)
    if re.search(r":( |$)", lines[above[-1]]):
        message = fill_template(
            "this is indented further than line {line}, which has its value already", line=above[-1] + 1
        )
        return misplaced_line(lines, mark.line, message)
    return missing_colon(lines, above[-1])


def missing_colon(lines: Sequence[str], number: int) -> Mistake:
    line = lines[number]
    if dash := glued_dash(lines, number):
        return dash
    if glued := GLUED.match(line):
        odd = line[glued.end()]
        message = "a space is missing after the colon"
        if odd.isspace():
            message = "a space is missing after the colon: a {character} is none"
        return Mistake(message, number, glued.end(), PAIR, character=name_character(odd))
    text = line.lstrip(" -")
    column, message, hint = len(line) - len(text), "a colon is missing after '{text:.40}'", PAIR
    if pair := ASSIGNED.fullmatch(text.rstrip()):
        hint = fill_template("write {key}: {value}", key=pair[1], value=pair[2])
    elif PYTHON.match(text):
        message, hint = "this is Python, and a config is YAML", "a key and its value: loss: mse; a layer: - dense: 8"
    elif "：" in text:
        wide = "the colon is a {character}"
        hint = "use an ordinary colon, and a space behind it"
        return Mistake(wide, number, column + text.index("："), hint, character=name_character("："))
    return Mistake(message, number, column, hint, text=text)


def glued_dash(lines: Sequence[str], number: int) -> Mistake | None:
    """A dash that starts no item of a list, in a line or in the one above it; ``None`` where there is none."""
    for at in (number, number - 1):
        line = lines[at] if at >= 0 else ""
        if odd := ODD_DASH.match(line):
            message, hint = (
                "this looks like a -, and is another character: {character}",
                "write - and a space before each item of a list",
            )
            return Mistake(message, at, odd.start(1), hint, character=name_character(odd[1]))
        if (glued := DASH.match(line)) and not line.lstrip().startswith("---"):
            hint = "write - and a space before each item of a list"
            return Mistake("a space is missing after the dash", at, glued.start(1), hint)
    return None


def misplaced_line(lines: Sequence[str], number: int, message: str) -> Mistake:
    column = len(lines[number]) - len(lines[number].lstrip())
    return Mistake(message, number, column, "what belongs together starts in the same column")
