"""Words from files and command lines, made safe to show; and words that are joined, counted and compared."""

import difflib
import math
import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rnacli.language import language, translate
from rnacli.synonyms import SYNONYMS


def list_words(words: Sequence[str], conjunction: str = "or") -> str:
    """``a, b or c``."""
    between = join_by(conjunction, words[-1]) if words else ""
    return f" {between} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def join_by(conjunction: str, following: str) -> str:
    """``and`` or ``or`` as it is said before a word: in Spanish, another one before its own sound."""
    if language() == "es" and conjunction == "and" and re.match(r"h?i(?![aeo])", following, re.IGNORECASE):
        return "e"
    if language() == "es" and conjunction == "or" and re.match(r"h?o", following, re.IGNORECASE):
        return "u"
    return translate(conjunction)


def count_things(count: int, what: str) -> str:
    """``1 row``, ``1,200 rows``."""
    return Filled(f"{count:,} {translate(what + 's' * (count != 1))}")


def first_of(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return first_words(names, 5)


def first_words(words: Sequence[str], most: int) -> str:
    """The first ``most`` of some words, and how many more there are."""
    shown = ", ".join(words[:most])
    if len(words) <= most:
        return shown
    return Filled(shown + fill_template(" and {count:,} more", count=len(words) - most))


def fill_each(*templates: str) -> list[str]:
    """Several texts of ours in the reader's language: the heads of a table's columns."""
    return [fill_template(template) for template in templates]


# C0 and C1 controls would drive the terminal, bidirectional marks would reorder what it shows.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(value: object, limit: int = 80) -> str:
    """Text from a file or a command line on one line, control characters escaped, cut at ``limit`` characters."""
    text = str(value)
    return printable(text if len(text) <= limit else text[: limit - 1] + "…")


def printable(text: str) -> str:
    """Text with its control characters escaped."""
    return _UNPRINTABLE.sub(lambda m: f"\\x{ord(m[0]):02x}" if ord(m[0]) < 256 else f"\\u{ord(m[0]):04x}", text)


class Filled(str):
    """A sentence whose values are in it: what looks like a field of a template is none."""


FIELD = re.compile(r"\{(\w+)(!r)?(?::([^\s{}]+))?\}")
"""A field of a template; braces with a space in them are YAML's."""


def fill_template(template: str, /, **values: Any) -> str:
    """A sentence in the reader's language, its ``{name}`` fields replaced by the ``values`` of these names.

    It is safe to show on one line, and is not filled again. ``{name}`` is cut at 80 characters, ``{name:.40}`` at 40;
    ``{value!r}`` is as ``show_value`` gives it; ``{names:and}`` and ``{names:or}`` list words of 40 characters each;
    ``{count:,}`` is as ``format`` gives it.
    """
    if isinstance(template, Filled):
        return template

    def field(match: re.Match[str]) -> str:
        name, shown, form = match.groups()
        return match[0] if name not in values else fill_field(values[name], form or "", shown is not None)

    return Filled(printable(FIELD.sub(field, translate(template))))


def fill_field(value: Any, form: str, shown: bool) -> str:
    """A value as a template's field asks for it."""
    if isinstance(value, Filled) and not form:
        return value
    if shown:
        return show_value(value)
    if form in ("and", "or"):
        return list_words([clean(word, 40) for word in value], form)
    if not form or re.fullmatch(r"\.\d+", form):
        return clean(value, int(form[1:] or 80))
    return format(value, form)


def show_value(value: Any) -> str:
    """A value of a YAML file as a message shows it: one line, shortened."""
    if value is None:
        return translate("nothing")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{clean(value, 60)}'"
    if isinstance(value, dict):
        return translate("a mapping")
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value:f}".replace("inf", ".inf").replace("nan", ".nan")
    return translate("a list") if isinstance(value, list) else clean(value, 60)


def quote_path(path: Path) -> str:
    """A path as a command line takes it, to be pasted: in quotes where it has blanks or signs of the shell."""
    return shlex.quote(str(path))


def did_you_mean(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """``did you mean <the nearest known word>?``; when none is near, the template ``otherwise`` of all ``{names}``."""
    names = list(names)
    near = nearest_words(word, names)
    return fill_template("did you mean {near:or}?" if near else otherwise, near=near, names=likest_words(word, names))


MOST_NAMES = 10
"""Names in a hint: of more, those that are most like the word."""


def likest_words(word: str, names: Sequence[str]) -> list[str]:
    """Some known words in their order; of many, those that ``word`` is most like, and how many more there are."""
    if len(names) <= MOST_NAMES:
        return list(names)
    likeness = {name: difflib.SequenceMatcher(None, plain_name(name), plain_name(word)[:100]).ratio() for name in names}
    some = set(sorted(names, key=lambda name: -likeness[name])[:MOST_NAMES])
    return [*(name for name in names if name in some), fill_template("{count} more", count=len(names) - MOST_NAMES)]


def translate_word(word: str, names: Iterable[str]) -> str:
    """The known word that Keras, scikit-learn or Spanish call so; empty for none."""
    meant = SYNONYMS.get(plain_word(word), "")
    return meant if meant in names else ""


def nearest_words(word: str, names: Iterable[str]) -> list[str]:
    """The known words that ``word`` is most like, those of its length before others: one, or several that are alike."""
    names = list(names)
    if meant := translate_word(word, names):
        return [meant]
    by_plain = {plain_name(name): name for name in names}
    word = plain_name(word)[:100]
    near = difflib.get_close_matches(word, by_plain, n=5, cutoff=0.6)
    ratios = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in near}
    # Two letters that changed places cost more likeness than two letters more: adma is adam, not adamax.
    order = {name: (abs(len(name) - len(word)), -ratios[name]) for name in near if ratios[name] > ratios[near[0]] - 0.1}
    return sorted(by_plain[name] for name in order if order[name] == min(order.values()))


def plain_word(word: str) -> str:
    """A word of a person's language without what may vary in writing it: case, accents, and what joins words."""
    letters = unicodedata.normalize("NFKD", plain_name(word).casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def plain_name(name: str) -> str:
    """A name without what may vary in writing it: case, underscores, hyphens and spaces."""
    return re.sub(r"[_\-\s]", "", name).lower()


def ascii_name(name: str) -> str:
    """A name as Keras and every file system take it: letters and digits of ASCII, ``_``, ``-`` and ``.``."""
    spelt = unicodedata.normalize("NFKD", name)
    letters = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", letters)


def distinct_names(names: Iterable[str], alike: Callable[[str], str] = str) -> list[str]:
    """The names, one that is there before with the number of its place. ``alike``: what must differ of each two."""
    given: dict[str, str] = {}
    for i, name in enumerate(names):
        while alike(name) in given:
            name = f"{name}_{i}"
        given[alike(name)] = name
    return list(given.values())


LONGEST_STEM = 80
"""Letters of a file's name before its ending: every file system takes so many."""


def name_files(names: Sequence[str]) -> list[str]:
    """What files are called for any names: no two alike, even where the case of letters does not count."""
    plain = [ascii_name(name)[:LONGEST_STEM].lstrip(".") or "_" for name in names]
    return distinct_names(plain, str.casefold)
