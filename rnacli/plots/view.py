"""What pictures are made of: a run's history, its evaluation and its examples."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.data.arrays import Array
from rnacli.data.series import Series
from rnacli.data.views import array_named
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.augment import show_augmentation
from rnacli.networks.nodes import Node, describe_network, describe_sides, first_dense, first_kernel
from rnacli.networks.restore import restore_network
from rnacli.networks.steps import describe_steps
from rnacli.plots.pixels import is_image
from rnacli.results.evaluate import Evaluation, evaluate_network
from rnacli.results.film import FILE, Frames, film_answers, read_frames
from rnacli.results.light import Forward, compared_outputs
from rnacli.results.made import describe_numbers, make_maker
from rnacli.results.outputs import run_answers, threshold_decisions
from rnacli.runs.folder import Run, architecture_name
from rnacli.runs.history import read_history
from rnacli.runs.open import CHECKPOINTS, load_run
from rnacli.runs.reload import reload_training_data
from rnacli.runs.seeds import read_curves
from rnacli.tasks.threshold import Sweep, sweep_thresholds
from rnacli.words import fill_template, name_files

Drawings = dict[str, list[dict[str, Any]]]
"""The name of a file without its ending -> the arguments of ``draw`` for it, for its second, and so on.

There is more than one where each target has its own.
"""

Pictures = Mapping[str, Callable[[np.ndarray], np.ndarray]]
"""Input -> its pictures (m, height, width[, channels]) of some rows (m,), as they were read."""


Curves = Mapping[str, Sequence[Sequence[float]]]
"""A measure's name -> its values after each epoch, a list for each seed."""
NO_CURVES: Curves = {}


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
    history: Mapping[str, Sequence[float]]
    validated_on: str
    final: Evaluation
    shape: tuple[int, ...]
    features: tuple[str, ...]
    targets: tuple[str, ...]
    inputs: Array
    are_numbers: bool
    parts: Mapping[str, np.ndarray]
    class_indices: Callable[[np.ndarray], np.ndarray]
    answer: Callable[[np.ndarray], np.ndarray]
    network: Callable[[], Sequence[Node]]
    first_kernel: Callable[[], np.ndarray | None]
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


def make_views(
    config: Config,
    data: Data,
    network: Any,
    forward: Forward,
    history: Mapping[str, Sequence[float]],
    validated: str | None,
    final: Evaluation,
    every: bool = False,
    explain: bool = False,
    curves: Curves = NO_CURVES,
) -> list[View]:
    """What there is to draw of each output of a trained network, which answers by ``forward``.

    Nothing is computed yet. What is of the whole network is in the first one.
    """
    if config.sides:
        return [make_side_view(config, data, network, history, validated, final)]
    folders = name_files([*data.tasks]) if len(data.tasks) > 1 else [""]
    return [
        make_view(
            config, data, network, forward, history, validated, each, output, folder, not i, every, explain, curves
        )
        for i, (output, each, folder) in enumerate(zip(data.tasks, final.every, folders, strict=True))
    ]


def make_view(
    config: Config,
    data: Data,
    network: Any,
    forward: Forward,
    history: Mapping[str, Sequence[float]],
    validated: str | None,
    final: Evaluation,
    output: str,
    folder: str,
    is_first: bool,
    every: bool,
    explain: bool,
    curves: Curves,
) -> View:
    """What there is to draw of an output, into a ``folder`` among the pictures; of the first one, all that is whole."""
    learnt, y, task = data.preprocessing, data.rows.targets_of(output), data.tasks[output]

    def answer(inputs: np.ndarray) -> np.ndarray:
        outputs = compared_outputs(forward, {output: task}, learnt.encoder, inputs)[output]
        predicted, probabilities = task.read(outputs)
        return predicted if probabilities is None else probabilities

    is_swept = isinstance(config.threshold, str) and "validation" in data.parts and task.threshold is not None
    return View(
        config.name,
        history if is_first else {},
        validated or "validation",
        final,
        learnt.shape,
        learnt.encoder.features,
        task.numbers,
        data.rows.x,
        all(content.kind == "numeric" for content in data.rows.kinds.values()),
        data.parts,
        lambda rows: task.truth(y[rows]),
        answer,
        lambda: describe_layers(config, network) * is_first,
        lambda: first_kernel(network) if is_first else None,
        (lambda: sweep_thresholds(*threshold_decisions(forward, data, "validation", output))) if is_swept else None,
        {
            name: functools.partial(show_augmentation, specs, config.seed)
            for name, specs in config.dataset.augmentation.items()
            if is_first
        },
        every,
        explain,
        folder,
        picture_inputs(data),
        functools.partial(name_rows, data),
        data.rows.series,
        task.reconstruction(lambda x: (learnt.encoder.encode(x), forward(x)[output])),
        task.row_classes,
        curves=curves if is_first else {},
        first_dense=lambda: first_dense(network) if is_first else None,
        number_names=only_names(learnt.encoder.number_names) or learnt.encoder.features,
        told=tell_network(config, learnt.shape),
    )


