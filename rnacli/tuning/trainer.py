"""Who trains the networks of a search: one after the other, or many in one program."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.tuning.outcome import Row, Trained
from rnacli.tuning.shared_data import SharedData


@dataclass(frozen=True)
class Work:
    """A network that is to be trained: ``config`` with its seed, for the part ``part`` of trial ``number``.

    ``values``: those of the trial's keys. ``place``: where it stands among all networks: it decides who trains it.
    ``checkpoints``: the folder that a training which is stopped goes on from, if there is one.
    """

    number: int
    part: int
    config: Config
    values: Mapping[str, Any] = field(default_factory=dict)
    place: int = 0
    checkpoints: Path | None = None


class MissingGoal(RnaError):
    """The measure that the search is by is not logged: no other trial would have it."""


class Source(Protocol):
    """Where a trainer has its work from, and whom it tells."""

    def take(self) -> Work | None:
        """The next network that may be trained now; ``None``: there is none before one of those under way ends."""

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        """Whether training goes on after the epochs in ``rows``."""

    def end(self, work: Work, trained: Trained) -> None:
        """What came of a network."""


class Trainer(Protocol):
    """``room``: how many networks it trains at once; ``shares``: whether they share programs; ``data``: theirs."""

    room: int
    shares: bool
    data: SharedData

    def train(self, source: Source) -> None:
        """Train until the source has no more. Raises ``RnaError`` for what no other trial would do better with."""


def seeded(config: Config, seed: int) -> Config:
    """The same with another seed of its weights and orders; the rows stay divided as they are."""
    split: Any = dataclasses.replace(config.dataset.split, seed=config.split_seed)
    seed %= 1 << 32
    return dataclasses.replace(config.with_dataset(split=split), seed=seed) if seed != config.seed else config
