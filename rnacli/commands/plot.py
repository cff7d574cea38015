"""``rna plot``: draw a run's pictures again."""

from typing import Annotated

import typer

from rnacli.commands.options import RUNS, CacheFolder, RunName, RunsFolder, complete_words
from rnacli.terminal.console import print_result
from rnacli.terminal.startup import import_engine


def plot(
    run: RunName,
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Draw also which pixels of pictures the decisions rest on.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORM", help="png, svg or pdf.", autocompletion=complete_words("png", "svg", "pdf")
        ),
    ] = "png",
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
) -> None:
    """Draw a run's pictures again."""
    from rnacli.runs.find import find_run

    trained = find_run(run, runs)
    import_engine()
    from rnacli.plots.paint import redraw_pictures

    for path in redraw_pictures(trained, cache, explain, form):
        print_result(str(path))
