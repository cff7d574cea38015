"""``rna generate``: what a network makes by itself."""

from pathlib import Path
from typing import Annotated

import typer

from rnacli.commands.options import RUNS, RunName, RunsFolder
from rnacli.terminal.console import standard_output
from rnacli.terminal.startup import import_engine


def generate(
    run: RunName,
    *,
    count: Annotated[
        int | None, typer.Option("-n", metavar="COUNT", help="How many (16 pictures).", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="The same one gives the same again.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="A .png of all in a grid (generated.png), a folder of pictures, or a .npz.",
            show_default=False,
        ),
    ] = None,
    runs: RunsFolder = RUNS,
) -> None:
    """Let a network make something: pictures, as those that it has learnt from."""
    from rnacli.runs.find import find_run

    trained = find_run(run, runs)
    import_engine()
    from rnacli.results.generate import GenerateOptions, generate_from

    generate_from(trained, GenerateOptions(count, seed, output), standard_output())
