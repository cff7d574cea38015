"""What is wrong in a file of new rows: hints say what to do there, since the keys of the experiment are settled."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace

from rnacli.errors import Problem, RnaError, RowProblem
from rnacli.words import fill_template

INSTEAD = {
    re.compile(r"\bencoding: "): "save it in the encoding of the training file",
    re.compile(r"\bheader: "): "write the names of the columns above the rows",
    re.compile(
        r"\bcolumns: \{|\b(?:missing|decimal|thousands): |\bmissing$"
    ): "write it as the training rows are written, and leave the cell empty where there is no value",
}
"""The keys that a hint names, and what to do where they are settled."""


@contextlib.contextmanager
def told_in_the_file(can_skip: bool = False) -> Iterator[None]:
    """An ``RnaError`` says what to do in the file; ``can_skip``: the last problem says that rows can be skipped."""
    try:
        yield
    except RnaError as error:
        problems = [in_the_file(problem) for problem in error.problems]
        if can_skip and isinstance(problems[-1], RowProblem):
            hint = fill_template("{mend:.1000}; --on-error skip leaves such rows out", mend=problems[-1].hint)
            problems[-1] = replace(problems[-1], hint=hint)
        raise RnaError.of(problems, error.exit_code) from None


def in_the_file(problem: Problem) -> Problem:
    hint = next((instead for keys, instead in INSTEAD.items() if keys.search(problem.hint)), "")
    return replace(problem, hint=fill_template(hint)) if hint else problem
