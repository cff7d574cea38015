"""The data of a search, read once for all trials that have the same."""

import dataclasses
from pathlib import Path
from typing import Any

from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config


class SharedData:
    """The data of a search: read anew only for a trial that changes what they follow from."""

    def __init__(self, base: Config, cache: Path, offline: bool):
        self.base, self.cache, self.offline = base, cache, offline
        self.kept: list[tuple[tuple[Any, ...], Data]] = []

    @property
    def is_unread(self) -> bool:
        return not self.kept

    def of(self, config: Config) -> Data:
        """The data of a trial. Raises ``RnaError``."""
        # What is drawn for the base's seed is so for all seeds of a trial.
        config = dataclasses.replace(config, seed=self.base.seed)
        own = (config.dataset, config.split_seed, list(config.heads.items()), config.class_weight, config.takes_pixels)
        for key, data in self.kept:
            if key == own:
                return dataclasses.replace(data)
        data = load_data(config, self.cache, self.offline)
        self.kept = [(own, data), *self.kept][:2]
        return dataclasses.replace(data)
