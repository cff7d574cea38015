"""A search, from a config to its folder: trials, confirmation, the best run, pictures; and again after a kill."""

import dataclasses
import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from rnacli.engine.tensorflow import Machine, require_device, start_tensorflow
from rnacli.errors import RnaError
from rnacli.experiment.check_tune import goal_direction
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.experiment.tune import Confirmation, Tune
from rnacli.fitting.choose_engine import choose_engine, uses_gpu
from rnacli.machine import processor_name
from rnacli.networks.plan import plan_network
from rnacli.networks.sizes import complete_layers
from rnacli.runs.find import refuse_links
from rnacli.runs.folder import Run, lock_run
from rnacli.signals import answered_by
from rnacli.training.resume import require_same_machine
from rnacli.tuning.best import train_best
from rnacli.tuning.choose_trainer import choose_trainer, shares_programs
from rnacli.tuning.confirm import Confirmed, OwnConfirming
from rnacli.tuning.ending import close_search, write_winner
from rnacli.tuning.folder import CONFIG_NAME, SearchFolder, create_search, open_search
from rnacli.tuning.journal import Journal
from rnacli.tuning.outcome import Goal, Outcome, make_goal
from rnacli.tuning.propose import require_optuna
from rnacli.tuning.search import Search
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.tables import histories, trials_table
from rnacli.tuning.trainer import Trainer
from rnacli.tuning.trials import Trials
from rnacli.words import fill_template, quote_path

log = logging.getLogger("rnacli")


class Watcher(Protocol):
    """Who is told how far a search is."""

    def begin(self, search: Trials, trainer: Trainer) -> None:
        """The trials begin, or go on."""

    def trial(self, outcome: Outcome) -> None:
        """A trial has ended."""

    def confirming(self, done: int, of: int) -> None:
        """So many networks of fresh seeds are trained."""

    def close(self) -> None:
        """Nothing follows, or what follows has a display of its own."""


@dataclass(frozen=True)
class Found:
    """What a search has found. ``best``: the run of the winner; ``confirmed``: the best trials with fresh seeds."""

    folder: SearchFolder
    goal: Goal
    outcomes: Sequence[Outcome]
    winner: Outcome
    confirmed: Sequence[Confirmed]
    best: Run


