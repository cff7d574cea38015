"""What the words of a column mean that says each row's part: usual words of several languages, or those of the file."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnacli.data.section import PARTS, Split, Words
from rnacli.document.write import yaml_scalar
from rnacli.errors import RnaError
from rnacli.words import clean, first_of, plain_word

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("rnacli")

USUAL = {
    "train": ("train", "training", "trn", "learn", "learning", "entrenamiento", "entreno", "entrenar", "aprendizaje"),
    "validation": ("validation", "valid", "val", "dev", "development", "validacion", "validar", "publictest"),
    "test": ("test", "testing", "tst", "holdout", "prueba", "pruebas", "privatetest"),
}  # fmt: skip
"""Part -> words for it; case, accents and what joins words do not matter. PublicTest and PrivateTest are Kaggle's."""


def parts_by_column(
    words: "np.ndarray", split: Split, shown: str, place_of: Callable[[int], str]
) -> dict[str, "np.ndarray"]:
    """The rows of each part from the words (n,) of the split's column.

    ``place_of``: where a row stands. Raises ``RnaError`` for a word that means no part.
    """
    import numpy as np

    meant = known_words(split)
    present = list(dict.fromkeys(words.tolist()))
    parts = {word: meant.get(plain_part_word(word)) for word in present}
    note_words(split, present)
    first = present[0] if present[0].isdecimal() else yaml_scalar(present[0])
    shape: dict[str, Any] = {"words": first_of(present), "name": yaml_scalar(str(split.column)), "first": first}
    say = "its words: {words:.200}; say what they mean: split: {column: {name:.60}, train: {first:.60}, test: ...}"
    unknown = next((word for word in present if parts[word] is None), None)
    if unknown is not None:
        message = "column '{column:.40}': expected train, validation or test, got '{word:.40}'"
        place = place_of(int(np.argmax(words == unknown)))
        raise RnaError(message, place=place, hint=say, column=split.column, word=unknown, **shape)
    if "train" not in parts.values():
        message = "column '{column:.40}' has no row for train"
        raise RnaError(message, place=shown, hint=say, column=split.column, **shape)
    each = np.array([parts[word] for word in words.tolist()])
    return {part: np.flatnonzero(each == part) for part in PARTS if (each == part).any()}


def known_words(split: Split) -> Mapping[str, str]:
    """Plain word -> part: the file's own words of a part, or the usual ones where it says none."""
    own = {name: given for name in PARTS if isinstance(given := getattr(split, name), Words)}
    usual = {plain_word(word): name for name, words in USUAL.items() if name not in own for word in words}
    return usual | {plain_part_word(word): name for name, words in own.items() for word in words}


def note_words(split: Split, present: Sequence[str]) -> None:
    """Say which words of the file's no row has: they may be misspelt."""
    there = set(map(plain_part_word, present))
    for name in PARTS:
        given = getattr(split, name)
        for word in given if isinstance(given, Words) else ():
            if plain_part_word(word) not in there:
                log.warning("%s: no row has '%s', which means %s", clean(split.column, 40), clean(word, 40), name)


def plain_part_word(word: str) -> str:
    """A word as it is compared; numbers by their value."""
    try:
        return f"{float(word):g}"
    except ValueError:
        return plain_word(word)
