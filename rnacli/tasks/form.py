"""What a task is told and what it says: the form of targets and outputs, what it learns from, answers and scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

TASK_KINDS = ("binary", "multiclass", "multilabel", "regression", "tokens")
OUTPUT_ACTIVATIONS = ("none", "sigmoid", "softmax", "margin")


@dataclass(frozen=True)
class Form:
    """How targets go in and how outputs come out.

    ``kind``: one of ``TASK_KINDS``, or ``reconstruction`` of the input, as people are told.
    ``encoding`` of the targets: ``binary`` (n, 1) of 0 and 1, ``integer`` (n,), ``one_hot`` (n, classes),
    ``multi_hot`` (n, labels), where each row may have any number of labels, ``values`` (n, targets), ``input``, or
    ``tokens`` (n, window) of whole numbers.
    ``activation``: what still turns the outputs into probabilities: ``sigmoid`` or ``softmax`` for logits,
    ``margin`` for outputs from -1 to 1, a step for what comes before it, ``none`` where they are probabilities or
    values already.
    """

    kind: str
    encoding: str
    activation: str

    @property
    def has_classes(self) -> bool:
        """Whether each row is of one class."""
        return self.kind in ("binary", "multiclass")


class Answer(NamedTuple):
    """What outputs mean: class indices (n,), 0 or 1 for each label (n, labels), or values (n, targets).

    ``probabilities`` (n, classes) of classes and labels.
    """

    predicted: "np.ndarray"
    probabilities: "np.ndarray | None" = None


@dataclass
class Scores:
    """Scikit-learn's scores: over all, of each class or label, and how many of each class are taken for which."""

    overall: dict[str, float]
    each: list[dict[str, Any]] = field(default_factory=list)
    confusion: "np.ndarray | None" = None


class Targets(NamedTuple):
    """What a task learns from: the ``values`` of all rows that are used, as they were read, and what is said of them.

    ``names``: of the targets. ``training``: the values of the training rows. ``classes``: the names of the integer
    labels 0, 1, ..., where the source knows them; ``class_names``: those of the config; ``positive``: the class that it
    calls so. ``scales``: of each target.
    ``source``: the file, for messages. ``rows``: how many rows the source has. ``are_numbered``: several columns have
    no names of their own. ``are_ours``: the integers that stand for ``classes`` are not from the data.
    """

    names: tuple[str, ...]
    values: "np.ndarray"
    training: "np.ndarray"
    classes: tuple[str, ...] | None
    class_names: tuple[str, ...] | None
    positive: str | None
    scales: Sequence[Any]
    separator: str
    threshold: float
    source: str
    rows: int
    place: Callable[..., Any]
    are_numbered: bool = False
    are_ours: bool = False

    @property
    def title(self) -> str:
        return ", ".join(self.names)


class Kept(NamedTuple):
    """What ``preprocessing.json`` keeps of the targets."""

    names: tuple[str, ...]
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    separator: str = ""
    offset: Any = 0.0
    divisor: Any = 1.0
    threshold: float = 0.5
    power: Any = None


def read_kept(plain: Mapping[str, Any]) -> Kept:
    """What was kept of the targets, checked. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    import numpy as np

    from rnacli.encoders.scale import require_finite

    names, labels, classes = (tuple(str(word) for word in plain[key]) for key in ("names", "labels", "classes"))
    offset, divisor = (np.asarray(plain[key], "float64") for key in ("offset", "divisor"))
    threshold = float(plain["threshold"])
    if len(labels) != len(classes) or not names:
        raise ValueError("its lengths do not fit together")
    if offset.shape != divisor.shape or offset.shape not in ((), (len(names),)) or not 0 < threshold < 1:
        raise ValueError("what it says of the targets does not fit together")
    require_finite(offset, divisor)
    power = plain.get("power")
    if power is not None:
        power = tuple(None if each is None else float(each) for each in power)
        if len(power) != len(names) or not np.isfinite([each or 0.0 for each in power]).all():
            raise ValueError("its powers do not fit together")
    return Kept(names, labels, classes, str(plain["separator"]), offset, divisor, threshold, power)
