"""What callbacks watch, and what a threshold is chosen on."""

from collections.abc import Mapping

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.callbacks import watch_faults, watched_metrics
from rnacli.experiment.config import Config
from rnacli.experiment.measures import logged_metrics
from rnacli.tasks.metrics import ONE_NUMBER, count_results
from rnacli.words import fill_template


def monitor_problems(config: Config, data: Data, units: Mapping[str, int]) -> list[Problem]:
    """Callbacks that watch what is not logged: of which parts and metrics anything is, is known when the data are.

    Or a metric that gives several numbers for so many ``units`` of each output.
    """
    part = "validation" if config.validation_data == "auto" else config.validation_data
    watched = watched_metrics(config.measured, [*units])
    faults = watch_faults(config.callbacks, watched, part not in data.parts, len(units) != 1)
    # The callbacks of a phase stand elsewhere than the path says.
    problems = [
        Problem(message, str(config.callbacks[int(path[1])].place if config.phases else config.place(*path)), hint)
        for path, message, hint in faults
    ]
    counts = {
        output: [count_results(metric, units[output]) for metric in each] for output, each in config.measured.items()
    }
    numbers = [count for each in counts.values() for count in each]
    logged = logged_metrics(config.measured)
    several = {
        name: (metric, count) for (name, metric), count in zip(logged.items(), numbers, strict=False) if count > 1
    }
    for callback in config.callbacks:
        monitor = str(callback.arguments.get("monitor", ""))
        metric, count = several.get(monitor.removeprefix("val_"), (None, 0))
        if metric and callback.arguments.get("save_best_only") is not False:
            message = "{callback} watches one number, and {monitor} is {count}"
            one = ONE_NUMBER.get(metric.name, "thresholds: 0.5")
            values = {"callback": callback.name, "monitor": monitor, "count": count}
            hint = "{metric}: {{one}}"
            problems.append(Problem(message, str(callback.place), hint, metric=metric.name, one=one, **values))
    return problems


def threshold_problems(config: Config, data: Data) -> list[Problem]:
    """A threshold that nothing is compared with, or that cannot be chosen."""
    place, threshold = str(config.place("threshold")), config.threshold
    if all(task.threshold is None for task in data.tasks.values()):
        if threshold == 0.5:
            return []
        why = next(iter(data.tasks.values())).refuse_threshold()
        return [
            Problem(
                "threshold is for two classes and for labels, and {why:.300}",
                place,
                "remove it",
                why=fill_template(why),
            )
        ]
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
