"""Numbers as people write them: decimal marks, marks between thousands, and signs such as % or € beside them."""

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

FLOAT32_MAX = 3.4028234663852886e38
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
CODE = re.compile(r"0[0-9]+")
"""Digits that no number is written with: postcodes and the like, which lose their zeros as numbers."""
BLANKS = re.compile(r"[\u00a0\u2007\u2009\u202f]")
"""Blanks that stand in numbers, besides the ordinary one."""
BESIDE = re.compile(
    r"([-+]?)\s*(?:([A-Z]{0,2}[$£€¥₹₽₩₪₫₺]|[A-Z]{3}|[A-Z][a-z]{0,2}[./]\.?)\s*)?"
    r"(-?[\d.,' ’]*\d[.,]?)(\s*)([^\W\d_]\S*|[%‰°€$£¥₹₽₩º][^\s\d]*|[.,][-–—]{1,2})?"
)
"""A sign, what stands before a number, the number, and what stands after it, with or without a blank."""
NEGATIVE = re.compile(r"\((?P<brackets>\s*[^-+()]*\d[^-+()]*)\)|(?P<behind>[^-+()]*\d)\s?-")
"""A negative number as accounts have it, and as a spreadsheet reads it: (12), or 12-; no sign stands within."""
TOGETHER = frozenset((
    "k", "kg", "g", "mg", "t", "km", "m", "cm", "mm", "ml", "l", "cl", "kb", "mb", "gb", "tb", "h", "min", "s", "ms",
    "kwh", "kw", "w", "v", "hz", "mph", "lb", "lbs", "oz", "ft", "in", "m2", "m3", "m²", "m³", "cm2", "cm²", "cm3",
    "km2", "km²", "ft2", "ha", "km/h", "kmh", "m/s", "cv", "hp", "kcal", "cal", "kj", "mah", "mbps", "kbps", "gbps",
    "mpx", "mp", "px", "rpm", "bpm", "ppm", "dpi", "cc", "days", "hours", "hrs", "mins", "años", "meses", "días",
    "kg/m2",
))  # fmt: skip
"""Units of letters that stand beside a number without a blank."""


class Written(NamedTuple):
    """How numbers and missing values are written; ``thousands``: what stands between groups of three digits."""

    decimal: str
    missing: tuple[str, ...]
    thousands: str = ""

    @property
    def gone(self) -> frozenset[float]:
        """The numbers that stand for a missing value: where -999 does, so does -999.0."""
        values = {parse_number(word, written) for word in self.missing for written in (PLAIN, self)}
        return frozenset(value for value in values if not math.isnan(value))

    def is_missing(self, word: str) -> bool:
        """Whether a word, without blanks around it, stands for a missing value."""
        return not word or word in self.missing or parse_number(word, self) in self.gone


PLAIN = Written(".", ())


def parse_number(word: str, written: Written = PLAIN, unit: str = "", accounts: bool = False) -> float:
    """The number that a word writes, beside its ``unit`` if there is one; NaN if it writes none.

    ``accounts``: (12) and 12- are negative numbers too.
    """
    if accounts and (inside := positive_part(word)):
        return -parse_number(inside, written, unit)
    if unit:
        word = take_unit(word, unit)
        if accounts and (inside := positive_part(word)):  # $ (12)
            return -parse_number(inside, written)
    if written.thousands or written.decimal != ".":
        word = plain_number(word, written)
    return float(word) if NUMBER.fullmatch(word) else math.nan


def positive_part(word: str) -> str:
    """What stands in brackets, or before a minus, where that makes it negative; empty where nothing does."""
    match = NEGATIVE.fullmatch(word) if word[-1:] in (")", "-") else None
    return (match["brackets"] or match["behind"]).strip() if match else ""


def plain_number(word: str, written: Written) -> str:
    """A number with a decimal point and without marks between thousands; what is none of these stays none."""
    if written.thousands:
        word = BLANKS.sub(" ", word).replace("’", "'")
        if written.thousands in word:
            if not grouped(written.thousands, written.decimal).fullmatch(word):
                return ""
            word = word.replace(written.thousands, "")
    return word if written.decimal == "." else word.replace(".", "_").replace(written.decimal, ".")


@functools.cache
def grouped(thousands: str, decimal: str) -> re.Pattern[str]:
    """A number with marks between its thousands; with commas, as in India too: 1,23,456."""
    mark, point = re.escape(thousands), re.escape(decimal)
    indian = r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}" if thousands == "," else ""
    return re.compile(rf"[-+]?(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+{indian})(?:{point}[0-9]*)?")


