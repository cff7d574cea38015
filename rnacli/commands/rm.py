"""``rna rm``: runs that are wanted no more."""

from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunsFolder, complete_runs
from rnacli.errors import CONFIG, RnaError
from rnacli.machine import format_bytes
from rnacli.terminal.console import print_note, print_result
from rnacli.words import count_things, fill_template


def rm(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN...", help="Runs, or patterns: 'circles*'.", autocompletion=complete_runs),
    ] = None,
    *,
    empty: Annotated[bool, typer.Option("--empty-trash", help="Remove for good what is in the trash.")] = False,
    folder: RunsFolder = RUNS,
) -> None:
    """Move runs into the trash, the folder .trash among the runs."""
    from rnacli.runs.find import expand_pattern
    from rnacli.runs.trash import empty_trash, find_removable, trash_run

    if bool(runs) == empty:
        hint = "rna rm RUN, and then, for good, rna rm --empty-trash"
        raise RnaError("expected either runs or --empty-trash", hint=hint, exit_code=CONFIG)
    if empty:
        count, size = empty_trash(folder)
        print_note(
            fill_template("removed for good: {runs}, {size}", runs=count_things(count, "run"), size=format_bytes(size))
        )
        return
    names = [name for each in runs or () for name in whole_folders(each, expand_pattern(each, folder))]
    for path in dict.fromkeys(find_removable(name, folder) for name in names):
        print_result(str(trash_run(path, folder)))
    print_note(fill_template("  hint: move one back to have it again; rna rm --empty-trash removes them for good"))


def whole_folders(pattern: str, names: list[str]) -> list[str]:
    """What a pattern names, with the whole cross-validation or search for a run that is a part of one."""
    return names if names == [pattern] else [name.partition("/")[0] for name in names]
