"""The network of one more seed of a run, trained by itself, with a short record: no other process repeats it."""

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.features import find_front
from rnacli.engine.forget import forgotten_afterwards
from rnacli.engine.initial import model_variables
from rnacli.files import write_file
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.fitting.stopping import Diverged
from rnacli.networks.build import build_network, compile_network, enter_phase
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.pretrained import make_loader
from rnacli.results.outputs import measure_part
from rnacli.runs.folder import Run
from rnacli.runs.weights import dump_arrays

FOLDER = "seeds"
"""The folder in a run of the seeds that are trained already, as long as others are not."""
FILES_OF_ONE = ("model_checkpoint", "tensorboard")
"""Callbacks that write what is of interest only of the run's own network."""


@dataclass(frozen=True)
class Alone:
    """As ``SeedResult``, without its seed."""

    epochs: int
    diverged: bool
    history: Mapping[str, Sequence[float]]
    measures: dict[str, dict[str, float]]
    weights: Sequence[np.ndarray]


def train_alone(run: Run, job: Job, seed: int) -> Alone:
    """Train the network of a seed on the rows of a job, unless that is done. Raises ``RnaError``."""
    folder = run.path / FOLDER / str(seed)
    if done := read_alone(folder, job.config.epochs):
        return done
    config = dataclasses.replace(job.config, seed=seed)
    network = build_network(config, job.data.preprocessing.encoder.inputs, make_loader(config, True, {}))
    compile_network(network, config, job.data.tasks)
    folder.mkdir(parents=True, exist_ok=True)
    history, diverged = History(Run(folder)), False
    with forgotten_afterwards():
        try:
            train_phases(dataclasses.replace(job, config=config, network=network), history, folder)
        except Diverged:
            diverged = True
        measures = {part: measure_part(network, job.data, part) for part in job.data.parts}
    columns = {name: values for name, values in history.columns().items() if name not in ("epoch", "phase", "seconds")}
    weights = [np.asarray(variable) for variable in model_variables(network)]
    alone = Alone(len(history.rows), diverged, columns, measures, weights)
    write_alone(folder, alone, job.config.epochs)
    return alone


def train_phases(job: Job, history: History, folder: Path) -> None:
    """Train a job's network for all of its epochs."""
    for number, phase in enumerate(job.config.phase_configs):
        if number:
            enter_phase(job.network, job.config, job.data.tasks, number)
        phase = dataclasses.replace(phase, callbacks=tuple(c for c in phase.callbacks if c.name not in FILES_OF_ONE))
        front = None
        if job.config.engine.features and not job.data.compares_input:
            parts = ["train", *([job.validated] if job.validated else [])]
            front = find_front(job.network, sum(len(job.data.parts[part]) for part in parts))
        begun = len(history.rows)
        callbacks = [*build_callbacks(phase, folder), history]
        if phase.epochs:
            epochs = range(begun, begun + phase.epochs)
            fit_network(job.network, phase, job.data, job.chosen, job.validated, history, callbacks, [], epochs, front)


def write_alone(folder: Path, alone: Alone, epochs: int) -> None:
    """Keep what became of a seed: its weights first, so that there is no record without them."""
    arrays = {str(i): value for i, value in enumerate(alone.weights)}
    write_file(folder / "weights.npz", dump_arrays(arrays))
    plain: dict[str, Any] = {"of": epochs, "epochs": alone.epochs, "diverged": alone.diverged}
    plain |= {"history": alone.history, "measures": alone.measures}
    write_file(folder / "seed.json", json.dumps(plain).encode())


def read_alone(folder: Path, epochs: int) -> Alone | None:
    """What became of a seed in an earlier process; ``None`` where it is not trained, or was for other ``epochs``."""
    try:
        plain: dict[str, Any] = json.loads((folder / "seed.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            weights = [arrays[str(i)] for i in range(len(arrays.files))]
        if plain["of"] != epochs:
            return None
        return Alone(plain["epochs"], plain["diverged"], plain["history"], plain["measures"], weights)
    except (OSError, ValueError, KeyError):
        return None


def forget_seeds(run: Run) -> None:
    """Remove the records of single seeds: what they say is in the run's own files now."""
    shutil.rmtree(run.path / FOLDER, ignore_errors=True)
