"""``rna check``: what is wrong with a file, or what its data and its network are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import CacheFolder, ConfigFile, Offline, Overrides
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_result, print_table, print_warning
from rnacli.terminal.startup import import_engine
from rnacli.words import count_things, fill_each, fill_template

if TYPE_CHECKING:
    from rnacli.checks.check import Check
    from rnacli.examples.load import Data
    from rnacli.experiment.config import Config
    from rnacli.networks.plan import LayerPlan


def check(
    config: ConfigFile,
    *,
    overrides: Overrides,
    cache: CacheFolder,
    layers: Annotated[
        bool, typer.Option("--layers", help="List the layers within a pretrained base, too.", show_default=False)
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, help="Measure a step, and say if N workers would be faster.")
    ] = 1,
    offline: Offline = False,
) -> None:
    """Name every mistake in a file, or show its network."""
    from rnacli.experiment.callbacks import require_packages
    from rnacli.experiment.load import load_config

    experiment = load_config(config, overrides)
    require_packages(experiment)
    import_engine()
    from rnacli.checks.check import check_experiment

    result = check_experiment(experiment, cache, offline)
    show_data(experiment.name, result.data)
    split = experiment.dataset.split
    if split.folds:
        said = "these are the rows of fold {fold} of {folds}"
        if split.fold is None:
            said = "these are the rows of fold {fold} of {folds}; rna train trains each of them"
        print_result(fill_template(said, fold=split.fold or 1, folds=split.trainings))
    show_layers(result.layers)
    frozen = sum(layer.frozen for layer in result.layers)
    said = "{parameters:,} parameters, {frozen:,} of them frozen" if frozen else "{parameters:,} parameters"
    print_result(fill_template(said, parameters=result.parameters, frozen=frozen))
    show_seeds(experiment, result)
    show_folds(experiment, result)
    if layers:
        show_within(result.layers)
    if experiment.tune is not None:
        show_search(experiment)
    for problem in result.doubtful:
        print_warning(problem)
    if result.wrong:
        raise RnaError.of(result.wrong, CONFIG)
    if workers > 1:
        show_workers(experiment, cache, offline, workers)


def show_workers(experiment: "Config", cache: Path, offline: bool, count: int) -> None:
    """Whether so many workers would train faster than this process alone, by a step that is measured."""
    from rnacli.fitting.job import prepare_job
    from rnacli.fitting.step_time import SUM, SUM_OF_ONE, measure_step
    from rnacli.training.workers import require_shareable

    require_shareable(experiment, count)
    step = measure_step(prepare_job(experiment, cache, offline))
    alone, shared, added = 1e3 * step.seconds, 1e3 * step.shared(count), 1e3 * (SUM + SUM_OF_ONE * step.numbers)
    said = (
        "a step of {rows:,} rows takes {alone:.3g} ms here; of {count} workers it would take {shared:.3g} ms at the "
        "least, since to add up {numbers:,} numbers takes {added:.3g} ms"
    )
    takes = {"alone": alone, "shared": shared, "added": added}
    print_result(fill_template(said, rows=step.rows, count=count, numbers=step.numbers, **takes))
    said, times = "{count} workers are at most {times:.2g} times as fast", alone / shared
    if times < 1:
        said, times = "{count} workers do not pay: they are {times:.2g} times slower", 1 / times
    print_result(fill_template(said, count=count, times=times))


def show_seeds(experiment: "Config", result: "Check") -> None:
    """What the other seeds will cost."""
    from rnacli.experiment.seeds import other_seeds
    from rnacli.seeds.choose import choose_seeds

    if count := len(other_seeds(experiment)):
        choice = choose_seeds(experiment, result.data, result.layers, count)
        said = "{seeds}, {why}; about {seconds:.0f} s of one core"
        print_result(
            fill_template(said, seeds=count_things(count, "more seed"), why=choice.why, seconds=choice.seconds)
        )
        if choice.processes > 1:
            print_result(fill_template("{count} processes share them", count=choice.processes))


def show_folds(experiment: "Config", result: "Check") -> None:
    """How the folds will be trained, and what they will cost."""
    from rnacli.seeds.folds import choose_folds

    split = experiment.dataset.split
    if not split.folds or split.fold is not None or result.wrong:
        return
    choice = choose_folds(experiment, result.data, result.layers)
    said = "{folds}, {why}; about {seconds:.0f} s of one core"
    values = {"folds": count_things(split.trainings, "fold"), "why": choice.why, "seconds": choice.seconds}
    print_result(fill_template(said, **values))


def show_search(experiment: "Config") -> None:
    """What ``rna tune`` would search, and by what."""
    from rnacli.document.write import yaml_flow
    from rnacli.experiment.check_tune import goal_direction
    from rnacli.experiment.tune import RangeKind

    tune = experiment.tune
    if tune is None:
        return
    said = "rna tune: {most}, {search}, for a small {measure}"
    if goal_direction(experiment) == "max":
        said = "rna tune: {most}, {search}, for a large {measure}"
    most = count_things(tune.most, "trial") if tune.most is not None else fill_template("trials")
    print_result(fill_template(said, most=most, search=tune.search, measure=tune.measure))
    rows = [(key, yaml_flow(RangeKind().plain(each))) for key, each in tune.over.items()]
    print_table(fill_each("key", "range"), rows, left=(0, 1))


def show_data(name: str, data: "Data") -> None:
    """The rows of each part, the inputs, and the classes."""
    rows = ", ".join(f"{len(rows):,} {part}" for part, rows in data.parts.items())
    several = len(data.tasks) > 1
    kinds = [f"{output} {task.form.kind}" if several else task.form.kind for output, task in data.tasks.items()]
    kinds = kinds or ["generation"]
    said = "{name:.200}: {rows:.300} rows; {inputs:.1000}; {kinds:.300}"
    print_result(fill_template(said, name=name, rows=rows, inputs=describe_inputs(data), kinds=", ".join(kinds)))
    if data.rows.is_table:
        show_columns(data)
    elif data.preprocessing.encoder.features:
        print_result(fill_template("inputs: {features:.500}", features=", ".join(data.preprocessing.encoder.features)))
    if (condition := data.preprocessing.condition) is not None:
        print_result(fill_template("label: one of {names:and}", names=list(condition.classes)))
    for output, task in data.tasks.items():
        if task.count_classes(data.targets("train", output)):
            show_balance(data, output)
        if task.positive is not None:
            what = "positive class of {output}: {name}" if several else "positive class: {name}"
            print_result(fill_template(what, output=output, name=task.positive))


def describe_inputs(data: "Data") -> str:
    """The shape and the type of the inputs; of each, where there are several arrays, or texts among columns."""
    columns = data.preprocessing.columns
    if columns and columns.wide:
        specs = [f"{name} {' x '.join(map(str, spec.shape))} {spec.dtype}" for name, spec in columns.inputs.items()]
        return fill_template("inputs {specs:.300}", specs=", ".join(specs))
    dtype, shape = data.rows.x.dtype, " x ".join(map(str, data.preprocessing.shape))
    if dtype.names is None:
        return fill_template("inputs {shape} {dtype}", shape=shape, dtype=dtype)
    fields = [(name, *(dtype[name].subdtype or (dtype[name], ()))) for name in dtype.names]
    each = [f"{' x '.join(map(str, size))} {kind}" for _, kind, size in fields]
    names = fill_template("{names:and}", names=dtype.names)
    return fill_template("inputs {names:.300}: {sizes:.300}", names=names, sizes=", ".join(each))


def show_columns(data: "Data") -> None:
    """Each input column: what it holds and why, its missing values, and what it becomes."""
    import numpy as np

    group_of = data.preprocessing.columns.group_of if data.preprocessing.columns else {}
    rows = []
    for j, column in enumerate(data.preprocessing.columns or ()):
        missing = int(np.isnan(data.rows.column(j, data.parts["train"])).sum())
        row = (
            column.name,
            column.kind,
            fill_template(data.rows.kinds[column.name].why),
            missing or None,
            column.describe_inputs(),
        )
        rows.append((*row, group_of[column.name]) if group_of else row)
    for array in data.preprocessing.apart:
        becomes = " x ".join(map(str, array.spec.shape))
        row = (array.name, array.kind, fill_template(data.rows.kinds[array.name].why), None, becomes)
        rows.append((*row, array.spec.group or array.name) if group_of else row)
    header = fill_each("column", "kind", "since it has", "missing", "becomes", "in")
    print_table(header if group_of else header[:-1], rows, left=(0, 1, 2, 4, 5))


def show_balance(data: "Data", output: str) -> None:
    """The rows of each class of an output in each part."""
    task = data.tasks[output]
    counts = {part: task.count_classes(data.targets(part, output)) for part in data.parts}
    rows = [(name, *(counts[part][i] for part in counts)) for i, name in enumerate(task.classes)]
    print_table(
        (fill_template("class of {output}", output=output) if len(data.tasks) > 1 else fill_template("class"), *counts),
        rows,
    )


def show_layers(layers: "Sequence[LayerPlan]") -> None:
    """Each layer; what it takes stands beside it where that is not always the one above."""
    above = [(layer.name,) for layer in layers]
    is_chain = all(layer.sources == one for layer, one in zip(layers[1:], above, strict=False))
    rows = [
        (
            layer.name,
            fill_template("{kind}, frozen", kind=layer.kind) if 0 < layer.frozen == layer.parameters else layer.kind,
            *(() if is_chain else (", ".join(layer.sources),)),
            str(layer.shape),
            layer.parameters,
        )
        for layer in layers
    ]
    header = fill_each("layer", "kind", *(() if is_chain else ("from",)), "output", "parameters")
    print_table(header, rows, left=range(len(header) - 1))


def show_within(layers: "Sequence[LayerPlan]") -> None:
    """The layers of each pretrained base, by the names that ``unfreeze`` takes. Raises ``RnaError`` where none is."""
    bases = [layer for layer in layers if layer.within]
    if not bases:
        raise RnaError("no layer has layers within it", place="--layers", hint="leave it out", exit_code=CONFIG)
    for base in bases:
        rows = [(each.name, each.kind, str(each.shape), each.parameters) for each in base.within]
        print_table(
            (fill_template("in {name}", name=base.name), *fill_each("kind", "output", "parameters")),
            rows,
            left=range(3),
        )
