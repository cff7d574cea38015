"""From a trained network and its data, or from a run's folder, to what there is to draw of it."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.data.views import array_named
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.networks.augment import show_augmentation
from rnacli.networks.nodes import Node, describe_network, describe_sides, first_dense, first_kernel
from rnacli.networks.restore import restore_network
from rnacli.networks.step_activations import describe_steps
from rnacli.plots.pixels import is_image
from rnacli.plots.view import Curves, Pictures, View
from rnacli.results.evaluate import Evaluation, evaluate_network
from rnacli.results.film import FILE, Frames, film_answers, read_frames
from rnacli.results.maker import describe_numbers, make_maker
from rnacli.results.numpy_answers import Forward, compared_outputs
from rnacli.results.outputs import run_answers, threshold_decisions
from rnacli.runs.folder import Run, architecture_name
from rnacli.runs.history import read_history
from rnacli.runs.open import CHECKPOINTS, load_run
from rnacli.runs.reload import reload_training_data
from rnacli.runs.seeds import read_curves
from rnacli.tasks.threshold import sweep_thresholds
from rnacli.words import fill_template, name_files


def make_views(config: Config, data: Data, network: Any, forward: Forward, final: Evaluation) -> list[View]:
    """What there is to draw of each output of a trained network, which answers by ``forward``.

    Nothing is computed yet. What is of the whole network is in the first one.
    """
    if config.sides:
        return [make_side_view(config, data, network, final)]
    folders = name_files([*data.tasks]) if len(data.tasks) > 1 else [""]
    first, *others = (
        replace(make_view(config, data, output, forward, each), folder=folder)
        for output, each, folder in zip(data.tasks, final.every, folders, strict=True)
    )
    return [with_network(first, config, network), *others]


def make_view(config: Config, data: Data, output: str, forward: Forward, final: Evaluation) -> View:
    """What there is to draw of an output, without what is of the whole network."""
    learnt, y, task = data.preprocessing, data.rows.targets_of(output), data.tasks[output]

    def answer(inputs: np.ndarray) -> np.ndarray:
        outputs = compared_outputs(forward, {output: task}, learnt.encoder, inputs)[output]
        predicted, probabilities = task.read(outputs)
        return predicted if probabilities is None else probabilities

    is_swept = isinstance(config.threshold, str) and "validation" in data.parts and task.threshold is not None
    return View(
        config.name,
        final,
        learnt.shape,
        learnt.encoder.features,
        task.numbers,
        data.rows.x,
        all(content.kind == "numeric" for content in data.rows.kinds.values()),
        data.parts,
        lambda rows: task.truth(y[rows]),
        answer,
        sweep=(lambda: sweep_thresholds(*threshold_decisions(forward, data, "validation", output)))
        if is_swept
        else None,
        pictures=picture_inputs(data),
        names=functools.partial(name_rows, data),
        series=data.rows.series,
        reconstruct=task.reconstruction(lambda x: (learnt.encoder.encode(x), forward(x)[output])),
        row_classes=task.row_classes,
        number_names=only_names(learnt.encoder.number_names) or learnt.encoder.features,
        told=tell_network(config, learnt.shape),
    )


def with_network(view: View, config: Config, network: Any) -> View:
    """A view with what is of the whole network: its layers, its first weights, what training makes of pictures."""
    return replace(
        view,
        network=lambda: describe_layers(config, network),
        first_kernel=lambda: first_kernel(network),
        first_dense=lambda: first_dense(network),
        augment={
            name: functools.partial(show_augmentation, specs, config.seed)
            for name, specs in config.dataset.augmentation.items()
        },
    )


def make_side_view(config: Config, data: Data, network: Any, final: Evaluation) -> View:
    """What there is to draw of a generator and its discriminator."""
    learnt, augment = data.preprocessing, config.dataset.augment
    maker = make_maker(network, learnt, describe_numbers(data))
    names = {side: dict(zip(own.keras_names, own.layer_names, strict=True)) for side, own in config.sides.items()}
    return View(
        config.name,
        final,
        learnt.shape,
        learnt.encoder.features,
        (),
        data.rows.x,
        True,
        data.parts,
        lambda rows: np.zeros(len(rows), int),
        lambda inputs: np.zeros((len(inputs), 0)),
        network=lambda: describe_sides(network.sides, names),
        first_kernel=lambda: first_kernel(network.discriminator),
        augment={"x": functools.partial(show_augmentation, augment, config.seed)} if augment else {},
        pictures=picture_inputs(data),
        make=lambda count: maker.make(count, config.seed),
        told=tell_network(config, learnt.shape),
    )


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


def with_history(
    views: Sequence[View], history: Mapping[str, Sequence[float]], validated: str | None, curves: Curves
) -> list[View]:
    """Views, the first of which knows the network's history and those of its other seeds.

    ``validated``: the part that each epoch was measured on.
    """
    first, *others = views
    return [replace(first, history=history, validated_on=validated or "validation", curves=curves), *others]


def load_views(run: Run, cache: Path, explain: bool = False) -> list[View]:
    """All there is to draw of a finished run, from its folder and its data; ``explain``: also what takes long.

    Raises ``RnaError``.
    """
    opened = load_run(run)
    data, network = reload_training_data(run, opened, cache), restore_network(opened)
    forward = run_answers(opened, network)
    final = evaluate_network(network, data, run.record.get("held_out", data.held_out), forward)
    views = make_views(opened.config, data, network, forward, final)
    history, validated = read_history(run, opened.config), run.record.get("validated_on")
    views = with_history(views, history, validated, read_curves(run))
    epochs = int(run.record.get("epochs") or 0)
    frames = read_frames(run.path / CHECKPOINTS / FILE, epochs, network.count_params())
    if frames and run.record.get("light") is True and len(data.tasks) == 1:
        views[0] = with_film(views[0], frames, network, opened.config, data, epochs)
    return [replace(view, every=True, explain=explain) for view in views]


def with_film(view: View, frames: Frames, network: Any, config: Config, data: Data, epochs: int) -> View:
    """A view that knows what the network of some epochs said."""
    return replace(view, film=lambda plane: film_answers(frames, network, config, data, plane, epochs))
