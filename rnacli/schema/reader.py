"""What is wrong with the values of a file, collected while they are read: each with its place, in the file's order."""

import math
from collections.abc import Callable
from typing import Any

from rnacli.document.read import KeyPath, Place
from rnacli.errors import Problem
from rnacli.words import clean

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

    def wrong(self, path: KeyPath, message: str, hint: str = "", *, key: bool = False) -> Any:
        """Report ``message`` at the value of ``path`` (or at its key); returns ``INVALID``."""
        if path not in self.broken:
            place = self.place(path, key)
            named = not path or place.source.startswith(f"--set {dotted_path(path)}=")
            self.reports.append(
                (place, Problem(message if named else f"{dotted_path(path)}: {message}", str(place), hint))
            )
        return INVALID

    def wrong_reference(self, path: KeyPath, message: str, hint: str) -> Any:
        """Report a reference; that its value is then none of what is wanted there is not reported too."""
        self.wrong(path, message, hint)
        self.broken.add(path)
        return INVALID


def dotted_path(path: KeyPath) -> str:
    """``layers.0.dense.units``, as ``--set`` and the messages write it."""
    return ".".join(clean(str(part)) for part in path)


def show_value(value: Any) -> str:
    """A value as a message shows it: one line, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{clean(value, 60)}'"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value:f}".replace("inf", ".inf").replace("nan", ".nan")
    return "a list" if isinstance(value, list) else clean(value, 60)
