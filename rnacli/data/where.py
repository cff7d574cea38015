"""The plain facts that reading the data needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rnacli.document.place import Place
from rnacli.tasks.heads import Head


@dataclass(frozen=True)
class Where:
    """Where a file stands and what decides how its data are read.

    ``folder``: relative paths start from it. ``place`` gives the place of a key, for messages. ``cache``: the folder of
    downloads; ``offline``: no new ones are made. ``seed``: of what is drawn. ``heads``: the outputs of the network, by
    name, whose losses say what targets are.
    """

    folder: Path
    place: Callable[..., Place]
    cache: Path
    offline: bool = False
    seed: int = 0
    heads: Mapping[str, Head] = field(default_factory=dict)

    def head_of(self, target: str) -> Head | None:
        """The output that predicts a target; ``None`` where nothing is known of it."""
        return self.heads.get(target) if len(self.heads) > 1 else next(iter(self.heads.values()), None)
