"""What is wrong with the values of a file, collected while they are read: each with its place, in the file's order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rnacli.document.place import KeyPath, Place, dotted_path, place_problem
from rnacli.errors import Problem
from rnacli.words import fill_template

INVALID: Any = object()
"""What reading gives for a value that was reported as wrong."""


class Fault(NamedTuple):
    """A problem of what the file says in several places: where it is said, what is wrong, a hint."""

    path: KeyPath
    message: str
    hint: str


def fault(path: KeyPath, message: str, hint: str, **values: Any) -> Fault:
    """A fault from templates, as ``Problem`` takes them."""
    return Fault(path, fill_template(message, **values), fill_template(hint, **values))


class Reader:
    """Collects what is wrong while values are read; ``place`` says where the value of a path, or its key, stands.

    ``networks``: the names of the file's own networks, which are layers too; ``layers``: those given to layers.
    ``following``: layer -> an argument that may be left out, since it follows from the data.
    """

    def __init__(
        self,
        place: Callable[[KeyPath, bool], Place],
        networks: Sequence[str] = (),
        layers: Sequence[str] = (),
        following: Mapping[str, str] = {},
    ):
        self.place, self.networks, self.layers, self.following = place, networks, layers, following
        self.broken: set[KeyPath] = set()
        self.required: set[KeyPath] = set()
        """The keys that have no default."""
        self.reports: list[tuple[Place, Problem]] = []

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, in the order of the file."""
        return [problem for _, problem in sorted(self.reports, key=lambda report: (report[0].line, report[0].column))]

    def wrong(self, path: KeyPath, message: str, hint: str = "", /, *, key: bool = False, **values: Any) -> Any:
        """Report a ``Problem`` at the value of ``path`` (or at its key); returns ``INVALID``."""
        if path not in self.broken:
            place = self.place(path, key)
            named = not path or place.source.startswith(f"--set {dotted_path(path)}=")
            problem = Problem(message, str(place), hint, **values)
            self.reports.append((place, problem if named else place_problem(path, problem)))
        return INVALID

    def adopt(self, place: Place, problem: Problem) -> None:
        """Report a problem that was found at a ``place`` while something else was read."""
        self.reports.append((place, problem))

    def report_faults(self, faults: Iterable[Fault]) -> None:
        for path, message, hint in faults:
            self.wrong(path, message, hint)

    def wrong_reference(self, path: KeyPath, message: str, hint: str, /, **values: Any) -> Any:
        """Report a reference; that its value is then none of what is wanted there is not reported too."""
        self.wrong(path, message, hint, **values)
        self.broken.add(path)
        return INVALID
