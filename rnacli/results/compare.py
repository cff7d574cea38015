"""Runs side by side: the settings in which they differ, what they reached, and whether that is more than chance."""

import csv
import functools
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnacli.errors import RnaError
from rnacli.results.chance import Difference, correct_many, test_difference
from rnacli.runs.find import BEST, is_fold
from rnacli.runs.folder import Run
from rnacli.runs.record import figures_by_part, has_classes
from rnacli.runs.seeds import spread_figures
from rnacli.runs.settings import differing_settings

LARGEST = 500_000_000
"""Bytes that ``predictions.csv`` may have."""


@dataclass(frozen=True)
class Comparison:
    """Two runs or more: ``settings`` and ``results`` have a value for each run under every name."""

    runs: list[str]
    settings: dict[str, list[str]]
    results: dict[str, list[float | None]]
    differences: list[Difference] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        differences = [difference._asdict() for difference in self.differences]
        return {"runs": self.runs, "settings": self.settings, "results": self.results, "differences": differences}


def compare_runs(runs: Sequence[Run]) -> Comparison:
    """What runs have asked for and reached, and each compared with the first on the test rows that they share."""
    names = name_runs(runs)
    columns: dict[str, list[float | None]] = {}
    for i, run in enumerate(runs):
        for name, value in reached_figures(run).items():
            columns.setdefault(name, [None] * len(runs))[i] = value
    first, *others = [read_predictions(run) for run in runs]
    are_classes = functools.partial(has_classes, runs[0].record)
    differences = [
        difference
        for name, other in zip(names[1:], others, strict=True)
        for difference in compare_predictions(names[0], first, name, other, are_classes)
    ]
    return Comparison(names, differing_settings(runs), columns, correct_many(differences))


def name_runs(runs: Sequence[Run]) -> list[str]:
    """What each run is called: its folder's name, the one around it where that is a fold or of a search, else its path.

    No two are called alike.
    """
    names = [f"{run.path.parent.name}/{run.name}" if run.name == BEST or is_fold(run) else run.name for run in runs]
    return [name if names.count(name) == 1 else str(run.path) for name, run in zip(names, runs, strict=True)]


def reached_figures(run: Run) -> dict[str, float | None]:
    """What a run reached on its held-out rows: what Keras measured, the scores besides, the spread over its seeds."""
    part = str(run.record.get("held_out", ""))
    figures = figures_by_part(run.record).get(part, {}) | spread_figures(run.record)
    return {f"{part} {name}": value for name, value in figures.items()}


# The same rows


Predictions = Mapping[str, Sequence[str]]
"""The columns of ``predictions.csv``."""


def read_predictions(run: Run) -> Predictions:
    """What a run said of its held-out rows; empty where it has said nothing. Raises ``RnaError`` for a damaged file."""
    if "predictions.csv" not in run.record.get("files", {}):
        return {}
    text = run.read("predictions.csv", LARGEST).decode(errors="replace")
    try:
        names, *rows = csv.reader(io.StringIO(text), strict=True)
        return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    except (ValueError, csv.Error) as error:
        message = "the file is damaged: {error:.100}"
        raise RnaError(message, place=str(run.path / "predictions.csv"), error=error) from None


def compare_predictions(
    one: str, first: Predictions, other: str, second: Predictions, are_classes: Callable[[str], bool]
) -> list[Difference]:
    """How two runs differ on the rows that both were tested on, for each target that is the same there."""
    places = {row: i for i, row in enumerate(second.get("row", ()))}
    shared = [(i, places[row]) for i, row in enumerate(first.get("row", ())) if row in places]
    differences = []
    for truth in first:
        column = truth.removeprefix("truth").removeprefix("_")
        answers = next((name for name in (f"prediction_{column}", column) if column and name in first), "prediction")
        if not truth.startswith("truth") or answers not in first or answers not in second or truth not in second:
            continue
        pairs = [(first[truth][i], first[answers][i], second[answers][j]) for i, j in shared]
        if pairs and all(first[truth][i] == second[truth][j] for i, j in shared):
            differences.append(test_difference(one, other, column, pairs, are_classes=are_classes(column)))
    return differences
