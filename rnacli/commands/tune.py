"""``rna tune``: search for the best values of some keys, or go on with a search that was stopped."""

import contextlib
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, CacheFolder, ConfigOrResume, Force, Offline, Overrides, RunsFolder
from rnacli.commands.train import INTERRUPTED, show_results
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_note, print_result, print_table
from rnacli.terminal.startup import helper_beside, import_engine
from rnacli.words import fill_template, quote_path

if TYPE_CHECKING:
    from rnacli.tuning.tune import Found


def tune(
    config: ConfigOrResume = None,
    *,
    overrides: Overrides,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Continue with a search that was stopped.")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            envvar="RNA_STORAGE",
            help="Search with other machines or processes: the same command, on each, with the URL of one database, "
            "such as postgresql+psycopg://user@host/database, and --runs on a disk that all of them see.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
    offline: Offline = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the folder's path and nothing else.")] = False,
) -> None:
    """Search for the best values of the keys in tune; the last line is the search's folder."""
    from rnacli.experiment.callbacks import require_packages
    from rnacli.experiment.load import load_config
    from rnacli.runs.folder import require_runs_folder
    from rnacli.tuning.folder import CONFIG_NAME, find_search
    from rnacli.tuning.propose import require_optuna
    from rnacli.tuning.together.storage import open_storage

    stopped = find_search(resume, runs) if resume is not None else None
    if (config is None) == (stopped is None):
        hint = "rna tune config.yaml, or rna tune --resume latest"
        raise RnaError("expected either a config or --resume RUN", hint=hint, exit_code=CONFIG)
    if stopped is not None and overrides:
        message, hint = "a search that is resumed keeps its config", "rna tune {folder:.200}/config.yaml --set ..."
        raise RnaError(message, place="--set", hint=hint, exit_code=CONFIG, folder=quote_path(stopped.path))
    experiment = load_config(config or stopped.path / CONFIG_NAME, overrides)  # type: ignore[union-attr]
    require_runs_folder(runs)
    require_packages(experiment)
    if storage is not None:
        if stopped is not None:
            message, hint = "a search that workers share continues with its config", "rna tune CONFIG --storage URL"
            raise RnaError(message, place="--resume", hint=hint, exit_code=CONFIG)
        open_storage(storage).close()  # so that what it refuses is said at once
    if experiment.tune is not None:
        require_optuna(experiment.tune)
    if quiet:
        logging.getLogger("rnacli").setLevel(logging.ERROR)
    with helper_beside() if stopped is None else contextlib.nullcontext():
        import_engine(quiet)
        from rnacli.terminal.progress import Announcement, make_progress, shield_terminal
        from rnacli.terminal.search import make_search_display
        from rnacli.tuning.together.tune import tune_together
        from rnacli.tuning.tune import resume_search, tune_network

        watchers = [] if quiet else [make_search_display()]
        listeners = [] if quiet else [Announcement("best"), make_progress(experiment.epochs)]
        with shield_terminal(listeners):
            if storage is not None:
                found = tune_together(experiment, storage, runs, cache, watchers, offline, listeners)
            elif stopped is None:
                found = tune_network(experiment, runs, cache, watchers, offline, listeners)
            else:
                found = resume_search(stopped, cache, watchers, offline, listeners, force)
    if not quiet:
        show_found(found)
    print_result(str(found.folder.path))
    if found.best.record["status"] == "interrupted":
        said = "interrupted; continue with rna tune --resume {path:.300}"
        if storage is not None:
            said = "interrupted; the same command continues"
        print_note(fill_template(said, path=quote_path(found.folder.path)))
        raise typer.Exit(INTERRUPTED + int(found.best.record["signal"]))


def show_found(found: "Found") -> None:
    """The best trials, what fresh seeds say of them, and what the best run reached on each part."""
    goal, ranked = found.goal, found.goal.rank(found.outcomes)
    of = {each.outcome.number: each for each in found.confirmed}
    shown = [each.outcome for each in found.confirmed] or ranked[:5]
    keys = list(dict.fromkeys(key for each in shown for key in each.values))
    again = again_columns(len(found.confirmed[0].values)) if of else []
    rows = [
        (
            str(each.number + 1),
            each.value(goal.name),
            *((of[each.number].mean, of[each.number].deviation) if of else ()),
            *(each.values.get(key) if isinstance(each.values.get(key), int | float) else show(each.values.get(key))
              for key in keys),
        )
        for each in shown
    ]  # fmt: skip
    print_table((fill_template("trial"), goal.name, *again, *keys), rows, note=True)
    show_results(found.best)
    print_note(fill_template("best: trial {number}; {folder:.300}/best.yaml is its file, {folder:.300}/best its run",
                             number=found.winner.number + 1, folder=found.folder.path))  # fmt: skip


def again_columns(seeds: int) -> list[str]:
    """The heads of what fresh seeds say of a trial."""
    return [fill_template("{seeds} fresh seeds", seeds=seeds), fill_template("deviation")]


def show(value: object) -> str:
    """A value that is no number, as YAML in one line."""
    from rnacli.document.write import yaml_flow

    return "-" if value is None else yaml_flow(value)
