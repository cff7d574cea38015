"""How results, notes and errors look: data on standard output, talk on standard error, no markup from files."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from rnacli.errors import RnaError, clean, printable

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 1000
"""Columns where the output is no terminal: nothing is folded there."""


def console(talk: bool) -> "Console":
    """Standard output (or error, for ``talk``) for tables; colours follow NO_COLOR and whether it is a terminal."""
    from rich.console import Console

    terminal = (sys.stderr if talk else sys.stdout).isatty()
    return Console(stderr=talk, width=None if terminal else WIDTH, highlight=False, markup=False, emoji=False)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], left: Sequence[int] = (0,), talk: bool = False
) -> None:
    """Print a table; numbers stand right, the columns numbered in ``left`` stand left."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        made.add_column(Text(clean(name)), justify="left" if i in left else "right", overflow="fold", no_wrap=i == 0)
    for row in rows:
        made.add_row(*(Text(clean(cell) if isinstance(cell, str) else figure(cell)) for cell in row))
    shown = console(talk)
    with shown.capture() as captured:  # Rich itself would answer a closed pipe by closing standard output
        shown.print(made)
    with contextlib.suppress(*([OSError] if talk else [])):
        print(captured.get(), end="", file=sys.stderr if talk else sys.stdout, flush=talk)


def figure(value: Any) -> str:
    """A number as a table shows it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else clean(value)


def show(text: str = "") -> None:
    """A line of data on standard output."""
    print(text)  # noqa: T201


def show_json(value: Any) -> None:
    """JSON on standard output, with nothing in it that drives a terminal."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    show("\n".join(map(printable, text.split("\n"))) if sys.stdout.isatty() else text)


def output() -> IO[str]:
    """Standard output; where it is a terminal, what drives one is escaped."""
    return Escaped() if sys.stdout.isatty() else sys.stdout  # type: ignore[return-value]


class Escaped(io.TextIOBase):
    """Standard output for lines of text from files."""

    def write(self, text: str) -> int:
        return sys.stdout.write("\n".join(map(printable, text.split("\n"))))

    def flush(self) -> None:
        sys.stdout.flush()


def say(text: str) -> None:
    """A line of talk on standard error. Where nobody listens any more, work goes on all the same."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def counter(noun: str, shown: bool) -> Callable[[int], None]:
    """A function that shows how many there are so far, on one line of the terminal; elsewhere it shows nothing."""

    def show_count(count: int) -> None:
        sys.stderr.write(f"\r{count:,} {noun}\r")
        sys.stderr.flush()

    return show_count if shown and sys.stderr.isatty() else lambda count: None


def report(error: RnaError) -> None:
    """An error's problems, each with its place and its hint, on standard error."""
    for problem in error.problems:
        say(f"{clean(problem.place, 400)}: {problem.message}" if problem.place else f"error: {problem.message}")
        if problem.hint:
            say(f"  hint: {problem.hint}")
    if len(error.problems) > 1:
        say(f"{len(error.problems)} problems")


class Talk(logging.Handler):
    """The library's log as lines on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = f"{record.levelname.lower()}: " if record.levelno > logging.INFO else ""
        say(kind + record.getMessage())
