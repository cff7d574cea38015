"""The plain facts that reading the data needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnacli.document.place import Place


@dataclass(frozen=True)
class Where:
    """Where a file stands and what decides how its data are read.

    ``folder``: relative paths start from it. ``place`` gives the place of a key, for messages. ``cache``: the folder of
    downloads; ``offline``: no new ones are made. ``seed``: of what is drawn. ``numbers``: the targets are numbers,
    since the loss is for numbers. ``labels``: they are labels, which keep their spelling, since it is for classes.
    """

    folder: Path
    place: Callable[..., Place]
    cache: Path
    offline: bool = False
    seed: int = 0
    numbers: bool = False
    labels: bool = True
