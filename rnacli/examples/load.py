"""Data: read by the kind that the config names, split, and scaled by what the training rows teach."""

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnacli.data.examples import Examples
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.duplicates import report_duplicates
from rnacli.examples.groups import Parts
from rnacli.examples.learnt import Preprocessing, fit_preprocessing
from rnacli.examples.notes import warn_of_data
from rnacli.examples.split import split_rows
from rnacli.examples.windows import keep_windows_apart
from rnacli.experiment.adversarial import LABEL
from rnacli.experiment.config import Config
from rnacli.tables.arrays import join_arrays
from rnacli.tasks.choose import choose_form, task_of
from rnacli.tasks.class_weight import weigh_classes
from rnacli.tasks.form import Form
from rnacli.tasks.task import Task

log = logging.getLogger("rnacli")


@dataclass
class Data:
    """Everything that training and evaluation need of the data."""

    rows: Examples
    parts: Parts
    preprocessing: Preprocessing
    class_weight: dict[str, float] | None = None
    """How much a training row of each label of the only output counts."""

    def weights(self, part: str) -> np.ndarray | None:
        """How much each row (n,) of a part counts, float32; ``None`` where all count alike."""
        chosen = self.parts[part]
        weights = None if self.rows.weights is None else self.rows.weights[chosen]
        if self.class_weight is not None:
            ((name, task),) = self.tasks.items()
            each = np.array([self.class_weight[label] for label in task.labels])
            of_class = each[task.truth(self.rows.targets_of(name)[chosen])]
            weights = of_class if weights is None else weights * of_class
        return None if weights is None else np.asarray(weights, "float32")

    def raw(self, part: str) -> np.ndarray:
        """Inputs (n, *shape) of a part as they were read, in its order."""
        return self.rows.x.take(self.parts[part])

    def targets(self, part: str, output: str) -> np.ndarray:
        """Raw targets (n, ...) of a part for an output, in its order."""
        return self.rows.take_targets(output, self.parts[part])

    def encoded_targets(self, part: str) -> dict[str, np.ndarray]:
        """Targets of a part as the loss of each output wants them, or labels; none where that is the input itself.

        Raises ``RnaError`` that names an unknown label.
        """
        if (condition := self.preprocessing.condition) is not None:
            return {LABEL: condition.encode(self.rows.y[self.parts[part]])}
        return {
            name: task.encode(self.targets(part, name)) for name, task in self.tasks.items() if not task.compares_input
        }

    @property
    def tasks(self) -> Mapping[str, Task]:
        """What each output is for, by its name."""
        return self.preprocessing.tasks

    @property
    def compares_input(self) -> bool:
        """Whether the only output is compared with the only input."""
        return any(task.compares_input for task in self.tasks.values())

    @property
    def held_out(self) -> str:
        """The part that a final evaluation is on: test, else validation, else the training rows themselves."""
        return next(part for part in ("test", "validation", "train") if part in self.parts)


def load_data(config: Config, cache_folder: Path, offline: bool = False) -> Data:
    """Read, split and preprocess. ``cache_folder`` is where files behind URLs are kept. Raises ``RnaError``."""
    rows = config.dataset.read(config.where(cache_folder, offline))
    rows = divide_targets(rows, config)
    used = np.arange(len(rows.y)) if rows.usable is None else np.flatnonzero(rows.usable)
    forms: dict[str, Form] = {}
    for name, head in config.heads.items():
        y, names = rows.targets_of(name), (name,) if rows.y.dtype.names else rows.targets
        separated = bool(config.dataset.separator) and len(config.heads) == 1
        form = forms[name] = choose_form(head, y, ", ".join(names), separated, rows.task or config.dataset.TASK)
        usable = y if rows.usable is None else y[used]
        task_of(form).check_rows(usable, names, lambda row: rows.place_of(int(used[row])))
    parts = split_rows(rows, config, [*forms.values()])
    if rows.series is not None:
        parts = keep_windows_apart(rows.series, parts, config)
    if not rows.x.in_any_order:  # rows far from one another take a disk long to find
        parts = {part: np.sort(chosen) for part, chosen in parts.items()}
    if repeated := report_duplicates(rows, parts):
        log.warning("%s", repeated)
    learnt = fit_preprocessing(rows, parts["train"], config, forms)
    rows = adopt_rows(rows, learnt)
    warn_of_data(rows, parts, learnt, config.takes_pixels)
    return Data(rows, parts, learnt, class_weights(config, learnt, rows, parts))


def divide_targets(rows: Examples, config: Config) -> Examples:
    """The examples with a target for each of several outputs. Raises ``RnaError``."""
    outputs, names = [*config.heads], rows.y.dtype.names
    if config.is_conditional:
        return rows
    if not outputs:  # nothing is compared with a target
        return dataclasses.replace(rows, y=np.zeros((len(rows.x), 0)), targets=(), classes=None)
    if rows.task and len(outputs) > 1:
        message = "target: input is for a network of one output, and this one has {outputs:and}"
        hint = "one loss without names, and one last layer"
        raise RnaError(message, place=str(config.place("loss")), hint=hint, exit_code=CONFIG, outputs=outputs)
    if names is None and len(outputs) == 1:
        return rows
    if names is None and rows.y.ndim == 2 and set(rows.targets) == set(outputs):
        y = join_arrays({name: rows.y[:, i] for i, name in enumerate(rows.targets)})
        return dataclasses.replace(rows, y=y)
    if names is None or set(names) != set(outputs):
        raise RnaError(
            "the data have the targets {targets:and}, and the network the outputs {outputs:and}",
            place=str(config.place("loss")),
            hint="a layer for each target, of its name, and loss: {name: mse, other: mse}",
            exit_code=CONFIG,
            targets=names or rows.targets,
            outputs=outputs,
        )
    return rows


def complete_metrics(config: Config, tasks: Mapping[str, Task]) -> Config:
    """The config with the metrics that suit the task of each output, where it names none."""
    if config.metrics is not None or not tasks:
        return config
    metrics = {name: task.default_metrics() for name, task in tasks.items()}
    return dataclasses.replace(config, metrics=metrics if len(metrics) > 1 else next(iter(metrics.values())))


def complete_config(config: Config, tasks: Mapping[str, Task]) -> Config:
    """The config with what the data decide where it says nothing: the metrics, and which class is the positive one."""
    config = complete_metrics(config, tasks)
    positive = [task.positive for task in tasks.values()]
    if len(positive) != 1 or positive[0] is None or config.dataset.positive is not None:
        return config
    return config.with_dataset(positive=positive[0])


def class_weights(config: Config, learnt: Preprocessing, rows: Examples, parts: Parts) -> dict[str, float] | None:
    """How much a training row of each label counts, as the config asks. Raises ``RnaError``."""
    if config.class_weight is None:
        return None
    ((name, task),) = learnt.tasks.items()
    train = parts["train"]
    return weigh_classes(config.class_weight, config.place, task, lambda: task.truth(rows.targets_of(name)[train]))


def adopt_rows(rows: Examples, learnt: Preprocessing) -> Examples:
    """The examples with the categories of a table as those that were learnt."""
    return rows.recoded(learnt.columns.lookups(rows.words)) if learnt.columns else rows
