"""A training that was stopped goes on as if it had never been; where it could not, it says what has changed."""

import dataclasses
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli import checkpoint, engine, evaluation, model, runs, trained, training
from rnacli.choice import Choice
from rnacli.dataset import class_weight
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import Config
from rnacli.runs import Run
from rnacli.training import Job

log = logging.getLogger("rnacli")

SAME = ("tensorflow", "keras", "numpy", "scikit-learn", "platform")
"""Versions that decide the data or the last digits."""
LATER = (
    "epochs", "error", "finished", "held_out", "light", "results", "scores", "seconds", "signal", "threshold",
    "validated_on",
)  # fmt: skip
"""What ``run.json`` says only of a run that is trained to its end."""


def resume(
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
    with checkpoint.alone(run.path):
        run.record = runs.open_run(run.path).record  # it may have ended meanwhile
        job, state = prepare(run, cache, epochs, offline, force)
        begun = 0 if state is None else state.epoch
        log.info("going on after epoch %d of %d", begun, job.config.epochs)
        for part in run.path.glob("**/.*.part.*"):
            part.unlink(missing_ok=True)  # a process was killed while it wrote this
        forget_the_end(run)
        if epochs is not None:
            trained.rewrite(run, "config.yaml", runs.portable(job.config, run.path))
        run.save(status="running", resumed=[*run.record.get("resumed", []), begun])
        return training.complete(run, job, listeners, state)


def prepare(
    run: Run, cache: Path, epochs: int | None, offline: bool, force: bool
) -> tuple[Job, checkpoint.State | None]:
    """The run's network and data as they were, and its newest state. Raises ``RnaError``."""
    opened = trained.load_unfinished(run)
    config = opened.config if epochs is None else dataclasses.replace(opened.config, epochs=epochs)
    chosen = recorded_choice(run)
    engine.require(config.device)
    machine = engine.start(config.device, opened.threads, config.precision)
    require_same_machine(run, machine, force)
    data = evaluation.training_data(run, opened, cache, offline)
    known = data.preprocessing
    data.class_weight = class_weight.of(config, known, data.rows.y[data.parts["train"]])
    model.plan(config, known.shape, known.embeddings)  # what has no name is then numbered as in the first process
    network = model.build(config, known.shape, known.embeddings)
    model.compile(network, config, data.task)
    network.optimizer.build(network.trainable_variables)
    state = checkpoint.newest(run.path / trained.CHECKPOINTS, network, checkpoint.kinds(config))
    require_more(run, config, state, epochs)
    return Job(config, data, network, chosen, training.validation_part(config, data), machine), state


def recorded_choice(run: Run) -> Choice:
    """How the run was trained: with other threads, or without XLA, its numbers would part. Raises ``RnaError``."""
    try:
        plain = dict(run.record["engine"])
        chosen = Choice(**{field.name: plain[field.name] for field in dataclasses.fields(Choice)})
        if not (1 <= chosen.threads <= 1024 and 1 <= chosen.steps <= 1 << 40):
            raise ValueError("out of range")
    except (KeyError, TypeError, ValueError):
        raise RnaError("it does not say how the run was trained", place=str(run.path / "run.json")) from None
    return chosen


def changes(run: Run, machine: engine.Machine) -> list[str]:
    """What decides the last digits and is not as it was when the run was begun."""
    former = run.record.get("machine", {})
    before, now = former.get("versions", {}), machine.versions
    changed = [f"{name} {before.get(name)} -> {now[name]}" for name in SAME if before.get(name) != now[name]]
    here = {"device": machine.device, "threads": machine.threads, "processor": training.processor()}
    return changed + [
        f"{name} {former.get(name)} -> {value}" for name, value in here.items() if former.get(name) != value
    ]


def require_same_machine(run: Run, machine: engine.Machine, force: bool) -> None:
    """Refuse what would give other numbers than the run that was never stopped."""
    changed = clean(", ".join(changes(run, machine)), 300)
    if changed and not force:
        raise RnaError(
            f"since this run was begun: {changed}",
            place=str(run.path),
            hint="--force goes on, with other last digits than the whole run would have had",
        )
    if changed:
        log.warning("going on although this has changed: %s", changed)


def require_more(run: Run, config: Config, state: checkpoint.State | None, epochs: int | None) -> None:
    """Refuse to train what is trained: a finished run, or one that has more epochs than are asked for."""
    behind = 0 if state is None else state.epoch
    if run.record.get("status") == "finished":
        planned = state.epochs if state is not None and state.stopped else behind
        if epochs is None or epochs <= planned:
            ended = f"ended by a callback after epoch {behind} of {planned}" if planned > behind else f"{behind} epochs"
            hint = f"for more: --set epochs={2 * planned or 10}"
            code = CONFIG if epochs is not None else 1
            raise RnaError(f"this run is finished: {ended}", place=str(run.path), hint=hint, exit_code=code)
    if config.epochs < behind:
        message = f"{behind} epochs are behind it, and epochs is {config.epochs}"
        raise RnaError(message, place=str(run.path), hint=f"--set epochs={2 * behind}", exit_code=CONFIG)


def require_writable(folder: Path) -> None:
    """Refuse a run folder that nothing can be written to, before anything is trained."""
    for place in (folder, folder / trained.CHECKPOINTS):
        if place.is_dir() and not os.access(place, os.W_OK | os.X_OK):
            hint = "copy it to a folder of your own, and resume it there"
            raise RnaError("this folder of the run is read-only: permission denied", place=str(place), hint=hint)


def forget_the_end(run: Run) -> None:
    """Take from the record what it says of a former end: the run is one that is not finished, until it is again."""
    for name in LATER:
        run.record.pop(name, None)
    known = run.record.get("files", {})
    run.record["files"] = {name: known[name] for name in training.FIRST if name in known}
