"""What network, loss, metrics and data say about one another, each contradiction with its mend."""

import logging

import numpy as np

from rnacli.dataset import Data, enumerated
from rnacli.errors import CONFIG, Problem, RnaError, clean
from rnacli.language import Config, Csv
from rnacli.metric_checks import metric_doubts, metric_problems, monitor_problems, threshold_problems
from rnacli.task import BINARY_LOSSES, CLASS_LOSSES, MARGIN_LOSSES, from_logits, head_activation
from rnacli.yaml_writer import scalar

log = logging.getLogger("rnacli")

RANGES = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}


def require(config: Config, data: Data, outputs: tuple[int | None, ...]) -> None:
    """Raise ``RnaError`` for what cannot be trained; log a warning for what can but is hardly meant."""
    wrong, doubtful = find(config, data, outputs)
    if wrong:
        raise RnaError.of(wrong, CONFIG)
    for problem in doubtful:
        log.warning("%s%s", problem, f" ({problem.hint})" if problem.hint else "")
    note_scaled(data)


def note_scaled(data: Data) -> None:
    """Say in what units the loss and the metrics of scaled targets are."""
    known = data.preprocessing
    divisors = np.broadcast_to(known.target_divisor, len(known.targets)).tolist()
    offsets = np.broadcast_to(known.target_offset, len(known.targets)).tolist()
    scaled = [
        f"{clean(name, 40)} (1 stands for {unit:.6g})"
        for name, unit, offset in zip(known.targets, divisors, offsets, strict=True)
        if (unit, offset) != (1, 0)
    ]
    if scaled:
        units = enumerated(scaled)
        log.info("loss and metrics are of the scaled %s; scores and predictions are in the data's own units", units)


def find(config: Config, data: Data, outputs: tuple[int | None, ...]) -> tuple[list[Problem], list[Problem]]:
    """What is wrong and what is doubtful; ``outputs`` is the shape of one row of the network's outputs."""
    wrong = [
        *head_problems(config, data, outputs),
        *metric_problems(config, data),
        *monitor_problems(config),
        *threshold_problems(config, data),
    ]
    return wrong, [] if wrong else [
        *loss_doubts(config, data),
        *metric_doubts(config, data),
        *label_doubts(data),
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
    labels = f"the {classes} labels" if classes > 1 else f"the label of {target}"
    if task.kind == "multilabel" and head == "softmax":
        return [
            Problem(
                f"softmax shares a probability of 1 among {labels}, and a row may have several or none",
                place,
                f"- dense: {{units: {classes}, activation: sigmoid}}",
            )
        ]
    if task.kind == "regression":
        wanted, what = len(known.targets), f"the {len(known.targets)} target columns"
        what = f"the target {target}" if wanted == 1 else what
    elif task.encoding == "binary":
        wanted, what = 1, f"{config.loss.name} with the {classes} classes of {target}"
    elif task.kind == "multilabel":
        wanted, what = classes, labels
    else:
        wanted, what = classes, f"the {classes} classes of {target}"
    if units == wanted:
        return []
    if task.encoding == "binary":
        hint = "loss: sparse_categorical_crossentropy for one unit a class, or - dense: {units: 1, activation: sigmoid}"
    else:
        plain = from_logits(config.loss) or task.kind == "regression"
        fit = "sigmoid" if task.kind == "multilabel" else "softmax"
        fit = "tanh" if task.activation == "margin" else fit
        hint = f"- dense: {wanted}" if plain else f"- dense: {{units: {wanted}, activation: {fit}}}"
        if classes == 2 and units == 1 and task.kind != "multilabel":
            hint = "loss: binary_crossentropy for one sigmoid unit, or " + hint
    has = f"{units} unit{'' if units == 1 else 's'}"
    wants = "wants" if wanted == 1 else "want"
    return [Problem(f"the last layer ({last.name}) has {has}, and {what} {wants} {wanted}", place, hint)]


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
            fit = "softmax" if data.task.kind == "multiclass" else "sigmoid"
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
    return value_doubts(config, data) if data.task.kind == "regression" else []


def value_doubts(config: Config, data: Data) -> list[Problem]:
    """Values to predict that the loss or the last activation cannot reach, as the network gets them."""
    loss, head = config.loss, head_activation(config)
    y = data.preprocessing.encode(data.rows.y[data.parts["train"]])
    if loss.name in BINARY_LOSSES and (y.min() < 0 or y.max() > 1):
        return [
            Problem(
                f"{loss.name} compares with 0 and 1, and the targets go from {y.min():g} to {y.max():g}",
                str(loss.place),
                "labels are 0 or 1 in each column; for numbers: loss: mean_squared_error",
            )
        ]
    low, high = RANGES.get(head, (-np.inf, np.inf))
    outside = np.flatnonzero((y.min(axis=0) < low) | (y.max(axis=0) > high))
    if not len(outside):
        return []
    names, values = [data.preprocessing.targets[i] for i in outside], y[:, outside]
    scales = ", ".join(f"{clean(scalar(name), 60)}: {{scale: minmax}}" for name in names[:3])
    what = f"the target {clean(names[0])} goes" if len(names) == 1 else f"{len(names)} targets go"
    plain = "no activation in the last layer"
    return [
        Problem(
            f"{head} gives {low:g} to {high:g}, and {what} from {values.min():g} to {values.max():g}",
            str(config.layers[-1].place),
            f"columns: {{{scales}}} for a target from 0 to 1, or {plain}" if isinstance(config.dataset, Csv) else plain,
        )
    ]


def label_doubts(data: Data) -> list[Problem]:
    """Labels that all training rows have, or none."""
    if data.task.kind != "multilabel":
        return []
    known = data.preprocessing
    shares = known.multi_hot(data.rows.y[data.parts["train"]]).mean(axis=0)
    doubts = []
    for share, what in ((0, "no training row has"), (1, "every training row has")):
        names = [clean(known.classes[i], 40) for i in np.flatnonzero(shares == share)]
        if names:
            labels, them = ("label", "it") if len(names) == 1 else ("labels", "them")
            doubts.append(Problem(f"{what} the {labels} {enumerated(names)}: nothing can be learnt of {them}"))
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
    if isinstance(config.threshold, str) and data.held_out == "validation":
        doubts.append(
            Problem(
                "the threshold is chosen on the rows that the figures at the end are of, which flatters them",
                str(config.place("threshold")),
                "split: {test: 0.2, validation: 0.2}",
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
