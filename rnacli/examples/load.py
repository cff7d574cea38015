"""Data: read by the kind that the config names, split, and scaled by what the training rows teach."""

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnacli.data.examples import Examples
from rnacli.examples.duplicates import report_duplicates
from rnacli.examples.groups import Parts
from rnacli.examples.learnt import Preprocessing, fit_preprocessing
from rnacli.examples.notes import warn_of_data
from rnacli.examples.split import split_rows
from rnacli.experiment.config import Config
from rnacli.tasks.choose import choose_form, task_of
from rnacli.tasks.class_weight import weigh_classes
from rnacli.tasks.task import Task

log = logging.getLogger("rnacli")


@dataclass
class Data:
    """Everything that training and evaluation need of the data."""

    rows: Examples
    parts: Parts
    preprocessing: Preprocessing
    class_weight: dict[str, float] | None = None
    """How much a training row of each label counts."""

    def weights(self, part: str) -> np.ndarray | None:
        """How much each row (n,) of a part counts, float32; ``None`` where all count alike."""
        chosen = self.parts[part]
        weights = None if self.rows.weights is None else self.rows.weights[chosen]
        if self.class_weight is not None:
            each = np.array([self.class_weight[label] for label in self.task.labels])
            of_class = each[self.task.truth(self.rows.y[chosen])]
            weights = of_class if weights is None else weights * of_class
        return None if weights is None else np.asarray(weights, "float32")

    def raw(self, part: str) -> np.ndarray:
        """Inputs (n, *shape) of a part as they were read, in its order."""
        return self.rows.x.take(self.parts[part])

    def targets(self, part: str) -> np.ndarray:
        """Raw targets (n, ...) of a part, in its order."""
        return self.rows.y[self.parts[part]]

    def encoded_targets(self, part: str) -> np.ndarray:
        """Targets of a part as the loss wants them. Raises ``RnaError`` that names an unknown label."""
        return self.task.encode(self.targets(part))

    @property
    def task(self) -> Task:
        return self.preprocessing.task

    @property
    def held_out(self) -> str:
        """The part that a final evaluation is on: test, else validation, else the training rows themselves."""
        return next(part for part in ("test", "validation", "train") if part in self.parts)


def load_data(config: Config, cache_folder: Path, offline: bool = False) -> Data:
    """Read, split and preprocess. ``cache_folder`` is where files behind URLs are kept. Raises ``RnaError``."""
    rows = config.dataset.read(config.where(cache_folder, offline))
    form = choose_form(config.head, rows.y, rows.target, bool(config.dataset.separator))
    used = np.arange(len(rows.y)) if rows.usable is None else np.flatnonzero(rows.usable)
    task_of(form).check_rows(rows.y[used], rows.targets, lambda row: rows.place_of(int(used[row])))
    parts = split_rows(rows, config, form)
    if not rows.x.resident:  # rows far from one another take a disk long to find
        parts = {part: np.sort(chosen) for part, chosen in parts.items()}
    if repeated := report_duplicates(rows, parts):
        log.warning("%s", repeated)
    learnt = fit_preprocessing(rows, parts["train"], config, form)
    rows = adopt_rows(rows, learnt)
    warn_of_data(rows, parts, learnt, bool(config.applications))
    return Data(rows, parts, learnt, class_weights(config, learnt, rows, parts))


def complete_metrics(config: Config, task: Task) -> Config:
    """The config with the metrics that suit the task, where it names none."""
    return config if config.metrics is not None else dataclasses.replace(config, metrics=task.default_metrics())


def complete_config(config: Config, task: Task) -> Config:
    """The config with what the data decide where it says nothing: the metrics, and which class is the positive one."""
    config = complete_metrics(config, task)
    if task.positive is None or config.dataset.positive is not None:
        return config
    return config.with_dataset(positive=task.positive)


def class_weights(config: Config, learnt: Preprocessing, rows: Examples, parts: Parts) -> dict[str, float] | None:
    """How much a training row of each label counts, as the config asks. Raises ``RnaError``."""
    task = learnt.task
    return weigh_classes(config.class_weight, config.place, task, lambda: task.truth(rows.y[parts["train"]]))


def adopt_rows(rows: Examples, learnt: Preprocessing) -> Examples:
    """The examples with the categories of a table as those that were learnt."""
    return rows.recoded(learnt.columns.lookups(rows.words)) if learnt.columns else rows
