"""Words from files and command lines, made safe to show; and words that are joined, counted and compared."""

import difflib
import re
from collections.abc import Iterable, Sequence


def list_words(words: Sequence[str], conjunction: str = "or") -> str:
    """``a, b or c``."""
    return f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def first_of(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


# C0 and C1 controls would drive the terminal, bidirectional marks would reorder what it shows.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(value: object, limit: int = 80) -> str:
    """Text from a file or a command line on one line, control characters escaped, cut at ``limit`` characters."""
    text = str(value)
    return printable(text if len(text) <= limit else text[: limit - 1] + "…")


def printable(text: str) -> str:
    """Text with its control characters escaped."""
    return _UNPRINTABLE.sub(lambda m: f"\\x{ord(m[0]):02x}" if ord(m[0]) < 256 else f"\\u{ord(m[0]):04x}", text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean <the nearest known word>?``, or an empty text when none is near."""
    near = nearest_words(word, known)
    return f"did you mean {' or '.join(near)}?" if near else ""


def nearest_words(word: str, known: Iterable[str]) -> list[str]:
    """The known words that ``word`` is most like, those of its length before others: one, or several that are alike."""
    by_plain = {plain_name(name): name for name in known}
    word = plain_name(word)[:100]
    near = difflib.get_close_matches(word, by_plain, n=5, cutoff=0.6)
    ratios = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in near}
    # Two letters that changed places cost more likeness than two letters more: adma is adam, not adamax.
    order = {name: (abs(len(name) - len(word)), -ratios[name]) for name in near if ratios[name] > ratios[near[0]] - 0.1}
    return sorted(by_plain[name] for name in order if order[name] == min(order.values()))


def plain_name(name: str) -> str:
    """A name without what may vary in writing it: case, underscores, hyphens and spaces."""
    return re.sub(r"[_\-\s]", "", name).lower()
