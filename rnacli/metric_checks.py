"""What metrics, the callbacks that watch them and a threshold have to do with the task, contradictions with a mend."""

from rnacli.dataset import Data
from rnacli.errors import Problem, clean, did_you_mean
from rnacli.keras_object import KerasSpec
from rnacli.language import Config
from rnacli.schema import listed
from rnacli.task import WITH_THRESHOLD

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
FOR_LOGITS = dict.fromkeys(THRESHOLD_METRICS, ("thresholds", "0")) | {
    "binary_accuracy": ("threshold", "0"),
    "binary_iou": ("threshold", "0"),
    "auc": ("from_logits", "true"),
    "binary_crossentropy": ("from_logits", "true"),
}
"""The argument with which a metric takes outputs that are no probabilities yet."""
PROBABILITY_METRICS = {
    "f1_score",
    "fbeta_score",
    "precision_at_recall",
    "recall_at_precision",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
}
"""Metrics that cannot take such outputs."""
LIKELIEST_METRICS = {
    "accuracy": "binary_accuracy",
    "categorical_accuracy": "binary_accuracy",
    "top_k_categorical_accuracy": "binary_accuracy",
    "categorical_crossentropy": "binary_crossentropy",
}
"""Metrics that expect one right class a row, and what to measure labels by instead."""


def metric_problems(config: Config, data: Data) -> list[Problem]:
    """Metrics that cannot compare the targets in the form that the loss takes them."""
    problems = []
    for metric in config.metrics or ():
        if data.task.encoding == "integer" and metric.name in ONE_HOT_METRICS:
            hint = "loss: categorical_crossentropy makes the targets one-hot"
            problems.append(metric_problem(metric, f"with {config.loss.name} the targets are integers", hint))
        if data.task.encoding in ("one_hot", "binary", "multi_hot") and metric.name in INTEGER_METRICS:
            hint = f"{metric.name.removeprefix('sparse_')}, or loss: sparse_categorical_crossentropy"
            hint = "metrics: [binary_accuracy]" if data.task.kind == "multilabel" else hint
            problems.append(metric_problem(metric, f"with {config.loss.name} the targets are not integers", hint))
    return problems


def metric_problem(metric: KerasSpec, why: str, hint: str) -> Problem:
    return Problem(f"{metric.name} does not fit: {why}", str(metric.place), hint)


def monitor_problems(config: Config) -> list[Problem]:
    """Callbacks that watch a metric which this task does not log: which it does is known when the data are."""
    names = ["loss", *(metric.logged for metric in config.metrics or ())]
    known, problems = [*names, *(f"val_{name}" for name in names), "learning_rate"], []
    for i, callback in enumerate(config.callbacks):
        monitor = callback.arguments.get("monitor")
        if monitor is None or callback.arguments.get("save_best_only") is False or monitor in known:
            continue
        place = str(config.place("callbacks", i, callback.name, "monitor"))
        hint = did_you_mean(monitor, known) or f"logged: {listed(known, 'and')}"
        problems.append(Problem(f"nothing called '{clean(monitor)}' is logged", place, hint))
    return problems


def threshold_problems(config: Config, data: Data) -> list[Problem]:
    """A threshold that nothing is compared with, or that cannot be chosen."""
    place, asked = str(config.place("threshold")), config.threshold
    if data.task.kind not in WITH_THRESHOLD:
        if asked == 0.5:
            return []
        target = clean(data.rows.target)
        why = {
            "multiclass": f"of the classes of {target} the likeliest is predicted (the task is multiclass)",
            "regression": f"{target} is predicted as a number (the task is regression)",
        }[data.task.kind]
        return [Problem(f"threshold is for two classes and for labels, and {why}", place, "remove it")]
    if isinstance(asked, str) and "validation" not in data.parts:
        message = f"threshold: {asked} is chosen on the validation part, and there is none"
        return [Problem(message, place, "split: {test: 0.2, validation: 0.2}, or a number such as threshold: 0.3")]
    return []


def metric_doubts(config: Config, data: Data) -> list[Problem]:
    doubts = []
    for metric in config.metrics or ():
        if metric.name == "accuracy" and data.task.kind == "regression":
            doubts.append(metric_problem(metric, "the target is a number", "metrics: [mean_absolute_error]"))
        if metric.name == "binary_accuracy" and data.task.kind == "multiclass":
            doubts.append(metric_problem(metric, "it counts each output by itself", "metrics: [accuracy]"))
        if data.task.kind in WITH_THRESHOLD:
            doubts += probability_doubts(metric, data)
    return doubts


def probability_doubts(metric: KerasSpec, data: Data) -> list[Problem]:
    """A metric against outputs of two classes or of labels, which may be logits."""
    instead = LIKELIEST_METRICS.get(metric.name, "")
    if data.task.kind == "multilabel" and instead:
        why = "it compares with one right class a row, and a row may have several labels or none"
        return [metric_problem(metric, why, f"metrics: [{instead}]")]
    if data.task.activation != "none" and metric.name in PROBABILITY_METRICS:
        hint = "activation: sigmoid in the last layer, and a loss without from_logits"
        return [metric_problem(metric, "it takes probabilities, and gets logits", hint)]
    if metric.name in ("f1_score", "fbeta_score") and metric.arguments["threshold"] is None:
        fit = "{average: micro, threshold: 0.5}" if data.task.kind == "multilabel" else "{threshold: 0.5}"
        why = "without a threshold it counts the largest output of a row as a yes"
        return [metric_problem(metric, why, f"{metric.name}: {fit}")]
    argument, value = FOR_LOGITS.get(metric.name, ("", ""))
    if data.task.activation != "none" and argument and argument not in metric.given:
        counted = "it counts from 0.5, and logits from 0" if value == "0" else "it takes probabilities, and gets logits"
        return [metric_problem(metric, counted, f"{metric.name}: {{{argument}: {value}}}")]
    return []
