"""The page on several runs."""

from collections.abc import Sequence

from rnacli.report.html import Explained, page, paragraph, section, table, text
from rnacli.report.meanings import explain_measure
from rnacli.report.run import curves_section, format_value
from rnacli.results.chance import tabulate_differences
from rnacli.results.compare import compare_runs
from rnacli.runs.folder import Run
from rnacli.runs.record import output_names
from rnacli.words import fill_template


def report_runs(runs: Sequence[Run]) -> str:
    """A page on runs side by side: the settings that differ, what they reached, whether that is chance."""
    comparison = compare_runs(runs)
    numbers = [str(i + 1) for i in range(len(runs))]
    settings = [(name, *values) for name, values in comparison.settings.items()]
    outputs = dict.fromkeys(output for run in runs for output in output_names(run.record))
    results = [
        (Explained(name, explain_measure(name.partition(" ")[2], outputs)), *map(format_value, values))
        for name, values in comparison.results.items()
    ]
    title = fill_template("{count} runs side by side", count=len(runs))
    body = [
        f"<header><h1>{text(title)}</h1></header>",
        table(("", fill_template("run")), list(zip(numbers, comparison.runs, strict=True))),
        section(
            fill_template("Settings that differ"),
            table((fill_template("setting"), *numbers), settings) if settings else paragraph(fill_template("None.")),
        ),
        section(fill_template("Results"), table(("", *numbers), results, range(1, len(numbers) + 1))),
    ]
    if comparison.differences:
        said, columns, rows, right = tabulate_differences(comparison.differences, comparison.runs)
        body.append(section(fill_template("Is it chance?"), paragraph(said), table(columns, rows, right)))
    body.append(curves_section(dict(zip(numbers, runs, strict=True))))
    return page(title, body)
