"""A text from a file, its stretches of training, validation and test, and the windows in them."""

import codecs
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnacli.data.examples import Examples
from rnacli.data.section import PARTS, Part
from rnacli.data.sources import is_https, locate_file
from rnacli.data.views import TokenWindows
from rnacli.data.where import Where
from rnacli.encoders.encoder import Encoder
from rnacli.encoders.vocabulary import WORDS, Tokens, learn_tokens, name_characters, number_pieces, plain_text
from rnacli.errors import CONFIG, RnaError
from rnacli.files import file_sha256
from rnacli.machine import available_memory, format_bytes
from rnacli.tables.csv.no_text import find_no_text
from rnacli.tables.csv.text import Format
from rnacli.tables.download import fetch_file
from rnacli.tables.find import open_file
from rnacli.words import clean, fill_template

if TYPE_CHECKING:
    from rnacli.data.text import TextFile

log = logging.getLogger("rnacli")
Stretches = dict[str, tuple[int, int]]
"""Part -> its first token, and the one behind its last."""
BYTES_EACH = 16
"""Bytes of memory for a byte of a text: its number takes four, and for training the windows and what comes next too."""
TARGET = "next"
"""What the target of a text is called."""


def read_stretches(data: "TextFile", where: Where) -> Examples:
    """The windows of a text, and which of them each part has. The vocabulary is that of the training stretch.

    Held-out windows with a character that it lacks are left out, which is said. Raises ``RnaError``.
    """
    path = locate_text(data, where)
    digest = file_sha256(path) if path.is_file() else ""
    text = read_text(path, data.text, data.encoding)
    steps, pieces = number_pieces(text, data.tokens)
    if not pieces:
        raise RnaError("there is no text in it", place=data.text)
    stretches = divide_text(data, len(steps), where)
    first, last = stretches["train"]
    learnt = learn_tokens(steps[first:last], pieces, data.tokens, data.most_tokens, data.window)
    require_several(learnt, data.text)
    steps = learnt.look_up(steps, pieces)
    x = TokenWindows(steps, data.window, data.step)
    fixed = {part: find_windows(x, *each) for part, each in stretches.items()}
    if data.tokens == WORDS:
        note_unknown_words(steps, stretches)
    else:
        fixed = leave_out_unknown(x, fixed, text, data)
    log.info(
        "%s: %s %s, %s different ones in the training part",
        clean(data.text.rpartition("/")[2] if "://" in data.text else data.text),
        f"{len(steps):,}", fill_template(data.tokens),
        f"{len(learnt.vocabulary) - (data.tokens == WORDS):,}",
    )  # fmt: skip
    return Examples(
        x,
        x.targets,
        targets=(TARGET,),
        classes=learnt.vocabulary,
        fixed=fixed,
        files={data.text: digest},
        steps_ahead=1,
    )


def read_other_text(data: "TextFile", path: Path, encoder: Encoder) -> Examples:
    """The windows of another text, in the tokens of a run. Raises ``RnaError``."""
    if not isinstance(encoder, Tokens):
        raise TypeError("a text has tokens")
    shown = str(path)
    text = read_text(path, shown, data.encoding)
    steps = encoder.read(text)
    require_window(len(steps), shown, "the text", data, "")
    x = TokenWindows(steps, data.window, data.step)
    if encoder.level == WORDS:
        note_unknown_words(steps, {"": (0, len(steps))})
        usable = None
    else:
        every = np.arange(len(x))
        kept = leave_out_unknown(x, {"": every}, text, data, shown)[""]
        usable = np.isin(every, kept)
    return Examples(
        x, x.targets, targets=(TARGET,), files={shown: file_sha256(path)}, usable=usable, steps_ahead=1
    )  # fmt: skip


# The file


def locate_text(data: "TextFile", where: Where) -> Path:
    """The file that a text is in, downloaded if need be. Raises ``RnaError``."""
    key = ("dataset", "text")
    if is_https(data.text, where, key):
        return fetch_file(data.text, where.cache, data.sha256, str(where.place(*key)), where.offline)
    path = locate_file(data.text, where, key)
    if data.sha256 and path.is_file() and file_sha256(path) != data.sha256:
        raise RnaError("its SHA-256 is not the one that the config wants", place=data.text)
    return path


def read_text(path: Path, shown: str, encoding: str) -> str:
    """What a file of text says, as ``plain_text`` gives it. Raises ``RnaError`` where it is none."""
    if path.is_dir():
        raise RnaError("expected a file of text, got a folder", place=shown, hint="name a file in it")
    with open_file(path, shown) as file:
        require_memory(path, shown)
        content = file.read()
    codec = Format(encoding=encoding).codec
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and codec == "utf-8-sig":
        raise RnaError("this is UTF-16 text, or no text at all", place=shown, hint="encoding: utf-16")
    try:
        text = content.decode(codec)
    except UnicodeError:
        raise find_no_text(path, codec, encoding, shown) from None
    except (LookupError, ValueError):
        message = "there is no encoding called '{encoding}'"
        raise RnaError(message, place=shown, hint="encoding: utf-8", exit_code=CONFIG, encoding=encoding) from None
    if "\0" in text:
        raise find_no_text(path, codec, encoding, shown)
    del content
    return plain_text(text)


