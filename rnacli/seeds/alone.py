"""The network of one more seed of a run, trained by itself, with a short record: no other process repeats it."""

import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.forget import forgotten_afterwards
from rnacli.engine.initial import model_variables
from rnacli.files import write_file
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.fitting.phases import enter_phases
from rnacli.fitting.stopping import Diverged
from rnacli.networks.build import build_network, compile_network
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.pretrained import make_loader
from rnacli.results.outputs import measure_part
from rnacli.runs.folder import Run
from rnacli.runs.weights import dump_arrays

FOLDER = "seeds"
"""The folder in a run of the seeds that are trained already, as long as others are not."""
FILES_OF_ONE = ("model_checkpoint", "tensorboard")
"""Callbacks that write what is of interest only of the run's own network."""


Measures = dict[str, dict[str, float]]
"""The name of a part -> what a network reached on it."""


@dataclass(frozen=True)
class SeedResult:
    """What became of the network of a seed. ``weights``: of its variables, as ``model_variables`` has them."""

    seed: int
    epochs: int
    diverged: bool
    history: Mapping[str, Sequence[float]]
    measures: Measures
    weights: Sequence[np.ndarray]


def train_alone(run: Run, job: Job, seed: int) -> SeedResult:
    """Train the network of a seed on the rows of a job, unless that is done. Raises ``RnaError``."""
    folder = run.path / FOLDER / str(seed)
    if done := read_alone(folder, seed, job.config.epochs):
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
    weights = [np.asarray(variable) for variable in model_variables(network)]
    alone = SeedResult(seed, len(history.rows), diverged, measured_columns(history.columns()), measures, weights)
    write_alone(folder, alone, job.config.epochs)
    return alone


def train_phases(job: Job, history: History, folder: Path) -> None:
    """Train a job's network for all of its epochs."""
    for phase in enter_phases(job, history):
        kept = tuple(spec for spec in phase.job.config.callbacks if spec.name not in FILES_OF_ONE)
        callbacks = build_callbacks(dataclasses.replace(phase.job.config, callbacks=kept), folder)
        if phase.epochs:
            fit_network(phase.job, history, [*callbacks, history], [], phase.epochs, phase.front)


def measured_columns(history: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """The columns of a history that are measures."""
    return {name: values for name, values in history.items() if name not in ("epoch", "phase", "seconds")}


def write_alone(folder: Path, alone: SeedResult, epochs: int) -> None:
    """Keep what became of a seed: its weights first, so that there is no record without them."""
    arrays = {str(i): value for i, value in enumerate(alone.weights)}
    write_file(folder / "weights.npz", dump_arrays(arrays))
    plain: dict[str, Any] = {"of": epochs, "epochs": alone.epochs, "diverged": alone.diverged}
    plain |= {"history": alone.history, "measures": alone.measures}
    write_file(folder / "seed.json", json.dumps(plain).encode())


def read_alone(folder: Path, seed: int, epochs: int) -> SeedResult | None:
    """What became of a seed in an earlier process; ``None`` where it is not trained, or was for other ``epochs``."""
    try:
        plain: dict[str, Any] = json.loads((folder / "seed.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            weights = [arrays[str(i)] for i in range(len(arrays.files))]
        if plain["of"] != epochs:
            return None
        return SeedResult(seed, plain["epochs"], plain["diverged"], plain["history"], plain["measures"], weights)
    except (OSError, ValueError, KeyError):
        return None


def forget_seeds(run: Run) -> None:
    """Remove the records of single seeds: what they say is in the run's own files now."""
    shutil.rmtree(run.path / FOLDER, ignore_errors=True)
