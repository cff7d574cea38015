"""Which metrics of Keras take which targets and outputs."""

from rnacli.errors import Problem
from rnacli.schema.keras_object import KerasSpec
from rnacli.words import fill_template

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
ONE_NUMBER = {
    "f1_score": "average: macro",
    "fbeta_score": "average: macro",
    "r2_score": "class_aggregation: uniform_average",
}
"""What makes one number of those that a metric gives for each output."""


def count_results(metric: KerasSpec, units: int) -> int:
    """How many numbers a metric gives for so many outputs: mostly one."""
    if metric.name in ONE_NUMBER:
        argument = ONE_NUMBER[metric.name].partition(":")[0]
        return units if metric.arguments[argument] is None else 1
    thresholds = metric.arguments.get("thresholds")
    return len(thresholds) if metric.name != "auc" and isinstance(thresholds, list | tuple) else 1


def metric_problem(metric: KerasSpec, why: str, hint: str) -> Problem:
    return Problem("{name} does not fit: {why:.300}", str(metric.place), hint, name=metric.name, why=fill_template(why))


def wants_integers(metric: KerasSpec, loss: str, hint: str = "") -> list[Problem]:
    """The problem of a metric of integers beside targets that are 0 and 1."""
    if metric.name not in INTEGER_METRICS:
        return []
    hint = hint or fill_template(
        "{name}, or loss: sparse_categorical_crossentropy", name=metric.name.removeprefix("sparse_")
    )
    return [metric_problem(metric, fill_template("with {loss} the targets are not integers", loss=loss), hint)]


def wants_probabilities(metric: KerasSpec, are_probabilities: bool, average: str) -> list[Problem]:
    """The doubts of a metric beside outputs that each say yes or no, and that may be logits.

    ``average``: the argument that ``f1_score`` needs beside ``threshold``.
    """
    if not are_probabilities and metric.name in PROBABILITY_METRICS:
        hint = "activation: sigmoid in the last layer, and a loss without from_logits"
        return [metric_problem(metric, "it takes probabilities, and gets logits", hint)]
    if metric.name in ("f1_score", "fbeta_score") and metric.arguments["threshold"] is None:
        why = "without a threshold it counts the largest output of a row as a yes"
        return [metric_problem(metric, why, f"{metric.name}: {{{average}threshold: 0.5}}")]
    argument, value = FOR_LOGITS.get(metric.name, ("", ""))
    if not are_probabilities and argument and argument not in metric.given:
        counted = "it counts from 0.5, and logits from 0" if value == "0" else "it takes probabilities, and gets logits"
        return [metric_problem(metric, counted, f"{metric.name}: {{{argument}: {value}}}")]
    return []


def each_output_doubts(metric: KerasSpec, classes: int) -> list[Problem]:
    """The doubts of a metric that counts each output by itself, beside one right class a row of several."""
    arguments = metric.arguments
    if metric.name == "binary_accuracy":
        why, hint = "it counts each output by itself", "metrics: [accuracy]"
    elif metric.name in ("binary_crossentropy", "binary_iou"):
        other = metric.name.replace("binary", "categorical") if "cross" in metric.name else "accuracy"
        why, hint = "it counts each output by itself", fill_template("metrics: [{other}]", other=other)
    elif "class_id" in arguments and arguments["class_id"] is None:
        why = "it counts the outputs of all {classes} classes as one"
        why = "it counts the outputs of both classes as one, which is the accuracy" if classes == 2 else why
        why, hint = fill_template(why, classes=classes), fill_template("{name}: {class_id: 1}", name=metric.name)
    elif metric.name in THRESHOLD_METRICS and "class_id" not in arguments:
        why = "it counts the outputs of all classes as one"
        hint = "precision: {class_id: 1} and recall: {class_id: 1} are of one class"
    elif metric.name == "auc" and not arguments["multi_label"]:
        why, hint = "it counts the outputs of all classes as one", "auc: {multi_label: true} is the mean of the classes"
    elif metric.name in ("f1_score", "fbeta_score") and arguments["average"] == "micro":
        why = "over one right class a row, the micro average is the accuracy"
        hint = fill_template("{name}: {average: macro}", name=metric.name)
    else:
        return []
    return [metric_problem(metric, why, hint)]


def class_problems(metric: KerasSpec, outputs: int) -> list[Problem]:
    """The problem of a metric of one class that is none of the network's ``outputs``."""
    class_id = metric.arguments.get("class_id")
    if class_id is None or class_id < outputs:
        return []
    why = fill_template(
        "the last layer has {outputs} outputs, and class_id is {class_id}", outputs=outputs, class_id=class_id
    )
    return [metric_problem(metric, why, "class_id counts from 0" if outputs > 1 else "leave class_id out")]
