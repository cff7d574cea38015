"""The pictures of a search, into its folder."""

import logging
from collections.abc import Sequence
from pathlib import Path

from rnacli.errors import describe_failure
from rnacli.experiment.config import Config
from rnacli.files import write_file
from rnacli.plots.style import png
from rnacli.tuning.outcome import Goal, Outcome
from rnacli.tuning.pictures import best_so_far, importance, parallel, slices
from rnacli.tuning.pictures.view import view_trials

log = logging.getLogger("rnacli")

PICTURES = {
    "best_so_far": best_so_far.draw,
    "parallel_coordinates": parallel.draw,
    "importance": importance.draw,
    "slices": slices.draw,
}
"""File -> what draws it."""


def draw_search(folder: Path, config: Config, goal: Goal, outcomes: Sequence[Outcome]) -> list[Path]:
    """Draw the trials of a config's search into ``folder``/plots; a picture that fails is said, and stops no other."""
    if config.tune is None:
        raise TypeError("this experiment has no search")
    view = view_trials(config.name, config.tune, goal, outcomes)
    drawn = []
    (folder / "plots").mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        try:
            figure = draw(view) if view.whole.any() else None
            if figure is not None:
                path = folder / "plots" / f"{name}.png"
                write_file(path, png(figure))
                drawn.append(path)
        except OSError:
            raise
        except Exception as error:
            log.warning("the picture %s is missing: %s", name, describe_failure(error))
    return drawn
