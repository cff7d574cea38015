"""``rna note``: a line of one's own on a run."""

from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder
from rnacli.terminal.console import print_note, print_result
from rnacli.words import clean, fill_template


def note(
    run: RunName,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="The note; '' takes it away; without it, it is shown.")
    ] = None,
    *,
    runs: RunsFolder = RUNS,
) -> None:
    """Write a note on a run, which rna runs and rna show tell."""
    from rnacli.runs.find import find_run
    from rnacli.runs.labels import read_labels, write_labels

    trained = find_run(run, runs)
    if text is None:
        if text := read_labels(trained.path).note:
            print_result(clean(text, 2000))
        else:
            print_note(fill_template("no note yet: rna note {run:.200} TEXT", run=run))
        return
    write_labels(trained.path, text)
    print_note(f"{clean(trained.name, 200)}: {clean(text, 200) or '-'}")
