"""A run's network, ready to use: rebuilt from its checked config, with weights that are read as nothing but numbers."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from rnacli import engine, model, runs, weights_file
from rnacli.dataset import preprocessing
from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import RnaError
from rnacli.language import Config
from rnacli.runs import Run


@dataclass
class Trained:
    """``model`` is compiled, so that it can be evaluated too."""

    config: Config
    preprocessing: Preprocessing
    model: Any


def load(run: Run) -> Trained:
    """The network of a run. Raises ``RnaError`` that names the file of the run that is missing or damaged."""
    config = run.config()
    for name in runs.CHECKED:
        run.check(name)
    path = run.path / "preprocessing.json"
    if path.stat().st_size > preprocessing.LARGEST:
        raise RnaError("the file is too large to be one of ours", place=str(path))
    learnt = preprocessing.load(run.read("preprocessing.json"), str(path))
    threads = run.record.get("machine", {}).get("threads")
    engine.start(
        config.device, threads if isinstance(threads, int) and 0 < threads <= 1024 else "auto", config.precision
    )
    network = model.build(config, learnt.shape)
    expected = {name: (tuple(w.shape), w.dtype) for name, w in model.variables(network).items()}
    model.set_weights(network, weights_file.read(run.path / "weights.npz", expected))
    model.compile(network, config, learnt.task)
    return Trained(config, learnt, network)


def weights(run: Run) -> dict[str, np.ndarray]:
    """A run's weights by layer and name: ``dense/kernel``."""
    return {name.partition("/")[2]: array for name, array in model.weights(load(run).model).items()}


def write_weights(arrays: Mapping[str, np.ndarray], file: IO[str]) -> None:
    """Every weight as a CSV row: name, index in the array (``2 0``), value with all its digits."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["weight", "index", "value"])
    for name, array in arrays.items():
        writer.writerows(
            [name, " ".join(map(str, index)), repr(value.item())] for index, value in np.ndenumerate(array)
        )
