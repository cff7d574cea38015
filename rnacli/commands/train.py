"""``rna train``: train a network, or go on with a run that was stopped."""

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, CacheFolder, Offline, Overrides, RunsFolder
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_note, print_result, print_table
from rnacli.terminal.startup import helper_beside, import_engine
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.runs.folder import Run

INTERRUPTED = 128
"""A run that a signal ended exits with this and the signal's number, as shells do."""


def train(
    config: Annotated[Path | None, typer.Argument(metavar="CONFIG", help="The experiment's YAML file.")] = None,
    *,
    overrides: Overrides,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on with a run that was stopped.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Resume although a version or the machine has changed.")
    ] = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
    offline: Offline = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's path and nothing else.")] = False,
) -> None:
    """Train a network; the last line is its run folder."""
    from rnacli.experiment.callbacks import require_packages
    from rnacli.experiment.load import load_config
    from rnacli.runs.find import find_run
    from rnacli.runs.folder import require_runs_folder

    stopped: Run | None = None
    more: int | None = None
    if config is not None and resume is None:
        experiment = load_config(config, overrides)
        require_runs_folder(runs)
    elif config is None and resume is not None:
        stopped, more = find_run(resume, runs), read_more_epochs(overrides)
        experiment = stopped.config()
    else:
        hint = "rna train config.yaml, or rna train --resume latest"
        raise RnaError("expected either a config or --resume RUN", hint=hint, exit_code=CONFIG)
    require_packages(experiment)
    epochs = more or experiment.epochs
    if quiet:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    # A folder that is resumed may be a stranger's, and a streamed table leaves no memory to spare.
    streamed = experiment.dataset.stays_on_disk
    with helper_beside() if stopped is None and not streamed else contextlib.nullcontext():
        import_engine()
        from rnacli.terminal.progress import Announcement, make_progress, shield_terminal
        from rnacli.training.resume import resume_run
        from rnacli.training.train import train_network

        listeners = [] if quiet else [Announcement(experiment.name), make_progress(epochs)]
        with shield_terminal(listeners):
            if stopped is None:
                run = train_network(experiment, runs, cache, listeners, offline)
            else:
                run = resume_run(stopped, cache, listeners, more, offline, force)
    if not quiet:
        show_results(run)
    print_result(str(run.path))
    if run.record["status"] == "interrupted":
        print_note(f"interrupted: {run.record['epochs']} of {epochs} epochs are saved")
        print_note(fill_template("  hint: continue with rna train --resume {run:.300}", run=run.path))
        raise typer.Exit(INTERRUPTED + int(run.record["signal"]))


def read_more_epochs(overrides: list[str]) -> int | None:
    """The epochs that ``--set epochs=N`` asks a resumed run for: all else is as it was."""
    epochs = None
    for override in overrides:
        name, _, value = override.partition("=")
        if name.strip() != "epochs" or not value.strip().isdecimal():
            raise RnaError(
                "a resumed run keeps its config; only the number of epochs may grow",
                place=fill_template("--set {override}", override=override),
                hint="--set epochs=100, or train a new run",
                exit_code=CONFIG,
            )
        epochs = int(value)
    return epochs


def show_results(run: "Run") -> None:
    """What the run reached on each part, on standard error."""
    results: dict[str, dict[str, float]] = run.record["results"]
    names = list(dict.fromkeys(name for measures in results.values() for name in measures))
    rows = [(part, run.record["data"]["rows"][part], *map(results[part].get, names)) for part in results]
    print_table(("", "rows", *names), rows, note=True)
