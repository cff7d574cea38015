"""``rna runs``: the runs and what they reached."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, RunsFolder
from rnacli.errors import RnaError
from rnacli.terminal.console import format_figure, print_table

if TYPE_CHECKING:
    from rnacli.runs.folder import Run


def runs(
    folder: RunsFolder = RUNS,
    every: Annotated[bool, typer.Option("--all", help="All of them, not the newest 20.")] = False,
) -> None:
    """List the runs with what they reached, the newest last."""
    from rnacli.runs.find import newest_runs

    newest = newest_runs(folder, None if every else 20)
    if not newest:
        raise RnaError("there are no runs here", place=str(folder), hint="rna train config.yaml")
    show_runs(newest, folder)


def show_runs(runs: "list[Run]", folder: Path) -> None:
    """One line a run: its folder in ``folder``, how it ended, its epochs, and its figures on the held-out rows."""
    rows = []
    for run in runs:
        part = str(run.record.get("held_out", ""))
        figures = run.record.get("results", {}).get(part, {})
        reached = "  ".join(f"{name} {format_figure(value)}" for name, value in figures.items())
        rows.append(
            (
                run.path.relative_to(folder).as_posix(),
                str(run.record.get("status", "")),
                run.record.get("epochs"),
                part,
                reached,
            )
        )
    print_table(("run", "status", "epochs", "on", "reached"), rows, left=(0, 1, 3, 4))
