"""What the user asks to be generated."""

import math
from dataclasses import dataclass
from pathlib import Path

from rnacli.errors import CONFIG, RnaError

OF_ONE_KIND = {
    "prompt": "--prompt",
    "temperature": "--temperature",
    "length": "--length",
    "top_k": "--top-k",
    "label": "--class",
}
"""What says something of one kind of run alone -> its option."""
MOST = 1_000_000_000
"""The largest number of a count: tokens and texts beyond it would be drawn by the random numbers of others."""


@dataclass(frozen=True)
class GenerateOptions:
    """What is to be generated; ``None`` where nothing is said.

    ``count``: how many; ``output``: the file or folder; ``label``: the class of what is made.
    """

    prompt: str | None = None
    temperature: float | None = None
    length: int | None = None
    top_k: int | None = None
    seed: int = 0
    count: int | None = None
    output: Path | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing. Raises ``RnaError``."""
        for option, value in {"--length": self.length, "--top-k": self.top_k, "-n": self.count}.items():
            if value is not None and not 1 <= value <= MOST:
                message = "expected a whole number from 1 to {most:,}, got {value}"
                raise RnaError(message, place=option, exit_code=CONFIG, most=MOST, value=value)
        if not 0 <= self.seed < 1 << 32:
            raise RnaError("expected a number from 0 to 4294967295", place="--seed", exit_code=CONFIG)
        if self.temperature is not None and not (math.isfinite(self.temperature) and self.temperature >= 0):
            message, hint = "expected a number of at least 0, got {value}", "0 takes the likeliest token each time"
            raise RnaError(message, place="--temperature", hint=hint, exit_code=CONFIG, value=self.temperature)

    @property
    def given(self) -> list[str]:
        """The options that say something of one kind of run alone."""
        return [name for name in OF_ONE_KIND if getattr(self, name) is not None]
