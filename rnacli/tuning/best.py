"""What a search ends with: the winner as a complete file, as an ordinary run, and as its record says it."""

import dataclasses
import math
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config, read_trial
from rnacli.experiment.measures import VALIDATION
from rnacli.fitting.job import prepare_job
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.portable import portable_config
from rnacli.training.resume import resume_run
from rnacli.training.train import begin_run
from rnacli.tuning.confirm import Confirmed
from rnacli.tuning.folder import BEST, BEST_CONFIG, SearchFolder
from rnacli.tuning.outcome import Goal, Outcome
from rnacli.words import fill_template


def best_config(
    folder: SearchFolder, config: Config, goal: Goal, ended: Sequence[Outcome], winner: Outcome,
    confirmed: Sequence[Confirmed],
) -> str:  # fmt: skip
    """``best.yaml``: the winner as a complete file, and in its first line what it reached and how it was found."""
    tune = config.tune
    value = f"{goal.name} {winner.value(goal.name):.4f}"
    if confirmed:
        first, fresh = confirmed[0], "; with {seeds} fresh seeds {mean:.4f} +- {deviation:.4f}"
        value += fill_template(fresh, seeds=len(first.values), mean=first.mean, deviation=first.deviation)
    best, epochs = read_trial(config, winner.values), retrained_epochs(config, winner, confirmed)
    if epochs:
        value += fill_template("; trained again on all rows but the test rows, {epochs} epochs", epochs=epochs)
        best = train_on_all(best, epochs)
    how = fill_template("{search}, seed {seed}", search=tune.search, seed=config.seed) if tune else ""
    line = fill_template(
        "# {value:.200}: trial {number} of {count}, by rna tune ({how}).   rna train best.yaml",
        value=value, number=winner.number + 1, count=len(ended), how=how,
    )  # fmt: skip
    return f"{line}\n{portable_config(best, folder.path)}"


def retrained_epochs(config: Config, winner: Outcome, confirmed: Sequence[Confirmed]) -> int:
    """For how many epochs the winner is trained on the validation rows too; 0: it is not.

    Of the epochs after which its networks reached what they are worth, those with fresh seeds where there are such,
    the median.
    """
    if config.tune is None or not config.tune.trains_on_all:
        return 0
    epochs = confirmed[0].epochs if confirmed else [network.kept for network in winner.trained]
    return max(1, round(statistics.median(epochs)))


def train_on_all(config: Config, epochs: int) -> Config:
    """The same trained on the validation rows too, for so many epochs; without what watches these, or ends earlier."""
    split: Any = dataclasses.replace(config.dataset.split, train_on_validation=True)
    callbacks = tuple(
        spec
        for spec in config.callbacks
        if spec.name != "early_stopping" and not str(spec.arguments.get("monitor", "")).startswith(VALIDATION)
    )
    config = config.with_dataset(split=split)
    return dataclasses.replace(config, epochs=epochs, callbacks=callbacks, validation_data="auto")


def train_best(folder: SearchFolder, cache: Path, offline: bool, listeners: Sequence[Any]) -> Run:
    """The run of ``best.yaml``: as it is where it is trained, else resumed, else begun."""
    path = folder.path / BEST
    if (path / "run.json").is_file():
        run = open_run(path)
        return run if run.record.get("status") == "finished" else resume_run(run, cache, listeners, None, offline)
    if path.is_dir():  # a process was killed before it had written anything to go on from
        shutil.rmtree(path)
    config = load_config(folder.path / BEST_CONFIG)
    return begin_run(prepare_job(config, cache, offline), folder.path, listeners, BEST)


def describe_winner(goal: Goal, winner: Outcome, confirmed: Sequence[Confirmed]) -> dict[str, Any]:
    """What ``search.json`` says of the best trial, counted from 1."""
    fresh = [
        {"mean": each.mean, "deviation": each.deviation, "seeds": len(each.values)}
        for each in confirmed[:1]
        if math.isfinite(each.mean)
    ]
    return {
        "trial": winner.number + 1,
        "value": winner.value(goal.name),
        "values": dict(winner.values),
        **({"confirmed": fresh[0]} if fresh else {}),
    }
