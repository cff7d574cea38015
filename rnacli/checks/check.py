"""What a config, its data and its network are together, before any training."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnacli.checks.applications import missing_weights, require_weights, scaled_pixels
from rnacli.checks.augment import misplaced_augmentation, require_augmentation
from rnacli.checks.data import class_doubts, size_doubts
from rnacli.checks.indices import index_problems
from rnacli.checks.loss import head_problems, loss_doubts, softmax_doubts
from rnacli.checks.masks import mask_doubts
from rnacli.checks.metrics import monitor_problems, threshold_problems
from rnacli.engine.tensorflow import require_device, start_tensorflow
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.load import Data, complete_metrics, load_data
from rnacli.experiment.config import Config
from rnacli.networks.build import compile_arguments
from rnacli.networks.grey import add_channel
from rnacli.networks.plan import LayerPlan, plan_network
from rnacli.tasks.metrics import class_problems
from rnacli.words import first_of

log = logging.getLogger("rnacli")


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


def check_experiment(config: Config, cache: Path, offline: bool = False) -> Check:
    """Load the data and plan the network, allocating no weights. Raises ``RnaError`` for what stops even that."""
    require_device(config.device)
    data = load_data(config, cache, offline)
    preprocessing = data.preprocessing
    config = add_channel(complete_metrics(config, data.task), preprocessing.encoder.inputs)
    layers = plan_network(config, preprocessing.encoder.inputs)
    start_tensorflow(config.device, config.engine.threads, config.precision)
    for phase in config.phase_configs:
        compile_arguments(phase, data.task)
    require_weights(config, offline)
    wrong, doubtful = find_contradictions(config, data, layers)
    doubtful += missing_weights(config, layers, offline)
    return Check(data, layers, wrong, doubtful)


def require_consistency(config: Config, data: Data, layers: Sequence[LayerPlan]) -> None:
    """Raise ``RnaError`` for what cannot be trained; log a warning for what can but is hardly meant."""
    wrong, doubtful = find_contradictions(config, data, layers)
    if wrong:
        raise RnaError.of(wrong, CONFIG)
    for problem in doubtful:
        log.warning("%s%s", problem, f" ({problem.hint})" if problem.hint else "")
    note_scaled(data)


def note_scaled(data: Data) -> None:
    """Say in what units the loss and the metrics of scaled targets are."""
    if scaled := data.task.scaled:
        units = first_of(list(scaled))
        log.info("loss and metrics are of the scaled %s; scores and predictions are in the data's own units", units)


def find_contradictions(config: Config, data: Data, layers: Sequence[LayerPlan]) -> tuple[list[Problem], list[Problem]]:
    """What is wrong and what is doubtful; ``layers``: as they were planned."""
    task, head, metrics, outputs = data.task, config.head, config.metrics or (), layers[-1].shape
    training = data.targets("train")
    require_augmentation(config, data)
    wrong = [
        *misplaced_augmentation(config),
        *scaled_pixels(config),
        *head_problems(config, data, outputs),
        *(problem for metric in metrics for problem in task.metric_problems(metric, head.loss.name)),
        *(problem for metric in metrics for problem in class_problems(metric, outputs[-1] or 0)),
        *{
            str(each): each for phase in config.phase_configs for each in monitor_problems(phase, outputs[-1] or 0)
        }.values(),
        *threshold_problems(config, data),
        *index_problems(config, data),
    ]
    return wrong, [] if wrong else [
        *(softmax_doubts(config) or loss_doubts(config, data)),
        *(doubt for metric in metrics for doubt in task.metric_doubts(metric)),
        *task.target_doubts(training),
        *size_doubts(config, data),
        *class_doubts(config, data),
        *mask_doubts(config, layers),
    ]
