"""Where a file stops being text: bytes that its encoding does not have, and NUL bytes."""

import codecs
import io
import re
from pathlib import Path

from rnacli.errors import RnaError
from rnacli.tables.compressed import BLOCK, open_bytes
from rnacli.words import fill_template, plain_name

OTHERS = ("cp1252", "mac_roman", "cp850")
"""What files are mostly written in that are not UTF-8: Excel's own encoding in western Europe and America, that on a
Mac, and that of a console of Windows.
"""
LETTERS_OF_WORD = re.compile(r"[a-zA-ZáéíóúÁÉÍÓÚàèìòùÀÈÌÒÙâêîôûäëïöüÄËÏÖÜñÑçÇãõÃÕåÅæøÆØß€º°¿¡ª]\w*")
"""A word whose first letter is one that western languages have beyond English."""
LETTERS = 20
"""Letters of a word that are shown."""


class OtherEncoding(RnaError):
    """A file that is not in the encoding that it is read in; ``other``: the likely one, which reads ``word`` there."""

    other = word = ""


def find_no_text(path: Path, codec: str, encoding: str, shown: str) -> RnaError:
    """The error for the first byte that is no text, with its line and its place in it, both counted from 1.

    ``encoding``: what a user calls the ``codec``.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    line, before = 1, ""
    with open_bytes(path, shown) as file:
        while True:
            block = file.read(BLOCK)
            text, wrong, after = decode_block(decoder, block)
            if "\0" in text:
                text, wrong = text.partition("\0")[0], "a NUL byte"
            line, before = line + text.count("\n"), (before + text).rpartition("\n")[2]
            if wrong or not block:
                place = f"{shown}:{line}:{len(before) + 1}"
                return nul_error(place) if "NUL" in wrong else encoding_error(place, wrong, before, after, encoding)


def decode_block(decoder: io.IncrementalNewlineDecoder, block: bytes) -> tuple[str, str, bytes]:
    """The text of a block (an empty one is the end) up to what is no text; what that is; and the bytes from there."""
    state = decoder.getstate()
    try:
        return decoder.decode(block, final=not block), "", b""
    except UnicodeError:
        decoder.setstate(state)
    text = ""
    for i in range(len(block) or 1):
        try:
            text += decoder.decode(block[i : i + 1], final=not block)
        except UnicodeDecodeError as error:
            rest = error.object[error.start :]
            return text, fill_template("byte 0x{rest:02x}", rest=rest[0]), rest + block[i + 1 : i + LETTERS]
        except UnicodeError as error:
            return text, str(error), b""
    return text, "", b""


def nul_error(place: str) -> RnaError:
    hint = "delete it; where many stand at the end, the file was not written to its end: get it again"
    return RnaError("a NUL byte stands here: it is not text", place=place, hint=hint)


def encoding_error(place: str, what: str, before: str, after: bytes, encoding: str) -> RnaError:
    """The error for bytes that are none of an encoding; those ``after`` the text before them begin with these."""
    hint, word, other, end = "save it as UTF-8, or name its encoding: encoding: {other}", "", OTHERS[0], None
    if plain_name(encoding) == "utf8" and after:
        start = re.search(r"\w*$", before)
        for other in OTHERS:
            end = LETTERS_OF_WORD.match(after.decode(other, "replace"))
            if end is not None:
                break
        word = (start[0] if start else "")[-LETTERS:] + (end[0] if end else "")
        other = other if end else OTHERS[0]
        hint = "if it is '{word}': encoding: {other}; or save the file as UTF-8" if word else hint
    message, other = "not {encoding} text: {what}", other if plain_name(encoding) == "utf8" else "utf-8"
    error = OtherEncoding(
        message, place=place, hint=hint, encoding=encoding, what=fill_template(what), word=word, other=other
    )
    if word:
        error.other, error.word = other, word
    return error
