"""What pictures are made of: a run's history, its evaluation and its examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnacli.data.arrays import Array
from rnacli.data.series import Series
from rnacli.networks.nodes import Node
from rnacli.plots.style import tell_score
from rnacli.results.evaluate import Evaluation
from rnacli.tasks.threshold import Sweep
from rnacli.words import fill_template

Drawings = dict[str, list[dict[str, Any]]]
"""The name of a file without its ending -> the arguments of ``draw`` for it, for its second, and so on.

There is more than one where each target has its own.
"""

Pictures = Mapping[str, Callable[[np.ndarray], np.ndarray]]
"""Input -> its pictures (m, height, width[, channels]) of some rows (m,), as they were read."""

Curves = Mapping[str, Sequence[Sequence[float]]]
"""A measure's name -> its values after each epoch, a list for each seed."""


@dataclass(frozen=True, eq=False)
class View:
    """What there is to draw of a run.

    ``validated_on``: the part that ``val_`` in the ``history`` stands for. ``shape``: that of one row as the
    network takes it. ``features``: the names of the columns, if they have any. ``targets``: the names of the
    numbers that are predicted; none for classes. Of the data, by their rows: ``inputs`` as they were read, which
    may be on the disk (``are_numbers``: and each was a number), the rows of each of the ``parts``, and the
    ``class_indices`` (m,) of some rows.
    ``answer``: probabilities (m, classes) or values (m, targets) for some inputs. ``network``: its layers.
    ``first_kernel``: the filters (h, w, channels, n) of a first convolution.
    ``sweep``: the scores at every threshold on the validation part, if it was chosen by one of them. ``every``: also
    what says little about as few rows as these. ``folder``: of the pictures of one of several outputs. ``pictures``:
    the inputs that are some, and ``augment``: what training made of those of each. ``names``: what rows are called.
    ``series``: the order of the rows, where they are a series. ``reconstruct``: of a network that gives back its input,
    that and what it gives for some inputs; ``row_classes``: what the rows' classes are called there.
    """

    name: str
    final: Evaluation
    shape: tuple[int, ...]
    features: tuple[str, ...]
    targets: tuple[str, ...]
    inputs: Array
    are_numbers: bool
    parts: Mapping[str, np.ndarray]
    class_indices: Callable[[np.ndarray], np.ndarray]
    answer: Callable[[np.ndarray], np.ndarray]
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    validated_on: str = "validation"
    network: Callable[[], Sequence[Node]] = lambda: []
    first_kernel: Callable[[], np.ndarray | None] = lambda: None
    sweep: Callable[[], Sweep] | None = None
    augment: Mapping[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = field(default_factory=dict)
    every: bool = False
    explain: bool = False
    folder: str = ""
    pictures: Pictures = field(default_factory=dict)
    names: Callable[[np.ndarray], list[str]] = lambda rows: [
        fill_template("row {row}", row=row) for row in rows.tolist()
    ]
    series: Series | None = None
    reconstruct: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None
    row_classes: Sequence[str] = ()
    make: Callable[[int], np.ndarray] | None = None
    """Makes so many examples (n, *shape), in the data's units."""
    curves: Curves = field(default_factory=dict)
    """The history of each seed, where the network was trained with several."""
    film: Callable[[np.ndarray], list[tuple[int, np.ndarray]]] | None = None
    """What the network of some epochs said of places (m, 2) of its plane: the epoch, and answers (m, ...)."""
    first_dense: Callable[[], np.ndarray | None] = lambda: None
    """The kernel (inputs, units) of a first dense layer."""
    number_names: tuple[str, ...] = ()
    """What the numbers of the only input are called, if they have names."""
    told: str = ""
    """Network and seed, behind the name in titles."""
    is_whole: bool = False
    """Whether it is of the network as a whole, where there are several outputs."""

    def class_name(self, index: int) -> str:
        """The class of a row that is given back, by its index; empty where it has none."""
        return self.row_classes[index] if 0 <= index < len(self.row_classes) else ""

    def entitle(self, what: str, reached: bool = False) -> str:
        """A title in two lines: what is drawn, and of which network; ``reached``: of which rows, and their score."""
        output = "" if self.is_whole else self.final.output
        about = [" ".join(filter(None, [self.name, output, self.told]))]
        if reached:
            about.append(fill_template("{rows:,} {part} rows", rows=self.final.rows, part=self.final.part))
            about += [
                f"{name.replace('_', ' ')} {tell_score(value)}" for name, value in list(self.final.scores.items())[:1]
            ]
        return f"{fill_template(what)}\n{', '.join(about)}"
