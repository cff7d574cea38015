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
    """Draw a run's pictures again, or those of a cross-validation."""
    from rnacli.runs.find import find_folds, find_run, open_folds

    whole = None if run == "latest" else find_folds(run, runs)
    trained = [find_run(run, runs)] if whole is None else open_folds(whole)
    import_engine()
    from rnacli.plots.folds import draw_folds
    from rnacli.plots.paint import redraw_pictures

    explained = False
    drawn = redraw_pictures(trained[0], cache, explain, form) if whole is None else draw_folds(whole, trained, form)
    for path in drawn:
        print_result(str(path))
        explained |= path.stem.startswith("explanation")
    if explain and not explained:
        print_note(fill_template("nothing is explained: --explain is for networks that tell classes of pictures apart"))
