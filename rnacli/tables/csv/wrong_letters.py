"""Letters that show that a text was read in a wrong encoding, now or before it was saved: Ã± for ñ."""

import re
from typing import NamedTuple

from rnacli.words import fill_template, plain_name


def cp1252_sign(byte: int) -> str:
    """What a byte is where Windows reads it; the five that it has no sign for are what Latin-1 has."""
    return bytes([byte]).decode("cp1252", "ignore") or chr(byte)


BYTES = {cp1252_sign(byte): byte for byte in range(0x80, 0x100)} | {chr(byte): byte for byte in range(0x80, 0x100)}
"""Signs beyond ASCII -> the byte that Windows, or Latin-1, reads so."""
CLASS = {
    name: re.escape("".join(sign for sign, byte in BYTES.items() if byte in bytes_of))
    for name, bytes_of in {"second": range(0x80, 0xC0), "quote": (0x85, *range(0x91, 0x98), 0xA0, 0xBB)}.items()
}
LETTER = r"[^\W\d_]"
WRONG = re.compile(
    rf"(?:[ÂÃÄÅ](?![{CLASS['quote']}])[{CLASS['second']}]"  # Ã± for ñ
    rf"|Ã[{CLASS['quote']}](?={LETTER})|(?<=[^\W\d_A-ZÀ-Þ])[ÂÃÄÅ][{CLASS['quote']}]"
    rf"|â[€‚\x80\x82][{CLASS['second']}])+"  # â‚¬ for €
)
"""Signs that a western text hardly has side by side; a mark that may end a quotation counts among letters alone."""
WORD = re.compile(r'[^\s,;|"]*')
"""What a sign stands in."""
CONTROLS = re.compile("[\x80-\x9f]")
"""What Latin-1 has where Windows has quotes, dashes and €."""
LOST = re.compile("\ufffd|ï¿½")
"""What stands for a letter that could not be read, as it is and as Windows reads it."""
MOST_TIMES = 3
"""How often a text may have been read wrongly."""


class Wrong(NamedTuple):
    """A ``word`` as it stands in some text, in a ``line`` counted from 1; what it is ``meant`` as, and what to do."""

    line: int
    word: str
    meant: str
    hint: str


def find_wrong(text: str, encoding: str) -> Wrong | None:
    """The first word of a text that was read in a wrong encoding; ``None`` where none surely was.

    ``encoding``: by which the text was read.
    """
    for match in WRONG.finditer(text):
        word, line = word_around(text, match), 1 + text.count("\n", 0, match.start())
        if (meant := read_again(word)) == word:
            continue
        if not plain_name(encoding).startswith("utf"):
            return Wrong(line, word, meant, "the file is UTF-8: encoding: utf-8")
        hint = "get the file again, as it was before a program saved it so"
        if codec := next((codec for codec in ("latin-1", "cp1252") if has_letters(codec, word)), ""):
            hint = fill_template(
                "{again}; or, in Python: text.encode('{codec}').decode('utf-8')", again=fill_template(hint), codec=codec
            )
        return Wrong(line, word, meant, hint)
    if plain_name(encoding) in ("latin1", "iso88591") and (control := CONTROLS.search(text)):
        word = word_around(text, control)
        meant = "".join(cp1252_sign(ord(sign)) if ord(sign) < 256 else sign for sign in word)
        return Wrong(1 + text.count("\n", 0, control.start()), word, meant, "Windows saved it: encoding: cp1252")
    return None


class Lost(NamedTuple):
    """A ``word`` of which a letter was lost, in a ``line`` counted from 1."""

    line: int
    word: str


def find_lost(text: str) -> Lost | None:
    """The first word of a text that has � where a program could not read a letter; ``None`` where none has."""
    match = LOST.search(text)
    return match and Lost(1 + text.count("\n", 0, match.start()), word_around(text, match))


def has_letters(codec: str, word: str) -> bool:
    """Whether a codec can write all signs of a word."""
    return word.encode(codec, "ignore").decode(codec) == word


def word_around(text: str, match: re.Match[str]) -> str:
    """The word in which something was found, as far as it stands in one cell."""
    before = re.search(r'[^\s,;|"]{0,20}\Z', text[max(match.start() - 20, 0) : match.start()])
    after = WORD.match(text[match.end() : match.end() + 20])
    return (before[0] if before else "") + match[0] + (after[0] if after else "")


def read_again(word: str) -> str:
    """A word as it was before it was read in a wrong encoding; the word itself where it was not."""
    for _ in range(MOST_TIMES):
        again = WRONG.sub(lambda match: as_utf8(match[0]), word)
        if again == word:
            break
        word = again
    return word


def as_utf8(signs: str) -> str:
    """Signs as UTF-8 reads their bytes; themselves where it does not."""
    try:
        return bytes(BYTES[sign] for sign in signs).decode()
    except UnicodeDecodeError:
        return signs
