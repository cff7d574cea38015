"""Texts as tokens: their words or characters, told apart as a person does it in any script.

The keys are those of Keras' ``TextVectorization``. That lowers ASCII letters and strips ASCII signs alone; here 'Árbol'
and 'árbol' are one word, and '¿qué' loses its mark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from unicodedata import category, normalize

from rnacli.encoders.section import STANDARDIZE
from rnacli.tables.several import SEPARATORS, separate

SIGNS = frozenset("$+<=>^`|~")
"""What Keras strips, too, though Unicode has it among symbols."""
MOST_CHARACTERS = 1_000_000
"""Characters of a text that are read; the others are passed over."""
LONGEST = 100
"""Characters of the longest word: a longer one is no word, and unknown."""
TOO_LONG = ""
"""What stands for a word that is too long. No text has it, and no vocabulary."""


class Translation(dict[int, int | None]):
    """Code point -> what it becomes, or ``None``: what is not seen, such as NUL or a mark for writing from right to
    left, is dropped; and punctuation, if it is to be."""

    def __init__(self, strips: bool):
        self.strips = strips

    def __missing__(self, code: int) -> int | None:
        sign = chr(code)
        kind = category(sign)
        is_unseen = kind in ("Cc", "Cf", "Cs") and not sign.isspace()
        is_stripped = self.strips and (kind.startswith("P") or sign in SIGNS)
        self[code] = None if is_unseen or is_stripped else code
        return self[code]


translation = cache(Translation)


@dataclass(frozen=True)
class Reading:
    """How texts become tokens. ``ngrams``: of how many neighbours one is made, in this order."""

    standardize: str | None
    split: str
    ngrams: tuple[int, ...]

    def __call__(self, text: str) -> list[str]:
        """The tokens of a text, in its order; those of two neighbours stand behind all of one."""
        text = text[:MOST_CHARACTERS]
        words = self.split_values(text) if self.split in SEPARATORS else self.split_words(self.standardized(text))
        if self.ngrams == (1,):
            return words
        return [token for n in self.ngrams for token in self.join_neighbours(words, n)]

    def standardized(self, text: str) -> str:
        mode, is_plain = self.standardize or "", text.isascii()
        text = text if is_plain else normalize("NFC", text)
        if mode.startswith("lower"):
            # Folding takes some letters apart, which NFC puts together again.
            text = text.lower() if is_plain else normalize("NFC", text.casefold())
        return text.translate(translation(mode.endswith("strip_punctuation")))

    def split_values(self, text: str) -> list[str]:
        """What stands between separators, with its signs where nothing is said of them: C++ is not C."""
        reading = replace(self, standardize="lower") if self.standardize == STANDARDIZE[0] else self
        values = [" ".join(reading.standardized(value).split()) for value in separate(text, self.split)]
        return [value if len(value) <= LONGEST else TOO_LONG for value in values if value]

    def split_words(self, text: str) -> list[str]:
        if self.split == "character":
            return list(text)
        words = text.split()
        return words if len(text) <= LONGEST else [word if len(word) <= LONGEST else TOO_LONG for word in words]

    def join_neighbours(self, words: Sequence[str], n: int) -> Iterator[str]:
        """The tokens of ``n`` neighbours each."""
        between = "" if self.split == "character" else " "
        for i in range(len(words) - n + 1):
            some = words[i : i + n]
            yield TOO_LONG if TOO_LONG in some else between.join(some)
