"""What callbacks watch, and what a threshold is chosen on."""

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.callbacks import logged_metrics, watch_faults
from rnacli.experiment.config import Config
from rnacli.tasks.metrics import ONE_NUMBER, count_results


def monitor_problems(config: Config, units: int) -> list[Problem]:
    """Callbacks that watch a metric which this task does not log: which it does is known when the data are.

    Or one that gives several numbers for so many ``units`` of the last layer.
    """
    faults = watch_faults(config.callbacks, logged_metrics(config.metrics or ()))
    problems = [Problem(message, str(config.place(*path)), hint) for path, message, hint in faults]
    several = {metric.logged: metric for metric in config.metrics or () if count_results(metric, units) > 1}
    for callback in config.callbacks:
        monitor = str(callback.arguments.get("monitor", ""))
        metric = several.get(monitor.removeprefix("val_"))
        if metric and callback.arguments.get("save_best_only") is not False:
            message = "{callback} watches one number, and {monitor} is {count}"
            one = ONE_NUMBER.get(metric.name, "thresholds: 0.5")
            values = {"callback": callback.name, "monitor": monitor, "count": count_results(metric, units)}
            hint = "{metric}: {{one}}"
            problems.append(Problem(message, str(callback.place), hint, metric=metric.name, one=one, **values))
    return problems


def threshold_problems(config: Config, data: Data) -> list[Problem]:
    """A threshold that nothing is compared with, or that cannot be chosen."""
    place, threshold = str(config.place("threshold")), config.threshold
    if data.task.threshold is None:
        if threshold == 0.5:
            return []
        why = data.task.refuse_threshold()
        return [Problem("threshold is for two classes and for labels, and {why:.300}", place, "remove it", why=why)]
    if isinstance(threshold, str) and "validation" not in data.parts:
        message = "threshold: {threshold} is chosen on the validation part, and there is none"
        return [
            Problem(
                message,
                place,
                "split: {test: 0.2, validation: 0.2}, or a number such as threshold: 0.3",
                threshold=threshold,
            )
        ]
    return []
