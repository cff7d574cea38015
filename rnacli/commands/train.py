"""``rna train``: train a network, or go on with a run that was stopped."""

import contextlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, CacheFolder, ConfigOrResume, Force, Offline, Overrides, RunsFolder
from rnacli.commands.show import tell_losses
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_note, print_result, print_table
from rnacli.terminal.startup import helper_beside, import_engine
from rnacli.words import fill_each, fill_template, quote_path

if TYPE_CHECKING:
    from rnacli.experiment.config import Config
    from rnacli.runs.folder import Run
    from rnacli.training.cross_validate import CrossValidation

INTERRUPTED = 128
"""A run that a signal ended exits with this and the signal's number, as shells do."""


def train(
    config: ConfigOrResume = None,
    *,
    overrides: Overrides,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Continue with a run that was stopped.")
    ] = None,
    force: Force = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
    offline: Offline = False,
    workers: Annotated[
        str,
        typer.Option("--workers", metavar="HOST:PORT,...", help="Share the training: the addresses of all workers."),
    ] = "",
    worker: Annotated[
        int | None, typer.Option("--worker", metavar="I", help="Which of them this one is; 0 writes the run.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the run's path and nothing else.")] = False,
) -> None:
    """Train a network; the last line is its run folder."""
    from rnacli.document.find import list_configs
    from rnacli.experiment.callbacks import require_packages
    from rnacli.experiment.load import load_config
    from rnacli.runs.find import find_folds, find_run
    from rnacli.runs.folder import require_runs_folder

    stopped: Run | None = None
    more: int | None = None
    folds = find_folds(resume, runs) if resume is not None else None
    if config is not None and resume is None:
        experiment = load_config(config, overrides)
        require_runs_folder(runs)
    elif config is None and folds is not None:
        experiment = load_config(folds / "config.yaml")
        if overrides:
            hint = "rna train {folder:.200}/config.yaml --set ... trains new folds"
            message = "folds that are resumed keep their config"
            raise RnaError(message, place="--set", hint=hint, exit_code=CONFIG, folder=quote_path(folds))
    elif config is None and resume is not None:
        stopped, more = find_run(resume, runs), read_more_epochs(overrides)
        experiment = stopped.config()
    else:
        hint = list_configs(Path()) if config is None else "a run that is resumed keeps its config: leave the file out"
        raise RnaError("expected either a config or --resume RUN", hint=hint, exit_code=CONFIG)
    require_packages(experiment)
    epochs = more or experiment.epochs
    if quiet:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    # A folder that is resumed may be a stranger's, and a streamed table leaves no memory to spare.
    streamed = experiment.dataset.stays_on_disk
    with helper_beside() if resume is None and not streamed else contextlib.nullcontext():
        import_engine(quiet)
        if workers or worker is not None:
            quiet = join_others(experiment, workers, worker) or quiet
        from rnacli.terminal.progress import Announcement, make_progress, shield_terminal
        from rnacli.training.cross_validate import CrossValidation, cross_validate, resume_folds
        from rnacli.training.resume import resume_run
        from rnacli.training.train import train_network
        from rnacli.training.workers import end_together, folder_of_runs, resume_shared

        listeners = [] if quiet else [Announcement(experiment.name), make_progress(epochs)]
        split = experiment.dataset.split
        with shield_terminal(listeners):
            run: Run | CrossValidation
            if folds is not None:
                run = resume_folds(folds, cache, listeners, offline, force)
            elif stopped is None and split.folds and split.fold is None:
                run = cross_validate(experiment, runs, cache, listeners, offline)
            elif stopped is None:
                with folder_of_runs(runs) as folder:
                    run = train_network(experiment, folder, cache, listeners, offline)
                    end_together(run)
            else:
                run = resume_shared(stopped, lambda each: resume_run(each, cache, listeners, more, offline, force))
    if isinstance(run, CrossValidation):
        return end_folds(run, quiet)
    if worker:
        print_note(fill_template("worker {worker}: the first worker has written the run", worker=worker))
        return
    if not quiet:
        show_results(run)
    print_result(str(run.path))
    if run.record["status"] == "interrupted":
        print_note(
            fill_template(
                "interrupted: {count} of {epochs} epochs are saved", count=run.record["epochs"], epochs=epochs
            )
        )
        print_note(fill_template("  hint: continue with rna train --resume {run:.300}", run=quote_path(run.path)))
        raise typer.Exit(INTERRUPTED + int(run.record["signal"]))


def join_others(experiment: "Config", workers: str, worker: int | None) -> bool:
    """Connect this process with the other workers; gives whether another one tells of the training."""
    from rnacli.engine.workers import join_workers
    from rnacli.training.workers import read_workers, require_shareable

    share = read_workers(workers, worker)
    require_shareable(experiment, len(share))
    waiting = "worker {number} of {count}: waiting for the others ..."
    print_note(fill_template(waiting, number=share.number, count=len(share)))
    join_workers(share, experiment.engine.threads)
    if not share.is_first:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    return not share.is_first


def end_folds(whole: "CrossValidation", quiet: bool) -> None:
    """Show what the folds of a cross-validation reach, or how to go on with one that a signal has ended."""
    from rnacli.tasks.score_names import name_score

    if whole.stopped is not None:
        print_result(str(whole.path))
        print_note(
            fill_template(
                "interrupted: {count} of {folds} folds are trained", count=whole.trained, folds=whole.split.trainings
            )
        )
        print_note(
            fill_template("  hint: continue with rna train --resume {folder:.300}", folder=quote_path(whole.path))
        )
        raise typer.Exit(INTERRUPTED + int(whole.stopped.record["signal"]))
    if not quiet:
        positive = whole.runs[0].record["data"].get("positive")
        rows = [(name_score(name, positive), *figures) for name, figures in whole.summary().items()]
        title = fill_template("test rows of {folds} folds", folds=whole.split.folds)
        if whole.split.repeats:
            said = "test rows of {folds} folds, {repeats} times"
            title = fill_template(said, folds=whole.split.folds, repeats=whole.split.repeats)
        print_table((title, *fill_each("mean", "deviation", "lowest", "highest")), rows, note=True)
        print_note(fill_template("the pictures of one fold: rna plot {fold:.300}", fold=quote_path(whole.runs[0].path)))
    print_result(str(whole.path))


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
    from rnacli.runs.seeds import tabulate_seeds
    from rnacli.tasks.score_names import name_score

    results: dict[str, dict[str, float]] = run.record["results"]
    names = list(dict.fromkeys(name for measures in results.values() for name in measures))
    rows = [(part, run.record["data"]["rows"][part], *map(results[part].get, names)) for part in results]
    shown = [name_score(name, run.record["data"].get("positive")) for name in names]
    print_table(("", fill_template("rows"), *shown), rows, note=True)
    header, spreads = tabulate_seeds(run.record)
    if spreads:
        named = [(name_score(name, run.record["data"].get("positive")), *figures) for name, *figures in spreads]
        print_table(header, named, note=True)
    if sys.stderr.isatty():
        print_note(tell_losses(run))
    if naive := run.record.get("as_the_row_before"):
        scores = run.record["scores"]
        network, before = fill_each("network", "as the row before")
        table = [(network, *(scores[name] for name in naive)), (before, *naive.values())]
        print_table((fill_template("{part} rows", part=run.record["held_out"]), *naive), table, note=True)
