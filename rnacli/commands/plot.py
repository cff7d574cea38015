"""``rna plot``: draw a run's pictures again."""

from typing import Annotated

import typer

from rnacli.commands.options import RUNS, CacheFolder, RunName, RunsFolder, complete_words
from rnacli.terminal.console import print_note, print_result
from rnacli.terminal.startup import import_engine
from rnacli.words import fill_template


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

    explained = False
    for path in redraw_pictures(trained, cache, explain, form):
        print_result(str(path))
        explained |= path.stem.startswith("explanation")
    if explain and not explained:
        print_note(fill_template("nothing is explained: --explain is for networks that tell classes of pictures apart"))
