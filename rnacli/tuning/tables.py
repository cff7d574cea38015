"""What a search has found, as files: ``trials.csv``, ``confirmed.csv`` and ``histories.npz``. No clock is in them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnacli.document.write import yaml_flow
from rnacli.experiment.tune import Tune
from rnacli.runs.weights import dump_arrays
from rnacli.tables.safe_cells import safe_row
from rnacli.tuning.confirm import Confirmed
from rnacli.tuning.outcome import Goal, Outcome


def trials_table(tune: Tune, goal: Goal, outcomes: Sequence[Outcome]) -> str:
    """``trials.csv``: a row a trial, counted from 1: its end, its epochs, the goal, and the value of every key."""
    deviation = ["deviation"] if tune.seeds > 1 else []
    rows = [["trial", "state", "epochs", goal.name, *deviation, *tune.over]]
    for each in outcomes:
        figures = [each.value(goal.name), each.deviation(goal.name)][: 1 + len(deviation)]
        values = [cell(each.values[key]) if key in each.values else "" for key in tune.over]
        rows.append([str(each.number + 1), each.state, str(each.epochs), *map(figure, figures), *values])
    return "".join(map(safe_row, rows))


def confirmed_table(goal: Goal, confirmed: Sequence[Confirmed]) -> str:
    """``confirmed.csv``: a row a trial that was trained again: mean, deviation, range, and the value of each seed."""
    seeds = len(confirmed[0].values) if confirmed else 0
    names = [f"seed_{i}" for i in range(1, seeds + 1)]
    rows = [["trial", f"mean_{goal.name}", "deviation", "lowest", "highest", *names]]
    for each in confirmed:
        figures = [each.mean, each.deviation, min(each.values), max(each.values), *each.values]
        rows.append([str(each.outcome.number + 1), *map(figure, figures)])
    return "".join(map(safe_row, rows))


def figure(value: float) -> str:
    """All digits of a number; nothing where there is none."""
    return repr(value) if math.isfinite(value) else ""


def cell(value: Any) -> str:
    return value if isinstance(value, str) else yaml_flow(value)


def histories(outcomes: Sequence[Outcome]) -> bytes:
    """``histories.npz``: ``trial`` (n,) and ``seed`` (n,) of each network, and each measure (n, epochs); NaN behind
    the end of a network's training."""
    networks = [(each.number, network) for each in outcomes for network in each.trained]
    epochs = max((len(network.rows) for _, network in networks), default=0)
    names = dict.fromkeys(name for _, network in networks for row in network.rows for name in row)
    arrays = {
        "trial": np.array([number + 1 for number, _ in networks], "int64"),
        "seed": np.array([network.seed for _, network in networks], "int64"),
    }
    for name in names:
        values = np.full((len(networks), epochs), np.nan)
        for i, (_, network) in enumerate(networks):
            values[i, : len(network.rows)] = [row.get(name, np.nan) for row in network.rows]
        arrays[name] = values
    return dump_arrays(arrays)
