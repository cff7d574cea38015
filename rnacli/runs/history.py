"""The history of a run, read back."""

import csv
import io
from typing import TYPE_CHECKING

from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.runs.folder import Run

if TYPE_CHECKING:
    from rnacli.experiment.config import Config


def read_history(run: Run, config: "Config") -> dict[str, list[float]]:
    """``history.csv`` as columns: those that a training by ``config`` has. Raises ``RnaError``."""
    from rnacli.experiment.measures import unknown_columns

    columns = read_columns(run)
    if unknown_columns(columns, config.measured):
        raise damaged_history(run)
    return columns


def read_columns(run: Run) -> dict[str, list[float]]:
    """``history.csv`` as columns, one of them the epochs. Raises ``RnaError``."""
    lines = csv.reader(io.StringIO(run.read("history.csv").decode(errors="replace")), strict=True)
    try:
        columns: dict[str, list[float]] = {name: [] for name in next(lines)}
        for row in lines:
            for values, cell in zip(columns.values(), row, strict=True):
                values.append(float(cell or "nan"))
        if columns["epoch"] != list(range(1, len(columns["epoch"]) + 1)):
            raise ValueError("epochs are missing")
        return columns
    except (ValueError, KeyError, StopIteration, csv.Error):
        raise damaged_history(run) from None


def damaged_history(run: Run) -> RnaError:
    return RnaError("the history is damaged", place=str(run.path / "history.csv"), hint=WHOLE_RUN)
