"""The page on several runs."""

from collections.abc import Sequence

from rnacli.report.html import page, paragraph, section, table, text
from rnacli.report.meanings import explain_measure
from rnacli.report.run import curves_section, format_value
from rnacli.results.chance import tabulate_differences
from rnacli.results.compare import compare_runs
from rnacli.runs.folder import Run
from rnacli.words import fill_template

FEW = 4
"""Runs beside whose figures there is room for sentences."""


def report_runs(runs: Sequence[Run]) -> str:
    """A page on runs side by side: the settings that differ, what they reached, whether that is chance."""
    comparison = compare_runs(runs)
    numbers = [str(i + 1) for i in range(len(runs))]
    settings = [(name, *values) for name, values in comparison.settings.items()]
    results = [(name, *map(format_value, values)) for name, values in comparison.results.items()]
    meanings = [explain_measure(name.partition(" ")[2]) for name in comparison.results]
    title = fill_template("{count} runs side by side", count=len(runs))
    body = [
        f"<header><h1>{text(title)}</h1></header>",
        table(("", fill_template("run")), list(zip(numbers, comparison.runs, strict=True))),
        section(
            fill_template("Settings that differ"),
            table((fill_template("setting"), *numbers), settings) if settings else paragraph(fill_template("None.")),
        ),
        section(fill_template("Results"), *results_tables(numbers, results, meanings)),
    ]
    if comparison.differences:
        said, columns, rows, right = tabulate_differences(comparison.differences, comparison.runs)
        body.append(section(fill_template("Is it chance?"), paragraph(said), table(columns, rows, right)))
    body.append(curves_section(dict(zip(numbers, runs, strict=True))))
    return page(title, body)


def results_tables(numbers: Sequence[str], results: Sequence[Sequence[str]], meanings: Sequence[str]) -> list[str]:
    """What the runs reached and what each measure says: beside the figures of a few runs, below those of many."""
    right, says = range(1, len(numbers) + 1), fill_template("what it says")
    if len(numbers) <= FEW:
        beside = [(*row, meaning) for row, meaning in zip(results, meanings, strict=True)]
        return [table(("", *numbers, says), beside, right)]
    below = [(row[0], meaning) for row, meaning in zip(results, meanings, strict=True)]
    return [table(("", *numbers), results, right), table(("", says), below)]
