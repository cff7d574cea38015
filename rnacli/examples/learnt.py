"""What is learnt from the training rows before the network sees them, kept as numbers and words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.data.examples import Examples
from rnacli.encoders.columns.image import Image
from rnacli.encoders.encoder import Encoder, InputSpec, plain_shape
from rnacli.encoders.kinds import dump_encoder, load_encoder
from rnacli.encoders.mixed import apart_of, table_of
from rnacli.encoders.table import Columns
from rnacli.errors import CONFIG, WHOLE_RUN, RnaError
from rnacli.experiment.adversarial import LABEL
from rnacli.experiment.config import Config
from rnacli.schema.keras_object import make_spec
from rnacli.strict_json import check_json_size, parse_json
from rnacli.tasks.choose import choose_form, learn_task, load_task
from rnacli.tasks.form import Form, Targets
from rnacli.tasks.heads import Head
from rnacli.tasks.task import Task


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How examples become the network's inputs (``encoder``), and what each of its outputs is for (``tasks``).

    ``condition``: the classes of examples, where a generator and its discriminator are told them.
    """

    encoder: Encoder
    tasks: Mapping[str, Task]
    condition: Task | None = None

    @property
    def inputs(self) -> dict[str, InputSpec]:
        """The inputs of the network, that of labels among them."""
        label = {} if self.condition is None else {LABEL: InputSpec((len(self.condition.labels),))}
        return dict(self.encoder.inputs) | label

    @property
    def read_for(self) -> Mapping[str, Task]:
        """What targets are read for: tasks, or the classes that are told."""
        return self.tasks if self.condition is None else {LABEL: self.condition}

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
        if self.condition is not None:
            plain[LABEL] = dump_task(self.condition)
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
    heads = config.heads
    tasks = {name: fit_task(rows, name, train, config, form, heads[name]) for name, form in forms.items()}
    return Preprocessing(encoder, tasks, fit_condition(rows, train, config) if config.is_conditional else None)


def fit_condition(rows: Examples, train: np.ndarray, config: Config) -> Task:
    """The classes of examples, for a generator that is told them. Raises ``RnaError``."""
    head = Head(make_spec("layer", "softmax"), make_spec("loss", "categorical_crossentropy"))
    place = str(config.place("generator"))
    if rows.y.ndim > 1 and rows.y.shape[1] == 0:
        message = "a layer takes the label of an example, and these examples have none"
        raise RnaError(message, place=place, hint="name a target in dataset, or leave label out", exit_code=CONFIG)
    try:
        form = choose_form(head, rows.y, rows.target)
        return fit_task(rows, rows.target, train, config, form, head)
    except RnaError as error:
        message = "a layer takes the label of an example as one of several classes: {problem}"
        raise RnaError(message, place=place, exit_code=error.exit_code, problem=error.problems[0].message) from None


def fit_task(rows: Examples, output: str, train: np.ndarray, config: Config, form: Form, head: Head) -> Task:
    """What the targets of an output, which ends in ``head``, teach. Raises ``RnaError``."""
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
        are_ours=bool(data.FOLDERS),
    )
    return learn_task(form, targets, head)


def load_preprocessing(content: bytes, place: str, outputs: Sequence[str]) -> Preprocessing:
    """Preprocessing of a network with these ``outputs``, checked to the last number. Raises ``RnaError``."""
    try:
        plain: Any = parse_json(content)
        each = {outputs[0]: plain} if len(outputs) == 1 else {name: plain["outputs"][name] for name in outputs}
        tasks = {name: load_task(kept["targets"], kept["task"]) for name, kept in each.items()}
        told = plain.get(LABEL)
        condition = None if told is None else load_task(told["targets"], told["task"])
        return Preprocessing(load_encoder(plain["inputs"]), tasks, condition)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise RnaError("the file is damaged: {error:.100}", place=place, hint=WHOLE_RUN, error=error) from None
