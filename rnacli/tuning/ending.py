"""What a search leaves in its folder when all of it is trained: its winner, its pictures, its last record."""

import time
from collections.abc import Sequence

from rnacli.experiment.config import Config
from rnacli.tuning.best import best_config, describe_winner
from rnacli.tuning.confirm import Confirmed
from rnacli.tuning.folder import BEST_CONFIG, SearchFolder
from rnacli.tuning.outcome import Goal, Outcome
from rnacli.tuning.pictures.paint import draw_search
from rnacli.tuning.tables import confirmed_table
from rnacli.tuning.trials import Trials


def write_winner(
    folder: SearchFolder, config: Config, goal: Goal, search: Trials, winner: Outcome, confirmed: Sequence[Confirmed]
) -> None:
    """Write ``best.yaml``, and what fresh seeds have reached: the best run follows from it."""
    if confirmed:
        folder.write("confirmed.csv", confirmed_table(goal, confirmed))
    folder.write(BEST_CONFIG, best_config(folder, config, goal, search.ended, winner, confirmed))


def close_search(
    folder: SearchFolder, config: Config, goal: Goal, search: Trials, winner: Outcome, confirmed: Sequence[Confirmed],
    status: str,
) -> None:  # fmt: skip
    """Draw the trials, and close the record, last of all."""
    draw_search(folder.path, config, goal, search.ended)
    folder.save(
        status=status,
        trials=len(search.outcomes),
        seconds=round(search.seconds, 3),
        best=describe_winner(goal, winner, confirmed),
        finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
