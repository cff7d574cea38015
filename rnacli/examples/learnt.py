"""What is learnt from the training rows before the network sees them, kept as numbers and words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.data.examples import Examples
from rnacli.encoders.columns.image import Image
from rnacli.encoders.encoder import Encoder, plain_shape
from rnacli.encoders.kinds import dump_encoder, load_encoder
from rnacli.encoders.mixed import apart_of, table_of
from rnacli.encoders.table import Columns
from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.experiment.config import Config
from rnacli.strict_json import check_json_size, parse_json
from rnacli.tasks.choose import learn_task, load_task
from rnacli.tasks.form import Form, Targets
from rnacli.tasks.task import Task


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How examples become the network's inputs (``encoder``), and what each of its outputs is for (``tasks``)."""

    encoder: Encoder
    tasks: Mapping[str, Task]

    @property
    def columns(self) -> Columns | None:
        """What the columns of a table teach that are no arrays; ``None`` where there are none."""
        return table_of(self.encoder)

    @property
    def apart(self) -> Sequence[Image]:
        """The columns of a table that are arrays, such as pictures."""
        return apart_of(self.encoder)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example as the network takes it, all inputs beside one another."""
        return plain_shape(self.encoder.inputs)

    def dump(self) -> bytes:
        """As JSON; numbers keep every digit. Raises ``RnaError`` for more than ``load_preprocessing`` would take."""
        outputs = {name: dump_task(task) for name, task in self.tasks.items()}
        only = next(iter(outputs.values())) if len(outputs) == 1 else {"outputs": outputs}
        plain = {"inputs": dump_encoder(self.encoder)} | only
        content = (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
        try:
            check_json_size(content)
        except ValueError as error:
            message = "what the columns teach is too much to be kept: {error:.300}"
            hint = "columns: {name: {min_count: 10}} groups rare categories, {name: ignore} leaves a column out"
            raise RnaError(message, hint=hint, error=error) from None
        return content


def dump_task(task: Task) -> dict[str, Any]:
    """A task as JSON data."""
    kept = {key: value for key, value in task.keep()._asdict().items() if value is not None}
    return {"targets": kept, "task": asdict(task.form)}


def fit_preprocessing(rows: Examples, train: np.ndarray, config: Config, forms: Mapping[str, Form]) -> Preprocessing:
    """Learn inputs and scales from the training rows (indices ``train``), and the classes from all that are used.

    ``forms``: of each output.
    """
    encoder = config.dataset.learn(rows, train, config.where(Path()))
    tasks = {name: fit_task(rows, name, train, config, form) for name, form in forms.items()}
    return Preprocessing(encoder, tasks)


def fit_task(rows: Examples, output: str, train: np.ndarray, config: Config, form: Form) -> Task:
    """What the targets of an output teach. Raises ``RnaError``."""
    data, y = config.dataset, rows.targets_of(output)
    names = (output,) if rows.y.dtype.names else rows.targets
    targets = Targets(
        names,
        y if rows.usable is None else y[rows.usable],
        rows.take_targets(output, train),
        rows.classes,
        data.class_names,
        data.positive,
        data.target_scales(names),
        data.separator,
        config.threshold if isinstance(config.threshold, float) else 0.5,
        next(iter(rows.files), ""),
        len(y),
        config.place,
        rows.are_numbered,
    )
    return learn_task(form, targets, config.heads[output])


def load_preprocessing(content: bytes, place: str, outputs: Sequence[str]) -> Preprocessing:
    """Preprocessing of a network with these ``outputs``, checked to the last number. Raises ``RnaError``."""
    try:
        plain: Any = parse_json(content)
        each = {outputs[0]: plain} if len(outputs) == 1 else {name: plain["outputs"][name] for name in outputs}
        tasks = {name: load_task(kept["targets"], kept["task"]) for name, kept in each.items()}
        return Preprocessing(load_encoder(plain["inputs"]), tasks)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise RnaError("the file is damaged: {error:.100}", place=place, hint=WHOLE_RUN, error=error) from None
