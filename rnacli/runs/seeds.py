"""What a run's network reaches with other seeds: the figures in ``run.json``, and the curves in a file of the run."""

import csv
import io
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.runs.folder import Run
from rnacli.tables.write import csv_text
from rnacli.words import fill_each, fill_template

TABLE, CURVES = "seeds.csv", "seeds_history.csv"
LARGEST = 200_000_000
"""Bytes that the curves may have."""


class Spread(NamedTuple):
    """Of some figures: mean, standard deviation (of a sample), lowest and highest."""

    mean: float
    deviation: float
    lowest: float
    highest: float


def find_spread(values: Sequence[float | None]) -> Spread | None:
    """Of the values that are numbers; ``None`` where there are none."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if not finite:
        return None
    deviation = statistics.stdev(finite) if len(finite) > 1 else 0.0
    return Spread(statistics.fmean(finite), deviation, min(finite), max(finite))


def seed_spreads(record: Mapping[str, Any]) -> dict[str, Spread]:
    """The spread of each measure on the held-out rows over the seeds of a run; nothing where it has but one."""
    spreads = (record.get("seeds") or {}).get("measures") or {}
    chosen = spreads.get(str(record.get("held_out", ""))) or {}
    return {
        str(name): Spread(*map(float, values))
        for name, values in chosen.items()
        if isinstance(values, list) and len(values) == 4 and all(isinstance(each, int | float) for each in values)
    }


def count_seeds(record: Mapping[str, Any]) -> int:
    """How many seeds a run has; 0 where it has only its own."""
    return len((record.get("seeds") or {}).get("seeds") or ())


def spread_figures(record: Mapping[str, Any]) -> dict[str, float]:
    """Mean and deviation of each measure over the seeds of a run, by names of their own."""
    spreads = seed_spreads(record)
    return {f"{name} {word}": getattr(each, word) for name, each in spreads.items() for word in ("mean", "deviation")}


def tabulate_seeds(record: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """The spread of what the seeds of a run reach on the held-out rows: a header, and a row for each measure."""
    part, spreads = str(record.get("held_out", "")), seed_spreads(record)
    joined = ((record.get("ensemble") or {}).get("measures") or {}).get(part)
    first = fill_template("{part} rows, {seeds} seeds", part=part, seeds=count_seeds(record))
    header = [first, *fill_each("mean", "deviation", "lowest", "highest"), *(["ensemble"] if joined else [])]
    return header, [[name, *spread, *([joined.get(name)] if joined else [])] for name, spread in spreads.items()]


def write_curves(histories: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """``seeds_history.csv``: the measures after each epoch, a row for each seed and epoch."""
    names = list(dict.fromkeys(name for history in histories.values() for name in history))
    table: list[list[Any]] = [["seed", "epoch", *names]]
    for seed, history in histories.items():
        for epoch in range(max(map(len, history.values()), default=0)):
            values = [history[name][epoch] if epoch < len(history.get(name, ())) else "" for name in names]
            table.append([seed, epoch + 1, *values])
    return csv_text(table)


def read_curves(run: Run) -> dict[str, list[list[float]]]:
    """Each measure's values after each epoch, a list for each seed; none where a run has one. Raises ``RnaError``."""
    if CURVES not in run.record.get("files", {}):
        return {}
    lines = csv.reader(io.StringIO(run.read(CURVES, LARGEST).decode(errors="replace")), strict=True)
    curves: dict[str, dict[str, list[float]]] = {}
    try:
        _, _, *names = next(lines)
        for seed, _, *cells in lines:
            for name, cell in zip(names, cells, strict=True):
                curves.setdefault(name, {}).setdefault(seed, []).append(float(cell or "nan"))
    except (ValueError, StopIteration, csv.Error):
        raise RnaError("the history of the seeds is damaged", place=str(run.path / CURVES), hint=WHOLE_RUN) from None
    return {name: list(by_seed.values()) for name, by_seed in curves.items()}
