"""``rna compare``: runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, AsJson, RunNames, RunsFolder
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import format_figure, print_json, print_note, print_result, print_sentence, print_table
from rnacli.words import fill_template

if TYPE_CHECKING:
    from rnacli.results.chance import Difference
    from rnacli.results.compare import Comparison
    from rnacli.runs.folder import Run


def compare(
    runs: RunNames,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.png", help="Draw their curves into a picture.")
    ] = None,
    metric: Annotated[
        str, typer.Option("--metric", metavar="NAME", help="The column of history.csv that is drawn.")
    ] = "",
    as_json: AsJson = False,
    folder: RunsFolder = RUNS,
) -> None:
    """Show in what runs differ, what they reached, and if that is more than chance."""
    from rnacli.results.compare import compare_runs
    from rnacli.runs.find import find_runs

    if metric and output is None:
        raise RnaError("--metric says what is drawn", place="--metric", hint="-o curves.png", exit_code=CONFIG)
    chosen = find_runs(runs, folder)
    if len(chosen) < 2:
        message = "expected two runs or more, got {count}"
        hint = "rna runs lists them; latest is the newest; 'circles*' are all of that name"
        raise RnaError(message, place=" ".join(runs), hint=hint, exit_code=CONFIG, count=len(chosen))
    comparison = compare_runs(chosen)
    if output is not None:
        draw_curves(chosen, name_curves(comparison), output, metric)
    if as_json:
        print_json(comparison.plain())
    else:
        show_comparison(comparison)


def name_curves(comparison: "Comparison") -> list[str]:
    """What each run is called in a picture: its number, and the settings that no other run has alike."""
    shown = {name.rpartition(".")[2]: values for name, values in list(comparison.settings.items())[:3]}
    names = []
    for i, run in enumerate(comparison.runs):
        settings = ", ".join(f"{name} {values[i]}" for name, values in shown.items() if values[i] != "-")
        names.append(f"{i + 1}: {settings or run}")
    return names


def draw_curves(runs: "list[Run]", labels: list[str], output: Path, metric: str) -> None:
    """Draw ``metric`` of the runs, by default the loss on the rows that judge them, into a PNG."""
    from rnacli.files import require_folder_of, write_output
    from rnacli.plots.compared_curves import draw
    from rnacli.plots.style import png
    from rnacli.runs.history import read_columns

    require_folder_of(output)
    histories = {label: read_columns(run) for label, run in zip(labels, runs, strict=True)}
    names = dict.fromkeys(name for history in histories.values() for name in history if name != "epoch")
    metric = metric or ("val_loss" if "val_loss" in names else "loss")
    if metric not in names:
        message = "no run has a column '{name}' in its history"
        raise RnaError(message, place="--metric", hint="{names:and}", exit_code=CONFIG, name=metric, names=[*names])
    write_output(output, png(draw(histories, metric)))
    print_note(f"{output}: {metric}")


def show_comparison(comparison: "Comparison") -> None:
    """The runs by number; their settings and results, a column for each; and what chance says of the differences."""
    from rnacli.results.chance import tabulate_differences

    numbers = [str(i + 1) for i in range(len(comparison.runs))]
    for number, name in zip(numbers, comparison.runs, strict=True):
        print_result(f"{number:>{len(numbers[-1])}}  {name}")
    if comparison.settings:
        rows = [(name, *values) for name, values in comparison.settings.items()]
        print_table((fill_template("setting"), *numbers), rows, left=range(len(rows) + 1))
    else:
        print_result("")
        print_result(fill_template("the same settings"))
    figures = [(name, *map(format_figure, values)) for name, values in comparison.results.items()]
    print_table(("", *numbers), figures)
    if len(comparison.differences) == 1:
        [difference] = comparison.differences
        print_sentence(tell_difference(difference, numbers[comparison.runs.index(difference.other)]))
    elif comparison.differences:
        said, columns, lines, right = tabulate_differences(comparison.differences, comparison.runs)
        print_sentence(said)
        print_table(columns, lines, left=[i for i in range(len(columns)) if i not in right])
    else:
        said = "their test rows are not the same: whether the difference is chance cannot be said"
        print_sentence(fill_template(said))


CLASSES = (
    "1 and {number}{where}: of {rows:,} rows, {one:,} are right only in 1 and {other:,} only in {number}: {chance} "
    "(McNemar's test, p = {p:.2g})"
)
VALUES = (
    "1 and {number}{where}: of {rows:,} rows, {one:,} are nearer to the truth in 1 and {other:,} in {number}; mean "
    "absolute error of {number} minus that of 1: {low:.4g} to {high:.4g} (95 % interval): {chance}"
)


def tell_difference(difference: "Difference", number: str) -> str:
    """What is said of two runs on the same rows."""
    from rnacli.results.chance import tell_chance

    values = {**difference._asdict(), "number": number, "one": difference.one_better, "other": difference.other_better}
    where = fill_template(" in {column:.40}", column=difference.column) if difference.column else ""
    chance = tell_chance(difference)
    return fill_template(CLASSES if difference.low is None else VALUES, **{**values, "where": where, "chance": chance})
