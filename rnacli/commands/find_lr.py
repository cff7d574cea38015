"""``rna find-lr``: which learning rate to take."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import AsJson, CacheFolder, ConfigFile, Offline, Overrides
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_json, print_note, print_result
from rnacli.terminal.startup import import_engine
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.experiment.config import Config
    from rnacli.fitting.find_rate import RangeTest


def find_lr(
    config: ConfigFile,
    *,
    overrides: Overrides,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.png", help="The picture (NAME_find-lr.png).")
    ] = None,
    as_json: AsJson = False,
    cache: CacheFolder,
    offline: Offline = False,
) -> None:
    """Find a learning rate: the loss while the steps grow, as a picture and on standard output."""
    from rnacli.experiment.load import load_config
    from rnacli.files import require_folder_of

    experiment = with_unknown_rate(load_config(config, overrides))
    path = output or Path(f"{experiment.name}_find-lr.png")
    require_folder_of(path)
    import_engine()
    from rnacli.fitting.job import prepare_job
    from rnacli.terminal.sparkline import draw_sparkline

    test = prepare_job(experiment, cache, offline).rate
    if test is None:
        raise TypeError("no learning rate was looked for")
    draw_test(test, experiment, path)
    if as_json:
        print_json(test.plain())
    elif sys.stdout.isatty():
        said = "loss {first:.4g} to {last:.4g}, learning rate {low:.4g} to {high:.4g}"
        rates, losses = test.rates, test.losses
        ends = fill_template(said, first=losses[0], last=losses[-1], low=rates[0], high=rates[-1])
        print_result(f"{draw_sparkline(losses)} {ends}")
    else:
        print_result("learning_rate,loss")
        for rate, loss in zip(test.rates, test.losses, strict=True):
            print_result(f"{rate:.4g},{loss:.6g}")
    print_note(fill_template("picture: {path:.300}", path=path))
    if test.suggestion is not None:
        (optimizer,) = experiment.optimizers.values()
        template = "suggestion: optimizer: {{name}: {learning_rate: {rate}}}"
        print_note(fill_template(template, name=optimizer.name, rate=f"{test.suggestion:g}"))


def with_unknown_rate(config: "Config") -> "Config":
    """The config with a learning rate that is to be found. Raises ``RnaError`` where there are two optimizers."""
    from rnacli.schema.keras_object import FIND

    if config.sides:
        message = "a generator and a discriminator have two optimizers, and no loss that falls: nothing can be found"
        raise RnaError(message, place=str(config.place("generator")), exit_code=CONFIG)
    (optimizer,) = config.optimizers.values()
    return dataclasses.replace(config, optimizer=optimizer.with_argument("learning_rate", FIND))


def draw_test(test: "RangeTest", config: "Config", path: Path) -> None:
    from rnacli.files import write_output
    from rnacli.plots.found_rate import draw
    from rnacli.plots.style import png

    title = fill_template("{name:.200}: loss as the steps grow", name=config.name)
    write_output(path, png(draw(test.rates, test.losses, test.suggestion, title)))