def tune_network(
    config: Config, runs: Path, cache: Path, watchers: Sequence[Watcher] = (), offline: bool = False,
    listeners: Sequence[Any] = (),
) -> Found:  # fmt: skip
    """Search as the config's ``tune`` says, in a new folder below ``runs``.

    ``listeners``: Keras callbacks that watch the training of the best run. Raises ``RnaError``.
    """
    require_optuna(require_search(config))
    data = SharedData(config, cache, offline)
    settled = settle_engine(config, data, cache, offline)
    folder = create_search(settled.config, runs)
    try:
        own = load_config(folder.path / CONFIG_NAME)
        trainer = choose_trainer(own, cache, offline, settled.shares, data)
        tune = require_search(own)
        folder.save(
            name=own.name,
            seed=own.seed,
            goal=tune.measure,
            direction=goal_direction(own),
            shares=trainer.shares,
            lag=max(1, trainer.room // tune.seeds),
            machine=settled.machine,
        )
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    with lock_run(folder.path):
        return go_through(folder, own, trainer, cache, watchers, offline, listeners)


def require_search(config: Config) -> Tune:
    """What a file searches. Raises ``RnaError`` where it is nothing."""
    if config.tune is None:
        hint = "tune: {trials: 50, over: {batch_size: {choice: [8, 16, 32]}}}"
        raise RnaError("the file has no tune section", place=config.document.source, hint=hint, exit_code=2)
    return config.tune


@dataclass(frozen=True)
class Settled:
    """How all trials of a search are trained. ``config``: with its engine; ``shares``: whether programs are shared."""

    config: Config
    machine: dict[str, Any]
    shares: bool


def settle_engine(config: Config, data: SharedData, cache: Path, offline: bool) -> Settled:
    """Choose what decides the last digits of all trials, and start TensorFlow so. Raises ``RnaError``."""
    require_device(config.device)
    engine = dataclasses.replace(config.engine, threads=choose_threads(config, data))
    machine = start_tensorflow(config.device, engine.threads, config.precision)
    shares = shares_programs(config, data, cache, offline)
    if shares and engine.jit == "auto" and shares.xla:
        engine = dataclasses.replace(engine, jit=True)  # so that the best trial alone has the same last digits
    described = asdict(machine) | {"processor": processor_name()}
    return Settled(dataclasses.replace(config, engine=engine), described, shares is not None)


def resume_search(
    folder: SearchFolder, cache: Path, watchers: Sequence[Watcher] = (), offline: bool = False,
    listeners: Sequence[Any] = (), force: bool = False,
) -> Found:  # fmt: skip
    """Go on with a search that was stopped, as if it had never been. Raises ``RnaError``."""
    refuse_links(folder.path)
    with lock_run(folder.path):
        folder = open_search(folder.path)
        if storage := folder.record.get("storage"):
            message, hint = "workers share this search", "rna tune CONFIG --storage {storage:.200} continues with it"
            raise RnaError(message, place=str(folder.path), hint=hint, storage=storage)
        config = load_config(folder.path / CONFIG_NAME)
        if config.tune is None or "lag" not in folder.record:
            raise RnaError("this search was stopped before it began", place=str(folder.path), hint="rna tune CONFIG")
        require_optuna(config.tune)
        if folder.record.get("status") == "finished":
            raise RnaError(
                "this search is finished",
                place=str(folder.path),
                hint="rna show {path:.300}",
                path=quote_path(folder.path),
            )
        machine: Machine = start_tensorflow(config.device, config.engine.threads, config.precision)
        require_same_machine(Run(folder.path, folder.record), machine, force)
        for part in folder.path.glob("**/.*.part.*"):
            part.unlink(missing_ok=True)  # a process was killed while it wrote this
        folder.save(status="running")
        trainer = choose_trainer(config, cache, offline, bool(folder.record["shares"]))
        return go_through(folder, config, trainer, cache, watchers, offline, listeners)


def go_through(
    folder: SearchFolder, config: Config, trainer: Trainer, cache: Path, watchers: Sequence[Watcher], offline: bool,
    listeners: Sequence[Any],
) -> Found:  # fmt: skip
    """All that a search does and has not done yet; what stops it is noted in its record."""
    if config.tune is None:
        raise TypeError("this experiment has no search")
    goal, journal = make_goal(config.tune, folder.record.get("direction")), Journal(folder.path)
    write = TableWriter(folder, config, goal)
    search = Search(config, goal, journal, int(folder.record["lag"]), prunes_trials(config.tune, trainer),
                    [write.later, *(watcher.trial for watcher in watchers)])  # fmt: skip
    write.search = search

    def note(number: int) -> str:
        write.now()
        folder.save(status="interrupted", signal=number)
        done, most = len(search.outcomes), config.tune.most if config.tune else None
        said = "{done} trials have ended; continue with rna tune --resume {folder}"
        hint = "{done} of {most} trials have ended; continue with rna tune --resume {folder}" if most else said
        return fill_template(hint, done=done, most=most, folder=quote_path(folder.path))

    def confirm(ranked: Sequence[Outcome], confirmation: Confirmation) -> Sequence[Confirmed]:
        confirming = OwnConfirming(config, ranked, confirmation, goal, journal, teller(watchers))
        trainer.train(confirming)
        return confirming.confirmed

    try:
        with answered_by(note):
            for watcher in watchers:
                watcher.begin(search, trainer)
            trainer.train(search)
            write.now()
            winner, confirmed = choose_winner(config, goal, search, trainer, confirm)
            write_winner(folder, config, goal, search, winner, confirmed)
            for watcher in watchers:
                watcher.close()
        best = train_best(folder, cache, offline, listeners)
    except BaseException as error:
        is_stop = isinstance(error, KeyboardInterrupt)
        folder.save(status="interrupted" if is_stop else "failed", **({} if is_stop else {"error": str(error)[:500]}))
        raise
    finally:
        for watcher in watchers:
            watcher.close()
    status = "interrupted" if best.record.get("status") == "interrupted" else "finished"
    close_search(folder, config, goal, search, winner, confirmed, status)
    return Found(folder, goal, search.ended, winner, confirmed, best)


def prunes_trials(tune: Tune, trainer: Trainer) -> bool:
    """Whether hopeless trials end early: in a program that others share, that saves nothing."""
    return tune.prune == "hyperband" or tune.prune is True or (tune.prune == "auto" and not trainer.shares)


def choose_threads(config: Config, shared: SharedData) -> int:
    """The threads of all trials: those that a training of the file as it is would have. Raises ``RnaError``."""
    data = shared.of(config)
    inputs = data.preprocessing.encoder.inputs
    completed = complete_layers(config, inputs, data.tasks)
    planned, rows = plan_network(completed, inputs), len(data.parts["train"])
    size = completed.phase_configs[0].rows_per_step(rows)
    return choose_engine(completed, planned, rows, size, (), uses_gpu(config.device)).threads


class TableWriter:
    """Writes ``trials.csv`` and ``histories.npz`` as the search goes on; at most once a second."""

    EVERY = 1.0

    def __init__(self, folder: SearchFolder, config: Config, goal: Goal):
        self.folder, self.config, self.goal = folder, config, goal
        self.search: Trials | None = None
        self.written = 0.0

    def later(self, outcome: Outcome) -> None:
        if time.monotonic() - self.written >= self.EVERY:
            self.now()

    def now(self) -> None:
        if self.search is not None and self.config.tune is not None:
            ended = self.search.ended
            self.folder.write("trials.csv", trials_table(self.config.tune, self.goal, ended))
            self.folder.write("histories.npz", histories(ended))
            self.written = time.monotonic()


def choose_winner(
    config: Config, goal: Goal, search: Trials, trainer: Trainer,
    confirm: Callable[[Sequence[Outcome], Confirmation], Sequence[Confirmed]],
) -> tuple[Outcome, Sequence[Confirmed]]:  # fmt: skip
    """The best trial, by the mean of fresh seeds where they are asked for: ``confirm`` trains those of ranked trials.

    Raises ``RnaError`` where no trial has ended with a value.
    """
    ranked = goal.rank(search.ended)
    if not ranked:
        raise no_winner(search)
    confirmation = confirmation_of(config, trainer)
    if confirmation is None:
        return ranked[0], []
    confirmed = confirm(ranked, confirmation)
    return confirmed[0].outcome, confirmed


def teller(watchers: Sequence[Watcher]) -> Callable[[int, int], None]:
    """Tells all who watch how many networks of fresh seeds are trained."""

    def tell(done: int, of: int) -> None:
        for watcher in watchers:
            watcher.confirming(done, of)

    return tell


def confirmation_of(config: Config, trainer: Trainer) -> Confirmation | None:
    """How the best trials are confirmed; ``None``: they are not."""
    wanted = config.tune.confirm if config.tune else False
    if isinstance(wanted, Confirmation):
        return wanted
    return Confirmation() if wanted is True or (wanted == "auto" and trainer.shares) else None


def no_winner(search: Trials) -> RnaError:
    """What is said where no trial has ended with a value."""
    ended = search.ended
    if not ended:
        return RnaError("no trial has ended", hint="more minutes, or more trials", exit_code=2)
    error = next((network.error for each in ended for network in each.trained if network.error), "")
    message = "none of {count} trials has ended with a value: {error:.300}"
    return RnaError(message, hint="narrower ranges", count=len(ended), error=error or fill_template("all diverged"))
