"""The page on several runs."""

from collections.abc import Sequence

from rnacli.report.html import Explained, page, paragraph, section, table, text
from rnacli.report.meanings import explain_measure
from rnacli.report.run import curves_section, format_value
from rnacli.results.compare import Difference, compare_runs
from rnacli.runs.folder import Run
from rnacli.runs.record import output_names
from rnacli.words import fill_each, fill_template


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
    chance: list[tuple[str, ...]] = [
        (numbers[comparison.runs.index(each.other)], each.column, f"{each.rows:,}", f"{each.one_better:,}",
         f"{each.other_better:,}", tell_chance(each))
        for each in comparison.differences
    ]  # fmt: skip
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
    if chance:
        columns = fill_each("against 1", "target", "same rows", "1 better", "other better", "the difference")
        right = [2, 3, 4]
        if not any(row[1] for row in chance):  # there is one target
            columns, chance, right = [*columns[:1], *columns[2:]], [(row[0], *row[2:]) for row in chance], [1, 2, 3]
        said = fill_template("Each run against the first, on the test rows that both have.")
        body.append(section(fill_template("Is it chance?"), paragraph(said), table(columns, chance, right)))
    body.append(curves_section(dict(zip(numbers, runs, strict=True))))
    return page(title, body)


def tell_chance(difference: Difference) -> str:
    """What the test of a difference says."""
    verdict = fill_template("may be chance" if difference.is_chance else "is more than chance")
    if difference.p is not None:
        return fill_template("{verdict} (McNemar's test: p = {p:.2g})", verdict=verdict, p=difference.p)
    said = "{verdict} (mean absolute error {low:+.4g} to {high:+.4g}, 95 % interval)"
    return fill_template(said, verdict=verdict, low=difference.low, high=difference.high)
