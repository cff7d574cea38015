"""The data sets that scikit-learn makes or ships."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnacli.data.kind import DataSet
from rnacli.data.section import SPLIT_DOC, Part, Split, SplitKind, class_names_key, positive_key, target_key
from rnacli.data.where import Where
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.errors import RnaError
from rnacli.helper import run_aside
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.section import key
from rnacli.schema.values import Anything

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples


@dataclass(frozen=True)
class Sklearn(DataSet):
    """A data set that scikit-learn makes or ships; its arguments stand beside it."""

    sklearn: KerasSpec = key(Anything(), "a `make_*` or `load_*` of `sklearn.datasets`; its arguments beside it")
    target: str | None = target_key()
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split(test=Part(0.2)))

    def read(self, where: Where) -> "Examples":
        return sklearn_rows(self.sklearn, where.seed).for_target(self.target)


def sklearn_rows(spec: KerasSpec, seed: int) -> "Examples":
    """Rows from ``sklearn.datasets``; a ``random_state`` that is left out is the config's seed."""
    from rnacli.data.arrays import Resident
    from rnacli.data.examples import Examples, digest_arrays

    arguments = dict(spec.arguments)
    if "random_state" in arguments and arguments["random_state"] is None:
        arguments["random_state"] = seed
    try:
        x, y, columns, names = run_aside(sample_sklearn, spec.entry.target, arguments)
    except (ValueError, TypeError) as error:
        raise RnaError(
            "{name}: {error:.200}", place=str(spec.place), exit_code=2, name=spec.name, error=error
        ) from None
    files = {spec.name: digest_arrays(x, y)}
    if columns is None:
        return Examples(Resident(x), y, tuple(f"x{i + 1}" for i in range(x.shape[1])), ("y",), files=files)
    several = y.ndim == 2
    classes = None if several or names is None else tuple(names)
    return Examples(Resident(x), y, tuple(columns), tuple(names) if several else ("target",), classes, files=files)


def sample_sklearn(
    name: str, arguments: dict[str, Any]
) -> tuple["np.ndarray", "np.ndarray", list[str] | None, list[str] | None]:
    """Inputs and targets that a function of ``sklearn.datasets`` makes or loads; what it calls the columns and targets.

    Both are ``None`` where it names nothing.
    """
    import sklearn.datasets

    function: Callable[..., Any] = getattr(sklearn.datasets, name)
    dataset = function(**{name: tupled(value) for name, value in arguments.items()})
    if isinstance(dataset, tuple):
        return dataset[0], dataset[1], None, None
    names = dataset.get("target_names")
    columns = [str(column) for column in dataset.get("feature_names", ())]
    return dataset.data, dataset.target, columns, None if names is None else [str(name) for name in names]


def tupled(value: Any) -> Any:
    """A list as the tuple that scikit-learn's own checks expect; other values as they are."""
    return tuple(value) if isinstance(value, list) else value
