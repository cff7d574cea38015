"""How much a training row of each class counts, as ``class_weight`` of Keras' ``fit``."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rnacli.document.place import Place
from rnacli.errors import CONFIG, RnaError
from rnacli.tasks.task import Task
from rnacli.words import clean, did_you_mean, fill_template, first_of

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("rnacli")


def weigh_classes(
    class_weight: str | Mapping[str, float] | None,
    place: Callable[..., Place],
    task: Task,
    indices: Callable[[], "np.ndarray"],
) -> dict[str, float] | None:
    """The weight of each of the task's labels, or ``None``.

    ``class_weight``: ``balanced`` is scikit-learn's, n / (classes * rows of the class), from the ``indices`` (n,) of
    the classes of the training rows. ``place`` gives the place of a key. Raises ``RnaError`` for unknown labels.
    """
    if class_weight is None:
        return None
    labels, classes = task.labels, task.classes
    if why := task.refuse_class_weight():
        raise RnaError(
            "class_weight is for classes, and {why:.300}",
            place=str(place("class_weight")),
            exit_code=CONFIG,
            why=fill_template(why),
        )
    if isinstance(class_weight, str):
        import numpy as np

        train = indices()
        counts = np.bincount(train, minlength=len(labels))
        weights = len(train) / (len(counts) * np.maximum(counts, 1))
        return dict(zip(labels, weights.tolist(), strict=True))
    named = dict(zip(classes, labels, strict=True)) | {label: label for label in labels}
    for name in class_weight:
        if name not in named:
            hint = did_you_mean(name, named) or "classes: {labels:and}"
            message = "class_weight: '{name}' is no class of {target}"
            raise RnaError(
                message,
                place=str(place("class_weight", name)),
                hint=hint,
                exit_code=CONFIG,
                name=name,
                target=task.targets[0],
                labels=labels,
            )
    given = {named[name]: weight for name, weight in class_weight.items()}
    if left := [clean(name, 40) for name, label in zip(classes, labels, strict=True) if label not in given]:
        log.warning("class_weight says nothing of %s: such rows count 1", first_of(left))
    return {label: given.get(label, 1.0) for label in labels}
