"""Which task loss, head and target make together: decided here alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnacli.tasks.classes import Classes
from rnacli.tasks.form import Form, Targets, read_kept
from rnacli.tasks.heads import Head
from rnacli.tasks.labels import Labels
from rnacli.tasks.numbers import Numbers
from rnacli.tasks.positive import refuse_positive
from rnacli.tasks.reconstruction import Reconstruction
from rnacli.tasks.step_classes import Steps
from rnacli.tasks.task import Task
from rnacli.tasks.tokens import Tokens

TASKS: dict[str, type[Task]] = {
    "steps": Steps, "labels": Labels, "classes": Classes, "numbers": Numbers, "reconstruction": Reconstruction,
    "tokens": Tokens,
}  # fmt: skip
"""The kinds of task, in the order in which they are asked whether a target is theirs: the one place that lists them.

Those behind the numbers, which take every target, are only there by their name.
"""


def choose_form(head: Head, target: np.ndarray, name: str, separated: bool = False, task: str = "") -> Form:
    """What the loss, the head and the target values ((n,) or (n, targets), numbers or text) make together.

    ``name`` is the target's, for messages; ``separated``: each cell may hold several labels; ``task``: the kind of
    task, where the data say it. Raises ``RnaError`` where they do not go together.
    """
    tasks = [TASKS[task]] if task else TASKS.values()
    forms = (each.choose(head, target, name, separated) for each in tasks)
    return next(form for form in forms if form is not None)


def task_of(form: Form) -> type[Task]:
    """The kind of task that a form belongs to. Raises ``ValueError``."""
    for task in TASKS.values():
        if form.kind in task.kinds and form.encoding in task.encodings and form.activation in task.activations:
            return task
    raise ValueError("it names an unknown task")


def learn_task(form: Form, targets: Targets, head: Head) -> Task:
    """The task of targets of a form, with their labels or their scale. Raises ``RnaError``."""
    task = task_of(form).learn(form, targets, head)
    if targets.positive is not None and task.positive is None:
        raise refuse_positive(targets, form.kind)
    return task


def load_task(targets: Mapping[str, Any], form: Mapping[str, Any]) -> Task:
    """The task from what was kept of it and its form. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    task_form = Form(**{field: str(word) for field, word in form.items()})
    return task_of(task_form).load(task_form, read_kept(targets))
