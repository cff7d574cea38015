"""Tables as text: words and figures stay whole at any width; what does not fit beside the rest stands below it."""

import textwrap
from collections.abc import Iterator, Sequence

BETWEEN = 3
"""Blanks between two columns."""
EDGE = 1
"""Blanks before the first column, and behind the last one."""


def lay_out_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int], room: float, is_unicode: bool = True
) -> str:
    """A table ``room`` wide at most, but for words that are wider; an empty line before and behind it.

    Texts go on below where they must. Columns that do not fit even so follow in a table of their own, beside the first
    column, which names the rows. The columns numbered in ``left`` stand left, the others right.
    """
    table = list(zip(columns, *rows, strict=True))
    least = [max(count_columns(word) for cell in column for word in cell.split() or [""]) for column in table]
    lines: list[str] = []
    for block in divide_columns(least, room):
        widths = share_room([max(map(count_columns, table[i])) for i in block], [least[i] for i in block], room)
        cells = [fill_column(table[i], width, i in left) for i, width in zip(block, widths, strict=True)]
        head, *body = [list(join_lines(row)) for row in zip(*cells, strict=True)]
        rule = ("─" if is_unicode else "-") * (total_width(widths) - 2 * EDGE)
        lines += ["", *head, f"{' ' * EDGE}{rule}", *(line for row in body for line in row)]
    return "".join(f"{line}\n" for line in [*lines, ""])


def total_width(widths: Sequence[int]) -> int:
    return sum(widths) + BETWEEN * (len(widths) - 1) + 2 * EDGE


def divide_columns(widths: Sequence[int], room: float) -> list[list[int]]:
    """The numbers of the columns that fit beside each other, block by block; each begins with the first column."""
    blocks = [[0]]
    for i in range(1, len(widths)):
        if len(blocks[-1]) > 1 and total_width([widths[k] for k in [*blocks[-1], i]]) > room:
            blocks.append([0])
        blocks[-1].append(i)
    return blocks


def share_room(widths: Sequence[int], least: Sequence[int], room: float) -> list[int]:
    """The widths of columns, the widest made narrower, down to their longest words, until all fit."""
    shared = list(widths)
    while total_width(shared) > room and (wide := [i for i, width in enumerate(shared) if width > least[i]]):
        shared[max(wide, key=shared.__getitem__)] -= 1
    return shared


def fill_column(cells: Sequence[str], width: int, is_left: bool) -> list[list[str]]:
    """The lines of each cell, all of one width."""

    def pad(line: str) -> str:
        blanks = " " * (width - count_columns(line))
        return line + blanks if is_left else blanks + line

    return [[pad(line) for line in wrap(cell, width)] for cell in cells]


def wrap(cell: str, width: int) -> list[str]:
    fits = count_columns(cell) <= width
    return [cell] if fits else textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)


def join_lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a row whose cells have as many lines as they need."""
    for i in range(max(map(len, cells))):
        line = (cell[i] if i < len(cell) else " " * count_columns(cell[0]) for cell in cells)
        yield " " * EDGE + (" " * BETWEEN).join(line).rstrip()


def count_columns(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
