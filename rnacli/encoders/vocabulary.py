"""A text as whole numbers: one for each character, or for each word, of a vocabulary that the training text teaches."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from unicodedata import name as unicode_name
from unicodedata import normalize

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.words import fill_template, list_words

CHARACTERS, WORDS = LEVELS = ("characters", "words")
UNKNOWN = "[UNK]"
"""What stands for all words beside those of the vocabulary; no text has a word like it."""
PIECE = re.compile(r"\w{1,50}(?:['’]\w{1,20})*|[^\w\s]|\n")
"""A word, a sign or the end of a line; blanks between them are none. A longer word is several."""
BLOCK = 1 << 20
"""Tokens that are looked up at a time."""
NO_BLANK_BEFORE = frozenset(",.;:!?…)]}»”%\n")
NO_BLANK_BEHIND = frozenset("([{¿¡«“\n")


def plain_text(text: str) -> str:
    """A text with accents in one spelling (NFC), and lines that end in one way."""
    return normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True, eq=False)
class Tokens:
    """``vocabulary``: the tokens by their numbers. Of words the first one is ``UNKNOWN``; of characters all are known.

    ``level``: one of ``LEVELS``. ``window``: how many tokens the network sees.
    """

    kind: ClassVar[str] = "tokens"
    level: str
    vocabulary: tuple[str, ...]
    window: int
    features: tuple[str, ...] = ()

    @property
    def raw_shape(self) -> tuple[int, ...]:
        return (self.window,)

    @property
    def inputs(self) -> dict[str, InputSpec]:
        return {"x": InputSpec(self.raw_shape, "int32", tokens=len(self.vocabulary))}

    @property
    def number_names(self) -> dict[str, Sequence[str]]:
        return {}

    @property
    def linear(self) -> None:
        return None

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        return {"x": np.asarray(raw, "int32")}

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        return self.encode(raw), 1.0

    def dump(self) -> dict[str, Any]:
        return {"tokens": self.level, "window": self.window, "vocabulary": self.vocabulary}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each token."""
        return {token: i for i, token in enumerate(self.vocabulary)}

    def read(self, text: str) -> np.ndarray:
        """The tokens (t,) int32 of a text as ``plain_text`` gives it; -1 for a character that is not known."""
        return self.look_up(*number_pieces(text, self.level))

    def look_up(self, steps: np.ndarray, pieces: Sequence[str]) -> np.ndarray:
        """As ``read``, of what ``number_pieces`` gives, whose ``steps`` become the tokens."""
        unknown = 0 if self.level == WORDS else -1
        places = np.array([self.numbers.get(piece, unknown) for piece in pieces], "int32")
        for start in range(0, len(steps), BLOCK):
            steps[start : start + BLOCK] = places[steps[start : start + BLOCK]]
        return steps

    def write(self, tokens: Sequence[int], before: str = "") -> str:
        """The text of some tokens that follow ``before``: between words stands a blank where one belongs."""
        words = [self.vocabulary[token] for token in tokens]
        if self.level == CHARACTERS:
            return "".join(words)
        pieces = []
        for word in words:
            last = before[-1:]
            joined = not last or last in NO_BLANK_BEHIND or word in NO_BLANK_BEFORE
            pieces.append(word if joined else f" {word}")
            before = word
        return "".join(pieces)


def cut_words(text: str) -> Iterator[str]:
    """The words of a text as ``plain_text`` gives it."""
    return (match.group() for match in PIECE.finditer(text))


def number_pieces(text: str, level: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """A text as ``plain_text`` gives it, as numbers (t,) int32 of its different words or characters, and these.

    Characters are in their order, words as they come. Beside the numbers there is never more than a block: a list of
    all words would take ten times the text.
    """
    if level == WORDS:
        seen: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        return np.fromiter((seen[word] for word in cut_words(text)), "int32"), tuple(seen)
    characters = tuple(sorted(set(text)))
    known = np.array([ord(character) for character in characters], "uint32")
    steps = np.empty(len(text), "int32")
    for start in range(0, len(text), BLOCK):
        points = np.frombuffer(text[start : start + BLOCK].encode("utf-32-le", "surrogatepass"), "<u4")
        steps[start : start + BLOCK] = np.searchsorted(known, points)
    return steps, characters


def learn_tokens(steps: np.ndarray, pieces: Sequence[str], level: str, most: int, window: int) -> Tokens:
    """The vocabulary of a training text as ``number_pieces`` gives it: its characters in their order; or its ``most``
    frequent words, less one."""
    counts = sum(np.bincount(steps[i : i + BLOCK], minlength=len(pieces)) for i in range(0, len(steps), BLOCK))
    found = {piece: count for piece, count in zip(pieces, np.asarray(counts).tolist(), strict=True) if count}
    if level == CHARACTERS:
        return Tokens(level, tuple(found), window)
    words = sorted(found, key=lambda word: (-found[word], word))[: most - 1]
    return Tokens(level, (UNKNOWN, *words), window)


def load_tokens(plain: Mapping[str, Any]) -> Tokens:
    """Tokens from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    level, window = str(plain["tokens"]), int(plain["window"])
    vocabulary = tuple(str(token) for token in plain["vocabulary"])
    if level not in LEVELS or window < 1 or len(vocabulary) < 2 or len(set(vocabulary)) < len(vocabulary):
        raise ValueError("its tokens do not fit together")
    if level == CHARACTERS and (any(len(token) != 1 for token in vocabulary) or sorted(vocabulary) != [*vocabulary]):
        raise ValueError("its characters do not fit together")
    if level == WORDS and vocabulary[0] != UNKNOWN:
        raise ValueError("its words do not fit together")
    return Tokens(level, vocabulary, window)


def name_characters(characters: str, most: int = 5) -> str:
    """Some characters for a message, those that cannot be seen by their names."""
    shown = [
        fill_template("'{c}'", c=c)
        if c.isprintable() and not c.isspace()
        else unicode_name(c, "").lower() or f"U+{ord(c):04X}"
        for c in characters[:most]
    ]
    return (
        list_words(shown, "and")
        if len(characters) <= most
        else fill_template("{names:.300} and {count} more", names=", ".join(shown), count=len(characters) - most)
    )
