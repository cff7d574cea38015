"""Which of two classes is the positive one, whose precision, recall and threshold are meant."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnacli.errors import CONFIG, RnaError
from rnacli.tables.cells import find_distinct, spell_labels
from rnacli.words import did_you_mean, plain_word

if TYPE_CHECKING:
    import numpy as np

    from rnacli.tasks.form import Targets

YES = {
    "yes", "y", "si", "s", "sim", "ja", "oui", "true", "t", "verdadero", "wahr", "vrai", "positive", "positivo",
    "positiva", "positiv", "positif", "pos", "+", "present", "presente", "sick", "ill", "enfermo", "enferma",
    "malignant", "maligno", "maligna", "fraud", "fraude", "spam", "abnormal", "anormal", "defective", "defectuoso",
    "defectuosa",
}  # fmt: skip
"""Words that mean yes: the class that is looked for. Accents and case do not matter."""
NO = {
    "no", "nao", "nein", "non", "false", "falso", "falsch", "faux", "negative", "negativo", "negativa", "negativ",
    "negatif",
}  # fmt: skip
"""Words that mean no: the other class is looked for."""
KNOWN_NUMBERS = (("0", "1"), ("-1", "1"))
"""Pairs of numbers of which 1 is yes."""


def put_positive_last(labels: Sequence[str], classes: Sequence[str], targets: "Targets") -> list[int]:
    """The order of two classes such that the positive one is the second, by their places in ``labels``.

    ``labels``: as the data write them, in their order; ``classes``: what they are called. Raises ``RnaError`` for a
    ``positive`` of the config that is none of them.
    """
    if targets.positive is not None:
        positive = named_class(labels, classes, targets)
    else:
        # The names of folders are the labels there, unless the file puts them into an order of its own.
        written = classes if targets.are_ours and targets.class_names is None else labels
        positive = likely_positive(written, classes, count_labels(labels, targets.training))
    return [1 - positive, positive]


def count_labels(labels: Sequence[str], y: "np.ndarray") -> list[int]:
    """How many rows of targets (n,), or (n, labels) of 0 and 1, have each label."""
    if y.ndim == 2:
        return [int(count) for count in (y == 1).sum(axis=0)]
    different, inverse = find_distinct(y)
    spelled = spell_labels(different)
    return [sum(int((inverse == i).sum()) for i, word in enumerate(spelled) if word == label) for label in labels]


def likely_positive(labels: Sequence[str], classes: Sequence[str], counts: Sequence[int]) -> int:
    """Which of two classes, 0 or 1, is the positive one where nobody says so.

    1 of 0 and 1; else the class that means yes, or whose other one means no; else the rarer one, by the ``counts`` of
    rows; else the second.
    """
    if tuple(labels) in KNOWN_NUMBERS:
        return 1
    yes = [means_yes(name) for name in classes]
    if yes[0] == yes[1]:
        yes = [plain_word(name) in NO for name in reversed(classes)]
    return yes.index(True) if yes[0] != yes[1] else int(counts[0] >= counts[1])


def named_class(labels: Sequence[str], classes: Sequence[str], targets: "Targets") -> int:
    """The place of the class that the config names, by its name or its label. Raises ``RnaError``."""
    for names in (classes, labels):
        if targets.positive in names:
            return list(names).index(str(targets.positive))
    raise RnaError(
        "positive: '{name:.40}' is no class of {target}",
        place=str(targets.place("dataset", "positive")),
        hint=did_you_mean(str(targets.positive), classes) or "positive: {classes:or}",
        exit_code=CONFIG,
        name=targets.positive,
        target=targets.title,
        classes=classes,
    )


def refuse_positive(targets: "Targets", kind: str) -> RnaError:
    """The error for a ``positive`` class where there are not two classes."""
    return RnaError(
        "positive is for two classes, and the task is {kind}",
        place=str(targets.place("dataset", "positive")),
        hint="remove positive",
        exit_code=CONFIG,
        kind=kind,
    )


def means_yes(name: str) -> bool:
    """Whether a class is called as what is looked for."""
    return plain_word(name) in YES