def tell_score(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def only_names(names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the numbers of the only input are called."""
    return tuple(next(iter(names.values()))) if len(names) == 1 else ()


def tell_network(config: Config, shape: tuple[int, ...]) -> str:
    """The sizes of the layers, and the seed."""
    sizes = architecture_name(config, shape)
    return ", ".join([sizes] * (len(sizes) <= LONGEST_SIZES) + [fill_template("seed {seed}", seed=config.seed)])


LONGEST_SIZES = 24


def describe_layers(config: Config, network: Any) -> list[Node]:
    """The layers of a network, and the steps behind them."""
    nodes = describe_network(network, dict(zip(config.keras_names, config.layer_names, strict=True)))
    return [*nodes, *describe_steps(config, nodes)]


def picture_inputs(data: Data) -> Pictures:
    """The inputs that are pictures."""
    x, learnt = data.rows.x, data.preprocessing
    if learnt.apart:
        shapes = {column.name: column.form.shape for column in learnt.apart}
        return {name: array_named(x, name).take for name, shape in shapes.items() if is_image(shape)}
    return {"x": x.take} if is_image(learnt.shape) and data.rows.series is None else {}


def name_rows(data: Data, rows: np.ndarray) -> list[str]:
    """What some rows (m,) are called: by their ids, or by their numbers from 0."""
    ids = data.rows.ids
    return [fill_template("row {row}", row=row) if ids is None else str(ids[row] or "") for row in rows.tolist()]


def make_side_view(
    config: Config,
    data: Data,
    network: Any,
    history: Mapping[str, Sequence[float]],
    validated: str | None,
    final: Evaluation,
) -> View:
    """What there is to draw of a generator and its discriminator."""
    learnt, augment = data.preprocessing, config.dataset.augment
    maker = make_maker(network, learnt, describe_numbers(data))
    names = {side: dict(zip(own.keras_names, own.layer_names, strict=True)) for side, own in config.sides.items()}
    return View(
        config.name,
        history,
        validated or "validation",
        final,
        learnt.shape,
        learnt.encoder.features,
        (),
        data.rows.x,
        True,
        data.parts,
        lambda rows: np.zeros(len(rows), int),
        lambda inputs: np.zeros((len(inputs), 0)),
        lambda: describe_sides(network.sides, names),
        lambda: first_kernel(network.discriminator),
        augment={"x": functools.partial(show_augmentation, augment, config.seed)} if augment else {},
        pictures=picture_inputs(data),
        make=lambda count: maker.make(count, config.seed),
        told=tell_network(config, learnt.shape),
    )


def load_views(run: Run, cache: Path, explain: bool = False) -> list[View]:
    """All there is to draw of a finished run, from its folder and its data; ``explain``: also what takes long.

    Raises ``RnaError``.
    """
    opened = load_run(run)
    data, network = reload_training_data(run, opened, cache), restore_network(opened)
    forward = run_answers(opened, network)
    final = evaluate_network(network, data, run.record.get("held_out", data.held_out), forward)
    history, validated = read_history(run, opened.config), run.record.get("validated_on")
    curves = read_curves(run)
    views = make_views(opened.config, data, network, forward, history, validated, final, True, explain, curves)
    epochs = int(run.record.get("epochs") or 0)
    frames = read_frames(run.path / CHECKPOINTS / FILE, epochs, network.count_params())
    if frames and run.record.get("light") is True and len(data.tasks) == 1:
        views[0] = with_film(views[0], frames, network, opened.config, data, epochs)
    return views


def with_film(view: View, frames: Frames, network: Any, config: Config, data: Data, epochs: int) -> View:
    """A view that knows what the network of some epochs said."""
    return replace(view, film=lambda plane: film_answers(frames, network, config, data, plane, epochs))
