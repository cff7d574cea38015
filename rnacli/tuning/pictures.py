"""The pictures of a search."""

from collections.abc import Sequence
from pathlib import Path

from rnacli.experiment.config import Config
from rnacli.tuning.outcome import Goal, Outcome


def draw_search(folder: Path, config: Config, goal: Goal, outcomes: Sequence[Outcome]) -> None:
    """Draw into ``folder``/plots."""
