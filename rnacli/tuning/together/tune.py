"""A search that several workers share, from a config to its folder: each worker runs this, on whichever machine.

They meet in a database. What is to be done once - to begin, each trial, each network of fresh seeds, to end - is a
piece of work there. One that dies leaves it to the others, and where all die, the same command continues.
"""

import contextlib
import logging
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.engine.tensorflow import start_tensorflow
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.check_tune import goal_direction
from rnacli.experiment.config import Config
from rnacli.experiment.tune import Confirmation
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run, require_runs_folder
from rnacli.signals import answered_by
from rnacli.training.resume import find_changes
from rnacli.tuning.best import train_best
from rnacli.tuning.choose_trainer import choose_trainer
from rnacli.tuning.confirm import Confirmed
from rnacli.tuning.ending import close_search, write_winner
from rnacli.tuning.folder import BEST, CONFIG_NAME, SearchFolder, open_search, written_config
from rnacli.tuning.outcome import Goal, Outcome, make_goal
from rnacli.tuning.propose import require_optuna
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.together.confirm import SharedConfirming
from rnacli.tuning.together.leases import Leases, Piece
from rnacli.tuning.together.same_file import dump_file, require_same_file, with_engine
from rnacli.tuning.together.search import SharedTrials
from rnacli.tuning.together.storage import open_storage
from rnacli.tuning.trainer import Trainer
from rnacli.tuning.tune import (
    Found,
    TableWriter,
    Watcher,
    choose_winner,
    prunes_trials,
    require_search,
    settle_engine,
    teller,
)
from rnacli.words import fill_template

log = logging.getLogger("rnacli")
BEGIN, END = "begin", "end"
CHECKPOINTS = "checkpoints"
"""The folder of the networks under way, in the search's."""
SEEN = 15
"""Seconds within which a folder that another machine has made is to be seen here."""


@dataclass
class Place:
    """Where a worker is: who looks on, and where its files are."""

    runs: Path
    cache: Path
    offline: bool
    watchers: Sequence[Watcher]
    listeners: Sequence[Any]


class Stopped(Exception):
    """A signal has ended the training of the best run."""


def tune_together(
    config: Config, url: str, runs: Path, cache: Path, watchers: Sequence[Watcher] = (), offline: bool = False,
    listeners: Sequence[Any] = (),
) -> Found:  # fmt: skip
    """Take part in the search of the config's name in the database behind ``url``, until all of it is done.

    ``runs``: a folder that all workers see. Raises ``RnaError``.
    """
    tune = require_search(config)
    require_optuna(tune)
    require_runs_folder(runs)
    with contextlib.closing(open_storage(url)) as storage:
        leases = Leases(storage, config.name, goal_direction(config) or "min")
        return take_part(config, leases, Place(runs, cache, offline, watchers, listeners))


def take_part(config: Config, leases: Leases, place: Place) -> Found:
    """As ``tune_together``, in a database that is open."""

    def note(number: int) -> str:
        leases.release()
        return fill_template("the other workers continue; so does this one, started again with the same command")

    with leases.alive(), answered_by(note):
        facts = begin(config, leases, place)
        folder = find_folder(place.runs / facts["folder"], leases)
        own = with_engine(config, facts["threads"], facts["jit"], folder.path)
        trainer = choose_trainer(own, place.cache, place.offline, facts["shares"])
        require_same_data(own, trainer.data, facts)
        return work_together(folder, own, facts, trainer, leases, place)


# Beginning


def begin(config: Config, leases: Leases, place: Place) -> dict[str, Any]:
    """What the first worker has found out and settled for all. Raises ``RnaError`` for another file."""
    if BEGIN not in leases.read():
        leases.offer(BEGIN, config=dump_file(config))
    require_same_file(config, leases.read()[BEGIN].notes["config"])

    def settle(piece: Piece) -> None:
        leases.note(BEGIN, "facts", make_search(config, leases, piece, place))

    facts: dict[str, Any] = leases.once(BEGIN, settle).notes["facts"]
    if leases.storage.is_file and facts["host"] != platform.node():
        message = "a file of SQLite is for the processes of one machine, and this search was begun on {host}"
        hint = "several machines meet in a PostgreSQL database"
        raise RnaError(message, place=leases.storage.shown, hint=hint, exit_code=CONFIG, host=facts["host"])
    machine = start_tensorflow(config.device, facts["threads"], config.precision)
    if changed := ", ".join(find_changes(Run(Path(), {"machine": facts["machine"]}), machine)):
        log.warning("unlike the machine that began this search: %s; the last digits may differ", changed)
    return facts


