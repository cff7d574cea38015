"""The one exception that a user can mend, and how text from files is made safe to show."""

import difflib
import errno
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CONFIG, DATA = 2, 1
"""Exit codes: the config or the command line is wrong; the data or the run is."""

# C0 and C1 controls would drive the terminal, bidirectional marks would reorder what it shows.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where (``file:line:column``, if known), and how to mend it."""

    message: str
    place: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class RnaError(Exception):
    """A mistake in a config, the data, a run or the command line: shown without a traceback.

    ``exit_code`` is ``CONFIG`` (2) or ``DATA`` (1).
    """

    def __init__(self, message: str, *, place: str = "", hint: str = "", exit_code: int = DATA):
        self.problems: tuple[Problem, ...] = (Problem(message, place, hint),)
        self.exit_code = exit_code
        super().__init__(message)

    @classmethod
    def of(cls, problems: Sequence[Problem], exit_code: int) -> "RnaError":
        """Several mistakes at once, in the order given."""
        error = cls(problems[0].message, exit_code=exit_code)
        error.problems = tuple(problems)
        return error

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


SYSTEM = {
    "ENOSPC": ("no space left on the device", "free some space"),
    "EDQUOT": ("the disk quota is used up", "remove what is not needed"),
    "EFBIG": ("the file is larger than is allowed here", "see ulimit -f, or take another disk"),
    "EROFS": ("the file system is read-only", "name a folder on another one"),
    "EACCES": ("permission denied", "name a folder that is yours, or change its rights"),
    "EPERM": ("this is not permitted", "name a folder that is yours, or change its rights"),
    "EIO": ("the device fails to read or write", "look after the disk, or take another one"),
}
"""What the system refuses: in words, and what can be done about it."""


def of_system(error: OSError) -> RnaError:
    """What the system refused, as an error of ours: why, which file, what to do."""
    known = SYSTEM.get(errno.errorcode.get(error.errno or 0, ""), (clean(error.strerror or error, 200), ""))
    if "temporary directory" in known[0]:
        known = known[0], "free some space there, or let TMPDIR name a folder with some"
    place = "" if error.filename is None else clean(error.filename, 300)
    return RnaError(known[0], place=place, hint=known[1])


WHOLE_RUN = "copy the whole run folder again, or train again"
"""The hint for a run folder of which something is missing or damaged."""


def clean(value: object, limit: int = 80) -> str:
    """Text from a file or a command line on one line, control characters escaped, cut at ``limit`` characters."""
    text = str(value)
    return printable(text if len(text) <= limit else text[: limit - 1] + "…")


def printable(text: str) -> str:
    """Text with its control characters escaped."""
    return _UNPRINTABLE.sub(lambda m: f"\\x{ord(m[0]):02x}" if ord(m[0]) < 256 else f"\\u{ord(m[0]):04x}", text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean <the nearest known word>?``, or an empty text when none is near."""
    near = nearest(word, known)
    return f"did you mean {' or '.join(near)}?" if near else ""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words that ``word`` is most like, those of its length before others: one, or several that are alike."""
    by_plain = {plain(name): name for name in known}
    word = plain(word)[:100]
    near = difflib.get_close_matches(word, by_plain, n=5, cutoff=0.6)
    ratios = {name: difflib.SequenceMatcher(None, name, word).ratio() for name in near}
    # Two letters that changed places cost more likeness than two letters more: adma is adam, not adamax.
    order = {name: (abs(len(name) - len(word)), -ratios[name]) for name in near if ratios[name] > ratios[near[0]] - 0.1}
    return sorted(by_plain[name] for name in order if order[name] == min(order.values()))


def plain(name: str) -> str:
    """A name without what may vary in writing it: case, underscores, hyphens and spaces."""
    return re.sub(r"[_\-\s]", "", name).lower()