def take_unit(word: str, unit: str) -> str:
    """A number without what stands before or after it; an empty text where that is something else, or nothing."""
    sign = word[:1] if word[:1] in ("-", "+") else ""
    bare = word[len(sign) :].strip()
    if bare.startswith(unit):
        return sign + bare[len(unit) :].strip()
    return sign + bare[: -len(unit)].strip() if bare.endswith(unit) else ""


def find_unit(word: str, written: Written) -> str:
    """What stands beside the number in a word, such as % or €; empty where the word is no number with a unit."""
    match = BESIDE.fullmatch(BLANKS.sub(" ", word))
    if not match:
        return ""
    before, blank, after = match[2] or "", match[4], match[5] or ""
    unit = before or after
    if (before and after) or not unit or (after[:1].isalpha() and not blank and after.lower() not in TOGETHER):
        return ""
    return "" if math.isnan(parse_number(word, written, unit)) else unit


def find_units(words: Sequence[str], written: Written) -> str:
    """The unit that all words have in common; empty where they have none."""
    unit = find_unit(words[0], written) if words else ""
    return unit if unit and not any(math.isnan(parse_number(word, written, unit)) for word in words) else ""


class Accounts(NamedTuple):
    """Numbers of which negative ones are written as ``word`` is, with the ``unit`` that all have.

    ``doubtful``: where all are in brackets, or as short as the marks of a school.
    """

    word: str
    unit: str
    doubtful: bool


def find_accounts(words: Sequence[str], written: Written) -> Accounts | None:
    """How negative numbers are written, where it is as accounts do and all words are numbers; else ``None``."""
    bare = [positive_part(word) or UNDER_SIGN.sub(r"\1\2", word) for word in words]
    odd = [word for word, number in zip(words, bare, strict=True) if word != number]
    ends = {word[-1] for word in odd}
    if len(ends) != 1:
        return None
    unit = find_units(bare, written)
    if any(math.isnan(parse_number(word, written, unit, accounts=True)) for word in words):
        return None
    short = ends == {"-"} and max(map(len, odd)) < len("100-")
    return Accounts(odd[0], unit, short or len(odd) == len(words))


UNDER_SIGN = re.compile(r"([^\s\d()+-]{1,3}\s?)\(([^()]*)\)")
"""Brackets behind a sign: $ (12)."""
GONE = frozenset((
    "-", "--", "---", ".", "..", "...", "…", ":", "?", "*", "/", "\\n", "(null)", "<na>", "nat", "nd", "n/d", "n.d.",
    "sd", "s/d", "s.d.", "s/i", "na", "n/a", "n.a.", "nc", "n/c", "ns/nc", "nan", "null", "none", "nil", "missing",
    "unknown", "undefined", "desconocido", "desconocida", "vacio", "vacío", "ninguno", "#n/a", "#na", "#null!",
    "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#n/d", "#¡nulo!", "#¡div/0!", "#¡valor!", "#¡ref!", "#¡num!",
    "#¿nombre?", "sin dato", "sin datos", "no data", "no aplica", "no disponible", "not available", "no consta",
))  # fmt: skip
"""Words that stand for a missing value in the tables of many."""
DASHES = "−‒–—﹣－"
"""Signs that are printed for a minus."""
SIGNED = re.compile(r"([^\w\s(]{1,3})\s?[-+]?\d[\d.,]*|[-+]?\d[\d.,]*\s?([^\w\s)]{1,3})")
"""A number with a sign before or behind it: ~20, <5, 20?, 5.0*."""


def find_sign(word: str, written: Written) -> str:
    """The sign before or behind a number that is no unit: of ~20, <5, 20?, 5.0*; empty where there is none."""
    match = SIGNED.fullmatch(word)
    sign = (match[1] or match[2] or "").strip() if match else ""
    if not sign or set(sign) & set(".,-+()" + DASHES) or math.isnan(parse_number(word, written, sign)):
        return ""
    return sign


def quote(word: str) -> str:
    """A text as YAML has it within brackets."""
    return "'" + word.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"


class Marks(NamedTuple):
    """The decimal mark, and the one between thousands if there is any."""

    decimal: str = "."
    thousands: str = ""


class Shown(NamedTuple):
    """The ``marks`` that some cells show, if any do; and a ``doubtful`` cell that may be two numbers, such as 45.310,
    where no other cell tells which.
    """

    marks: Marks | None
    doubtful: str = ""


