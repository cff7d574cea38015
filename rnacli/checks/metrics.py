"""What callbacks watch, and what a threshold is chosen on."""

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.checks import monitor_faults
from rnacli.experiment.config import Config


def monitor_problems(config: Config) -> list[Problem]:
    """Callbacks that watch a metric which this task does not log: which it does is known when the data are."""
    measured = [metric.logged for metric in config.metrics or ()]
    faults = monitor_faults(config.callbacks, measured)
    return [Problem(message, str(config.place(*path)), hint) for path, message, hint in faults]


def threshold_problems(config: Config, data: Data) -> list[Problem]:
    """A threshold that nothing is compared with, or that cannot be chosen."""
    place, asked = str(config.place("threshold")), config.threshold
    if data.task.threshold is None:
        if asked == 0.5:
            return []
        why = data.task.refuse_threshold()
        return [Problem("threshold is for two classes and for labels, and {why:.300}", place, "remove it", why=why)]
    if isinstance(asked, str) and "validation" not in data.parts:
        message = "threshold: {asked} is chosen on the validation part, and there is none"
        return [
            Problem(
                message, place, "split: {test: 0.2, validation: 0.2}, or a number such as threshold: 0.3", asked=asked
            )
        ]
    return []
