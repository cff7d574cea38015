"""How much a training row of each class counts, as ``class_weight`` of Keras' ``fit``."""

import numpy as np

from rnacli.dataset.preprocessing import Preprocessing
from rnacli.errors import CONFIG, RnaError, clean, did_you_mean
from rnacli.language import Config
from rnacli.schema import listed


def of(config: Config, learnt: Preprocessing, train: np.ndarray) -> dict[str, float] | None:
    """The weight of each label, or ``None``; ``train``: the training targets (n,).

    ``balanced`` is scikit-learn's: n / (classes * rows of the class). Raises ``RnaError`` for unknown labels.
    """
    asked, place = config.class_weight, str(config.place("class_weight"))
    if asked is None:
        return None
    if learnt.task.kind not in ("binary", "multiclass"):
        wanted = "a row has several labels" if learnt.task.kind == "multilabel" else "the target is a number"
        raise RnaError(f"class_weight is for classes, and {wanted}", place=place, exit_code=CONFIG)
    if asked == "balanced":
        counts = np.bincount(learnt.indices(train), minlength=len(learnt.labels))
        present = np.maximum(counts, 1)
        weights = len(train) / (len(counts) * present)
        return dict(zip(learnt.labels, weights.tolist(), strict=True))
    if not isinstance(asked, dict):
        raise TypeError("class_weight is a word or a mapping")
    named = dict(zip(learnt.classes, learnt.labels, strict=True)) | {label: label for label in learnt.labels}
    for name in asked:
        if name not in named:
            known = listed([clean(label) for label in learnt.labels], "and")
            hint = did_you_mean(name, named) or f"classes: {known}"
            message = f"class_weight: '{clean(name)}' is no class of {clean(learnt.targets[0])}"
            raise RnaError(message, place=str(config.place("class_weight", name)), hint=hint, exit_code=CONFIG)
    given = {named[name]: weight for name, weight in asked.items()}
    return {label: given.get(label, 1.0) for label in learnt.labels}
