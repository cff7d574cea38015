"""``rna runs``: the runs and what they reached."""

import math
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnacli.commands.options import RUNS, AsJson, RunsFolder, complete_runs
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import (
    format_figure,
    print_json,
    print_result,
    print_sentence,
    print_table,
    terminal_width,
)
from rnacli.words import clean, did_you_mean, fill_template

if TYPE_CHECKING:
    from rnacli.runs.folder import Run

NEWEST = 20
TOGETHER = "\xa0"
"""The blank at which no line is folded."""
BETWEEN = 3
"""Columns of blanks between two columns of a table."""


def runs(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Runs of this experiment, or a pattern: 'iris*'.", autocompletion=complete_runs
        ),
    ] = "",
    *,
    folder: RunsFolder = RUNS,
    every: Annotated[bool, typer.Option("--all", help="All of them, not the newest 20.")] = False,
    tag: Annotated[str, typer.Option("--tag", metavar="TAG", help="Only those that have this tag.")] = "",
    sort: Annotated[str, typer.Option("--sort", metavar="COLUMN", help="Sort by a column, the largest last.")] = "",
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output.")] = False,
) -> None:
    """List the runs with what they reached and in which settings they differ, the newest last."""
    from rnacli.runs.find import newest_runs
    from rnacli.runs.labels import read_labels

    if as_json and as_csv:
        raise RnaError("--json and --csv are given at once", place="--csv", hint="keep one", exit_code=CONFIG)
    listed = newest_runs(folder, None if every or sort or tag else NEWEST, name)
    if tag:
        listed = [run for run in listed if tag in read_labels(run.path).tags]
    if not listed:
        message = "there are no runs of this name here" if name else "there are no runs here"
        message = "no run has the tag '{tag}'" if tag else message
        raise RnaError(
            message, place=str(folder), hint="rna runs lists all" if name or tag else "rna train config.yaml", tag=tag
        )
    rows, settings = tabulate(listed, folder)
    if sort:
        sort_rows(rows, sort)
    rows = rows if every else rows[-NEWEST:]
    if as_json:
        print_json(rows)
    elif as_csv:
        print_result(write_csv(rows), end="")
    else:
        show_rows(rows, settings)


