"""What callbacks watch and change, against what training logs and has."""

import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.adversarial import MEASURES
from rnacli.experiment.config import Config
from rnacli.experiment.measures import logged_losses, logged_metrics
from rnacli.experiment.outputs import name_outputs
from rnacli.schema.catalog import find_entry
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.schema.section import default_of, keys
from rnacli.words import did_you_mean, fill_template

BY_TASK = ("accuracy", "binary_accuracy", "mae")
"""The metrics of a file that names none: which one is known when the data are."""
SET_THE_LEARNING_RATE = ("reduce_lr_on_plateau",)
COUNTS = {"true_positives": "max", "true_negatives": "max", "false_positives": "min", "false_negatives": "min"}
"""Metrics of which Keras does not know whether more is better; which it is."""
HIGHER = ("auc", "precision", "recall", "f1_score", "fbeta_score", "r2_score")
LOWER = ("mean_absolute_error", "mean_squared_error", "root_mean_squared_error")
"""Metrics of which everybody knows it."""
HIGHER_IS_BETTER = re.compile("acc|auc|precision|recall|specificity|sensitivity|score|iou|similar|correl|true_")
"""Metrics of which more is better."""


def check_callbacks(values: dict[str, Any], reader: Reader) -> None:
    """A callback must go with the optimizer, and watch what training logs, as far as the file says it."""
    metrics, callbacks, dataset = values.get("metrics"), values.get("callbacks", ()), values.get("dataset")
    layers, loss = values.get("layers", INVALID), values.get("loss", INVALID)
    phases = values.get("phases") or ()
    if INVALID in (metrics, callbacks, layers, loss, dataset, phases):
        return
    outputs = name_outputs(layers, loss, dataset.target_names if dataset else None)
    validated = values.get("validation_data", "auto")
    unvalidated = validated == "none" or (validated == "auto" and dataset is not None and not dataset.may_validate)
    is_adversarial = not layers
    watched, several = watched_metrics(metrics, outputs), len(outputs) > 1 or is_adversarial
    optimizer = values.get("optimizer", default_of(keys(Config)["optimizer"]))
    if is_adversarial and (faults := [*adversarial_faults(callbacks)]):
        reader.report_faults(faults)
        return
    reader.report_faults(watch_faults(callbacks, watched, unvalidated, several))
    if is_adversarial:
        return
    if optimizer is not INVALID and not phases:
        reader.report_faults(optimizer_faults(callbacks, optimizer))
    for i, phase in enumerate(phases):
        faults = [] if phase.callbacks is None else [*watch_faults(phase.callbacks, watched, unvalidated, several)]
        if optimizer is not INVALID or phase.optimizer:
            every = callbacks if phase.callbacks is None else phase.callbacks
            faults += optimizer_faults(every, phase.optimizer or optimizer)
        for path, message, hint in faults:
            reader.wrong(path if phase.callbacks is None else ("phases", i, *path), message, hint)


def require_packages(config: Config) -> None:
    """Refuse a callback whose package is not installed here: to be trained, not just read. Raises ``RnaError``."""
    for spec in (spec for phase in config.phase_configs for spec in phase.callbacks):
        if spec.name == "tensorboard" and importlib.util.find_spec("tensorboard") is None:
            raise RnaError(
                "tensorboard is not installed",
                place=str(spec.place),
                hint="pip install tensorboard, or remove the callback",
                exit_code=CONFIG,
            )


def watched_metrics(
    metrics: Sequence[KerasSpec] | Mapping[str, Sequence[KerasSpec]] | None, outputs: Sequence[str]
) -> dict[str, str]:
    """What metrics and the losses of several ``outputs`` are called in the history, and the metrics in the catalogue.

    ``None``: any that a task has by default.
    """
    losses = dict.fromkeys(logged_losses(outputs)[1:], "loss")
    if not outputs:
        return {name: "loss" if name.endswith("loss") else "accuracy" for name in MEASURES}
    if metrics is None:
        usual = {name: entry.name for name in BY_TASK if (entry := find_entry("metric", name))}
        several = {f"{output}_{name}": kind for output in outputs for name, kind in usual.items()}
        return losses | (several if len(outputs) > 1 else usual)
    each = dict(metrics) if isinstance(metrics, Mapping) else dict.fromkeys(outputs, metrics)
    return losses | {
        name: metric.name for name, metric in logged_metrics({name: each.get(name, ()) for name in outputs}).items()
    }


def optimizer_faults(callbacks: Iterable[KerasSpec], optimizer: KerasSpec) -> Iterator[Fault]:
    """Callbacks that change what this optimizer has not: Keras would end the training when they come to it."""
    schedule = optimizer.arguments.get("learning_rate")
    for i, callback in enumerate(callbacks):
        names = {"callback": callback.name, "optimizer": optimizer.name}
        if callback.name in SET_THE_LEARNING_RATE and isinstance(schedule, KerasSpec):
            yield fault(
                ("callbacks", i),
                "{callback} sets the learning rate, and that of {optimizer} is a schedule ({schedule})",
                "keep one of them: remove {callback}, or write a number, such as learning_rate: 0.01",
                schedule=schedule.name,
                **names,
            )
        if callback.name == "swap_ema_weights" and not optimizer.arguments.get("use_ema"):
            message = "{callback} swaps in averages of the weights, and {optimizer} keeps none"
            yield fault(("callbacks", i), message, "optimizer: {{optimizer}: {use_ema: true}}", **names)


