"""What a config, its data and its network are together, before any training."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnacli.checks.adversarial import side_doubts, side_problems
from rnacli.checks.applications import missing_weights, require_weights
from rnacli.checks.augment import misplaced_augmentation, require_augmentation
from rnacli.checks.data import class_doubts, size_doubts
from rnacli.checks.first_step import first_step_problems
from rnacli.checks.frozen import frozen_doubts
from rnacli.checks.indices import index_problems
from rnacli.checks.loss import head_problems, loss_doubts, softmax_doubts
from rnacli.checks.masks import mask_doubts, padding_problems
from rnacli.checks.metrics import monitor_problems, threshold_problems
from rnacli.checks.moving_averages import average_doubts
from rnacli.checks.pixels import pixel_problems
from rnacli.checks.reconstruction import reconstruction_problems
from rnacli.checks.tokens import foresight_problems
from rnacli.checks.words import word_doubts
from rnacli.engine.tensorflow import require_device, start_tensorflow
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.examples.load import Data, complete_metrics, load_data
from rnacli.experiment.config import Config
from rnacli.networks.build import compile_arguments
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.keras_errors import Shape
from rnacli.networks.plan import LayerPlan, plan_network
from rnacli.networks.sizes import complete_layers
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
    config = complete_layers(complete_metrics(config, data.tasks), preprocessing.encoder.inputs, data.tasks)
    layers = plan_network(config, preprocessing.inputs)
    start_tensorflow(config.device, config.engine.threads, config.precision)
    for phase in config.phase_configs:
        compile_arguments(phase, data.tasks)
        build_callbacks(phase, Path())
    require_weights(config, offline)
    wrong, doubtful = find_contradictions(config, data, layers)
    wrong = wrong or first_step_problems(config, data, layers)
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
    if scaled := [each for task in data.tasks.values() for each in task.scaled]:
        units = first_of(list(scaled))
        log.info(
            "loss and metrics are computed on the scaled %s; scores and predictions are in the data's own units", units
        )


def find_contradictions(config: Config, data: Data, layers: Sequence[LayerPlan]) -> tuple[list[Problem], list[Problem]]:
    """What is wrong and what is doubtful; ``layers``: as they were planned."""
    if config.sides:
        require_augmentation(config, data)
        broken = side_problems(config, data, layers)
        return broken, [] if broken else side_doubts(config, data)
    shapes = {layer.name: layer.shape for layer in layers}
    units = {output: shapes[output][-1] or 0 for output in data.tasks}
    require_augmentation(config, data)
    misfits, pixel_doubts = pixel_problems(config, data)
    wrong = [
        *misplaced_augmentation(config),
        *misfits,
        *(problem for output in data.tasks for problem in output_problems(config, data, output, shapes[output])),
        *{str(each): each for phase in config.phase_configs for each in monitor_problems(phase, data, units)}.values(),
        *threshold_problems(config, data),
        *index_problems(config, data),
        *padding_problems(config, data, layers),
        *foresight_problems(config, data, layers),
    ]
    return wrong, [] if wrong else [
        *(softmax_doubts(config) or [doubt for output in data.tasks for doubt in loss_doubts(config, data, output)]),
        *(doubt for output in data.tasks for doubt in output_doubts(config, data, output)),
        *pixel_doubts,
        *size_doubts(config, data),
        *class_doubts(config, data),
        *mask_doubts(config, layers),
        *frozen_doubts(config, layers),
        *average_doubts(config, data, layers),
        *word_doubts(config, data),
    ]


def output_problems(config: Config, data: Data, output: str, shape: Shape) -> list[Problem]:
    """What is wrong with an output, its loss and its metrics; ``shape``: of one row of it."""
    task, head, metrics = data.tasks[output], config.heads[output], config.measured[output]
    fit = (
        reconstruction_problems(config, data, head, shape) if task.compares_input else head_problems(head, task, shape)
    )
    return [
        *fit,
        *(problem for metric in metrics for problem in task.metric_problems(metric, head.loss.name)),
        *(problem for metric in metrics for problem in class_problems(metric, shape[-1] or 0)),
    ]


def output_doubts(config: Config, data: Data, output: str) -> list[Problem]:
    """What is doubtful of an output's metrics and targets."""
    task = data.tasks[output]
    doubts = [doubt for metric in config.measured[output] for doubt in task.metric_doubts(metric)]
    return [*doubts, *task.target_doubts(data.targets("train", output))]
