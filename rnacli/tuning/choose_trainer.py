"""Which trainer a search has: many networks in one program where that pays, else one after the other."""

from pathlib import Path

from rnacli.experiment.config import Config
from rnacli.tuning.one_by_one import OneByOne
from rnacli.tuning.trainer import Trainer


def choose_trainer(config: Config, cache: Path, offline: bool = False, shares: bool | None = None) -> Trainer:
    """The trainer for a search. ``shares``: whether the search was begun by one whose networks share a program."""
    return OneByOne(config, cache, offline)
