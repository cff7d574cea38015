"""The arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from rnacli.files import default_cache

RUNS = Path("runs")


ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.", show_default=False)]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, its name, or latest.", show_default=False)]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one key: --set optimizer.sgd.learning_rate=0.1",
        default_factory=list,
        show_default=False,
    ),
]
RunsFolder = Annotated[Path, typer.Option("--runs", metavar="DIR", help="The folder of run folders.")]
CacheFolder = Annotated[
    Path,
    typer.Option(
        "--cache",
        metavar="DIR",
        envvar="RNA_CACHE",
        help="Where downloads are kept (~/.cache/rna).",
        default_factory=default_cache,
        show_default=False,
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Download nothing: what is not in the cache is missing.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
