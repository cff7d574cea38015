"""What network, loss, metrics and data say about one another, each contradiction with its mend."""

import logging

import numpy as np

from rnacli.dataset import Data
from rnacli.errors import CONFIG, Problem, RnaError, clean
from rnacli.keras_object import KerasSpec
from rnacli.language import Config
from rnacli.task import CLASS_LOSSES, MARGIN_LOSSES, from_logits, head_activation

log = logging.getLogger("rnacli")

ONE_HOT_METRICS = {
    "precision",
    "recall",
    "auc",
    "f1_score",
    "fbeta_score",
    "categorical_accuracy",
    "categorical_crossentropy",
    "top_k_categorical_accuracy",
    "categorical_hinge",
    "precision_at_recall",
    "recall_at_precision",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
    "true_positives",
    "true_negatives",
    "false_positives",
    "false_negatives",
    "kl_divergence",
    "one_hot_iou",
    "one_hot_mean_iou",
}
"""Metrics that compare each output with a 0 or a 1."""
INTEGER_METRICS = {
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
}
THRESHOLD_METRICS = {"precision", "recall", "true_positives", "true_negatives", "false_positives", "false_negatives"}
RANGES = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}


def require(config: Config, data: Data, outputs: tuple[int | None, ...]) -> None:
    """Raise ``RnaError`` for what cannot be trained; log a warning for what can but is hardly meant."""
    wrong, doubtful = find(config, data, outputs)
    if wrong:
        raise RnaError.of(wrong, CONFIG)
    for problem in doubtful:
        log.warning("%s%s", problem, f" ({problem.hint})" if problem.hint else "")


def find(config: Config, data: Data, outputs: tuple[int | None, ...]) -> tuple[list[Problem], list[Problem]]:
    """What is wrong and what is doubtful; ``outputs`` is the shape of one row of the network's outputs."""
    wrong = [*head_problems(config, data, outputs), *metric_problems(config, data)]
    return wrong, [] if wrong else [
        *loss_doubts(config, data),
        *metric_doubts(config, data),
        *size_doubts(config, data),
    ]


def head_problems(config: Config, data: Data, outputs: tuple[int | None, ...]) -> list[Problem]:
    """The last layer against the target."""
    known, task, last = data.preprocessing, data.task, config.layers[-1]
    classes, target = len(known.classes), clean(data.rows.target)
    place = str(last.place)
    if len(outputs) != 1:
        return [
            Problem(
                f"the last layer ({last.name}) gives rows of shape {outputs}, and a number for each class is wanted",
                place,
                "write - flatten above the last dense layer",
            )
        ]
    units, head = outputs[0], head_activation(config)
    if units == 1 and head == "softmax":
        return [
            Problem(
                "softmax over 1 unit is always 1: nothing can be learnt",
                place,
                "activation: sigmoid for two classes, or one unit for each class",
            )
        ]
    if task.kind == "regression":
        wanted, what = len(known.targets), f"the {len(known.targets)} target columns"
        what = f"the target {target}" if wanted == 1 else what
    elif task.encoding == "binary":
        wanted, what = 1, f"{config.loss.name} with the {classes} classes of {target}"
    else:
        wanted, what = classes, f"the {classes} classes of {target}"
    if units == wanted:
        return []
    if task.encoding == "binary":
        hint = "loss: sparse_categorical_crossentropy for one unit a class, or - dense: {units: 1, activation: sigmoid}"
    else:
        logits = from_logits(config.loss) or task.kind == "regression"
        hint = f"- dense: {wanted}" if logits else f"- dense: {{units: {wanted}, activation: softmax}}"
        if classes == 2 and units == 1:
            hint = "loss: binary_crossentropy for one sigmoid unit, or " + hint
    has = f"{units} unit{'' if units == 1 else 's'}"
    return [Problem(f"the last layer ({last.name}) has {has}, and {what} want {wanted}", place, hint)]


