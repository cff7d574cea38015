"""How results, notes and errors look: results on standard output, the rest on standard error, no markup from files."""

import contextlib
import io
import json
import logging
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from rnacli.errors import Problem, RnaError
from rnacli.language import translate
from rnacli.terminal.excerpt import show_line
from rnacli.words import clean, count_things, printable

if TYPE_CHECKING:
    from rich.console import Console


def can_move(stream: IO[str] | None = None) -> bool:
    """Whether a stream, by default standard error, is a terminal in which a line can be written over."""
    stream = stream or sys.stderr
    return stream is not None and stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def make_console() -> "Console":
    """Rich's console on standard error, for what moves in a terminal; colours follow NO_COLOR.

    The cursor stays: hidden, a process that is stopped by Ctrl-Z or killed would leave the terminal without one.
    """
    from rich.console import Console

    class WithCursor(Console):
        def show_cursor(self, show: bool = True) -> bool:
            return False

    return WithCursor(stderr=True, highlight=False, markup=False, emoji=False)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], left: Sequence[int] = (0,), note: bool = False
) -> None:
    """Print a table of results, or a ``note``; numbers stand right, the columns numbered in ``left`` stand left."""
    from rnacli.terminal.tables import lay_out_table

    cells = [[clean(cell) if isinstance(cell, str) else format_figure(cell) for cell in row] for row in rows]
    stream = sys.stderr if note else sys.stdout
    is_unicode = (stream.encoding or "utf-8").lower().startswith("utf")
    laid_out = lay_out_table([clean(name) for name in columns], cells, left, terminal_width(stream), is_unicode)
    (print_note if note else print_result)(laid_out, end="")


def terminal_width(stream: IO[str]) -> float:
    """The columns of the terminal that a stream writes to; where it is none, nothing is folded."""
    if not stream.isatty():
        return math.inf
    with contextlib.suppress(OSError, ValueError):  # standard output may be a pipe where standard error is not
        return int(os.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns) or NARROW
    return shutil.get_terminal_size((NARROW, 24)).columns


NARROW = 80
"""The columns of a terminal that does not say how many it has."""


def format_figure(value: Any) -> str:
    """A number as a table shows it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else clean(value)


def print_result(text: str, end: str = "\n") -> None:
    """Text on standard output."""
    print(text, end=end)  # noqa: T201


def print_sentence(text: str, note: bool = False, under: int = 0) -> None:
    """A result, or a ``note``, that nobody copies: its words stay whole, its next lines begin ``under`` a column."""
    room = terminal_width(sys.stderr if note else sys.stdout)
    folded = text
    if room < len(text):
        import textwrap

        folded = textwrap.fill(
            text, int(room), subsequent_indent=" " * under, break_long_words=False, break_on_hyphens=False
        )
    (print_note if note else print_result)(folded)


def print_json(value: Any) -> None:
    """JSON on standard output, with nothing in it that drives a terminal."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    print_result("\n".join(map(printable, text.split("\n"))) if sys.stdout.isatty() else text)


def standard_output() -> IO[str]:
    """Standard output; where it is a terminal, what drives one is escaped."""
    return Escaped() if sys.stdout.isatty() else sys.stdout  # type: ignore[return-value]


class Escaped(io.TextIOBase):
    """Standard output for lines of text from files."""

    def write(self, text: str) -> int:
        return sys.stdout.write("\n".join(map(printable, text.split("\n"))))

    def flush(self) -> None:
        sys.stdout.flush()


_meanwhile = ""
"""The line that a terminal shows while something is at work."""


def print_note(text: str, end: str = "\n") -> None:
    """Text on standard error. Where nobody listens any more, work goes on all the same."""
    if sys.stderr is None:
        return
    if _meanwhile:
        text, end = f"{' ' * len(_meanwhile)}\r{text}", f"{end}{_meanwhile}\r"
    with contextlib.suppress(OSError):
        sys.stderr.write(text + end)  # at once: what is said of a signal comes from another thread
        sys.stderr.flush()


@contextlib.contextmanager
def shown_meanwhile(text: str) -> Iterator[None]:
    """Show a line in the terminal while the block is at work, below all notes, and take it away; elsewhere nothing."""
    global _meanwhile
    if not can_move():
        yield
        return
    before, text = _meanwhile, translate(text)
    print_note(text, end="\r")
    _meanwhile = text
    try:
        yield
    finally:
        _meanwhile = before
        print_note(" " * len(text), end="\r")


def print_error(error: RnaError) -> None:
    """An error's problems on standard error, each with its place, the line of the config there, and its hint."""
    for problem in error.problems:
        place = clean(problem.place, 400) if problem.place else translate("error")
        print_note(f"{place}: {problem.message}")
        if line := show_line(problem.place):
            print_note(line)
        if problem.hint:
            print_note(f"  {translate('hint')}: {problem.hint}")
    if len(error.problems) > 1:
        print_note(count_things(len(error.problems), "problem"))


def print_warning(problem: Problem) -> None:
    """What may be wrong, on standard error."""
    print_note(
        f"{translate('warning')}: {problem}" + (f"\n  {translate('hint')}: {problem.hint}" if problem.hint else "")
    )


def make_row_counter(shown: bool) -> Callable[[int], None]:
    """A function that shows how many rows there are so far, on one line of the terminal; elsewhere it shows nothing."""

    def show_count(count: int) -> None:
        sys.stderr.write(f"\r{count_things(count, 'row')}\r")
        sys.stderr.flush()

    return show_count if shown and can_move() else lambda count: None


class LogPrinter(logging.Handler):
    """Prints the library's log as notes."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = f"{translate(record.levelname.lower())}: " if record.levelno > logging.INFO else ""
        record.msg = translate(str(record.msg))
        text = kind + printable(record.getMessage())
        if kind:  # with a command to copy, often
            print_note(text)
        else:
            print_sentence(text, note=True)
