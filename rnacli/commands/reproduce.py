"""``rna reproduce``: train a run again from its folder, and compare."""

from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, AsJson, CacheFolder, Offline, RunName, RunsFolder
from rnacli.errors import DATA
from rnacli.terminal.console import print_json, print_note, print_result
from rnacli.terminal.startup import import_engine
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.training.reproduce import Reproduction


def reproduce(
    run: RunName,
    *,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", metavar="SHARE", min=0, help="Allowed relative difference of each number."),
    ] = 1e-3,
    as_json: AsJson = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
    offline: Offline = False,
) -> None:
    """Train a run again from its folder only, as a new run, and say whether the same came out (exit code 0)."""
    from rnacli.runs.find import find_run

    former = find_run(run, runs)
    import_engine()
    from rnacli.terminal.progress import make_progress, shield_terminal
    from rnacli.training.reproduce import reproduce_run

    listeners = [make_progress(former.config().epochs)]
    with shield_terminal(listeners):
        result = reproduce_run(former, runs, cache, listeners, tolerance, offline)
    if as_json:
        print_json(result.plain())
    else:
        show_reproduction(result)
    if result.parted is not None:
        raise typer.Exit(DATA)


def show_reproduction(result: "Reproduction") -> None:
    """Whether the same came out, and the new run's folder."""
    if result.changed:
        print_note(fill_template("not as in the run: {changed:.300}", changed=", ".join(result.changed)))
    print_result(describe_outcome(result))
    print_result(str(result.run.path))


def describe_outcome(result: "Reproduction") -> str:
    if (parted := result.parted) is not None:
        values = fill_template(
            "{measure} was {before:.7g}, now {again:.7g}",
            measure=parted.measure,
            before=parted.before,
            again=parted.again,
        )
        return fill_template("not the same from epoch {epoch} on: {values:.300}", epoch=parted.epoch, values=values)
    if result.exact:
        return fill_template("the same to the last bit: weights and history")
    if result.difference:
        return fill_template(
            "the same but for the last digits: the histories differ by at most {difference:.1e} of a value",
            difference=result.difference,
        )
    return fill_template("the same history; the weights differ in their last digits")
