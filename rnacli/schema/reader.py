"""What is wrong with the values of a file, collected while they are read: each with its place, in the file's order."""

from collections.abc import Callable
from typing import Any

from rnacli.document.place import KeyPath, Place, dotted_path, place_problem
from rnacli.errors import Problem

INVALID: Any = object()
"""What reading gives for a value that was reported as wrong."""


class Reader:
    """Collects what is wrong while values are read; ``place`` says where the value of a path, or its key, stands."""

    def __init__(self, place: Callable[[KeyPath, bool], Place]):
        self.place = place
        self.broken: set[KeyPath] = set()
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

    def wrong_reference(self, path: KeyPath, message: str, hint: str, /, **values: Any) -> Any:
        """Report a reference; that its value is then none of what is wanted there is not reported too."""
        self.wrong(path, message, hint, **values)
        self.broken.add(path)
        return INVALID