def require_memory(path: Path, shown: str) -> None:
    """Refuse a text that memory would not hold, before it is read. Raises ``RnaError``."""
    needed, free = BYTES_EACH * path.stat().st_size, available_memory()
    if needed > free:
        raise RnaError(
            "this text would take about {needed} of memory, and {free} are free",
            place=shown,
            hint="name a smaller file, such as the first part of it",
            needed=format_bytes(needed),
            free=format_bytes(free),
        )


# Its parts


def divide_text(data: "TextFile", total: int, where: Where) -> Stretches:
    """The stretches of a text of ``total`` tokens; each begins with a window. Raises ``RnaError``."""
    low, high = 0, total
    stretches: Stretches = {}
    for part in ("test", "validation", "train"):
        size = getattr(data.split, part)
        if part == "train" and size is None:
            size = Part(high - low, "first")
        if not isinstance(size, Part):
            continue
        count = min(high - low, math.ceil(total * size.size) if isinstance(size.size, float) else int(size.size))
        if size.end == "first" or (part == "train" and not size.end):
            middle = high if count == high - low else (low + count) // data.step * data.step
            stretches[part], low = (low, middle), middle
        else:
            middle = low + (high - low - count) // data.step * data.step
            stretches[part], high = (middle, high), middle
    require_window(total, data.text, "the text", data, "")
    for part, (first, last) in stretches.items():
        place = where.place("dataset", "split", part) if part != "train" else where.place("dataset")
        require_window(last - first, data.text, fill_template("the {part} part", part=part), data, str(place))
    return {part: stretches[part] for part in PARTS if part in stretches}


def require_window(tokens: int, shown: str, what: str, data: "TextFile", place: str) -> None:
    """Refuse a stretch of so many ``tokens`` in which there is no window. Raises ``RnaError``."""
    if tokens > data.window:
        return
    raise RnaError(
        "{what} has {count:,} {tokens}, and a window with what comes next takes {window:,}",
        place=place or shown,
        hint="a longer text, or a smaller window: dataset: {window: {smaller}}" if tokens > 7 else "a longer text",
        what=fill_template(what),
        count=tokens,
        tokens=fill_template(data.tokens if tokens != 1 else data.tokens[:-1]),
        window=data.window + 1,
        smaller=max(1, min(data.window, tokens) // 4),
    )


def require_several(tokens: Tokens, shown: str) -> None:
    """Refuse a vocabulary of one token. Raises ``RnaError``."""
    words = tokens.vocabulary[1:] if tokens.level == WORDS else tokens.vocabulary
    if len(words) < 2:
        message = "the training part contains one {what} only, '{token:.40}': nothing can be learnt"
        raise RnaError(message, place=shown, what=fill_template(tokens.level[:-1]), token=words[0])


def find_windows(x: TokenWindows, first: int, last: int) -> np.ndarray:
    """The windows whose tokens and targets all lie in a stretch."""
    start, stop = -(-first // x.stride), (last - x.length - x.ahead) // x.stride + 1
    return np.arange(start, max(start, min(stop, len(x))))


# What training has not seen


def note_unknown_words(steps: np.ndarray, stretches: Stretches) -> None:
    """Say how many words are not in the vocabulary."""
    for part, (first, last) in stretches.items():
        unknown = int((steps[first:last] == 0).sum())
        if unknown:
            share = fill_template("{unknown:,} of {count:,} words", unknown=unknown, count=last - first)
            log.info(
                "%s are not in the vocabulary%s", share, fill_template(" ({part} part)", part=part) if part else ""
            )


def leave_out_unknown(
    x: TokenWindows, parts: Mapping[str, np.ndarray], text: str, data: "TextFile", shown: str = ""
) -> dict[str, np.ndarray]:
    """The windows of each part without those that hold a character of which the training text has none.

    It is said which. Raises ``RnaError`` where none are left.
    """
    unknown = x.steps < 0
    if not unknown.any():
        return dict(parts)
    until = np.concatenate([[0], np.cumsum(unknown)])
    kept: dict[str, np.ndarray] = {}
    for part, windows in parts.items():
        starts = windows * x.stride
        bad = until[starts + x.length + x.ahead] > until[starts]
        kept[part] = windows[~bad]
        if not bad.any():
            continue
        first, last = int(starts[0]), int(starts[-1]) + x.length + x.ahead
        places = np.flatnonzero(unknown[first:last]) + first
        names = name_characters("".join(dict.fromkeys(text[place] for place in places[:10_000].tolist())))
        if bad.all():
            message = "each window of {what} holds a character that the training text lacks: {names:.300}"
            what = fill_template("the {part} part", part=part) if part else "this text"
            raise RnaError(message, place=shown or data.text, what=fill_template(what), names=names)
        of = fill_template(" of the {part} part", part=part) if part else ""
        log.warning(
            "%s of %s windows%s are left out: they hold characters that the training text lacks: %s",
            f"{int(bad.sum()):,}", f"{len(windows):,}", of, names,
        )  # fmt: skip
    return kept
