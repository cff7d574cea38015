"""What is asked of predictions: what is done with bad rows, and what is written."""

from dataclasses import dataclass

from rnacli.errors import CONFIG, RnaError
from rnacli.words import did_you_mean


@dataclass(frozen=True)
class PredictionOptions:
    """What is done with bad rows, and what is written.

    ``on_error``: ``stop`` at them, or ``skip`` them. ``columns``: names of input columns to pass through, several
    between commas, or ``all``. ``only``: ``all``, the ``label`` (or values), or the ``probabilities``. ``layer``: the
    layer whose outputs are written in place of predictions.
    """

    on_error: str = "stop"
    columns: tuple[str, ...] = ()
    only: str = "all"
    layer: str = ""

    def __post_init__(self) -> None:
        for option, value, choices in (("--on-error", self.on_error, ON_ERROR), ("--only", self.only, ONLY)):
            if value not in choices:
                hint = did_you_mean(value, choices) or "{option} {example}"
                message = "expected {choices:or}, got '{value:.40}'"
                raise RnaError(
                    message,
                    place=option,
                    hint=hint,
                    exit_code=CONFIG,
                    choices=choices,
                    value=value,
                    option=option,
                    example=choices[1],
                )


ON_ERROR = ("stop", "skip")
ONLY = ("all", "label", "probabilities")
DEFAULT_OPTIONS = PredictionOptions()