def metric_problems(config: Config, data: Data) -> list[Problem]:
    """Metrics that cannot compare the targets in the form that the loss takes them."""
    problems = []
    for metric in config.metrics:
        if data.task.encoding == "integer" and metric.name in ONE_HOT_METRICS:
            hint = "loss: categorical_crossentropy makes the targets one-hot"
            problems.append(metric_problem(metric, f"with {config.loss.name} the targets are integers", hint))
        if data.task.encoding in ("one_hot", "binary") and metric.name in INTEGER_METRICS:
            hint = f"{metric.name.removeprefix('sparse_')}, or loss: sparse_categorical_crossentropy"
            problems.append(metric_problem(metric, f"with {config.loss.name} the targets are not integers", hint))
    return problems


def metric_problem(metric: KerasSpec, why: str, hint: str) -> Problem:
    return Problem(f"{metric.name} does not fit: {why}", str(metric.place), hint)


def loss_doubts(config: Config, data: Data) -> list[Problem]:
    """The loss against the last activation: what Keras trains, and nobody means."""
    loss, head, place = config.loss, head_activation(config), str(config.loss.place)
    if loss.name in CLASS_LOSSES - MARGIN_LOSSES:
        squashed = head in ("sigmoid", "softmax", "log_softmax")
        if from_logits(loss) and squashed:
            return [
                Problem(
                    f"{loss.name} with from_logits expects raw outputs, and the last layer already has {head}",
                    place,
                    f"remove from_logits, or remove {head}",
                )
            ]
        if not from_logits(loss) and not squashed:
            fit = "sigmoid" if data.task.kind == "binary" else "softmax"
            return [
                Problem(
                    f"{loss.name} expects probabilities, and the last layer's activation is {head}",
                    place,
                    f"activation: {fit}, or loss: {{{loss.name}: {{from_logits: true}}}}",
                )
            ]
        if data.task.kind == "multiclass" and head == "sigmoid":
            return [
                Problem(
                    f"{loss.name} expects probabilities that sum to 1, and sigmoid units do not",
                    place,
                    "activation: softmax",
                )
            ]
    if data.task.kind == "regression" and head in RANGES:
        low, high = RANGES[head]
        y = data.rows.y[data.parts["train"]]
        if y.min() < low or y.max() > high:
            return [
                Problem(
                    f"{head} gives {low:g} to {high:g}, and the target goes from {y.min():g} to {y.max():g}",
                    str(config.layers[-1].place),
                    "no activation in the last layer",
                )
            ]
    return []


def metric_doubts(config: Config, data: Data) -> list[Problem]:
    doubts = []
    for metric in config.metrics:
        if metric.name == "accuracy" and data.task.kind == "regression":
            doubts.append(metric_problem(metric, "the target is a number", "metrics: [mean_absolute_error]"))
        if metric.name == "binary_accuracy" and data.task.kind == "multiclass":
            doubts.append(metric_problem(metric, "it counts each output by itself", "metrics: [accuracy]"))
        if (
            data.task.kind == "binary"
            and data.task.activation in ("sigmoid", "margin")
            and metric.name in THRESHOLD_METRICS
            and "thresholds" not in metric.given
        ):
            doubts.append(
                metric_problem(metric, "it counts from 0.5, and logits from 0", f"{metric.name}: {{thresholds: 0}}")
            )
    return doubts


def size_doubts(config: Config, data: Data) -> list[Problem]:
    doubts = []
    rows = len(data.parts["train"])
    if isinstance(config.batch_size, int) and config.batch_size > rows:
        doubts.append(
            Problem(
                f"batch_size {config.batch_size} is more than the {rows} training rows",
                str(config.place("batch_size")),
                "batch_size: full says so",
            )
        )
    if data.held_out == "train":
        doubts.append(
            Problem(
                "no rows are held out: the figures at the end are of the training rows themselves",
                str(config.place("dataset")),
                "split: {test: 0.2}",
            )
        )
    return doubts
