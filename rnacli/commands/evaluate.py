"""``rna evaluate``: measure a run on rows that it was not trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnacli.commands.options import RUNS, AsJson, CacheFolder, RunName, RunsFolder, complete_words
from rnacli.errors import CONFIG, RnaError
from rnacli.terminal.console import print_json, print_table
from rnacli.terminal.startup import import_engine
from rnacli.words import did_you_mean, fill_each, fill_template

if TYPE_CHECKING:
    from rnacli.results.evaluate import Evaluation


def evaluate(
    run: RunName,
    *,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="Rows with targets, other than the run's.")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            "--part",
            metavar="PART",
            help="train, validation or test (default: held-out rows).",
            autocompletion=complete_words("train", "validation", "test"),
        ),
    ] = None,
    as_json: AsJson = False,
    runs: RunsFolder = RUNS,
    cache: CacheFolder,
) -> None:
    """Measure a run on the rows it was not trained on."""
    from rnacli.runs.find import find_run

    trained = find_run(run, runs)
    require_part(part)
    import_engine()
    from rnacli.results.evaluate import evaluate_run

    result = evaluate_run(trained, cache, part, data)
    if as_json:
        print_json(result.plain())
    else:
        show_evaluation(result)


def require_part(part: str | None) -> None:
    """Raise ``RnaError`` if the rows have no part of this name."""
    from rnacli.data.section import PARTS

    if part is not None and part not in PARTS:
        message = "expected train, validation or test, got '{part}'"
        raise RnaError(message, place="--part", hint=did_you_mean(part, PARTS), exit_code=CONFIG, part=part)


def show_evaluation(result: "Evaluation") -> None:
    """The measures; those of each class or label; and, of up to 20 classes, which is taken for which."""
    from rnacli.runs.record import name_beside
    from rnacli.tasks.score_names import name_score

    measured = {name_score(name, result.positive): value for name, value in result.measures.items()}
    beside: dict[str, float] = {}
    for each in result.every:
        of = f"{each.output} " if each.output else ""
        for name, value in each.scores.items():
            shown = name_beside(measured, of + name_score(name, each.positive), value)
            measured[shown] = value
            if name in each.naive:
                beside[shown] = each.naive[name]
        if each.threshold is not None and each.threshold != 0.5:
            measured[of + fill_template("threshold")] = each.threshold
    is_series = any(each.naive for each in result.every)
    lines = [(name, value, *([beside.get(name)] * is_series)) for name, value in measured.items()]
    header = fill_each("network", "as the row before") if is_series else [""]
    rows = fill_template("{rows:,} {part} rows", rows=result.rows, part=result.part)
    print_table((rows, *header), lines)
    for each in result.every:
        show_classes(each)


def show_classes(result: "Evaluation") -> None:
    """The measures of each class or label of an output; and, of up to 20 classes, which is taken for which."""
    of = fill_template(" of {output}", output=result.output) if result.output else ""
    if result.per_class:
        figures = [(row["class"], row["precision"], row["recall"], row["f1"], row["rows"]) for row in result.per_class]
        what = fill_template("label" if result.confusion is None else "class")
        print_table((f"{what}{of}", "precision", "recall", "f1", fill_template("rows")), figures)
    if result.confusion is not None and len(result.classes) <= 20:
        counts = [(name, *row) for name, row in zip(result.classes, result.confusion.tolist(), strict=True)]
        print_table((fill_template("true \\ predicted") + of, *result.classes), counts)
