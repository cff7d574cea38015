"""The page on several runs."""

from collections.abc import Sequence

from rnacli.report.html import page, paragraph, section, table
from rnacli.report.meanings import explain_measure
from rnacli.report.run import curves_section, format_value
from rnacli.results.compare import Difference, compare_runs
from rnacli.runs.folder import Run


def report_runs(runs: Sequence[Run]) -> str:
    """A page on runs side by side: the settings that differ, what they reached, whether that is chance."""
    comparison = compare_runs(runs)
    numbers = [str(i + 1) for i in range(len(runs))]
    settings = [(name, *values) for name, values in comparison.settings.items()]
    results = [
        (name, *map(format_value, values), explain_measure(name.partition(" ")[2]))
        for name, values in comparison.results.items()
    ]
    chance = [
        (numbers[comparison.runs.index(each.other)], each.column, f"{each.rows:,}", f"{each.one_better:,}",
         f"{each.other_better:,}", tell_chance(each))
        for each in comparison.differences
    ]  # fmt: skip
    body = [
        f"<header><h1>{len(runs)} runs side by side</h1></header>",
        table(("", "run"), list(zip(numbers, comparison.runs, strict=True))),
        section("Settings that differ", table(("setting", *numbers), settings) if settings else paragraph("None.")),
        section("Results", table(("", *numbers, "what it says"), results, range(1, len(runs) + 1))),
    ]
    if chance:
        columns = ("against 1", "target", "same rows", "1 better", "other better", "the difference")
        said = "Each run against the first, on the test rows that both have."
        body.append(section("Is it chance?", paragraph(said), table(columns, chance, (2, 3, 4))))
    body.append(curves_section(dict(zip(numbers, runs, strict=True))))
    return page(f"{len(runs)} runs side by side", body)


def tell_chance(difference: Difference) -> str:
    """What the test of a difference says."""
    verdict = "may be chance" if difference.is_chance else "is more than chance"
    if difference.p is not None:
        return f"{verdict} (McNemar's test: p = {difference.p:.2g})"
    return f"{verdict} (mean absolute error {difference.low:+.4g} to {difference.high:+.4g}, 95 % interval)"
