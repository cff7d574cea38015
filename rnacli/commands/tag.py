"""``rna tag``: words by which runs are found again."""

from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder
from rnacli.terminal.console import print_note, print_result
from rnacli.words import clean, fill_template


def tag(
    run: RunName,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG...", help="Without any, they are shown.")] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take these tags away.")] = False,
    runs: RunsFolder = RUNS,
) -> None:
    """Give a run tags; rna runs --tag TAG lists the runs that have one."""
    from rnacli.runs.find import find_run
    from rnacli.runs.labels import read_labels, write_labels

    trained = find_run(run, runs)
    if not tags:
        if given := read_labels(trained.path).tags:
            print_result(" ".join(given))
        else:
            print_note(fill_template("no tags yet: rna tag {run:.200} TAG", run=run))
        return
    labels = write_labels(trained.path, remove=tags) if remove else write_labels(trained.path, add=tags)
    print_note(f"{clean(trained.name, 200)}: {', '.join(labels.tags) or '-'}")
