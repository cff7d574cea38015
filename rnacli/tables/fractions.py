"""Fractions as people write them: ``1/2``, ``3 1/2``, ``2½``."""

import math
import re
from unicodedata import numeric

SIGNS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
WHOLE = re.compile(rf"([-+]?[0-9]+)(?:[\s-]?([{SIGNS}]))?")
SIGN = re.compile(rf"([-+]?)([{SIGNS}])")
FRACTION = re.compile(r"([-+]?)(?:([0-9]+)[\s-])?([0-9]+)\s?[/⁄]\s?([0-9]+)")
NUMBER = re.compile(r"[-+]?[0-9]+[.,][0-9]+")


def parse_fraction(word: str) -> float:
    """The number that a fraction, or a plain number among fractions, means; NaN where a word is none."""
    if match := FRACTION.fullmatch(word):
        sign, whole, above, below = match.groups()
        if int(below) == 0:
            return math.nan
        value = int(whole or 0) + int(above) / int(below)
        return -value if sign == "-" else value
    if match := SIGN.fullmatch(word):
        return -numeric(match[2]) if match[1] == "-" else numeric(match[2])
    if match := WHOLE.fullmatch(word):
        value, part = int(match[1]), numeric(match[2]) if match[2] else 0.0
        return value - part if match[1].startswith("-") else value + part
    return float(word.replace(",", ".")) if NUMBER.fullmatch(word) else math.nan


def is_pair(word: str) -> bool:
    """Whether a word is two whole numbers with a stroke, and no more: a fraction, a score, or two numbers."""
    match = FRACTION.fullmatch(word)
    return match is not None and not match[2] and not match[1]


def is_mixed(word: str) -> bool:
    """Whether a word can be nothing but a number with a fraction: ``3 1/2``, ``½``."""
    match = FRACTION.fullmatch(word)
    return bool(match and match[2]) or any(sign in word for sign in SIGNS)


COMMON = frozenset((2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64, 100))
"""What people divide by."""


def are_fractions(words: list[str]) -> bool:
    """Whether words, plain numbers among them, are all numbers with fractions: pairs such as 120/80 are none."""
    if not words or any(math.isnan(parse_fraction(word)) for word in words):
        return False
    pairs = [tuple(map(int, re.findall(r"[0-9]+", word))) for word in words if is_pair(word)]
    if any(map(is_mixed, words)):
        return all(below in COMMON for _, below in pairs)
    return bool(pairs) and all(above <= below and below in COMMON for above, below in pairs)
