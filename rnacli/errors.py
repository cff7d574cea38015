"""The one exception that a user can mend, and how text from files is made safe to show."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.words import fill_template, printable

CONFIG, DATA = 2, 1
"""Exit codes: the config or the command line is wrong; the data or the run is."""


@dataclass(frozen=True, init=False)
class Problem:
    """One thing that is wrong: what, where (``file:line:column``, if known), and how to mend it.

    ``message`` and ``hint`` are given as templates, with the values of their fields: see ``fill_template``.
    """

    message: str
    place: str
    hint: str

    def __init__(self, message: str, place: str = "", hint: str = "", **values: Any):
        object.__setattr__(self, "message", fill_template(message, **values))
        object.__setattr__(self, "place", printable(place))
        object.__setattr__(self, "hint", fill_template(hint, **values))

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class RowProblem(Problem):
    """What is wrong with a row of a table: the others can be read without it."""


class RnaError(Exception):
    """A mistake in a config, the data, a run or the command line: shown without a traceback.

    ``exit_code`` is ``CONFIG`` (2) or ``DATA`` (1); the rest is as for ``Problem``.
    """

    def __init__(self, message: str, *, place: str = "", hint: str = "", exit_code: int = DATA, **values: Any):
        self.problems: tuple[Problem, ...] = (Problem(message, place, hint, **values),)
        self.exit_code = exit_code
        super().__init__(self.problems[0].message)

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


def system_error(error: OSError) -> RnaError:
    """What the system refused, as an error of ours: why, which file, what to do."""
    message, hint = SYSTEM.get(errno.errorcode.get(error.errno or 0, ""), (str(error.strerror or error), ""))
    if "temporary directory" in message:
        hint = "free some space there, or let TMPDIR name a folder with some"
    place = "" if error.filename is None else str(error.filename)
    return RnaError(message, place=place, hint=hint)


def describe_failure(error: Exception) -> str:
    """What went wrong where nobody can tell the user more: in one line."""
    said = " ".join(str(error).split())
    return fill_template("{kind}: {said:.150}" if said else "{kind}", kind=type(error).__name__, said=said)


WHOLE_RUN = "copy the whole run folder again, or train again"
"""The hint for a run folder of which something is missing or damaged."""
