"""A training that was stopped goes on as if it had never been; where it could not, it says what has changed."""

import dataclasses
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.document.write import dump_yaml
from rnacli.engine.tensorflow import Machine, require_device, start_tensorflow
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import class_weights
from rnacli.experiment.config import Config
from rnacli.fitting.choose_engine import EngineChoice
from rnacli.fitting.job import FIRST, Job, validation_part
from rnacli.machine import processor_name
from rnacli.networks.build import build_network, compile_network, phase_entry
from rnacli.networks.plan import plan_network
from rnacli.runs.checkpoint import State, callback_kinds, newest_state
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run, lock_run
from rnacli.runs.open import CHECKPOINTS, load_unfinished_run, rewrite_file
from rnacli.runs.optimizers import build_optimizers
from rnacli.runs.portable import portable_settings
from rnacli.runs.reload import reload_training_data, with_data_folder
from rnacli.runs.settings import keep_settings
from rnacli.signals import answered_by
from rnacli.strict_json import read_dataclass
from rnacli.training.ending import resume_hint
from rnacli.training.train import complete_run
from rnacli.words import count_things, fill_template

log = logging.getLogger("rnacli")

SAME = ("tensorflow", "keras", "numpy", "scikit-learn", "platform")
"""Versions that decide the data or the last digits."""
LATER = (
    "ensemble", "epochs", "error", "features", "finished", "held_out", "light", "phases", "results", "scores",
    "seconds", "seeds", "signal", "threshold", "validated_on",
)  # fmt: skip
"""What ``run.json`` says only of a run that is trained to its end."""


def resume_run(
    run: Run,
    cache: Path,
    listeners: Sequence[Any] = (),
    epochs: int | None = None,
    offline: bool = False,
    force: bool = False,
) -> Run:
    """Train a run to its end from its last checkpoint, as if it had never been stopped; or for more ``epochs``.

    Raises ``RnaError`` that names what has changed since: the data, the config, or what decides the last digits
    (``force`` goes on with that). Refuses a run that another process is training.
    """
    require_writable(run.path)
    with lock_run(run.path), answered_by(lambda number: resume_hint(run.path)):
        run.record = open_run(run.path).record  # it may have ended meanwhile
        job, state = prepare_resumed(run, cache, epochs, offline, force)
        begun = 0 if state is None else state.epoch
        log.info("continuing after epoch %d of %d", begun, job.config.epochs)
        if epochs is not None:
            settings = portable_settings(job.config, run.path)
            rewrite_file(run, "config.yaml", dump_yaml(settings))
            run.record |= keep_settings(settings)
        reopen_run(run, begun)
        return complete_run(run, job, listeners, state)


def reopen_run(run: Run, begun: int) -> None:
    """Make a run one that is being trained again, with so many epochs behind it."""
    for part in run.path.glob("**/.*.part.*"):
        part.unlink(missing_ok=True)  # a process was killed while it wrote this
    forget_the_end(run)
    run.save(status="running", resumed=[*run.record.get("resumed", []), begun])


def prepare_resumed(run: Run, cache: Path, epochs: int | None, offline: bool, force: bool) -> tuple[Job, State | None]:
    """The run's network and data as they were, and its newest state. Raises ``RnaError``."""
    opened = load_unfinished_run(run)
    opened.config = with_data_folder(run, opened.config)
    config = opened.config if epochs is None else with_epochs(opened.config, epochs)
    chosen = recorded_engine(run)
    require_device(config.device)
    machine = start_tensorflow(config.device, opened.threads, config.precision)
    require_same_machine(run, machine, force)
    data = reload_training_data(run, opened, cache, offline)
    preprocessing = data.preprocessing
    data.class_weight = class_weights(config, preprocessing, data.rows, data.parts)
    plan_network(config, preprocessing.inputs)  # what has no name is then numbered as in the first process
    network = build_network(config, preprocessing.inputs)
    compile_network(network, config, data.tasks)
    build_optimizers(network)
    state = newest_state(
        run.path / CHECKPOINTS, network, callback_kinds(config.callbacks), phase_entry(network, config, data.tasks)
    )
    require_more(run, config, state, epochs, opened.config.epochs if opened.config.phases else 0)
    return Job(config, data, network, chosen, validation_part(config, data), machine, cache), state


