"""Where a value stands: its path of keys, and its line and column in a file."""

from dataclasses import dataclass

from rnacli.errors import Problem
from rnacli.words import clean, fill_template

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead from the top of a file to a value."""


@dataclass(frozen=True)
class Place:
    """Where something stands in a file. Lines and columns count from 1; 0 is unknown."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.source}:{self.line}{column}" if self.line else self.source


def place_problem(path: KeyPath, problem: Problem) -> Problem:
    """The problem, with the path of the value that it is of."""
    where = dotted_path(path)
    message = fill_template(
        "{where:.500}: {what:.1000}" if where else "{what:.1000}", where=where, what=problem.message
    )
    return Problem(message, problem.place, problem.hint)


def dotted_path(path: KeyPath) -> str:
    """``layers.0.dense.units``, as ``--set`` and the messages write it."""
    return ".".join(clean(part) for part in path)
