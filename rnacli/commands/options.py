"""The arguments and options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from rnacli.files import default_cache

RUNS = Path("runs")


ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.", show_default=False)]
ConfigOrResume = Annotated[Path | None, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.")]


def complete_runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """The runs, newest first, and the experiments whose names begin so: for the shell."""
    from rnacli.runs.find import experiment_name, run_names

    folder = next((value for name in ("folder", "runs") if isinstance(value := ctx.params.get(name), Path)), RUNS)
    names = run_names(folder)[::-1]
    every = dict.fromkeys(["latest"] * bool(names) + [experiment_name(name) for name in names] + names)
    return [name for name in every if name.startswith(incomplete)]


def complete_words(*words: str) -> Callable[[str], list[str]]:
    """Some words, for the shell."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def complete_overrides(incomplete: str) -> list[str]:
    """The keys of a file, for the shell."""
    from rnacli.experiment.config import Config
    from rnacli.schema.section import keys

    return [f"{name}=" for name in keys(Config) if name.startswith(incomplete)]


RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's folder, its name or the beginning of it, or latest.",
        show_default=False,
        autocompletion=complete_runs,
    ),
]
RunNames = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN...",
        help="A run, or several, or a pattern: 'circles*'.",
        show_default=False,
        autocompletion=complete_runs,
    ),
]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one key: --set optimizer.sgd.learning_rate=0.1",
        default_factory=list,
        show_default=False,
        autocompletion=complete_overrides,
    ),
]
RunsFolder = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where runs are stored.")]
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
Force = Annotated[bool, typer.Option("--force", help="Resume although a version or the machine has changed.")]
Offline = Annotated[bool, typer.Option("--offline", help="Do not download: only what is in the cache is used.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
