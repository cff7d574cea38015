"""How results, notes and errors look: results on standard output, the rest on standard error, no markup from files."""

import contextlib
import io
import json
import logging
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


WIDTH = 1000
"""Columns where the output is no terminal: nothing is folded there."""


def make_console(note: bool = False) -> "Console":
    """Rich's console on standard output (error, for a ``note``); colours follow NO_COLOR and if it is a terminal."""
    from rich.console import Console

    terminal = (sys.stderr if note else sys.stdout).isatty()
    return Console(stderr=note, width=None if terminal else WIDTH, highlight=False, markup=False, emoji=False)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], left: Sequence[int] = (0,), note: bool = False
) -> None:
    """Print a table of results, or a ``note``; numbers stand right, the columns numbered in ``left`` stand left."""
    cells = [[clean(cell) if isinstance(cell, str) else format_figure(cell) for cell in row] for row in rows]
    if len(cells) >= LONG and (lines := lay_out_plainly([clean(name) for name in columns], cells, left, note)):
        (print_note if note else print_result)(lines, end="")
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(Text(clean(name)), justify="left" if i in left else "right", overflow="fold", no_wrap=i == 0)
    for row in cells:
        table.add_row(*map(Text, row))
    console = make_console(note)
    with console.capture() as captured:  # Rich itself would answer a closed pipe by closing standard output
        console.print(table)
    (print_note if note else print_result)(captured.get(), end="")


LONG = 100
"""Rows from which a table is laid out by ``lay_out_plainly``: Rich takes a second for some thousand."""


def lay_out_plainly(columns: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int], note: bool) -> str:
    """What Rich would make of a table, without colours; empty where it does not fit into the terminal's width."""
    stream = sys.stderr if note else sys.stdout
    room = shutil.get_terminal_size().columns if stream.isatty() else WIDTH
    widths = [max(map(count_columns, column)) for column in zip(columns, *rows, strict=True)]
    total = sum(widths) + 3 * (len(widths) - 1) + 2
    if total > room:
        return ""
    is_unicode = (stream.encoding or "utf-8").lower().startswith("utf")

    def line(cells: Sequence[str]) -> str:
        padded = []
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - count_columns(cell))
            padded.append(cell + blanks if i in left else blanks + cell)
        return f" {'   '.join(padded)} "

    rule = f" {('─' if is_unicode else '-') * (total - 2)} "
    lines = [" " * total, line(columns), rule, *map(line, rows), " " * total]
    return "".join(f"{line}\n" for line in lines)


def count_columns(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


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


def print_note(text: str, end: str = "\n") -> None:
    """Text on standard error. Where nobody listens any more, work goes on all the same."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError):
        sys.stderr.write(text + end)  # at once: what is said of a signal comes from another thread
        sys.stderr.flush()


@contextlib.contextmanager
def shown_meanwhile(text: str) -> Iterator[None]:
    """Show a line in the terminal while the block is at work, and take it away; elsewhere nothing is shown."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    text = translate(text)
    print_note(text, end="\r")
    try:
        yield
    finally:
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

    return show_count if shown and sys.stderr.isatty() else lambda count: None


class LogPrinter(logging.Handler):
    """Prints the library's log as notes."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = f"{translate(record.levelname.lower())}: " if record.levelno > logging.INFO else ""
        record.msg = translate(str(record.msg))
        print_note(kind + printable(record.getMessage()))