def make_search(config: Config, leases: Leases, piece: Piece, place: Place) -> dict[str, Any]:
    """Make the folder of a search, and settle what all trials have in common."""
    data, tune = SharedData(config, place.cache, place.offline), require_search(config)
    settled = settle_engine(config, data, place.cache, place.offline)
    name = piece.notes.get("folder") or free_name(config, place.runs)
    leases.note(BEGIN, "folder", name)  # first: who takes over makes no second one
    path, engine, began = place.runs / name, settled.config.engine, time.time()
    path.mkdir(parents=True, exist_ok=True)
    folder = SearchFolder(path, {"status": "running", "started": time.strftime("%Y-%m-%dT%H:%M:%S%z")})
    folder.write(CONFIG_NAME, written_config(settled.config, path))
    common = {"direction": goal_direction(config), "shares": settled.shares, "machine": settled.machine}
    folder.save(name=config.name, seed=config.seed, goal=tune.measure, storage=leases.storage.shown, **common)
    own = {"folder": name, "threads": engine.threads, "jit": engine.jit, "host": platform.node(), "began": began}
    return {**own, **common, "data": data_sums(config, data)}


def free_name(config: Config, runs: Path) -> str:
    """The name of a new folder of a search."""
    stem = f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{config.name}_tune"
    names = (stem if count == 1 else f"{stem}_{count}" for count in range(1, 10_000))
    return next(name for name in names if not (runs / name).exists())


def find_folder(path: Path, leases: Leases) -> SearchFolder:
    """The search's folder, which another machine may just have made. Raises ``RnaError`` where it is not seen."""
    until = time.monotonic() + min(SEEN, leases.storage.grace)
    while not (path / "search.json").is_file():
        if time.monotonic() > until:
            message = "the folder of this search is not here: {name:.200}"
            hint = "--runs names a folder that all workers see; --set name=NAME begins another search"
            raise RnaError(message, place=str(path.parent), hint=hint, name=path.name)
        time.sleep(0.2)
    return open_search(path)


def data_sums(config: Config, data: SharedData) -> list[str]:
    """The checksums of the data's files."""
    return sorted(map(str, data.of(config).rows.files.values()))


def require_same_data(config: Config, data: SharedData, facts: dict[str, Any]) -> None:
    """Refuse data that are not those of the first worker. Raises ``RnaError``."""
    if data_sums(config, data) != facts["data"]:
        message = "the data are not those that this search was begun with on {host}"
        hint = "the same files on all machines; --set name=NAME begins another search"
        raise RnaError(message, place=str(config.place("dataset")), hint=hint, host=facts["host"])


# Working


def work_together(
    folder: SearchFolder, config: Config, facts: dict[str, Any], trainer: Trainer, leases: Leases, place: Place
) -> Found:
    """All that is not done yet of a search, by this worker and the others."""
    tune, watchers = require_search(config), place.watchers
    goal, checkpoints = make_goal(tune, facts["direction"]), folder.path / CHECKPOINTS
    listeners = [watcher.trial for watcher in watchers]
    search = SharedTrials(
        config, goal, prunes_trials(tune, trainer), leases, facts["began"], checkpoints, listeners
    )  # fmt: skip

    def confirm(ranked: Sequence[Outcome], confirmation: Confirmation) -> Sequence[Confirmed]:
        confirming = SharedConfirming(config, ranked, confirmation, goal, leases, checkpoints, teller(watchers))
        work_through(confirming, trainer, leases)
        return confirming.confirmed

    try:
        for watcher in watchers:
            watcher.begin(search, trainer)
        work_through(search, trainer, leases)
        winner, confirmed = choose_winner(config, goal, search, trainer, confirm)
        for watcher in watchers:
            watcher.close()

        def end(piece: Piece) -> None:
            end_search(folder, config, goal, search, winner, confirmed, leases, place)

        leases.once(END, end)
    except Stopped:
        pass
    finally:
        for watcher in watchers:
            watcher.close()
    return Found(folder, goal, search.ended, winner, confirmed, open_run(folder.path / BEST))


def work_through(source: SharedTrials | SharedConfirming, trainer: Trainer, leases: Leases) -> None:
    """Train until all of it is done, also what others have begun: one of them may die."""
    while True:
        trainer.train(source)
        if source.is_over:
            return
        leases.wait()


def end_search(
    folder: SearchFolder, config: Config, goal: Goal, search: SharedTrials, winner: Outcome,
    confirmed: Sequence[Confirmed], leases: Leases, place: Place,
) -> None:  # fmt: skip
    """What one worker does for all: tables, the best run, pictures."""
    write = TableWriter(folder, config, goal)
    write.search = search
    write.now()
    write_winner(folder, config, goal, search, winner, confirmed)
    best = train_best(folder, place.cache, place.offline, place.listeners)
    if best.record.get("status") == "interrupted":
        raise Stopped
    shutil.rmtree(folder.path / CHECKPOINTS, ignore_errors=True)
    for part in folder.path.glob("**/.*.part.*"):
        part.unlink(missing_ok=True)  # a worker was killed while it wrote this
    leases.clear()
    folder.record = open_search(folder.path).record
    close_search(folder, config, goal, search, winner, confirmed, "finished")
