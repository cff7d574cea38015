"""What a config, its data and its network are together, before any training."""

from dataclasses import dataclass
from pathlib import Path

from rnacli import consistency, dataset, engine, model, task
from rnacli.dataset import Data
from rnacli.errors import Problem
from rnacli.language import Config
from rnacli.model import LayerPlan


@dataclass
class Check:
    """The data, the layers with output shapes and parameter counts, and what does not fit."""

    data: Data
    layers: list[LayerPlan]
    wrong: list[Problem]
    doubtful: list[Problem]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)


def check(config: Config, cache: Path, offline: bool = False) -> Check:
    """Load the data and plan the network, allocating no weights. Raises ``RnaError`` for what stops even that."""
    engine.require(config.device)
    data = dataset.load(config, cache, offline)
    config, known = task.complete(config, data.task), data.preprocessing
    layers = model.plan(config, known.shape, known.embeddings)
    engine.start(config.device, config.engine.threads, config.precision)
    model.compilable(config, data.task)
    wrong, doubtful = consistency.find(config, data, layers[-1].shape)
    return Check(data, layers, wrong, doubtful)
