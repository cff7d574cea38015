"""What words are that are neither plain numbers nor plain categories: named, with the key that reads them."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from rnacli.encoders.column import Content
from rnacli.tables.cells import Want
from rnacli.tables.dates import find_formats, parse_dates
from rnacli.tables.fractions import is_pair
from rnacli.tables.numbers import DASHES, GONE, Marks, Written, find_marks, find_sign, find_unit, parse_number, quote
from rnacli.words import fill_template

FEW = 5
"""Different words among dates that are something else, as long as it is a slip."""
MANY = 20
"""Different words from which numbers in them are no names of a few groups."""
COLUMN = "{column}"
"""The field of a hint that is filled in once it is known of which column it is."""
CATEGORICAL = "as categories: columns: {{column}: categorical}; to leave it out: ignore"
SEVERAL = re.compile(
    r"[(\[{]?\s*[-+]?\d+(?:\.\d+)?[°\"'′″]?(?:\s*([,;:/x×|*\-'\"°º′±]|ft|by|a|to)\s*[-+]?\d+(?:\.\d+)?)+\s*\D{0,3}[)\]}]?"
)
POWER = re.compile(r"[-+]?\d+(?:[.,]\d+)?\s?[x×*·]\s?10\^?[-+]?\d+")
QUARTER = re.compile(r"(?:[QT][1-4][\s/-]?\d{2,4}|\d{4}[\s/-]?[QT][1-4]|\d{4}-?W\d{2})", re.I)
ZONED = re.compile(r"(.*\d) (?:[A-Z]{3,4}|[A-Z][a-z]+/[A-Z][a-z_]+)")
AROUND = re.compile(r"(\D{0,20}?)([-+]?\d+([.,]\d+)?)(\D{0,20})")
GROUPING = ("-", "a", "to", ":")
"""What stands between the ends of a group, or in a ratio."""
COMPASS = frozenset("NSEWO")


def find_look(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """What some different words are, each in ``counts`` (words,) rows; ``None``: nothing but words."""
    if len(words) < 3:
        return None
    for look in LOOKS:
        if content := look(words, counts, written):
            return content
    return None


def faulty(why: str, hint: str, **values: object) -> Content:
    """What cannot be read as it is; ``{{column}`` in a hint is the column's name."""
    return Content("faulty", fill_template(why, **values), Want("any"), hint)


def joined(hint: str, **values: object) -> str:
    """A hint, and then that a column can be taken as categories."""
    return f"{fill_template(hint, column=COLUMN, **values)}; {fill_template(CATEGORICAL)}"


def share(words: Sequence[str], counts: np.ndarray, fits: Callable[[str], object]) -> float:
    """The share of rows whose words fit."""
    chosen = np.array([bool(fits(word)) for word in words])
    return float(counts[chosen].sum() / counts.sum())


def is_number(word: str, written: Written) -> bool:
    return not math.isnan(parse_number(word, written))


def few_gaps(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers, and words that say that there is none."""
    gaps = [word for word in words if word.lower() in GONE]
    numbers = [word for word in words if word not in gaps]
    if len(numbers) < 2 or not gaps or any(math.isnan(parse_number(word, written, "", True)) for word in numbers):
        return None
    return gaps_among(gaps, "numbers")


def gaps_among(words: Sequence[str], what: str) -> Content:
    """What is to be said of ``words`` among which some say that there is no value, and others are ``what``."""
    gaps = [word for word in words if word.lower() in GONE]
    names = ", ".join(map(quote, gaps[:5]))
    missing = "if it says that the value is missing: columns: {{column}: {missing: [{names:.200}]}}"
    hint = str(fill_template(missing, names=names, column=COLUMN))  # whose column is filled in later
    return faulty("{what:.200}, but also '{gap:.30}'", hint, what=fill_template(what), gap=gaps[0])


def several_units(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers that have a unit, of which not all have the same one."""
    units = [find_unit(word, written) for word in words]
    bare = [word for word, unit in zip(words, units, strict=True) if not unit and is_number(word, written)]
    if not any(units) or len(bare) + sum(map(bool, units)) < len(words):
        return None
    different = [unit for unit, _ in Counter(filter(None, units)).most_common()]
    word = next(word for word, unit in zip(words, units, strict=True) if unit == different[0])
    if set(different) <= COMPASS:
        hint = "write south and west as negative numbers, without the letter"
        return faulty("degrees such as '{word:.30}', with {units:and} for the side", hint, word=word, units=different)
    if len(different) > 1:
        hint = joined("write all of them in one unit")
        why = "numbers with different units: {units:and}"
        if bare:
            why = "numbers with different units: {units:and}, and numbers without any"
        return faulty(why, hint, units=[f"'{unit:.20}'" for unit in different[:6]])
    hint = "write it beside each number, or beside none"
    if not any(map(str.isalnum, different[0])):
        strip = "if all are meant so: columns: {{column}: {strip: {sign}}}"
        hint = str(fill_template(strip, sign=quote(different[0]), column=COLUMN))
    return faulty("numbers with '{unit:.20}', such as '{word:.30}', and numbers without it, such as '{bare:.30}'", hint,
                  unit=different[0], word=word, bare=bare[0])  # fmt: skip


def other_marks(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Most are numbers with other marks, or some have a point and others a comma."""
    marks = find_marks(words, "").marks or Marks()
    other = Written(marks.decimal, (), marks.thousands)
    is_other = share(words, counts, lambda word: is_number(word, other)) > 0.5
    word = next((word for word in words if not is_number(word, written) and is_number(word, other)), "")
    if is_other and word:
        hint = mark_hint(marks.decimal, marks.thousands)
        return faulty("numbers with other marks such as '{word:.30}'", hint, word=word)
    point, comma = Written(".", ()), Written(",", ())
    if all(is_number(word, point) or is_number(word, comma) for word in words):
        one, two = (next((w for w in words if mark in w and is_number(w, Written(mark, ()))), "") for mark in ".,")
        if one and two:
            why = "numbers with decimal points and numbers with decimal commas, such as '{one:.20}' and '{two:.20}'"
            return faulty(why, "write all of them with the same mark", one=one, two=two)
    return None


def mark_hint(decimal: str, thousands: str) -> str:
    return f"dataset: {{decimal: '{decimal}'" + (f", thousands: '{thousands}'}}" if thousands else "}")


def other_minus(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers, of which negative ones have a sign that looks like a minus."""
    others = [word for word in words if not is_number(word, written)]
    if not others or not all(word[0] in DASHES and is_number("-" + word[1:].lstrip(), written) for word in others):
        return None
    hint = str(fill_template("write a plain - for {sign}", sign=others[0][0]))
    return faulty("negative numbers such as '{word:.30}'", hint, word=others[0])


def signs_beside(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers, some with a sign before or behind them."""
    signs: list[str] = []
    for word in words:
        if is_number(word, written):
            continue
        if not (sign := find_sign(word, written)):
            return None
        signs.append(sign)
    if not signs:
        return None
    word = next(word for word in words if not is_number(word, written))
    strip = quote("".join(dict.fromkeys("".join(signs))))
    hint = joined("to read them without it: columns: {{column}: {strip: {strip}}}", strip=strip)
    return faulty("numbers, some with a sign such as '{word:.30}'", hint, word=word)


def several_dates(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Dates that are not all written in one way."""
    some = list(words[:50])
    forms = [next(iter(find_formats([word])), "") for word in some]
    if not all(forms):
        return None
    one, other = some[0], next((w for w, form in zip(some, forms, strict=True) if form != forms[0]), some[-1])
    hint = joined("write all of them in one way, such as 2026-01-31")
    return faulty("dates in several ways, such as '{one:.30}' and '{other:.30}'", hint, one=one, other=other)


def few_no_dates(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Most are dates, and a few are none."""
    fit = max((fit_of(word, words) for word in words[:FEW]), key=np.count_nonzero, default=np.zeros(0, bool))
    others = [word for word, fits in zip(words, fit, strict=True) if not fits]
    if 2 * counts[fit].sum() <= counts.sum() or not 0 < len(others) <= FEW:
        return None
    names = ", ".join(map(quote, others))
    hint = "fix it; if it says that the value is missing: columns: {{column}: {missing: [{names:.200}]}}"
    why = "dates, but also '{word:.30}', which is not a date"
    return faulty(why, str(fill_template(hint, names=names, column=COLUMN)), word=others[0])


def fit_of(word: str, words: Sequence[str]) -> np.ndarray:
    """Which words (words,) are dates as one of them is; none where that is no date."""
    forms = ["", *find_formats([word])] if any(map(str.isdecimal, word)) else []
    fits = [~np.isnan(parse_dates(words, form)) for form in forms]
    return max(fits, key=np.count_nonzero, default=np.zeros(len(words), bool))


def zoned_dates(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Dates with the name of their zone behind them."""
    matches = [ZONED.fullmatch(word) for word in words[:50]]
    if not all(matches) or not all(match and find_formats([match[1]]) for match in matches):
        return None
    hint = joined("write the zone as +01:00, or leave it out")
    return faulty("dates with the name of a time zone such as '{word:.30}'", hint, word=words[0])


def texts_around(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Many numbers with a fraction, each with the same text before or behind it, or written as $1.5M and $2.5K are."""
    matches = [AROUND.fullmatch(word) for word in words]
    if len(words) <= MANY or not all(matches) or sum(bool(match and match[3]) for match in matches) < len(words) / 2:
        return None
    texts = {(match[1].strip(), match[4].strip()) for match in matches if match}
    before, after = min(texts)
    if len(texts) > 1 and (len({text for text, _ in texts}) > 1 or not before or before.isalnum()):
        return None
    hint = joined("write the numbers alone")
    if len(texts) == 1 and not (before and after):
        hint = joined("to read them as numbers: columns: {{column}: {unit: {text}}}", text=quote(before or after))
    return faulty("numbers with text beside them, such as '{word:.30}'", hint, word=words[0])


def written_powers(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers with a power of ten."""
    if all(map(POWER.fullmatch, words)):
        return faulty("numbers such as '{word:.30}'", "write 1.5e3 for 1.5x10^3", word=words[0])
    return None


def other_digits(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Numbers in the digits of another script."""
    if all(word.isdecimal() and not word.isascii() for word in words):
        return faulty("numbers in other digits, such as '{word:.30}'", "write the digits 0 to 9", word=words[0])
    return None


def several_numbers(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Cells of several numbers each, of which there are too many for groups such as 20-30."""
    matches = [SEVERAL.fullmatch(word) for word in words]
    if not all(matches) or all(word[:2].lower() == "0x" for word in words):
        return None
    if len(words) <= (MANY if any(match and match[1] in GROUPING for match in matches) else MANY // 2):
        return None
    hint = joined("make a column of each number")
    if all(map(is_pair, words)):
        hint = joined("make a column of each number; as fractions: columns: {{column}: fraction}")
    return faulty("several numbers in each cell, such as '{word:.30}'", hint, word=words[0])


def quarters(words: Sequence[str], counts: np.ndarray, written: Written) -> Content | None:
    """Quarters and weeks of years: categories that have an order, which is said."""
    if not all(map(QUARTER.fullmatch, words)):
        return None
    why = fill_template("quarters or weeks such as '{word:.30}', taken as categories without an order", word=words[0])
    hint = "for their order, a column of numbers such as 2026.25"
    return Content("categorical", why, Want("words"), hint)


LOOKS = (
    few_gaps, quarters, several_units, other_marks, other_minus, signs_beside, several_dates, few_no_dates, zoned_dates,
    texts_around, written_powers, other_digits, several_numbers,
)  # fmt: skip
"""What is looked for, in this order."""
