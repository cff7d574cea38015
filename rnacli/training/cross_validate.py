"""Cross-validation: each fold is an ordinary training, and what they reach on the rows that they left out is one table.

The folder of a cross-validation holds ``config.yaml``, a run folder for each fold (``fold_1``, ...), ``folds.csv`` with
the scores of each, ``predictions.csv`` with the prediction that each row got while it was in no training, and the
pictures of all folds together. Those of one fold are drawn when they are asked for.
"""

import csv
import dataclasses
import io
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.data.section import Split
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.files import write_file
from rnacli.fitting.job import Job
from rnacli.plots.folds import draw_folds
from rnacli.runs.find import open_run, refuse_links
from rnacli.runs.folder import Run, create_run, remove_run
from rnacli.runs.portable import portable_config
from rnacli.runs.seeds import Spread, find_spread
from rnacli.signals import answered_by
from rnacli.tables.write import csv_text
from rnacli.training.begin_folds import begin_together, fold_folders, fold_path, prepare_fold, resume_together
from rnacli.training.ending import resume_hint
from rnacli.training.finish import said_if_missing
from rnacli.training.fold_program import train_folds_together
from rnacli.training.resume import resume_run
from rnacli.training.train import begin_run

log = logging.getLogger("rnacli")


@dataclass(frozen=True)
class CrossValidation:
    """``runs``: those of the folds, in order, of one repeat after the other; fewer where a signal has ended it."""

    path: Path
    split: Split
    runs: Sequence[Run]

    @property
    def trained(self) -> int:
        """How many folds are trained to their ends."""
        return sum(run.record["status"] == "finished" for run in self.runs)

    @property
    def stopped(self) -> Run | None:
        """The run that a signal has ended."""
        return next((run for run in self.runs if run.record["status"] == "interrupted"), None)

    @property
    def scores(self) -> list[dict[str, float | None]]:
        """What each fold reached on its test rows: the loss and scikit-learn's scores, then the other metrics."""
        records = [run.record for run in self.runs]
        return [{"loss": each["results"]["test"]["loss"], **each["scores"]} | others(each) for each in records]

    def summary(self) -> dict[str, Spread]:
        """How each score spreads over the folds that have it."""
        names = dict.fromkeys(name for scores in self.scores for name in scores)
        spreads = {name: find_spread([scores.get(name) for scores in self.scores]) for name in names}
        return {name: spread for name, spread in spreads.items() if spread is not None}


def others(record: dict[str, Any]) -> dict[str, float | None]:
    """The metrics of Keras that scikit-learn has not measured."""
    return {name: value for name, value in record["results"]["test"].items() if name not in {"loss", *record["scores"]}}


def cross_validate(
    config: Config, folder: Path, cache: Path, listeners: Sequence[Any] = (), offline: bool = False
) -> CrossValidation:
    """Train each fold of the config's split, in a new folder below ``folder``. Raises ``RnaError``."""
    split = config.dataset.split
    whole = create_run(
        folder, config, f"{split.repeats}x{split.folds}-folds" if split.repeats else f"{split.folds}-folds"
    )

    def leave(number: int) -> str:
        if fold_folders(whole.path):
            return resume_hint(whole.path)
        remove_run(whole)
        return ""

    try:
        with answered_by(leave):  # before the first fold, and between two
            write_file(whole.path / "config.yaml", portable_config(config, whole.path).encode())
            return train_folds(config, whole.path, cache, listeners, offline)
    except BaseException:
        if not fold_folders(whole.path):
            remove_run(whole)
        raise


def resume_folds(
    folder: Path, cache: Path, listeners: Sequence[Any] = (), offline: bool = False, force: bool = False
) -> CrossValidation:
    """Go on with a cross-validation that was stopped: trained folds stay, the one that was begun is resumed."""
    refuse_links(folder)
    with answered_by(lambda number: resume_hint(folder)):
        return train_folds(load_config(folder / "config.yaml"), folder, cache, listeners, offline, force)