MARKED = re.compile(r"[-+]?[0-9]*[.,' ][0-9.,' ]*[0-9](?:[eE][-+]?[0-9]+)?")
FEWEST = 3
"""Cells with an unusual mark from which it is no slip."""
GROUPS = {mark: re.compile(rf"[-+]?[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in ".,' "}
GROUPS[","] = re.compile(GROUPS[","].pattern + r"|[-+]?[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
MONEY = re.compile(
    r"[A-Z]{0,2}[$£€¥₹₽₩₪₫₺]|[Ee]uros?|[Pp]esos|S/\.?|Rs\.?|EUR|USD|GBP|CHF|BRL|MXN|COP|ARS|CLP|PEN|UYU|PYG|BOB|CRC|DOP"
)
"""What stands beside an amount of money, of which three digits behind a point are hardly a fraction."""
PHONE = re.compile(r"\+(?:[ .-]?[0-9]){9,15}")
FRACTION = {mark: re.compile(rf"[-+]?[0-9]*{re.escape(mark)}[0-9]+(?:[eE][-+]?[0-9]+)?") for mark in ".,"}


def find_marks(cells: Iterable[str], between: str) -> Shown:
    """The marks that cells show, of a file with ``between`` between its values.

    45.310 beside 3,5 has a mark between thousands; by itself it is 45.31, but for money, and where semicolons stand
    between values, as where commas are decimal marks: there it is doubtful. Commas in quotes, apostrophes and blanks
    count from ``FEWEST`` cells on.
    """
    decimals: Counter[str] = Counter()
    thousands: Counter[str] = Counter()
    doubtful: dict[str, list[str]] = {}
    money = 0
    for cell in cells:
        text = BLANKS.sub(" ", cell.strip()).replace("’", "'")
        text = positive_part(text) or text
        if PHONE.fullmatch(text) and " " in text:
            continue
        if not MARKED.fullmatch(text):
            match = BESIDE.fullmatch(text)
            if not match or not (match[2] or match[5]) or not MARKED.fullmatch(text := match[3]):
                continue
            money += bool(MONEY.fullmatch(match[2] or match[5]))
        marks = [mark for mark in ".,' " if mark in text]
        last = max((mark for mark in marks if mark in ".,"), key=text.rfind, default="")
        if len(marks) == 2 and last and text.count(last) == 1:
            other = next(mark for mark in marks if mark != last)
            if grouped(other, last).fullmatch(text):
                decimals[last] += FEWEST
                thousands[other] += FEWEST
        elif len(marks) == 1 and GROUPS[marks[0]].fullmatch(text):
            if text.count(marks[0]) > 1 or marks[0] in "' ":
                thousands[marks[0]] += FEWEST if marks[0] in ".," else 1
            else:
                doubtful.setdefault(marks[0], []).append(text)
        elif len(marks) == 1 and last and FRACTION[last].fullmatch(text):
            decimals[last] += 1
    fewest = {",": FEWEST if between == "," else 1, "'": FEWEST, " ": FEWEST}
    sure = {mark for mark, count in decimals.items() if count >= fewest.get(mark, 1)}
    maybe = {mark: texts[0] for mark, texts in doubtful.items() if len(texts) >= fewest.get(mark, 1)}
    grouping = {mark for mark, count in thousands.items() if count >= fewest.get(mark, 1)}
    return decide_marks(sure, grouping, maybe, between == ";" or money >= FEWEST)


def decide_marks(decimals: set[str], thousands: set[str], doubtful: dict[str, str], asked: bool) -> Shown:
    """The marks, from those that are sure and from doubtful cells by their mark, which may have to be ``asked`` for."""
    other = next((mark for mark in "' " if mark in thousands), "")
    if "." in decimals or ("," in thousands and "," not in decimals):
        commas = "," not in decimals and ("," in thousands or "," in doubtful)
        return Shown(Marks(".", "," if commas else other if "," not in decimals else ""))
    if "," in decimals or "." in thousands:
        return Shown(Marks(",", "." if "." in thousands or "." in doubtful else other))
    if doubtful and (asked or len(doubtful) > 1):
        return Shown(None, next(iter(doubtful.values())))
    if "," in doubtful:  # in quotes
        return Shown(Marks(".", ","), doubtful[","])
    return Shown(Marks(".", other) if other or doubtful else None)