def adversarial_faults(callbacks: Iterable[KerasSpec]) -> Iterator[Fault]:
    """Callbacks that would change one of two optimizers."""
    for i, callback in enumerate(callbacks):
        if callback.name in (*SET_THE_LEARNING_RATE, "swap_ema_weights"):
            message = "{callback} changes one optimizer, and a generator and a discriminator have two"
            hint = "remove it; a schedule is learning_rate: {cosine_decay: {...}} in an optimizer"
            yield fault(("callbacks", i), message, hint, callback=callback.name)


def watch_faults(
    callbacks: Iterable[KerasSpec], measured: Mapping[str, str], unvalidated: bool = False, several: bool = False
) -> Iterator[Fault]:
    """Callbacks that watch what training does not log, or of which Keras does not know what is better.

    ``measured``: as ``watched_metrics`` gives it; ``unvalidated``: there are no validation rows; ``several``: there
    are several outputs, of whose measures Keras does not know what is better.
    """
    names = ["loss", *measured]
    logged = [*names, *(f"val_{name}" for name in names)]
    for i, callback in enumerate(callbacks):
        if callback.name == "model_checkpoint":
            measures = [name for name in logged if not (unvalidated and name.startswith("val_"))]
            yield from filepath_faults(callback, ("callbacks", i, callback.name, "filepath"), measures)
        if callback.name in SET_THE_LEARNING_RATE:  # which logs it, for itself and those behind it
            logged.append("learning_rate")
        monitor = callback.arguments.get("monitor")
        if monitor is None or callback.arguments.get("save_best_only") is False:
            continue
        path: KeyPath = ("callbacks", i, callback.name, "monitor")
        better = direction(monitor.removeprefix("val_"), measured, several)
        if monitor not in logged:
            hint = meant_monitor(monitor, measured, logged)
            yield fault(path, "nothing called {monitor!r} is logged", hint, monitor=monitor)
        elif monitor.startswith("val_") and unvalidated:
            message = "{callback} watches {monitor}, but there are no validation rows"
            hint = "add validation: 0.1 to split, or validation_data: test, or monitor: loss"
            yield fault(path, message, hint, callback=callback.name, monitor=monitor)
        elif callback.arguments["mode"] == "auto" and better:
            message = "{callback} does not know whether more of {monitor} is better, or less"
            yield fault(path, message, "add mode: {better}", callback=callback.name, monitor=monitor, better=better)
        elif (wrong := callback.arguments["mode"]) in ("min", "max") and wrong == worse(monitor, measured):
            message = "{callback} with mode: {wrong} takes the worst {monitor} for the best"
            yield fault(path, message, "leave mode out", callback=callback.name, monitor=monitor, wrong=wrong)


def direction(metric: str, measured: Mapping[str, str], several: bool) -> str:
    """The mode of what Keras knows none of; empty for all else."""
    if metric == "learning_rate":
        return "min"
    kind = measured.get(metric, "")
    of_output = ("max" if HIGHER_IS_BETTER.search(kind) else "min") if several and kind else ""
    return COUNTS.get(kind, of_output)


def worse(monitor: str, measured: Mapping[str, str]) -> str:
    """The mode in which the worst value of a measure would be the best; empty where nobody can say."""
    name = monitor.removeprefix("val_")
    if name == "loss":
        return "max"
    kind = measured.get(name, "")
    return "max" if kind in LOWER else "min" if kind.endswith("accuracy") or kind in HIGHER else ""


def meant_monitor(monitor: str, measured: Mapping[str, str], logged: list[str]) -> str:
    """A hint for a name that is not logged: other words for the same metric, as ``acc``, go before like ones."""
    part = "val_" if monitor.startswith("val_") else ""
    entry = find_entry("metric", monitor.removeprefix(part))
    meant = [part + name for name, kind in measured.items() if entry and kind == entry.name]
    if monitor == "lr" and "learning_rate" in logged:
        meant = ["learning_rate"]
    if meant:
        return fill_template("did you mean {meant:or}?", meant=meant)
    if entry and entry.name not in ("accuracy", "binary_accuracy", "mean_absolute_error"):
        return fill_template("add it to what is measured: metrics: [{name}]", name=entry.name)
    return did_you_mean(monitor, logged, "logged: {names:and}")


def filepath_faults(callback: KerasSpec, path: KeyPath, logged: Iterable[str]) -> Iterator[Fault]:
    """A file's name with a field that training does not log, or in a form that no number has."""
    fields = {"epoch": 1, **dict.fromkeys(logged, 0.5)}
    if callback.arguments["save_freq"] != "epoch":
        fields["batch"] = 1
    name = str(callback.arguments["filepath"])
    try:
        name.format(**fields)
    except KeyError as error:
        field = str(error.args[0])
        hint = did_you_mean(field, fields, "logged: {names:and}")
        yield fault(path, "filepath {name}: nothing called '{field:.40}' is logged", hint, name=name, field=field)
    except (ValueError, LookupError, AttributeError, TypeError):
        yield fault(path, "filepath {name} cannot be filled in", "filepath: checkpoints/{epoch:02d}.keras", name=name)