def train_folds(
    config: Config, folder: Path, cache: Path, listeners: Sequence[Any], offline: bool, force: bool = False
) -> CrossValidation:
    """Train the folds that are not trained yet, and write what all of them reach."""
    split, runs = config.dataset.split, list[Run]()
    first: Job | None = None
    begun = resume_together(config, folder, cache, offline, force)
    if begun is None and not fold_folders(folder):
        first = prepare_fold(config, 1, cache, offline)
        begun = begin_together(first, config, folder, cache, offline)
    if begun:
        runs = train_folds_together(begun, listeners)
    for fold in range(len(runs) + 1, split.trainings + 1):
        log.info("fold %d of %d", fold, split.trainings)
        job, first = first, None
        run = train_fold(config, fold, folder, cache, listeners, offline, force, job)
        runs.append(run)
        if run.record["status"] == "interrupted":
            break
        # What is positive in the first fold is so in all of them, though another class may be rarer there.
        config = config.with_dataset(positive=runs[0].config().dataset.positive)
    whole = CrossValidation(folder, split, runs)
    if whole.stopped is None:
        write_file(folder / "folds.csv", folds_table(whole).encode())
        write_file(folder / "predictions.csv", join_predictions(runs, split).encode())
        with said_if_missing(folder):
            for _ in draw_folds(folder, runs):
                pass
    return whole


def train_fold(
    config: Config,
    fold: int,
    folder: Path,
    cache: Path,
    listeners: Sequence[Any],
    offline: bool,
    force: bool,
    job: Job | None = None,
) -> Run:
    """One fold: as it is where it is trained, else resumed, else begun. ``job``: where it is prepared already."""
    path = fold_path(folder, fold)
    if (path / "run.json").is_file():
        run = open_run(path)
        return (
            run if run.record.get("status") == "finished" else resume_run(run, cache, listeners, None, offline, force)
        )
    if path.is_dir():  # a process was killed before it had written anything to go on from
        shutil.rmtree(path)
    return begin_run(job or prepare_fold(config, fold, cache, offline), folder, listeners, path.name)


def folds_table(whole: CrossValidation) -> str:
    """``folds.csv``: the rows and the scores of each fold, one row a fold."""
    names = list(dict.fromkeys(name for scores in whole.scores for name in scores))
    table: list[list[Any]] = [[*fold_columns(whole.split), "train", "test", *names]]
    for i, (run, scores) in enumerate(zip(whole.runs, whole.scores, strict=True), 1):
        rows = run.record["data"]["rows"]
        table.append([*fold_cells(whole.split, i), rows["train"], rows["test"], *map(scores.get, names)])
    return csv_text(table)


def fold_columns(split: Split) -> list[str]:
    """The columns that say which fold a row of a table is of."""
    return ["repeat", "fold"] if split.repeats else ["fold"]


def fold_cells(split: Split, fold: int) -> list[int]:
    """A fold's cells in the columns of ``fold_columns``."""
    repeat = dataclasses.replace(split, fold=fold).repeat + 1
    return [repeat, fold] if split.repeats else [fold]


def join_predictions(runs: Sequence[Run], split: Split) -> str:
    """The ``predictions.csv`` of all folds as one, each row with its fold, in the order of the data's rows.

    Of several repeats, each row is there once in each.
    """
    columns = fold_columns(split)
    header, lines = list[str](), list[list[str]]()
    for fold, run in enumerate(runs, 1):
        run.check("predictions.csv")
        first, *rest = csv.reader(io.StringIO((run.path / "predictions.csv").read_text("utf-8"), newline=""))
        header = [*columns, *first]
        lines += [[*map(str, fold_cells(split, fold)), *line] for line in rest]
    lines.sort(key=lambda line: int(line[len(columns)]))  # which keeps the folds of a row in order
    return csv_text([header, *lines])
