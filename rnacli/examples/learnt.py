"""What is learnt from the training rows before the network sees them, kept as numbers and words."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.data.examples import Examples
from rnacli.encoders.encoder import Encoder, plain_shape
from rnacli.encoders.kinds import dump_encoder, load_encoder
from rnacli.encoders.table import Columns
from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.experiment.config import Config
from rnacli.strict_json import check_json_size, parse_json
from rnacli.tasks.choose import learn_task, load_task
from rnacli.tasks.task import Form, Targets, Task


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How examples become the network's inputs (``encoder``), and what its outputs are for (``task``)."""

    encoder: Encoder
    task: Task

    @property
    def columns(self) -> Columns | None:
        """What the columns of a table teach; ``None`` for arrays."""
        return self.encoder if isinstance(self.encoder, Columns) else None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example as the network takes it, all inputs beside one another."""
        return plain_shape(self.encoder.inputs)

    def dump(self) -> bytes:
        """As JSON; numbers keep every digit. Raises ``RnaError`` for more than ``load_preprocessing`` would take."""
        plain = {
            "inputs": dump_encoder(self.encoder),
            "targets": {key: value for key, value in self.task.keep()._asdict().items() if value is not None},
            "task": asdict(self.task.form),
        }
        content = (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
        try:
            check_json_size(content)
        except ValueError as error:
            message = "what the columns teach is too much to be kept: {error:.300}"
            hint = "columns: {name: {min_count: 10}} groups rare categories, {name: ignore} leaves a column out"
            raise RnaError(message, hint=hint, error=error) from None
        return content


def fit_preprocessing(rows: Examples, train: np.ndarray, config: Config, form: Form) -> Preprocessing:
    """Learn inputs and scales from the training rows (indices ``train``), and the classes from all that are used."""
    data = config.dataset
    encoder = data.learn(rows, train, config.where(Path()))
    targets = Targets(
        rows.targets,
        rows.y if rows.usable is None else rows.y[rows.usable],
        rows.y[train],
        rows.classes,
        data.class_names,
        data.positive,
        data.target_scales(rows.targets),
        data.separator,
        config.threshold if isinstance(config.threshold, float) else 0.5,
        next(iter(rows.files), ""),
        len(rows.y),
        config.place,
        rows.are_numbered,
    )
    return Preprocessing(encoder, learn_task(form, targets, config.head))


def load_preprocessing(content: bytes, place: str) -> Preprocessing:
    """Preprocessing from a run's file, checked to the last number. Raises ``RnaError``."""
    try:
        plain: Any = parse_json(content)
        return Preprocessing(load_encoder(plain["inputs"]), load_task(plain["targets"], plain["task"]))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise RnaError("the file is damaged: {error:.100}", place=place, hint=WHOLE_RUN, error=error) from None
