"""The text of a file: UTF-8, and nothing in it that a reader of the file would not see."""

import re
import unicodedata

from rnacli.words import fill_template

# They drive a terminal or reorder what it shows, or are no text at all: refused even where an escape writes them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Nobody sees them in a file, and some programs end a line there: only an escape may write them.
UNSEEN = re.compile(r"[\u200b\u2028\u2029\u2060\ufeff\ufffe\uffff]")
CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
FENCE = re.compile(r"^```.*$", re.MULTILINE)
ODD_INDENT = re.compile(r"^[ \t]*([^\S \t\n])", re.MULTILINE)

SAVE_AS = "save it as UTF-8 in your editor"


class Mistake(Exception):
    """What is wrong in a text, where (line and column count from 0), and how to mend it: see ``fill_template``."""

    def __init__(self, message: str, line: int, column: int, hint: str, **values: str):
        self.message, self.hint = fill_template(message, **values), fill_template(hint, **values)
        self.line, self.column = line, column
        super().__init__(self.message)


def decode_text(raw: bytes) -> str:
    """A file's bytes as text whose lines end in ``\\n``. Raises ``Mistake``."""
    try:
        return join_lines(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = join_lines(raw[: error.start].decode("utf-8-sig"))
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        byte = raw[error.start :][:1]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Mistake("the file is UTF-16 text; a config is UTF-8 text", line, column, SAVE_AS)
    if b"\0" in raw:
        raise Mistake("this is a binary file; a config is UTF-8 text", line, column, "name a .yaml file")
    letter = byte.decode("cp1252", "replace")
    message = "the byte 0x{byte} is not UTF-8 text"
    if letter.isalpha():
        message = "the byte 0x{byte} ('{letter}' in an older encoding) is not UTF-8 text"
    raise Mistake(message, line, column, SAVE_AS, byte=byte.hex(), letter=letter)


def join_lines(text: str) -> str:
    """Text whose lines end as those of any system, with ``\\n`` at their ends, and without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def name_character(char: str) -> str:
    r"""A character that nobody can see: ``no-break space (U+00A0)``, ``\x1b (U+001B)``."""
    return f"{unicodedata.name(char, ascii(char)[1:-1]).lower()} (U+{ord(char):04X})"


def check_text(text: str) -> None:
    """Refuse what a parser would take for ordinary text. Raises ``Mistake``."""
    if odd := CONTROL.search(text) or UNSEEN.search(text):
        message, hint = "a hidden character stands here: {character}", "delete it"
    elif odd := CONFLICT.search(text):
        message = "git left a merge conflict here: {text:.40}"
        hint = "keep one of the two versions, and delete the lines with <<<<<<<, ======= and >>>>>>>"
    elif odd := FENCE.search(text):
        message, hint = "this line is of the page that the text was copied from", "delete the lines with ```"
    elif odd := ODD_INDENT.search(text):
        message, hint = "the line is indented with a {indent}", "indent with ordinary spaces"
    else:
        return
    offset, group = odd.start(odd.lastindex or 0), odd[odd.lastindex or 0]
    line, column = text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1
    values = {"character": name_character(group[0]), "indent": name_character(group[0]), "text": odd[0]}
    raise Mistake(message, line, column, hint, **values)