def with_epochs(config: Config, epochs: int) -> Config:
    """The config with so many epochs in all; of phases, the last one has those that the others leave.

    Raises ``RnaError`` where they leave none.
    """
    phases = config.phases
    if not phases:
        return dataclasses.replace(config, epochs=epochs)
    others = config.epochs - phases[-1].epochs
    if epochs <= others:
        message = "the phases before the last have {others} epochs together, and all are to have {epochs}"
        hint = "--set epochs={more}: the last phase has what the others leave"
        values = {"others": others, "epochs": epochs, "more": others + 2 * phases[-1].epochs}
        raise RnaError(message, place="--set epochs", hint=hint, exit_code=CONFIG, **values)
    last = dataclasses.replace(phases[-1], epochs=epochs - others)
    return dataclasses.replace(config, epochs=epochs, phases=(*phases[:-1], last))


def recorded_engine(run: Run) -> EngineChoice:
    """How the run was trained: with other threads, or without XLA, its numbers would part. Raises ``RnaError``."""
    try:
        engine = read_dataclass(EngineChoice, run.record.get("engine"))
        if not (1 <= engine.threads <= 1024 and 1 <= engine.steps <= 1 << 40):
            raise ValueError("out of range")
    except ValueError:
        raise RnaError("it does not say how the run was trained", place=str(run.path / "run.json")) from None
    return engine


def find_changes(run: Run, machine: Machine) -> list[str]:
    """What decides the last digits and is not as it was when the run was begun."""
    former = run.record.get("machine", {})
    before, now = former.get("versions", {}), machine.versions
    changed = [f"{name} {before.get(name)} -> {now[name]}" for name in SAME if before.get(name) != now[name]]
    here = {"device": machine.device, "threads": machine.threads, "processor": processor_name()}
    return changed + [
        f"{name} {former.get(name)} -> {value}" for name, value in here.items() if former.get(name) != value
    ]


def require_same_machine(run: Run, machine: Machine, force: bool) -> None:
    """Refuse what would give other numbers than the run that was never stopped."""
    changed = ", ".join(find_changes(run, machine))
    if changed and not force:
        raise RnaError(
            "since this run was begun: {changed:.300}",
            place=str(run.path),
            hint="continue with --force; the last digits will differ from those of the whole run",
            changed=changed,
        )
    if changed:
        log.warning("continuing although this has changed: %s", changed)


def require_more(run: Run, config: Config, state: State | None, epochs: int | None, of_phases: int = 0) -> None:
    """Refuse to train what is trained: a finished run, or one that has more epochs than are asked for.

    ``of_phases``: how many epochs the run's phases were to have together, though callbacks may have ended some.
    """
    behind = 0 if state is None else state.epoch
    if run.record.get("status") == "finished":
        planned = max(state.epochs if state is not None and state.stopped else behind, of_phases)
        if epochs is None or epochs <= planned:
            ended = (
                fill_template("ended by a callback after epoch {behind} of {planned}", behind=behind, planned=planned)
                if planned > behind
                else count_things(behind, "epoch")
            )
            hint = "for more: --set epochs={more}"
            code = CONFIG if epochs is not None else 1
            raise RnaError(
                "this run is finished: {ended:.300}",
                place=str(run.path),
                hint=hint,
                exit_code=code,
                ended=ended,
                more=2 * planned or 10,
            )
    if config.epochs < behind:
        message = "{behind} epochs are behind it, and epochs is {epochs}"
        raise RnaError(
            message,
            place=str(run.path),
            hint="--set epochs={more}",
            exit_code=CONFIG,
            behind=behind,
            epochs=config.epochs,
            more=2 * behind,
        )


def require_writable(folder: Path) -> None:
    """Refuse a run folder that nothing can be written to, before anything is trained."""
    for place in (folder, folder / CHECKPOINTS):
        if place.is_dir() and not os.access(place, os.W_OK | os.X_OK):
            hint = "copy it to a folder of your own, and resume it there"
            raise RnaError("this folder of the run is read-only: permission denied", place=str(place), hint=hint)


def forget_the_end(run: Run) -> None:
    """Take from the record what it says of a former end: the run is one that is not finished, until it is again."""
    for name in LATER:
        run.record.pop(name, None)
    files = run.record.get("files", {})
    run.record["files"] = {name: files[name] for name in FIRST if name in files}
