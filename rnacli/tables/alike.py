"""Words that are two classes or categories, and hardly meant to be: spelled otherwise, or yes and true."""

import math
import re
import unicodedata
from collections.abc import Sequence

from rnacli.tables.cells import FALSE, TRUE
from rnacli.tables.numbers import parse_number
from rnacli.words import clean, fill_template


def fold_label(label: str) -> str:
    """A label without what spellings differ in: capitals, accents, blanks, and signs at its ends."""
    if not math.isnan(parse_number(label)):
        return label
    text = "".join(sign for sign in unicodedata.normalize("NFKD", label) if not unicodedata.combining(sign))
    return re.sub(r"[\s_]+", " ", text.casefold()).strip(" .,;:!'\"") or label


def find_alike(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of labels that differ in spelling alone; where all are answers, those that say the same."""
    lower = [label.lower() for label in labels]
    answers = set(lower) <= TRUE | FALSE
    folded = [str(word in TRUE) if answers else fold_label(label) for word, label in zip(lower, labels, strict=True)]
    first = dict(zip(reversed(folded), reversed(labels), strict=True))
    return [(first[fold], label) for fold, label in zip(folded, labels, strict=True) if first[fold] != label]


def tell_alike(one: str, other: str, are: str = "two classes") -> str:
    """What to say of two words that are alike, and ``are`` two of something."""
    if one.casefold() == other.casefold():
        message = "'{one}' and '{other}' are {two}, though they differ only in capital letters"
    elif fold_label(one) == fold_label(other):
        message = "'{one}' and '{other}' are {two}, though they differ only in accents, blanks or points"
    else:
        message = "'{one}' and '{other}' are {two}, though both may say the same"
    return fill_template(message, one=clean(one, 40), other=clean(other, 40), two=fill_template(are))