def tabulate(listed: "list[Run]", folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """A row a run, and the columns that are settings in which the runs differ."""
    from rnacli.runs.settings import differing_settings

    settings = differing_settings(listed)
    rows = [describe(run, folder) for run in listed]
    for column in [name for name in settings if all(name in row for row in rows)]:
        if settings[column] == [str(row[column]) for row in rows]:  # epochs, unless a training ended before
            del settings[column]
    taken = column_names(rows)
    settings = {f"{name} (setting)" if name in taken else name: values for name, values in settings.items()}
    for column, values in settings.items():
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    return rows, list(settings)


def describe(run: "Run", folder: Path) -> dict[str, Any]:
    """A run's folder in ``folder``, how it ended, its epochs, its figures on the held-out rows, their spread.

    The best run of a search stands for that.
    """
    from rnacli.runs.find import BEST, SEARCH
    from rnacli.runs.folder import status_of
    from rnacli.runs.labels import read_labels
    from rnacli.runs.seeds import spread_figures

    record = run.record
    part = str(record.get("held_out", ""))
    figures = record.get("results", {}).get(part, {})
    of_search = run.path.name == BEST and (run.path.parent / SEARCH).is_file()
    path = run.path.parent if of_search else run.path
    labels = read_labels(path)
    written = ({"tags": " ".join(labels.tags)} if labels.tags else {}) | ({"note": labels.note} if labels.note else {})
    told: dict[str, Any] = {
        "run": path.relative_to(folder).as_posix(),
        "status": status_of(run),
        "epochs": record.get("epochs"),
        "on": part,
    }
    return {**told, **figures, **spread_figures(record), **written}


def column_names(rows: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def sort_rows(rows: list[dict[str, Any]], column: str) -> None:
    """Sort by a column, numbers as numbers; the rows that have none come first. Raises ``RnaError``."""
    names = column_names(rows)
    if column not in names:
        near = did_you_mean(column, names, "{names:and}")
        message = "there is no column '{column}'"
        raise RnaError(message, place="--sort", hint=near, exit_code=CONFIG, column=column, names=names)

    def key(row: dict[str, Any]) -> tuple[int, float, str]:
        value = row.get(column)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return (0, 0.0, "") if value in (None, "-") else (1, 0.0, str(value))
        return (0, 0.0, "") if math.isnan(number) else (2, number, "")

    rows.sort(key=key)


def write_csv(rows: Sequence[dict[str, Any]]) -> str:
    from rnacli.tables.safe_cells import safe_row

    names = column_names(rows)
    values = [["" if row.get(name) is None else str(row[name]) for name in names] for row in rows]
    return "".join(map(safe_row, [names, *values]))


def show_rows(rows: Sequence[dict[str, Any]], settings: Sequence[str]) -> None:
    """One line a run; what the terminal has no room for is left out, what is the same in all runs first, and said.

    Where not even one figure fits beside the runs' names, each run has its figures below its name.
    """
    shown = {(row["status"], row["on"]) for row in rows}
    hidden = {"status", "on"} if shown == {("finished", "test")} else set()
    columns = [name for name in column_names(rows) if name not in hidden]
    cells = [[as_text(row.get(name)) for name in columns] for row in rows]
    names = [clean(name) for name in columns]
    wide = [max(len(name), *(len(line[i]) for line in cells)) + BETWEEN for i, name in enumerate(names)]
    room = terminal_width(sys.stdout)
    if room != math.inf and sum(wide[:3]) > room:
        for line in cells:
            print_result(line[0])
            figures = "  ".join(
                f"{name} {cell}".replace(" ", TOGETHER)
                for name, cell in zip(names[1:], line[1:], strict=True)
                if cell != "-"
            )
            lines = textwrap.wrap(figures, max(20, int(room) - 2), break_long_words=False, break_on_hyphens=False)
            print_result("\n".join(f"  {text.replace(TOGETHER, ' ')}" for text in lines))
        return
    if sum(wide) > room:
        names = [shorten_setting(name) if name in settings else name for name in names]
        wide = [max(len(name), *(len(line[i]) for line in cells)) + BETWEEN for i, name in enumerate(names)]
    kept = choose_columns(columns, cells, wide, room, settings)
    words = ("run", "status", "on", "tags", "note", *settings)
    left = [place for place, i in enumerate(kept) if columns[i] in words]
    print_table([names[i] for i in kept], [[line[i] for i in kept] for line in cells], left=left)
    if more := [clean(name) for i, name in enumerate(columns) if i not in kept]:
        print_sentence(
            fill_template("not shown, the terminal is too narrow: {names:.300}", names=", ".join(more)), note=True
        )


def choose_columns(
    columns: Sequence[str], cells: Sequence[Sequence[str]], wide: Sequence[int], room: float, settings: Sequence[str]
) -> list[int]:
    """The columns that a terminal has room for: a figure, then what differs, then the other figures and the rest.

    An experiment's name comes last: its runs' names hold it.
    """
    figure = next((i for i, name in enumerate(columns) if name not in ("run", "status", "on", "epochs")), 0)

    def rank(i: int) -> int:
        name, differs = columns[i], len({line[i] for line in cells}) > 1
        if name == "name" or (name == "epochs" and not differs and len(cells) > 1):
            return 3
        return 1 if name in settings else 0 if name in ("run", "status", "on", "epochs") or i == figure else 2

    kept: list[int] = []
    for i in sorted(range(len(columns)), key=rank):
        if sum(wide[k] for k in kept) + wide[i] <= room:
            kept.append(i)
    return sorted(kept)


def shorten_setting(name: str) -> str:
    """``learning_rate`` for ``optimizer.*.learning_rate``, ``layers.0.units`` for ``layers.0.dense.units``."""
    first, *between, last = name.split(".") if "." in name else ("", name)
    number = next((part for part in between if part.isdecimal()), "")
    return f"{first}.{number}.{last}" if number else last


def as_text(value: Any) -> str:
    return clean(value, 200) if isinstance(value, str) else format_figure(value)
