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
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="TEXT", help="How a text begins.", show_default=False)
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            "--temperature",
            metavar="NUMBER",
            help="How freely a text is drawn: 0 is the likeliest each time (0.5).",
            show_default=False,
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option("--length", metavar="COUNT", help="Characters or words of a text (500).", show_default=False),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", metavar="COUNT", help="Draw only from so many likeliest ones.", show_default=False),
    ] = None,
    count: Annotated[
        int | None, typer.Option("-n", metavar="COUNT", help="How many (1 text, 16 pictures).", show_default=False)
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="CLASS", help="Of which class, for a generator that is told one.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="The same one gives the same again.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; of pictures: a .png of all (generated.png), a folder, or a .npz.",
            show_default=False,
        ),
    ] = None,
    runs: RunsFolder = RUNS,
) -> None:
    """Let a network make something: a text, pictures or rows, as those that it has learnt from."""
    from rnacli.results.generate_options import GenerateOptions
    from rnacli.runs.find import find_run

    options = GenerateOptions(prompt, temperature, length, top_k, seed, count, output, label)
    trained = find_run(run, runs)
    import_engine()
    from rnacli.results.generate import generate_from

    generate_from(trained, options, standard_output())
